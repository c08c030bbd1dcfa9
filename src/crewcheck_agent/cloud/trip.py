"""One question on the way to the service, without a key, that notes how far it came: what `doctor` knows of the way.

It goes through the same client as the agent's own: the same proxy, the same trust, no redirect followed.
"""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any

import httpx
from cryptography import x509
from cryptography.x509.oid import NameOID

from crewcheck_agent.cloud import http
from crewcheck_agent.cloud.answer import LONGEST_BODY, Unanswered, is_web_page, read_answer
from crewcheck_agent.cloud.fault import problem_from, verify_code
from crewcheck_agent.core.problem import Code, Problem, printable
from crewcheck_agent.core.retry import parse_http_date

_NOBODY = "doctor"  # a tenant to ask for where none is known: without a key nobody is told whether it exists


class Reached(IntEnum):
    """How far a question came."""

    NOWHERE = 0
    CONNECTED = 1
    SECURED = 2
    ANSWERED = 3


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a server says it is, believed or not; the times are UTC."""

    subject: str
    issuer: str
    not_before: datetime
    not_after: datetime


@dataclass(frozen=True, slots=True)
class Trip:
    """What a question met.

    Attributes:
        reached: how far it came.
        problem: why no farther, or what was wrong with the answer; None where the API answered.
        peer: the address that the connection was made to: the proxy's, where there is one.
        verify_code: OpenSSL's word on the certificate (X509_V_ERR_…), 0 for none against it.
        tls: the protocol's version.
        certificate: the server's.
        status: the HTTP status.
        date: the server's clock, if it told it.
    """

    reached: Reached
    problem: Problem | None = None
    peer: str | None = None
    verify_code: int = 0
    tls: str | None = None
    certificate: Certificate | None = None
    status: int | None = None
    date: datetime | None = None


def unsuspecting() -> ssl.SSLContext:
    """Trusts anybody: to see who cannot be trusted, and what the time is there. Nothing secret goes that way."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


async def travel(environment: str, tenant_id: str | None, trust: ssl.SSLContext, seconds: float) -> Trip:
    """Ask the service for a tenant's devices, without a key: a refusal is the answer that proves it is there.

    Args:
        environment: the service's base URI.
        tenant_id: whose devices; None where none is known.
        trust: whom to believe.
        seconds: the longest that the whole may take.
    """
    url = http.devices_url(environment, tenant_id or _NOBODY)
    seen = _Seen()
    try:
        async with asyncio.timeout(seconds), http.client(trust, seconds) as client:
            extensions = {"trace": seen.trace}
            request = client.build_request("GET", url, headers={"Accept": "application/json"}, extensions=extensions)
            response = await client.send(request, stream=True)
            try:
                seen.look_at(response)
                body = await http.read_at_most(response, LONGEST_BODY)
            finally:
                await response.aclose()
    except Exception as error:  # noqa: BLE001 - whatever broke, it is what the question met
        today = datetime.now().astimezone().date()
        problem = problem_from(error, http.host_of(url), today, http.proxy_for(url))
        return seen.trip(problem, verify_code(error))
    return seen.trip(_judged(response, body, environment))


async def portal_at(host: str, seconds: float) -> Problem | None:
    """What a network says in the place of this host over plain http, where sign-in pages live; None where it does not.

    A server that sends to its own https, or says nothing, is none.
    """
    try:
        async with asyncio.timeout(seconds), http.client(unsuspecting(), seconds) as client:
            response = await client.get(f"http://{_bracketed(host)}/")
    except Exception:  # noqa: BLE001 - whatever broke, nobody showed a page
        return None
    elsewhere = response.next_request is not None and response.next_request.url.host != host
    page = response.status_code == httpx.codes.OK and is_web_page(http.media_type(response), response.content)
    if elsewhere or page or response.status_code == httpx.codes.NETWORK_AUTHENTICATION_REQUIRED:
        return Problem(Code.CAPTIVE_PORTAL, f"HTTP {response.status_code}")
    return None


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _judged(response: httpx.Response, body: bytes | None, environment: str) -> Problem | None:
    if body is None:
        return Problem(Code.BAD_ANSWER, f"HTTP {response.status_code}", variant="tooLong")
    try:
        read_answer(response.status_code, http.media_type(response), body, environment)
    except Unanswered as miss:
        return miss.problem
    return None


class _Seen:
    """What the way showed so far."""

    def __init__(self) -> None:
        self._reached = Reached.NOWHERE
        self._peer: str | None = None
        self._tls: Mapping[str, Any] = {}
        self._answer: Mapping[str, Any] = {}

    async def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """What the library's own steps are; see "trace" among httpcore's extensions."""
        if event.endswith("connect_tcp.complete"):
            self._reached = Reached.CONNECTED
            address = info["return_value"].get_extra_info("server_addr")
            self._peer = address[0] if address else None
        elif event.endswith("start_tls.complete"):
            self._reached = Reached.SECURED
            tls = info["return_value"].get_extra_info("ssl_object")
            self._tls = {"tls": tls.version(), "certificate": _certificate(tls.getpeercert(binary_form=True))}

    def look_at(self, response: httpx.Response) -> None:
        self._reached = Reached.ANSWERED
        self._answer = {"status": response.status_code, "date": parse_http_date(response.headers.get("date", ""))}

    def trip(self, problem: Problem | None, code: int = 0) -> Trip:
        return Trip(self._reached, problem, self._peer, code, **self._tls, **self._answer)


def _certificate(packed: bytes) -> Certificate | None:
    try:
        read = x509.load_der_x509_certificate(packed)
        return Certificate(_name(read.subject), _name(read.issuer), read.not_valid_before_utc, read.not_valid_after_utc)
    except ValueError:  # what OpenSSL takes is not all what a stricter reader takes
        return None


def _name(name: x509.Name) -> str:
    """The organisation and the common name, as far as they are told."""
    parts = [
        str(each.value)
        for kind in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME)
        for each in name.get_attributes_for_oid(kind)
    ]
    return printable(", ".join(parts) or name.rfc4514_string())
