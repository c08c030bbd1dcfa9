"""Screen, scanner, service and power: what the kernel, systemd and the agent tell of them."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.doctor.conftest import Clinic
from tests.doctor.test_causes import connects
from tests.kiosk.hosting import answering
from tests.tools.machine import PROBLEM, REPORT

from crewcheck_agent.core.diagnosis import Finding, Note, Step, Verdict, ok
from crewcheck_agent.core.problem import Code
from crewcheck_agent.doctor import kiosk, machine
from crewcheck_agent.doctor.answer import Asked, logo
from crewcheck_agent.doctor.patient import Patient, Silence, unit
from crewcheck_agent.settings import Settings

UNIT = {
    "LoadState": "loaded",
    "ActiveState": "active",
    "SubState": "running",
    "Result": "success",
    "NRestarts": "0",
    "UnitFileState": "enabled",
    "WatchdogUSec": "30s",
    "ExecMainStatus": "0",
    "MainPID": "42",
    "ActiveEnterTimestamp": "Tue 2026-06-02 12:00:00 UTC",
    "Environment": "",
}
DARK = {"showing": None, "driver": None, "size": None, "rotation": 0, "frames": 0}
NO_SCREEN = {**PROBLEM, "code": "display", "variant": "", "host": "", "detail": "no monitor is connected"}


@pytest.fixture
def patient(tmp_path: Path) -> Patient:
    settings = Settings(state_dir=tmp_path / "state", cache_dir=tmp_path / "cache", runtime_dir=tmp_path / "run")
    return Patient(settings, tmp_path / "agent.toml", None, REPORT, UNIT, None, (), {}, tmp_path)


def said(finding: Finding) -> tuple[Verdict, object, str]:
    """The verdict, and the note or the cause with its variant."""
    problem = finding.problem
    return finding.verdict, problem.code if problem else finding.note, problem.variant if problem else ""


def lay(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


CARD = {"sys/class/drm/card0/dev": "226:0", "dev/dri/card0": ""}
CABLE = {"sys/class/drm/card0-HDMI-A-1/status": "connected\n", "sys/class/drm/card0-HDMI-A-1/modes": "1920x1080\n"}
NO_CABLE = {"sys/class/drm/card0-HDMI-A-1/status": "disconnected\n"}


@pytest.mark.parametrize(
    ("files", "environ", "verdict", "lack"),
    [
        ({}, {}, Verdict.FAILED, "noCard"),
        ({**CARD, **NO_CABLE}, {}, Verdict.FAILED, "noMonitor"),
        ({**CARD, **CABLE}, {}, Verdict.OK, ""),
        ({}, {"DISPLAY": ":0"}, Verdict.UNKNOWN, ""),
    ],
)
def test_without_an_agent_the_kernel_tells_of_the_screen(
    patient: Patient, files: Mapping[str, str], environ: Mapping[str, str], verdict: Verdict, lack: str
) -> None:
    lay(patient.root, files)
    found = kiosk.display(replace(patient, agent=Silence.NONE_RUNS, environ=environ))
    assert (found.verdict, found.problem.variant if found.problem else "") == (verdict, lack)


def test_the_monitor_is_named(patient: Patient) -> None:
    lay(patient.root, {**CARD, **CABLE})
    found = kiosk.display(replace(patient, agent=Silence.NONE_RUNS))
    assert found.facts["monitors"] == ["card0-HDMI-A-1 1920x1080"]


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, Verdict.OK),
        ({"screen": DARK}, Verdict.FAILED),
        ({"screen": DARK, "problem": NO_SCREEN}, Verdict.FAILED),
    ],
)
def test_the_agent_tells_of_its_screen(patient: Patient, changes: Mapping[str, Any], verdict: Verdict) -> None:
    found = kiosk.display(replace(patient, agent={**REPORT, **changes}))
    assert found.verdict is verdict
    assert found.facts["driver"] == (None if changes else "KMSDRM")


@pytest.mark.parametrize(
    ("setting", "verdict", "named"),
    [
        ("off", Verdict.SKIPPED, Note.SCANNER_OFF),
        ("auto", Verdict.UNKNOWN, Note.NOT_TOLD),
        ("/dev/input/gone", Verdict.FAILED, Code.SCANNER),
        ("/dev/input/scanner", Verdict.OK, Note.SCANNER_FOUND),
    ],
)
def test_a_scanner_that_is_named_must_be_there(patient: Patient, setting: str, verdict: Verdict, named: object) -> None:
    lay(patient.root, {"dev/input/scanner": ""})
    found = kiosk.scanner(
        replace(patient, agent=Silence.NONE_RUNS, settings=patient.settings.model_copy(update={"scanner": setting}))
    )
    assert said(found)[:2] == (verdict, named)


@pytest.mark.parametrize(
    ("state", "verdict", "named", "variant"),
    [
        ("present", Verdict.OK, Note.SCANNER_FOUND, ""),
        ("missing", Verdict.FAILED, Code.SCANNER, ""),
        ("denied", Verdict.FAILED, Code.SCANNER, "denied"),
        ("off", Verdict.SKIPPED, Note.SCANNER_OFF, ""),
        ("unknown", Verdict.UNKNOWN, Note.NOT_TOLD, ""),
    ],
)
def test_the_agent_tells_of_its_scanner(
    patient: Patient, state: str, verdict: Verdict, named: object, variant: str
) -> None:
    told = {"state": state, "name": "Barcode Reader", "device": "/dev/input/event3"}
    assert said(kiosk.scanner(replace(patient, agent={**REPORT, "scanner": told}))) == (verdict, named, variant)


SERVICES: list[tuple[Mapping[str, Any] | Silence, Mapping[str, str] | None, Verdict, object, str]] = [
    (REPORT, UNIT, Verdict.OK, Note.RUNNING, ""),
    (REPORT, None, Verdict.OK, Note.RUNNING_FREE, ""),
    (REPORT, {**UNIT, "MainPID": "7"}, Verdict.OK, Note.RUNNING_FREE, ""),
    (REPORT, {**UNIT, "NRestarts": "3"}, Verdict.WARNING, Code.SERVICE, "restarts"),
    (REPORT, {**UNIT, "UnitFileState": "disabled"}, Verdict.WARNING, Code.SERVICE, "disabled"),
    (Silence.STUCK, UNIT, Verdict.FAILED, Code.SERVICE, "stuck"),
    (Silence.FORBIDDEN, UNIT, Verdict.UNKNOWN, Note.NEEDS_ROOT, ""),
    (Silence.FORBIDDEN, None, Verdict.UNKNOWN, Note.NEEDS_ROOT, ""),
    (Silence.NONE_RUNS, None, Verdict.FAILED, Code.SERVICE, ""),
    (Silence.NONE_RUNS, {**UNIT, "ActiveState": "inactive", "SubState": "dead"}, Verdict.FAILED, Code.SERVICE, ""),
    (Silence.NONE_RUNS, {**UNIT, "Result": "watchdog"}, Verdict.FAILED, Code.SERVICE, "watchdog"),
    (
        Silence.NONE_RUNS,
        {**UNIT, "Result": "exit-code", "SubState": "auto-restart"},
        Verdict.FAILED,
        Code.SERVICE,
        "ending",
    ),
]


@pytest.mark.parametrize(("agent", "unit", "verdict", "named", "variant"), SERVICES)
def test_the_service(
    patient: Patient,
    agent: Mapping[str, Any] | Silence,
    unit: Mapping[str, str] | None,
    verdict: Verdict,
    named: object,
    variant: str,
) -> None:
    assert said(kiosk.service(replace(patient, agent=agent, unit=unit))) == (verdict, named, variant)


THROTTLED = "sys/devices/platform/soc/soc:firmware/get_throttled"
ALARM = {"sys/class/hwmon/hwmon0/name": "cpu_thermal\n", "sys/class/hwmon/hwmon1/name": "rpi_volt\n"}


@pytest.mark.parametrize(
    ("files", "verdict", "variant"),
    [
        ({}, Verdict.UNKNOWN, ""),
        ({THROTTLED: "0\n"}, Verdict.OK, ""),
        ({THROTTLED: "50005\n"}, Verdict.FAILED, ""),
        ({THROTTLED: "50000\n"}, Verdict.WARNING, "before"),
        ({THROTTLED: "who knows\n"}, Verdict.UNKNOWN, ""),
        ({**ALARM, "sys/class/hwmon/hwmon1/in0_lcrit_alarm": "0\n"}, Verdict.OK, ""),
        ({**ALARM, "sys/class/hwmon/hwmon1/in0_lcrit_alarm": "1\n"}, Verdict.FAILED, ""),
        (ALARM, Verdict.UNKNOWN, ""),
    ],
)
def test_a_board_may_tell_of_its_supply(
    patient: Patient, files: Mapping[str, str], verdict: Verdict, variant: str
) -> None:
    lay(patient.root, files)
    found = machine.power(patient)
    assert (found.verdict, found.problem.variant if found.problem else "") == (verdict, variant)


def test_what_systemd_tells_is_read_from_its_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert unit() is None, "there is no such program"
    program = tmp_path / "systemctl"
    program.write_text("#!/bin/sh\nprintf 'LoadState=loaded\\nActiveState=active\\nEnvironment=A=b=c\\n'\n")
    program.chmod(0o755)
    told = {"LoadState": "loaded", "ActiveState": "active", "Environment": "A=b=c"}
    assert unit() == {**dict.fromkeys(UNIT, ""), **told}
    program.write_text("#!/bin/sh\nprintf 'LoadState=not-found\\n'\n")
    assert unit() is None, "it knows no such service"
    program.write_text("#!/bin/sh\nexit 1\n")
    assert unit() is None, "it is not in charge here"


def test_an_agent_that_is_stuck_is_told_from_one_that_does_not_run(clinic: Clinic) -> None:
    machine = clinic.machine
    machine.socket.parent.mkdir()
    with answering(machine.socket, None):
        connects(clinic, "200 OK", b'{"settings": {}}', Content_Type="application/json")
        report = clinic.examine()
    assert report["service"]["message"] == "The agent runs and does not answer."
    assert "not tried" in report["api"]["message"], "the key is the agent's"


def test_a_socket_that_was_left_behind_is_no_agent(clinic: Clinic) -> None:
    machine = clinic.machine
    with machine.agent():
        left = machine.socket.with_name("left")
        machine.socket.rename(left)
    left.rename(machine.socket)
    told = machine.tool("doctor", "--json", CREWCHECK_ALLOWED_ENVIRONMENTS="http://127.0.0.1:1").stdout
    assert b"The agent does not run." in told


def test_what_only_the_agent_knows_is_not_told_to_a_user_who_may_not_ask_it(patient: Patient) -> None:
    shut = replace(patient, agent=Silence.FORBIDDEN, environ={"DISPLAY": ":0"})
    for finding in (kiosk.display(shut), kiosk.scanner(shut), asyncio.run(logo(shut, Asked(ok(Step.API, Note.THERE))))):
        assert said(finding)[:2] == (Verdict.UNKNOWN, Note.NOT_ADMITTED)
    assert said(machine.identity(shut))[:2] == (Verdict.UNKNOWN, Note.NEEDS_ROOT)
    assert said(machine.disk(shut))[:2] == (Verdict.UNKNOWN, Note.NEEDS_ROOT)


def test_a_running_agents_folder_that_is_not_there_is_not_well(patient: Patient) -> None:
    found = machine.disk(patient)
    assert said(found)[:2] == (Verdict.UNKNOWN, Note.NO_FOLDER)
    assert found.facts["missing"] == [str(patient.settings.state_dir), str(patient.settings.cache_dir)]
    assert said(machine.disk(replace(patient, agent=Silence.NONE_RUNS)))[:2] == (Verdict.OK, Note.ROOM)
