"""The whole examination, in the order of the path; what does not depend on each other is tried at the same time."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from crewcheck_agent.core.diagnosis import (
    Finding,
    Note,
    Step,
    Verdict,
    failed,
    first_cause,
    in_order,
    not_reached,
    of_several,
    skipped,
    unknown,
)
from crewcheck_agent.core.problem import Code, Problem
from crewcheck_agent.doctor import kiosk, machine
from crewcheck_agent.doctor.answer import answer, logo
from crewcheck_agent.doctor.network import network
from crewcheck_agent.doctor.patience import within
from crewcheck_agent.doctor.patient import Patient
from crewcheck_agent.doctor.way import way_to

_CHECKS: Mapping[Step, Callable[[Patient], Finding]] = {
    Step.CONFIGURATION: machine.configuration,
    Step.IDENTITY: machine.identity,
    Step.DISK: machine.disk,
    Step.DISPLAY: kiosk.display,
    Step.SCANNER: kiosk.scanner,
    Step.SERVICE: kiosk.service,
    Step.POWER: machine.power,
}
_PATIENCE = 10.0  # seconds for each of these: a card that is worn out may let us wait for ever
_BY_SETTINGS = {*Step} - {Step.CONFIGURATION, Step.LINK, Step.ADDRESS, Step.DISPLAY, Step.POWER}


async def examine(patient: Patient) -> Sequence[Finding]:
    """A finding for every step, in order."""
    of_machine = asyncio.gather(*(checked(step, partial(check, patient)) for step, check in _CHECKS.items()))
    links, (way, local) = await asyncio.gather(asyncio.to_thread(network), _way(patient))
    way = _seen_together(links, way, local=local)
    asked = await answer(patient, next(each for each in way if each.step is Step.API))
    shown = await logo(patient, asked)
    rest = [each for each in way if each.step is not Step.API]
    findings = (*await of_machine, *rest, asked.finding, shown)
    return in_order(_as_configured(patient, each) for each in findings)


async def checked(step: Step, check: Callable[[], Finding], seconds: float = _PATIENCE) -> Finding:
    """What a check of this machine finds, if it comes to an end."""
    try:
        return await within(seconds, check)
    except TimeoutError:
        silent = Problem(Code.STORAGE, "the disk does not answer")
        return failed(step, silent) if step is Step.DISK else unknown(step, Note.NOT_TOLD)


def _as_configured(patient: Patient, finding: Finding) -> Finding:
    """What is amiss by the defaults says nothing of a kiosk whose settings cannot be read; no agent runs with them."""
    if finding.step is Step.DISK and not patient.located:
        return not_reached(finding.step, Step.CONFIGURATION)
    guessed = patient.misconfigured and not patient.status and finding.step in _BY_SETTINGS
    well = finding.verdict in {Verdict.OK, Verdict.UNKNOWN}
    return not_reached(finding.step, Step.CONFIGURATION) if guessed and not well else finding


async def _way(patient: Patient) -> tuple[Sequence[Finding], bool]:
    """The way to the kiosk's own service; to every one that a code may name, where it has no identity yet."""
    identity, seconds = patient.identity, patient.settings.request_timeout
    if identity:
        way = await way_to(identity.environment, identity.tenant_id, seconds, patient.hidden)
        return way.findings, way.local
    environments = patient.settings.allowed_environments
    ways = await asyncio.gather(*(way_to(each, None, seconds, patient.hidden) for each in environments))
    return of_several([each.findings for each in ways]), any(each.local for each in ways)


def _seen_together(links: Sequence[Finding], way: Sequence[Finding], *, local: bool) -> Sequence[Finding]:
    """A link and an address are only to blame where the way needs them; and then nothing behind them can be judged."""
    by_step = {each.step: each for each in way}
    lack = first_cause(links)
    if lack is None:
        return [*links, *way]
    if local or by_step[Step.TCP].verdict is Verdict.OK:
        return [*(skipped(each.step, Note.NOT_NEEDED, **each.facts) for each in links), *way]
    return [*links, *(each if _says_something(each) else not_reached(each.step, lack.step) for each in way)]


def _says_something(finding: Finding) -> bool:
    return finding.verdict in {Verdict.OK, Verdict.WARNING} and finding.step not in {Step.DNS, Step.TCP, Step.PORTAL}
