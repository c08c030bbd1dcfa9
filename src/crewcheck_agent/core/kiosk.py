"""What a kiosk can be: its states, and everything else that is known of it.

States are adjectives; each carries only its own data, and none holds a secret.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from crewcheck_agent.core.problem import Code, Problem
from crewcheck_agent.core.token import Identity


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment on two clocks.

    Attributes:
        wall: what people read; may be wrong and may jump.
        steady: seconds on a clock that only goes forward: what rules measure with.
    """

    wall: datetime
    steady: float


class Word(StrEnum):
    """The server's last clear word on an identity."""

    CONNECTED = "connected"
    DISABLED = "disabled"
    UNAUTHORIZED = "unauthorized"
    NOT_FOUND = "notFound"


class Refusal(StrEnum):
    """A "no" that is believed only when it is said twice."""

    UNAUTHORIZED = "unauthorized"
    NOT_FOUND = "notFound"


@dataclass(frozen=True, slots=True)
class Good:
    """200: the device may work. `logo_url` is None where the answer held none that can be used: see `problem`."""

    logo_url: str | None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class SwitchedOff:
    """400 with a problem body: the operator disabled the device."""

    detail: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """401, or 404 and 410."""

    refusal: Refusal
    detail: str = ""


Answer = Good | SwitchedOff | Refused


@dataclass(frozen=True, slots=True)
class Unprovisioned:
    """Nobody told it yet who it is."""


@dataclass(frozen=True, slots=True)
class Connecting:
    """Started, and nothing heard in this run."""

    identity: Identity


@dataclass(frozen=True, slots=True)
class Connected:
    """The last question was answered with 200."""

    identity: Identity
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Offline:
    """The last question had no answer that counts."""

    identity: Identity
    problem: Problem


@dataclass(frozen=True, slots=True)
class Disabled:
    """The operator switched it off. `problem` names what keeps it from asking again, if anything does."""

    identity: Identity
    detail: str = ""
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Unauthorized:
    """Its key was refused twice."""

    identity: Identity
    detail: str = ""
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class NotFound:
    """The server said twice that it knows no such device."""

    identity: Identity
    detail: str = ""
    problem: Problem | None = None


State = Unprovisioned | Connecting | Connected | Offline | Disabled | Unauthorized | NotFound


class Name(StrEnum):
    """The states as `status --json` names them."""

    UNPROVISIONED = "unprovisioned"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    OFFLINE = "offline"
    DISABLED = "disabled"
    UNAUTHORIZED = "unauthorized"
    NOT_FOUND = "notFound"


@dataclass(frozen=True, slots=True)
class Logo:
    """A logo that was fetched and could be shown. Its pixels are cached under `sha256`, the digest of its bytes."""

    url: str
    sha256: str
    fetched_at: datetime
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The server's last clear word, and what it gave this kiosk to show: what outlives a power cut."""

    identity: Identity
    word: Word
    since: datetime
    detail: str = ""
    logo_url: str | None = None
    logo: Logo | None = None


@dataclass(frozen=True, slots=True)
class Pulse:
    """How the asking goes: misses in a row, and the moments of the last answer and of the next try."""

    attempts: int = 0
    last_answer: datetime | None = None
    next_attempt: datetime | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """A first "no", not yet believed."""

    refusal: Refusal
    at: Moment
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """A token that was offered and not yet answered. `answer` is set while it is being written to disk."""

    claim: int
    identity: Identity
    ticket: int | None = None
    problem: Problem | None = None
    pulse: Pulse = Pulse()
    answer: Good | SwitchedOff | None = None


@dataclass(frozen=True, slots=True)
class Kiosk:
    """All that is known.

    Attributes:
        state: what the kiosk is under the identity it holds.
        since: when `state` last changed its kind.
        claim: the token in use; 0 for none.
        verdict: the server's last clear word on that token's identity.
        notice: why the last offered code changed nothing.
        misread_until: steady seconds until which people are told that something was no code.
        overlay_until: steady seconds until which a technician is shown the facts of this machine.
        unlocked_until: steady seconds until which a scan counts whatever the state.
        logo_problem: why the logo that the server asks for is not the one on show.
        storage_problem: why the last write failed.
        claims: how many claims were numbered.
    """

    state: State
    since: datetime
    claim: int = 0
    verdict: Verdict | None = None
    pulse: Pulse = Pulse()
    doubt: Doubt | None = None
    trial: Trial | None = None
    notice: Problem | None = None
    misread_until: float | None = None
    overlay_until: float | None = None
    unlocked_until: float = 0.0
    logo_problem: Problem | None = None
    storage_problem: Problem | None = None
    claims: int = 0


def name_of(kiosk: Kiosk) -> Name:
    """The state in one word. A first token on its way to an answer counts as connecting, or offline."""
    match kiosk.state:
        case Unprovisioned():
            if kiosk.trial is None:
                return Name.UNPROVISIONED
            return Name.OFFLINE if kiosk.trial.problem else Name.CONNECTING
        case Connecting():
            return Name.CONNECTING
        case Connected():
            return Name.CONNECTED
        case Offline():
            return Name.OFFLINE
        case Disabled():
            return Name.DISABLED
        case Unauthorized():
            return Name.UNAUTHORIZED
        case NotFound():
            return Name.NOT_FOUND
        case _ as never:
            assert_never(never)


def identity_of(kiosk: Kiosk) -> Identity | None:
    """Who this kiosk is, or is about to be."""
    match kiosk.state:
        case Unprovisioned():
            return kiosk.trial.identity if kiosk.trial else None
        case (
            Connecting(identity)
            | Connected(identity)
            | Offline(identity)
            | Disabled(identity)
            | Unauthorized(identity)
            | NotFound(identity)
        ):
            return identity
        case _ as never:
            assert_never(never)


def pulse_of(kiosk: Kiosk) -> Pulse:
    """How the asking goes, for the identity that `identity_of` names."""
    return kiosk.trial.pulse if kiosk.trial and isinstance(kiosk.state, Unprovisioned) else kiosk.pulse


def problem_of(kiosk: Kiosk) -> Problem | None:
    """The first cause of what is wrong now, if anything is."""
    match kiosk.state:
        case Unprovisioned():
            own = kiosk.trial.problem if kiosk.trial else kiosk.notice
        case Connecting():
            own = None
        case Connected(_, problem):
            own = problem or kiosk.logo_problem
        case Offline(_, problem):
            own = problem
        case Disabled(_, detail, problem):
            own = problem or Problem(Code.DISABLED, detail)
        case Unauthorized(_, detail, problem):
            own = problem or Problem(Code.UNAUTHORIZED, detail)
        case NotFound(_, detail, problem):
            own = problem or Problem(Code.NOT_FOUND, detail)
        case _ as never:
            assert_never(never)
    return own or _refusal_in_doubt(kiosk.doubt) or kiosk.storage_problem


def scans_count(kiosk: Kiosk, at: Moment) -> bool:
    """Whether a scanned code is obeyed: a passer-by must not take a healthy kiosk over."""
    needs_one = isinstance(kiosk.state, Unprovisioned | Unauthorized | NotFound)
    return needs_one or at.steady < kiosk.unlocked_until


def _refusal_in_doubt(doubt: Doubt | None) -> Problem | None:
    return Problem(Code(doubt.refusal.value), doubt.detail, variant="doubt") if doubt else None
