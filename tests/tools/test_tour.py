"""The tour must be able to fail: what the agent says counts for nothing where its screen shows something else."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from crewcheck_agent.kiosk.painter import GROUND
from crewcheck_agent.tools.exit_code import ExitCode
from crewcheck_agent.tools.stage import Report, Stage, staged
from crewcheck_agent.tools.tour import NotSeen, Step, play, steps_of, tour

DARK = Image.new("RGB", (64, 36), (0, 0, 0))
LIGHT = Image.new("RGB", (64, 36), (255, 255, 255))


class ScriptedKiosk:
    """Says and shows what it is told to, one moment after the other."""

    def __init__(self, *moments: tuple[Report, Image.Image]) -> None:
        self._moments = moments
        self._picture = DARK

    def reports(self, patience: float) -> Iterator[Report]:
        for report, picture in self._moments:
            self._picture = picture
            yield report

    def look(self) -> Image.Image:
        return self._picture


def said(state: str, showing: str, problem: str = "") -> Mapping[str, Any]:
    return {
        "state": state,
        "screen": {"showing": showing},
        "problem": {"message": problem} if problem else None,
        "notice": None,
    }


def is_light(picture: Image.Image) -> str:
    return "" if picture is LIGHT else "it is dark"


STEP = Step("The light goes on", "light", lambda: None, "connected", "logo", is_light)


def test_a_step_is_seen_when_the_words_and_the_picture_are_right() -> None:
    kiosk = ScriptedKiosk((said("offline", "logo"), DARK), (said("connected", "logo"), LIGHT))
    play(STEP, kiosk, 1)


def test_a_picture_that_comes_later_than_the_words_is_waited_for() -> None:
    play(STEP, ScriptedKiosk((said("connected", "logo"), DARK), (said("connected", "logo"), LIGHT)), 1)


@pytest.mark.parametrize(
    ("moments", "seen"),
    [
        ([], "nothing: the agent's status did not come"),
        ([(said("connected", "logo"), DARK)], "it is dark"),
        ([(said("offline", "logo"), LIGHT)], "the agent says that it is offline and shows logo"),
        (
            [(said("connected", "connecting", "The logo cannot be fetched."), LIGHT)],
            "the agent says that it is connected and shows connecting (The logo cannot be fetched.)",
        ),
    ],
)
def test_a_step_that_is_not_seen_says_what_was(moments: list[tuple[Report, Image.Image]], seen: str) -> None:
    with pytest.raises(NotSeen) as caught:
        play(STEP, ScriptedKiosk(*moments), 1)
    assert str(caught.value) == seen


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """A real agent, on a machine where pictures cannot be drawn: there is no librsvg."""
    with staged(0, {**os.environ, "PATH": "/nonexistent"}, headless=True) as stage:
        yield stage


@pytest.fixture(autouse=True)
def keepsakes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where failures are saved."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_a_tour_without_a_logo_fails_and_keeps_the_evidence(
    stage: Stage, keepsakes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    start, scan, *_ = steps_of(stage)
    assert tour(stage, [start, scan], patience=3) is ExitCode.FAILED
    told = capsys.readouterr().out
    [kept] = keepsakes.iterdir()
    assert "✓" in told.splitlines()[0]
    assert "It scans its code: this was not seen" in told
    assert "expected: the logo, in the middle of the screen" in told
    assert "shows connecting (" in told
    assert f"picture:  {kept}/screen.png" in told
    with Image.open(kept / "screen.png") as picture:
        assert picture.size == (1280, 720)
    assert "crewcheck-agent" in (kept / "agent.log").read_text()


def test_a_code_that_is_refused_fails_the_tour(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    _, scan, *_ = steps_of(stage)
    stage.simulator.set_fault(operation="connect", status=401, times=1)
    assert tour(stage, [scan], patience=3) is ExitCode.FAILED
    assert "the code was not taken: " in capsys.readouterr().out


def test_a_kiosk_that_ends_fails_the_tour(capsys: pytest.CaptureFixture[str], keepsakes: Path) -> None:
    with staged(0, os.environ, headless=True) as stage:
        end = Step("It is killed", "a survivor", lambda: os.kill(pid_of(stage), 9), "connected", "logo", is_light)
        assert tour(stage, [end], patience=30) is ExitCode.FAILED
    told = capsys.readouterr().out
    assert "seen:     the agent ended, with exit code -9" in told
    assert "picture:" not in told
    assert [each.name for each in keepsakes.glob("*/*")] == ["agent.log"]


def pid_of(stage: Stage) -> int:
    return int(next(stage.kiosk.reports(30))["agent"]["pid"])


def test_every_step_can_fail(capsys: pytest.CaptureFixture[str]) -> None:
    """The same script, but nothing happens any more after the first scan: no later picture is the expected one."""
    with staged(0, os.environ, headless=True) as stage:
        start, scan, *others = steps_of(stage)
        assert tour(stage, [start, scan], patience=30) is ExitCode.FINE
        lit = next(stage.kiosk.reports(5))
        assert (lit["state"], lit["screen"]["showing"]) == ("connected", "logo")
        picture = stage.kiosk.look()
        complaints = {step.name: step.judge(picture) for step in others}
    assert capsys.readouterr().out.count("✓") == 2
    assert complaints == {
        "The operator disables it": "7 of the logo's 7 colours are still on the screen",
        "The operator enables it": "",
        "The network is lost": "there is no mark in the corner",
        "The network is back": "",
        "The operator resets its key": "the logo was given up before it was refused twice: 0",
        "It scans its new code": "",
    }


def test_a_screen_that_only_changed_its_name_is_not_another_screen(stage: Stage) -> None:
    steps = {step.name: step.judge for step in steps_of(stage)}
    words = Image.new("RGB", (1280, 720), GROUND)
    words.paste((245, 242, 235), (100, 100, 900, 160))
    connect = f"{stage.simulator.environment}/api/demo/devices/{stage.device_id}/connect"
    for _ in range(2):
        assert httpx.post(connect, headers={"X-API-KEY": "wrong"}, trust_env=False).status_code == 401
    assert steps["The operator disables it"](words) == ""
    assert steps["The operator resets its key"](words) == "the same picture as that of a disabled kiosk"


def test_a_mark_in_its_corner_spoils_the_plain_logo(stage: Stage) -> None:
    picture = Image.new("RGB", (1280, 720))
    picture.paste((90, 90, 90), (1200, 650, 1240, 680))
    assert steps_of(stage)[1].judge(picture) == "the logo's corner carries a mark"
