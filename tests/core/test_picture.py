"""How a logo is fitted, placed and set on a background."""

import pytest

from crewcheck_agent.core.picture import (
    NEAR_BLACK,
    WHITE,
    Box,
    Colour,
    Picture,
    PictureRefused,
    Reason,
    Size,
    Tally,
    background_of_cutout,
    background_of_opaque,
    contrast,
    fitted,
    flat_colour,
    room,
    top_left,
)

SCREEN = Box(1920, 1080)
RED = Colour(200, 0, 0)
NAVY = Colour(0, 32, 96)
YELLOW = Colour(255, 220, 0)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (Size(4000, 1000), Size(1382, 346)),  # as wide as 72 % of the screen
        (Size(1000, 4000), Size(162, 648)),  # as tall as 60 % of it
        (Size(100, 100), Size(200, 200)),  # enlarged twice, no further
        (Size(400, 400), Size(648, 648)),  # enlarged until it fits
        (Size(1382, 500), Size(1382, 500)),  # just right
        (Size(1360, 500), Size(1360, 500)),  # nearly right: stays crisp
        (Size(1400, 500), Size(1382, 494)),  # a little too wide: never beyond its room
        (Size(30_000, 1), Size(1382, 1)),  # thin, but not gone
        (Size(1, 30_000), Size(1, 648)),
    ],
)
def test_a_logo_fills_its_room_in_its_own_proportions(size: Size, expected: Size) -> None:
    assert fitted(size, SCREEN) == expected


def test_even_the_smallest_screen_has_room() -> None:
    assert room(Box(1, 1)) == Size(1, 1)
    assert room(SCREEN) == Size(1382, 648)


def test_a_logo_stands_in_the_middle_across_and_a_little_high() -> None:
    left, top = top_left(Size(1000, 480), SCREEN)
    above, below = top, 1080 - 480 - top
    assert left == (1920 - 1000) / 2
    assert 0.75 < above / below < 0.9


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (WHITE, Colour(0, 0, 0), 21.0),
        (Colour(0, 0, 0), WHITE, 21.0),
        (RED, RED, 1.0),
        (Colour(118, 118, 118), WHITE, 4.54),  # the well-known lightest grey for text on white
        (Colour(255, 0, 0), WHITE, 4.0),
        (Colour(5, 5, 5), Colour(0, 0, 0), 1.03),  # in the linear part of the curve
    ],
)
def test_contrast_is_that_of_wcag(one: Colour, other: Colour, expected: float) -> None:
    assert contrast(one, other) == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize(
    ("border", "expected"),
    [
        ([(400, RED)], RED),
        ([(97, RED), (3, WHITE)], RED),
        ([(96, RED), (4, WHITE)], None),
        ([(30, Colour(250, 250, 252)), (40, Colour(251, 251, 251)), (30, WHITE)], Colour(251, 251, 252)),  # JPEG noise
        ([(50, Colour(0, 0, 0)), (50, WHITE)], None),
        ([(1, NAVY)], NAVY),
    ],
)
def test_a_border_is_flat_when_nearly_all_of_it_looks_alike(border: Tally, expected: Colour | None) -> None:
    found = flat_colour(border)
    if expected is None:
        assert found is None
    else:
        assert found is not None
        assert max(abs(a - b) for a, b in zip(found, expected, strict=True)) <= 1


@pytest.mark.parametrize(
    ("border", "expected"),
    [
        ([(1000, NAVY)], NAVY),  # the tenant's own
        ([(500, Colour(240, 230, 220)), (500, Colour(180, 210, 255))], WHITE),  # a bright photo
        ([(500, Colour(40, 30, 20)), (500, Colour(0, 10, 60))], NEAR_BLACK),  # a dark one
    ],
)
def test_an_opaque_picture_stands_on_its_own_background_or_in_a_calm_frame(border: Tally, expected: Colour) -> None:
    assert background_of_opaque(border) == expected


@pytest.mark.parametrize(
    ("edge", "expected"),
    [
        ([(100, WHITE)], NEAR_BLACK),
        ([(100, Colour(0, 0, 0))], WHITE),
        ([(100, NAVY)], WHITE),
        ([(100, YELLOW)], NEAR_BLACK),
        ([(90, NAVY), (10, WHITE)], WHITE),
        ([(10, NAVY), (90, WHITE)], NEAR_BLACK),
        ([(50, RED), (50, YELLOW)], NEAR_BLACK),  # red is readable on both
        ([(50, RED), (50, NAVY)], WHITE),
        ([(100, Colour(150, 0, 0))], WHITE),  # readable on both, better on white
        ([(100, Colour(20, 140, 160))], NEAR_BLACK),  # readable on both, better on black
        ([(95, Colour(120, 120, 120)), (5, Colour(0, 0, 0))], WHITE),
        ([(60, Colour(89, 89, 89)), (40, YELLOW)], WHITE),  # 7:1 is plenty, so what counts is how much of it is so
        ([(92, Colour(123, 123, 123)), (8, Colour(97, 97, 97))], NEAR_BLACK),  # all of it readable on both: a tie
    ],
)
def test_a_cutout_stands_where_most_of_its_edge_can_be_seen(edge: Tally, expected: Colour) -> None:
    assert background_of_cutout(edge) == expected


def test_a_refusal_says_why() -> None:
    assert PictureRefused(Reason.DAMAGED).reason is Reason.DAMAGED
    assert str(PictureRefused(Reason.TOO_MANY_PIXELS)) == "tooManyPixels"


def test_a_picture_does_not_spill_its_pixels_into_the_log() -> None:
    assert "pixels" not in repr(Picture(1, 1, WHITE, SCREEN, "0" * 64, b"abcd"))
