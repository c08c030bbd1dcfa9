"""The report that a phone takes off the screen: what support needs, short, and no secret in it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from crewcheck_agent.core.kiosk import Disabled, Kiosk, Offline, Pulse, Trial, Unprovisioned
from crewcheck_agent.core.problem import Code, Problem
from crewcheck_agent.core.ticket import MOST_BYTES, ticket
from crewcheck_agent.core.token import Identity, TokenError, TokenFault, parse_token
from crewcheck_agent.languages import LANGUAGES, wording_in

NOON = datetime(2026, 6, 2, 12, 0, 30, tzinfo=timezone(timedelta(hours=2)))
ACME = Identity("acme", "kiosk-7", "https://app.neostore.cloud/base")
DNS = Problem(Code.DNS, host="app.neostore.cloud")
OFFLINE = Kiosk(Offline(ACME, DNS), NOON, pulse=Pulse(2, NOON.replace(hour=11), NOON.replace(minute=5)))
WORDS = wording_in("en")
ADDRESSES = ("192.168.1.20", "fd00::20")


def told(kiosk: Kiosk, cause: Problem, besides: Problem | None = None) -> list[str]:
    return ticket(kiosk, cause, besides, WORDS, "1.2.3", ADDRESSES).splitlines()


def test_it_tells_what_support_needs_with_the_cause_first() -> None:
    assert told(OFFLINE, DNS) == [
        "CrewCheck CC-22: The address of the cloud service (app.neostore.cloud) cannot be found.",
        "Device: kiosk-7",
        "Tenant: acme",
        "Service: app.neostore.cloud/base",
        "Address: 192.168.1.20, fd00::20",
        "Version: 1.2.3",
        "Who acts: the network’s administrator",  # noqa: RUF001 - typographic
        "Since: 2026-06-02 12:00",
        "Last answer: 2026-06-02 11:00",
        "Next try: 2026-06-02 12:05 +0200 (attempt 3)",
    ]


def test_what_is_not_known_is_left_out() -> None:
    new = Kiosk(Unprovisioned(), NOON)
    misread = Problem(Code.BAD_TOKEN, variant=TokenFault.NOT_A_CODE)
    assert ticket(new, misread, None, WORDS, "1.2.3", ()).splitlines() == [
        "CrewCheck CC-11: The scanned code is not a connection code.",
        "Version: 1.2.3",
        "Who acts: the operator",
        "Since: 2026-06-02 12:00",
    ]


def test_it_is_about_whom_the_kiosk_is_about_to_be() -> None:
    offered = Kiosk(Unprovisioned(), NOON, trial=Trial(1, ACME, problem=DNS, pulse=Pulse(1, None, NOON)))
    assert "Device: kiosk-7" in told(offered, DNS)


def test_what_else_is_wrong_comes_last() -> None:
    disabled = Kiosk(Disabled(ACME, "Off."), NOON)
    lines = told(disabled, Problem(Code.DISABLED), DNS)
    assert lines[0] == "CrewCheck CC-40: The operator switched this device off."
    assert lines[-1].startswith("Also CC-22: The address of")


@pytest.mark.parametrize("language", LANGUAGES)
def test_whoever_scans_it_with_the_kiosks_own_scanner_is_told_that_it_is_no_code(language: str) -> None:
    text = ticket(OFFLINE, DNS, DNS, wording_in(language), "1.2.3", ADDRESSES)
    for scanned in (text, *text.splitlines()):
        with pytest.raises(TokenError) as refused:
            parse_token(scanned, {"https://app.neostore.cloud"})
        assert refused.value.fault is TokenFault.NOT_A_CODE


@pytest.mark.parametrize("language", LANGUAGES)
def test_however_much_there_is_to_say_it_fits_its_code(language: str) -> None:
    words, endless = wording_in(language), "é" * 500
    long = Identity(endless, "K1OSK0" * 10, "https://" + endless)
    for code, variant in words.problems:
        cause = Problem(code, endless, endless, variant)
        kiosk = replace(OFFLINE, state=Offline(long, cause))
        text = ticket(kiosk, cause, cause, words, endless, (endless,))
        lines = text.splitlines()
        assert len(text.encode()) <= MOST_BYTES
        assert f"CC-{text[13:15]}" in lines[0]
        assert words.values.fact.format(label=words.labels.device, text="K1OSK0" * 10) in lines


def test_a_long_fact_makes_room_for_the_shorter_ones_behind_it() -> None:
    kiosk = replace(OFFLINE, state=Offline(replace(ACME, tenant_id="日" * 45), DNS))
    lines = told(replace(kiosk, since=NOON.astimezone(UTC)), DNS)
    assert "Version: 1.2.3" in lines
    assert any(line.startswith("Tenant: 日") for line in lines)
    assert not any(line.startswith("Next try") for line in lines)
