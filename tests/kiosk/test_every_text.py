"""Every text that we wrote, in every language, on a small screen and on a tall one: whole, large enough, and drawn."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from math import ceil

import pygame
import pytest
from tests.kiosk.reading import box, drawn_cap, image_of, lines_of, scanned, symbols, texts

from crewcheck_agent.core.facts import Fact
from crewcheck_agent.core.kiosk import (
    Connected,
    Disabled,
    Kiosk,
    Moment,
    NotFound,
    Offline,
    Pulse,
    Refusal,
    State,
    Trial,
    Unauthorized,
    Unprovisioned,
)
from crewcheck_agent.core.kiosk import Doubt as Doubtful
from crewcheck_agent.core.problem import Code, Problem
from crewcheck_agent.core.screen import Scanner, Screen, Surroundings, screen_of, screen_of_misconfigured
from crewcheck_agent.core.token import Identity, TokenFault
from crewcheck_agent.kiosk.layout import LONGEST_HEADLINE
from crewcheck_agent.kiosk.painter import GROUND, paint
from crewcheck_agent.languages import LANGUAGES, wording_in

SIZES = [(800, 480), (480, 800), (1080, 1920)]
NOW = datetime(2026, 6, 2, 14, 5, 30, tzinfo=UTC)
PULSE = Pulse(attempts=12, next_attempt=NOW)
ACME = Identity("acme", "3f2504e0-4f89-11d3-9a0c-0305e82c3301", "https://app.neostore.cloud")
HOST = "app.neostore.cloud"
ADDRESSES = ("192.168.178.120",)
BOTH = (*ADDRESSES, "2001:db8:85a3:8d3:1319:8a2e:370:7348")
VERSION = "0.1.0"
DETAILS = {
    Code.BAD_TOKEN: "environment",
    Code.CLOCK: "2019-01-01",
    Code.TLS: "certificate has expired",
    Code.STORAGE: "No space left on device",
    Code.DISPLAY: "kmsdrm not available",
}
ON_THE_WAY = (Code.NETWORK, Code.DNS, Code.TIMEOUT, Code.PROXY, Code.CAPTIVE_PORTAL, Code.TLS, Code.CLOCK, Code.SERVER)


def problem(code: Code, variant: str) -> Problem:
    detail = HOST if variant == TokenFault.ENVIRONMENT_NOT_ALLOWED else DETAILS.get(code, "HTTP 503")
    return Problem(code, detail, HOST, variant)


def kiosks(code: Code, variant: str) -> Iterator[Kiosk]:
    """Where a kiosk with this cause can be: each screen that has its words."""
    found = problem(code, variant)
    if code is Code.BAD_TOKEN or variant == "offered":
        yield Kiosk(Unprovisioned(), NOW, notice=found)
    if variant == "offered":
        yield Kiosk(Unauthorized(ACME), NOW, pulse=PULSE, notice=found)
    elif code in ON_THE_WAY or code is Code.BAD_ANSWER:
        yield Kiosk(Offline(ACME, found), NOW, pulse=PULSE)
        yield Kiosk(NotFound(ACME, "No such device.", found), NOW, pulse=PULSE)
        yield Kiosk(Unauthorized(ACME, "No such key."), NOW, pulse=PULSE, trial=Trial(2, ACME, None, found, PULSE))
    elif variant == "doubt":
        yield Kiosk(Connected(ACME), NOW, pulse=PULSE, doubt=Doubtful(Refusal(code.value), Moment(NOW, 0.0)))
    elif code in {Code.LOGO, Code.STORAGE, Code.DISPLAY}:
        yield Kiosk(Connected(ACME), NOW, pulse=PULSE, logo_problem=found)
        yield Kiosk(Disabled(ACME, "Device is disabled."), NOW, pulse=PULSE, storage_problem=found)


STATES: list[State] = [
    Unprovisioned(),
    Connected(ACME),
    Disabled(ACME, "Off."),
    Unauthorized(ACME),
    NotFound(ACME, "Gone."),
]


def screens(language: str, addresses: tuple[str, ...] = ADDRESSES) -> Iterator[Screen]:
    """Every screen, and every cause on each that can have it."""
    words = wording_in(language)
    for scanner in Scanner:
        around = Surroundings(words, VERSION, addresses, scanner)
        for state in STATES:
            yield screen_of(Kiosk(state, NOW, pulse=PULSE), around)
            yield screen_of(Kiosk(state, NOW, pulse=PULSE, trial=Trial(2, ACME)), around)
    around = Surroundings(words, VERSION, addresses, Scanner.PRESENT)
    for code, variant in words.problems:
        for kiosk in kiosks(code, variant):
            yield screen_of(kiosk, around)
    wrong = "/etc/crewcheck-agent/agent.toml: rotation = 45: this cannot be used. Allowed: 0, 90, 180 or 270 degrees"
    yield screen_of_misconfigured(Problem(Code.CONFIGURATION, wrong), NOW, around)


def said(screen: Screen) -> Iterator[str]:
    """Every text of a screen."""
    yield from (screen.headline, screen.staff, screen.notice)
    if screen.name:
        yield from (screen.name_label, screen.name)
    if screen.code:
        yield from (screen.code_label, screen.code)
    if screen.ticket:
        yield screen.ticket_label
    for fact in screen.technician:
        yield from (fact.label, fact.text)


def missing(screen: Screen, size: tuple[int, int]) -> list[str]:
    written = "".join(text.text for text in texts(screen, size)).replace(" ", "")
    return [text for text in said(screen) if text.replace(" ", "") not in written]


@lru_cache(maxsize=1)
def painted(screen: Screen, size: tuple[int, int]) -> pygame.Surface:
    return paint(screen, size)


def outside(screen: Screen, size: tuple[int, int]) -> int:
    """How many pixels in the margin are not the ground's; a font's hints may reach one pixel into it."""
    frame = painted(screen, size).copy()
    margin = ceil(min(size) / 12) - 1
    frame.fill(GROUND, frame.get_rect().inflate(-2 * margin, -2 * margin))
    return size[0] * size[1] - pygame.mask.from_threshold(frame, GROUND, (1, 1, 1)).count()


def covered(screen: Screen, size: tuple[int, int]) -> list[str]:
    lines = texts(screen, size)
    boxes = [*map(box, lines), *map(box, symbols(screen, size))]
    return [
        lines[number].text
        for number, each in enumerate(boxes[: len(lines)])
        if each.collidelist(boxes[number + 1 :]) != -1
    ]


def unread(screen: Screen, size: tuple[int, int]) -> list[str]:
    """The report that a scanner does not read off the screen."""
    wanted = [screen.ticket] if screen.code not in {"", "CC-10"} else []
    return [] if scanned(image_of(painted(screen, size))) == wanted else [screen.ticket]


def too_small(screen: Screen, size: tuple[int, int]) -> list[str]:
    """Lines that are set smaller than the screen's design asks for."""
    shorter = min(size)
    least = [(screen.headline, 14), (screen.staff, 26), (screen.notice, 26), (screen.code, 26)]
    small = [
        line.text
        for text, share in least
        for line in lines_of(screen, size, text)
        if drawn_cap(line.setting) < shorter / share
    ]
    return small + [line.text for line in texts(screen, size) if drawn_cap(line.setting) < max(9, shorter / 42)]


def without_a_glyph(screen: Screen, size: tuple[int, int]) -> list[str]:
    """Lines with a letter that their face does not have, even where another font would lend it."""
    return [
        line.text
        for line in texts(screen, size)
        if line.setting.legible(line.text) != line.text or any(line.setting._which(each) for each in line.text)
    ]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_whole_and_large_enough(language: str, size: tuple[int, int]) -> None:
    for screen in screens(language):
        found = (missing, covered, too_small, without_a_glyph, unread)
        assert {fault.__name__: fault(screen, size) for fault in found} == {fault.__name__: [] for fault in found}
        assert outside(screen, size) == 0, screen
        assert all(len(line.text) <= LONGEST_HEADLINE for line in lines_of(screen, size, screen.headline))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_report_says_which_machine_it_is_and_what_it_runs(language: str) -> None:
    labels = wording_in(language).labels
    for screen in screens(language, BOTH):
        if screen.ticket and screen.name:
            told = dict(line.replace("\u00a0", "").split(": ", 1) for line in screen.ticket.splitlines())
            assert told[labels.addresses] == ", ".join(BOTH)
            assert told[labels.version] == VERSION
            assert told[labels.device] == ACME.device_id


WHOLE = next(screens("en"))
TOO_MANY = tuple(Fact("Cause", f"What cause {number} is. " * 5) for number in range(20))


@pytest.mark.parametrize(
    ("fault", "screen", "size"),
    [
        (missing, replace(WHOLE, technician=TOO_MANY), (800, 480)),
        (covered, replace(WHOLE, name="W" * 64, name_label="x", staff="Wort " * 90), (60, 60)),
        (too_small, replace(WHOLE, staff="Halten Sie den Verbindungscode vor den Scanner. " * 6), (800, 480)),
        (without_a_glyph, replace(WHOLE, staff="\u2603 in a font that is not ours"), (800, 480)),
        (missing, replace(WHOLE, headline="\U00013000 in no font"), (800, 480)),
        (unread, replace(WHOLE, code="CC-22", ticket="too small for this screen"), (160, 120)),
        (outside, replace(WHOLE, staff="Wort " * 90), (60, 60)),
    ],
)
def test_the_checks_see_what_they_are_for(
    fault: Callable[[Screen, tuple[int, int]], object], screen: Screen, size: tuple[int, int]
) -> None:
    assert not fault(WHOLE, (800, 480))
    assert fault(screen, size)
