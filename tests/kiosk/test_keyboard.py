"""Keys become codes."""

import json

import pytest

from crewcheck_agent.core.token import LONGEST
from crewcheck_agent.kiosk.keyboard import PAUSE, Keystrokes

CODE = '{"deviceId": "kiosk-7", "apiKey": "s3cr3t"}'
LINES = json.dumps({"deviceId": "kiosk-7", "apiKey": "s3cr3t"}, indent=1)


def typed(*keys: str, every: float = 0.01, keyboard: Keystrokes | None = None) -> list[str]:
    """The codes that come of typing these texts, key by key."""
    board = keyboard or Keystrokes()
    at = 100.0
    codes = []
    for key in "".join(keys):
        at += every
        codes.append(board.typed(key, at))
    return [each for each in codes if each is not None]


@pytest.mark.parametrize(
    ("keys", "codes"),
    [
        ("abc\r", ["abc"]),
        ("abc\n", ["abc"]),
        ("abc\t", ["abc"]),
        ("abc\r\n", ["abc"]),
        ("\r\n\tabc\r", ["abc"]),
        ("abc\rdef\r", ["abc", "def"]),
        ("abc", []),
        ("", []),
        (CODE + "\r", [CODE]),
        (f" {CODE} \r", [f" {CODE} "]),
        (LINES + "\r", [LINES.replace("\n", " ")]),
        (LINES.replace("\n", "\r") + "\n", [LINES.replace("\n", " ")]),
        (LINES[:20] + "\r", []),
        (CODE + "\r" + CODE + "\t", [CODE, CODE]),
    ],
)
def test_a_code_ends_with_a_key_that_says_so(keys: str, codes: list[str]) -> None:
    assert typed(keys) == codes


def test_keys_without_a_character_change_nothing() -> None:
    board = Keystrokes()
    assert [board.typed(key, 1.0) for key in ("a", "", "b", "\r")] == [None, None, None, "ab"]


@pytest.mark.parametrize(("pause", "code"), [(PAUSE, "abcd"), (PAUSE + 0.001, "cd")])
def test_what_was_typed_long_ago_is_no_start_of_a_code(pause: float, code: str) -> None:
    board = Keystrokes()
    assert board.typed("ab", 1.0) is None
    assert board.typed("cd", 1.0 + pause) is None
    assert board.typed("\r", 1.0 + pause) == code


def test_slow_typing_is_no_pause() -> None:
    assert typed("abc\r", every=PAUSE) == ["abc"]


def test_typing_without_end_does_not_fill_the_memory() -> None:
    board = Keystrokes()
    for _ in range(10):
        assert board.typed("x" * LONGEST, 1.0) is None
    code = board.typed("\r", 1.0)
    assert code is not None
    assert len(code) == LONGEST + 1, "which is too long for a code"
    assert typed("abc\r", keyboard=board) == ["abc"]


def test_half_a_code_is_shown_to_nobody() -> None:
    board = Keystrokes()
    board.typed("s3cr3t", 1.0)
    assert "s3cr3t" not in repr(board)
