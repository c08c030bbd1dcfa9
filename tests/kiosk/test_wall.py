"""What hangs on the wall is painted when it would look different, and only then."""

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

import pygame
import pytest

from crewcheck_agent.core.picture import Box, Colour, Picture
from crewcheck_agent.core.screen import Screen, Showing, Sign
from crewcheck_agent.kiosk.display import Display, DisplayUnavailable
from crewcheck_agent.kiosk.wall import Hanging, Wall

SIZE = (240, 160)
SETUP = Screen(Showing.SETUP, Sign.SCAN, "Scan the code", staff="Ask for it")
LOGO = Screen(Showing.LOGO)
GROUND = Colour(10, 60, 20)
PICTURE = Picture(40, 20, GROUND, Box(*SIZE), "0" * 64, b"\xff\x00\x00\xff" * 800)
OTHER = replace(PICTURE, sha256="1" * 64, pixels=b"\x00\x00\xff\xff" * 800)


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SDL_VIDEODRIVER", "offscreen")
    for name in ("SDL_FRAMEBUFFER_ACCELERATION", "SDL_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR"):
        monkeypatch.setenv(name, "0")
    yield
    pygame.display.quit()


@pytest.fixture
def wall() -> Wall:
    wall = Wall(os.environ, Hanging(size=SIZE), None)
    wall.open()
    return wall


def pixels(wall: Wall) -> bytes:
    assert wall.display is not None
    return wall.display.pixels()


def at(wall: Wall, x: int, y: int) -> tuple[int, ...]:
    start = 3 * (y * SIZE[0] + x)
    return tuple(pixels(wall)[start : start + 3])


CHANGES: list[tuple[str, tuple[Screen, Picture | None], tuple[Screen, Picture | None], bool]] = [
    ("the same words again", (SETUP, None), (SETUP, None), False),
    ("the same words, made anew", (SETUP, None), (replace(SETUP), None), False),
    ("other words", (SETUP, None), (replace(SETUP, notice="Not usable"), None), True),
    ("a picture that is not to be shown yet", (SETUP, None), (SETUP, PICTURE), False),
    ("words, then the logo", (SETUP, PICTURE), (LOGO, PICTURE), True),
    ("the same logo again", (LOGO, PICTURE), (LOGO, replace(PICTURE)), False),
    ("another logo", (LOGO, PICTURE), (LOGO, OTHER), True),
    ("the mark", (LOGO, PICTURE), (replace(LOGO, offline_mark=True), PICTURE), True),
    ("the logo, then words", (LOGO, PICTURE), (SETUP, PICTURE), True),
]


@pytest.mark.parametrize(
    ("before", "after", "paints"), [each[1:] for each in CHANGES], ids=[each[0] for each in CHANGES]
)
def test_a_frame_is_painted_where_it_would_look_different(
    wall: Wall, before: tuple[Screen, Picture | None], after: tuple[Screen, Picture | None], *, paints: bool
) -> None:
    assert wall.show(*before)
    seen = pixels(wall)
    assert wall.show(*after) is paints
    assert wall.frames == 1 + paints
    assert (pixels(wall) != seen) is paints
    assert wall.showing() is after[0].showing


def test_the_logo_stands_on_its_ground_or_on_the_configured_one(wall: Wall) -> None:
    wall.show(LOGO, PICTURE)
    assert (at(wall, 0, 0), at(wall, 120, 72)) == (GROUND, (255, 0, 0))
    wall.hanging = replace(wall.hanging, background=Colour(1, 2, 3))
    assert wall.show(LOGO, PICTURE)
    assert (at(wall, 0, 0), at(wall, 120, 72)) == ((1, 2, 3), (255, 0, 0))


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_turned_monitor_gets_the_same_frame_turned(wall: Wall, rotation: Literal[90, 180, 270]) -> None:
    screen = replace(LOGO, offline_mark=True)
    wall.hanging = replace(wall.hanging, rotation=rotation)
    assert wall.show(screen, PICTURE)
    turned = pygame.image.frombytes(pixels(wall), SIZE, "RGB")
    upright = pygame.transform.rotate(turned, rotation)
    other_way = SIZE if rotation == 180 else SIZE[::-1]
    assert (upright.get_size(), wall.box()) == (other_way, other_way)
    wall.display = None
    pygame.display.quit()
    straight = Wall(os.environ, Hanging(size=other_way), None)
    straight.open()
    straight.show(screen, PICTURE)
    assert pixels(straight) == pygame.image.tobytes(upright, "RGB")


def test_a_frame_moves_around_and_comes_back(wall: Wall) -> None:
    """Against burn-in: by a few pixels at a time, and never with a strip of another colour at an edge."""
    wall.show(LOGO, PICTURE)
    seen = [pixels(wall)]
    while len(seen) < 40:
        wall.shift()
        if pixels(wall) == seen[0]:
            break
        seen.append(pixels(wall))
        for x, y in ((0, 0), (SIZE[0] - 1, 0), (0, SIZE[1] - 1), (SIZE[0] - 1, SIZE[1] - 1)):
            assert at(wall, x, y) == GROUND
    assert len(seen) == len(set(seen)) == 9, "eight places around the first, each once"
    assert wall.frames == 10
    assert not wall.show(LOGO, PICTURE), "a move is no news"


def test_what_comes_next_stays_where_the_frame_was_moved(wall: Wall) -> None:
    wall.show(LOGO, PICTURE)
    wall.shift()
    moved = pixels(wall)
    wall.show(SETUP, None)
    wall.show(LOGO, PICTURE)
    assert pixels(wall) == moved


def test_a_reopened_display_is_painted_anew(wall: Wall) -> None:
    wall.show(LOGO, PICTURE)
    seen = pixels(wall)
    assert wall.open() is wall.display, "an open one stays"
    assert not wall.show(LOGO, PICTURE)
    assert wall.display is not None
    wall.display.close()
    wall.display = None
    assert (wall.showing(), wall.frames) == (None, 0)
    wall.open()
    assert wall.showing() is None
    assert wall.show(LOGO, PICTURE)
    assert pixels(wall) == seen


def test_without_a_display_nothing_is_painted_and_nothing_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "no-such-driver")
    wall = Wall(os.environ, Hanging(), None)
    with pytest.raises(DisplayUnavailable):
        wall.open()
    assert not wall.show(SETUP, None)
    wall.shift()
    assert (wall.showing(), wall.frames, wall.box()) == (None, 0, (1920, 1080))


def test_the_first_frames_display_is_taken_over_as_it_is() -> None:
    display = Display(os.environ, SIZE)
    wall = Wall(os.environ, Hanging(), display)
    assert wall.open() is display
    wall.shift()
    assert display.frames == 0, "what was never painted here is not moved"
    assert wall.show(SETUP, None)
    assert wall.box() == SIZE
