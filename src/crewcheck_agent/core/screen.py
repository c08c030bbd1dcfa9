"""What the screen shows, in words and signs, for whatever the kiosk is: state in, values out, no pixel."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from crewcheck_agent.core.facts import Fact, Vitals
from crewcheck_agent.core.kiosk import (
    Connected,
    Connecting,
    Disabled,
    Kiosk,
    NotFound,
    Offline,
    Unauthorized,
    Unprovisioned,
    identity_of,
    problem_of,
    pulse_of,
)
from crewcheck_agent.core.messages import words_for
from crewcheck_agent.core.overlay import overlay
from crewcheck_agent.core.problem import Code, Problem, printable, short_code
from crewcheck_agent.core.ticket import ticket
from crewcheck_agent.core.token import Identity
from crewcheck_agent.core.words.problems import ProblemWords
from crewcheck_agent.core.words.wording import Wording


class Showing(StrEnum):
    """Which screen it is, as `status --json` names it."""

    SETUP = "setup"
    CONNECTING = "connecting"
    LOGO = "logo"
    DISABLED = "disabled"
    UNAUTHORIZED = "unauthorized"
    NOT_FOUND = "notFound"
    OFFLINE = "offline"


class Sign(StrEnum):
    """The drawing that tells a screen apart without reading a word."""

    NONE = "none"
    SCAN = "scan"
    WAIT = "wait"
    SWITCHED_OFF = "switchedOff"
    KEY = "key"
    QUESTION = "question"
    UNPLUGGED = "unplugged"
    CLOUD_OFF = "cloudOff"
    SETTINGS = "settings"


class Scanner(StrEnum):
    """What is known of the code scanner. `DENIED`: it is there, and cannot be opened."""

    PRESENT = "present"
    DENIED = "denied"
    MISSING = "missing"
    OFF = "off"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the machine tells.

    Attributes:
        words: what the screen says, in its people's language.
        version: this program's.
        addresses: its own, on the network; empty without one.
        scanner: whether there is one.
        picture_at_hand: whether the logo that the verdict names can be shown now.
        vitals: how the machine is; read while somebody wants to know.
    """

    words: Wording
    version: str
    addresses: tuple[str, ...] = ()
    scanner: Scanner = Scanner.UNKNOWN
    picture_at_hand: bool = False
    vitals: Vitals = field(default_factory=Vitals)


@dataclass(frozen=True, slots=True)
class Screen:
    """One screen in words, for its three readers.

    Attributes:
        headline: for the public, three metres away.
        staff: for the people of the house: whether they can do anything, and whom to call.
        name_label, name: the device's name to read out to a help desk; empty where it is of no use.
        notice: what became of the code scanned last.
        code_label, code: the first cause as a short code to read out, e.g. `CC-22`; empty where nothing is wrong.
        technician: at arm's length, or in a phone photo.
        ticket_label, ticket: the report that a phone takes off the screen; empty where there is no code.
        offline_mark: whether the logo carries the small mark that says "no connection".
        overlay: what a technician is shown over all that; empty while nobody wants to know.
    """

    showing: Showing
    sign: Sign = Sign.NONE
    headline: str = ""
    staff: str = ""
    name_label: str = ""
    name: str = ""
    notice: str = ""
    code_label: str = ""
    code: str = ""
    technician: tuple[Fact, ...] = ()
    ticket_label: str = ""
    ticket: str = ""
    offline_mark: bool = False
    overlay: tuple[Fact, ...] = ()


_NOBODY = Identity("", "", "")
_LOCAL_CAUSES = frozenset({Code.NETWORK, Code.DNS, Code.TIMEOUT})
_CLOUD_CAUSES = frozenset({Code.SERVER, Code.BAD_ANSWER})


def screen_of(kiosk: Kiosk, surroundings: Surroundings) -> Screen:
    """What to show."""
    screen = _Composer(kiosk, surroundings).screen()
    if kiosk.overlay_until is None:
        return screen
    around, cause = surroundings, cause_of(kiosk, surroundings.scanner)
    facts = overlay(kiosk, cause, around.words, around.version, around.addresses, around.vitals)
    return replace(screen, overlay=tuple(facts))


def screen_of_misconfigured(problem: Problem, since: datetime, surroundings: Surroundings) -> Screen:
    """What to show where nothing can begin because the configuration cannot be used."""
    return _Composer(Kiosk(Unprovisioned(), since), surroundings).misconfigured(problem)


def cause_of(kiosk: Kiosk, scanner: Scanner) -> Problem | None:
    """The first cause of what is wrong; where all is well but that nobody set it up, what is lacking for that."""
    problem = problem_of(kiosk)
    if problem or not isinstance(kiosk.state, Unprovisioned) or kiosk.trial:
        return problem
    lacking = {Scanner.MISSING: Problem(Code.SCANNER), Scanner.DENIED: Problem(Code.SCANNER, variant="denied")}
    return lacking.get(scanner, Problem(Code.NOT_PROVISIONED))


def scanner_words(scanner: Scanner, words: Wording) -> str:
    """Whether there is one; empty where nothing is known: a window's keyboard may be a scanner or not."""
    return {
        Scanner.PRESENT: words.values.scanner_present,
        Scanner.MISSING: words.values.scanner_missing,
        Scanner.DENIED: words.values.scanner_denied,
        Scanner.OFF: words.values.scanner_off,
        Scanner.UNKNOWN: "",
    }[scanner]


class _Composer:
    """One kiosk, in one language."""

    def __init__(self, kiosk: Kiosk, around: Surroundings) -> None:
        self._kiosk = kiosk
        self._around = around
        self._words = around.words
        self._identity = identity_of(kiosk) or _NOBODY

    def screen(self) -> Screen:
        kiosk = self._kiosk
        match kiosk.state:
            case Unprovisioned():
                if kiosk.trial is None:
                    return self._setup()
                return self._offline(kiosk.trial.problem) if kiosk.trial.problem else self._connecting()
            case Connecting() | Connected():
                return Screen(Showing.LOGO) if self._has_logo() else self._connecting()
            case Offline(_, problem):
                return Screen(Showing.LOGO, offline_mark=True) if self._has_logo() else self._offline(problem)
            case Disabled(_, detail, problem):
                return self._out_of_service(Showing.DISABLED, detail, problem)
            case Unauthorized(_, detail, problem):
                return self._out_of_service(Showing.UNAUTHORIZED, detail, problem)
            case NotFound(_, detail, problem):
                return self._out_of_service(Showing.NOT_FOUND, detail, problem)
            case _ as never:
                assert_never(never)

    def misconfigured(self, problem: Problem) -> Screen:
        screen = Screen(
            Showing.DISABLED,
            Sign.SETTINGS,
            self._words.headlines.out_of_service,
            staff=self._words.staff.call_technician,
            technician=(*self._cause(problem), *self._machine()),
        )
        return self._reported(screen, problem)

    def _has_logo(self) -> bool:
        verdict = self._kiosk.verdict
        return self._around.picture_at_hand and verdict is not None and verdict.logo is not None

    def _setup(self) -> Screen:
        notice = self._kiosk.notice
        problem = problem_of(self._kiosk)
        screen = Screen(
            Showing.SETUP,
            Sign.SCAN,
            self._words.headlines.setup,
            staff=self._said(notice).advice if notice else self._how_to_scan(),
            notice=self._notice(),
            technician=(
                *self._besides(problem if problem is not notice else None),
                *self._scanner(),
                *self._machine(),
            ),
        )
        return self._reported(screen, cause_of(self._kiosk, self._around.scanner))

    def _connecting(self) -> Screen:
        problem = problem_of(self._kiosk)
        screen = Screen(
            Showing.CONNECTING,
            Sign.WAIT,
            self._words.headlines.connecting,
            notice=self._notice(),
            technician=(*self._cause(problem), *self._next_try(), *self._who(device=True)),
        )
        return self._reported(screen, problem)

    def _offline(self, problem: Problem) -> Screen:
        staff = self._words.staff
        if problem.code in _LOCAL_CAUSES:
            sign, line = Sign.UNPLUGGED, staff.check_cable
        elif problem.code in _CLOUD_CAUSES:
            sign, line = Sign.CLOUD_OFF, staff.wait_for_service
        else:
            sign, line = Sign.CLOUD_OFF, staff.call_network_support
        screen = Screen(
            Showing.OFFLINE,
            sign,
            self._words.headlines.offline,
            staff=line,
            name_label=self._words.labels.name,
            name=self._identity.device_id,  # the API gives a device no friendlier name
            technician=(*self._cause(problem), *self._next_try(), *self._who(service=False), self._address()),
        )
        return self._reported(screen, problem)

    def _out_of_service(self, showing: Showing, detail: str, problem: Problem | None) -> Screen:
        """The screens of a clear "no": `detail` is what the server said, `problem` what keeps it from being asked."""
        kiosk, labels, staff = self._kiosk, self._words.labels, self._words.staff
        sign, code, line, what_helps = {
            Showing.DISABLED: (Sign.SWITCHED_OFF, Code.DISABLED, staff.disabled, self._comes_back()),
            Showing.UNAUTHORIZED: (Sign.KEY, Code.UNAUTHORIZED, staff.unauthorized, self._scanner_to_find()),
            Showing.NOT_FOUND: (Sign.QUESTION, Code.NOT_FOUND, staff.not_found, self._scanner_to_find()),
        }[showing]
        trouble = problem or (kiosk.trial.problem if kiosk.trial else None) or kiosk.storage_problem
        said = printable(detail)
        screen = Screen(
            showing,
            sign,
            self._words.headlines.out_of_service,
            staff=line,
            name_label=labels.name,
            name=self._identity.device_id,
            notice=self._notice(),
            technician=(
                *self._besides(trouble),
                *((Fact(labels.server, said),) if said else ()),
                *what_helps,
                *self._next_try(),
                *self._who(),
            ),
        )
        return self._reported(screen, Problem(code), trouble)

    def _reported(self, screen: Screen, cause: Problem | None, besides: Problem | None = None) -> Screen:
        """The screen with its code to read out, and the report for a phone.

        A kiosk that waits for its first code has nothing to report, and what is on its screen might be taken for one.
        """
        if cause is None:
            return screen
        around, labels = self._around, self._words.labels
        coded = replace(screen, code_label=labels.code, code=short_code(cause.code))
        if cause.code is Code.NOT_PROVISIONED:
            return coded
        return replace(
            coded,
            ticket_label=labels.ticket,
            ticket=ticket(self._kiosk, cause, besides, around.words, around.version, around.addresses),
        )

    def _machine(self) -> Sequence[Fact]:
        labels, around = self._words.labels, self._around
        addresses = ", ".join(around.addresses) or self._words.values.no_address
        return Fact(labels.addresses, addresses), Fact(labels.version, around.version)

    def _address(self) -> Fact:
        """The first, by which a network's administrator knows this device; more would leave the report no room."""
        first = next(iter(self._around.addresses), self._words.values.no_address)
        return Fact(self._words.labels.addresses, first)

    def _comes_back(self) -> Sequence[Fact]:
        labels = self._words.labels
        return (
            Fact(labels.once_enabled, self._words.values.comes_back),
            Fact(labels.since, self._words.values.moment.format(moment=self._kiosk.since)),
        )

    def _how_to_scan(self) -> str:
        match self._around.scanner:
            case Scanner.PRESENT | Scanner.UNKNOWN:
                return self._words.staff.scan
            case Scanner.MISSING:
                return self._words.staff.plug_scanner
            case Scanner.DENIED:
                return self._words.staff.replug_scanner
            case Scanner.OFF:
                return self._words.staff.hand_over
            case _ as never:
                assert_never(never)

    def _scanner(self) -> Sequence[Fact]:
        text = scanner_words(self._around.scanner, self._words)
        return (Fact(self._words.labels.scanner, text),) if text else ()

    def _scanner_to_find(self) -> Sequence[Fact]:
        return () if self._around.scanner is Scanner.PRESENT else self._scanner()

    def _notice(self) -> str:
        """What became of the last scan."""
        trial, refused, notices = self._kiosk.trial, self._kiosk.notice, self._words.notices
        if trial is None:
            return self._said(refused).message if refused else ""
        if trial.answer:
            return notices.saving
        if trial.problem is None or trial.pulse.next_attempt is None:
            return notices.checking
        return notices.retrying.format(time=_time(trial.pulse.next_attempt))

    def _said(self, problem: Problem) -> ProblemWords:
        return words_for(problem, self._words)

    def _cause(self, problem: Problem | None) -> tuple[Fact, ...]:
        if problem is None:
            return ()
        message, advice = self._said(problem)
        return Fact(self._words.labels.cause, message), Fact(self._words.labels.advice, advice)

    def _besides(self, problem: Problem | None) -> tuple[Fact, ...]:
        """What is wrong apart from what the screen is about."""
        if problem is None:
            return ()
        message = self._said(replace(problem, host="")).message  # the table names the service anyway
        return (Fact(self._words.labels.besides, f"{short_code(problem.code)}  {message}"),)

    def _next_try(self) -> tuple[Fact, ...]:
        pulse = pulse_of(self._kiosk)
        if pulse.next_attempt is None:
            return ()
        time = _time(pulse.next_attempt)
        counted = self._words.values.next_try.format(time=time, number=pulse.attempts + 1)
        return (Fact(self._words.labels.next_try, counted if pulse.attempts else time),)

    def _who(self, *, service: bool = True, device: bool = False) -> tuple[Fact, ...]:
        identity, labels = self._identity, self._words.labels
        return (
            *((Fact(labels.service, printable(identity.environment.removeprefix("https://"))),) if service else ()),
            Fact(labels.tenant, printable(identity.tenant_id)),
            *((Fact(labels.device, printable(identity.device_id), spelt=True),) if device else ()),
        )


def _time(moment: datetime) -> str:
    return f"{moment:%H:%M:%S}"
