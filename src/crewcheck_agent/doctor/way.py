"""The way to the service: name, proxy, connection, trust, sign-in pages, an answer; and the time at its other end."""

import ssl
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from crewcheck_agent.cloud import http
from crewcheck_agent.cloud.trip import Reached, Trip, portal_at, travel, unsuspecting
from crewcheck_agent.core.diagnosis import Finding, Note, Step, failed, not_reached, ok, skipped, unknown, warning
from crewcheck_agent.core.problem import Code, Problem
from crewcheck_agent.doctor.lookup import look_up
from crewcheck_agent.doctor.trust import OF_TIME, clock, clock_is_to_blame, mistrusted, trusted

_PATH = (Step.DNS, Step.PROXY, Step.TCP, Step.TLS, Step.PORTAL, Step.API)
_LOOKUP = 5.0  # seconds for a name; with the waits below, an examination ends within 30
_LONGEST_TRIP = 8.0
_SECOND_LOOK = 3.0
_OWN_AUTHORITIES = Path("/usr/local/share/ca-certificates")  # where update-ca-certificates(8) looks for a company's


@dataclass(frozen=True, slots=True)
class Way:
    """What was found on the way to one service; `local`: it stays in this machine."""

    findings: Sequence[Finding]
    local: bool


@dataclass(frozen=True, slots=True)
class _Met:
    """What was met on the way.

    Attributes:
        environment: the service's base URI, and its `host` and port.
        proxy: the one that the environment names, and in `through` where it can be used.
        hidden: whether that proxy's sign-in is not known here.
        addresses: of the proxy, or else of the service.
        trip: how far a question came, in how many `milliseconds`.
        second: the same without asking for trust, where that was missing.
        portal: what another page said that a network shows in the service's place.
        own: whether an authority that was added to this machine vouches for the service.
    """

    environment: str
    host: str
    proxy: str
    through: str
    hidden: bool
    addresses: Sequence[str]
    trip: Trip
    milliseconds: int
    second: Trip | None
    portal: Problem | None
    own: bool | None

    @property
    def encrypted(self) -> bool:
        return urlsplit(self.environment).scheme == "https"


async def way_to(environment: str, tenant_id: str | None, seconds: float, hidden: Sequence[str]) -> Way:
    """Go it, without the key.

    Args:
        environment: the service's base URI.
        tenant_id: whose service it is; None where that is not known.
        seconds: how long the agent would wait for an answer.
        hidden: the variables of proxies whose sign-in is not known here.
    """
    host, proxy = http.host_of(environment), http.proxy_for(environment)
    through = proxy if http.proxy_is_usable() else ""
    addresses = await look_up(through or host, _LOOKUP)
    if isinstance(addresses, Problem):
        return Way(_nowhere(addresses, through, host), local=False)
    began = time.monotonic()
    trip = await travel(environment, tenant_id, http.system_trust(), min(seconds, _LONGEST_TRIP))
    milliseconds = round((time.monotonic() - began) * 1000)
    mistrusts = trip.problem is not None and trip.problem.code in {Code.TLS, Code.CLOCK}
    second = await travel(environment, None, unsuspecting(), _SECOND_LOOK) if mistrusts else None
    theirs = trip.verify_code in OF_TIME  # a certificate that is well but for its dates is the service's own
    suspicious = trip.reached < Reached.SECURED and not theirs and not through and environment.startswith("https:")
    portal = await portal_at(host.rpartition(":")[0], _SECOND_LOOK) if suspicious else None
    own = await _vouched_by_own(environment) if trip.tls else None
    is_hidden = bool(through and hidden)
    met = _Met(environment, host, proxy, through, is_hidden, addresses, trip, milliseconds, second, portal, own)
    local = all(ip_address(each.partition("%")[0]).is_loopback for each in addresses)
    return Way(_findings(met), local)


async def _vouched_by_own(environment: str) -> bool:
    context = _own_authorities()
    known = bool(context.get_ca_certs())
    return known and (await travel(environment, None, context, _SECOND_LOOK)).reached >= Reached.SECURED


def _own_authorities() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for file in _OWN_AUTHORITIES.rglob("*.crt"):
        with suppress(OSError, ssl.SSLError):
            context.load_verify_locations(file)
    return context


def _nowhere(problem: Problem, through: str, host: str) -> Sequence[Finding]:
    """No name, no way."""
    if through:
        blamed = failed(Step.PROXY, Problem(Code.PROXY, problem.detail, through, "nameless"), proxy=through)
        name = skipped(Step.DNS, Note.LEFT_TO_PROXY, proxy=through)
    else:
        blamed = name = failed(Step.DNS, problem, host=host, addresses=[])
    said = {Step.DNS: name, blamed.step: blamed}
    return [said.get(step) or not_reached(step, blamed.step) for step in (Step.CLOCK, *_PATH)]


def _findings(met: _Met) -> Sequence[Finding]:
    """A finding for the clock and for each step of the path: fine up to the guilty one, and not reached behind it."""
    guilty = _guilty(met)
    behind = Step.CLOCK if clock_is_to_blame(met.trip, met.second) else guilty
    found = [clock(met.trip, met.second)]
    for step in _PATH:
        if guilty is None or behind is None or _PATH.index(step) < _PATH.index(guilty):
            found.append(_fine(step, met))
        elif step is behind:
            found.append(_at_fault(step, met))
        else:
            found.append(not_reached(step, behind))
    return found


def _guilty(met: _Met) -> Step | None:
    """The step of the path that the problem is at."""
    trip, problem = met.trip, met.trip.problem
    if met.portal:
        return Step.PORTAL
    if problem is None:
        return None
    of_code = {Code.PROXY: Step.PROXY, Code.CAPTIVE_PORTAL: Step.PORTAL, Code.TLS: Step.TLS, Code.CLOCK: Step.TLS}
    if problem.code in of_code:
        return of_code[problem.code]
    if trip.reached is Reached.NOWHERE:
        return Step.TCP
    if trip.reached is Reached.CONNECTED and met.encrypted:
        return Step.PROXY if met.through else Step.TLS
    return Step.API


def _fine(step: Step, met: _Met) -> Finding:  # noqa: PLR0911 - one for each step
    host, trip = met.host, met.trip
    match step:
        case Step.DNS if met.through:
            return skipped(step, Note.LEFT_TO_PROXY, proxy=met.through)
        case Step.DNS:
            name = host.rpartition(":")[0]
            note = Note.LITERAL if list(met.addresses) == [name] else Note.RESOLVED
            return ok(step, note, host=name, addresses=list(met.addresses))
        case Step.PROXY if met.proxy and not met.through:
            return warning(step, Problem(Code.PROXY, met.proxy, variant="unusable"), proxy=met.proxy)
        case Step.PROXY:
            return ok(step, Note.PROXY if met.through else Note.NO_PROXY, proxy=met.through or None)
        case Step.TCP | Step.TLS if met.portal:
            return not_reached(step, Step.PORTAL)
        case Step.TCP:
            return ok(step, Note.REACHED, **_connection(met))
        case Step.TLS:
            return trusted(trip, own=met.own) if met.encrypted else skipped(step, Note.UNENCRYPTED)
        case Step.PORTAL:
            return ok(step, Note.NO_PORTAL)
        case _:
            return ok(step, Note.THERE, host=host, status=trip.status)


def _at_fault(step: Step, met: _Met) -> Finding:
    problem = met.portal or met.trip.problem or Problem(Code.NETWORK)
    match step:
        case Step.PROXY if met.hidden and met.trip.reached is not Reached.NOWHERE:
            return unknown(step, Note.PROXY_HIDDEN, proxy=met.through)
        case Step.PROXY:
            silent = problem.code is Code.TIMEOUT
            blamed = Problem(Code.PROXY, "", met.through, "silent") if silent else problem
            return failed(step, blamed, proxy=met.through)
        case Step.TCP:
            return failed(step, problem, **_connection(met))
        case Step.TLS:
            return mistrusted(problem, met.trip, met.second)
        case _:
            return failed(step, replace(problem, host=problem.host or met.host), host=met.host, status=met.trip.status)


def _connection(met: _Met) -> dict[str, object]:
    target = met.through or met.host
    return {"host": target, "address": met.trip.peer, "milliseconds": met.milliseconds}
