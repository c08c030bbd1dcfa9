"""Scanners come and go, and their codes arrive."""

import asyncio
import errno
import json
import os
import pty
import tty
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Self

import pytest

from crewcheck_agent.core.screen import Scanner
from crewcheck_agent.core.status import ScannerReport
from crewcheck_agent.kiosk.scanner.nodes import Node
from crewcheck_agent.kiosk.scanner.scanners import Later, Machine, Scanned, ScannerPlan, Scanners, Source, on_console
from crewcheck_agent.kiosk.scanner.serial_line import Line

PATIENCE = 20.0
CODE = json.dumps({"deviceId": "kiosk-7", "apiKey": "s3cr3t"})
PLAN = ScannerPlan("auto", "us", console=True)
MISSING = ScannerReport(Scanner.MISSING)
FIRST, SECOND = Node("/dev/input/event3", "Scanner"), Node("/dev/input/event4", "Other")
OWN = Node("/dev/input/event0", "AT keyboard", is_scanner=False)


def found(node: Node, state: Scanner = Scanner.PRESENT) -> ScannerReport:
    return ScannerReport(state, node.name, node.path)


class Wire:
    """An open device whose characters come through a pipe; its end is that it is pulled out."""

    def __init__(self) -> None:
        self.out, self.into = os.pipe()
        self.open = True

    def fileno(self) -> int:
        return self.out

    def read(self) -> str:
        text = os.read(self.out, 4096).decode()
        if not text:
            raise OSError(errno.ENODEV, "No such device")
        return text

    def close(self) -> None:
        self.open = False
        os.close(self.out)


class Bus:
    """What a test plugs in and out."""

    def __init__(self) -> None:
        self.plugged: dict[str, Node] = {}
        self.wires: dict[str, Wire] = {}
        self.refusing: dict[str, int] = {}
        self.opened: list[str] = []

    def nodes(self, plan: ScannerPlan) -> Mapping[str, Node]:
        return dict(self.plugged)

    def open(self, node: Node, layout: str) -> Source:
        self.opened.append(node.path)
        if number := self.refusing.get(node.path):
            raise OSError(number, os.strerror(number))
        self.wires[node.path] = Wire()
        return self.wires[node.path]

    def plug(self, *nodes: Node) -> None:
        self.plugged.update({node.path: node for node in nodes})

    def pull(self, node: Node) -> None:
        del self.plugged[node.path]
        os.close(self.wires[node.path].into)

    def type(self, node: Node, text: str) -> None:
        os.write(self.wires[node.path].into, text.encode())


class Watch:
    """Scanners, and what they post."""

    def __init__(self, bus: Bus | Machine, plan: ScannerPlan = PLAN, later: Later | None = None) -> None:
        self._posted: asyncio.Queue[Scanned | ScannerReport] = asyncio.Queue()
        self.scanners = Scanners(plan, self._posted.put_nowait, bus, later)

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self.scanners.watch())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def next(self) -> Scanned | ScannerReport:
        return await asyncio.wait_for(self._posted.get(), PATIENCE)

    @property
    def quiet(self) -> bool:
        return self._posted.empty()


def test_one_that_is_plugged_in_is_found_read_missed_and_found_again() -> None:
    async def story() -> None:
        bus = Bus()
        bus.plug(OWN)
        async with Watch(bus) as watch:
            assert await watch.next() == MISSING
            for _ in range(2):
                bus.plug(FIRST)
                watch.scanners.plugged()
                assert await watch.next() == found(FIRST)
                bus.type(FIRST, CODE + "\r")
                assert await watch.next() == Scanned(CODE)
                bus.pull(FIRST)
                assert await watch.next() == MISSING
            assert bus.opened == [OWN.path, FIRST.path, FIRST.path]
        assert not any(wire.open for wire in bus.wires.values())

    asyncio.run(story())


def test_the_code_under_way_is_lost_with_the_scanner() -> None:
    async def story() -> None:
        bus = Bus()
        bus.plug(FIRST)
        async with Watch(bus) as watch:
            await watch.next()
            bus.type(FIRST, "half a code")
            bus.pull(FIRST)
            assert await watch.next() == MISSING
            bus.plug(FIRST)
            watch.scanners.plugged()
            await watch.next()
            bus.type(FIRST, "whole\r")
            assert await watch.next() == Scanned("whole")

    asyncio.run(story())


def test_two_scanners_do_not_mix_their_codes() -> None:
    async def story() -> None:
        bus = Bus()
        bus.plug(FIRST, SECOND)
        async with Watch(bus) as watch:
            await watch.next()
            bus.type(FIRST, "first")
            bus.type(SECOND, "second\r")
            assert await watch.next() == Scanned("second")
            bus.type(FIRST, "\r")
            assert await watch.next() == Scanned("first")

    asyncio.run(story())


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM, errno.EBUSY])
def test_one_that_is_not_ours_yet_is_named_and_opened_when_it_is(number: int) -> None:
    async def story() -> None:
        bus = Bus()
        bus.plug(FIRST)
        bus.refusing[FIRST.path] = number
        async with Watch(bus) as watch:
            assert await watch.next() == found(FIRST, Scanner.DENIED)
            bus.refusing.clear()
            watch.scanners.plugged()
            assert await watch.next() == found(FIRST)

    asyncio.run(story())


def test_one_that_is_not_ours_yet_is_tried_again_by_itself_ever_more_seldom() -> None:
    pauses: list[float] = []

    async def story() -> None:
        loop, enough = asyncio.get_running_loop(), asyncio.Event()

        def later(pause: float, action: Callable[[], object]) -> asyncio.TimerHandle:
            pauses.append(pause)
            if len(pauses) == 12:
                enough.set()
            return loop.call_later(0 if len(pauses) < 12 else PATIENCE, action)

        bus = Bus()
        bus.plug(FIRST)
        bus.refusing[FIRST.path] = errno.EACCES
        async with Watch(bus, later=later) as watch:
            await asyncio.wait_for(enough.wait(), PATIENCE)
            await watch.next()
            assert watch.quiet, "told once"

    asyncio.run(story())
    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]


def test_one_that_is_kept_from_others_is_not_heard() -> None:
    silent = Node("/dev/input/event0", "Keyboard", is_scanner=False, heard=False)

    async def story() -> None:
        bus = Bus()
        bus.plug(silent, SECOND)
        async with Watch(bus) as watch:
            await watch.next()
            bus.type(silent, "nobody hears this\r")
            bus.type(SECOND, "heard\r")
            assert await watch.next() == Scanned("heard")

    asyncio.run(story())


def test_a_code_without_an_end_is_read_all_the_same() -> None:
    async def story() -> None:
        bus = Bus()
        bus.plug(FIRST)
        async with Watch(bus) as watch:
            await watch.next()
            bus.type(FIRST, CODE)
            assert await watch.next() == Scanned(CODE)

    asyncio.run(story())


def test_a_code_that_was_scanned_is_shown_to_nobody() -> None:
    assert "s3cr3t" not in repr(Scanned(CODE))


# A serial line, which is a real one in all but its wire.


@pytest.fixture
def line() -> Iterator[tuple[int, Path]]:
    """Our end of a serial line, and the node of the other."""
    ours, theirs = pty.openpty()
    tty.setraw(ours)
    yield ours, Path(os.ttyname(theirs))
    with suppress(OSError):
        os.close(ours)
    os.close(theirs)


def test_a_serial_line_that_is_named_is_read_by_its_link_until_it_is_gone(
    tmp_path: Path, line: tuple[int, Path]
) -> None:
    ours, node = line
    link = tmp_path / "scanner"

    async def story() -> None:
        async with Watch(Machine(), ScannerPlan(str(link), "us", console=False)) as watch:
            assert await watch.next() == MISSING
            link.symlink_to(node)
            watch.scanners.plugged()
            assert await watch.next() == ScannerReport(Scanner.PRESENT, str(link), str(node))
            os.write(ours, f"{CODE}\r\nzwölf\r".encode())
            assert await watch.next() == Scanned(CODE)
            assert await watch.next() == Scanned("zwölf")
            os.close(ours)
            assert await watch.next() == MISSING

    asyncio.run(story())


def test_a_line_that_somebody_holds_is_not_ours(line: tuple[int, Path]) -> None:
    first = Line(str(line[1]))
    with pytest.raises(OSError, match="lock") as caught:
        Line(str(line[1]))
    first.close()
    assert caught.value.errno in {errno.EAGAIN, errno.EBUSY}


def test_what_is_no_line_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="could not open port"):
        Line(str(tmp_path / "none"))


# Where keys are read

HERE: list[tuple[dict[str, str], bool]] = [
    ({}, True),
    ({"SDL_VIDEODRIVER": "kmsdrm"}, True),
    ({"SDL_VIDEODRIVER": "KMSDRM"}, True),
    ({"SDL_VIDEODRIVER": ""}, True),
    ({"SDL_VIDEODRIVER": "dummy"}, False),
    ({"DISPLAY": ":0"}, False),
    ({"WAYLAND_DISPLAY": "wayland-0"}, False),
]


@pytest.mark.parametrize(("environ", "ours"), HERE)
def test_keys_are_ours_where_no_display_server_is(environ: dict[str, str], ours: bool) -> None:  # noqa: FBT001
    assert on_console(environ) is ours


def test_without_a_console_nothing_is_looked_for() -> None:
    assert Machine().nodes(ScannerPlan("auto", "us", console=False)) == {}


def test_what_is_named_is_read_and_all_else_is_only_held(tmp_path: Path) -> None:
    nodes = Machine().nodes(ScannerPlan("/dev/null", "us", console=True))
    assert nodes["/dev/null"] == Node("/dev/null", "/dev/null")
    assert not any(node.heard or node.is_scanner for path, node in nodes.items() if path != "/dev/null")
