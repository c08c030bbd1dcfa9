"""Breaks text into lines that fit, and that look as if somebody had broken them by hand."""

from collections.abc import Callable
from functools import cache
from math import ceil, inf
from typing import NamedTuple

Measure = Callable[[str], int]
"""The width of one line, in pixels."""

_BREAKABLE = "-_/.:@"
"""A word too long for its line is broken after one of these; only what is still too long is broken anywhere."""

_PAUSES = ".,:;!?…–"  # noqa: RUF001 - the dash of running text
"""A line that ends with a thought reads well,"""
_PAUSE = -0.02
_SHORT_WORD = 3
"""one that ends with `the` or `la` does not."""
_HANGING = 0.02
# Both are weighed against the square of the share of a line that is left empty.


class _Token(NamedTuple):
    """A word, or a piece of one: no break within."""

    text: str
    spaced: bool  # whether a space sets it off from the one before


def broken(text: str, width: int, measure: Measure, most: int = 1_000) -> list[str]:
    """The text in as few lines as fit, all about equally long.

    Broken at spaces, not at no-break spaces. Nothing is lost, and no line is too wide that has two characters.

    Args:
        text: one paragraph.
        width: what a line may measure.
        measure: how wide a line is.
        most: how many characters a line may hold.
    """
    measure = cache(measure)

    def fits(line: str) -> bool:
        return len(line) <= most and measure(line) <= width

    tokens = [token for word in text.split(" ") for token in _tokens(word, fits)]
    fewest = len(_filled(tokens, fits))
    total = measure(text)

    def cost(line: str) -> float:
        last = line.rsplit(" ", 1)[-1]
        manner = _PAUSE if last[-1:] in _PAUSES else _HANGING if len(last) <= _SHORT_WORD else 0.0
        return ((measure(line) - total / fewest) / width) ** 2 + manner

    @cache
    def best(start: int, lines: int) -> tuple[float, tuple[str, ...]]:
        """The cheapest way to set the tokens from `start` on in so many lines."""
        if lines == 1:
            line = _joined(tokens[start:])
            return (
                (0.0 if fewest == 1 else cost(line), (line,)) if fits(line) or start == len(tokens) - 1 else (inf, ())
            )
        cheapest: tuple[float, tuple[str, ...]] = (inf, ())
        for end in range(start + 1, len(tokens) - lines + 2):
            line = _joined(tokens[start:end])
            if not fits(line) and end > start + 1:
                break
            price, rest = best(end, lines - 1)
            if price + cost(line) < cheapest[0]:
                cheapest = (price + cost(line), (line, *rest))
        return cheapest

    return list(best(0, fewest)[1])


def _filled(tokens: list[_Token], fits: Callable[[str], bool]) -> list[str]:
    """Every line as full as it goes: so few lines are needed."""
    lines = [tokens[0].text]
    for token in tokens[1:]:
        longer = lines[-1] + (" " if token.spaced else "") + token.text
        if fits(longer):
            lines[-1] = longer
        else:
            lines.append(token.text)
    return lines


def _joined(tokens: list[_Token]) -> str:
    first, *others = tokens
    return first.text + "".join((" " if each.spaced else "") + each.text for each in others)


def _tokens(word: str, fits: Callable[[str], bool]) -> list[_Token]:
    pieces: list[str] = []
    for part in [word] if fits(word) else _parted(word):
        pieces += _sliced(part, fits)
    return [_Token(piece, spaced=number == 0) for number, piece in enumerate(pieces)] or [_Token("", spaced=True)]


def _sliced(part: str, fits: Callable[[str], bool]) -> list[str]:
    """As few equal slices as fit."""
    for count in range(1, len(part)):
        length = ceil(len(part) / count)
        slices = [part[start : start + length] for start in range(0, len(part), length)]
        if all(fits(each) for each in slices):
            return slices
    return list(part)


def _parted(word: str) -> list[str]:
    parts = [""]
    for character in word:
        parts[-1] += character
        if character in _BREAKABLE:
            parts.append("")
    return [part for part in parts if part]
