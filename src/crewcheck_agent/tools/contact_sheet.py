"""Every screen in one picture, to be looked at: `python -m crewcheck_agent.tools.contact_sheet SHEET.png`."""

import argparse
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")

import pygame
from PIL import Image

from crewcheck_agent.core.facts import Link, Vitals
from crewcheck_agent.core.kiosk import (
    Connected,
    Connecting,
    Disabled,
    Kiosk,
    Logo,
    NotFound,
    Offline,
    Pulse,
    Trial,
    Unauthorized,
    Unprovisioned,
    Verdict,
    Word,
)
from crewcheck_agent.core.picture import NEAR_BLACK, WHITE, Box, Colour, Picture, Size, fitted
from crewcheck_agent.core.problem import Code, Problem
from crewcheck_agent.core.screen import Scanner, Screen, Showing, Surroundings, screen_of
from crewcheck_agent.core.token import Identity, TokenFault
from crewcheck_agent.kiosk.frame import logo_frame, turned
from crewcheck_agent.kiosk.painter import GROUND, paint, paint_overlay
from crewcheck_agent.kiosk.typeface import Face, setting
from crewcheck_agent.languages import LANGUAGES, wording_in

_NOW = datetime(2026, 6, 2, 14, 5, 30, tzinfo=UTC)
_PULSE = Pulse(attempts=2, next_attempt=_NOW)
_HEARD = Pulse(2, datetime(2026, 6, 2, 13, 58, tzinfo=UTC), _NOW)
_VITALS = Vitals((Link("eth0", rate=1000), Link("wlan0", signal=-61)), 48, datetime(2026, 5, 28, 8, 0, tzinfo=UTC))
_ACME = Identity("acme", "3f2504e0-4f89-11d3-9a0c-0305e82c3301", "https://app.neostore.cloud")
_LONG = Identity(
    "a-tenant-with-a-very-long-name-indeed", "K1OSK0" * 10 + "lI1O", "https://devices.a-very-long-name.example.com/api"
)
_DNS = Problem(Code.DNS, host="app.neostore.cloud")
_LOGO = Logo("https://acme.example/logo.png", "0" * 64, _NOW)
_SEEN = Verdict(_ACME, Word.CONNECTED, _NOW, logo_url=_LOGO.url, logo=_LOGO)


@dataclass(frozen=True, slots=True)
class Scene:
    """Something that happens to a kiosk. `logo` names one of `LOGOS` where the kiosk has one at hand."""

    kiosk: Kiosk
    scanner: Scanner = Scanner.PRESENT
    logo: str = ""

    def screen(self, language: str) -> Screen:
        """What the kiosk shows then."""
        around = Surroundings(wording_in(language), "0.1.0", ("192.168.1.20",), self.scanner, bool(self.logo), _VITALS)
        return screen_of(self.kiosk, around)

    def painted(self, language: str, size: tuple[int, int]) -> pygame.Surface:
        """The frame, upright."""
        screen = self.screen(language)
        if screen.showing is Showing.LOGO:
            frame = logo_frame(size, LOGOS[self.logo](Box(*size)), offline=screen.offline_mark)
        else:
            frame = paint(screen, size)
        if screen.overlay:
            paint_overlay(frame, screen.overlay)
        return frame


def _refused(code: Code) -> Problem:
    return Problem(code, variant="offered")


SCENES = {
    "setup": Scene(Kiosk(Unprovisioned(), _NOW)),
    "setup, no scanner": Scene(Kiosk(Unprovisioned(), _NOW), Scanner.MISSING),
    "setup, misread": Scene(
        Kiosk(Unprovisioned(), _NOW, notice=Problem(Code.BAD_TOKEN, variant=TokenFault.NOT_A_CODE))
    ),
    "connecting, first time": Scene(
        Kiosk(Unprovisioned(), _NOW, trial=Trial(1, _ACME, pulse=Pulse(next_attempt=_NOW)))
    ),
    "connecting": Scene(Kiosk(Connecting(_ACME), _NOW, pulse=_PULSE)),
    "connected, bad logo": Scene(
        Kiosk(
            Connected(_ACME),
            _NOW,
            pulse=_PULSE,
            logo_problem=Problem(Code.LOGO, "HTTP 404", "acme.example", "unreachable"),
        )
    ),
    "logo, white on nothing": Scene(Kiosk(Connected(_ACME), _NOW, verdict=_SEEN), logo="white"),
    "logo, dark": Scene(Kiosk(Connected(_ACME), _NOW, verdict=_SEEN), logo="dark"),
    "logo, offline": Scene(Kiosk(Offline(_ACME, _DNS), _NOW, verdict=_SEEN), logo="dark"),
    "logo, photo, offline": Scene(Kiosk(Offline(_ACME, _DNS), _NOW, verdict=_SEEN), logo="photo"),
    "offline": Scene(Kiosk(Offline(_ACME, _DNS), _NOW, pulse=_PULSE)),
    "offline, cloud": Scene(Kiosk(Offline(_ACME, Problem(Code.SERVER, "HTTP 503", _DNS.host)), _NOW, pulse=_PULSE)),
    "offline, portal": Scene(Kiosk(Offline(_ACME, Problem(Code.CAPTIVE_PORTAL, "", _DNS.host)), _NOW, pulse=_PULSE)),
    "disabled": Scene(Kiosk(Disabled(_ACME, "Device is disabled."), _NOW, pulse=_PULSE)),
    "unauthorized": Scene(Kiosk(Unauthorized(_ACME), _NOW, pulse=_PULSE)),
    "unauthorized, refused again": Scene(
        Kiosk(Unauthorized(_ACME, "Unknown key.", _DNS), _NOW, pulse=_PULSE, notice=_refused(Code.UNAUTHORIZED))
    ),
    "notFound": Scene(Kiosk(NotFound(_ACME, "No such device."), _NOW, pulse=_PULSE)),
    "overlay": Scene(
        Kiosk(Offline(_ACME, _DNS), _NOW, verdict=_SEEN, pulse=_HEARD, overlay_until=60.0),
        logo="dark",
    ),
    "overlay, all is well": Scene(
        Kiosk(Connected(_ACME), _NOW, verdict=_SEEN, pulse=_HEARD, overlay_until=60.0), logo="white"
    ),
    "overlay, words": Scene(Kiosk(Disabled(_ACME, "Off."), _NOW, pulse=_HEARD, overlay_until=60.0)),
    "overlay, setup": Scene(Kiosk(Unprovisioned(), _NOW, overlay_until=60.0), Scanner.MISSING),
    "overlay, long names": Scene(
        Kiosk(NotFound(_LONG, "", _DNS), _NOW, verdict=_SEEN, pulse=_HEARD, overlay_until=60.0), logo="dark"
    ),
    "notFound, long names": Scene(
        Kiosk(NotFound(_LONG, "x" * 119, _DNS), _NOW, pulse=_PULSE, notice=_refused(Code.NOT_FOUND)), Scanner.MISSING
    ),
}
"""Every screen, and what matters about each."""

SIZES = ((800, 480), (1280, 800), (1920, 1080), (1080, 1920), (3840, 2160))


def _picture(box: Box, proportions: Size, background: Colour, draw: Callable[[pygame.Surface], None]) -> Picture:
    size = fitted(Size(proportions.width * 40, proportions.height * 40), box)
    surface = pygame.Surface(size, pygame.SRCALPHA, 32)
    draw(surface)
    return Picture(size.width, size.height, background, box, "0" * 64, pygame.image.tobytes(surface, "RGBA"))


def _emblem(colour: Colour) -> Callable[[pygame.Surface], None]:
    def draw(surface: pygame.Surface) -> None:
        height = surface.get_height()
        pygame.draw.circle(surface, colour, (height / 2, height / 2), height / 2, height // 8)
        letters = setting(Face.BOLD, height // 2)
        letters.draw(surface, "ACME", (round(1.3 * height), (height - letters.cap) // 2), colour)

    return draw


def _dusk(surface: pygame.Surface) -> None:
    for y in range(surface.get_height()):
        share = y / surface.get_height()
        surface.fill((round(40 + 190 * share), round(60 + 70 * share), round(120 - 30 * share)), (0, y, 100_000, 1))


LOGOS: dict[str, Callable[[Box], Picture]] = {
    "white": lambda box: _picture(box, Size(36, 10), NEAR_BLACK, _emblem(WHITE)),
    "dark": lambda box: _picture(box, Size(36, 10), WHITE, _emblem(Colour(24, 48, 96))),
    "photo": lambda box: _picture(box, Size(32, 18), NEAR_BLACK, _dusk),
}

_CELL = 240  # pixels: the height of one screen on the sheet
_GAP = 12
_LABEL = 12  # pixels: its capitals
_PAPER = (112, 112, 112)

# Viénot, Brettel and Mollon 1999, applied to the coded values: enough to see which colours fall together.
_DEUTERANOPIA = (0.29, 0.71, 0.0, 0.0, 0.29, 0.71, 0.0, 0.0, -0.02, 0.02, 1.0, 0.0)


def sheet(scenes: Mapping[str, Scene] = SCENES) -> pygame.Surface:
    """The scenes in all languages and sizes, and one in four rotations."""
    rows = [_row(name, scene) for name, scene in scenes.items()]
    rows.append(_labelled("rotations", [_small(frame) for frame in _rotations()]))
    width = max(row.get_width() for row in rows)
    whole = pygame.Surface((width, sum(row.get_height() for row in rows)), depth=32)
    whole.fill(_PAPER)
    top = 0
    for row in rows:
        whole.blit(row, (0, top))
        top += row.get_height()
    return whole


def _row(name: str, scene: Scene) -> pygame.Surface:
    return _labelled(name, [_small(scene.painted(language, size)) for language in LANGUAGES for size in SIZES])


def _rotations() -> Iterator[pygame.Surface]:
    for rotation in (0, 90, 180, 270):
        size = (800, 1280) if rotation in {90, 270} else (1280, 800)
        yield turned(SCENES["disabled"].painted("en", size), rotation, ground=GROUND)


def _small(frame: pygame.Surface) -> pygame.Surface:
    width, height = frame.get_size()
    return pygame.transform.smoothscale(frame, (round(width * _CELL / height), _CELL))


def _labelled(name: str, frames: Sequence[pygame.Surface]) -> pygame.Surface:
    width = sum(frame.get_width() + _GAP for frame in frames) + _GAP
    row = pygame.Surface((width, _CELL + 3 * _GAP + _LABEL), depth=32)
    row.fill(_PAPER)
    setting(Face.BOLD, _LABEL).draw(row, name, (_GAP, _GAP), (255, 255, 255))
    left = _GAP
    for frame in frames:
        row.blit(frame, (left, 2 * _GAP + _LABEL))
        left += frame.get_width() + _GAP
    return row


def save(surface: pygame.Surface, path: Path, *, grey: bool = False, deuteranopia: bool = False) -> None:
    """Write a small PNG; in shades of grey, or as a person without green receptors sees it, where asked for."""
    image = Image.frombytes("RGB", surface.get_size(), pygame.image.tobytes(surface, "RGB"))
    if deuteranopia:
        image = image.convert("RGB", _DEUTERANOPIA)
    if grey:
        image = image.convert("L")
    image.save(path, optimize=True)


def references() -> Iterator[tuple[str, pygame.Surface]]:
    """By file name, the pictures that the tests compare the painter with: each kind of screen, lying and standing."""
    for name, scene in SCENES.items():
        if "," not in name or name in {"logo, dark", "logo, offline", "setup, misread"}:
            for language in LANGUAGES:
                yield f"{name.replace(', ', '-')}.{language}.png", scene.painted(language, (800, 480))
            yield f"{name.replace(', ', '-')}.en.upright.png", scene.painted("en", (480, 800))


def main(arguments: Sequence[str] | None = None) -> int:
    """Paint the sheet, or with `--references` the tests' reference pictures."""
    parser = argparse.ArgumentParser(prog="contact_sheet", description="Every screen in one picture.")
    parser.add_argument("output", type=Path, help="the picture to write; with --references, the folder")
    parser.add_argument("--grey", action="store_true", help="in shades of grey")
    parser.add_argument("--deuteranopia", action="store_true", help="as a person without green receptors sees it")
    parser.add_argument("--references", action="store_true", help="write the tests' reference pictures instead")
    parser.add_argument("--scene", choices=SCENES, help="this one alone")
    options = parser.parse_args(arguments)
    if options.references:
        for name, frame in references():
            save(frame, options.output / name)
    else:
        scenes = {options.scene: SCENES[options.scene]} if options.scene else SCENES
        save(sheet(scenes), options.output, grey=options.grey, deuteranopia=options.deuteranopia)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
