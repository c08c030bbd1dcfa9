"""What a technician is shown over the screen: this kiosk in ten lines, and nothing that nobody told."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crewcheck_agent.core.facts import Fact, Link, Vitals
from crewcheck_agent.core.kiosk import Connected, Kiosk, Logo, Offline, Pulse, Unprovisioned, Verdict, Word
from crewcheck_agent.core.problem import Code, Problem
from crewcheck_agent.core.screen import Scanner, Showing, Surroundings, screen_of
from crewcheck_agent.core.token import Identity
from crewcheck_agent.languages import wording_in

NOON = datetime(2026, 6, 2, 12, tzinfo=UTC)
ACME = Identity("acme", "kiosk-7", "https://app.neostore.cloud/base")
LOGO = Logo("https://acme.example/logo.png", "0" * 64, NOON)
SEEN = Verdict(ACME, Word.CONNECTED, NOON, logo_url=LOGO.url, logo=LOGO)
PULSE = Pulse(2, NOON.replace(hour=11), NOON.replace(minute=5))
OFFLINE = Kiosk(
    Offline(ACME, Problem(Code.DNS, host="app.neostore.cloud")), NOON, verdict=SEEN, pulse=PULSE, overlay_until=60.0
)
WELL = replace(OFFLINE, state=Connected(ACME), pulse=replace(PULSE, attempts=0))
VITALS = Vitals((Link("eth0", rate=1000), Link("wlan0", signal=-61), Link("usb0")), 48, NOON.replace(day=1))
AROUND = Surroundings(wording_in("en"), "1.2.3", ("192.168.1.20", "fd00::20"), Scanner.PRESENT, True, VITALS)  # noqa: FBT003 - a picture is at hand


def told(kiosk: Kiosk, around: Surroundings = AROUND) -> dict[str, str]:
    return {fact.label: fact.text for fact in screen_of(kiosk, around).overlay}


def test_it_tells_a_technician_all_with_the_cause_first() -> None:
    assert list(told(OFFLINE).items()) == [
        ("Cause", "CC-22  The address of the cloud service cannot be found."),
        ("Device", "kiosk-7"),
        ("Service", "app.neostore.cloud/base"),
        ("Tenant", "acme"),
        ("Address", "192.168.1.20, fd00::20"),
        ("Version", "1.2.3"),
        ("Last answer", "2026-06-02 11:00"),
        ("Next try", "12:05:00 (attempt\u00a03)"),
        ("Network", "eth0 1000\u00a0Mbit/s, wlan0 \u221261\u00a0dBm, usb0"),
        ("Switched on", "2026-06-01 12:00"),
        ("Temperature", "48\u00a0°C"),
    ]


def test_where_all_is_well_no_cause_and_no_attempt_is_told() -> None:
    facts = told(WELL)
    assert "Cause" not in facts
    assert facts["Next try"] == "12:05:00"


def test_what_nobody_told_is_left_out() -> None:
    bare = Surroundings(wording_in("en"), "1.2.3")
    assert told(Kiosk(Unprovisioned(), NOON, overlay_until=60.0), bare) == {
        "Cause": "CC-10  This device has no connection code yet.",
        "Address": "none: no network",
        "Version": "1.2.3",
    }


def test_a_driver_that_tells_no_negative_level_is_believed() -> None:
    around = replace(AROUND, vitals=Vitals((Link("wlan0", signal=55),)))
    assert told(WELL, around)["Network"] == "wlan0 55\u00a0dBm"


def test_it_lies_over_whatever_the_screen_shows() -> None:
    for kiosk in (OFFLINE, WELL, replace(OFFLINE, verdict=None)):
        without = screen_of(replace(kiosk, overlay_until=None), AROUND)
        assert without.overlay == ()
        assert replace(screen_of(kiosk, AROUND), overlay=()) == without
    assert screen_of(WELL, AROUND).showing is Showing.LOGO


def test_the_name_of_the_device_is_read_out_letter_by_letter() -> None:
    assert [fact for fact in screen_of(WELL, AROUND).overlay if fact.spelt] == [Fact("Device", "kiosk-7", spelt=True)]


@pytest.mark.parametrize("language", ["fr", "de", "es"])
def test_it_is_in_the_screens_language(language: str) -> None:
    words = wording_in(language)
    labels = told(OFFLINE, replace(AROUND, words=words)).keys()
    assert {words.labels.cause, words.labels.temperature, words.labels.network, words.labels.on_since} <= labels
    assert not {"Cause", "Temperature", "Network", "Switched on"} & labels - {words.labels.cause}
