"""The pictures that devices show: a built-in one until another is put in its place."""

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from starlette.datastructures import Headers
from starlette.responses import Response

from crewcheck_agent.simulator.artwork import demo_logo


@dataclass(frozen=True)
class Logo:
    """Any bytes under any name: whether they are a picture is for whoever fetches them to find out."""

    body: bytes
    content_type: str
    modified: datetime

    def answer(self, request_headers: Headers) -> Response:
        """200 with the bytes, or 304 when the client has them already."""
        tag = f'"{hashlib.sha256(self.body).hexdigest()}"'
        headers = {
            "Cache-Control": "no-cache",
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
            "Cross-Origin-Resource-Policy": "same-origin",
            "ETag": tag,
            "Last-Modified": format_datetime(self.modified, usegmt=True),
            "X-Content-Type-Options": "nosniff",
        }
        if self._is_known(request_headers, tag):
            return Response(None, 304, headers)
        return Response(self.body, 200, {**headers, "Content-Type": self.content_type})

    def _is_known(self, request_headers: Headers, tag: str) -> bool:
        known_tags = request_headers.get("if-none-match")
        if known_tags is not None:  # it rules If-Modified-Since out, RFC 9110 13.1.3
            return any(known.strip().removeprefix("W/") in (tag, "*") for known in known_tags.split(","))
        since = _http_date(request_headers.get("if-modified-since", ""))
        return since is not None and self.modified <= since


class Logos:
    """Which device shows which logo. Safe to use from several threads; not kept over a restart."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._default = Logo(demo_logo(), "image/svg+xml", self._to_the_second())
        self._put: dict[str, Logo] = {}
        self._turn = threading.Lock()

    def of(self, device_id: str) -> Logo:
        """What this device's ``logoUrl`` serves."""
        with self._turn:
            return self._put.get(device_id, self._default)

    def put(self, device_id: str, body: bytes, content_type: str) -> None:
        """Serve these bytes from now on."""
        with self._turn:
            self._put[device_id] = Logo(body, content_type, self._to_the_second())

    def drop(self, device_id: str) -> None:
        """Forget what was put for a device."""
        with self._turn:
            self._put.pop(device_id, None)

    def _to_the_second(self) -> datetime:
        return self._now().astimezone(UTC).replace(microsecond=0)


def _http_date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return date if date.tzinfo else None
