"""`crewcheck-agent status`: what is true now, for a person or for a script."""

import json
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from crewcheck_agent.core.kiosk import Name
from crewcheck_agent.core.status import problem_words
from crewcheck_agent.languages import wording_in
from crewcheck_agent.tools.agent import Agent
from crewcheck_agent.tools.exit_code import ExitCode, code_of

_COLOURS = {ExitCode.FINE: "32", ExitCode.FAILED: "36", ExitCode.NOT_PROVISIONED: "36"}
_TROUBLE = "33"
_CLEAR = "\033[2J\033[H"


def status(agent: Agent, *, as_json: bool, watch: bool) -> ExitCode:
    """Print the status, once or whenever it changes until interrupted."""
    code = ExitCode.FINE
    reports: Iterator[Mapping[str, Any]] = agent.watch() if watch else iter([agent.status()])
    for report in reports:
        if watch and sys.stdout.isatty() and not as_json:
            sys.stdout.write(_CLEAR)
        text = json.dumps(report, ensure_ascii=False) if as_json else told(report, colour=sys.stdout.isatty())
        print(text, flush=True)
        code = code_of(report)
    return code


def told(report: Mapping[str, Any], *, colour: bool) -> str:
    """The status in plain words: the state first, the cause, then who this kiosk is and what it shows."""
    code = code_of(report)
    head = f"● {wording_in('auto').states[Name(report['state'])]}, since {_clock(report['since'])}"
    if colour:
        head = f"\033[1;{_COLOURS.get(code, _TROUBLE)}m{head}\033[0m"
    lines = [head, *_problem("problem", report["problem"])]
    if report.get("notice") != report["problem"]:
        lines += _problem("last code", report.get("notice"))
    lines += _lines(report)
    return "\n".join(lines)


def _problem(label: str, problem: Mapping[str, Any] | None) -> list[str]:
    if not problem:
        return []
    message, advice = problem_words(problem, wording_in("auto"))
    return [_line(label, f"{message} ({problem['shortCode']})"), _line("to do", advice)]


def _lines(report: Mapping[str, Any]) -> list[str]:
    screen, agent, logo = report["screen"], report["agent"], report["logo"]
    size = "{} x {}".format(*screen["size"]) if screen["size"] else "none"
    turned = f", turned by {screen['rotation']}°" if screen["rotation"] else ""
    return [
        *([_line("device", f"{report['deviceId']} of tenant {report['tenantId']}")] if report["deviceId"] else []),
        *([_line("service", report["environment"])] if report["environment"] else []),
        *([_line("last answer", _clock(report["lastAnswer"]))] if report["lastAnswer"] else []),
        *([_line("next try", f"{_clock(report['nextAttempt'])}{_misses(report)}")] if report["nextAttempt"] else []),
        *([_line("logo", f"{logo['url']}, fetched {_clock(logo['fetchedAt'])}")] if logo else []),
        _line("screen", f"{screen['showing'] or 'nothing'} on {screen['driver'] or 'no display'}, {size}{turned}"),
        _line("agent", f"{agent['version']}, process {agent['pid']}, started {_clock(agent['startedAt'])}"),
    ]


def _misses(report: Mapping[str, Any]) -> str:
    misses = report["attempts"]
    return f", after {misses} without an answer" if misses else ""


def _line(label: str, text: object) -> str:
    return f"  {label + ':':13}{text}"


def _clock(text: str) -> str:
    moment = datetime.fromisoformat(text).astimezone()
    today = moment.date() == datetime.now().astimezone().date()
    return f"{moment:%H:%M:%S}" if today else f"{moment:%Y-%m-%d %H:%M}"
