"""`crewcheck-agent doctor`: the whole path examined, the first cause named, and who must do what."""

import asyncio
import gettext
import json
import logging
import os
import sys
from collections.abc import Iterator, Mapping
from gettext import gettext as _
from gettext import ngettext
from pathlib import Path
from typing import Any

from crewcheck_agent.core.diagnosis import Verdict, Who
from crewcheck_agent.core.words.checks import CheckWords, check_words
from crewcheck_agent.doctor.examination import examine
from crewcheck_agent.doctor.patient import Patient, Silence, stored_token, unit
from crewcheck_agent.doctor.report import report
from crewcheck_agent.kiosk.places import configuration_file
from crewcheck_agent.kiosk.variables import shaping, words_of
from crewcheck_agent.languages import wording_in
from crewcheck_agent.settings import ConfigurationError, Settings, load_settings, settings_in_part
from crewcheck_agent.tools.agent import Agent, AgentSilent, AgentUnreachable, NoAgent
from crewcheck_agent.tools.exit_code import ExitCode
from crewcheck_agent.tools.terminal import Paper

_SIGNS = {
    Verdict.OK: ("✓", "32"),
    Verdict.WARNING: ("!", "33"),
    Verdict.FAILED: ("✗", "1;31"),
    Verdict.SKIPPED: ("–", "2"),  # noqa: RUF001 - a dash, for people
    Verdict.UNKNOWN: ("?", "36"),
}


def doctor(*, as_json: bool) -> ExitCode:
    """Examine this kiosk and print what was found."""
    patient = admitted()
    found = examined(patient, progress=not as_json)
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        print("\n".join(told(found, Paper.at_hand())))
    if patient.misconfigured:
        return ExitCode.USAGE
    return ExitCode.FINE if found["ok"] else ExitCode.FAILED


def admitted() -> Patient:
    """All that is known before the examination. Takes the service's own environment on: it decides what is found."""
    agent, hidden = _told_by_agent()
    service = unit()
    _take_on(agent, service)
    settings, misconfigured, located = _configuration()
    return Patient(
        settings=settings,
        file=Path(configuration_file(os.environ)),
        misconfigured=misconfigured,
        agent=agent,
        unit=service,
        token=stored_token(settings, os.environ),
        hidden=tuple(name for name in hidden if "@" not in os.environ.get(name, "")),
        environ=dict(os.environ),
        located=located,
    )


def examined(patient: Patient, *, progress: bool) -> Mapping[str, Any]:
    """What the examination found, as `doctor --json` tells it."""
    logging.getLogger("crewcheck_agent").addHandler(logging.NullHandler())  # the steps tell all of it
    waiting = progress and sys.stderr.isatty()
    if waiting:
        print(_("Examining this kiosk; this may take half a minute…"), end="", file=sys.stderr, flush=True)
    try:
        findings = asyncio.run(examine(patient))
    finally:
        if waiting:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
    return report(findings, wording_in("auto"), check_words(gettext))


def told(found: Mapping[str, Any], paper: Paper) -> Iterator[str]:
    """The report for a person: the first cause on top, then every step with a sign and its words."""
    checks = check_words(gettext)
    yield from _head(found, checks, paper)
    yield ""
    titles = max(len(each["title"]) for each in found["steps"])
    for each in found["steps"]:
        sign, tone = _SIGNS[Verdict(each["verdict"])]
        start = f"{sign} {each['title']:{titles}}  "
        code = f" ({each['shortCode']})" if each["shortCode"] else ""
        yield from paper.set(start, f"{each['message']}{code}", tone)


def _head(found: Mapping[str, Any], checks: CheckWords, paper: Paper) -> Iterator[str]:
    first = found["first"]
    if first is None:
        warnings = sum(each["verdict"] == Verdict.WARNING for each in found["steps"])
        count = ngettext("{number} warning", "{number} warnings", warnings).format(number=warnings)
        yield from paper.set("", _well(count if warnings else "", complete=found["complete"]), "1;32")
        for each in found["steps"]:
            if each["verdict"] == Verdict.WARNING:
                yield from paper.set("  ", each["advice"])
        return
    yield from paper.set("", f"{first['message']} ({first['shortCode']})", "1")
    labels = {_("who acts:"): checks.who[Who(first["who"])], _("to do:"): first["advice"]}
    room = max(map(len, labels))
    for label, text in labels.items():
        yield from paper.set(f"  {label:{room}} ", text)


def _well(warnings: str, *, complete: bool) -> str:
    """That nothing failed, and no more than this user can know."""
    if complete:
        return (
            _("This kiosk works: {count}.").format(count=warnings)
            if warnings
            else _("Nothing is wrong with this kiosk.")
        )
    return (
        _("{count} in what this user may see. Run this with sudo for the rest.").format(count=warnings)
        if warnings
        else _("Nothing wrong was found in what this user may see. Run this with sudo for the rest.")
    )


def _told_by_agent() -> tuple[Mapping[str, Any] | Silence, list[str]]:
    """The running agent's status, and the variables whose sign-ins it kept to itself; its others are taken on."""
    agent = Agent(_configuration()[0])
    try:
        status = agent.status()
        variables, hidden = agent.variables()
    except NoAgent:
        return Silence.NONE_RUNS, []
    except AgentSilent:
        return Silence.STUCK, []
    except AgentUnreachable:
        return Silence.FORBIDDEN, []
    os.environ.update(variables)
    return status, hidden


def _take_on(agent: Mapping[str, Any] | Silence, service: Mapping[str, str] | None) -> None:
    """The variables of the agent's process, or those that it will be started with: as far as this user may see them."""
    if isinstance(agent, Silence):
        words = words_of((service or {}).get("Environment", ""))
        os.environ.update(shaping(dict(word.split("=", 1) for word in words if "=" in word)))
        return
    try:
        whole = Path("/proc", str(agent["agent"]["pid"]), "environ").read_bytes()
    except OSError:
        return
    texts = (each.decode(errors="surrogateescape") for each in whole.split(b"\0") if b"=" in each)
    os.environ.update(shaping(dict(text.split("=", 1) for text in texts)))


def _configuration() -> tuple[Settings, ConfigurationError | None, bool]:
    """The configuration, or what can be read of it, and why it cannot be used; whether its state directory is sure."""
    try:
        return load_settings(), None, True
    except ConfigurationError as error:
        settings, located = settings_in_part()
        return settings, error, located
