"""The control socket: how the tools talk to the running agent.

One JSON object on a line asks; JSON objects on lines answer, the last of them marked so. A picture's bytes follow
the line that gives their number. Whoever may ask is decided by the socket's mode and, again, by the kernel's word on
who is at the other end.
"""

import asyncio
import json
import os
import socket
import struct
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from gettext import gettext as _
from pathlib import Path
from typing import Any, BinaryIO

LONGEST_REQUEST = 64 * 1024
"""Bytes: a connection code in JSON, with room to spare."""

_PATIENCE = 5.0  # seconds for a request to arrive: a tool writes it at once
_MOST_CONVERSATIONS = 16
_SO_PEERGROUPS = 59  # Linux, <asm-generic/socket.h>; Python has no name for it
_MOST_BYTES_OF_AN_OPTION = 1024  # that Python reads: 256 groups, and whoever is in more is refused


class AgentUnreachable(Exception):  # noqa: N818 - told as what the agent is
    """No agent answers on the control socket; the text says why."""


class NoAgent(AgentUnreachable):
    """No agent is running."""


class AgentSilent(AgentUnreachable):
    """An agent took the request, and the time to wait for its reply is over."""


class AlreadyRunning(Exception):  # noqa: N818 - told as what the other agent is
    """Another agent answers on the control socket."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. `blob` follows it as it is; `last` ends the conversation."""

    fields: Mapping[str, Any]
    blob: bytes = b""
    last: bool = True


class Conversation:
    """One request and the way back to whoever made it. Its methods may be called from any thread."""

    def __init__(self, request: Mapping[str, Any], loop: asyncio.AbstractEventLoop) -> None:
        self.request = request
        self.over = False
        self._loop = loop
        self._replies: asyncio.Queue[Reply] = asyncio.Queue()

    def reply(self, reply: Reply) -> None:
        """Send a reply, unless nobody listens any more."""
        with suppress(RuntimeError):  # the loop is closed: the daemon is ending, and the socket with it
            self._loop.call_soon_threadsafe(self._replies.put_nowait, reply)

    async def replies(self) -> AsyncIterator[Reply]:
        """All replies up to the last."""
        while True:
            reply = await self._replies.get()
            yield reply
            if reply.last:
                return


@asynccontextmanager
async def listening(path: Path, handle: Callable[[Conversation], None]) -> AsyncIterator[None]:
    """Serve the control socket; `handle` gets every request and replies whenever it likes.

    Raises:
        AlreadyRunning: another agent serves it.
        OSError: the socket cannot be made.
    """
    server = await asyncio.start_unix_server(
        _Host(handle).converse, sock=_bound(path), limit=LONGEST_REQUEST, start_serving=True
    )
    try:
        yield
    finally:
        server.close()
        path.unlink(missing_ok=True)  # noqa: ASYNC240 - in memory, and at the very end


class _Host:
    def __init__(self, handle: Callable[[Conversation], None]) -> None:
        self._handle = handle
        self._conversations = 0

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._conversations += 1
        try:
            if self._conversations <= _MOST_CONVERSATIONS and _welcome(writer.get_extra_info("socket")):
                await self._converse(reader, writer)
        except OSError:  # they hung up
            pass
        except asyncio.CancelledError:  # the daemon ends; left to itself, Python 3.11 would log that as an error
            pass
        finally:
            self._conversations -= 1
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_PATIENCE):
                request = json.loads(await reader.readline())
        except (ValueError, RecursionError, TimeoutError):
            return
        if not isinstance(request, dict):
            return
        conversation = Conversation(request, asyncio.get_running_loop())
        hung_up = asyncio.ensure_future(_until_hung_up(reader))
        sending = asyncio.ensure_future(_send(conversation, writer))
        try:
            self._handle(conversation)
            await asyncio.wait((hung_up, sending), return_when=asyncio.FIRST_COMPLETED)
        finally:
            conversation.over = True
            hung_up.cancel()
            sending.cancel()
            await asyncio.gather(hung_up, sending, return_exceptions=True)


async def _until_hung_up(reader: asyncio.StreamReader) -> None:
    while await reader.read(LONGEST_REQUEST):
        pass


async def _send(conversation: Conversation, writer: asyncio.StreamWriter) -> None:
    async for reply in conversation.replies():
        envelope = {"reply": reply.fields, "blob": len(reply.blob), "last": reply.last}
        writer.write(json.dumps(envelope, ensure_ascii=False).encode() + b"\n" + reply.blob)
        await writer.drain()


def _bound(path: Path) -> socket.socket:
    path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    if path.is_socket():
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(_PATIENCE)
            try:
                probe.connect(str(path))
            except (ConnectionRefusedError, FileNotFoundError):
                path.unlink(missing_ok=True)  # left behind by one that was killed
            except (TimeoutError, BlockingIOError):  # so many are waiting to be let in that there is no more room
                raise AlreadyRunning(f"another agent is running, and stuck: it does not answer on {path}") from None
            else:
                raise AlreadyRunning(f"another agent is running: it answers on {path}")
    bound = socket.socket(socket.AF_UNIX)
    try:
        bound.setblocking(False)  # noqa: FBT003 - the standard library's signature
        previous = os.umask(0o117)  # owner and group, from the first moment on
        try:
            bound.bind(str(path))
        finally:
            os.umask(previous)
    except OSError:
        bound.close()
        raise
    return bound


def _welcome(peer: socket.socket) -> bool:
    """Whether root, our own user, or a member of our group is at the other end."""
    _, uid, gid = struct.unpack("3i", peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))
    if uid in {0, os.geteuid()} or gid == os.getegid():
        return True
    packed = peer.getsockopt(socket.SOL_SOCKET, _SO_PEERGROUPS, _MOST_BYTES_OF_AN_OPTION)
    return os.getegid() in struct.unpack(f"{len(packed) // 4}I", packed)


def ask(path: Path, request: Mapping[str, Any], patience: float | None = _PATIENCE) -> Iterator[Reply]:
    """Put a request to the running agent and yield its replies.

    Args:
        path: the control socket.
        request: a JSON object.
        patience: seconds to wait for each reply; None for ever.

    Raises:
        AgentUnreachable: no agent answers, or it refuses to talk to this user.
    """
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(patience)
        try:
            connection.connect(str(path))
            connection.sendall(json.dumps(request).encode() + b"\n")
            with connection.makefile("rb") as stream:
                while True:
                    reply = _received(stream)
                    yield reply
                    if reply.last:
                        return
        except (FileNotFoundError, ConnectionRefusedError):
            raise NoAgent(_("no agent is running: nothing answers on {socket}").format(socket=path)) from None
        except PermissionError:
            raise AgentUnreachable(
                _("{socket} is for root and the service's group: use sudo, or join the group crewcheck-agent").format(
                    socket=path
                )
            ) from None
        except (TimeoutError, BlockingIOError):
            raise AgentSilent(_("the agent does not answer")) from None
        except ConnectionError:
            raise AgentUnreachable(_("the agent closed the conversation")) from None
        except OSError as error:
            why = _("{socket} cannot be used: {why}").format(socket=path, why=error.strerror or error)
            raise AgentUnreachable(why) from None


def _received(stream: BinaryIO) -> Reply:
    line = stream.readline()
    if line.endswith(b"\n"):
        envelope = json.loads(line)
        blob = stream.read(envelope["blob"])
        if len(blob) == envelope["blob"]:
            return Reply(envelope["reply"], blob, envelope["last"])
    raise ConnectionAbortedError
