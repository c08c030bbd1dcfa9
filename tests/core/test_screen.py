"""What each reader is told, for whatever the kiosk is."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crewcheck_agent.core.kiosk import (
    Connected,
    Connecting,
    Disabled,
    Good,
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
from crewcheck_agent.core.problem import Code, Problem
from crewcheck_agent.core.screen import Scanner, Screen, Showing, Sign, Surroundings, screen_of, screen_of_misconfigured
from crewcheck_agent.core.token import Identity, TokenFault
from crewcheck_agent.languages import wording_in

NOW = datetime(2026, 6, 2, 14, 5, 30, tzinfo=UTC)
ACME = Identity("acme", "kiosk-7", "https://app.neostore.cloud/base")
PULSE = Pulse(attempts=2, next_attempt=NOW)
DNS = Problem(Code.DNS, host="app.neostore.cloud")
LOGO = Logo("https://acme.example/logo.png", "0" * 64, NOW)
SEEN = Verdict(ACME, Word.CONNECTED, NOW, logo_url=LOGO.url, logo=LOGO)
BARE = Verdict(ACME, Word.CONNECTED, NOW)
WORDS = wording_in("en")
AROUND = Surroundings(WORDS, "1.2.3", ("192.168.1.20", "fd00::20"), Scanner.PRESENT, picture_at_hand=True)

NEW = Kiosk(Unprovisioned(), NOW)
OFFERED = replace(NEW, trial=Trial(1, ACME, pulse=PULSE))
UNHEARD = replace(NEW, trial=Trial(1, ACME, problem=DNS, pulse=PULSE))
CONNECTING = Kiosk(Connecting(ACME), NOW, pulse=PULSE)
CONNECTED = Kiosk(Connected(ACME), NOW, pulse=PULSE)
OFFLINE = Kiosk(Offline(ACME, DNS), NOW, pulse=PULSE)
DISABLED = Kiosk(Disabled(ACME, "Device is disabled."), NOW, pulse=PULSE)
UNAUTHORIZED = Kiosk(Unauthorized(ACME, "No such key."), NOW, pulse=PULSE)
NOT_FOUND = Kiosk(NotFound(ACME), NOW, pulse=PULSE)

TRIED = Trial(2, ACME, pulse=PULSE)
NOT_A_CODE = Problem(Code.BAD_TOKEN, variant=TokenFault.NOT_A_CODE)


def shown(kiosk: Kiosk, around: Surroundings = AROUND) -> Screen:
    return screen_of(kiosk, around)


def table(screen: Screen) -> dict[str, str]:
    return {fact.label: fact.text for fact in screen.technician}


@pytest.mark.parametrize(
    ("kiosk", "showing", "sign", "headline", "code"),
    [
        (NEW, Showing.SETUP, Sign.SCAN, WORDS.headlines.setup, "CC-10"),
        (replace(NEW, notice=NOT_A_CODE), Showing.SETUP, Sign.SCAN, WORDS.headlines.setup, "CC-11"),
        (OFFERED, Showing.CONNECTING, Sign.WAIT, WORDS.headlines.connecting, ""),
        (UNHEARD, Showing.OFFLINE, Sign.UNPLUGGED, WORDS.headlines.offline, "CC-22"),
        (CONNECTING, Showing.CONNECTING, Sign.WAIT, WORDS.headlines.connecting, ""),
        (replace(CONNECTING, verdict=BARE), Showing.CONNECTING, Sign.WAIT, WORDS.headlines.connecting, ""),
        (replace(CONNECTING, verdict=SEEN), Showing.LOGO, Sign.NONE, "", ""),
        (CONNECTED, Showing.CONNECTING, Sign.WAIT, WORDS.headlines.connecting, ""),
        (replace(CONNECTED, verdict=SEEN), Showing.LOGO, Sign.NONE, "", ""),
        (OFFLINE, Showing.OFFLINE, Sign.UNPLUGGED, WORDS.headlines.offline, "CC-22"),
        (replace(OFFLINE, verdict=SEEN), Showing.LOGO, Sign.NONE, "", ""),
        (DISABLED, Showing.DISABLED, Sign.SWITCHED_OFF, WORDS.headlines.out_of_service, "CC-40"),
        (replace(DISABLED, verdict=SEEN), Showing.DISABLED, Sign.SWITCHED_OFF, WORDS.headlines.out_of_service, "CC-40"),
        (UNAUTHORIZED, Showing.UNAUTHORIZED, Sign.KEY, WORDS.headlines.out_of_service, "CC-41"),
        (NOT_FOUND, Showing.NOT_FOUND, Sign.QUESTION, WORDS.headlines.out_of_service, "CC-44"),
    ],
)
def test_which_screen(kiosk: Kiosk, showing: Showing, sign: Sign, headline: str, code: str) -> None:
    screen = shown(kiosk)
    assert (screen.showing, screen.sign, screen.headline, screen.code) == (showing, sign, headline, code)


@pytest.mark.parametrize(
    ("kiosk", "showing"),
    [(CONNECTING, Showing.CONNECTING), (CONNECTED, Showing.CONNECTING), (OFFLINE, Showing.OFFLINE)],
)
def test_a_logo_whose_pixels_are_gone_is_not_shown(kiosk: Kiosk, showing: Showing) -> None:
    around = replace(AROUND, picture_at_hand=False)
    assert shown(replace(kiosk, verdict=SEEN), around).showing is showing


@pytest.mark.parametrize(("kiosk", "mark"), [(CONNECTING, False), (CONNECTED, False), (OFFLINE, True)])
def test_only_an_offline_logo_carries_the_mark(kiosk: Kiosk, mark: bool) -> None:  # noqa: FBT001 - a table
    assert shown(replace(kiosk, verdict=SEEN)).offline_mark is mark


@pytest.mark.parametrize(
    ("scanner", "staff", "fact", "code"),
    [
        (Scanner.PRESENT, WORDS.staff.scan, WORDS.values.scanner_present, "CC-10"),
        (Scanner.UNKNOWN, WORDS.staff.scan, None, "CC-10"),
        (Scanner.MISSING, WORDS.staff.plug_scanner, WORDS.values.scanner_missing, "CC-72"),
        (Scanner.DENIED, WORDS.staff.replug_scanner, WORDS.values.scanner_denied, "CC-72"),
        (Scanner.OFF, WORDS.staff.hand_over, WORDS.values.scanner_off, "CC-10"),
    ],
)
def test_setup_says_how_to_scan(scanner: Scanner, staff: str, fact: str | None, code: str) -> None:
    screen = shown(NEW, replace(AROUND, scanner=scanner))
    assert (screen.staff, screen.code) == (staff, code)
    assert table(screen) == {
        **({"Scanner": fact} if fact else {}),
        "Address": "192.168.1.20, fd00::20",
        "Version": "1.2.3",
    }


def test_a_configuration_that_cannot_be_used_is_on_the_screen() -> None:
    screen = screen_of_misconfigured(Problem(Code.CONFIGURATION, "rotation = 45: no"), NOW, AROUND)
    assert (screen.headline, screen.staff, screen.code) == (
        WORDS.headlines.out_of_service,
        WORDS.staff.call_technician,
        "CC-12",
    )
    assert table(screen)["Cause"] == "The configuration cannot be used: rotation = 45: no."
    assert table(screen)["Address"] == "192.168.1.20, fd00::20"


def test_setup_without_a_network_says_so() -> None:
    assert table(shown(NEW, replace(AROUND, addresses=())))["Address"] == WORDS.values.no_address


def test_setup_says_why_the_last_code_did_not_count_and_what_to_do() -> None:
    screen = shown(replace(NEW, notice=NOT_A_CODE))
    assert screen.notice == "The scanned code is not a connection code."
    assert screen.staff == "Scan the QR code that the operator’s console shows after a reset."  # noqa: RUF001
    assert "Also" not in table(screen)


def test_setup_names_what_else_is_wrong() -> None:
    screen = shown(replace(NEW, storage_problem=Problem(Code.STORAGE, "disk full")))
    assert screen.code == "CC-70"
    assert table(screen)["Also"] == "CC-70  This device cannot save its data: disk full."
    assert screen.staff == WORDS.staff.scan


def test_a_question_that_was_never_missed_counts_no_tries() -> None:
    assert table(shown(replace(CONNECTING, pulse=Pulse(next_attempt=NOW))))["Next try"] == f"{NOW:%H:%M:%S}"


def test_connecting_tells_the_technician_all_and_the_staff_nothing() -> None:
    screen = shown(CONNECTING)
    assert (screen.staff, screen.name, screen.notice) == ("", "", "")
    assert table(screen) == {
        "Next try": "14:05:30 (attempt\u00a03)",
        "Service": "app.neostore.cloud/base",
        "Tenant": "acme",
        "Device": "kiosk-7",
    }


def test_connected_without_a_picture_names_the_logos_problem() -> None:
    screen = shown(replace(CONNECTED, logo_problem=Problem(Code.LOGO, "HTTP 404")))
    assert screen.code == "CC-60"
    assert table(screen)["Cause"] == "The logo cannot be fetched: HTTP 404."


@pytest.mark.parametrize(
    ("code", "sign", "staff"),
    [
        (Code.NETWORK, Sign.UNPLUGGED, WORDS.staff.check_cable),
        (Code.DNS, Sign.UNPLUGGED, WORDS.staff.check_cable),
        (Code.TIMEOUT, Sign.UNPLUGGED, WORDS.staff.check_cable),
        (Code.PROXY, Sign.CLOUD_OFF, WORDS.staff.call_network_support),
        (Code.CAPTIVE_PORTAL, Sign.CLOUD_OFF, WORDS.staff.call_network_support),
        (Code.TLS, Sign.CLOUD_OFF, WORDS.staff.call_network_support),
        (Code.CLOCK, Sign.CLOUD_OFF, WORDS.staff.call_network_support),
        (Code.SERVER, Sign.CLOUD_OFF, WORDS.staff.wait_for_service),
        (Code.BAD_ANSWER, Sign.CLOUD_OFF, WORDS.staff.wait_for_service),
    ],
)
def test_offline_tells_the_staff_what_they_can_do(code: Code, sign: Sign, staff: str) -> None:
    screen = shown(replace(OFFLINE, state=Offline(ACME, Problem(code))))
    assert (screen.sign, screen.staff, screen.name) == (sign, staff, "kiosk-7")


def test_offline_tells_the_technician_the_cause_and_the_next_try() -> None:
    facts = table(shown(OFFLINE))
    assert facts["Cause"] == "The address of the cloud service (app.neostore.cloud) cannot be found."
    assert facts["Next try"] == "14:05:30 (attempt\u00a03)"


@pytest.mark.parametrize(
    ("addresses", "told"),
    [(("192.168.1.20", "fd00::20"), "192.168.1.20"), (("fd00::20",), "fd00::20"), ((), WORDS.values.no_address)],
)
def test_offline_tells_the_address_by_which_the_network_knows_this_device(
    addresses: tuple[str, ...], told: str
) -> None:
    assert table(shown(OFFLINE, replace(AROUND, addresses=addresses)))["Address"] == told


def test_a_first_code_that_has_no_answer_yet_is_told_like_being_offline() -> None:
    assert shown(UNHEARD) == shown(OFFLINE)


def test_nothing_is_said_of_a_try_that_is_not_planned() -> None:
    assert "Next try" not in table(shown(replace(CONNECTING, pulse=Pulse())))


def test_disabled_says_since_when_and_that_it_comes_back() -> None:
    screen = shown(DISABLED)
    assert screen.staff == WORDS.staff.disabled
    assert (screen.name_label, screen.name) == ("Name of this device", "kiosk-7")
    assert table(screen) == {
        "Server": "Device is disabled.",
        "Once enabled": "comes back by itself",
        "Since": "2026-06-02 14:05",
        "Next try": "14:05:30 (attempt\u00a03)",
        "Service": "app.neostore.cloud/base",
        "Tenant": "acme",
    }


@pytest.mark.parametrize(
    "kiosk",
    [
        replace(DISABLED, state=Disabled(ACME, problem=DNS)),
        replace(UNAUTHORIZED, state=Unauthorized(ACME, problem=DNS)),
        replace(NOT_FOUND, state=NotFound(ACME, problem=DNS)),
        replace(NOT_FOUND, trial=replace(TRIED, problem=DNS)),
    ],
)
def test_a_clear_no_outlives_a_network_problem_which_is_named_besides(kiosk: Kiosk) -> None:
    screen = shown(kiosk)
    assert screen.code in {"CC-40", "CC-41", "CC-44"}
    assert table(screen)["Also"] == "CC-22  The address of the cloud service cannot be found."


def test_a_full_disk_is_named_besides_a_clear_no() -> None:
    screen = shown(replace(NOT_FOUND, storage_problem=Problem(Code.STORAGE)))
    assert table(screen)["Also"].startswith("CC-70")


@pytest.mark.parametrize("kiosk", [UNAUTHORIZED, NOT_FOUND])
def test_a_scanner_that_is_needed_and_missing_is_named(kiosk: Kiosk) -> None:
    assert "Scanner" not in table(shown(kiosk))
    assert table(shown(kiosk, replace(AROUND, scanner=Scanner.MISSING)))["Scanner"] == WORDS.values.scanner_missing


@pytest.mark.parametrize(
    ("trial", "notice", "said"),
    [
        (None, None, ""),
        (TRIED, None, "Code read. Checking…"),
        (replace(TRIED, problem=DNS), None, "Code read. No connection: next try at 14:05:30."),
        (replace(TRIED, problem=DNS, pulse=Pulse()), None, "Code read. Checking…"),
        (replace(TRIED, answer=Good(None)), None, "Code accepted. Saving…"),
        (
            None,
            Problem(Code.UNAUTHORIZED, variant="offered"),
            "The scanned code was refused: it is no longer valid.",
        ),
    ],
)
@pytest.mark.parametrize("kiosk", [UNAUTHORIZED, NOT_FOUND, DISABLED, CONNECTED])
def test_what_became_of_a_scan_is_said(kiosk: Kiosk, trial: Trial | None, notice: Problem | None, said: str) -> None:
    assert shown(replace(kiosk, trial=trial, notice=notice)).notice == said


@pytest.mark.parametrize("kiosk", [NEW, OFFERED, UNHEARD, CONNECTING, CONNECTED, OFFLINE, DISABLED, UNAUTHORIZED])
def test_the_public_reads_no_host_name(kiosk: Kiosk) -> None:
    screen = shown(kiosk)
    assert "neostore" not in screen.headline + screen.staff


def test_foreign_text_is_cut_to_one_printable_line() -> None:
    long = replace(UNAUTHORIZED, state=Unauthorized(ACME, "a\nb" + "x" * 500))
    said = table(shown(long))["Server"]
    assert said.startswith("a b")
    assert len(said) == 120


def test_every_screen_has_its_words_in_french() -> None:
    french = replace(AROUND, words=wording_in("fr"))
    assert shown(DISABLED, french).headline == "Hors service"
