"""The kiosk around the agent: its screen, its scanner, its service."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crewcheck_agent.core.diagnosis import Finding, Note, Step, failed, ok, skipped, unknown, warning
from crewcheck_agent.core.problem import Code, Problem
from crewcheck_agent.core.screen import Scanner
from crewcheck_agent.doctor.patient import Patient, Silence
from crewcheck_agent.kiosk.monitors import Places, monitors

_DESKTOPS = ("SDL_VIDEODRIVER", "DISPLAY", "WAYLAND_DISPLAY")
_MANY_RESTARTS = 3


def display(patient: Patient) -> Finding:
    """Whether there is a picture, and on what."""
    seen = monitors(Places(patient.root / "sys/class/drm", patient.root / "dev/dri"))
    connected = [f"{name} {mode}".strip() for name, mode in seen.connected]
    if patient.status:
        return _of_agent(patient.status["screen"], patient.problem, connected)
    facts = {"driver": None, "size": None, "showing": None, "monitors": connected}
    if any(patient.environ.get(name) for name in _DESKTOPS):
        return unknown(Step.DISPLAY, Note.NOT_ADMITTED if patient.is_shut else Note.NO_AGENT, **facts)
    if seen.lack:
        return failed(Step.DISPLAY, Problem(Code.DISPLAY, seen.node, variant=seen.lack), **facts)
    return ok(Step.DISPLAY, Note.MONITOR, **facts)


def _of_agent(screen: Mapping[str, Any], problem: Problem | None, connected: list[str]) -> Finding:
    facts = {"driver": screen["driver"], "size": screen["size"], "showing": screen["showing"], "monitors": connected}
    if problem and problem.code is Code.DISPLAY:
        return failed(Step.DISPLAY, problem, **facts)
    if not screen["driver"]:
        return failed(Step.DISPLAY, Problem(Code.DISPLAY), **facts)
    return ok(Step.DISPLAY, Note.DISPLAYING, **facts)


def scanner(patient: Patient) -> Finding:
    """Whether the scanner is there: the agent looks for it; without one, whether the configured one is."""
    wanted = patient.settings.scanner
    told = patient.status and patient.status.get("scanner")
    if told and told["state"] != Scanner.UNKNOWN:
        return _scanner_of_agent(told)
    if wanted == "off":
        return skipped(Step.SCANNER, Note.SCANNER_OFF)
    if wanted != "auto":
        there = (patient.root / wanted.lstrip("/")).exists()
        if there:
            return ok(Step.SCANNER, Note.SCANNER_FOUND, device=wanted, name=Path(wanted).name)
        return failed(Step.SCANNER, Problem(Code.SCANNER, wanted, variant="absent"), device=wanted)
    return unknown(Step.SCANNER, Note.NOT_ADMITTED if patient.is_shut else Note.NOT_TOLD)


def _scanner_of_agent(told: Mapping[str, Any]) -> Finding:
    match told["state"]:
        case Scanner.PRESENT:
            return ok(Step.SCANNER, Note.SCANNER_FOUND, **told)
        case Scanner.DENIED:
            return failed(Step.SCANNER, Problem(Code.SCANNER, told["device"] or "", variant="denied"), **told)
        case Scanner.MISSING:
            return failed(Step.SCANNER, Problem(Code.SCANNER), **told)
        case _:
            return skipped(Step.SCANNER, Note.SCANNER_OFF, **told)


def service(patient: Patient) -> Finding:
    """Whether the agent runs, and is looked after."""
    unit = patient.unit
    facts = _unit_facts(unit)
    if patient.agent is Silence.STUCK:
        return failed(Step.SERVICE, Problem(Code.SERVICE, variant="stuck"), **facts)
    if patient.agent is Silence.FORBIDDEN and (unit is None or unit["ActiveState"] == "active"):
        return unknown(Step.SERVICE, Note.NEEDS_ROOT, **facts)
    if patient.agent is Silence.NONE_RUNS:
        return failed(Step.SERVICE, _why_none_runs(unit), **facts)
    if unit is None or unit["MainPID"] != str((patient.status or {}).get("agent", {}).get("pid")):
        return ok(Step.SERVICE, Note.RUNNING_FREE, **facts)
    if unit["NRestarts"].isdigit() and int(unit["NRestarts"]) >= _MANY_RESTARTS:
        return warning(Step.SERVICE, Problem(Code.SERVICE, unit["NRestarts"], variant="restarts"), **facts)
    if unit["UnitFileState"] == "disabled":
        return warning(Step.SERVICE, Problem(Code.SERVICE, variant="disabled"), **facts)
    return ok(Step.SERVICE, Note.RUNNING, **facts)


def _why_none_runs(unit: Mapping[str, str] | None) -> Problem:
    if unit is None:
        return Problem(Code.SERVICE)
    if unit["Result"] == "watchdog":
        return Problem(Code.SERVICE, variant="watchdog")
    if unit["SubState"] == "auto-restart":
        return Problem(Code.SERVICE, f"{unit['Result']}, {unit['ExecMainStatus']}", variant="ending")
    return Problem(Code.SERVICE, "" if unit["Result"] == "success" else unit["Result"])


def _unit_facts(unit: Mapping[str, str] | None) -> dict[str, Any]:
    found = unit or {}
    restarts = found.get("NRestarts", "")
    return {
        "activeState": found.get("ActiveState"),
        "subState": found.get("SubState"),
        "result": found.get("Result"),
        "restarts": int(restarts) if restarts.isdigit() else None,
        "atBoot": found.get("UnitFileState"),
        "watchdog": found.get("WatchdogUSec"),
        "since": found.get("ActiveEnterTimestamp") or None,
    }
