"""The technician's key counts when it is held, and nothing that a scanner types holds a key."""

import pytest

from crewcheck_agent.kiosk.scanner.hold import Hold

F1, F10, F11, F12, A = 59, 68, 87, 88, 30


class Told:
    """Counts how often it was told."""

    def __init__(self, key: str = "F12") -> None:
        self.times = 0
        self.hold = Hold(key, self._told)

    def _told(self) -> None:
        self.times += 1

    def holds(self, code: int, repeats: int) -> None:
        for value in (1, *[2] * repeats, 0):
            self.hold.key(code, value)


def test_a_key_held_for_a_second_is_told_once() -> None:
    told = Told()
    told.holds(F12, 23)
    assert told.times == 1
    told.holds(F12, 300)
    assert told.times == 2


@pytest.mark.parametrize("repeats", [0, 1, 22])
def test_a_key_that_is_let_go_earlier_is_not(repeats: int) -> None:
    told = Told()
    for _ in range(30):
        told.holds(F12, repeats)
    assert told.times == 0


@pytest.mark.parametrize(("key", "code"), [("F1", F1), ("F10", F10), ("F11", F11), ("F12", F12)])
def test_it_is_the_configured_key(key: str, code: int) -> None:
    told = Told(key)
    for each in (F1, F10, F11, F12, A):
        told.holds(each, 30)
    assert told.times == 1
    told.holds(code, 30)
    assert told.times == 2


def test_off_is_no_key() -> None:
    told = Told("off")
    for code in range(256):
        told.holds(code, 30)
    assert told.times == 0
