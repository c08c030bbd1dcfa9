"""The one place where the HTTP library's exceptions become problems that a person can act on."""

import os
import re
import socket
import ssl
from collections.abc import Iterable, Iterator
from datetime import date

import httpx

from crewcheck_agent import __released__
from crewcheck_agent.core.problem import Code, Problem, printable

# OpenSSL's verification results (x509_vfy.h).
NOT_YET_VALID = 9
EXPIRED = 10
WRONG_NAME = {62, 64}  # a host's, an address's

_UNREADABLE = {
    httpx.RemoteProtocolError: "not HTTP",
    httpx.DecodingError: "cannot be unpacked",
    httpx.UnsupportedProtocol: "neither http nor https",
}
_WAITING = (ssl.SSLWantReadError, ssl.SSLWantWriteError)  # no fault: what a cut off wait for a silent host was about
_CUT_OFF = re.compile("server disconnected|peer closed", re.IGNORECASE)  # httpcore's and h11's words for it


def problem_from(error: BaseException, host: str, today: date, proxy: str = "") -> Problem:
    """The cause behind a failed exchange with `host`; total.

    A certificate that is not valid yet means that this machine's clock is behind; so does an expired one where the
    clock shows a day before this program was released. `proxy`: where the connection was made to in place of the host.
    """
    causes = tuple(_chain(error))
    mistrust = next((cause for cause in causes if isinstance(cause, ssl.SSLCertVerificationError)), None)
    if mistrust:
        return _mistrust(mistrust, host, today)
    if isinstance(error, httpx.ProxyError) or (proxy and isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)):
        return Problem(Code.PROXY, printable(_system_words(causes) or str(error)), proxy or host)
    for cause in causes:
        if isinstance(cause, ssl.SSLError) and not isinstance(cause, _WAITING):
            return Problem(Code.TLS, printable(getattr(cause, "reason", None) or "SSL error"), host)
        if isinstance(cause, socket.gaierror):
            return Problem(Code.DNS, printable(_system_words([cause]) or type(cause).__name__), host)
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return Problem(Code.TIMEOUT, "", host)
    if isinstance(error, httpx.RemoteProtocolError) and _CUT_OFF.match(str(error)):
        return Problem(Code.NETWORK, "connection closed", host)
    unreadable = next((words for kind, words in _UNREADABLE.items() if isinstance(error, kind)), None)
    if unreadable:
        return Problem(Code.BAD_ANSWER, unreadable, host)
    return Problem(Code.NETWORK, _system_words(causes) or type(error).__name__, host)


def _system_words(causes: Iterable[BaseException]) -> str:
    """What the system calls it; empty where it was not the system's. Asyncio writes the address in their place."""
    for cause in causes:
        if isinstance(cause, socket.gaierror):  # its numbers are not the system's
            return cause.strerror or ""
        if isinstance(cause, OSError) and cause.errno:
            return os.strerror(cause.errno)
    return ""


def verify_code(error: BaseException) -> int:
    """OpenSSL's word on the certificate that was not believed; 0 where that was not the cause."""
    return next((cause.verify_code for cause in _chain(error) if isinstance(cause, ssl.SSLCertVerificationError)), 0)


def _mistrust(error: ssl.SSLCertVerificationError, host: str, today: date) -> Problem:
    behind = today < date.fromisoformat(__released__)
    if error.verify_code == NOT_YET_VALID or (error.verify_code == EXPIRED and behind):
        return Problem(Code.CLOCK, today.isoformat(), host)
    return Problem(Code.TLS, printable(error.verify_message), host)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error, what caused it, and every member of the groups that a happy-eyeballs connect raises."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        each = waiting.pop(0)
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        waiting += [each.__cause__, each.__context__]
        if isinstance(each, BaseExceptionGroup):
            waiting += each.exceptions
