"""Letters are as high as asked for, whatever fonts there are, and no letter makes the kiosk stumble."""

from pathlib import Path

import pygame
import pytest

from crewcheck_agent.kiosk.typeface import DIRECTORY, Face, Setting, setting

INK = (255, 255, 255)


def drawn_box(face: Setting, text: str, width: int = 1200) -> pygame.Rect:
    """Where there is ink in the first pixels of the text when it is written at (0, 100)."""
    surface = pygame.Surface((width, 400), depth=32)
    face.draw(surface, text, (0, 100), INK)
    mask = pygame.mask.from_threshold(surface, INK, (200, 200, 200))
    rects: list[pygame.Rect] = mask.get_bounding_rects()  # type: ignore[assignment] # pygame's stubs err
    return rects[0].unionall(rects[1:])


@pytest.mark.parametrize("face", Face)
@pytest.mark.parametrize("cap", [9, 12, 19, 35, 78, 155])
def test_capitals_are_drawn_at_least_as_high_as_asked_for(face: Face, cap: int) -> None:
    assert drawn_box(setting(face, cap), "H").height >= cap


@pytest.mark.parametrize("face", Face)
def test_the_first_font_of_every_face_is_installed_here(face: Face) -> None:
    assert (DIRECTORY / face.value[0]).is_file()


def test_an_accent_above_the_capitals_does_not_push_the_line_down() -> None:
    face = setting(Face.REGULAR, 40)
    width = face.width("H") - 2
    assert drawn_box(face, "HÀ", width) == drawn_box(face, "H", width)


def test_a_kiosk_without_our_fonts_still_writes(tmp_path: Path) -> None:
    face = Setting(Face.BOLD, 20, tmp_path)
    assert face.width("CC-22") > 0
    assert drawn_box(face, "H").height >= 20


def test_letters_of_another_script_come_from_another_font() -> None:
    face = setting(Face.REGULAR, 20)
    assert face.legible("Ж 😀 ∑") == "Ж 😀 ∑"
    assert face.width("Ж") > 0
    assert drawn_box(face, "Ж😀").height >= 20


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("kiosk-7", "kiosk-7"),
        ("Café\u00a014\u202f: n°\u20093", "Café\u00a0\u200914".replace("\u2009", "") + "\u202f: n°\u20093"),
        ("\U00013000", "\\u13000"),  # a hieroglyph
        ("a\x07b\u200bc\ue000", "a\\u0007b\\u200Bc\\uE000"),
    ],
)
def test_what_no_font_can_draw_is_written_as_its_code(text: str, shown: str) -> None:
    assert setting(Face.LETTERS, 20).legible(text) == shown


def test_a_missing_letter_that_was_not_replaced_does_no_harm() -> None:
    assert drawn_box(setting(Face.REGULAR, 20), "H\U00013000").height >= 20
