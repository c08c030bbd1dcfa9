"""Whom the way leads to: certificates that are believed or not, and the time, which every certificate depends on."""

from datetime import UTC, datetime
from pathlib import Path

from crewcheck_agent.cloud.fault import EXPIRED, NOT_YET_VALID, WRONG_NAME
from crewcheck_agent.cloud.trip import Reached, Trip
from crewcheck_agent.core.diagnosis import Finding, Note, Step, Verdict, failed, ok, unknown
from crewcheck_agent.core.problem import Code, Problem

_RIGHT, _NEARLY_RIGHT = 120.0, 3600.0  # seconds by which a clock may be off before it is told, and before it is a fault
_SYNCHRONISED = Path("/run/systemd/timesync/synchronized")
OF_TIME = {EXPIRED, NOT_YET_VALID}


def clock(trip: Trip, second: Trip | None) -> Finding:
    """This machine's clock against the server's, which is never taken over.

    The time of somebody in between does not count: only an answer of the API's, or of a server whose certificate is
    well but for its dates.
    """
    ahead = _seconds_ahead(trip, second)
    facts = {"secondsAhead": None if ahead is None else round(ahead), "synchronised": _SYNCHRONISED.exists() or None}
    if ahead is not None and abs(ahead) > _RIGHT:
        problem = Problem(Code.CLOCK, _told(abs(ahead)), variant="ahead" if ahead > 0 else "behind")
        verdict = Verdict.FAILED if abs(ahead) > _NEARLY_RIGHT else Verdict.WARNING
        return Finding(Step.CLOCK, verdict, problem, None, facts)
    if trip.problem and trip.problem.code is Code.CLOCK and ahead is None:
        return failed(Step.CLOCK, trip.problem, **facts)
    if ahead is None:
        return unknown(Step.CLOCK, Note.NO_SERVER_TIME, **facts)
    return ok(Step.CLOCK, Note.ON_TIME, **facts)


def clock_is_to_blame(trip: Trip, second: Trip | None) -> bool:
    """Whether a certificate is not believed because this machine's clock is wrong."""
    return trip.verify_code in OF_TIME and clock(trip, second).verdict is Verdict.FAILED


def trusted(trip: Trip, *, own: bool | None) -> Finding:
    """Who vouches for the service; `own`: an authority that was added to this machine."""
    return ok(Step.TLS, Note.OWN_AUTHORITY if own else Note.TRUSTED, ownAuthority=own, **_facts(trip))


def mistrusted(problem: Problem, trip: Trip, second: Trip | None) -> Finding:
    """Why nobody who can be believed is at the other end."""
    facts = _facts(second if second and second.certificate else trip)
    certificate = second and second.certificate
    if not trip.verify_code or not certificate:
        return failed(Step.TLS, problem, **facts)
    if trip.verify_code in OF_TIME:
        past = trip.verify_code == EXPIRED
        moment, variant = (certificate.not_after, "expired") if past else (certificate.not_before, "notYetValid")
        return failed(Step.TLS, Problem(Code.TLS, f"{moment:%Y-%m-%d}", problem.host, variant), **facts)
    if trip.verify_code in WRONG_NAME:
        return failed(Step.TLS, Problem(Code.TLS, certificate.subject, problem.host, "otherName"), **facts)
    return failed(Step.TLS, Problem(Code.TLS, certificate.issuer, problem.host, "unknownIssuer"), **facts)


def _seconds_ahead(trip: Trip, second: Trip | None) -> float | None:
    its_own = trip.reached is Reached.ANSWERED and (trip.problem is None or trip.problem.code is Code.SERVER)
    date = trip.date if its_own else second.date if second and trip.verify_code in OF_TIME else None
    return (datetime.now(UTC) - date).total_seconds() if date else None


def _told(seconds: float) -> str:
    """A length of time in units that need no translation."""
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:,.0f}\u00a0{unit}"
    return f"{seconds:.0f}\u00a0s"


def _facts(trip: Trip) -> dict[str, str | None]:
    seen = trip.certificate
    return {
        "protocol": trip.tls,
        "subject": seen.subject if seen else None,
        "issuer": seen.issuer if seen else None,
        "notBefore": seen.not_before.isoformat() if seen else None,
        "notAfter": seen.not_after.isoformat() if seen else None,
    }
