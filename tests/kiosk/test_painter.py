"""Every screen is as large, as quiet and as legible as the design asks, and looks as it was approved."""

from collections.abc import Callable
from dataclasses import replace
from math import ceil
from pathlib import Path

import pygame
import pytest
from PIL import Image, ImageChops
from tests.kiosk.reading import BLACK, WHITE, box, drawn_cap, image_of, inked, lines_of, scanned, symbols, texts

from crewcheck_agent.core.facts import Fact
from crewcheck_agent.core.picture import Colour, contrast
from crewcheck_agent.core.screen import Screen, Showing, Sign
from crewcheck_agent.kiosk import signs
from crewcheck_agent.kiosk.painter import GROUND, paint, palette
from crewcheck_agent.languages import LANGUAGES
from crewcheck_agent.tools.contact_sheet import SCENES, SIZES, main, references

REFERENCES = Path(__file__).parent / "reference"
WORDED = [name for name in SCENES if not name.startswith(("logo", "overlay"))]
CROWDED = ["setup, misread", "offline, portal", "unauthorized, refused again", "notFound, long names"]
USUAL = [name for name in WORDED if "long" not in name]
OTHER_SIZES = ((480, 800), (1024, 768), (720, 720), (1920, 360))
SHOWINGS = [showing for showing in Showing if showing is not Showing.LOGO]

HOSTILE = Screen(
    Showing.UNAUTHORIZED,
    Sign.UNPLUGGED,
    headline="Diese Selbstbedienungsstation ist vorübergehend außer Betrieb",
    staff="Geschwindigkeitsüberwachungsbehörden benötigen einen neuen Verbindungscode des Betreibers. " * 2,
    name_label="Gerätebezeichnung für die Störungsannahme",
    name="W" * 64,
    notice="Verbindungscode abgelehnt: Zertifikatsüberprüfungsverfahren fehlgeschlagen.",
    code_label="Unterstützungsnummer",
    code="CC-22",
    technician=tuple(
        Fact(label, text)
        for label, text in (
            ("Ursache", "Die Namensauflösung schlug fehl. " * 4),
            ("Nächster Verbindungsversuch", "14:05:30"),
            ("Server", "x" * 119),
            ("Mandant", "中文 😀 \U00013000 " * 5),
            ("Dienst", "https://ein-sehr-langer-name.example.com/und/ein/langer/pfad"),
            ("Version", "1.0"),
            ("Adresse", "fd00:1234:5678:9abc:def0:1234:5678:9abc, 192.168.100.200"),
        )
    ),
)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", USUAL)
def test_every_word_has_its_size(name: str, language: str, size: tuple[int, int]) -> None:
    screen = SCENES[name].screen(language)
    shorter = min(size)
    for text, least in ((screen.headline, 14), (screen.staff, 26), (screen.notice, 26), (screen.name, 26)):
        for line in lines_of(screen, size, text):
            assert drawn_cap(line.setting) >= shorter / least or text == screen.name, line.text
    assert min(drawn_cap(line.setting) for line in texts(screen, size)) >= max(9, shorter / 42)
    assert all(len(line.text) <= 38 for line in lines_of(screen, size, screen.headline))


@pytest.mark.parametrize("size", [*SIZES, *OTHER_SIZES])
@pytest.mark.parametrize("screen", [*(SCENES[name].screen("fr") for name in CROWDED), HOSTILE])
def test_all_words_are_inside_the_margin_and_none_covers_another(screen: Screen, size: tuple[int, int]) -> None:
    margin = ceil(min(size) / 12)
    inside = pygame.Rect(0, 0, *size).inflate(-2 * margin, -2 * margin)
    boxes = [*map(box, texts(screen, size)), *map(box, symbols(screen, size))]
    assert all(inside.contains(each) for each in boxes)
    assert all(each.collidelist(boxes[number + 1 :]) == -1 for number, each in enumerate(boxes))


@pytest.mark.parametrize("size", [*SIZES, *OTHER_SIZES])
@pytest.mark.parametrize("screen", [SCENES["notFound, long names"].screen("fr"), HOSTILE])
def test_no_word_for_the_public_and_the_staff_is_ever_lost(screen: Screen, size: tuple[int, int]) -> None:
    written = "".join(text.text for text in texts(screen, size)).replace(" ", "")
    for text in (screen.headline, screen.staff, screen.notice, screen.name, screen.code):
        assert text.replace(" ", "") in written


@pytest.mark.parametrize("size", SIZES)
def test_no_fact_for_the_technician_is_lost_at_a_usual_size(size: tuple[int, int]) -> None:
    screen = SCENES["notFound, long names"].screen("fr")
    written = "".join(text.text for text in texts(screen, size)).replace(" ", "")
    assert all(fact.text.replace(" ", "") in written for fact in screen.technician)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", USUAL)
def test_a_phone_reads_the_report_off_every_screen_with_a_code(name: str, language: str, size: tuple[int, int]) -> None:
    screen = SCENES[name].screen(language)
    assert scanned(image_of(SCENES[name].painted(language, size))) == (
        [screen.ticket] if screen.code not in {"", "CC-10"} else []
    )
    assert all(symbol.module >= max(2, min(size) / 270) for symbol in symbols(screen, size))


@pytest.mark.parametrize("size", [*SIZES, (480, 800)])
@pytest.mark.parametrize("name", [name for name in USUAL if SCENES[name].screen("en").name])
def test_the_report_takes_nothing_from_the_devices_name(name: str, size: tuple[int, int]) -> None:
    screen = SCENES[name].screen("de")
    assert symbols(screen, size)
    assert all(line.setting.cap >= min(size) / 26 for line in lines_of(screen, size, screen.name))


@pytest.mark.parametrize("name", [name for name in SCENES if name not in WORDED])
def test_there_is_no_report_on_a_logo(name: str) -> None:
    assert not scanned(image_of(SCENES[name].painted("en", (800, 480))))


@pytest.mark.parametrize("size", [(480, 270), (320, 240), (200, 100)])
def test_a_report_that_no_phone_could_read_is_left_out(size: tuple[int, int]) -> None:
    screen = SCENES["offline"].screen("en")
    assert not symbols(screen, size)
    assert not lines_of(screen, size, screen.ticket_label)
    assert not scanned(image_of(paint(screen, size)))


@pytest.mark.parametrize("size", [(800, 480), (480, 800), (1280, 800)])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", USUAL)
def test_the_margin_is_empty(name: str, language: str, size: tuple[int, int]) -> None:
    frame = SCENES[name].painted(language, size)
    frame.fill(GROUND, frame.get_rect().inflate(-2 * ceil(min(size) / 12), -2 * ceil(min(size) / 12)))
    assert pygame.mask.from_threshold(frame, GROUND, (1, 1, 1)).count() == size[0] * size[1]


@pytest.mark.parametrize("size", [(800, 480), (1080, 1080), (480, 800)])
def test_nothing_is_painted_in_the_outer_three_percent(size: tuple[int, int]) -> None:
    frame = paint(replace(HOSTILE, headline="ÄÖÜ ÅÇÑ", technician=(Fact("gjpqy", "gjpqy"),)), size)
    frame.fill(GROUND, frame.get_rect().inflate(-0.06 * size[0], -0.06 * size[1]))
    assert pygame.mask.from_threshold(frame, GROUND, (1, 1, 1)).count() == size[0] * size[1]


@pytest.mark.parametrize("showing", SHOWINGS)
def test_words_and_signs_stand_out_from_the_ground(showing: Showing) -> None:
    inks = palette(showing)
    for words in ("bright", "quiet", "accent", "notice"):
        assert contrast(Colour(*inks[words]), Colour(*GROUND)) >= 7.0


@pytest.mark.parametrize("sign", [sign for sign in Sign if sign is not Sign.NONE])
@pytest.mark.parametrize("height", [48, 134, 605])
def test_every_sign_is_drawn_whole(sign: Sign, height: int) -> None:
    drawn = signs.drawn(sign, height, WHITE, BLACK)
    assert drawn.get_size() == signs.size_of(sign, height)
    assert inked(drawn).width > 0.8 * drawn.get_width()
    assert not any(drawn.get_at((x, y))[0] > 200 for x in range(drawn.get_width()) for y in (0, height - 1))


def test_signs_differ_in_shape_and_not_only_in_colour() -> None:
    shapes = {signs.drawn(sign, 64, WHITE, BLACK).get_buffer().raw for sign in Sign if sign is not Sign.NONE}
    assert len(shapes) == len(Sign) - 1


def test_the_same_screen_gives_the_same_pixels() -> None:
    screen = SCENES["offline"].screen("fr")
    assert paint(screen, (800, 480)).get_buffer().raw == paint(screen, (800, 480)).get_buffer().raw


BLOCK = 8  # pixels: what a font's hints move is within one, what a person would call a change is not
TOLERANCE = 41  # of 255, in a block's mean: two FreeTypes differ by up to 41, the lost mark by 42, a small letter by 47


def differs(one: Image.Image, other: Image.Image) -> bool:
    """Whether a person would call these two pictures different: lines, letters, signs and colours, not hints."""
    if one.size != other.size:
        return True
    coarse = (one.width // BLOCK, one.height // BLOCK)
    blocks = [each.resize(coarse, Image.Resampling.BOX) for each in (one, other)]
    if max(ImageChops.difference(*blocks).tobytes()) > TOLERANCE:
        return True
    return any(abs(count - colours(other).get(colour, 0)) > 0.25 * count for colour, count in colours(one).items())


def colours(image: Image.Image) -> dict[object, int]:
    """The flat colours: of the ground, of words and signs; not those of their smoothed edges."""
    counted = image.getcolors(image.width * image.height) or []
    return {colour: count for count, colour in counted if count >= image.width * image.height / 200}


APPROVED = dict(references())


def approved_image(name: str) -> Image.Image:
    with Image.open(REFERENCES / name) as image:
        return image.convert("RGB")


@pytest.mark.parametrize("name", APPROVED)
def test_the_screen_looks_as_it_was_approved(name: str) -> None:
    """Redrawn, when it is meant to change, by `contact_sheet --references tests/kiosk/reference`."""
    assert not differs(approved_image(name), image_of(APPROVED[name]))


def test_no_reference_is_left_over() -> None:
    assert {path.name for path in REFERENCES.glob("*.png")} == set(APPROVED)


CHANGES: dict[str, Callable[[Screen], Screen]] = {
    "a letter of the smallest words": lambda screen: replace(
        screen, technician=(*screen.technician[:-1], Fact("Tenant", "acne"))
    ),
    "the code's last figure": lambda screen: replace(screen, code="CC-23"),
    "one line less": lambda screen: replace(screen, technician=screen.technician[:-1]),
    "another sign": lambda screen: replace(screen, sign=Sign.CLOUD_OFF),
    "another colour": lambda screen: replace(screen, showing=Showing.UNAUTHORIZED),
    "a word": lambda screen: replace(screen, staff="Check the network cable and the routers."),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_comparison_sees_a_change(change: str) -> None:
    screen = SCENES["offline"].screen("en")
    approved = approved_image("offline.en.png")
    assert differs(approved, image_of(paint(CHANGES[change](screen), (800, 480))))


def test_the_comparison_sees_everything_moved_by_two_pixels() -> None:
    approved = approved_image("offline.en.png")
    assert differs(approved, ImageChops.offset(approved, 0, 2))
    assert differs(approved, ImageChops.offset(approved, 2, 0))


def test_the_comparison_sees_a_lost_mark_and_a_slightly_other_colour() -> None:
    assert differs(approved_image("logo-offline.en.png"), approved_image("logo-dark.en.png"))
    approved = approved_image("disabled.en.png")
    assert differs(approved, approved.point(lambda value: min(255, value + 3)))


def test_the_comparison_sees_another_size() -> None:
    assert differs(Image.new("RGB", (8, 8)), Image.new("RGB", (16, 8)))


@pytest.mark.parametrize("option", ["--grey", "--deuteranopia"])
def test_the_contact_sheet_is_painted(tmp_path: Path, option: str) -> None:
    output = tmp_path / "sheet.png"
    assert main([str(output), "--scene", "logo, photo, offline", option]) == 0
    with Image.open(output) as sheet:
        assert sheet.width > 3000


def test_references_are_painted_by_one_command(tmp_path: Path) -> None:
    assert main([str(tmp_path), "--references"]) == 0
    assert {path.name for path in tmp_path.iterdir()} == set(APPROVED)
