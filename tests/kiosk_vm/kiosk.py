"""The kiosk in the emulated machine: what its wall shows, what its agent says, what its consoles hold."""

import json
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Self

from PIL import Image
from tests.kiosk_vm.machine import Machine

_CONSOLE_INK, _CONSOLE_GROUND = (170, 170, 170), (0, 0, 0)  # the kernel's default colours
_LEAST_TEXT = 20  # pixels: less than one letter of a console's
_FBIOPUT_CON2FBMAP = 0x4610  # linux/fb.h: which screen a console is on
_LETTER = 8, 16  # pixels: of the emulator's letters, and of the kernel's
_GLANCE = 0.25  # seconds between two looks at the wall


def has_console_text(picture: Image.Image) -> bool:
    """Whether there is text in a console's colours."""
    colours = {colour: count for count, colour in picture.getcolors(picture.width * picture.height) or ()}
    written = _CONSOLE_GROUND in colours and colours.get(_CONSOLE_INK, 0) >= _LEAST_TEXT
    return written and not _is_off(picture)


def _is_off(picture: Image.Image) -> bool:
    """Whether it is what the emulator shows of a monitor without a signal: one line of its own, right in the middle."""
    left, top, right, bottom = picture.getbbox() or (0, 0, 0, 0)
    aside, below = abs(left + right - picture.width) / 2, abs(top + bottom - picture.height) / 2
    return bottom - top <= _LETTER[1] and aside <= _LETTER[0] and below <= _LETTER[1]


class Kiosk:
    """A booted kiosk."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine

    def report(self) -> dict[str, Any]:
        """What `crewcheck-agent status --json` says; empty while no agent answers."""
        said = self.machine.try_run("crewcheck-agent status --json 2>/dev/null")
        try:
            report: dict[str, Any] = json.loads(said.text)
        except ValueError:
            return {}
        return report if report["state"] else {}

    def says(self, state: str, showing: str, device_id: str | None = None) -> str:
        """A complaint unless the agent says that it is in this state, shows this screen, and is this device."""
        report = self.report()
        if not report:
            return "no agent answers"
        found = report["state"], report["screen"]["showing"], device_id and report["deviceId"]
        problem = report["problem"] or {}
        if found != (state, showing, device_id):
            return f"the agent says: {', '.join(filter(None, found))} {problem.get('message', '')}"
        return ""

    def process(self) -> str:
        """The number of the agent's process."""
        return self.machine.run("systemctl show --property MainPID --value crewcheck-agent").strip()

    def boot(self) -> str:
        """What is another one after every start of the machine."""
        return self.machine.run("cat /proc/sys/kernel/random/boot_id").strip()

    def console(self) -> str:
        """What is written on the text consoles."""
        return self.machine.run("cat /dev/vcs*")

    def terminal(self) -> str:
        """The console that is turned to the screen."""
        return self.machine.run("cat /sys/class/tty/tty0/active").strip()

    def show_console(self, text: str) -> None:
        """Stop the agent, turn to the first text console, and write on it; the image itself shows none."""
        self.machine.run(
            "systemctl stop crewcheck-agent && "
            "python3 -c 'import fcntl, struct; "
            f'fcntl.ioctl(open("/dev/fb0"), {_FBIOPUT_CON2FBMAP}, struct.pack("II", 1, 0))\' && '
            f"echo '{text}' >/dev/tty1"
        )

    def connector(self, word: str) -> None:
        """Plug the monitor out (`off`) or in (`detect`), as far as the kernel can tell."""
        self.machine.run(f"for port in /sys/class/drm/card*-*/status; do echo {word} >$port; done")


class Watch:
    """Looks at the wall all the time, and keeps each picture with text of a console on it."""

    def __init__(self, look: Callable[[], Image.Image]) -> None:
        self._look = look
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch")
        self.looks = 0
        self.caught: list[Image.Image] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        with suppress(OSError):  # the machine is off
            while not self._ended.wait(_GLANCE):
                picture = self._look()
                self.looks += 1
                if has_console_text(picture):
                    self.caught.append(picture)


def pieces(secret: str, length: int = 6) -> Sequence[str]:
    """Every part of that length: whoever wrote one of them down wrote down too much."""
    return [secret[start : start + length] for start in range(len(secret) - length + 1)]
