"""Shuts the machine's text console while the agent runs, and opens it again: `python3 -m …console shut` and `open`.

Runs as root, beside the agent and not in it, so that what it does outlives every crash of the agent. It turns the
screen to a virtual terminal on which the kernel draws no text (KD_GRAPHICS) and from which it takes no key (K_OFF):
no letter of what is scanned, no Ctrl-Alt-Del, no Ctrl-Alt-Fn reaches anybody, and what was on the other terminals, a
technician's shell included, goes on unseen. The magic SysRq key works below the terminals and has its own switch.

On a machine without virtual terminals there is nothing to shut, and that is fine.
"""

import fcntl
import os
import sys
from collections.abc import Callable, Mapping

_TERMINAL = 7  # where graphics are by old custom: beyond those that logind opens by itself

# linux/kd.h
_KDSETMODE, _KD_TEXT, _KD_GRAPHICS = 0x4B3A, 0, 1
_KDSKBMODE, _K_UNICODE, _K_OFF = 0x4B45, 3, 4
# linux/vt.h
_VT_GETSTATE, _VT_ACTIVATE, _VT_WAITACTIVE = 0x5603, 0x5606, 0x5607

_EMPTY = b"\x1b[?25l\x1b[2J\x1b[H"  # no cursor, no text: console_codes(4)
_CURSOR = b"\x1b[?25h"


class Console:
    """The machine's text console."""

    def __init__(self, devices: str, before: str, sysrq: str, ioctl: Callable[..., int | bytes] = fcntl.ioctl) -> None:
        """Where things are.

        Args:
            devices: the directory of the device files.
            before: the file that tells, from shutting to opening, how it was.
            sysrq: the kernel's switch for the magic SysRq key.
            ioctl: what talks to terminals.
        """
        self._device = f"{devices}/tty{_TERMINAL}"
        self._before = before
        self._sysrq = sysrq
        self._ioctl = ioctl

    def shut(self) -> None:
        """Turn to a terminal that shows nothing and hears nothing. What cannot be done is told, and no reason to fail.

        Raises:
            OSError: how it was cannot be kept; nothing was changed.
        """
        was = self._found()
        with open(self._before, "w", encoding="ascii") as file:  # noqa: PTH123 - pathlib costs more than all of this
            file.write("".join(f"{name} {value}\n" for name, value in was.items()))
        if "sysrq" in was:
            _write(self._sysrq, "0")
        if "terminal" in was:
            self._at_terminal(self._darken)

    def open(self) -> None:
        """Make it what it was.

        Raises:
            OSError: nobody shut it, or it cannot be opened.
        """
        with open(self._before, encoding="ascii") as file:  # noqa: PTH123 - as above
            was = dict(line.split() for line in file)
        if "sysrq" in was:
            _write(self._sysrq, was["sysrq"])
        if "terminal" in was:
            self._at_terminal(lambda terminal: self._give_back(terminal, int(was["terminal"])))

    def _found(self) -> Mapping[str, str]:
        was = {}
        try:
            with open(self._sysrq, encoding="ascii") as file:  # noqa: PTH123 - as above
                was["sysrq"] = file.read().strip()
        except OSError as error:
            _complain("there is no magic SysRq key to shut", error)
        try:
            was["terminal"] = str(self._at_terminal(self._active))
        except OSError as error:
            _complain("there is no text console to shut", error)
        return was

    def _at_terminal(self, work: Callable[[int], int]) -> int:
        terminal = os.open(self._device, os.O_RDWR | os.O_NOCTTY)
        try:
            return work(terminal)
        finally:
            os.close(terminal)

    def _active(self, terminal: int) -> int:
        """The number of the virtual terminal that is on the screen now."""
        state = self._ioctl(terminal, _VT_GETSTATE, bytes(6))  # three unsigned shorts
        assert isinstance(state, bytes)  # noqa: S101 - as it was given one
        return int.from_bytes(state[:2], sys.byteorder)

    def _darken(self, terminal: int) -> int:
        self._turn_to(terminal, _TERMINAL)  # while there is text to be drawn: else what was there stays in sight
        os.write(terminal, _EMPTY)
        self._ioctl(terminal, _KDSETMODE, _KD_GRAPHICS)
        self._ioctl(terminal, _KDSKBMODE, _K_OFF)
        return 0

    def _give_back(self, terminal: int, number: int) -> int:
        self._ioctl(terminal, _KDSKBMODE, _K_UNICODE)
        self._ioctl(terminal, _KDSETMODE, _KD_TEXT)
        os.write(terminal, _CURSOR)
        self._turn_to(terminal, number)
        return 0

    def _turn_to(self, terminal: int, number: int) -> None:
        self._ioctl(terminal, _VT_ACTIVATE, number)
        self._ioctl(terminal, _VT_WAITACTIVE, number)


def main(console: Console, arguments: list[str]) -> int:
    """Shut or open the console; returns the exit code."""
    work = {"shut": console.shut, "open": console.open}.get(" ".join(arguments))
    if work is None:
        print("usage: python3 -m crewcheck_agent.kiosk.console shut|open", file=sys.stderr)  # noqa: T201 - a program
        return 2
    try:
        work()
    except OSError as error:
        _complain(f"{arguments[0]}: this failed", error)
        return 1
    return 0


def _write(path: str, value: str) -> None:
    with open(path, "w", encoding="ascii") as file:  # noqa: PTH123 - as above
        file.write(value)


def _complain(what: str, error: OSError) -> None:
    print(f"{what}: {error.filename or 'ioctl'}: {error.strerror}", file=sys.stderr)  # noqa: T201 - to the journal


if __name__ == "__main__":
    _folder = os.environ.get("RUNTIME_DIRECTORY", "/run/crewcheck-console")
    sys.exit(main(Console("/dev", f"{_folder}/before", "/proc/sys/kernel/sysrq"), sys.argv[1:]))
