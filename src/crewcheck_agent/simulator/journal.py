"""What arrived: a bounded list of requests, without anybody's key."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from pydantic.alias_generators import to_camel

_SHOWN_OF_A_KEY = 4
_SHORTEST_KEY_TO_SHOW = 16
_ENTRIES_KEPT = 1000


@dataclass(frozen=True)
class Seen:
    """One request.

    Attributes:
        number: counts from 1 and is never used twice.
        operation: one of the names of ``operations.operation_of``; None for anything else.
        time: when it arrived, RFC 3339.
        status: what was answered; None while nothing is, or when the connection was dropped.
        key: the first characters of the key that came along in a header; None when none came.
    """

    number: int
    method: str
    path: str
    operation: str | None
    time: str
    status: int | None
    user_agent: str | None
    accept: str | None
    key: str | None

    def as_json(self) -> dict[str, Any]:
        """The same, with the names that the API's JSON would have."""
        return {to_camel(name): value for name, value in asdict(self).items()}


def mask(key: str) -> str:
    """So much of a key as tells it from another one, and no more."""
    return (key[:_SHOWN_OF_A_KEY] if len(key) >= _SHORTEST_KEY_TO_SHOW else "") + "…"


def _key_in(headers: Mapping[str, str]) -> str | None:
    key = headers.get("x-api-key") or headers.get("authorization")
    return mask(key.split()[-1]) if key and key.strip() else None


class Journal:
    """The requests that arrived, newest last. Safe to use from several threads."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._seen: dict[int, Seen] = {}
        self._last_number = 0
        self._changed = threading.Condition()

    def arrived(self, method: str, path: str, operation: str | None, headers: Mapping[str, str]) -> int:
        """Note a request (with lower-case header names), and return its number."""
        with self._changed:
            self._last_number += 1
            self._seen[self._last_number] = Seen(
                number=self._last_number,
                method=method,
                path=path,
                operation=operation,
                time=self._now().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                status=None,
                user_agent=headers.get("user-agent"),
                accept=headers.get("accept"),
                key=_key_in(headers),
            )
            if len(self._seen) > _ENTRIES_KEPT:
                del self._seen[min(self._seen)]
            self._changed.notify_all()
            return self._last_number

    def answered(self, number: int, status: int) -> None:
        """Note what a request was answered with, unless the list was cleared meanwhile."""
        with self._changed:
            if number in self._seen:
                self._seen[number] = replace(self._seen[number], status=status)
            self._changed.notify_all()

    def seen(self, operation: str | None = None) -> list[Seen]:
        """Everything noted, or only one operation's requests; oldest first."""
        with self._changed:
            return [seen for seen in self._seen.values() if operation in (None, seen.operation)]

    def wait_for(self, operation: str, count: int, timeout: float) -> list[Seen]:
        """An operation's requests as soon as so many are noted.

        Raises:
            TimeoutError: they were not within ``timeout`` seconds.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: len(self.seen(operation)) >= count, timeout):
                raise TimeoutError(f"no {count} of {operation!r} within {timeout} s, only {self.seen()}")
            return self.seen(operation)

    def clear(self) -> None:
        """Forget everything noted so far."""
        with self._changed:
            self._seen.clear()
