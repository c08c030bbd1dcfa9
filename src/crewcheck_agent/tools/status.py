"""`crewcheck-agent status`: what is true now, for a person or for a script."""

import json
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from gettext import gettext as _
from gettext import ngettext, pgettext
from typing import Any

from crewcheck_agent.core.kiosk import Name
from crewcheck_agent.core.screen import Scanner, Showing, scanner_words
from crewcheck_agent.core.status import problem_words
from crewcheck_agent.core.words.wording import Wording
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
    code, words = code_of(report), wording_in("auto")
    state, since = words.states[Name(report["state"])], _clock(report["since"])
    head = "● " + _("{state}, since {time}").format(state=state, time=since)
    if colour:
        head = f"\033[1;{_COLOURS.get(code, _TROUBLE)}m{head}\033[0m"
    labels = _labels()
    room = max(map(len, labels.values())) + 1
    facts = [*_problems(report, words), *_facts(report, words)]
    return "\n".join([head, *(f"  {labels[name]:{room}}{text}" for name, text in facts)])


def showing_of(screen: Mapping[str, Any]) -> str:
    """What is on the screen, in a word."""
    return _showings().get(screen["showing"], screen["showing"])


def _labels() -> Mapping[str, str]:
    return {
        "problem": _("problem:"),
        "notice": _("last code:"),
        "advice": _("to do:"),
        "device": _("device:"),
        "service": _("service:"),
        "lastAnswer": _("last answer:"),
        "nextAttempt": _("next try:"),
        "logo": _("logo:"),
        "screen": _("screen:"),
        "scanner": _("scanner:"),
        "agent": _("agent:"),
    }


def _showings() -> Mapping[str | None, str]:
    return {
        None: pgettext("screen", "nothing"),
        Showing.SETUP.value: pgettext("screen", "setup"),
        Showing.CONNECTING.value: pgettext("screen", "connecting"),
        Showing.LOGO.value: pgettext("screen", "logo"),
        Showing.DISABLED.value: pgettext("screen", "disabled"),
        Showing.UNAUTHORIZED.value: pgettext("screen", "key refused"),
        Showing.NOT_FOUND.value: pgettext("screen", "unknown device"),
        Showing.OFFLINE.value: pgettext("screen", "offline"),
    }


def _problems(report: Mapping[str, Any], words: Wording) -> Iterator[tuple[str, str]]:
    """What is wrong, and what came of the last code where that is something else."""
    notice = report.get("notice")
    for name, fields in (("problem", report["problem"]), ("notice", notice if notice != report["problem"] else None)):
        if fields:
            message, advice = problem_words(fields, words)
            yield name, f"{message} ({fields['shortCode']})"
            yield "advice", advice


def _facts(report: Mapping[str, Any], words: Wording) -> Iterator[tuple[str, str]]:
    agent, logo, misses = report["agent"], report["logo"], report["attempts"]
    if report["deviceId"]:
        whose = _("{device} of tenant {tenant}").format(device=report["deviceId"], tenant=report["tenantId"])
        yield "device", whose
    if report["environment"]:
        yield "service", report["environment"]
    if report["lastAnswer"]:
        yield "lastAnswer", _clock(report["lastAnswer"])
    if report["nextAttempt"]:
        after = ngettext(", after {number} try without an answer", ", after {number} tries without an answer", misses)
        yield "nextAttempt", _clock(report["nextAttempt"]) + (after.format(number=misses) if misses else "")
    if logo:
        yield "logo", _("{url}, fetched {time}").format(url=logo["url"], time=_clock(logo["fetchedAt"]))
    yield "screen", _screen(report["screen"])
    if scanner := _scanner(report["scanner"], words):
        yield "scanner", scanner
    started = _("{version}, process {pid}, started {time}")
    yield "agent", started.format(version=agent["version"], pid=agent["pid"], time=_clock(agent["startedAt"]))


def _screen(screen: Mapping[str, Any]) -> str:
    driver = screen["driver"] or _("no display")
    size = "{} x {}".format(*screen["size"]) if screen["size"] else pgettext("size", "none")
    told = _("{showing} on {driver}, {size}").format(showing=showing_of(screen), driver=driver, size=size)
    return told + (_(", turned by {degrees}°").format(degrees=screen["rotation"]) if screen["rotation"] else "")


def _scanner(scanner: Mapping[str, Any], words: Wording) -> str:
    state = scanner_words(Scanner(scanner["state"]), words)
    return ", ".join(filter(None, (state, scanner["name"], scanner["device"])))


def _clock(text: str) -> str:
    moment = datetime.fromisoformat(text).astimezone()
    today = moment.date() == datetime.now().astimezone().date()
    return f"{moment:%H:%M:%S}" if today else _("{moment:%Y-%m-%d %H:%M}").format(moment=moment)
