"""Which cause stands behind a library's exception."""

import asyncio
import socket
import ssl
from datetime import date

import httpx
import pytest

from crewcheck_agent import __released__
from crewcheck_agent.cloud.fault import problem_from
from crewcheck_agent.core.problem import Code, Problem

HOST = "app.neostore.cloud:443"
RELEASED = date.fromisoformat(__released__)
BEFORE = date(2020, 1, 1)


def because(error: BaseException, *causes: BaseException) -> BaseException:
    """The error, caused by the first of the causes, that by the second, and so on."""
    at = error
    for cause in causes:
        at.__cause__ = cause
        at = cause
    return error


def mistrust(code: int, message: str = "why") -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = code, message
    return error


def tls(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, "something about TLS")
    error.reason = reason
    return error


def endless() -> BaseException:
    first, second = ValueError(), ValueError()
    first.__context__, second.__context__ = second, first
    return first


REFUSED = ConnectionRefusedError(111, "Connection refused")


@pytest.mark.parametrize(
    ("error", "code", "detail"),
    [
        (because(httpx.ConnectError(""), mistrust(18, "self-signed certificate")), Code.TLS, "self-signed certificate"),
        (because(httpx.ConnectError(""), OSError(), mistrust(62, "Hostname mismatch")), Code.TLS, "Hostname mismatch"),
        (because(httpx.ConnectError(""), mistrust(10, "certificate has expired")), Code.TLS, "certificate has expired"),
        (because(httpx.ConnectError(""), mistrust(9)), Code.CLOCK, RELEASED.isoformat()),
        (because(httpx.ConnectError(""), tls("WRONG_VERSION_NUMBER")), Code.TLS, "WRONG_VERSION_NUMBER"),
        (because(httpx.ConnectError(""), ssl.SSLError(1, "no reason")), Code.TLS, "SSL error"),
        (because(httpx.ConnectError(""), socket.gaierror(-2, "No such name")), Code.DNS, "No such name"),
        (because(httpx.ConnectError(""), socket.gaierror()), Code.DNS, "gaierror"),
        (httpx.ProxyError("407 Proxy\r\nAuthentication Required"), Code.PROXY, "407 Proxy Authentication Required"),
        (httpx.ConnectTimeout(""), Code.TIMEOUT, ""),
        (httpx.ReadTimeout(""), Code.TIMEOUT, ""),
        (httpx.PoolTimeout(""), Code.TIMEOUT, ""),
        (TimeoutError(), Code.TIMEOUT, ""),
        (because(TimeoutError(), asyncio.CancelledError()), Code.TIMEOUT, ""),
        (httpx.RemoteProtocolError("with a key in it"), Code.BAD_ANSWER, "not HTTP"),
        (httpx.DecodingError("with a key in it"), Code.BAD_ANSWER, "cannot be unpacked"),
        (because(httpx.ConnectError(""), OSError("all failed"), REFUSED), Code.NETWORK, "Connection refused"),
        (because(httpx.ConnectError(""), ExceptionGroup("", [OSError(), REFUSED])), Code.NETWORK, "Connection refused"),
        (because(httpx.ConnectError(""), ExceptionGroup("", [REFUSED, mistrust(18)])), Code.TLS, "why"),
        (OSError(111, "Connect call failed ('10.0.0.1', 443)"), Code.NETWORK, "Connection refused"),
        (OSError(101, ""), Code.NETWORK, "Network is unreachable"),
        (httpx.ReadError("with a key in it"), Code.NETWORK, "ReadError"),
        (httpx.LocalProtocolError("with a key in it"), Code.NETWORK, "LocalProtocolError"),
        (httpx.InvalidURL("with a key in it"), Code.NETWORK, "InvalidURL"),
        (endless(), Code.NETWORK, "ValueError"),
    ],
)
def test_the_cause_behind_a_failure(error: BaseException, code: Code, detail: str) -> None:
    assert problem_from(error, HOST, RELEASED) == Problem(code, detail, HOST)


@pytest.mark.parametrize(
    ("verify_code", "today", "code"),
    [
        (9, BEFORE, Code.CLOCK),
        (9, RELEASED, Code.CLOCK),
        (10, BEFORE, Code.CLOCK),
        (10, RELEASED, Code.TLS),
        (18, BEFORE, Code.TLS),
    ],
)
def test_a_clock_that_is_behind_is_named(verify_code: int, today: date, code: Code) -> None:
    problem = problem_from(mistrust(verify_code), HOST, today)
    assert problem.code is code
    assert problem.detail == (today.isoformat() if code is Code.CLOCK else "why")
