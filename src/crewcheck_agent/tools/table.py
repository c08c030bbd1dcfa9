"""Text in columns, as wide as a terminal shows it."""

import unicodedata
from collections.abc import Iterator, Sequence

from crewcheck_agent.core.problem import printable

_GAP = "  "
_NARROWEST = 12  # columns that a cut cell keeps
_LONGEST = 500  # characters of a cell that are shown


def table(head: Sequence[str], rows: Sequence[Sequence[str]], columns: int | None, cut: Sequence[int]) -> Iterator[str]:
    """The lines of a table; foreign text in it is made fit to show.

    Args:
        head: the columns' titles.
        rows: the cells, as many in each row as in `head`.
        columns: the room there is; None for as much as it takes.
        cut: which columns may be cut where there is no room for all, the first to be cut first.
    """
    cells = [list(head), *([printable(cell, _LONGEST) for cell in row] for row in rows)]
    widths = [max(map(width, column)) for column in zip(*cells, strict=True)]
    if columns is not None:
        _narrow(widths, columns, cut)
    for row in cells:
        padded = (_fitted(cell, room) for cell, room in zip(row, widths, strict=True))
        yield _GAP.join(padded).rstrip()


def width(text: str) -> int:
    """How many columns a terminal needs for printable text."""
    return sum(_columns(each) for each in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def _narrow(widths: list[int], columns: int, cut: Sequence[int]) -> None:
    for index in cut:
        excess = sum(widths) + len(_GAP) * (len(widths) - 1) - columns
        if excess > 0:
            widths[index] = min(widths[index], max(_NARROWEST, widths[index] - excess))


def _fitted(text: str, room: int) -> str:
    if width(text) > room:
        while width(text) >= room:
            text = text[:-1]
        text += "…"
    return text + " " * (room - width(text))
