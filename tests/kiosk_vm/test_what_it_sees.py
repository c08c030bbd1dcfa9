"""What the emulated kiosk's test believes to see: tried without a machine."""

import string
from pathlib import Path

from PIL import Image, ImageDraw
from tests.kiosk_vm.kiosk import has_console_text, pieces
from tests.kiosk_vm.machine import keys_of
from tests.kiosk_vm.report import Entry, write

from crewcheck_agent.kiosk.painter import GROUND

_INK = (170, 170, 170)
_MIDDLE = (320, 240)


def wall(ground: tuple[int, int, int]) -> Image.Image:
    return Image.new("RGB", (640, 480), ground)


def write_on(picture: Image.Image, at: tuple[int, int] = (8, 8)) -> None:
    pen = ImageDraw.Draw(picture)
    pen.fontmode = "1"  # as a console's letters: no shades
    pen.text(at, "kiosk login:", fill=_INK, anchor="mm" if at == _MIDDLE else None)


def test_text_of_a_console_is_grey_on_black() -> None:
    picture = wall((0, 0, 0))
    write_on(picture)
    assert has_console_text(picture)


def test_a_dark_screen_and_a_kiosks_own_words_are_not_text_of_a_console() -> None:
    own = wall(GROUND)
    write_on(own)
    assert not has_console_text(own)
    assert not has_console_text(wall((0, 0, 0)))


def test_what_the_emulator_says_of_a_monitor_without_a_signal_is_not_text_of_a_console() -> None:
    off = wall((0, 0, 0))
    write_on(off, _MIDDLE)
    assert not has_console_text(off)
    write_on(off)
    assert has_console_text(off)


def test_there_are_keys_for_everything_that_a_code_is_made_of() -> None:
    pressed = {keys_of(character) for character in string.printable[:95] + "\n\t"}
    assert len(pressed) == 97, "two characters are typed with the same keys"
    assert keys_of("A") == ("shift", "a")
    assert keys_of('"') == ("shift", "apostrophe")


def test_a_leaked_part_of_a_secret_is_one_of_its_pieces() -> None:
    assert pieces("abcdefgh") == ["abcdef", "bcdefg", "cdefgh"]


def test_the_report_says_what_failed_and_carries_its_pictures(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    entries = [Entry("A step", "the logo", "", 1.5, wall(GROUND)), Entry("Another", "words", "<nothing>", 2, None)]
    write(page, "The emulated kiosk", ["seed 7"], entries)
    text = page.read_text()
    assert "1 failed" in text
    assert "&lt;nothing&gt;" in text
    assert text.count("data:image/png;base64,") == 1
