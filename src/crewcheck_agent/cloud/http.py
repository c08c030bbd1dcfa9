"""How this project speaks HTTP: whom it trusts, who it says it is, and how long it waits."""

import logging
import ssl
import time
import zlib
from collections.abc import Callable
from datetime import datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from crewcheck_agent import __version__
from crewcheck_agent.core.retry import parse_http_date, parse_retry_after
from crewcheck_agent.core.token import Identity

USER_AGENT = f"crewcheck-agent/{__version__}"
API_KEY_HEADER = "X-API-KEY"

_UNUSABLE_PROXY = (ValueError, ImportError, httpx.InvalidURL)  # ImportError: for SOCKS, httpx needs one package more

_log = logging.getLogger(__name__)

_Client = TypeVar("_Client", httpx.AsyncClient, httpx.Client)


def system_trust() -> ssl.SSLContext:
    """The machine's own certificate store: a company's own authority counts there, and nowhere else."""
    return ssl.create_default_context()


def client(trust: ssl.SSLContext, seconds: float) -> httpx.AsyncClient:
    """A client that follows no redirect by itself, since a key would travel along.

    Args:
        trust: which authorities count.
        seconds: the longest wait for a connection, and for each read and write.
    """
    return _made(httpx.AsyncClient, **_manners(trust, seconds), follow_redirects=False)


def operator_client(trust: ssl.SSLContext, seconds: float) -> httpx.Client:
    """The same for a program that does one thing at a time."""
    return _made(httpx.Client, **_manners(trust, seconds), follow_redirects=False)


def _made(kind: Callable[..., _Client], **how: Any) -> _Client:
    """A client, with the environment's proxy if that can be used: a slip in it is told, and no reason to end."""
    try:
        return kind(**how)
    except _UNUSABLE_PROXY:
        _log.error("the proxy that the environment names cannot be used (HTTPS_PROXY, ALL_PROXY); going without it")
        return kind(**how, trust_env=False)


def proxy_for(url: str) -> str:
    """Host and port of the proxy that the environment names for this address; empty where there is none."""
    parts = urlsplit(url)
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if not proxy or proxy_bypass(parts.netloc):
        return ""
    try:
        return host_of(proxy if "://" in proxy else f"http://{proxy}")
    except ValueError:
        return ""


def proxy_is_usable() -> bool:
    """Whether a client can use the proxies that the environment names, as it will where it can."""
    try:
        httpx.Client(verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)).close()
    except _UNUSABLE_PROXY:
        return False
    return True


def _manners(trust: ssl.SSLContext, seconds: float) -> Any:
    return {
        "verify": trust,
        "timeout": seconds,
        "headers": {"User-Agent": USER_AGENT, "Accept-Encoding": "identity"},
        # Between polls a router may be swapped: a kept connection would look alive and swallow the next question.
        # A balancer's cookie would bind a kiosk that runs for months to a server that may be long gone.
        "cookies": CookieJar(DefaultCookiePolicy(allowed_domains=())),
        "limits": httpx.Limits(max_keepalive_connections=0),
    }


def device_url(identity: Identity, action: str) -> str:
    """The address of a device's action."""
    return devices_url(identity.environment, identity.tenant_id, identity.device_id, action)


def devices_url(environment: str, tenant_id: str, *steps: str) -> str:
    """The address of a tenant's devices, and of what is further down: every step is one percent-encoded path segment.

    As contract points 7 and 9 have it.
    """
    segments = ("api", tenant_id, "devices", *steps)
    return "/".join((environment.rstrip("/"), *(quote(each, safe="") for each in segments)))


def host_of(url: str) -> str:
    """Host and port as a network's administrator needs them."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return f"{parts.hostname}:{port}"


def media_type(response: httpx.Response) -> str:
    """`Content-Type` without parameters, in lower case; empty where there is none."""
    return str(response.headers.get("content-type", "")).split(";")[0].strip().lower()


def retry_after(headers: httpx.Headers, now: datetime) -> float | None:
    """The seconds that an answer asks to wait, by the server's own clock where it tells the time: ours may be wrong."""
    server_time = parse_http_date(headers.get("date", ""))
    return parse_retry_after(headers.get("retry-after", ""), server_time or now)


async def read_at_most(response: httpx.Response, limit: int) -> bytes | None:
    """The body, or None as soon as it exceeds `limit` bytes.

    Raises:
        httpx.DecodingError: it is packed in a way that cannot be undone.
    """
    intake = _Intake(response, limit)
    async for chunk in response.aiter_raw():
        if not intake.takes(chunk):
            return None
    return bytes(intake.body)


def read_in_time(response: httpx.Response, limit: int, until: float) -> bytes | None:
    """The body as `read_at_most` gives it, from a client that waits: a byte a second must not hold it for ever.

    Args:
        response: whose body it is.
        limit: in bytes.
        until: the moment, by `time.monotonic()`, by which all of it must be there.

    Raises:
        httpx.ReadTimeout: it is not.
        httpx.DecodingError: it is packed in a way that cannot be undone.
    """
    intake = _Intake(response, limit)
    for chunk in response.iter_raw():
        if time.monotonic() > until:
            raise httpx.ReadTimeout("the whole took too long")
        if not intake.takes(chunk):
            return None
    return bytes(intake.body)


class _Intake:
    """A body as it comes in.

    We ask for it unpacked. A server that packs all the same is understood, but never unpacked beyond the limit: a
    thousandfold is hidden in a few bytes.
    """

    def __init__(self, response: httpx.Response, limit: int) -> None:
        self.body = bytearray()
        self._limit = limit
        self._unpack = _unpacking(response.headers.get("content-encoding", "identity").strip().lower())

    def takes(self, chunk: bytes) -> bool:
        """Whether the body is still within its limit with this chunk."""
        try:
            self.body += self._unpack(chunk, self._limit + 1 - len(self.body))
        except zlib.error as error:
            raise httpx.DecodingError(str(error)) from None
        return len(self.body) <= self._limit


def _unpacking(coding: str) -> Callable[[bytes, int], bytes]:
    """Takes what arrived, and how many bytes at most to make of it."""
    if coding in {"gzip", "x-gzip", "deflate"}:
        return zlib.decompressobj(wbits=zlib.MAX_WBITS | 32).decompress  # either header is recognised
    if coding == "identity":
        return lambda chunk, _: chunk
    raise httpx.DecodingError(f"nobody asked for {coding}")
