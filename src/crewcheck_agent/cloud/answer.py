"""What an HTTP answer to the connect question means: the contract's rules, and what can pretend to be the API."""

import json
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

import httpx

from crewcheck_agent.core.kiosk import Answer, Good, Refusal, Refused, SwitchedOff
from crewcheck_agent.core.problem import Code, Problem, printable
from crewcheck_agent.core.token import origin

LONGEST_BODY = 1024 * 1024
"""Bytes: an answer above this is not the API's."""

_PROBLEM_BODIES = {"application/problem+json", "application/json", "text/json"}  # contract point 3
_PORTAL = 511  # RFC 6585: network authentication required


class Unanswered(Exception):  # noqa: N818 - told in the past tense, as the events are
    """The question had no answer that counts; it is worth asking again.

    Attributes:
        problem: why.
        retry_after: the seconds that the server asked us to wait, where it did.
    """

    def __init__(self, problem: Problem, retry_after: float | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.retry_after = retry_after


Clean = Callable[[str], str]
"""Takes the key out of a text: a server that repeats what it was sent must not put it on a screen."""


def read_answer(status: int, media_type: str, body: bytes, environment: str, clean: Clean = str) -> Answer:
    """The server's word.

    Args:
        status: the HTTP status.
        media_type: `Content-Type` without parameters, in lower case; empty where there was none.
        body: at most `LONGEST_BODY` bytes.
        environment: the base URI that was asked: an http logo is taken only from an http environment.
        clean: goes over every text that is taken from the body.

    Raises:
        Unanswered: this is no answer of the API's, or one that asks to come back later.
    """
    content = _json_object(body)
    if status == 200:
        if content is None or is_web_page(media_type, body):
            raise Unanswered(_foreign(status, media_type, body))
        return _good(content, environment, clean)
    if status == 400 and content is not None and media_type in _PROBLEM_BODIES:
        return SwitchedOff(_told(status, content, clean))
    refusal = {401: Refusal.UNAUTHORIZED, 404: Refusal.NOT_FOUND, 410: Refusal.NOT_FOUND}.get(status)
    if refusal and not is_web_page(media_type, body):
        return Refused(refusal, _told(status, content or {}, clean))
    raise Unanswered(_no_answer(status, media_type, body))


def usable_logo_url(value: object, environment: str) -> str | None:
    """The logo's address if a kiosk may fetch it: absolute, and https unless the environment itself is http."""
    if not isinstance(value, str) or not value.isprintable() or value != value.strip():
        return None
    try:
        origin(value)
        httpx.URL(value)  # it percent-encodes what a server forgot to
    except (ValueError, httpx.InvalidURL):
        return None
    schemes = {"https", urlsplit(environment).scheme}
    return value if urlsplit(value).scheme in schemes else None


def _good(content: Mapping[str, object], environment: str, clean: Clean) -> Good:
    settings = content.get("settings")
    if not isinstance(settings, dict):
        return Good(None, Problem(Code.BAD_ANSWER, variant="noSettings"))
    logo_url = usable_logo_url(settings.get("logoUrl"), environment)
    if logo_url is None or clean(logo_url) != logo_url:
        return Good(None, Problem(Code.LOGO, variant="noUrl"))
    return Good(logo_url)


def _no_answer(status: int, media_type: str, body: bytes) -> Problem:
    detail = f"HTTP {status}"
    if status == 407:
        return Problem(Code.PROXY, detail)
    if status == _PORTAL or 300 <= status < 400:
        return Problem(Code.CAPTIVE_PORTAL, detail)
    if status in {408, 429} or status >= 500:
        return Problem(Code.SERVER, detail)
    return _foreign(status, media_type, body)


def _foreign(status: int, media_type: str, body: bytes) -> Problem:
    """Somebody else answered: a web page is what portals and proxies send."""
    html = is_web_page(media_type, body)
    return Problem(Code.CAPTIVE_PORTAL if html and status == 200 else Code.BAD_ANSWER, f"HTTP {status}")


def is_web_page(media_type: str, body: bytes) -> bool:
    """Whether this is what portals and proxies send, and the API never does."""
    return media_type in {"text/html", "application/xhtml+xml"} or body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def _json_object(body: bytes) -> Mapping[str, object] | None:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _told(status: int, content: Mapping[str, object], clean: Clean) -> str:
    words = next((each for each in (content.get("detail"), content.get("title")) if isinstance(each, str) and each), "")
    return printable(f"HTTP {status} {clean(words)}")
