"""The stage: the agent is the demo's own, and nothing is left of it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from crewcheck_agent.tools import stage
from crewcheck_agent.tools.demo import _offer
from crewcheck_agent.tools.stage import Ended, NoDisplay, NotStarted, Typed, has_display, staged


def test_the_users_own_configuration_stays_outside(tmp_path: Path) -> None:
    theirs = {
        **os.environ,
        "CREWCHECK_POLL_INTERVAL": "nonsense",
        "CREWCHECK_CONFIG": str(tmp_path / "missing.toml"),
        "STATE_DIRECTORY": str(tmp_path),
        "http_proxy": "http://127.0.0.1:9",
        "ALL_PROXY": "http://127.0.0.1:9",
    }
    with staged(0, theirs, headless=True) as set_up:
        assert set_up.kiosk.offer(set_up.fresh_code(), scanned=True)["reply"] == "connected"
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_of_it() -> None:
    with staged(0, os.environ, headless=True) as set_up:
        report = next(set_up.kiosk.reports(30))
        home = set_up.kiosk.log.parent
        assert home.exists()
        assert report["screen"]["size"] == [1280, 720]
        assert report["screen"]["driver"] == "offscreen"
        pid = report["agent"]["pid"]
    assert not home.exists()
    assert not Path(f"/proc/{pid}").exists()


def test_a_display_that_cannot_be_opened_is_told_apart() -> None:
    nowhere = {**os.environ, "DISPLAY": ":6789", "SDL_VIDEODRIVER": "x11"}
    with pytest.raises(NoDisplay), staged(0, nowhere, headless=False):
        pytest.fail("it must not run")  # pragma: no cover


def test_an_agent_that_cannot_even_start_says_why() -> None:
    broken = {**os.environ, "PYTHONPATH": "", "PYTHONHOME": "/nonexistent"}
    with pytest.raises(NotStarted, match="it ended at once, with exit code 1\n"), staged(0, broken, headless=True):
        pytest.fail("it must not run")  # pragma: no cover


def test_an_agent_that_shows_nothing_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "_PATIENCE", 0.01)
    with pytest.raises(NotStarted, match="it showed nothing within"), staged(0, os.environ, headless=True):
        pytest.fail("it must not run")  # pragma: no cover


def test_a_kiosk_that_is_gone_has_neither_picture_nor_answer(capsys: pytest.CaptureFixture[str]) -> None:
    with staged(0, os.environ, headless=True) as set_up:
        picture = f"{set_up.simulator.environment}/_sim/kiosk.png"
        assert httpx.get(picture, trust_env=False).status_code == 200
        os.kill(next(set_up.kiosk.reports(30))["agent"]["pid"], signal.SIGKILL)
        set_up.kiosk.news.put(Typed("what the terminal says is no report"))
        with pytest.raises(Ended):
            [*set_up.kiosk.reports(30)]
        assert httpx.get(picture, trust_env=False).status_code == 404
        _offer(set_up, "")
    assert capsys.readouterr().out.startswith("The kiosk cannot be asked: no agent is running")


def test_a_long_name_of_the_temporary_directory_does_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / ("long" * 20)))
    with staged(0, os.environ, headless=True) as set_up:
        assert next(set_up.kiosk.reports(30))["state"] == "unprovisioned"


def test_an_agent_that_does_not_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "_END_PATIENCE", 0.1)
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); signal.pause()"
    with subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        stage._end(process)
        assert process.returncode == -9


@pytest.mark.parametrize(
    ("environ", "there_is_one"),
    [({}, False), ({"DISPLAY": ""}, False), ({"DISPLAY": ":0"}, True), ({"WAYLAND_DISPLAY": "w"}, True)],
)
def test_a_desktop_is_known_by_its_variables(environ: dict[str, str], there_is_one: bool) -> None:  # noqa: FBT001
    assert has_display(environ) is there_is_one
