"""Looks a host's name up, and does not wait for ever for a name server that is silent."""

import asyncio
import socket
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from crewcheck_agent.core.problem import Code, Problem, printable

_Addresses = Sequence[str]


async def look_up(target: str, seconds: float) -> _Addresses | Problem:
    """The addresses of `host:port`, or why there are none.

    It is asked on a thread that nobody waits for: a question to a silent name server cannot be called back.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[_Addresses | Problem] = loop.create_future()

    def tell(found: _Addresses | Problem) -> None:
        if not answer.done():
            answer.set_result(found)

    def ask() -> None:
        found = _asked(target)
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(tell, found)

    threading.Thread(target=ask, daemon=True).start()
    try:
        return await asyncio.wait_for(answer, seconds)
    except TimeoutError:
        return Problem(Code.DNS, ", ".join(name_servers()), target, "silent")


def name_servers() -> Sequence[str]:
    """Those that this machine asks; see resolv.conf(5)."""
    try:
        lines = Path("/etc/resolv.conf").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    words = [line.split() for line in lines]
    return [each[1] for each in words if each[:1] == ["nameserver"] and len(each) > 1]


def _asked(target: str) -> _Addresses | Problem:
    host, _, port = target.rpartition(":")
    try:
        found = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        return Problem(Code.DNS, printable(getattr(error, "strerror", None) or type(error).__name__), target)
    return list(dict.fromkeys(str(each[4][0]) for each in found))
