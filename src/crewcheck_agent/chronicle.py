"""What the journal is told: each transition once, never an attempt.

In English whatever the screen speaks: it is read by those who look after kiosks in many countries, it is searched, and
it stands among the lines of others. The short code leads to the words on the screen.
"""

import logging
from collections.abc import Mapping

from crewcheck_agent import __version__
from crewcheck_agent.core.events import Event, Misread, Offered, Origin, Unlocked
from crewcheck_agent.core.kiosk import Kiosk, Name, identity_of, name_of, problem_of, scans_count
from crewcheck_agent.core.messages import words_for
from crewcheck_agent.core.problem import Problem, printable, short_code
from crewcheck_agent.core.screen import Scanner
from crewcheck_agent.core.state import UNLOCK_SECONDS
from crewcheck_agent.core.status import ScannerReport
from crewcheck_agent.core.words.wording import Wording
from crewcheck_agent.kiosk.journal import Kind, told

_log = logging.getLogger(__name__)

_FINE = {Name.UNPROVISIONED, Name.CONNECTING, Name.CONNECTED}


_SCANNERS = {
    Scanner.PRESENT: (logging.INFO, Kind.SCANNER_FOUND, "a scanner is connected"),
    Scanner.MISSING: (logging.WARNING, Kind.SCANNER_MISSING, "no scanner is connected"),
    Scanner.DENIED: (logging.WARNING, Kind.SCANNER_DENIED, "a scanner is connected and cannot be opened, trying again"),
}


class Chronicle:
    """Compares the state before an event with the state after it, and tells the difference."""

    def __init__(self, words: Wording) -> None:
        self._words = words
        self._display_missing: Problem | None = None

    def started(self) -> None:
        """The daemon runs."""
        _log.info("crewcheck-agent %s started", __version__, extra=told(Kind.STARTED, version=__version__))

    def stopped(self) -> None:
        """The daemon ends."""
        _log.info("crewcheck-agent stopped", extra=told(Kind.STOPPED))

    def configuration_read(self) -> None:
        """The configuration was read again."""
        _log.info("the configuration was read again", extra=told(Kind.CONFIGURATION_READ))

    def display_opened(self, driver: str, size: tuple[int, int]) -> None:
        """There is a screen."""
        self._display_missing = None
        words = "the display is open: %s, %d x %d pixels"
        _log.info(words, driver, *size, extra=told(Kind.DISPLAY_OPENED, driver=driver))

    def display_missing(self, problem: Problem) -> None:
        """There is no screen; told once until there is one, or until there is another reason."""
        if problem != self._display_missing:
            self._display_missing = problem
            words = "no display can be opened, trying again: %s"
            _log.warning(words, self._said(problem), extra=told(Kind.DISPLAY_MISSING))

    def scanner(self, report: ScannerReport) -> None:
        """A scanner came, went, or cannot be opened: to be told when it changed."""
        level, kind, words = _SCANNERS[report.state]
        name = f": {printable(report.name)} ({report.device})" if report.name else ""
        _log.log(level, "%s%s", words, name, extra=told(kind, device=report.device))

    def erased(self, problem: Problem | None) -> None:
        """Everything was to be forgotten; `problem` tells why something is still there."""
        if problem:
            _log.error("not everything could be erased: %s", self._said(problem), extra=told(Kind.FORGOTTEN))
        else:
            _log.info("token, settings and logo were erased on request", extra=told(Kind.FORGOTTEN))

    def tell(self, before: Kiosk, event: Event, after: Kiosk) -> None:
        """What this event changed."""
        self._tell_of_codes(before, event, after)
        self._tell_of_state(before, after)
        self._tell_of_logo(before, after)

    def _tell_of_codes(self, before: Kiosk, event: Event, after: Kiosk) -> None:
        match event:
            case Offered(origin=Origin.SCAN, at=at) | Misread(origin=Origin.SCAN, at=at) if not scans_count(before, at):
                _log.info("a scanned code was ignored: this kiosk is set up", extra=told(Kind.CODE_IGNORED))
            case Unlocked():
                words = "scanned codes count for the next %d minutes"
                _log.info(words, UNLOCK_SECONDS / 60, extra=told(Kind.UNLOCKED))
            case _:
                pass
        if after.notice and after.notice != before.notice:
            self._tell_problem(logging.WARNING, after.notice, told(Kind.CODE_REFUSED, problem=after.notice.code))
        identity = identity_of(after)
        if after.claim not in {0, before.claim} and identity:
            fields = {"tenant_id": identity.tenant_id, "device_id": identity.device_id}
            words = "this kiosk is now device %s of tenant %s at %s"
            values = (identity.device_id, identity.tenant_id, identity.environment)
            _log.info(words, *values, extra=told(Kind.IDENTITY_TAKEN, **fields))

    def _tell_of_state(self, before: Kiosk, after: Kiosk) -> None:
        name, problem, previous = name_of(after), problem_of(after), problem_of(before)
        if name is not name_of(before):
            level = logging.INFO if name in _FINE else logging.WARNING
            words = self._words.states[name]
            reason = f": {self._said(problem)}" if problem else ""
            extra = told(Kind.STATE_CHANGED, state=name, previous=name_of(before), problem=problem and problem.code)
            _log.log(level, "%s%s", words, reason, extra=extra)
        elif problem and (previous is None or problem.code is not previous.code) and problem != after.notice:
            self._tell_problem(logging.WARNING, problem, told(Kind.PROBLEM_NAMED, problem=problem.code))
        elif previous and not problem and previous != before.notice:
            words = "no longer the case: %s"
            _log.info(words, words_for(previous, self._words).message, extra=told(Kind.PROBLEM_GONE))

    def _tell_of_logo(self, before: Kiosk, after: Kiosk) -> None:
        old = before.verdict.logo if before.verdict else None
        new = after.verdict.logo if after.verdict else None
        if new and (old is None or new.sha256 != old.sha256):
            _log.info("a new logo is on show: %s", new.url, extra=told(Kind.LOGO_CHANGED, sha256=new.sha256))

    def _tell_problem(self, level: int, problem: Problem, extra: Mapping[str, object]) -> None:
        _log.log(level, "%s", self._said(problem), extra=extra)

    def _said(self, problem: Problem) -> str:
        words = words_for(problem, self._words)
        return f"{words.message} {words.advice} ({short_code(problem.code)})"
