"""A code that somebody's keyboard, or a scanner that pretends to be one, types into the window."""

from crewcheck_agent.core.token import LONGEST

PAUSE = 3.0
"""Seconds without a key after which what was typed is no longer the start of a code: a scanner types it in one go."""


class Keystrokes:
    """Gathers keys into codes. Holds a secret while one is being typed, and shows it to nobody."""

    def __init__(self) -> None:
        self._text = ""
        self._last = float("-inf")

    def typed(self, key: str, steady: float) -> str | None:
        """Take one key, as text, at a moment in steady seconds; the whole code if this key ends it.

        Enter and Tab end a code, except within JSON that is still open: a code may be printed on several lines.
        """
        if steady - self._last > PAUSE:
            self._text = ""
        self._last = steady
        if key not in {"\r", "\n", "\t"}:
            self._text = (self._text + key)[: LONGEST + 1]
            return None
        if self._text.lstrip().startswith("{") and not self._text.rstrip().endswith("}"):
            self._text += " "
            return None
        text, self._text = self._text, ""
        return text or None
