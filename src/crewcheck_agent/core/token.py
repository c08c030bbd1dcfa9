"""The connection token: who this kiosk is, and the key that proves it.

An operator shows it as a QR code; a scanner types it, a technician pipes it, systemd hands it over. It arrives
as JSON or as the base64 of that JSON (contract point 10), with whatever a scanner adds around it.
"""

import base64
import hmac
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn
from urllib.parse import SplitResult, urlsplit

from crewcheck_agent.core.problem import Code, Problem

LONGEST = 16 * 1024
"""Characters: over three times what the largest QR code holds (2,953 bytes, ISO/IEC 18004), base64 included."""

_DEFAULT_PORTS = {"http": 80, "https": 443}
_AROUND = "".join(map(chr, range(33))) + "\x7f\xa0\ufeff"  # what scanners and files put around a code
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_PLAIN_HOST = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]*)?")


class Secret:
    """A text that never shows itself: not in a repr, a format, an f-string, a pickle or a traceback."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself, for the token's file and the one header."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")


@dataclass(frozen=True, slots=True)
class Identity:
    """Which device of which tenant in which cloud this kiosk is. Holds no secret."""

    tenant_id: str
    device_id: str
    environment: str


@dataclass(frozen=True, slots=True)
class ConnectionToken:
    """The API's `ConnectionToken`, its identity apart from its key."""

    identity: Identity
    api_key: Secret

    def to_json(self) -> str:
        """The published JSON form, key included: for the token's file alone."""
        return json.dumps(
            {
                "deviceId": self.identity.device_id,
                "tenantId": self.identity.tenant_id,
                "apiKey": self.api_key.reveal(),
                "environment": self.identity.environment,
            },
            ensure_ascii=False,
        )


class TokenFault(StrEnum):
    """What can be wrong with a connection code."""

    NOT_A_CODE = "notACode"
    FIELD_MISSING = "fieldMissing"
    FIELD_EMPTY = "fieldEmpty"
    FIELD_WRONG_TYPE = "fieldWrongType"
    FIELD_UNUSABLE = "fieldUnusable"
    ENVIRONMENT_NOT_URL = "environmentNotUrl"
    ENVIRONMENT_NOT_HTTPS = "environmentNotHttps"
    ENVIRONMENT_NOT_ALLOWED = "environmentNotAllowed"


class TokenError(ValueError):
    """A text is no usable connection code. Says what is wrong with it, and never quotes it.

    Attributes:
        fault: what is wrong.
        subject: the field at fault, or for an environment its origin; empty where neither applies.
    """

    def __init__(self, fault: TokenFault, subject: str = "") -> None:
        super().__init__(f"{fault.value}: {subject}" if subject else fault.value)
        self.fault = fault
        self.subject = subject

    @property
    def problem(self) -> Problem:
        """The same for people."""
        return Problem(Code.BAD_TOKEN, self.subject, variant=self.fault)


def parse_token(text: str, allowed_environments: Collection[str]) -> ConnectionToken:
    """Read a connection code.

    Args:
        text: JSON, base64 or base64url of JSON, in any white space, byte order mark included.
        allowed_environments: the origins (`https://host[:port]`) that a code may name.

    Raises:
        TokenError: the text is not a connection code, or one that this kiosk must not obey.
    """
    fields = _fields(text)
    values = {name: _value(fields, name) for name in ("deviceId", "tenantId", "apiKey", "environment")}
    for name in ("deviceId", "tenantId"):
        # A dot segment would climb out of its place in the URL's path, percent-encoded or not (RFC 3986, 5.2.4).
        # Control characters would reach the terminals and journals of those who read about this device.
        if values[name] in {".", ".."} or _CONTROL.search(values[name]):
            raise TokenError(TokenFault.FIELD_UNUSABLE, name)
    key = values["apiKey"]
    # What an HTTP header field can carry (RFC 9110, 5.5).
    if not all(" " <= character <= "~" for character in key) or key != key.strip():
        raise TokenError(TokenFault.FIELD_UNUSABLE, "apiKey")
    _check_environment(values["environment"], allowed_environments)
    identity = Identity(values["tenantId"], values["deviceId"], values["environment"])
    return ConnectionToken(identity, Secret(key))


def is_whole(text: str) -> bool:
    """Whether this is all of a code already, of whatever kind: JSON, or the base64 of it."""
    bare = text.strip(_AROUND)
    return 0 < len(bare) <= LONGEST and isinstance(_json(bare), dict)


def origin(url: str) -> str:
    """The origin of an http(s) URL: scheme, host and port, in one spelling (RFC 6454).

    Raises:
        ValueError: this is not an absolute http(s) URL.
    """
    parts = urlsplit(url)
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise ValueError("not an absolute http or https URL")
    port = parts.port
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    suffix = "" if port in {None, _DEFAULT_PORTS[parts.scheme]} else f":{port}"
    return f"{parts.scheme}://{host}{suffix}"


def _fields(text: str) -> Mapping[str, object]:
    bare = text.strip(_AROUND)
    fields = _json(bare) if 0 < len(bare) <= LONGEST else None
    if not isinstance(fields, dict):
        raise TokenError(TokenFault.NOT_A_CODE)
    return fields


def _json(text: str) -> object:
    """What the text says; None for what says nothing. No error leaves here: it would carry the text, key included."""
    try:
        return json.loads(text if text.startswith("{") else _from_base64(text))
    except (ValueError, RecursionError):
        return None


def _from_base64(text: str) -> str:
    packed = "".join(text.split()).replace("-", "+").replace("_", "/").rstrip("=")
    return base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True).decode("utf-8-sig")


def _value(fields: Mapping[str, object], name: str) -> str:
    if name not in fields:
        raise TokenError(TokenFault.FIELD_MISSING, name)
    value = fields[name]
    if not isinstance(value, str):
        raise TokenError(TokenFault.FIELD_WRONG_TYPE, name)
    if not value.strip():
        raise TokenError(TokenFault.FIELD_EMPTY, name)
    if any("\ud800" <= character <= "\udfff" for character in value):  # half a character: no UTF-8 for it
        raise TokenError(TokenFault.FIELD_UNUSABLE, name)
    return value


def _check_environment(environment: str, allowed: Collection[str]) -> None:
    parts = _split(environment)
    if parts is None:
        raise TokenError(TokenFault.ENVIRONMENT_NOT_URL)
    listed = parts.scheme in _DEFAULT_PORTS and origin(environment) in {origin(each) for each in allowed}
    if parts.scheme != "https" and not listed:
        raise TokenError(TokenFault.ENVIRONMENT_NOT_HTTPS)
    if not listed:
        raise TokenError(TokenFault.ENVIRONMENT_NOT_ALLOWED, origin(environment))


def _split(environment: str) -> SplitResult | None:
    """The parts of a plain absolute URL; None for anything that could be read in two ways."""
    if not all("!" <= character <= "~" for character in environment) or "\\" in environment:
        return None
    try:
        parts = urlsplit(environment)
        parts.port  # noqa: B018 - reading it is what checks it
    except ValueError:
        return None
    plain = parts.scheme and _PLAIN_HOST.fullmatch(parts.netloc)
    return parts if plain and "?" not in environment and "#" not in environment else None
