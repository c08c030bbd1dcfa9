"""Work that cannot be called back: it is done on a thread that nobody waits for longer than it is worth."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TypeVar

_Result = TypeVar("_Result")


async def within(seconds: float, work: Callable[[], _Result]) -> _Result:
    """What comes of the work.

    Raises:
        TimeoutError: it takes longer than that. It goes on, and the process may end all the same.
    """
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[_Result] = loop.create_future()

    def tell(settle: Callable[[], None]) -> None:
        if not outcome.done():
            settle()

    def run() -> None:
        try:
            settle = partial(outcome.set_result, work())
        except Exception as error:  # noqa: BLE001 - it is raised where the result is waited for
            settle = partial(outcome.set_exception, error)
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(tell, settle)

    threading.Thread(target=run, daemon=True).start()
    return await asyncio.wait_for(outcome, seconds)
