"""The logo's frame: the right pixels in the right place, the right way up, and nothing heavy on the way."""

import subprocess
import sys

import pygame
import pytest

from crewcheck_agent.core.picture import (
    MOST_ENLARGED,
    NEAR_BLACK,
    TALLEST,
    WHITE,
    WIDEST,
    Box,
    Colour,
    Picture,
    Size,
    contrast,
    top_left,
)
from crewcheck_agent.kiosk import frame as frames
from crewcheck_agent.kiosk.frame import logical_size, logo_frame, turned

RED = (200, 30, 30)


def picture(width: int, height: int, box: Box, ground: Colour = WHITE, pixel: bytes = b"\xc8\x1e\x1e\xff") -> Picture:
    return Picture(width, height, ground, box, "0" * 64, pixel * (width * height))


def rgb(frame: pygame.Surface, x: int, y: int) -> Colour:
    pixel = frame.get_at((x, y))
    return Colour(pixel.r, pixel.g, pixel.b)


def ink(frame: pygame.Surface, ground: tuple[int, int, int]) -> pygame.Rect:
    """The smallest rectangle around all that is not ground."""
    mask = pygame.mask.from_threshold(frame, ground, (1, 1, 1))
    mask.invert()
    rects: list[pygame.Rect] = mask.get_bounding_rects()  # type: ignore[assignment] # pygame's stubs err
    return rects[0].unionall(rects[1:]) if rects else pygame.Rect(0, 0, 0, 0)


def test_the_measures_are_those_of_the_picture() -> None:
    assert (frames.WIDEST, frames.TALLEST, frames.MOST_ENLARGED) == (WIDEST, TALLEST, MOST_ENLARGED)


@pytest.mark.parametrize("box", [Box(800, 480), Box(1080, 1920)])
def test_the_logo_stands_where_the_picture_says(box: Box) -> None:
    frame = logo_frame(box, picture(300, 101, box))
    assert ink(frame, WHITE) == pygame.Rect(top_left(Size(300, 101), box), (300, 101))
    assert rgb(frame, 0, 0) == WHITE


def test_a_logo_made_for_another_size_is_fitted_to_this_one() -> None:
    frame = logo_frame((800, 480), picture(1382, 200, Box(1920, 1080)))
    assert ink(frame, WHITE).width == round(800 * WIDEST)
    grown = logo_frame((1920, 1080), picture(100, 50, Box(800, 480)))
    assert ink(grown, WHITE).size == (200, 100)


def test_a_scaled_cut_out_takes_no_colour_from_what_is_transparent() -> None:
    """A transparent pixel has a colour too, mostly black: it must not darken the edge."""
    box = Box(1920, 1080)
    columns = b"".join(b"\xff\xff\xff\xff" if x < 200 else b"\x00\x00\x00\x00" for x in range(400))
    cut_out = Picture(400, 100, WHITE, box, "0" * 64, columns * 100)
    assert ink(logo_frame((480, 270), cut_out), WHITE).size == (0, 0)


def test_a_background_that_was_asked_for_wins() -> None:
    frame = logo_frame((800, 480), picture(10, 10, Box(800, 480)), background=(1, 2, 3))
    assert rgb(frame, 5, 5) == (1, 2, 3)


@pytest.mark.parametrize("ground", [WHITE, NEAR_BLACK, Colour(220, 0, 0), Colour(120, 120, 120), Colour(90, 160, 60)])
@pytest.mark.parametrize("size", [(800, 480), (1080, 1920), (3840, 2160)])
def test_offline_there_is_a_small_mark_in_one_corner_that_can_be_seen(ground: Colour, size: tuple[int, int]) -> None:
    logo = picture(10, 10, Box(*size), ground, bytes((*ground, 255)))
    assert ink(logo_frame(size, logo), ground).size == (0, 0)
    frame = logo_frame(size, logo, offline=True)
    mark = ink(frame, ground)
    shorter = min(size)
    assert 0 < mark.width <= shorter / 16
    assert mark.right <= size[0] * 0.97
    assert mark.bottom <= size[1] * 0.97
    assert mark.left > size[0] * 0.86
    inks = {rgb(frame, x, y) for x in range(mark.left, mark.right) for y in range(mark.top, mark.bottom)}
    assert max(contrast(each, ground) for each in inks) >= 3.0


@pytest.mark.parametrize(
    ("rotation", "size", "corner"),
    [(0, (40, 20), (0, 0)), (90, (20, 40), (19, 0)), (180, (40, 20), (39, 19)), (270, (20, 40), (0, 39))],
)
def test_the_picture_turns_clockwise(rotation: int, size: tuple[int, int], corner: tuple[int, int]) -> None:
    upright = pygame.Surface((40, 20), depth=32)
    upright.set_at((0, 0), RED)
    frame = turned(upright, rotation)
    assert frame.get_size() == size
    assert rgb(frame, *corner) == RED
    assert logical_size(size, rotation) == (40, 20)


def test_a_shift_moves_everything_and_fills_what_it_uncovers() -> None:
    upright = pygame.Surface((40, 20), depth=32)
    upright.set_at((0, 0), RED)
    frame = turned(upright, 0, shift=(3, 2), ground=(9, 8, 7))
    assert rgb(frame, 3, 2) == RED
    assert rgb(frame, 0, 0) == (9, 8, 7)


def test_nothing_is_copied_where_nothing_turns() -> None:
    upright = pygame.Surface((40, 20), depth=32)
    assert turned(upright, 0) is upright


def test_the_way_to_the_first_pixel_imports_nothing_heavy() -> None:
    probe = """
import sys, pygame
before = set(sys.modules)
from crewcheck_agent.kiosk.frame import logo_frame
class Logo: width = height = 2; background = (0, 0, 0); box = (80, 48); pixels = bytes(16)
logo_frame((80, 48), Logo(), offline=True)
print(*sorted(set(sys.modules) - before))
"""
    run = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    ours = {"crewcheck_agent", "crewcheck_agent.kiosk", "crewcheck_agent.kiosk.frame", "crewcheck_agent.kiosk.signs"}
    loaded = set(run.stdout.splitlines()[-1].split())
    assert loaded - ours <= {"__future__", "itertools", "math"}
