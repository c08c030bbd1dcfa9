"""Secrets taken out by their value."""

import html
import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from urllib.parse import quote, quote_plus

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
        (f"https://host/?k={quote(KEY, safe='').lower()}", "https://host/?k=[secret]"),
        (f"https://host/?k={quote_plus(KEY)}", "https://host/?k=[secret]"),
        (f"<p>{html.escape(KEY)}</p>", "<p>[secret]</p>"),
        (KEY.encode().hex(), "[secret]"),
        (KEY.encode().hex().upper(), "[secret]"),
        (f"<{KEY[:-1]}>", f"<{KEY[:-1]}>"),
    ],
)
def test_a_secret_is_taken_out_in_every_spelling(text: str, shown: str) -> None:
    redactor = Redactor()
    redactor.learn(Secret(KEY))
    assert redactor.clean(text) == shown


@pytest.mark.parametrize("write", [b64encode, urlsafe_b64encode])
@pytest.mark.parametrize("before", range(4))
@pytest.mark.parametrize("after", range(4))
def test_a_secret_is_found_in_whatever_was_written_in_base64_as_a_whole(
    write: Callable[[bytes], bytes], before: int, after: int
) -> None:
    redactor = Redactor()
    redactor.learn(Secret(KEY))
    packed = write(b"\xff" * before + KEY.encode() + b"\xff" * after).decode()
    shown, count = redactor.cleaned(packed)
    assert count == 1
    kept = shown.replace("[secret]", "")
    assert len(kept) < 16, "what is left is of the neighbours"


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\n    ", "\\\n", "\\n", "\\r\\n"])
@pytest.mark.parametrize("write", [str, lambda key: b64encode(key.encode()).decode()])
def test_a_secret_that_a_line_was_too_short_for_is_found(write: Callable[[str], str], line_break: str) -> None:
    redactor = Redactor()
    redactor.learn(Secret(KEY))
    written = write(KEY)
    for width in (1, 5, 16):
        lines = [written[start : start + width] for start in range(0, len(written), width)]
        assert redactor.clean(f"before\n{line_break.join(lines)}\nafter").startswith("before\n[secret]")
        assert KEY[-4:] not in redactor.clean(line_break.join(lines))


def test_it_counts() -> None:
    redactor = Redactor()
    redactor.learn(Secret(KEY))
    assert redactor.cleaned(f"{KEY} and {quote(KEY, safe='')}, {KEY}") == ("[secret] and [secret], [secret]", 3)
    assert redactor.cleaned("nothing") == ("nothing", 0)


def test_what_is_short_is_not_looked_for_in_base64() -> None:
    redactor = Redactor()
    redactor.learn(Secret("abcd"))
    assert redactor.clean("YWJjZA== and 61626364") == "YWJjZA== and [secret]"


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
