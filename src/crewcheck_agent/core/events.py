"""What can happen to a kiosk, told in the past tense, and what is then to be done, told as commands.

A "claim" is the number of one token within one run. Answers name the claim they belong to, so that one which
arrives late, for a token replaced meanwhile, is recognised and changes nothing.
"""

from dataclasses import dataclass
from enum import StrEnum

from crewcheck_agent.core.kiosk import Answer, Logo, Moment, Verdict
from crewcheck_agent.core.problem import Problem
from crewcheck_agent.core.retry import Pace
from crewcheck_agent.core.token import ConnectionToken


class Origin(StrEnum):
    """Where a connection code came from."""

    SCAN = "scan"
    TOOL = "tool"


@dataclass(frozen=True, slots=True)
class Started:
    """The daemon is up and asks what to do."""


@dataclass(frozen=True, slots=True)
class Offered:
    """A well-formed token was scanned or handed over."""

    token: ConnectionToken
    origin: Origin
    at: Moment
    ticket: int | None = None


@dataclass(frozen=True, slots=True)
class Misread:
    """Something was scanned or handed over that is no usable token."""

    problem: Problem
    origin: Origin
    at: Moment
    ticket: int | None = None


@dataclass(frozen=True, slots=True)
class Scheduled:
    """The next question under a claim will be put at this time."""

    claim: int
    next_attempt: Moment


@dataclass(frozen=True, slots=True)
class Answered:
    """The server gave an answer that counts."""

    claim: int
    answer: Answer
    at: Moment


@dataclass(frozen=True, slots=True)
class Missed:
    """A question had no answer that counts; the asking goes on by itself."""

    claim: int
    problem: Problem
    at: Moment
    attempts: int
    next_attempt: Moment


@dataclass(frozen=True, slots=True)
class Adopted:
    """The offered token is on disk in place of the old one."""

    claim: int
    at: Moment


@dataclass(frozen=True, slots=True)
class NotAdopted:
    """The offered token was accepted but could not be written."""

    claim: int
    problem: Problem
    at: Moment


@dataclass(frozen=True, slots=True)
class LogoReady:
    """The logo under this claim is fetched, decoded and cached."""

    claim: int
    logo: Logo


@dataclass(frozen=True, slots=True)
class LogoFailed:
    """The logo at `url` cannot be fetched or shown."""

    claim: int
    url: str
    problem: Problem


@dataclass(frozen=True, slots=True)
class Stored:
    """A write of the verdict came to its end: well, where `problem` is None."""

    problem: Problem | None


@dataclass(frozen=True, slots=True)
class Unlocked:
    """Somebody with access to this machine lets scans count for a while."""

    at: Moment


@dataclass(frozen=True, slots=True)
class NetworkCame:
    """A link began to run, or a default route appeared."""


@dataclass(frozen=True, slots=True)
class OverlayWanted:
    """Somebody wants the facts of this machine on the screen.

    Attributes:
        seconds: for how long, 0 to `LONGEST_OVERLAY`; 0 for no longer; None for the usual minute, or no longer where
            they are shown already.
    """

    at: Moment
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Lapsed:
    """`Kiosk.misread_until` or `Kiosk.overlay_until` is over."""

    at: Moment


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Somebody with access to this machine wants it as new."""

    at: Moment


Event = (
    Started
    | Offered
    | Misread
    | Scheduled
    | Answered
    | Missed
    | Adopted
    | NotAdopted
    | LogoReady
    | LogoFailed
    | Stored
    | Unlocked
    | OverlayWanted
    | Lapsed
    | NetworkCame
    | Forgotten
)


@dataclass(frozen=True, slots=True)
class Connect:
    """Put the connect question under this claim, after `pace`, and again after every miss."""

    claim: int
    pace: Pace


@dataclass(frozen=True, slots=True)
class Release:
    """Stop asking under this claim and drop its token, on disk too."""

    claim: int


@dataclass(frozen=True, slots=True)
class Try:
    """Keep this offered token where a power cut cannot lose it, and ask under `claim`."""

    claim: int
    token: ConnectionToken


@dataclass(frozen=True, slots=True)
class Adopt:
    """Write the token of this claim in the old one's place."""

    claim: int


@dataclass(frozen=True, slots=True)
class FetchLogo:
    """Fetch and decode this logo, unless it is the `known` one still."""

    claim: int
    url: str
    known: Logo | None


@dataclass(frozen=True, slots=True)
class Save:
    """Write the verdict."""

    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Erase:
    """Erase token, verdict and cached logo, and stop asking."""


class Reply(StrEnum):
    """What became of an offered code."""

    CONNECTED = "connected"
    DISABLED = "disabled"
    UNAUTHORIZED = "unauthorized"
    NOT_FOUND = "notFound"
    WAITING = "waiting"
    MISREAD = "misread"
    IGNORED = "ignored"
    REPLACED = "replaced"
    NOT_STORED = "notStored"
    FORGOTTEN = "forgotten"


@dataclass(frozen=True, slots=True)
class Tell:
    """Tell whoever holds this ticket. `WAITING` is not the last word; every other reply is."""

    ticket: int
    reply: Reply
    problem: Problem | None = None


Command = Connect | Release | Try | Adopt | FetchLogo | Save | Erase | Tell
