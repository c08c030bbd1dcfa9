"""Fetches a logo: without the key, only when it changed, and never more than its limit."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

import httpx

from crewcheck_agent.cloud import http
from crewcheck_agent.cloud.answer import Unanswered
from crewcheck_agent.cloud.fault import problem_from
from crewcheck_agent.core.kiosk import Logo
from crewcheck_agent.core.picture import MOST_BYTES
from crewcheck_agent.core.problem import Code, Problem

_PATIENCE = 6  # times the time-out of a question, for all of a picture: by default 10 MiB at 1.4 Mbit/s
_MOST_REDIRECTS = 5
_FREE_RIDE = 64 * 1024 / 60  # bytes a second spent on asking again where a server offers no way to ask "changed?"


class LogoUnusable(Exception):  # noqa: N818 - told as what the logo is
    """Asking again soon will not help; the next answer of the API may name another logo.

    Attributes:
        problem: why.
        cost: the bytes that were spent on finding out.
    """

    def __init__(self, problem: Problem, cost: int = 0) -> None:
        super().__init__(problem)
        self.problem = problem
        self.cost = cost


@dataclass(frozen=True, slots=True)
class Fetched:
    """A logo's bytes, and what a later conditional request needs (RFC 9110, 13.1)."""

    data: bytes
    etag: str | None
    last_modified: str | None


def needs_asking(known: Logo | None, size: int, seconds_since: float) -> bool:
    """Whether to ask for a logo of `size` bytes again, `seconds_since` it was last fetched.

    With a validator of a known one the question is cheap. Without one it costs the whole picture, so a larger one is
    asked for rarely: a metered line pays for it.
    """
    return bool(known and (known.etag or known.last_modified)) or seconds_since * _FREE_RIDE >= size


async def fetch_logo(
    client: httpx.AsyncClient, url: str, known: Logo | None, environment: str, today: date
) -> Fetched | Logo:
    """The logo at `url`, or `known` if it still is that.

    Args:
        client: one that carries no key.
        url: where the API says the logo is.
        known: what was fetched from there before, if it is still at hand.
        environment: the API's base URI: over http a logo is taken only if that is http too.
        today: the day on this machine's clock.

    Raises:
        Unanswered: it could not be had now.
        LogoUnusable: there is none to be had.
    """
    schemes = {"https", urlsplit(environment).scheme}
    try:
        request = client.build_request("GET", url, headers=_condition(known, url))
        async with (
            asyncio.timeout(_PATIENCE * (client.timeout.read or 10.0)),
            _answer(client, request, schemes) as response,
        ):
            if known and response.status_code == httpx.codes.NOT_MODIFIED:
                return known
            _check_status(response, url)
            data = await http.read_at_most(response, MOST_BYTES)
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        cause = problem_from(error, http.host_of(url), today, http.proxy_for(url))
        raise Unanswered(Problem(Code.LOGO, cause.detail or cause.code.value, cause.host, "unreachable")) from None
    if data is None:
        raise LogoUnusable(_problem("tooLarge", url), MOST_BYTES)
    return Fetched(data, response.headers.get("etag"), response.headers.get("last-modified"))


@asynccontextmanager
async def _answer(
    client: httpx.AsyncClient, request: httpx.Request, schemes: set[str]
) -> AsyncIterator[httpx.Response]:
    """The answer at the end of a few redirects. Where each leads is looked at before it is followed."""
    url = str(request.url)
    for _ in range(_MOST_REDIRECTS + 1):
        if request.url.scheme not in schemes:
            raise LogoUnusable(_problem("insecure", url))
        response = await client.send(request, stream=True)
        try:
            if response.next_request is None:
                yield response
                return
        finally:
            await response.aclose()
        request = response.next_request
    raise LogoUnusable(_problem("redirects", url))


def _condition(known: Logo | None, url: str) -> dict[str, str]:
    if known is None or known.url != url:
        return {}
    fields = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
    return {name: value for name, value in fields.items() if value}


def _check_status(response: httpx.Response, url: str) -> None:
    status = response.status_code
    if status == httpx.codes.OK:
        return
    problem = _problem("unreachable", url, f"HTTP {status}")
    if status in {408, 425, 429} or status >= 500:
        raise Unanswered(problem)
    raise LogoUnusable(problem)


def _problem(variant: str, url: str, detail: str = "") -> Problem:
    return Problem(Code.LOGO, detail, http.host_of(url), variant)
