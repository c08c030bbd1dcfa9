"""The log: to the journal under systemd, to standard error elsewhere; never with a secret in it."""

import logging
import sys
from collections.abc import Callable, Mapping
from enum import Enum
from types import TracebackType

from crewcheck_agent.core.redaction import Redactor

_log = logging.getLogger(__name__)

IDENTIFIER = "crewcheck-agent"

_PRIORITIES = {logging.CRITICAL: 2, logging.ERROR: 3, logging.WARNING: 4, logging.INFO: 6, logging.DEBUG: 7}


class Kind(Enum):
    """Each kind of event with its stable `MESSAGE_ID`, for `journalctl MESSAGE_ID=…`."""

    STARTED = "407dc8e740a4455d89d82e26a7cf55dd"
    STOPPED = "64f0c2e1860744de9b431217f1e59c4d"
    STATE_CHANGED = "ccf219e638ca4047bbef06ccadb441ab"
    PROBLEM_NAMED = "0e2b76f51abc4af4a9e661331cc33428"
    PROBLEM_GONE = "25c9e525dd904171a9d068e7ad89932e"
    CODE_REFUSED = "b18b407d41334d598d2723450f1d7506"
    CODE_IGNORED = "6b2e2adef1ef4049b169e9c2584f92ed"
    IDENTITY_TAKEN = "102af14944af46cdb334bdab762cb4f8"
    FORGOTTEN = "7f27d798478a49408193d9ffd9120208"
    LOGO_CHANGED = "bce0d53a6e504a2c9cade4a923b2bc33"
    DISPLAY_OPENED = "6c11290f665946e8ad1378ac70bee1ee"
    DISPLAY_MISSING = "da6df2d00b5d412eafe323c47bb0ce67"
    SCANNER_FOUND = "a705616f58ce4334b520a7b682d890c4"
    SCANNER_MISSING = "2d2e3fcf07a94f5db830205a34c79228"
    SCANNER_DENIED = "2323883ab5be436bb3e8e468513d4613"
    CONFIGURATION_READ = "5424108e06d94c7cb77a092859c3659d"
    UNLOCKED = "78827d86212a462eb66c583f624e5fa5"


def log_to(level: int, redactor: Redactor, environ: Mapping[str, str]) -> None:
    """Send every record of this process to its sink, with all secrets taken out; so an error that nobody caught."""
    logging.raiseExceptions = False  # it would print what cannot be logged, past the redactor
    sys.excepthook = _log_uncaught
    root = logging.getLogger()
    root.handlers = [_sink(redactor, environ)]
    root.setLevel(logging.WARNING)
    logging.getLogger("crewcheck_agent").setLevel(level)


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    _log.critical("this program is at fault and ends", exc_info=(kind, error, trace))


def _sink(redactor: Redactor, environ: Mapping[str, str]) -> logging.Handler:
    if environ.get("JOURNAL_STREAM"):
        try:
            from systemd import journal  # noqa: PLC0415 - only a kiosk has it
        except ImportError:
            pass
        else:
            return _JournalHandler(redactor, journal.send)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Formatter(redactor))
    return handler


def told(kind: Kind, **fields: object) -> Mapping[str, object]:
    """The `extra` of a log call: its kind, and upper-case fields for the journal; one that is None is left out."""
    texts = {name.upper(): str(value) for name, value in fields.items() if value is not None}
    return {"kind": kind, "fields": texts}


class _Formatter(logging.Formatter):
    def __init__(self, redactor: Redactor) -> None:
        super().__init__("%(levelname)s %(message)s")
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        return self._redactor.clean(super().format(record))


class _JournalHandler(logging.Handler):
    def __init__(self, redactor: Redactor, send: Callable[..., None]) -> None:
        super().__init__()
        self._redactor = redactor
        self._send = send
        self.setFormatter(logging.Formatter("%(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        fields = {name: self._redactor.clean(value) for name, value in getattr(record, "fields", {}).items()}
        kind = getattr(record, "kind", None)
        if isinstance(kind, Kind):
            fields["MESSAGE_ID"] = kind.value
        try:
            self._send(
                self._redactor.clean(self.format(record)),
                SYSLOG_IDENTIFIER=IDENTIFIER,
                PRIORITY=str(_PRIORITIES.get(record.levelno, 5)),
                **fields,
            )
        except Exception:  # noqa: BLE001 - as in every handler: a journal that is down ends nobody
            self.handleError(record)
