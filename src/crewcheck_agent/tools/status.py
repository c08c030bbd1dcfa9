"""`crewcheck-agent status`: what is true now, for a person or for a script."""

import json
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from gettext import gettext as _
from gettext import ngettext, pgettext
from typing import Any

from crewcheck_agent.core.diagnosis import who_acts
from crewcheck_agent.core.messages import words_for
from crewcheck_agent.core.problem import Code, Problem, short_code
from crewcheck_agent.core.screen import Scanner, Showing, scanner_words
from crewcheck_agent.core.status import headline, problem_in, problem_words, report_of_absence
from crewcheck_agent.core.words.wording import Wording
from crewcheck_agent.languages import wording_in
from crewcheck_agent.tools.agent import Agent, AgentUnreachable, NoAgent
from crewcheck_agent.tools.exit_code import ExitCode, code_of
from crewcheck_agent.tools.terminal import Paper, Sheet

_TONES = {ExitCode.FINE: "1;32", ExitCode.FAILED: "1;36", ExitCode.NOT_PROVISIONED: "1;36"}
_TROUBLE = "1;33"
_PAUSE = 1.0  # seconds between two looks for an agent that is gone


def status(agent: Agent, *, as_json: bool, watch: bool) -> ExitCode:
    """Print the status; with `watch` again whenever it changes, until interrupted. Returns what the last one says.

    Raises:
        AgentUnreachable: there is none that talks to this user; of none at all (NoAgent) there is JSON, too.
    """
    if as_json:
        return _in_json(agent.watch() if watch else (ask() for ask in (agent.status,)))
    if watch:
        return _watched(agent)
    try:
        report = agent.status()
    except NoAgent as absence:
        print("\n".join(told_of_absence(absence, Paper.at_hand())), file=sys.stderr)
        return ExitCode.NO_AGENT
    print("\n".join(told(report, Paper.at_hand())))
    return code_of(report)


def _in_json(reports: Iterable[Mapping[str, Any]]) -> ExitCode:
    code = ExitCode.NO_AGENT
    try:
        for report in reports:
            code = code_of(report)  # first: who has read the line may interrupt at once
            _print_json(report)
    except NoAgent:
        _print_json(report_of_absence(wording_in("auto")))
        raise
    except KeyboardInterrupt:
        pass
    return code


def _print_json(report: Mapping[str, Any]) -> None:
    print(json.dumps(report, ensure_ascii=False), flush=True)


def _watched(agent: Agent) -> ExitCode:
    """For a person: while no agent runs, that is what is told, and the next one is followed."""
    code, sheet = ExitCode.NO_AGENT, Sheet(Paper.at_hand(redrawn=True))
    try:
        for news in _followed(agent):
            paper = Paper.at_hand(redrawn=True)  # a window may have been resized
            if isinstance(news, AgentUnreachable):
                code = ExitCode.NO_AGENT
                sheet.show([*told_of_absence(news, paper)])
            else:
                code = code_of(news)
                sheet.show([*told(news, paper)])
    except KeyboardInterrupt:
        sheet.leave()
    return code


def _followed(agent: Agent) -> Iterator[Mapping[str, Any] | AgentUnreachable]:
    """The status whenever it changes, and why there is none whenever that changes.

    Raises:
        AgentUnreachable: there is an agent, and it does not talk to this user.
    """
    met, told = False, ""
    while True:
        heard = False
        try:
            for report in agent.watch():
                met = heard = True
                told = ""
                yield report
        except AgentUnreachable as absence:
            if not met and not isinstance(absence, NoAgent):
                raise
            if not heard and str(absence) != told:  # one that just went may be back at the next look
                told = str(absence)
                yield absence
        else:
            return
        time.sleep(_PAUSE)


def told(report: Mapping[str, Any], paper: Paper) -> Iterator[str]:
    """The status in plain words: the state and its cause, who must act, then who this kiosk is and what it shows."""
    words = wording_in("auto")
    yield from paper.set("● ", headline(report, words), _TONES.get(code_of(report), _TROUBLE))
    urgent = [*_problems(report, words)]
    yield from _rows(urgent, paper)
    if urgent:
        yield ""
    yield from _rows(_facts(report, words), paper)


def told_of_absence(absence: AgentUnreachable, paper: Paper) -> Iterator[str]:
    """That there is no agent to ask, and what to do."""
    problem, words = Problem(Code.SERVICE), wording_in("auto")
    yield from paper.set("○ ", f"{absence} ({short_code(problem.code)})", _TROUBLE)
    yield from _rows(_acting(problem, words_for(problem, words).advice, words), paper)


def _rows(facts: Iterable[tuple[str, str]], paper: Paper) -> Iterator[str]:
    labels = _labels()
    room = max(map(len, labels.values())) + 1
    for name, text in facts:
        yield from paper.set(f"  {labels[name]:{room}}", text)


def showing_of(screen: Mapping[str, Any]) -> str:
    """What is on the screen, in a word."""
    return _showings().get(screen["showing"], screen["showing"])


def _labels() -> Mapping[str, str]:
    return {
        "who": _("who acts:"),
        "advice": _("to do:"),
        "notice": _("last code:"),
        "since": _("since:"),
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
    """What is to be done, and what came of the last code where that is something else."""
    problem, notice = report["problem"], report.get("notice")
    if problem:
        yield from _acting(problem_in(problem), problem_words(problem, words).advice, words)
    if notice and notice != problem:
        message, advice = problem_words(notice, words)
        yield "notice", f"{message} ({notice['shortCode']})"
        yield from _acting(problem_in(notice), advice, words)


def _acting(problem: Problem | None, advice: str, words: Wording) -> Iterator[tuple[str, str]]:
    if problem:
        yield "who", words.who[who_acts(problem)]
    yield "advice", advice


def _facts(report: Mapping[str, Any], words: Wording) -> Iterator[tuple[str, str]]:
    agent, logo, misses = report["agent"], report["logo"], report["attempts"]
    yield "since", _clock(report["since"])
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
    if not screen["driver"]:
        return _("dark: no display is open")
    width, height = screen["size"]
    shown = _("{showing}, {width} x {height} on {driver}").format(
        showing=showing_of(screen), width=width, height=height, driver=screen["driver"]
    )
    return shown + (_(", turned by {degrees}°").format(degrees=screen["rotation"]) if screen["rotation"] else "")


def _scanner(scanner: Mapping[str, Any], words: Wording) -> str:
    state = scanner_words(Scanner(scanner["state"]), words)
    return ", ".join(filter(None, (state, scanner["name"], scanner["device"])))


def _clock(text: str) -> str:
    moment = datetime.fromisoformat(text).astimezone()
    today = moment.date() == datetime.now().astimezone().date()
    return f"{moment:%H:%M:%S}" if today else _("{moment:%Y-%m-%d %H:%M}").format(moment=moment)
