"""The operator's side of the Devices API: its six operations, and in words for people why one was not done."""

import json
import random
import re
import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from gettext import gettext as _
from typing import Any
from urllib.parse import unquote

import httpx
import tenacity

from crewcheck_agent.cloud import http
from crewcheck_agent.cloud.answer import is_web_page
from crewcheck_agent.cloud.fault import problem_from
from crewcheck_agent.core.messages import words_for
from crewcheck_agent.core.problem import Code, Problem, printable
from crewcheck_agent.core.redaction import Redactor
from crewcheck_agent.core.retry import Rhythm, Uniform
from crewcheck_agent.core.token import ConnectionToken, Secret, TokenError, origin, parse_token
from crewcheck_agent.languages import wording_in

_LONGEST_BODY = 16 * 1024 * 1024  # bytes: a list of 50,000 devices
_TRIES = 4  # of a read, before a person is told that it failed
_LONGEST_WAIT = 30.0  # seconds that a person is kept waiting because the service asks for it
_RHYTHM = Rhythm(retry_initial=0.5, retry_max=4.0)
_LATER = {408, 425, 429, 500, 502, 503, 504}
_CHANGEABLE = ("name", "description", "isEnabled")  # the properties of UpdateDevice
_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)


class Reason(StrEnum):
    """Why something was not done, as far as scripts tell causes apart."""

    FAILED = "failed"
    UNAUTHORIZED = "unauthorized"
    NOT_FOUND = "notFound"
    UNREACHABLE = "unreachable"


class NotDone(Exception):  # noqa: N818 - told as what became of the operation
    """An operation did not succeed. Its text says what happened and who must do what, and holds no secret.

    Attributes:
        reason: the kind of cause.
    """

    def __init__(self, reason: Reason, text: str) -> None:
        super().__init__(text)
        self.reason = reason


class _ComeBackLater(NotDone):
    """The service cannot now, and may soon. `seconds`: how long it asks us to wait, where it does."""

    def __init__(self, text: str, seconds: float | None) -> None:
        super().__init__(Reason.FAILED, text)
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Credential:
    """What an operator proves itself with: an API key, or an OAuth 2 bearer token."""

    secret: Secret
    bearer: bool = False

    def header(self) -> dict[str, str]:
        """The one header that carries it."""
        text = self.secret.reveal()
        return {"Authorization": f"Bearer {text}"} if self.bearer else {http.API_KEY_HEADER: text}


@dataclass(frozen=True, slots=True)
class Account:
    """Whose devices, in which cloud, and what opens the door."""

    environment: str
    tenant_id: str
    credential: Credential


@dataclass(frozen=True, slots=True)
class Device:
    """A device as the service tells it.

    Attributes:
        fields: everything that was told, whatever it is; only a list's devices have a published schema.
    """

    fields: Mapping[str, Any]

    @property
    def device_id(self) -> str:
        """Its id; empty where the service did not tell it."""
        return self.text("deviceId")

    @property
    def is_enabled(self) -> bool | None:
        """Whether it may connect; None where the service did not tell."""
        told = self.fields.get("isEnabled")
        return told if isinstance(told, bool) else None

    @property
    def logo_url(self) -> str:
        """Where its logo is; empty where the service did not tell."""
        settings = self.fields.get("settings")
        return Device(settings).text("logoUrl") if isinstance(settings, dict) else ""

    @property
    def is_known(self) -> bool:
        """Whether the service told anything but the id."""
        return any(name in self.fields for name in _CHANGEABLE)

    def text(self, name: str) -> str:
        """The field as a text; empty for none, and for what is no text."""
        told = self.fields.get(name)
        return told if isinstance(told, str) else ""


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    media_type: str
    headers: httpx.Headers
    body: bytes

    @property
    def content(self) -> Any:
        """What its JSON says; None for what is no JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    @property
    def is_web_page(self) -> bool:
        return is_web_page(self.media_type, self.body)

    @property
    def retry_after(self) -> float | None:
        """The seconds it asks us to wait."""
        return http.retry_after(self.headers, datetime.now(UTC))

    @property
    def device_id(self) -> str:
        """The id at the end of its Location, if there is one."""
        found = re.search(r"/devices/([^/?#]+)/?$", self.headers.get("location", ""))
        return unquote(found[1]) if found else ""


class Operator:
    """Asks the service on an operator's behalf. Every method raises NotDone where it could not do what it says.

    Reads are tried again while the service says that it is busy or broken; what changes something is tried once.

    Args:
        account: who asks.
        trust: which authorities count.
        patience: seconds for each wait, and for an answer's body as a whole.
        sleep, uniform: time and chance; tests bring their own.
        tell: hears, in words, why a read is taking longer.
    """

    def __init__(
        self,
        account: Account,
        trust: ssl.SSLContext,
        *,
        patience: float = 30.0,
        sleep: Callable[[float], None] = time.sleep,
        uniform: Uniform = random.uniform,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._account = account
        self._trust = trust
        self._patience = patience
        self._sleep = sleep
        self._uniform = uniform
        self._tell = tell
        self._redactor = Redactor()
        self._redactor.learn(account.credential.secret)

    def devices(self) -> list[Device]:
        """Every device of the tenant."""
        content = self._read().content
        if not isinstance(content, list):
            raise NotDone(
                Reason.FAILED,
                _("{host} answers without a list of devices. Check the environment.").format(host=self._host),
            )
        return [Device(each) for each in content if isinstance(each, dict)]

    def device(self, device_id: str) -> Device:
        """One device. Its own answer has no published body: what is missing there is looked up in the list."""
        told = _device_in(self._read(device_id), device_id)
        if told.is_known:
            return told
        with suppress(NotDone):  # the device is there, as we just heard; more cannot be had
            return next((each for each in self.devices() if each.device_id == device_id), told)
        return told

    def create(self, name: str, description: str | None) -> Device:
        """Register a device. Its id is empty if the service does not tell it in any of the usual ways."""
        wanted = {"type": "CrewCheck", "name": name, "description": description}
        reply = self._change("POST", (), wanted)
        content = reply.content
        told = content if isinstance(content, dict) else {}
        device_id = told.get("deviceId") or (content if isinstance(content, str) else "") or reply.device_id
        return Device({**wanted, **told, "deviceId": device_id or self._only_one_named(name)})

    def update(self, device_id: str, changes: Mapping[str, str | bool | None]) -> Device:
        """Change these properties of `UpdateDevice`. All others are read first and sent back, so that they survive."""
        before = Device({"deviceId": device_id})
        if not set(_CHANGEABLE) <= changes.keys():
            before = self.device(device_id)
            if not before.is_known:
                told = _(
                    "The service tells nothing of device {device}, so its name could be lost. Nothing was changed. "
                    "Send all of it: update with --name, --description and --enabled or --disabled."
                )
                raise NotDone(Reason.FAILED, told.format(device=printable(device_id)))
        kept = {name: before.fields[name] for name in _CHANGEABLE if name in before.fields}
        whole = {**kept, **changes}
        after = _device_in(self._change("PUT", (device_id,), whole), device_id)
        return after if after.is_known else Device({**before.fields, **whole})

    def delete(self, device_id: str) -> None:
        """Delete a device and revoke its key."""
        self._change("DELETE", (device_id,))

    def reset(self, device_id: str) -> ConnectionToken:
        """A fresh connection code; the key before stops working. What the answer leaves out is what we asked with."""
        content = self._change("POST", (device_id, "connections", "reset")).content
        told = content.items() if isinstance(content, dict) else ()
        asked = {
            "deviceId": device_id,
            "tenantId": self._account.tenant_id,
            "environment": self._account.environment,
        }
        whole = {**asked, **{name: value for name, value in told if value is not None}}
        allowed = [origin(whole["environment"])] if _has_origin(whole["environment"]) else []
        try:
            return parse_token(json.dumps(whole), allowed)
        except TokenError as error:
            why = _(
                "The service did the reset, but its answer is no connection code ({reason}). The kiosk is cut off: "
                "reset it again, and if that does not help tell the service's provider."
            )
            raise NotDone(Reason.FAILED, why.format(reason=error)) from None

    @property
    def _host(self) -> str:
        return http.host_of(self._account.environment)

    def _only_one_named(self, name: str) -> str:
        """The id of the device with this name, if the list has exactly one."""
        with suppress(NotDone):  # it was created all the same
            found = [each.device_id for each in self.devices() if each.text("name") == name]
            return found[0] if len(found) == 1 else ""
        return ""

    def _read(self, *steps: str) -> _Reply:
        return tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(_ComeBackLater),
            wait=lambda tries: _RHYTHM.after_miss(tries.attempt_number, self._uniform, _wish(tries)),
            stop=lambda tries: tries.attempt_number >= _TRIES or (_wish(tries) or 0) > _LONGEST_WAIT,
            before_sleep=self._announce,
            sleep=self._sleep,
            reraise=True,
        )(self._exchange, "GET", steps)

    def _announce(self, tries: tenacity.RetryCallState) -> None:
        seconds = tries.next_action.sleep if tries.next_action else 0.0
        self._tell(_("The service is busy; trying again in {seconds} s.").format(seconds=round(seconds)))

    def _change(self, method: str, steps: tuple[str, ...], body: Mapping[str, Any] | None = None) -> _Reply:
        return self._exchange(method, steps, body)

    def _exchange(self, method: str, steps: tuple[str, ...], body: Mapping[str, Any] | None = None) -> _Reply:
        try:
            reply = self._send(method, steps, body)
        except Exception as error:  # noqa: BLE001 - whatever broke, the operator is told in words
            # "from None": the request in the chain holds the key
            raise NotDone(Reason.UNREACHABLE, self._unreached(error, method)) from None
        if reply is None:
            told = _("The answer of {host} is far too long. Check the environment.")
            raise NotDone(Reason.FAILED, told.format(host=self._host))
        if 200 <= reply.status < 300 and not (reply.status == 200 and reply.is_web_page):
            return reply
        raise self._refusal(reply, steps)

    def _send(self, method: str, steps: tuple[str, ...], body: Mapping[str, Any] | None) -> _Reply | None:
        url = http.devices_url(self._account.environment, self._account.tenant_id, *steps)
        headers = {**self._account.credential.header(), "Accept": "application/json"}
        until = time.monotonic() + self._patience
        with (
            http.operator_client(self._trust, self._patience) as client,
            client.stream(method, url, headers=headers, json=body) as response,
        ):
            read = http.read_in_time(response, _LONGEST_BODY, until)
        if read is None:
            return None
        return _Reply(response.status_code, http.media_type(response), response.headers, read)

    def _unreached(self, error: Exception, method: str) -> str:
        problem = problem_from(error, self._host, datetime.now(UTC).date(), http.proxy_for(self._account.environment))
        if problem.code is Code.BAD_ANSWER or isinstance(error, httpx.RemoteProtocolError):
            told = _("{host} broke the connection off ({reason}). Try again.").format(
                host=self._host, reason=problem.detail
            )
        else:
            told = " ".join(words_for(problem, wording_in("auto")))
        if method == "GET" or isinstance(error, _UNSENT):
            return told
        return f"{told} " + _("Whether the change was made is not known: look before you repeat it.")

    def _refusal(self, reply: _Reply, steps: tuple[str, ...]) -> NotDone:
        """Why an answer is none that does what was asked."""
        status, said = reply.status, self._said(reply)
        if status == 407:
            proxy = words_for(Problem(Code.PROXY, "HTTP 407", self._host), wording_in("auto"))
            return NotDone(Reason.UNREACHABLE, " ".join(proxy))
        if status in _LATER or (status >= 500 and status != 511):
            wish = reply.retry_after
            text = _("The service at {host} cannot do this now ({said}). Try again later.")
            if wish:
                text = _(
                    "The service at {host} cannot do this now ({said}). It asks to be left alone for {seconds} s. Try "
                    "again later."
                )
            text = text.format(host=self._host, said=said, seconds=round(wish or 0))
            return _ComeBackLater(text, wish) if status in _LATER else NotDone(Reason.FAILED, text)
        if 300 <= status < 400 or status == 511 or reply.is_web_page:
            told = _(
                "{host} answers with a web page or leads elsewhere (HTTP {status}): this is not the Devices API. Check "
                "the environment; the sign-in page of a network does the same."
            )
            return NotDone(Reason.UNREACHABLE, told.format(host=self._host, status=status))
        return self._word(status, said, steps)

    def _word(self, status: int, said: str, steps: tuple[str, ...]) -> NotDone:
        """The service's own no."""
        reason = Reason.FAILED
        if status in {401, 403}:
            reason = Reason.UNAUTHORIZED
            told = _(
                "The service refuses this API key for tenant {tenant} ({said}). Check both, or ask whoever issued it "
                "for a new one that may manage devices."
            )
            if self._account.credential.bearer:
                told = _(
                    "The service refuses this bearer token for tenant {tenant} ({said}). Check both, or ask whoever "
                    "issued it for a new one that may manage devices."
                )
        elif status in {404, 410} and steps:
            reason = Reason.NOT_FOUND
            told = _(
                "The service knows no device {device} in tenant {tenant} ({said}). `crewcheck-admin list` shows those "
                "it knows."
            )
        elif status in {404, 410}:
            told = _("{host} knows no devices of tenant {tenant} ({said}). Check both.")
        else:
            told = _("The service does not accept this ({said}).")
        tenant, device = printable(self._account.tenant_id), printable(steps[0]) if steps else ""
        return NotDone(reason, told.format(host=self._host, tenant=tenant, device=device, said=said))

    def _said(self, reply: _Reply) -> str:
        """The status, and what a problem body (RFC 9457) adds to it."""
        content = reply.content if not reply.is_web_page else None
        told = [f"HTTP {reply.status}"]
        if isinstance(content, dict):
            words = (content.get("detail"), content.get("title"))
            told += [
                next((each.rstrip(" .") for each in words if isinstance(each, str) and each), ""),
                _faults(content),
            ]
        return printable(self._redactor.clean("; ".join(each for each in told if each)), 400)


def _wish(tries: tenacity.RetryCallState) -> float | None:
    error = tries.outcome.exception() if tries.outcome else None
    return error.seconds if isinstance(error, _ComeBackLater) else None


def _device_in(reply: _Reply, device_id: str) -> Device:
    """The device that an answer without a published body tells of; only its id where it tells of none."""
    content = reply.content
    told = Device(content if isinstance(content, dict) else {})
    return Device({**told.fields, "deviceId": told.device_id or device_id})


def _faults(content: Mapping[str, Any]) -> str:
    """What `errors` of a validation problem says, one property after the other."""
    errors = content.get("errors")
    if not isinstance(errors, dict):
        return ""
    lists = {name: reasons if isinstance(reasons, list) else [reasons] for name, reasons in errors.items()}
    return "; ".join(f"{name}: {', '.join(map(str, reasons))}" for name, reasons in lists.items())


def _has_origin(environment: object) -> bool:
    with suppress(ValueError, TypeError, AttributeError):
        return bool(origin(environment))  # type: ignore[arg-type] # foreign data: anything may be there
    return False
