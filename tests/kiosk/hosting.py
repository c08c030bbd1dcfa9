"""The daemon's end of the control socket, for tests of what talks to it."""

import asyncio
import queue
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from crewcheck_agent.kiosk.control import AlreadyRunning, Conversation, Reply, listening

PATIENCE = 20.0
"""Seconds after which a test counts as stuck."""

Handle = Callable[[Conversation], None]


def echo(conversation: Conversation) -> None:
    conversation.reply(Reply({"asked": conversation.request}))


async def settled() -> None:
    """Let every connection begin and come to its end: the loop is about to."""
    for _ in range(9):
        await asyncio.sleep(0)
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    for _ in range(9):
        await asyncio.sleep(0)


@contextmanager
def hosting(path: Path, handle: Handle = echo) -> Iterator[None]:
    """The daemon's end of the socket, on a thread with an event loop of its own."""
    outcome: queue.SimpleQueue[Exception | None] = queue.SimpleQueue()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def serve() -> None:
        try:
            async with listening(path, handle):
                outcome.put(None)
                await stop.wait()
                await settled()
        except (AlreadyRunning, OSError) as error:
            outcome.put(error)

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(serve())

    thread = threading.Thread(target=run)
    thread.start()
    try:
        error = outcome.get(timeout=PATIENCE)
        if error:
            raise error
        yield
    finally:
        if thread.is_alive() and not loop.is_closed():
            loop.call_soon_threadsafe(stop.set)
        thread.join(PATIENCE)


@contextmanager
def answering(path: Path, answer: bytes | None) -> Iterator[None]:
    """An agent that takes one request, says `answer` and hangs up; None: it stays, and says nothing."""
    leave = threading.Event()
    with socket.socket(socket.AF_UNIX) as host:
        host.bind(str(path))
        host.listen()

        def serve() -> None:
            guest, _ = host.accept()
            with guest:
                while b"\n" not in guest.recv(4096):
                    pass
                if answer is None:
                    leave.wait(PATIENCE)
                else:
                    guest.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield
        finally:
            leave.set()
            thread.join(PATIENCE)
