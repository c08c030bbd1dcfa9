"""What the service says to this kiosk's key: the running agent knows; without one, it is asked once."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crewcheck_agent.cloud import http
from crewcheck_agent.cloud.answer import Unanswered
from crewcheck_agent.cloud.connector import ask_once
from crewcheck_agent.cloud.logo import Fetched, LogoUnusable, fetch_logo
from crewcheck_agent.core.diagnosis import Finding, Note, Step, Verdict, failed, not_reached, ok, unknown
from crewcheck_agent.core.kiosk import Good, Moment, Refusal, Refused
from crewcheck_agent.core.picture import Box, PictureRefused
from crewcheck_agent.core.problem import Code, Problem
from crewcheck_agent.core.token import ConnectionToken
from crewcheck_agent.doctor.patient import Patient, Silence
from crewcheck_agent.kiosk.decoder import decode
from crewcheck_agent.kiosk.store import Store

_CONNECT = 5.0  # seconds
_LOGO = 8.0
_BOX = Box(320, 180)  # any will do: it is never shown
_REFUSALS = {Refusal.UNAUTHORIZED: Code.UNAUTHORIZED, Refusal.NOT_FOUND: Code.NOT_FOUND}
_LASTING = 3  # tries in a row that failed although the way to the service is free: then its fault is with this device
_FAULTS = {Code.SERVER, Code.BAD_ANSWER}
_NO = {"disabled", "unauthorized", "notFound"}  # states in which the service's word is no


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of the key, and the logo's address if the answer named one."""

    finding: Finding
    logo_url: str | None = None


async def answer(patient: Patient, there: Finding) -> Asked:
    """The service's word to this kiosk, where the way to it is free: `there` says so."""
    if there.verdict is not Verdict.OK:
        return Asked(there)
    if patient.status:
        return Asked(_of_agent(patient.status, patient.problem, there))
    if patient.agent is Silence.NONE_RUNS and isinstance(patient.token, ConnectionToken):
        return await _asked(patient.token, there)
    return Asked(there)


def _of_agent(status: Mapping[str, Any], problem: Problem | None, there: Finding) -> Finding:
    told = {"lastAnswer": status["lastAnswer"], "state": status["state"]}
    if status["state"] == "connected":
        return ok(Step.API, Note.ACCEPTED, **there.facts, **told)
    if status["state"] in _NO and problem and problem.code in {Code.DISABLED, *_REFUSALS.values()}:
        return failed(Step.API, problem, **there.facts, **told)
    if status["attempts"] >= _LASTING and problem and problem.code in _FAULTS:
        return failed(Step.API, problem, **there.facts, **told)
    if status["state"] == "offline" and problem:
        told["nextAttempt"] = status["nextAttempt"]
        return Finding(Step.API, Verdict.WARNING, problem, Note.RETRYING, {**there.facts, **told})
    return there


async def _asked(token: ConnectionToken, there: Finding) -> Asked:
    try:
        async with http.client(http.system_trust(), _CONNECT) as client:
            told = await ask_once(client, token, _CONNECT, _now)
    except Unanswered as miss:
        return Asked(failed(Step.API, miss.problem, **there.facts))
    if isinstance(told, Good):
        return Asked(ok(Step.API, Note.ACCEPTED, **there.facts), told.logo_url)
    code = _REFUSALS[told.refusal] if isinstance(told, Refused) else Code.DISABLED
    return Asked(failed(Step.API, Problem(code, told.detail), **there.facts))


async def logo(patient: Patient, asked: Asked) -> Finding:
    """Whether the logo can be had and shown."""
    status, problem = patient.status, patient.problem
    if problem and problem.code is Code.LOGO:
        return failed(Step.LOGO, problem)
    if status and status["logo"]:
        shown = status["logo"]
        return ok(Step.LOGO, Note.LOGO_SHOWN, url=shown["url"], fetchedAt=shown["fetchedAt"])
    if asked.finding.note not in {Note.ACCEPTED, Note.THERE}:
        return not_reached(Step.LOGO, asked.finding.behind or Step.API)
    url = None if status else asked.logo_url or _last_known(patient)
    identity = patient.identity
    if not url or not identity:
        return unknown(Step.LOGO, Note.NOT_ADMITTED if patient.is_shut else Note.NO_LOGO_KNOWN)
    return await _fetched(url, identity.environment)


async def _fetched(url: str, environment: str) -> Finding:
    try:
        async with asyncio.timeout(_LOGO), http.client(http.system_trust(), _LOGO) as client:
            found = await fetch_logo(client, url, None, environment, _now().wall.date())
            if isinstance(found, Fetched):
                await decode(found.data, _BOX)
    except (Unanswered, LogoUnusable) as error:
        return failed(Step.LOGO, error.problem, url=url)
    except PictureRefused as error:
        return failed(Step.LOGO, Problem(Code.LOGO, variant=error.reason), url=url)
    except TimeoutError:
        return failed(Step.LOGO, Problem(Code.LOGO, "", http.host_of(url), "unreachable"), url=url)
    return ok(Step.LOGO, Note.LOGO_FETCHED, url=url)


def _now() -> Moment:
    return Moment(datetime.now().astimezone(), time.monotonic())


def _last_known(patient: Patient) -> str | None:
    verdict = Store(patient.settings.state_dir, patient.settings.allowed_environments).verdict()
    return verdict.logo_url if verdict and verdict.identity == patient.identity else None
