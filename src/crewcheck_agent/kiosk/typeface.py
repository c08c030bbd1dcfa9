"""The typeface: where its files are, how large it is to be set, and what draws the letters that it lacks.

Lato, because Debian 12 and 13 package the same version of it (2.0), because it holds every letter and space that
English, French, German and Spanish need, and because it is open and even at a distance. What is read out letter by
letter is set in DejaVu Sans Mono, which tells 0 from O and 1 from l and I.
"""

from collections.abc import Iterator
from enum import Enum
from functools import cache
from itertools import groupby
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

_PROBE = 200
"""Pixels: large enough to measure a face's proportions to half a percent."""

_NOWHERE = "\U0010ffff"
"""A code point that is no character (Unicode 23.7): it is drawn as a missing glyph is."""


class Setting:
    """One face at one size.

    Attributes:
        cap: the height of its capitals, in pixels, as drawn.
    """

    def __init__(self, face: Face, cap: float, directory: Path = DIRECTORY) -> None:
        files = [file for name in (*face.value, *_FOR_OTHER_SCRIPTS) if (file := directory / name).is_file()]
        self._files: list[Path | None] = [*dict.fromkeys(files)] or [None]
        self._pixels = _size_for(self._files[0], cap)
        self._main = _font(self._files[0], self._pixels)
        self.cap = _cap_height(self._main)

    def width(self, text: str) -> int:
        """Of the text on one line, in pixels."""
        return sum(font.size(run)[0] for font, run in self._runs(text))

    def draw(self, surface: pygame.Surface, text: str, place: tuple[int, int], colour: tuple[int, int, int]) -> None:
        """Write one line, its capitals' top left at `place`."""
        x, baseline = place[0], place[1] + self.cap
        for font, run in self._runs(text):
            image = font.render(run, True, colour)  # noqa: FBT003 - pygame takes no keyword: antialiased
            surface.blit(image, (x, baseline - font.get_ascent()))
            x += image.get_width()

    def legible(self, text: str) -> str:
        """The text with every character that no font here can draw as its code, e.g. `\\u4E2D`."""
        return "".join(each if self._file_for(each) is not _NONE else _escaped(each) for each in text)

    def _runs(self, text: str) -> Iterator[tuple[pygame.font.Font, str]]:
        if text.isascii():
            yield self._main, text
            return
        for file, run in groupby(text, self._file_for):
            yield (self._main if isinstance(file, _None) else _font(file, self._pixels)), "".join(run)

    def _file_for(self, character: str) -> "Path | None | _None":
        if character.isascii():
            return self._files[0] if character.isprintable() else _NONE
        if not (character.isprintable() or character in "\u00a0\u202f\u2009"):
            return _NONE
        return next((file for file in self._files if _has(file, character)), _NONE)


class _None:
    """No font at all: None stands for the one that pygame brings."""


_NONE = _None()


@cache
def setting(face: Face, cap: int) -> Setting:
    """The face, its capitals at least `cap` pixels high."""
    return Setting(face, cap)


@cache
def _font(file: Path | None, pixels: int) -> pygame.font.Font:
    pygame.font.init()
    return pygame.font.Font(file, pixels)


@cache
def _cap_height(font: pygame.font.Font) -> int:
    return font.render("H", True, (0, 0, 0)).get_bounding_rect().height  # noqa: FBT003 - antialiased, as in use


def _size_for(file: Path | None, cap: float) -> int:
    """The smallest size, in pixels to the em, at which capitals are at least this high."""
    pixels = max(1, int(cap * _PROBE / _cap_height(_font(file, _PROBE))) - 1)
    while _cap_height(_font(file, pixels)) < cap:
        pixels += 1
    return pixels


@cache
def _has(file: Path | None, character: str) -> bool:
    font = _font(file, 24)
    return _picture(font, character) != _picture(font, _NOWHERE)


def _picture(font: pygame.font.Font, character: str) -> tuple[tuple[int, int], bytes]:
    image = font.render(character, True, (0, 0, 0))  # noqa: FBT003 - antialiased
    return image.get_size(), image.get_buffer().raw


def _escaped(character: str) -> str:
    return f"\\u{ord(character):04X}"
