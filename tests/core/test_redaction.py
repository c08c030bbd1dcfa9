"""Secrets taken out by their value."""

import json
from urllib.parse import quote

import pytest

from crewcheck_agent.core.redaction import Redactor
from crewcheck_agent.core.token import Secret

KEY = 'k3y"with/every\\kind of+sign=%'


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("nothing to hide", "nothing to hide"),
        (KEY, "[secret]"),
        (f"X-API-KEY: {KEY}, and {KEY}", "X-API-KEY: [secret], and [secret]"),
        (json.dumps({"apiKey": KEY}), '{"apiKey": "[secret]"}'),
        (f"https://host/?k={quote(KEY)}", "https://host/?k=[secret]"),
        (f"https://host/?k={quote(KEY, safe='')}", "https://host/?k=[secret]"),
        (f"<{KEY[:-1]}>", f"<{KEY[:-1]}>"),
    ],
)
def test_a_secret_is_taken_out_in_every_spelling(text: str, shown: str) -> None:
    redactor = Redactor()
    redactor.learn(Secret(KEY))
    assert redactor.clean(text) == shown


def test_a_secret_within_another_leaves_nothing_of_the_longer_one() -> None:
    redactor = Redactor()
    for each in ("abcd", "abcdefgh", "cdef"):
        redactor.learn(Secret(each))
    assert redactor.clean("abcdefgh abcd cdef") == "[secret] [secret] [secret]"


@pytest.mark.parametrize(("secret", "shown"), [("abc", "abc abcd"), ("abcd", "abc [secret]")])
def test_what_is_too_short_is_no_secret(secret: str, shown: str) -> None:
    redactor = Redactor()
    redactor.learn(Secret(secret))
    assert redactor.clean("abc abcd") == shown


def test_without_secrets_nothing_is_taken_out() -> None:
    assert Redactor().clean(KEY) == KEY


def test_it_does_not_show_what_it_knows() -> None:
    redactor = Redactor()
    redactor.learn(Secret(KEY))
    assert KEY not in repr(redactor)
