"""The units: how exposed they are, as systemd itself judges it, and what the agent must neither wait for nor lack."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

UNITS = Path(__file__).parents[2] / "systemd"
AGENT = UNITS / "crewcheck-agent.service"
MOST_EXPOSED = 17  # tenths of systemd's score, which goes to 10


def words(unit: Path) -> Mapping[str, list[str]]:
    """The words of each key, those of repeated lines added up."""
    found: dict[str, list[str]] = {}
    for line in unit.read_text(encoding="utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(key, []).extend(value.split())
    return found


@pytest.mark.parametrize("unit", sorted(UNITS.glob("*.service")), ids=lambda unit: unit.name)
def test_no_unit_is_exposed_beyond_what_its_work_needs(unit: Path) -> None:
    analyse = shutil.which("systemd-analyze")
    if analyse is None:
        pytest.skip("systemd-analyze is not installed (Debian's package systemd)")
    command = (analyse, "security", "--offline=yes", f"--threshold={MOST_EXPOSED}", "--no-pager", str(unit))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "Overall exposure level" in done.stdout, done.stderr
    assert done.returncode == 0, done.stdout


def test_the_picture_waits_neither_for_the_network_nor_for_the_rest_of_the_boot() -> None:
    unit = words(AGENT)
    assert unit["DefaultDependencies"] == ["no"]
    assert set(unit["After"]) == {"local-fs.target", "systemd-tmpfiles-setup.service"}
    assert "Requires" not in unit


def test_it_comes_back_for_ever() -> None:
    unit = words(AGENT)
    assert (unit["Restart"], unit["StartLimitIntervalSec"]) == (["always"], ["0"])
    assert int(unit["RestartMaxDelaySec"][0]) <= 15, "seconds that a kiosk may be dark for a crash"


def test_the_console_stays_shut_between_two_starts_of_the_agent() -> None:
    """It ends when nobody wants it: the agent's restart must not be a moment in which it is not wanted."""
    assert words(UNITS / "crewcheck-console.service")["StopWhenUnneeded"] == ["yes"]
    assert words(AGENT)["RestartMode"] == ["direct"]
    assert "crewcheck-console.service" in words(AGENT)["Wants"]


def test_no_device_counts_only_if_its_driver_came_first() -> None:
    """A driver's name is looked up at the start (systemd.resource-control(5)); a number always counts."""
    names = [word for word in words(AGENT)["DeviceAllow"] if word.startswith("char-")]
    assert names
    assert all(name.removeprefix("char-").isdigit() for name in names)


def test_every_place_for_a_factorys_code_is_looked_at() -> None:
    wanted = words(AGENT)["Wants"]
    for place in ("boot", "boot-efi", "boot-firmware"):
        assert f"crewcheck-agent-factory@{place}.service" in wanted
