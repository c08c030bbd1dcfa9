"""A kiosk's life in one boot: a table of what happens, and what is then to be seen on the wall."""

import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PIL import Image
from tests.kiosk_vm.kiosk import Kiosk, pieces
from tests.kiosk_vm.machine import eventually

from crewcheck_agent.kiosk.painter import GROUND
from crewcheck_agent.simulator.artwork import demo_logo
from crewcheck_agent.simulator.server import Simulator
from crewcheck_agent.tools import sight

Judge = Callable[[Image.Image], str]
"""What is wrong with the picture on the wall; empty where nothing is."""

Knowledge = Callable[[], str]
"""What is wrong inside the kiosk; empty where nothing is."""

_ANOTHER = 0.001  # of all pixels: a line of words more or less
_SAME = 0.0005  # of all pixels: what a mouse pointer would cover
_OTHER_SIZE = 1024, 768
INKS = sight.inks_of(demo_logo())


class NotAsExpected(Exception):  # noqa: N818 - told as what was not so
    """What was to be so, at once and for good, is not."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens; `sees` and `knows` are asked until neither has a complaint."""

    name: str
    expected: str
    act: Callable[[], None]
    sees: Judge
    knows: Knowledge = lambda: ""


def plain_logo(picture: Image.Image) -> str:
    """A complaint unless the logo is there, without the mark of a kiosk that is offline."""
    return "the corner carries a mark" if sight.has_mark(picture) else sight.no_logo_there(picture, INKS)


def marked_logo(picture: Image.Image) -> str:
    """A complaint unless the logo is there, with the mark of a kiosk that is offline."""
    return sight.no_logo_there(picture, INKS) if sight.has_mark(picture) else "there is no mark in the corner"


def words(picture: Image.Image) -> str:
    """A complaint unless there is a screen of words."""
    return sight.logo_left_over(picture, INKS) or sight.no_words_there(picture, GROUND)


class Life:
    """One kiosk, one device of the service's, from the first start on."""

    def __init__(self, kiosk: Kiosk, simulator: Simulator, device_id: str) -> None:
        self._kiosk = kiosk
        self._machine = kiosk.machine
        self._simulator = simulator
        self._device_id = device_id
        self._code = ""
        self._setup: Image.Image | None = None
        self._before = ""
        self._boot = ""
        self._terminal = ""

    def steps(self) -> Sequence[Step]:
        """The life, in its order."""
        return (*self._first_start(), *self._keys(), *self._operator(), *self._mishaps(), *self._end())

    def _first_start(self) -> Sequence[Step]:
        unplug, plug = self._machine.unplug_scanner, self._machine.plug_scanner
        return (
            Step("The power comes on", "the setup screen", _nothing, self._setup_screen, self._up),
            Step("The scanner is pulled", "the setup screen misses it", unplug, self._another_setup_screen),
            Step("The scanner is back", "the setup screen of before", plug, self._same_setup_screen),
            Step(
                "A serial scanner reads no code",
                "the setup screen says so",
                self._misread_by_serial_line,
                self._another_setup_screen,
            ),
            Step("It is pulled", "the setup screen of before, in the end", self._pull_serial, self._same_setup_screen),
            Step("A code is scanned", "the logo", self._scan, plain_logo, self._scanned),
            Step("The code's key", "on no console, at no login prompt, in no log", _nothing, plain_logo, self._nowhere),
        )

    def _keys(self) -> Sequence[Step]:
        switch, restart, magic = ("ctrl", "alt", "f2"), ("ctrl", "alt", "delete"), ("alt", "sysrq", "b")
        same = "nothing comes of it"
        return (
            Step("Ctrl-Alt-F2", same, lambda: self._press(switch), plain_logo, self._undisturbed),
            Step("Ctrl-Alt-Del, ten times", same, lambda: self._press(restart, 10), plain_logo, self._undisturbed),
            Step("Alt-SysRq-B", same, lambda: self._press(magic), plain_logo, self._undisturbed),
        )

    def _operator(self) -> Sequence[Step]:
        disable, enable = self._simulator.disable, self._simulator.enable
        device = self._device_id
        return (
            Step("It is disabled", "words, and no logo", lambda: disable(device), words, self._disabled),
            Step("It is enabled", "the logo", lambda: enable(device), plain_logo, self._connected),
            Step(
                "The service is gone",
                "the logo with a mark",
                self._simulator.stop_listening,
                marked_logo,
                self._offline,
            ),
            Step("The service is back", "the logo alone", self._simulator.listen_again, plain_logo, self._connected),
        )

    def _mishaps(self) -> Sequence[Step]:
        off, detect = lambda: self._kiosk.connector("off"), lambda: self._kiosk.connector("detect")
        unplug, plug = self._machine.unplug_scanner, self._machine.plug_scanner
        another = "the logo, by another process"
        return (
            Step("kill -9", another, self._kill, plain_logo, self._another_process),
            Step("The monitor is unplugged", "the agent knows", off, _anything, self._no_screen),
            Step("The monitor is back", "the logo", detect, plain_logo, self._connected),
            Step("Another monitor", "the logo, in its size", self._another_monitor, self._logo_in_its_size),
            Step("The first monitor again", "the logo", self._first_monitor, plain_logo, self._connected),
            Step("The scanner is pulled", "the logo; the agent knows", unplug, plain_logo, self._no_scanner),
            Step("The scanner is back", "the logo; the agent knows", plug, plain_logo, self._has_scanner),
            Step("systemctl restart", another, self._restart, plain_logo, self._another_process),
        )

    def _end(self) -> Sequence[Step]:
        return (Step("crewcheck-agent look", "what the wall shows, to the pixel", _nothing, self._as_told),)

    def _connected(self) -> str:
        return self._kiosk.says("connected", "logo", self._device_id)

    def _disabled(self) -> str:
        return self._kiosk.says("disabled", "disabled")

    def _offline(self) -> str:
        return self._kiosk.says("offline", "logo")

    def _setup_screen(self, picture: Image.Image) -> str:
        self._setup = picture
        return words(picture)

    def _up(self) -> str:
        complaint = self._kiosk.says("unprovisioned", "setup")
        if not complaint:
            self._setup = self._machine.screen()
            self._boot, self._terminal = self._kiosk.boot(), self._kiosk.terminal()
        return complaint

    def _another_setup_screen(self, picture: Image.Image) -> str:
        if self._setup and sight.difference(picture, self._setup) < _ANOTHER:
            return "the setup screen is as before"
        return words(picture)

    def _same_setup_screen(self, picture: Image.Image) -> str:
        if self._setup and sight.difference(picture, self._setup) >= _ANOTHER:
            return "the setup screen is not as before"
        return ""

    def _misread_by_serial_line(self) -> None:
        self._machine.run(_PLUG_SERIAL)
        eventually("a notice of what was read", self._noticed)

    def _noticed(self) -> bool | None:
        if self._kiosk.report().get("notice"):
            return True
        self._machine.run("printf 'https://example.com/\\r' >/dev/ttyGS0")
        return None

    def _pull_serial(self) -> None:
        self._machine.run("modprobe --remove g_serial")

    def _scan(self) -> None:
        self._machine.run(
            "for terminal in 1 2 7; do systemd-run --quiet --unit login-$terminal "
            'sh -c "exec cat /dev/tty$terminal >/run/typed-$terminal"; done'
        )
        self._code = json.dumps(self._simulator.reset(self._device_id))
        self._machine.type(self._code + "\n")

    def _scanned(self) -> str:
        complaint = self._connected()
        if complaint and (self._kiosk.report().get("notice") or {}).get("code") == "badToken":
            self._machine.type(self._code + "\n")  # as a person would: the emulated keyboard has dropped a key
        return complaint

    def _nowhere(self) -> str:
        key = json.loads(self._code)["apiKey"]
        for what, command in _PLACES.items():
            text = self._machine.run(command)
            if any(piece in text for piece in pieces(key)):
                raise NotAsExpected(f"a part of the key is {what}")
        typed = self._machine.run("cat /run/typed-*")
        if typed:
            raise NotAsExpected(f"{len(typed)} characters reached a login prompt")
        return ""

    def _press(self, keys: Sequence[str], times: int = 1) -> None:
        for _ in range(times):
            self._machine.press(*keys)

    def _undisturbed(self) -> str:
        if self._kiosk.boot() != self._boot or self._machine.run("systemctl list-jobs --no-legend").strip():
            raise NotAsExpected("the machine restarts")
        terminal = self._kiosk.terminal()
        if terminal != self._terminal:
            raise NotAsExpected(f"the console is now {terminal}")
        return ""

    def _kill(self) -> None:
        self._before = self._kiosk.process()
        self._machine.run(f"kill -9 {self._before}")

    def _restart(self) -> None:
        self._before = self._kiosk.process()
        self._machine.run("systemctl restart --no-block crewcheck-agent")

    def _another_process(self) -> str:
        if self._kiosk.process() in {"0", self._before}:
            return "the agent has not been started again"
        return self._connected()

    def _another_monitor(self) -> None:
        self._hang_up(*_OTHER_SIZE)

    def _first_monitor(self) -> None:
        assert self._setup
        self._hang_up(*self._setup.size)

    def _hang_up(self, width: int, height: int) -> None:
        self._kiosk.connector("off")
        self._machine.change_monitor(width, height)
        self._kiosk.connector("detect")

    def _logo_in_its_size(self, picture: Image.Image) -> str:
        if picture.size != _OTHER_SIZE:
            return "the picture has {} x {} pixels".format(*picture.size)
        return plain_logo(picture)

    def _no_screen(self) -> str:
        report = self._kiosk.report()
        code = (report.get("problem") or {}).get("code")
        return "" if code == "display" else f"the agent's problem is {code}"

    def _no_scanner(self) -> str:
        return self._scanner_is("missing")

    def _has_scanner(self) -> str:
        return self._scanner_is("present")

    def _scanner_is(self, state: str) -> str:
        found = (self._kiosk.report().get("scanner") or {}).get("state")
        return "" if found == state else f"the agent's scanner is {found}"

    def _as_told(self, picture: Image.Image) -> str:
        self._machine.run("crewcheck-agent look --output /run/look.png")
        with Image.open(io.BytesIO(self._machine.get("/run/look.png"))) as told:
            gone = sight.difference(picture, told.convert("RGB"))
        return f"{gone:.1%} of the pixels differ" if gone > _SAME else ""


def _nothing() -> None:
    pass


def _anything(_: Image.Image) -> str:
    return ""


_PLUG_SERIAL = "modprobe dummy_hcd && modprobe g_serial iManufacturer=Example iProduct='Barcode scanner'"
"""The kernel's own USB device (CDC-ACM), on a bus of its own: what is written to ttyGS0 comes from ttyACM0."""

_PLACES = {
    "on a console": "cat /dev/vcs*",
    "in the journal": "journalctl --no-pager --output export",
    "in a process's arguments": "cat /proc/[0-9]*/cmdline",
}
