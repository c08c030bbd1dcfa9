"""The trimmed pygame: small at first, whole as soon as somebody asks for more."""

import json
import subprocess
import sys

import pytest

FIRST = """
import json, sys
import crewcheck_agent.kiosk.sdl
import pygame
print(json.dumps(sorted(name for name, module in sys.modules.items() if module is not None)))
"""


def run(program: str) -> str:
    done = subprocess.run((sys.executable, "-W", "error", "-c", program), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


def test_the_first_import_loads_nothing_that_a_kiosk_does_not_need() -> None:
    loaded = set(json.loads(run(FIRST)))
    assert "pygame.display" in loaded, "the display is there"
    unwanted = ("mixer", "mixer_music", "sndarray", "surfarray", "joystick", "freetype", "ftfont", "font", "sysfont",
                "scrap", "sprite", "threads", "fastevent", "cdrom", "pkgdata", "imageext", "mask", "draw")  # fmt: skip
    assert not loaded & {"numpy", "pkg_resources", *(f"pygame.{name}" for name in unwanted)}


@pytest.mark.parametrize("name", ["draw", "font", "imageext", "mask", "pixelarray", "pixelcopy", "pkgdata", "sysfont"])
def test_what_was_held_back_can_be_had_later(name: str) -> None:
    told = run(f"import crewcheck_agent.kiosk.sdl, pygame.{name}; print(pygame.{name}.__name__)")
    assert told == f"pygame.{name}\n"


def test_words_can_be_drawn_later() -> None:
    told = run(
        "import crewcheck_agent.kiosk.sdl\n"
        "import pygame, pygame.font\n"
        "pygame.font.init()\n"
        "print(pygame.font.Font(None, 40).render('CC-22', True, 'white').get_bounding_rect().width > 40)"
    )
    assert told == "True\n"


def test_what_somebody_imported_before_stays_theirs() -> None:
    told = run(
        "import pygame, pygame.font, pygame.mixer\n"
        "import crewcheck_agent.kiosk.sdl\n"
        "import sys; print(sys.modules['pygame.font'] is pygame.font, sys.modules['pygame.mixer'] is pygame.mixer)"
    )
    assert told.splitlines()[-1] == "True True"


def test_the_trimmed_import_says_nothing_of_itself() -> None:
    assert run("import crewcheck_agent.kiosk.sdl") == ""
