"""Reads a screen's short code from its pixels, as a person does in a photograph of it."""

from collections.abc import Iterator

import pygame
from PIL import Image, ImageChops

from crewcheck_agent.core.problem import Code, short_code
from crewcheck_agent.core.screen import Showing
from crewcheck_agent.kiosk.painter import GROUND, palette
from crewcheck_agent.kiosk.typeface import Face, setting

_BEGINNING = "CC-"
_INKS = {palette(each)["notice"] for each in Showing if each is not Showing.LOGO}


def short_codes_on(picture: Image.Image) -> set[str]:
    """Every short code that stands on an upright screen in the size and the ink of one that is to be read out."""
    smallest, largest = min(picture.size) // 26, min(picture.size) // 12  # heights of a capital
    seen = {colour for _, colour in picture.getcolors(1 << 24) or ()}
    return {
        short_code(code)
        for ink in _INKS & seen
        for cap in range(smallest, largest)
        for place in _places(picture, _printed(_BEGINNING, cap, ink))
        for code in Code
        if _stands_at(picture, place, _printed(short_code(code), cap, ink))
    }


def _printed(text: str, cap: int, ink: tuple[int, int, int]) -> Image.Image:
    """The text as the kiosk's own typeface draws it, cut out around its letters."""
    face = setting(Face.BOLD, cap)
    surface = pygame.Surface((face.width(text), 2 * cap), depth=32)
    surface.fill(GROUND)
    face.draw(surface, text, (0, cap // 2), ink)
    image = Image.frombytes("RGB", surface.get_size(), pygame.image.tobytes(surface, "RGB"))
    return image.crop(ImageChops.difference(image, Image.new("RGB", image.size, GROUND)).getbbox())


def _places(picture: Image.Image, part: Image.Image) -> Iterator[tuple[int, int]]:
    """The top left of every place where the part stands, to the last bit."""
    pixels, line = picture.tobytes(), part.tobytes()[: 3 * part.width]
    found = pixels.find(line)
    while found >= 0:
        place = found // 3 % picture.width, found // 3 // picture.width
        if found % 3 == 0 and _stands_at(picture, place, part):
            yield place
        found = pixels.find(line, found + 1)


def _stands_at(picture: Image.Image, place: tuple[int, int], part: Image.Image) -> bool:
    left, top = place
    return picture.crop((left, top, left + part.width, top + part.height)).tobytes() == part.tobytes()
