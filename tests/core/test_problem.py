"""The names and numbers of what can be wrong, and foreign words made fit to show."""

import pytest

from crewcheck_agent.core.problem import Code, printable, short_code

# Scripts compare the names, and people read out the numbers: neither ever changes.
PUBLISHED = {
    "notProvisioned": "CC-10",
    "badToken": "CC-11",
    "configuration": "CC-12",
    "network": "CC-21",
    "dns": "CC-22",
    "timeout": "CC-23",
    "proxy": "CC-24",
    "captivePortal": "CC-25",
    "tls": "CC-31",
    "clock": "CC-32",
    "disabled": "CC-40",
    "unauthorized": "CC-41",
    "notFound": "CC-44",
    "server": "CC-50",
    "badAnswer": "CC-51",
    "logo": "CC-60",
    "storage": "CC-70",
    "display": "CC-71",
    "scanner": "CC-72",
    "service": "CC-73",
    "power": "CC-74",
}


def test_what_is_published_stays() -> None:
    assert {code.value: short_code(code) for code in Code} == PUBLISHED


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("Device is disabled.", "Device is disabled."),
        ("  two\r\n lines\t", "two lines"),
        ("\x1b[2Jclear", "[2Jclear"),
        ("bell\x07\x00nul", "bell nul"),
        ("right\u202eto left", "right to left"),
        ("half \ud800 a character", "half a character"),
        ("Café 東京 \U0001f5a5", "Café 東京 \U0001f5a5"),
        ("x" * 120, "x" * 120),
        ("x" * 121, "x" * 119 + "…"),
        (" " * 60 + "after much space", "after much space"),
        ("x" * 10_000_000, "x" * 119 + "…"),
    ],
)
def test_foreign_text_is_made_fit_to_show(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_it_can_be_cut_shorter() -> None:
    assert printable("abcdef", 4) == "abc…"
    assert printable("abcd", 4) == "abcd"
