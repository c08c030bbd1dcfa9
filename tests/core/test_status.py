"""What `status --json` and the service manager are told."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from crewcheck_agent.core.kiosk import (
    Connected,
    Disabled,
    Kiosk,
    Logo,
    Name,
    Offline,
    Pulse,
    Trial,
    Unprovisioned,
    Verdict,
    Word,
)
from crewcheck_agent.core.messages import words_for
from crewcheck_agent.core.problem import Code, Problem
from crewcheck_agent.core.screen import Scanner, Showing
from crewcheck_agent.core.status import (
    AgentReport,
    ScannerReport,
    ScreenReport,
    first_cause,
    headline,
    problem_fields,
    problem_words,
    report,
    report_of_absence,
)
from crewcheck_agent.core.token import Identity
from crewcheck_agent.languages import LANGUAGES, wording_in

NOON = datetime(2026, 6, 2, 12, 0, 0, 123_456, tzinfo=timezone(timedelta(hours=2)))
ACME = Identity("acme", "kiosk-7", "https://app.neostore.cloud")
LOGO = Logo("https://acme.example/logo.png", "ab" * 32, NOON, etag='"1"')
DNS = Problem(Code.DNS, "no such name", "app.neostore.cloud:443")
BLACK = Problem(Code.DISPLAY, "no display")
NEW = Kiosk(Unprovisioned(), NOON)
HEALTHY = Kiosk(
    Connected(ACME), NOON, 1, Verdict(ACME, Word.CONNECTED, NOON, logo_url=LOGO.url, logo=LOGO), Pulse(0, NOON, NOON)
)

SCREEN = ScreenReport(Showing.LOGO, "kmsdrm", (1920, 1080), 90, 12)
SCANNER = ScannerReport(Scanner.PRESENT, "Honeywell 1470g", "/dev/input/event3")
AGENT = AgentReport("1.2.3", 42, NOON)
TIME = "2026-06-02T12:00:00.123+02:00"


MISSING = ScannerReport(Scanner.MISSING)
DISK = Problem(Code.STORAGE, "disk full")


def told(kiosk: Kiosk, screen: ScreenReport = SCREEN, language: str = "en") -> Any:
    return json.loads(json.dumps(report(kiosk, screen, SCANNER, AGENT, wording_in(language))))


def test_all_that_is_known_of_a_healthy_kiosk() -> None:
    assert told(HEALTHY) == {
        "state": "connected",
        "since": TIME,
        "tenantId": "acme",
        "deviceId": "kiosk-7",
        "environment": "https://app.neostore.cloud",
        "problem": None,
        "notice": None,
        "lastAnswer": TIME,
        "nextAttempt": TIME,
        "attempts": 0,
        "logo": {"url": LOGO.url, "sha256": LOGO.sha256, "fetchedAt": TIME},
        "screen": {
            "showing": "logo",
            "driver": "kmsdrm",
            "size": [1920, 1080],
            "rotation": 90,
            "frames": 12,
            "overlay": False,
        },
        "scanner": {"state": "present", "name": "Honeywell 1470g", "device": "/dev/input/event3"},
        "agent": {"version": "1.2.3", "pid": 42, "startedAt": TIME},
    }


def test_what_is_not_known_is_null_and_no_key_is_missing() -> None:
    known, unknown = told(HEALTHY), told(NEW, ScreenReport())
    assert unknown.keys() == known.keys()
    assert unknown["screen"] == {
        "showing": None,
        "driver": None,
        "size": None,
        "rotation": 0,
        "frames": 0,
        "overlay": False,
    }
    absent = {name for name, value in unknown.items() if value is None}
    assert absent == {
        "tenantId", "deviceId", "environment", "notice", "lastAnswer", "nextAttempt", "logo"
    }  # fmt: skip


def test_a_verdict_without_a_logo_has_none() -> None:
    assert told(replace(HEALTHY, verdict=Verdict(ACME, Word.CONNECTED, NOON)))["logo"] is None


def test_an_offered_code_counts_where_there_is_no_other() -> None:
    status = told(replace(NEW, trial=Trial(3, ACME, problem=DNS, pulse=Pulse(4, None, NOON))))
    assert (status["state"], status["deviceId"], status["attempts"], status["nextAttempt"]) == (
        "offline", "kiosk-7", 4, TIME
    )  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_problem_is_told_with_its_code_and_words_in_the_language(language: str) -> None:
    words = words_for(DNS, wording_in(language))
    expected = {
        "code": "dns",
        "shortCode": "CC-22",
        "message": words.message,
        "advice": words.advice,
        "variant": "",
        "host": DNS.host,
        "detail": DNS.detail,
    }
    assert problem_fields(DNS, wording_in(language)) == expected
    assert told(replace(HEALTHY, state=Offline(ACME, DNS)), language=language)["problem"] == expected
    assert told(replace(HEALTHY, notice=DNS), language=language)["notice"] == expected


def test_a_black_screen_comes_before_all_else() -> None:
    screen = replace(SCREEN, problem=BLACK)
    offline = replace(HEALTHY, state=Offline(ACME, DNS))
    assert first_cause(offline, screen, SCANNER) == BLACK
    assert first_cause(offline, SCREEN, SCANNER) == DNS
    assert first_cause(HEALTHY, SCREEN, SCANNER) is None
    assert told(offline, screen)["problem"]["code"] == "display"


@pytest.mark.parametrize(
    ("kiosk", "scanner", "cause"),
    [
        (NEW, SCANNER, Problem(Code.NOT_PROVISIONED)),
        (NEW, ScannerReport(), Problem(Code.NOT_PROVISIONED)),
        (NEW, MISSING, Problem(Code.SCANNER)),
        (NEW, ScannerReport(Scanner.DENIED, "Reader", "/dev/input/event3"), Problem(Code.SCANNER, variant="denied")),
        (replace(NEW, storage_problem=DISK), MISSING, DISK),
        (replace(NEW, notice=DNS), MISSING, DNS),
        (replace(NEW, trial=Trial(3, ACME)), MISSING, None),
        (HEALTHY, MISSING, None),
    ],
)
def test_a_kiosk_that_is_to_be_set_up_lacks_its_scanner_or_its_code(
    kiosk: Kiosk, scanner: ScannerReport, cause: Problem | None
) -> None:
    assert first_cause(kiosk, SCREEN, scanner) == cause


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_tool_says_it_in_its_callers_language(language: str) -> None:
    fields = problem_fields(DNS, wording_in("fr"))
    assert fields
    assert problem_words(fields, wording_in(language)) == words_for(DNS, wording_in(language))


@pytest.mark.parametrize("unknown", [{"code": "gremlins"}, {"variant": None}])
def test_what_an_agent_of_another_version_says_is_left_as_it_is(unknown: dict[str, Any]) -> None:
    fields = {**(problem_fields(DNS, wording_in("en")) or {}), "message": "Quoi.", "advice": "Que faire.", **unknown}
    told = {name: value for name, value in fields.items() if value is not None}
    assert problem_words(told, wording_in("en")) == ("Quoi.", "Que faire.")


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_line_has_the_state_and_what_is_wrong_with_its_code(language: str) -> None:
    disabled = told(replace(HEALTHY, state=Disabled(ACME, "HTTP 400")), language="en")
    words = wording_in(language)
    message = words_for(Problem(Code.DISABLED, "HTTP 400"), words).message
    assert headline(told(HEALTHY), words) == words.states[Name.CONNECTED]
    assert headline(disabled, words) == f"{words.states[Name.DISABLED]} \u2013 {message} (CC-40)"


def test_times_are_rfc_3339_also_in_utc() -> None:
    assert told(replace(NEW, since=datetime(2026, 1, 1, tzinfo=UTC)))["since"] == "2026-01-01T00:00:00.000+00:00"


def test_with_no_agent_every_key_is_there_and_only_the_problem_is_known() -> None:
    known, unknown = told(HEALTHY), report_of_absence(wording_in("en"))
    assert unknown.keys() == known.keys()
    for part in ("screen", "scanner", "agent"):
        assert unknown[part].keys() == known[part].keys()
    assert unknown["problem"] == problem_fields(Problem(Code.SERVICE), wording_in("en"))
    assert unknown["state"] is None
