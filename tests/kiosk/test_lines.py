"""Lines fit, lose nothing, and are broken where a person would break them."""

import pytest

from crewcheck_agent.kiosk.lines import broken

TEXTS = [
    "",
    "One moment – no connection",  # noqa: RUF001
    "Hold the connection code in front of the scanner.",
    "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen ist ein Wort",
    "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
    "x" * 64,
    "https://devices.example.com/a/very/long/path/that/goes/on",
]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("width", [1, 7, 12, 20, 38, 100])
def test_nothing_is_lost_and_every_line_fits(text: str, width: int) -> None:
    lines = broken(text, width, len)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(len(line) <= width for line in lines)


def test_no_more_lines_than_needed_and_all_about_equally_long() -> None:
    assert broken("aaaa bbbb cccc dddd", 15, len) == ["aaaa bbbb", "cccc dddd"]


def test_a_line_holds_no_more_characters_than_allowed() -> None:
    assert broken("aaaa bbbb cccc", 100, len, most=9) in (["aaaa bbbb", "cccc"], ["aaaa", "bbbb cccc"])


def test_a_thought_is_not_torn_where_it_can_end_a_line() -> None:
    assert broken("Un instant\u00a0– pas de connexion", 22, len) == [  # noqa: RUF001
        "Un instant\u00a0–",  # noqa: RUF001
        "pas de connexion",
    ]


def test_a_line_does_not_end_with_a_little_word_where_that_can_be_helped() -> None:
    assert broken("voilà la borne", 9, len) == ["voilà", "la borne"]


def test_a_no_break_space_is_not_broken() -> None:
    assert broken("aaa 14:05\u00a0h", 9, len) == ["aaa", "14:05\u00a0h"]


def test_a_long_word_is_broken_after_its_own_joints_first() -> None:
    assert broken("3f2504e0-4f89-11d3-9a0c-0305e82c3301", 20, len) == ["3f2504e0-4f89-11d3-", "9a0c-0305e82c3301"]


def test_a_long_word_without_joints_is_broken_into_equal_parts() -> None:
    assert broken("x" * 64, 40, len) == ["x" * 32, "x" * 32]
