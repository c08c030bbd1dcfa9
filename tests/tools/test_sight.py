"""What the tour's eyes see, on pictures painted for them."""

import pytest
from PIL import Image, ImageDraw

from crewcheck_agent.simulator.artwork import demo_logo
from crewcheck_agent.tools import sight

SIZE = (1280, 720)
WHITE, DARK = (255, 255, 255), (17, 32, 41)
INKS = [((200, 0, 0), 1.0), ((0, 0, 200), 0.5)]
ON_WHITE = [(200, 0, 0), (128, 128, 228)]


def logo(*, left: int = 400, top: int = 130, size: int = 430) -> Image.Image:
    """A square in two halves; by default where a logo belongs: 425 to 855 across, 130 to 560 down."""
    picture = Image.new("RGB", SIZE, WHITE)
    pen = ImageDraw.Draw(picture)
    left += 25
    pen.rectangle((left, top, left + size // 2, top + size - 1), ON_WHITE[0])
    pen.rectangle((left + size // 2, top, left + size - 1, top + size - 1), ON_WHITE[1])
    return picture


def marked(picture: Image.Image) -> Image.Image:
    copy = picture.copy()
    ImageDraw.Draw(copy).line((1210, 650, 1235, 675), (90, 90, 90), 3)
    return copy


def words(ground: tuple[int, int, int] = DARK, share: float = 0.05) -> Image.Image:
    picture = Image.new("RGB", SIZE, ground)
    picture.paste((245, 242, 235), (100, 100, 1100, 100 + round(share * SIZE[1])))
    return picture


def test_the_demos_logo_has_seven_inks() -> None:
    inks = sight.inks_of(demo_logo())
    assert len(inks) == 7
    assert inks[0] == ((0x3D, 0x5A, 0xF1), 0.92)


@pytest.mark.parametrize("moved", [0, 3, -3])
def test_a_logo_in_its_place_is_seen_also_when_shifted_against_burn_in(moved: int) -> None:
    assert sight.no_logo_there(logo(left=400 + moved, top=130 + moved), INKS) == ""
    assert sight.no_logo_there(marked(logo()), INKS) == ""


@pytest.mark.parametrize(
    ("picture", "complaint"),
    [
        (Image.new("RGB", SIZE, WHITE), "2 of the logo's 2 colours are not on the screen"),
        (logo(left=200), "the logo is 200 pixels from the middle"),
        (logo(top=280), "the logo is not centred: 280 pixels above it, 10 below"),
        (logo(top=20), "the logo is not centred: 20 pixels above it, 270 below"),
        (logo(left=550, top=240, size=130), "what is there is only 130 x 130 pixels"),
        (logo(left=350, top=60, size=530), "what is there is 530 x 530 pixels, too large"),
        (words(), "2 of the logo's 2 colours are not on the screen"),
    ],
)
def test_anything_else_is_not_a_logo(picture: Image.Image, complaint: str) -> None:
    assert sight.no_logo_there(picture, INKS) == complaint


def test_a_logo_stands_on_one_ground() -> None:
    picture = logo()
    picture.putpixel((SIZE[0] - 1, 0), (0, 0, 0))
    assert sight.no_logo_there(picture, INKS) == "the corners are not all of one colour"


def test_an_empty_screen_has_no_logo_even_of_no_colours() -> None:
    assert sight.no_logo_there(Image.new("RGB", SIZE, WHITE), []) == "the screen is empty"


def test_a_logo_that_stayed_is_seen() -> None:
    assert sight.logo_left_over(logo(), INKS) == "2 of the logo's 2 colours are still on the screen"
    assert sight.logo_left_over(words(), INKS) == ""


@pytest.mark.parametrize(
    ("picture", "complaint"),
    [
        (words(), ""),
        (words(share=0), "the screen is empty"),
        (words(ground=WHITE), "the screen's ground is not the one of a screen with words, #112029"),
    ],
)
def test_words_stand_on_their_own_ground(picture: Image.Image, complaint: str) -> None:
    assert sight.no_words_there(picture, DARK) == complaint


def test_the_mark_is_looked_for_in_its_corner() -> None:
    assert not sight.has_mark(logo())
    assert sight.has_mark(marked(logo()))


def test_how_much_two_pictures_differ() -> None:
    assert sight.difference(logo(), logo()) == 0
    assert sight.difference(words(share=0), words(share=0.1)) == pytest.approx(0.078, abs=0.001)
    assert sight.difference(logo(), Image.new("RGB", (10, 10))) == 1
