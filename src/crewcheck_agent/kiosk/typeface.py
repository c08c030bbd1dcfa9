"""The typeface: where its files are, how large it is to be set, and what draws the letters that it lacks.

Lato, because Debian 12 and 13 package it with the same widths (2.0 and 2.015), because it holds every letter and
space that English, French, German and Spanish need, and because it is open and even at a distance. What is read out
letter by letter is set in DejaVu Sans Mono, which tells 0 from O and 1 from l and I. Where Debian's packages
fonts-lato and fonts-dejavu-core are missing, DejaVu Sans stands in, then the font that pygame brings.
"""

from collections.abc import Iterator, Sequence
from enum import Enum
from functools import cache
from itertools import groupby
from math import ceil
from pathlib import Path

import pygame
import pygame.font

DIRECTORY = Path("/usr/share/fonts")
"""Where Debian's font packages put their files."""


class Face(Enum):
    """Two weights for words, and one face for what is read out letter by letter. The first file found is the face."""

    REGULAR = ("truetype/lato/Lato-Regular.ttf", "truetype/dejavu/DejaVuSans.ttf")
    BOLD = ("truetype/lato/Lato-Bold.ttf", "truetype/dejavu/DejaVuSans-Bold.ttf")
    LETTERS = ("truetype/dejavu/DejaVuSansMono.ttf", "truetype/lato/Lato-Regular.ttf")


_FOR_OTHER_SCRIPTS = (
    "truetype/dejavu/DejaVuSans.ttf",
    "opentype/noto/NotoSansCJK-Regular.ttc",
    "truetype/droid/DroidSansFallbackFull.ttf",
    "truetype/wqy/wqy-microhei.ttc",
)

_SPACES = "\u00a0\u2009\u202f"
"""Not printable, says Python, and yet they belong in a line."""

_PROBE = 1000
"""Pixels: large enough to measure a face's proportions without its hints for small sizes."""

_NOWHERE = "\U0010ffff"
"""A code point that is no character (Unicode 23.7): it is drawn as a missing glyph is."""


class Setting:
    """One face at one size, and what stands in for the letters that it lacks.

    Attributes:
        cap: the height of its capitals, in pixels; as drawn it is that, or one more or less by the font's hints.
    """

    def __init__(self, face: Face, cap: float, directory: Path = DIRECTORY) -> None:
        """`cap`: the least height of a capital, in pixels; `directory`: where the font files are."""
        installed = [directory / name for name in (*face.value, *_FOR_OTHER_SCRIPTS) if (directory / name).is_file()]
        self._files: list[Path | None] = [*dict.fromkeys(installed)] or [None]
        share = _cap_share(self._files[0])
        self._pixels = ceil(cap / share)
        self.cap = round(self._pixels * share)

    def width(self, text: str) -> int:
        """Of the text on one line, in pixels."""
        return sum(font.size(run)[0] for font, run in self._runs(text))

    def draw(self, surface: pygame.Surface, text: str, place: tuple[int, int], colour: tuple[int, int, int]) -> None:
        """Write one line, its capitals' top left at `place`."""
        x, baseline = place[0], place[1] + self.cap
        for font, run in self._runs(text):
            image = font.render(run, True, colour)  # noqa: FBT003 - pygame takes no keyword: antialiased
            surface.blit(image, (x, baseline - _baseline(font, run)))
            x += image.get_width()

    def legible(self, text: str) -> str:
        r"""The text, each character that no font here can draw as its code, e.g. `\u4E2D`."""
        return "".join(each if self._which(each) is not None else f"\\u{ord(each):04X}" for each in text)

    def _runs(self, text: str) -> Iterator[tuple[pygame.font.Font, str]]:
        if text.isascii():
            yield _font(self._files[0], self._pixels), text
            return
        for which, run in groupby(text, self._which):
            yield _font(self._files[which or 0], self._pixels), "".join(run)

    def _which(self, character: str) -> int | None:
        """The number of the first file that has this character."""
        if not character.isprintable() and character not in _SPACES:
            return None
        if character.isascii():
            return 0
        return next((number for number, file in enumerate(self._files) if _has(file, character)), None)


@cache
def setting(face: Face, cap: int) -> Setting:
    """The face, its capitals at least `cap` pixels high."""
    return Setting(face, cap)


@cache
def _font(file: Path | None, pixels: int) -> pygame.font.Font:
    pygame.font.init()
    return pygame.font.Font(file, pixels)


@cache
def _cap_share(file: Path | None) -> float:
    """The height of a capital as a share of the em."""
    capital = _font(file, _PROBE).render("H", True, (0, 0, 0))  # noqa: FBT003 - antialiased, as in use
    return capital.get_bounding_rect().height / _PROBE


def _baseline(font: pygame.font.Font, run: str) -> int:
    """Below the top of the picture of this run: SDL_ttf makes it higher where an accent rises above the ascent."""
    # Against pygame's stubs, there are no metrics for a character beyond the first 65,536.
    metrics: Sequence[tuple[int, int, int, int, int] | None] = font.metrics(run)
    return max([font.get_ascent(), *(each[3] for each in metrics if each)])


@cache
def _has(file: Path | None, character: str) -> bool:
    font = _font(file, 24)
    return _picture(font, character) != _picture(font, _NOWHERE)


def _picture(font: pygame.font.Font, character: str) -> tuple[tuple[int, int], bytes]:
    image = font.render(character, True, (0, 0, 0))  # noqa: FBT003 - antialiased
    return image.get_size(), image.get_buffer().raw
