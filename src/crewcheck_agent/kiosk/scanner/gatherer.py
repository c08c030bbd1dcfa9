"""Characters become codes, wherever they come from: a scanner's keys, a serial line, the window."""

from crewcheck_agent.core.token import LONGEST, is_whole

PAUSE = 3.0
"""Seconds without a character after which a code is over, whatever it is: a scanner types it in one go."""

QUICK = 0.3
"""Seconds without a character after which a code that is whole is over: some scanners say no end."""

SPOILED = "\x18"
"""CAN (ECMA-48): what came before is in error and is to be disregarded."""

_ENDS = {"\r", "\n", "\t"}
_FEWEST = 4  # characters that could be meant: less is a hand on a key, or noise on a line


class Gatherer:
    """What one source sends. Holds a secret while one is on its way, and shows it to nobody.

    Attributes:
        due: when to call `timed_out`, in steady seconds; None while there is nothing to wait for.
    """

    def __init__(self) -> None:
        self.due: float | None = None
        self._text = ""
        self._last = 0.0

    def typed(self, character: str, steady: float) -> str | None:
        """Take one character, at a moment in steady seconds; the whole code if this character ends it.

        Enter and Tab end a code, except within JSON that is still open: a code may be printed on several lines. What
        is longer than any code is cut, one character too late to be taken for one.
        """
        if character == SPOILED:  # no code begins so: whoever scanned is told, and scans again
            self._text, self._last, self.due = SPOILED * _FEWEST, steady, steady + QUICK
            return None
        if self.due is not None and steady - self._last > PAUSE:  # nobody was there to look at the clock
            self._text = ""
        self._last = steady
        self.due = steady + QUICK
        if character in _ENDS and not self._within_json():
            return self._taken()
        self._text = (self._text + (" " if character in _ENDS else character))[: LONGEST + 1]
        return None

    def timed_out(self, steady: float) -> str | None:
        """At `due`: the code that is over without an end, if it is."""
        if steady - self._last >= PAUSE or is_whole(self._text):
            return self._taken()
        self.due = self._last + PAUSE
        return None

    def _within_json(self) -> bool:
        return self._text.lstrip().startswith("{") and not self._text.rstrip().endswith("}")

    def _taken(self) -> str | None:
        text, self._text, self.due = self._text, "", None
        return text if len(text.strip()) >= _FEWEST else None
