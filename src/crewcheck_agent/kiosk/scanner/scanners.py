"""The scanners of this machine: found, opened, read, missed and found again.

All of it runs on one event loop; only the opening, which can take its time, is done beside it.
"""

import asyncio
import errno
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from crewcheck_agent.core.screen import Scanner
from crewcheck_agent.core.status import ScannerReport
from crewcheck_agent.kiosk.scanner.gatherer import Gatherer
from crewcheck_agent.kiosk.scanner.hold import Hold
from crewcheck_agent.kiosk.scanner.keys import keyboards, open_keyboard
from crewcheck_agent.kiosk.scanner.nodes import Node
from crewcheck_agent.kiosk.scanner.serial_line import Line, scanners_among, serial_ports

_PAUSES = (1.0, 300.0)  # seconds between tries to open what cannot be opened: the first, and the longest
_NOT_OURS = {errno.EACCES, errno.EPERM, errno.EBUSY, errno.EAGAIN}

Later = Callable[[float, Callable[[], object]], asyncio.TimerHandle]


@dataclass(frozen=True, slots=True)
class Scanned:
    """A scanner has read a code. It holds a secret."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ScannerPlan:
    """What to read: `wanted` and `key` as in the settings, `console` where nothing stands between keys and us."""

    wanted: str
    layout: str
    console: bool
    key: str = "off"


class Source(Protocol):
    """An open device that sends characters."""

    def fileno(self) -> int:
        """Readable when there are characters."""

    def read(self) -> str:
        """The characters since the last call; OSError where it is gone."""

    def close(self) -> None:
        """Give it back."""


class Ports(Protocol):
    """What scanners can be plugged into."""

    def nodes(self, plan: ScannerPlan) -> Mapping[str, Node]:
        """Every device to be opened, by its path."""

    def open(self, node: Node, layout: str) -> Source:
        """Open one; OSError where that cannot be."""


class Machine:
    """This machine's ports. `held` is called when the technician's `key` is held on one of its keyboards."""

    def __init__(self, key: str = "off", held: Callable[[], object] = lambda: None) -> None:
        self._key = key
        self._held = held

    def nodes(self, plan: ScannerPlan) -> Mapping[str, Node]:
        """Every device to be opened.

        On a kiosk's console these are all keyboards, whatever is read: nothing typed may reach a login prompt.
        """
        if plan.wanted == "auto":
            found = [*keyboards(), *scanners_among(serial_ports())] if plan.console else []
            return {each.path: each for each in found}
        others = keyboards() if plan.console else ()
        found = [Node(each.path, each.name, is_scanner=False, heard=False) for each in others]
        if Path(plan.wanted).exists():
            found.append(Node(str(Path(plan.wanted).resolve()), plan.wanted))
        return {each.path: each for each in found}

    def open(self, node: Node, layout: str) -> Source:
        """Open one."""
        if node.path.startswith("/dev/input/"):
            return open_keyboard(node.path, layout, Hold(self._key, self._held))
        return Line(node.path)


def on_console(environ: Mapping[str, str]) -> bool:
    """Whether the keys of this machine are nobody else's: no display server hands them to a window."""
    if environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"):
        return False
    return environ.get("SDL_VIDEODRIVER", "kmsdrm").lower() in {"", "kmsdrm"}


class Scanners:
    """Keeps every scanner open that there is."""

    def __init__(
        self,
        plan: ScannerPlan,
        post: Callable[[Scanned | ScannerReport], None],
        ports: Ports,
        later: Later | None = None,
    ) -> None:
        """`later`: how to do a thing in so many seconds; the running event loop's way, unless told otherwise."""
        self._plan = plan
        self._post = post
        self._ports = ports
        self._open: dict[str, _Reading] = {}
        self._refused: dict[str, Node] = {}
        self._told: ScannerReport | None = None
        self._call_later = later or asyncio.get_running_loop().call_later
        self._look = asyncio.Event()
        self._pause = _PAUSES[0]
        self._later: asyncio.TimerHandle | None = None

    def plugged(self) -> None:
        """Something was plugged in or out, or a permission came: look at everything again."""
        self._pause = _PAUSES[0]
        self._look.set()

    async def watch(self) -> None:
        """Look at once, and whenever it is worth it, until cancelled."""
        try:
            while True:
                self._look.clear()
                await self._renew()
                self._tell()
                await self._look.wait()
        finally:
            if self._later:
                self._later.cancel()
            for each in self._open.values():
                each.close()

    async def _renew(self) -> None:
        nodes = await asyncio.to_thread(self._ports.nodes, self._plan)
        for path in [path for path, each in self._open.items() if nodes.get(path) != each.node]:
            self._open.pop(path).close()
        self._refused = {}
        failed = False
        for node in nodes.values():
            if node.path in self._open:
                continue
            try:
                source = await self._opened(node)
            except OSError as error:
                failed = True
                if error.errno in _NOT_OURS:
                    self._refused[node.path] = node
            else:
                self._open[node.path] = _Reading(node, source, self._scanned, self._lost)
        if failed:
            self._look_later()

    async def _opened(self, node: Node) -> Source:
        opening = asyncio.ensure_future(asyncio.to_thread(self._ports.open, node, self._plan.layout))
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(_close_too_late)
            raise

    def _look_later(self) -> None:
        if self._later:
            self._later.cancel()
        self._later = self._call_later(self._pause, self._look.set)
        self._pause = min(self._pause * 2, _PAUSES[1])

    def _scanned(self, text: str) -> None:
        self._post(Scanned(text))

    def _lost(self, node: Node) -> None:
        """Its device is gone, or broken: then udev has nothing to say, and trying again takes its time."""
        self._open.pop(node.path).close()
        self._tell()
        self._look_later()

    def _tell(self) -> None:
        report = self._report()
        if report != self._told:
            self._told = report
            self._post(report)

    def _report(self) -> ScannerReport:
        open_ones = [each.node for each in self._open.values()]
        for state, nodes in ((Scanner.PRESENT, open_ones), (Scanner.DENIED, self._refused.values())):
            for node in nodes:
                if node.is_scanner:
                    return ScannerReport(state, node.name, node.path)
        return ScannerReport(Scanner.MISSING)


def _close_too_late(opening: asyncio.Future[Source]) -> None:
    with suppress(OSError, asyncio.CancelledError):
        opening.result().close()


class _Reading:
    """One open device, with the code that is on its way."""

    def __init__(self, node: Node, source: Source, say: Callable[[str], None], lost: Callable[[Node], None]) -> None:
        self.node = node
        self._source = source
        self._say = say
        self._lost = lost
        self._gatherer = Gatherer()
        self._timer: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(source.fileno(), self._read)

    def close(self) -> None:
        """Stop reading; half a code is forgotten."""
        self._loop.remove_reader(self._source.fileno())
        if self._timer:
            self._timer.cancel()
        self._source.close()

    def _read(self) -> None:
        try:
            text = self._source.read()
        except OSError:
            self._lost(self.node)
            return
        if not self.node.heard:
            return
        at = self._loop.time()
        for character in text:
            self._pass_on(self._gatherer.typed(character, at))
        self._wait()

    def _time_out(self) -> None:
        self._pass_on(self._gatherer.timed_out(self._loop.time()))
        self._wait()

    def _pass_on(self, code: str | None) -> None:
        if code:
            self._say(code)

    def _wait(self) -> None:
        if self._timer:
            self._timer.cancel()
        due = self._gatherer.due
        self._timer = None if due is None else self._loop.call_at(due, self._time_out)
