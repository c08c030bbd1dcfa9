"""A keyboard that the kernel believes in, where it makes us one."""

import asyncio
import json
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from evdev import InputDevice, UInput

from crewcheck_agent.core.screen import Scanner
from crewcheck_agent.core.status import ScannerReport
from crewcheck_agent.kiosk.scanner.layouts import KEYS, LAYOUTS
from crewcheck_agent.kiosk.scanner.nodes import Node
from crewcheck_agent.kiosk.scanner.scanners import Machine, Scanned, ScannerPlan, Scanners

pytestmark = pytest.mark.skipif(not os.access("/dev/uinput", os.W_OK), reason="there is no /dev/uinput for us to write")

PATIENCE = 10.0
CODE = json.dumps({"deviceId": "Kiosk-7", "apiKey": "s3cr3t_~+|@" * 9})
SHIFT, SPACE, ENTER = 42, 57, 28
US = LAYOUTS["us"]


@pytest.fixture
def keyboard() -> Iterator[UInput]:
    with UInput(name="CrewCheck test scanner") as keyboard:
        until = time.monotonic() + PATIENCE
        while not Path(keyboard.device.path).exists() and time.monotonic() < until:
            os.sched_yield()
        yield keyboard


def type_fast(keyboard: UInput, text: str) -> None:
    """As fast as USB allows: a report each millisecond. The kernel keeps 64 events for us, and drops the rest."""
    for character in text:
        row = US.plain if character in US.plain else US.shift
        code = {" ": SPACE, "\r": ENTER}.get(character) or KEYS[row.index(character)]
        held = [SHIFT] if character not in " \r" and row is US.shift else []
        for key, value in (*((key, 1) for key in held), (code, 1), (code, 0), *((key, 0) for key in held)):
            keyboard.write(1, key, value)
            keyboard.syn()
            time.sleep(0.001)


class OnlyThis(Machine):
    """This machine, as if there were no other keyboard: a test must not hold the tester's."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path

    def nodes(self, plan: ScannerPlan) -> dict[str, Node]:
        return {path: node for path, node in super().nodes(plan).items() if path == self._path}


def test_a_burst_is_read_whole_by_us_and_by_nobody_else(keyboard: UInput) -> None:
    path = str(keyboard.device.path)

    async def story() -> None:
        posted: asyncio.Queue[Scanned | ScannerReport] = asyncio.Queue()
        scanners = Scanners(ScannerPlan("auto", "us", console=True), posted.put_nowait, OnlyThis(path))
        task = asyncio.create_task(scanners.watch())
        report = await asyncio.wait_for(posted.get(), PATIENCE)
        assert report == ScannerReport(Scanner.PRESENT, "CrewCheck test scanner", path)
        eavesdropper = InputDevice(path)
        await asyncio.to_thread(type_fast, keyboard, CODE + "\r")
        assert await asyncio.wait_for(posted.get(), PATIENCE) == Scanned(CODE)
        assert eavesdropper.read_one() is None
        eavesdropper.close()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    asyncio.run(story())
