"""Characters become codes."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crewcheck_agent.core.token import LONGEST, TokenError, parse_token
from crewcheck_agent.kiosk.scanner.gatherer import PAUSE, QUICK, SPOILED, Gatherer

FIELDS = {"deviceId": "kiosk-7", "apiKey": "s3cr3t"}
CODE = json.dumps(FIELDS)
LINES = json.dumps(FIELDS, indent=1)
PACKED = base64.b64encode(CODE.encode()).decode()


def typed(*texts: str, every: float = 0.01, gatherer: Gatherer | None = None) -> list[str]:
    """The codes that come of typing these texts, character by character."""
    source = gatherer or Gatherer()
    at = 100.0
    codes = []
    for character in "".join(texts):
        at += every
        codes.append(source.typed(character, at))
    return [each for each in codes if each is not None]


def waited(gatherer: Gatherer) -> list[tuple[float, str | None]]:
    """What each time-out gives, until there is nothing to wait for."""
    found = []
    while (due := gatherer.due) is not None:
        found.append((due, gatherer.timed_out(due)))
    return found


@pytest.mark.parametrize(
    ("keys", "codes"),
    [
        ("abcd\r", ["abcd"]),
        ("abcd\n", ["abcd"]),
        ("abcd\t", ["abcd"]),
        ("abcd\r\n", ["abcd"]),
        ("\r\n\tabcd\r", ["abcd"]),
        ("abcd\refgh\r", ["abcd", "efgh"]),
        ("abc\r   \r\r", []),
        ("abcd", []),
        ("", []),
        (CODE + "\r", [CODE]),
        (f" {CODE} \r", [f" {CODE} "]),
        (LINES + "\r", [LINES.replace("\n", " ")]),
        (LINES.replace("\n", "\r") + "\n", [LINES.replace("\n", " ")]),
        (LINES[:20] + "\r", []),
        (CODE + "\r" + CODE + "\t", [CODE, CODE]),
        ("half a c" + SPOILED + "ode\r" + CODE + "\r", [SPOILED * 4 + "ode", CODE]),
        (SPOILED + "\r", [SPOILED * 4]),
    ],
)
def test_a_code_ends_with_a_key_that_says_so(keys: str, codes: list[str]) -> None:
    assert typed(keys) == codes


@pytest.mark.parametrize("whole", [CODE, PACKED])
def test_a_whole_code_without_an_end_is_read_soon(whole: str) -> None:
    gatherer = Gatherer()
    for character in whole:
        gatherer.typed(character, 1.0)
    assert waited(gatherer) == [(1.0 + QUICK, whole)]


@pytest.mark.parametrize(
    ("text", "code"),
    [("4006381333931", "4006381333931"), (CODE[:-1], CODE[:-1]), (PACKED[:-9], PACKED[:-9]), ("x", None)],
)
def test_anything_else_without_an_end_is_read_after_a_pause(text: str, code: str | None) -> None:
    gatherer = Gatherer()
    for character in text:
        gatherer.typed(character, 1.0)
    assert waited(gatherer) == [(1.0 + QUICK, None), (1.0 + PAUSE, code)]
    assert waited(gatherer) == []


def test_what_was_spoiled_is_told_even_if_its_end_was_lost_and_is_never_a_code() -> None:
    gatherer = Gatherer()
    gatherer.typed(SPOILED, 1.0)
    (_, (_, text)) = waited(gatherer)
    assert text == SPOILED * 4
    with pytest.raises(TokenError):
        parse_token(text, ())


def test_after_the_end_there_is_nothing_to_wait_for() -> None:
    gatherer = Gatherer()
    typed("abcd\r", gatherer=gatherer)
    assert gatherer.due is None


@pytest.mark.parametrize(("pause", "code"), [(PAUSE, "abcdefgh"), (PAUSE + 0.001, "efgh")])
def test_what_was_typed_long_ago_is_no_start_of_a_code(pause: float, code: str) -> None:
    gatherer = Gatherer()
    for character in "abcd":
        gatherer.typed(character, 1.0)
    for character in "efgh":
        gatherer.typed(character, 1.0 + pause)
    assert gatherer.typed("\r", 1.0 + pause) == code


def test_slow_typing_is_no_pause() -> None:
    assert typed("abcd\r", every=PAUSE) == ["abcd"]


def test_typing_without_end_does_not_fill_the_memory() -> None:
    gatherer = Gatherer()
    assert typed("x" * 2 * LONGEST, gatherer=gatherer) == []
    (code,) = typed("\r", gatherer=gatherer)
    assert len(code) == LONGEST + 1, "which is too long for a code"
    assert typed("abcd\r", gatherer=gatherer) == ["abcd"]


def test_half_a_code_is_shown_to_nobody() -> None:
    gatherer = Gatherer()
    typed("s3cr3t", gatherer=gatherer)
    assert "s3cr3t" not in repr(gatherer)


@given(st.lists(st.text('a{}"\r\t\x18 ') | st.floats(0, 5)))
def test_no_input_is_too_odd_and_the_next_code_is_read(garbage: list[str | float]) -> None:
    gatherer, at = Gatherer(), 0.0
    for each in garbage:
        if isinstance(each, float):
            at += each
            if gatherer.due is not None and gatherer.due <= at:
                gatherer.timed_out(at)
        else:
            for character in each:
                code = gatherer.typed(character, at)
                assert code is None or len(code) >= 4
    gatherer.typed("}", at)
    gatherer.typed("\r", at)
    gatherer.typed("\r", at + 2 * PAUSE)
    assert typed(CODE + "\r", gatherer=gatherer) == [CODE]
