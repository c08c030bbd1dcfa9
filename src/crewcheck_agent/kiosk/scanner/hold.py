"""The technician's key on a keyboard: it counts when it is held, as no scanner can make a code do."""

from collections.abc import Callable, Mapping

# linux/input-event-codes.h
_CODES: Mapping[str, int] = {**{f"F{number}": 58 + number for number in range(1, 11)}, "F11": 87, "F12": 88}
_HELD = 2  # the value of an event that repeats a key
_REPEATS = 23  # the kernel repeats a key after 250 ms, and then every 33 ms (drivers/input/input.c): a second


class Hold:
    """Calls `tell` once whenever the key has been held for a second. `key`: F1 to F12; any other name is no key."""

    def __init__(self, key: str = "off", tell: Callable[[], object] = lambda: None) -> None:
        self._code = _CODES.get(key)
        self._tell = tell
        self._repeats = 0

    def key(self, code: int, value: int) -> None:
        """Take one event of the keyboard: 1 for pressed, 0 for released, 2 for held."""
        if code == self._code:
            self._repeats = self._repeats + 1 if value == _HELD else 0
            if self._repeats == _REPEATS:
                self._tell()
