"""What the journal is told: one table of (before, event, after, lines). Transitions, never attempts."""

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crewcheck_agent import __version__
from crewcheck_agent.chronicle import Chronicle
from crewcheck_agent.core.events import (
    Adopted,
    Answered,
    Event,
    Forgotten,
    LogoFailed,
    LogoReady,
    Misread,
    Missed,
    Offered,
    Origin,
    Scheduled,
    Stored,
    Unlocked,
)
from crewcheck_agent.core.kiosk import (
    Connected,
    Good,
    Kiosk,
    Logo,
    Moment,
    Pulse,
    Refusal,
    Refused,
    SwitchedOff,
    Trial,
    Unprovisioned,
    Verdict,
    Word,
)
from crewcheck_agent.core.messages import words_for
from crewcheck_agent.core.problem import Code, Lack, Problem, printable, short_code
from crewcheck_agent.core.screen import Scanner
from crewcheck_agent.core.state import advance
from crewcheck_agent.core.status import ScannerReport
from crewcheck_agent.core.token import ConnectionToken, Identity, Secret
from crewcheck_agent.kiosk.journal import Kind
from crewcheck_agent.languages import wording_in

ENGLISH = wording_in("en")
NOON = datetime(2026, 6, 2, 12, tzinfo=UTC)
NOW = Moment(NOON, 100.0)
SOON = Moment(NOON + timedelta(seconds=9), 109.0)
IDENTITY = Identity("acme", "kiosk-7", "https://app.neostore.cloud")
OTHER = replace(IDENTITY, device_id="kiosk-8")
LOGO = Logo("https://acme.example/logo.png", "ab" * 32, NOON)
NEW_LOGO = replace(LOGO, sha256="cd" * 32)
DNS = Problem(Code.DNS, "no such name", "app.neostore.cloud:443")
TIMEOUT = Problem(Code.TIMEOUT)
BAD_LOGO = Problem(Code.LOGO, variant="damaged")
MISREAD = Problem(Code.BAD_TOKEN, variant="notACode")
FULL = Problem(Code.STORAGE, "No space left on device")

NEW = Kiosk(Unprovisioned(), NOON)
HEALTHY = Kiosk(
    Connected(IDENTITY), NOON, 1, Verdict(IDENTITY, Word.CONNECTED, NOON, "", LOGO.url, LOGO), Pulse(), claims=2
)
TRYING = replace(NEW, trial=Trial(3, OTHER), claims=3)
ADOPTING = replace(NEW, trial=Trial(3, OTHER, answer=Good(LOGO.url)), claims=3)


def after(kiosk: Kiosk, *events: Event) -> Kiosk:
    for event in events:
        kiosk, _ = advance(kiosk, event)
    return kiosk


def missed(problem: Problem = DNS, attempts: int = 1, claim: int = 1) -> Missed:
    return Missed(claim, problem, NOW, attempts, SOON)


def said(problem: Problem) -> str:
    words = words_for(problem, ENGLISH)
    return f"{words.message} {words.advice} ({short_code(problem.code)})"


OFFLINE = after(HEALTHY, missed())
DISABLED = after(HEALTHY, Answered(1, SwitchedOff("HTTP 400"), NOW))
REFUSED = Refused(Refusal.UNAUTHORIZED, "HTTP 401")
DOUBTED = Problem(Code.UNAUTHORIZED, "HTTP 401", variant="doubt")
GOOD = Answered(1, Good(LOGO.url), NOW)
SCANNED = Offered(ConnectionToken(OTHER, Secret("nobody-sees")), Origin.SCAN, NOW)
OFFERED_REFUSED = Problem(Code.UNAUTHORIZED, "HTTP 401", variant="offered")

Line = tuple[str, Kind, str]
W, I = "WARNING", "INFO"  # noqa: E741
TABLE: list[tuple[str, Kiosk, Event, list[Line]]] = [
    ("an answer like the last", HEALTHY, GOOD, []),
    ("a plan", HEALTHY, Scheduled(1, SOON), []),
    ("the first miss", HEALTHY, missed(), [(W, Kind.STATE_CHANGED, f"offline: {said(DNS)}")]),
    ("the second miss", OFFLINE, missed(attempts=2), []),
    ("the thousandth miss", OFFLINE, missed(attempts=1000), []),
    ("a miss for another cause", OFFLINE, missed(TIMEOUT), [(W, Kind.PROBLEM_NAMED, said(TIMEOUT))]),
    ("the network is back", OFFLINE, GOOD, [(I, Kind.STATE_CHANGED, "connected")]),
    (
        "the operator's no",
        HEALTHY,
        Answered(1, SwitchedOff("HTTP 400"), NOW),
        [(W, Kind.STATE_CHANGED, f"disabled: {said(Problem(Code.DISABLED, 'HTTP 400'))}")],
    ),
    ("the operator's no again", DISABLED, Answered(1, SwitchedOff("HTTP 400"), NOW), []),
    ("a miss while switched off", DISABLED, missed(), [(W, Kind.PROBLEM_NAMED, said(DNS))]),
    ("the operator's yes", DISABLED, GOOD, [(I, Kind.STATE_CHANGED, "connected")]),
    ("a first refusal", HEALTHY, Answered(1, REFUSED, NOW), [(W, Kind.PROBLEM_NAMED, said(DOUBTED))]),
    (
        "a stray refusal",
        after(HEALTHY, Answered(1, REFUSED, NOW)),
        GOOD,
        [(I, Kind.PROBLEM_GONE, f"no longer the case: {words_for(DOUBTED, ENGLISH).message}")],
    ),
    (
        "a second refusal",
        after(HEALTHY, Answered(1, REFUSED, NOW)),
        Answered(1, REFUSED, SOON),
        [(W, Kind.STATE_CHANGED, f"key refused: {said(Problem(Code.UNAUTHORIZED, 'HTTP 401'))}")],
    ),
    ("a new logo", HEALTHY, LogoReady(1, NEW_LOGO), [(I, Kind.LOGO_CHANGED, f"a new logo is on show: {LOGO.url}")]),
    ("the same logo", HEALTHY, LogoReady(1, replace(LOGO, etag='"2"')), []),
    ("a bad logo", HEALTHY, LogoFailed(1, LOGO.url, BAD_LOGO), [(W, Kind.PROBLEM_NAMED, said(BAD_LOGO))]),
    ("a bad logo again", after(HEALTHY, LogoFailed(1, LOGO.url, BAD_LOGO)), LogoFailed(1, LOGO.url, BAD_LOGO), []),
    ("a full disk", HEALTHY, Stored(FULL), [(W, Kind.PROBLEM_NAMED, said(FULL))]),
    (
        "room again",
        after(HEALTHY, Stored(FULL)),
        Stored(None),
        [(I, Kind.PROBLEM_GONE, f"no longer the case: {words_for(FULL, ENGLISH).message}")],
    ),
    ("a scan that counts", NEW, SCANNED, [(I, Kind.STATE_CHANGED, "connecting")]),
    ("a scan that does not", HEALTHY, SCANNED,
     [(I, Kind.CODE_IGNORED, "a scanned code was ignored: this kiosk is set up")]),
    ("garbage where scans count", NEW, Misread(MISREAD, Origin.SCAN, NOW), [(W, Kind.CODE_REFUSED, said(MISREAD))]),
    ("the same garbage again", after(NEW, Misread(MISREAD, Origin.SCAN, NOW)), Misread(MISREAD, Origin.SCAN, NOW), []),
    ("garbage where they do not", HEALTHY, Misread(MISREAD, Origin.SCAN, NOW),
     [(I, Kind.CODE_IGNORED, "a scanned code was ignored: this kiosk is set up")]),
    ("garbage from a tool", HEALTHY, Misread(MISREAD, Origin.TOOL, NOW), [(W, Kind.CODE_REFUSED, said(MISREAD))]),
    (
        "a refused offer",
        replace(HEALTHY, trial=Trial(3, OTHER)),
        Answered(3, REFUSED, NOW),
        [(W, Kind.CODE_REFUSED, said(OFFERED_REFUSED))],
    ),
    (
        "a first offer without network",
        TRYING,
        missed(claim=3),
        [(W, Kind.STATE_CHANGED, f"offline: {said(DNS)}")],
    ),
    (
        "an accepted offer",
        ADOPTING,
        Adopted(3, NOW),
        [
            (I, Kind.IDENTITY_TAKEN, "this kiosk is now device kiosk-8 of tenant acme at https://app.neostore.cloud"),
            (I, Kind.STATE_CHANGED, "connected"),
        ],
    ),
    ("an unlocking", HEALTHY, Unlocked(NOW), [(I, Kind.UNLOCKED, "scanned codes count for the next 10 minutes")]),
    (
        "a forgetting",
        HEALTHY,
        Forgotten(NOW),
        [(I, Kind.STATE_CHANGED, "not set up")],
    ),
]  # fmt: skip


def lines(caplog: pytest.LogCaptureFixture) -> list[Line]:
    found = [(record.levelname, record.__dict__["kind"], record.getMessage()) for record in caplog.records]
    caplog.clear()
    return found


@pytest.fixture(autouse=True)
def _everything(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "crewcheck_agent")


@pytest.mark.parametrize(("before", "event", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_each_transition_is_told_once_and_no_attempt_is(
    before: Kiosk, event: Event, expected: list[Line], caplog: pytest.LogCaptureFixture
) -> None:
    Chronicle(ENGLISH).tell(before, event, after(before, event))
    assert lines(caplog) == expected


def test_an_erasure_is_told_as_it_went(caplog: pytest.LogCaptureFixture) -> None:
    chronicle = Chronicle(ENGLISH)
    chronicle.erased(None)
    chronicle.erased(Problem(Code.STORAGE, "Is a directory"))
    (well, ill) = lines(caplog)
    assert well == ("INFO", Kind.FORGOTTEN, "token, settings and logo were erased on request")
    assert ill[:2] == ("ERROR", Kind.FORGOTTEN)
    assert ill[2].startswith("not everything could be erased: This device cannot save its data: Is a directory.")


def test_what_scripts_look_for_is_in_fields(caplog: pytest.LogCaptureFixture) -> None:
    chronicle = Chronicle(ENGLISH)
    chronicle.tell(HEALTHY, missed(), OFFLINE)
    chronicle.tell(ADOPTING, Adopted(3, NOW), after(ADOPTING, Adopted(3, NOW)))
    chronicle.tell(HEALTHY, Stored(FULL), after(HEALTHY, Stored(FULL)))
    fields = [record.__dict__["fields"] for record in caplog.records]
    assert fields == [
        {"STATE": "offline", "PREVIOUS": "connected", "PROBLEM": "dns"},
        {"TENANT_ID": "acme", "DEVICE_ID": "kiosk-8"},
        {"STATE": "connected", "PREVIOUS": "connecting"},
        {"PROBLEM": "storage"},
    ]


def test_a_missing_display_is_told_once_until_there_is_one(caplog: pytest.LogCaptureFixture) -> None:
    chronicle = Chronicle(ENGLISH)
    unusable, unplugged = Problem(Code.DISPLAY, "kmsdrm not available"), Problem(Code.DISPLAY, variant=Lack.NO_MONITOR)
    told = "no display can be opened, trying again"
    chronicle.display_missing(unusable)
    chronicle.display_missing(unusable)
    ((level, kind, line),) = lines(caplog)
    assert (level, kind) == (W, Kind.DISPLAY_MISSING)
    assert line.startswith(f"{told}: The screen cannot be used: kmsdrm not available. Technician")
    chronicle.display_missing(unplugged)
    ((_, _, line),) = lines(caplog)
    assert line.startswith(f"{told}: No monitor is connected. Technician")
    chronicle.display_opened("KMSDRM", (1920, 1080))
    chronicle.display_missing(unplugged)
    opened, missing = lines(caplog)
    assert opened == (I, Kind.DISPLAY_OPENED, "the display is open: KMSDRM, 1920 x 1080 pixels")
    assert missing == (W, Kind.DISPLAY_MISSING, line)


def test_a_scanner_is_told_of_when_it_changes(caplog: pytest.LogCaptureFixture) -> None:
    chronicle = Chronicle(ENGLISH)
    for state in (Scanner.PRESENT, Scanner.DENIED):
        chronicle.scanner(ScannerReport(state, "Scan\x1b[2Jner", "/dev/input/event3"))
    chronicle.scanner(ScannerReport(Scanner.MISSING))
    who = printable("Scan\x1b[2Jner") + " (/dev/input/event3)"
    assert "\x1b" not in who
    assert lines(caplog) == [
        (I, Kind.SCANNER_FOUND, f"a scanner is connected: {who}"),
        (W, Kind.SCANNER_DENIED, f"a scanner is connected and cannot be opened, trying again: {who}"),
        (W, Kind.SCANNER_MISSING, "no scanner is connected"),
    ]


def test_a_life_begins_and_ends_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    chronicle = Chronicle(ENGLISH)
    chronicle.started()
    chronicle.configuration_read()
    chronicle.stopped()
    assert lines(caplog) == [
        (I, Kind.STARTED, f"crewcheck-agent {__version__} started"),
        (I, Kind.CONFIGURATION_READ, "the configuration was read again"),
        (I, Kind.STOPPED, "crewcheck-agent stopped"),
    ]
