"""What an examination finds: one verdict for each step of the path, in order, and the first cause among them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from crewcheck_agent.core.problem import Code, Problem


class Step(StrEnum):
    """The path from the configuration to the picture, in the order in which causes are looked for."""

    CONFIGURATION = "configuration"
    IDENTITY = "identity"
    DISK = "disk"
    CLOCK = "clock"
    LINK = "link"
    ADDRESS = "address"
    DNS = "dns"
    PROXY = "proxy"
    TCP = "tcp"
    TLS = "tls"
    PORTAL = "captivePortal"
    API = "api"
    LOGO = "logo"
    DISPLAY = "display"
    SCANNER = "scanner"
    SERVICE = "service"
    POWER = "power"


class Verdict(StrEnum):
    """What became of a step."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"
    """It cannot be judged before another step is mended, or has no place on this machine."""
    UNKNOWN = "unknown"
    """It could not be seen from here; the note says how it can."""


class Who(StrEnum):
    """Who must act."""

    YOU = "you"
    HOUSE = "house"
    NETWORK = "network"
    OPERATOR = "operator"
    NOBODY = "nobody"


class Note(StrEnum):
    """What is said of a step that has no problem. In the words, the finding's facts stand in braces."""

    CONFIGURED = "configured"
    DEFAULTS = "defaults"
    IDENTIFIED = "identified"
    ROOM = "room"
    ON_TIME = "onTime"
    NO_SERVER_TIME = "noServerTime"
    LINKED = "linked"
    ADDRESSED = "addressed"
    NOT_NEEDED = "notNeeded"
    RESOLVED = "resolved"
    LITERAL = "literal"
    LEFT_TO_PROXY = "leftToProxy"
    NO_PROXY = "noProxy"
    PROXY = "proxy"
    PROXY_HIDDEN = "proxyHidden"
    REACHED = "reached"
    TRUSTED = "trusted"
    OWN_AUTHORITY = "ownAuthority"
    UNENCRYPTED = "unencrypted"
    NO_PORTAL = "noPortal"
    ACCEPTED = "accepted"
    THERE = "there"
    LOGO_SHOWN = "logoShown"
    LOGO_FETCHED = "logoFetched"
    NO_LOGO_KNOWN = "noLogoKnown"
    DISPLAYING = "displaying"
    MONITOR = "monitor"
    SCANNER_FOUND = "scannerFound"
    SCANNER_OFF = "scannerOff"
    NOT_TOLD = "notTold"
    RUNNING = "running"
    RUNNING_FREE = "runningFree"
    POWERED = "powered"
    NO_AGENT = "noAgent"
    NOT_ADMITTED = "notAdmitted"
    NO_FOLDER = "noFolder"
    NEEDS_ROOT = "needsRoot"
    RETRYING = "retrying"
    BEHIND = "behind"


_FOR_ROOT = {Note.NEEDS_ROOT, Note.NOT_ADMITTED, Note.PROXY_HIDDEN}


@dataclass(frozen=True, slots=True)
class Finding:
    """One step's result.

    Attributes:
        step: which one.
        verdict: what became of it.
        problem: what is wrong: with `FAILED` and `WARNING`, and with no other verdict.
        note: what is said where nothing is wrong.
        facts: what was seen, for `--json` and for the note; camelCase, values that JSON knows.
        behind: the step that must be mended before this one can be judged, where the note is `BEHIND`.
    """

    step: Step
    verdict: Verdict
    problem: Problem | None = None
    note: Note | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    behind: Step | None = None


def ok(step: Step, note: Note, **facts: Any) -> Finding:
    """All is well."""
    return Finding(step, Verdict.OK, None, note, facts)


def failed(step: Step, problem: Problem, **facts: Any) -> Finding:
    """Something must be done."""
    return Finding(step, Verdict.FAILED, problem, None, facts)


def warning(step: Step, problem: Problem, **facts: Any) -> Finding:
    """It works, and not as it should."""
    return Finding(step, Verdict.WARNING, problem, None, facts)


def unknown(step: Step, note: Note, **facts: Any) -> Finding:
    """It cannot be seen from here."""
    return Finding(step, Verdict.UNKNOWN, None, note, facts)


def skipped(step: Step, note: Note, **facts: Any) -> Finding:
    """It has no place here."""
    return Finding(step, Verdict.SKIPPED, None, note, facts)


def not_reached(step: Step, behind: Step) -> Finding:
    """It cannot be judged before `behind` is mended."""
    return Finding(step, Verdict.SKIPPED, None, Note.BEHIND, {"behind": behind.value}, behind)


def in_order(findings: Iterable[Finding]) -> Sequence[Finding]:
    """One finding for each step; one that nobody had a word on is unknown."""
    by_step = {finding.step: finding for finding in findings}
    return [by_step.get(step) or unknown(step, Note.NOT_TOLD) for step in Step]


def first_cause(findings: Iterable[Finding]) -> Finding | None:
    """The first failed step: what must be mended before the others are worth a look.

    That nobody set the kiosk up yet is no cause of the rest, but what is left to do once the rest is well.
    """
    causes = [each for each in findings if each.verdict is Verdict.FAILED]
    of_others = (each for each in causes if each.problem and each.problem.code is not Code.NOT_PROVISIONED)
    return next(of_others, causes[0] if causes else None)


def is_complete(findings: Iterable[Finding]) -> bool:
    """Whether no step was kept from this user that another user could see."""
    return not any(each.note in _FOR_ROOT for each in findings)


def of_several(paths: Sequence[Sequence[Finding]]) -> Sequence[Finding]:
    """The findings of several servers as those of one path; every path has the same steps.

    Which of them a kiosk without an identity will need is not known: one that answers is enough, and what is wrong
    with another is a warning.
    """
    well = [path for path in paths if not first_cause(path)]
    if not well:
        return max(paths, key=lambda path: [each.verdict for each in path].index(Verdict.FAILED))
    return [_beside(usual, step) for usual, step in zip(well[0], zip(*paths, strict=True), strict=True)]


def _beside(usual: Finding, others: Iterable[Finding]) -> Finding:
    ill = next((each for each in others if each.problem), None)
    return Finding(ill.step, Verdict.WARNING, ill.problem, None, ill.facts) if ill else usual


_ACTING = {
    Code.NOT_PROVISIONED: Who.YOU,
    Code.BAD_TOKEN: Who.OPERATOR,
    Code.CONFIGURATION: Who.YOU,
    Code.NETWORK: Who.NETWORK,
    Code.DNS: Who.NETWORK,
    Code.TIMEOUT: Who.NETWORK,
    Code.PROXY: Who.NETWORK,
    Code.CAPTIVE_PORTAL: Who.NETWORK,
    Code.TLS: Who.NETWORK,
    Code.CLOCK: Who.YOU,
    Code.DISABLED: Who.OPERATOR,
    Code.UNAUTHORIZED: Who.OPERATOR,
    Code.NOT_FOUND: Who.OPERATOR,
    Code.SERVER: Who.NOBODY,
    Code.BAD_ANSWER: Who.NOBODY,
    Code.LOGO: Who.OPERATOR,
    Code.STORAGE: Who.YOU,
    Code.DISPLAY: Who.YOU,
    Code.SCANNER: Who.YOU,
    Code.SERVICE: Who.YOU,
    Code.POWER: Who.YOU,
}

_ACTING_OTHERWISE = {
    (Code.NETWORK, "noAdapter"): Who.YOU,
    (Code.NETWORK, "noLink"): Who.HOUSE,
    (Code.NETWORK, "noAddress"): Who.HOUSE,
    (Code.NETWORK, "noRoute"): Who.HOUSE,
    (Code.TLS, "expired"): Who.OPERATOR,
    (Code.TLS, "notYetValid"): Who.OPERATOR,
    (Code.PROXY, "unusable"): Who.YOU,
}


def who_acts(problem: Problem) -> Who:
    """Who must act on this cause."""
    return _ACTING_OTHERWISE.get((problem.code, problem.variant), _ACTING[problem.code])
