"""Text is set for what takes it."""

import pytest

from crewcheck_agent.tools.terminal import Paper, Sheet

ADDRESS = "https://acme.example/" + "logo/" * 20
ON_TERMINAL = Paper(redrawn=True)


def test_a_paragraph_hangs_below_its_start_and_keeps_within_the_width() -> None:
    assert Paper(20).set("  to do: ", "Check cable and router.") == ["  to do: Check cable", "         and router."]


def test_colour_is_for_paper_that_takes_it_and_text_that_has_one() -> None:
    assert Paper(coloured=True).set("", "well", "1;32") == ["\033[1;32mwell\033[0m"]
    assert Paper(coloured=True).set("", "well") == ["well"]
    assert Paper().set("", "well", "1;32") == ["well"]


def test_an_address_can_be_copied_unless_its_lines_must_be_counted() -> None:
    assert ADDRESS in "\n".join(Paper().set("  logo: ", ADDRESS))
    lines = ON_TERMINAL.set("  logo: ", ADDRESS)
    assert max(map(len, lines)) <= 80
    assert "".join(line[8:] for line in lines) == ADDRESS


def test_a_narrow_terminal_decides_on_the_width_and_a_wide_one_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    for columns, width in (("40", 40), ("300", 80)):
        monkeypatch.setenv("COLUMNS", columns)
        assert Paper.at_hand().width == width


def test_a_sheet_is_redrawn_on_a_terminal_and_begun_anew_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    for paper, again in ((ON_TERMINAL, "\033[2F\033[J"), (Paper(), "\n")):
        sheet = Sheet(paper)
        sheet.show(["one", "two"])
        sheet.show(["three"])
        assert capsys.readouterr().out == f"one\ntwo\n{again}three\n"


def test_what_a_terminal_has_no_room_for_is_left_out_at_the_end(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LINES", "3")
    sheet = Sheet(ON_TERMINAL)
    sheet.show(["one", "two", "three"])
    sheet.show(["four"])
    assert capsys.readouterr().out == "one\ntwo\n\033[2F\033[Jfour\n"
