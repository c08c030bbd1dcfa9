"""The manual pages promise what the code has."""

import re
from pathlib import Path

import pytest

from crewcheck_agent.kiosk.store import Store
from crewcheck_agent.tools.account import AdminSettings
from crewcheck_agent.tools.exit_code import ExitCode

MANUAL = Path(__file__).parents[2] / "deploy" / "debian" / "manual"


def section(page: str, title: str) -> str:
    text = (MANUAL / f"{page}.include").read_text(encoding="utf-8")
    return re.split(r"^\[", text.partition(f"[{title}]\n")[2], flags=re.MULTILINE)[0]


def test_every_exit_code_of_the_agent_is_told() -> None:
    told = re.findall(r"^\.B (\d+)$", section("crewcheck-agent", "exit status"), flags=re.MULTILINE)
    assert [int(each) for each in told] == sorted(code.value for code in ExitCode)


@pytest.mark.parametrize("page", ["crewcheck-admin", "crewcheck-sim"])
def test_no_other_program_has_an_exit_code_that_the_agent_has_not(page: str) -> None:
    told = re.findall(r"^\.B (\d+)$", section(page, "exit status"), flags=re.MULTILINE)
    assert told
    assert {int(each) for each in told} <= {code.value for code in ExitCode}


def test_every_file_that_must_not_be_lost_is_told() -> None:
    store = Store(Path("/var/lib/crewcheck-agent"), ())
    files = section("crewcheck-agent", "files")
    assert f"{store.directory}/" in files
    for path in (store.token_file, store.candidate_file, store.verdict_file):
        assert path.name in files


def test_the_operators_settings_are_those_of_the_code() -> None:
    told = re.findall(r"CREWCHECK_ADMIN_([A-Z_]+)$", section("crewcheck-admin", "environment"), flags=re.MULTILINE)
    assert sorted(name.lower() for name in told) == sorted(AdminSettings.model_fields)
