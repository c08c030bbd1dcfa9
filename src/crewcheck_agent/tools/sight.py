"""Judges the kiosk's real pixels: what would a person see there?

Every judgement is a complaint in words, or the empty text where there is none.
"""

import re
from collections.abc import Sequence
from gettext import gettext as _

from PIL import Image, ImageChops

from crewcheck_agent.core.picture import TALLEST, WIDEST

Colour = tuple[int, int, int]

Ink = tuple[Colour, float]
"""A colour and its opacity, 0 to 1."""

_ALIKE = 10  # of 255 in each channel: what antialiasing and opacity leave of one colour
_SHIFT = 3  # pixels by which a frame moves against burn-in
_CORNER = 7  # the mark's corner is a seventh of the shorter side, and below every logo
_LEAST_LOGO = 0.25  # of the screen's width or height
_LEAST_COLOUR = 0.0005  # of all pixels: the smallest of the logo's coloured parts
_LEAST_WORDS = 0.01  # of all pixels: letters and signs
_MOST_WORDS = 0.5


def inks_of(svg: bytes) -> Sequence[Ink]:
    """What a drawing's translucent areas are filled with."""
    found = re.findall(rb'fill="#([0-9a-f]{6})" fill-opacity="([0-9.]+)"', svg)
    return [(_rgb(bytes.fromhex(colour.decode())), float(opacity)) for colour, opacity in dict.fromkeys(found)]


def no_logo_there(picture: Image.Image, inks: Sequence[Ink]) -> str:
    """Unless the logo of these inks is there: in the middle, at a size for a wall, on one calm ground."""
    ground = _pixel(picture, 0, 0)
    right, bottom = picture.width - 1, picture.height - 1
    if any(_pixel(picture, x, y) != ground for x, y in ((right, 0), (0, bottom), (right, bottom))):
        return _("the corners are not all of one colour")
    seen = _seen(picture, inks)
    if seen < len(inks):
        told = _("{number} of the logo's {all} colours are not on the screen")
        return told.format(number=len(inks) - seen, all=len(inks))
    return _not_in_its_place(picture, ground)


def logo_left_over(picture: Image.Image, inks: Sequence[Ink]) -> str:
    """Unless the logo of these inks is gone."""
    seen = _seen(picture, inks)
    told = _("{number} of the logo's {all} colours are still on the screen")
    return told.format(number=seen, all=len(inks)) if seen > len(inks) // 2 else ""


def no_words_there(picture: Image.Image, ground: Colour) -> str:
    """Unless there are letters or signs on that ground."""
    others = 1 - _share(picture, ground)
    if others < _LEAST_WORDS:
        return _("the screen is empty")
    if others > _MOST_WORDS:
        told = _("the screen's ground is not the one of a screen with words, {colour}")
        return told.format(colour=f"#{bytes(ground).hex()}")
    return ""


def has_mark(picture: Image.Image) -> bool:
    """Whether there is something in the corner where the mark "no connection" goes."""
    return _outline(picture.crop(_corner(picture)), _pixel(picture, 0, 0)) is not None


def difference(one: Image.Image, other: Image.Image) -> float:
    """The share of pixels in which two pictures differ; 1 where their sizes do."""
    if one.size != other.size:
        return 1.0
    histogram = _distance(one, other).histogram()
    return sum(histogram[_ALIKE + 1 :]) / (one.width * one.height)


def _not_in_its_place(picture: Image.Image, ground: Colour) -> str:
    logo = picture.copy()
    logo.paste(ground, _corner(picture))
    box = _outline(logo, ground)
    if box is None:
        return _("the screen is empty")
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    if width < _LEAST_LOGO * picture.width and height < _LEAST_LOGO * picture.height:
        return _("what is there is only {width} x {height} pixels").format(width=width, height=height)
    if width > WIDEST * picture.width + 2 or height > TALLEST * picture.height + 2:
        return _("what is there is {width} x {height} pixels, too large").format(width=width, height=height)
    aside = abs(left + right - picture.width) / 2
    if aside > _SHIFT + picture.width / 50:
        return _("the logo is {number} pixels from the middle").format(number=round(aside))
    if top < picture.height / 20 or picture.height - bottom < top - 2 * _SHIFT:
        told = _("the logo is not centred: {above} pixels above it, {below} below")
        return told.format(above=top, below=picture.height - bottom)
    return ""


def _seen(picture: Image.Image, inks: Sequence[Ink]) -> int:
    """How many of these inks are on the screen, on its ground."""
    ground = _pixel(picture, 0, 0)
    return sum(_share(picture, _over(ground, colour, opacity)) >= _LEAST_COLOUR for colour, opacity in inks)


def _corner(picture: Image.Image) -> tuple[int, int, int, int]:
    side = min(picture.size) // _CORNER
    return picture.width - side, picture.height - side, picture.width, picture.height


def _outline(picture: Image.Image, ground: Colour) -> tuple[int, int, int, int] | None:
    flat = Image.new("RGB", picture.size, ground)
    return _distance(picture, flat).point([0] * (_ALIKE + 1) + [255] * (255 - _ALIKE)).getbbox()


def _distance(one: Image.Image, other: Image.Image) -> Image.Image:
    """In grey: the largest of the three channels' differences."""
    red, green, blue = ImageChops.difference(one, other).split()
    return ImageChops.lighter(ImageChops.lighter(red, green), blue)


def _share(picture: Image.Image, colour: Colour) -> float:
    histogram = _distance(picture, Image.new("RGB", picture.size, colour)).histogram()
    return sum(histogram[: _ALIKE + 1]) / (picture.width * picture.height)


def _over(ground: Colour, colour: Colour, opacity: float) -> Colour:
    return _rgb([round(opacity * c + (1 - opacity) * g) for c, g in zip(colour, ground, strict=True)])


def _pixel(picture: Image.Image, x: int, y: int) -> Colour:
    pixel = picture.getpixel((x, y))
    assert isinstance(pixel, tuple)  # noqa: S101 - an RGB picture's always is
    return _rgb(pixel)


def _rgb(values: Sequence[int]) -> Colour:
    red, green, blue = values[:3]
    return int(red), int(green), int(blue)
