"""The README promises what the code has: no code, setting or exit code is forgotten, and none is made up."""

import re
from pathlib import Path

import pytest

from crewcheck_agent.core.problem import Code, short_code
from crewcheck_agent.settings import Settings
from crewcheck_agent.tools.exit_code import ExitCode

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return re.split(r"^## ", README.partition(f"## {title}\n")[2], flags=re.MULTILINE)[0]


def test_every_screen_code_has_its_row() -> None:
    rows = re.findall(r"^\| (CC-\d+) \|", section("When something is wrong"), flags=re.MULTILINE)
    assert rows == sorted(short_code(code) for code in Code)


def test_every_setting_has_its_row() -> None:
    first_cells = re.findall(r"^\| (`.+?`) \|", section("Configuration"), flags=re.MULTILINE)
    assert sorted(re.findall(r"`(\w+)`", " ".join(first_cells))) == sorted(Settings.model_fields)


@pytest.mark.parametrize("code", ExitCode)
def test_every_exit_code_is_told(code: ExitCode) -> None:
    assert re.search(rf"\b{code.value} [a-z]", section("On a kiosk"))


@pytest.mark.parametrize("path", re.findall(r"\]\(([^)#:]+)\)", README))
def test_every_link_leads_somewhere(path: str) -> None:
    assert (Path(__file__).parents[1] / path).exists()
