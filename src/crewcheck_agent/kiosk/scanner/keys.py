"""Keyboards by the kernel's evdev, held so that nobody else hears them. Its library has its home here."""

import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from crewcheck_agent.kiosk.scanner.decoder import Decoder
from crewcheck_agent.kiosk.scanner.gatherer import SPOILED
from crewcheck_agent.kiosk.scanner.hold import Hold
from crewcheck_agent.kiosk.scanner.nodes import Node

# linux/input-event-codes.h and linux/input.h
_EV_SYN, _EV_KEY, _SYN_REPORT, _SYN_DROPPED = 0, 1, 0, 3
_LETTERS_AND_ENTER = {*range(16, 26), 28, *range(30, 39), *range(44, 51)}
_USB, _BLUETOOTH, _VIRTUAL = 3, 5, 6
_WORD = struct.calcsize("P") * 8  # bits of the words in which the kernel writes what a device can


class Event(Protocol):
    """An `evdev.InputEvent`."""

    type: int
    code: int
    value: int


class Device(Protocol):
    """An `evdev.InputDevice`."""

    fd: int

    def grab(self) -> None:
        """Have its events for oneself."""

    def read(self) -> Iterable[Event]:
        """The events since the last call; BlockingIOError where there are none."""

    def close(self) -> None:
        """Give it back."""


def keyboards(classes: Path = Path("/sys/class/input")) -> Iterator[Node]:
    """The keyboards of this machine: whatever has all letters and Enter, as every keyboard scanner says of itself.

    One that cannot be plugged in, such as a PC's own, is no sign that there is a scanner.
    """
    for entry in sorted(classes.glob("event*")):
        device = entry / "device"
        try:
            if _keys((device / "capabilities/key").read_text()) >= _LETTERS_AND_ENTER:
                bus = int((device / "id/bustype").read_text(), 16)
                name = (device / "name").read_text().strip()
                yield Node(f"/dev/input/{entry.name}", name, is_scanner=bus in {_USB, _BLUETOOTH, _VIRTUAL})
        except (OSError, ValueError):  # pulled out while we look
            continue


def _keys(words: str) -> set[int]:
    """What a bit mask in hexadecimal words, the highest first, stands for."""
    return {
        place * _WORD + bit
        for place, word in enumerate(reversed(words.split()))
        for bit in range(_WORD)
        if int(word, 16) >> bit & 1
    }


class Keyboard:
    """One keyboard. While it is open, no console and no display server gets a key of it."""

    def __init__(self, device: Device, layout: str, hold: Hold | None = None) -> None:
        """Take the device for ourselves; `hold` hears of every key, too.

        Raises:
            OSError: somebody else holds it.
        """
        self._device = device
        self._layout = layout
        self._decoder = Decoder(layout)
        self._hold = hold or Hold()
        self._lost = False
        try:
            device.grab()
        except OSError:
            device.close()
            raise

    def fileno(self) -> int:
        """Readable when there are keys."""
        return self._device.fd

    def read(self) -> str:
        """What was typed since the last call; with `SPOILED` where the kernel had to drop some of it.

        Raises:
            OSError: it is gone.
        """
        try:
            return "".join(map(self._heard, self._device.read()))
        except BlockingIOError:
            return ""

    def close(self) -> None:
        """Let it go."""
        self._device.close()

    def _heard(self, event: Event) -> str:
        if event.type == _EV_SYN and event.code == _SYN_DROPPED:
            self._lost, self._decoder = True, Decoder(self._layout)
            return SPOILED
        if event.type == _EV_SYN and event.code == _SYN_REPORT:
            self._lost = False  # what came until now does not fit together (Documentation/input/event-codes.rst)
        if self._lost or event.type != _EV_KEY:
            return ""
        self._hold.key(event.code, event.value)
        return self._decoder.key(event.code, event.value)


def open_keyboard(node: str, layout: str, hold: Hold | None = None) -> Keyboard:
    """Open and hold the keyboard at this node. May take some time.

    Raises:
        OSError: it is not there, or not for us, or somebody else's, or its library is missing.
    """
    try:
        from evdev import InputDevice  # noqa: PLC0415 - only a kiosk has it
    except ImportError as error:
        raise OSError(str(error)) from None
    return Keyboard(InputDevice(node), layout, hold)
