"""What a language is to this package: whoever loads its catalogue hands it in."""

from typing import Protocol


class Translations(Protocol):
    """As the classes of the standard library's `gettext` are: what has no translation stays English."""

    def gettext(self, message: str) -> str:
        """The translation of an English text."""
        ...

    def pgettext(self, context: str, message: str) -> str:
        """The translation of an English text that says different things in different places."""
        ...
