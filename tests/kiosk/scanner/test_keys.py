"""Keyboards are recognised by what they can do, held, and heard key by key."""

import errno
import os
from collections.abc import Iterable
from pathlib import Path

import pytest
from evdev import InputEvent

from crewcheck_agent.kiosk.scanner.gatherer import SPOILED
from crewcheck_agent.kiosk.scanner.hold import Hold
from crewcheck_agent.kiosk.scanner.keys import Keyboard, keyboards, open_keyboard
from crewcheck_agent.kiosk.scanner.nodes import Node

USB, PS2 = "0003", "0011"
# As the kernel writes them: a scanner, a mouse, the keys of a power button, a scanner's second node.
ALL_KEYS = "1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe"
MOUSE = "ff0000 0 0 0 0"
POWER = "10000000000000 0"
VOLUME = "3e000b00000000 0 0 0"

SHIFT, A, B, ENTER = 42, 30, 48, 28
REPORT, DROPPED = InputEvent(0, 0, 0, 0, 0), InputEvent(0, 0, 0, 3, 0)


def pressed(*codes: int) -> list[InputEvent]:
    """Each key pressed and let go, as the kernel reports it."""
    return [
        event
        for code in codes
        for event in (
            InputEvent(0, 0, 4, 4, 458_756),
            InputEvent(0, 0, 1, code, 1),
            REPORT,
            InputEvent(0, 0, 1, code, 0),
            REPORT,
        )
    ]


class Device:
    """An `evdev.InputDevice` whose events are at hand."""

    fd = 7

    def __init__(self, *reads: list[InputEvent] | OSError, taken: bool = False) -> None:
        self.calls: list[str] = []
        self._reads = list(reads)
        self._taken = taken

    def grab(self) -> None:
        self.calls.append("grab")
        if self._taken:
            raise OSError(errno.EBUSY, "Device or resource busy")

    def read(self) -> Iterable[InputEvent]:
        self.calls.append("read")
        events = self._reads.pop(0) if self._reads else BlockingIOError()
        if isinstance(events, OSError):
            raise events
        yield from events

    def close(self) -> None:
        self.calls.append("close")


def plug(classes: Path, number: int, keys: str, bus: str = USB, name: str = "Scanner") -> None:
    device = classes / f"event{number}/device"
    (device / "capabilities").mkdir(parents=True)
    (device / "id").mkdir()
    (device / "capabilities/key").write_text(f"{keys}\n")
    (device / "id/bustype").write_text(f"{bus}\n")
    (device / "name").write_text(f"{name}\n")


def test_keyboards_are_those_with_letters_and_enter(tmp_path: Path) -> None:
    for number, (keys, bus, name) in enumerate(
        [
            (ALL_KEYS, PS2, "AT keyboard"),
            (POWER, "0019", "Power"),
            (MOUSE, USB, "Mouse"),
            (ALL_KEYS, USB, "Scanner"),
            (VOLUME, USB, "Scanner"),
        ]
    ):
        plug(tmp_path, number, keys, bus, name)
    (tmp_path / "event9").mkdir()
    (tmp_path / "mouse0").mkdir()
    assert list(keyboards(tmp_path)) == [
        Node("/dev/input/event0", "AT keyboard", is_scanner=False),
        Node("/dev/input/event3", "Scanner"),
    ]


@pytest.mark.parametrize(
    ("bus", "counts"), [("0003", True), ("0005", True), ("0006", True), ("0011", False), ("0019", False)]
)
def test_what_cannot_be_plugged_in_is_no_sign_of_a_scanner(tmp_path: Path, bus: str, counts: bool) -> None:  # noqa: FBT001
    plug(tmp_path, 0, ALL_KEYS, bus)
    assert [node.is_scanner for node in keyboards(tmp_path)] == [counts]


def test_a_keyboard_is_held_before_anything_is_read_of_it() -> None:
    device = Device(pressed(A))
    assert Keyboard(device, "us").read() == "a"
    assert device.calls == ["grab", "read"]


def test_one_that_somebody_else_holds_is_given_back() -> None:
    device = Device(taken=True)
    with pytest.raises(OSError, match="busy"):
        Keyboard(device, "us")
    assert device.calls == ["grab", "close"]


def test_keys_are_heard_over_several_reads() -> None:
    down = [InputEvent(0, 0, 1, SHIFT, 1), REPORT]
    keyboard = Keyboard(Device(down, pressed(A), [InputEvent(0, 0, 1, SHIFT, 0), *pressed(B, ENTER)]), "us")
    assert [keyboard.read() for _ in range(4)] == ["", "A", "b\n", ""]


def test_the_technicians_key_is_heard_besides_and_types_nothing() -> None:
    told: list[str] = []
    f12 = [InputEvent(0, 0, 1, 88, value) for value in (1, *[2] * 40, 0)]
    keyboard = Keyboard(Device([*pressed(A), *f12, *pressed(B)]), "us", Hold("F12", lambda: told.append("held")))
    assert keyboard.read() == "ab"
    assert told == ["held"]


def test_a_layout_of_its_own() -> None:
    assert Keyboard(Device(pressed(16)), "fr").read() == "a"


def test_keys_that_the_kernel_dropped_spoil_what_was_under_way() -> None:
    held = [InputEvent(0, 0, 1, SHIFT, 1), *pressed(A), DROPPED, InputEvent(0, 0, 1, B, 1), REPORT, *pressed(B)]
    assert Keyboard(Device(held), "us").read() == f"A{SPOILED}b"


def test_one_that_is_gone_says_so() -> None:
    with pytest.raises(OSError, match="No such device"):
        Keyboard(Device(OSError(errno.ENODEV, "No such device")), "us").read()


def test_a_node_that_is_not_there_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_keyboard(str(tmp_path / "event0"), "us")


def test_what_is_no_keyboard_cannot_be_opened() -> None:
    with pytest.raises(OSError, match="Inappropriate ioctl"):
        open_keyboard(os.devnull, "us")
