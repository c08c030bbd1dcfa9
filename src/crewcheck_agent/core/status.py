"""What is true now, for scripts: the JSON of `status`, camelCase like the API, null where nothing is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crewcheck_agent.core.kiosk import Kiosk, Name, identity_of, name_of, pulse_of
from crewcheck_agent.core.messages import words_for
from crewcheck_agent.core.problem import Code, Problem, short_code
from crewcheck_agent.core.screen import Scanner, Showing, cause_of
from crewcheck_agent.core.words.problems import ProblemWords
from crewcheck_agent.core.words.wording import Wording


@dataclass(frozen=True, slots=True)
class ScreenReport:
    """What the display does: SDL's driver, its size in pixels, the frames painted since the start.

    Attributes:
        overlay: whether the technician's panel lies over what it shows.
    """

    showing: Showing | None = None
    driver: str | None = None
    size: tuple[int, int] | None = None
    rotation: int = 0
    frames: int = 0
    problem: Problem | None = None
    overlay: bool = False


@dataclass(frozen=True, slots=True)
class ScannerReport:
    """Whether there is a scanner, what it calls itself, and its device node. `UNKNOWN`: nobody looks for one."""

    state: Scanner = Scanner.UNKNOWN
    name: str | None = None
    device: str | None = None


@dataclass(frozen=True, slots=True)
class AgentReport:
    """Which program this is, since when."""

    version: str
    pid: int
    started_at: datetime


def first_cause(kiosk: Kiosk, screen: ScreenReport, scanner: ScannerReport) -> Problem | None:
    """What is wrong, if anything is: a black screen comes before all else."""
    return screen.problem or cause_of(kiosk, scanner.state)


def report(
    kiosk: Kiosk, screen: ScreenReport, scanner: ScannerReport, agent: AgentReport, words: Wording
) -> Mapping[str, Any]:
    """The whole of `status --json`."""
    identity = identity_of(kiosk)
    pulse = pulse_of(kiosk)
    logo = kiosk.verdict.logo if kiosk.verdict else None
    return {
        "state": name_of(kiosk).value,
        "since": _time(kiosk.since),
        "tenantId": identity and identity.tenant_id,
        "deviceId": identity and identity.device_id,
        "environment": identity and identity.environment,
        "problem": problem_fields(first_cause(kiosk, screen, scanner), words),
        "notice": problem_fields(kiosk.notice, words),
        "lastAnswer": _time(pulse.last_answer),
        "nextAttempt": _time(pulse.next_attempt),
        "attempts": pulse.attempts,
        "logo": logo and {"url": logo.url, "sha256": logo.sha256, "fetchedAt": _time(logo.fetched_at)},
        "screen": {
            "showing": screen.showing and screen.showing.value,
            "driver": screen.driver,
            "size": screen.size and list(screen.size),
            "rotation": screen.rotation,
            "frames": screen.frames,
            "overlay": screen.overlay,
        },
        "scanner": {"state": scanner.state.value, "name": scanner.name, "device": scanner.device},
        "agent": {"version": agent.version, "pid": agent.pid, "startedAt": _time(agent.started_at)},
    }


def report_of_absence(words: Wording) -> Mapping[str, Any]:
    """What a script is told while no agent runs: the keys of `report`, and nothing known but that."""
    facts = ("state", "since", "tenantId", "deviceId", "environment", "notice", "lastAnswer", "nextAttempt", "attempts")
    return {
        **dict.fromkeys(facts),
        "problem": problem_fields(Problem(Code.SERVICE), words),
        "logo": None,
        "screen": dict.fromkeys(("showing", "driver", "size", "rotation", "frames", "overlay")),
        "scanner": {"state": Scanner.UNKNOWN.value, "name": None, "device": None},
        "agent": dict.fromkeys(("version", "pid", "startedAt")),
    }


def headline(report: Mapping[str, Any], words: Wording) -> str:
    """What `report` made, in one line of plain words: what `status` begins with, and what the service manager shows."""
    state, problem = words.states[Name(report["state"])], report["problem"]
    if problem is None:
        return state
    message = problem_words(problem, words).message
    return f"{state} – {message} ({problem['shortCode']})"  # noqa: RUF001 - a dash, for people


def problem_fields(problem: Problem | None, words: Wording) -> Mapping[str, str] | None:
    """A problem in `status --json`: in words, and as the facts that a tool words in its caller's language."""
    if problem is None:
        return None
    said = words_for(problem, words)
    return {
        "code": problem.code.value,
        "shortCode": short_code(problem.code),
        "message": said.message,
        "advice": said.advice,
        "variant": problem.variant,
        "host": problem.host,
        "detail": problem.detail,
    }


def problem_words(fields: Mapping[str, str], words: Wording) -> ProblemWords:
    """What `problem_fields` made, in other words; in its own where another version's agent made it."""
    problem = problem_in(fields)
    return words_for(problem, words) if problem else ProblemWords(fields["message"], fields["advice"])


def problem_in(fields: Mapping[str, str]) -> Problem | None:
    """What `problem_fields` was made of; None where another version's agent made it."""
    try:
        return Problem(Code(fields["code"]), fields["detail"], fields["host"], fields["variant"])
    except (KeyError, ValueError):
        return None


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="milliseconds") if moment else None
