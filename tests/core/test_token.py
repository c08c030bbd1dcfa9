"""Which texts are connection codes, what is wrong with the others, and that no key ever shows."""

import base64
import copy
import dataclasses
import json
import pickle
import traceback
from collections.abc import Callable
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from crewcheck_agent.core.problem import Code, Problem
from crewcheck_agent.core.token import (
    LONGEST,
    ConnectionToken,
    Identity,
    Secret,
    TokenError,
    TokenFault,
    origin,
    parse_token,
)

CLOUD = "https://app.neostore.cloud"
ALLOWED = (CLOUD, "https://app-qa.neostore.cloud")
KEY = "s3cr3t/key+with=signs"
FIELDS: dict[str, Any] = {"deviceId": "kiosk-7", "tenantId": "acme", "apiKey": KEY, "environment": CLOUD}
PLAIN = json.dumps(FIELDS)
TOKEN = ConnectionToken(Identity("acme", "kiosk-7", CLOUD), Secret(KEY))


def code(**changes: object) -> str:
    return json.dumps({**FIELDS, **changes})


def without(name: str) -> str:
    return json.dumps({key: value for key, value in FIELDS.items() if key != name})


def packed(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def url_packed(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


LONG = code(note="ÿþ~?" * 30)  # its base64 has + and /, its base64url - and _


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(PLAIN, id="JSON"),
        pytest.param(json.dumps(FIELDS, indent=2), id="JSON on several lines"),
        pytest.param(code(name="Entrance", nested={"a": [1, None]}), id="unknown fields"),
        pytest.param(PLAIN[:-1] + ', "apiKey": ' + json.dumps(KEY) + "}", id="a field that is said twice"),
        pytest.param(packed(PLAIN), id="base64"),
        pytest.param(packed(PLAIN + " ").rstrip("="), id="base64, not padded"),
        pytest.param(packed(PLAIN) + "=", id="base64, padded too much"),
        pytest.param(packed(LONG), id="base64 with its signs"),
        pytest.param(url_packed(LONG), id="base64url"),
        pytest.param(url_packed(LONG + " ").rstrip("="), id="base64url, not padded"),
        pytest.param(packed("\ufeff" + PLAIN), id="base64 of JSON with a byte order mark"),
        pytest.param(base64.encodebytes(PLAIN.encode()).decode(), id="base64, wrapped at 76 columns"),
        pytest.param(packed(PLAIN).replace("e", "e\r\n\t "), id="base64 with white space anywhere"),
    ],
)
@pytest.mark.parametrize(
    "around",
    [
        pytest.param("{}", id="bare"),
        pytest.param("\ufeff{}", id="byte order mark"),
        pytest.param("{}\r", id="CR"),
        pytest.param("{}\n", id="LF"),
        pytest.param("{}\r\n", id="CRLF"),
        pytest.param("{}\t", id="TAB"),
        pytest.param("  \r\n\t{}\n\n ", id="white space"),
        pytest.param("{}\0", id="NUL"),
        pytest.param("\0\r\n{}\0\r\n\0", id="NUL and CRLF, mixed"),
        pytest.param("\ufeff \ufeff\n{}\n\ufeff", id="byte order marks and white space, mixed"),
        pytest.param("\x02{}\x03", id="STX and ETX"),
    ],
)
def test_a_connection_code(text: str, around: str) -> None:
    assert parse_token(around.replace("{}", text), ALLOWED) == TOKEN


@pytest.mark.parametrize(
    "identity",
    [
        pytest.param("Café №7 — 東京", id="any language"),
        pytest.param("a/b?c#d%2e&e=f", id="the signs of a URL"),
        pytest.param("...", id="three dots"),
        pytest.param(" kiosk 7 ", id="spaces"),
        pytest.param('"quoted" \\ {braced}', id="the signs of JSON"),
        pytest.param("\U0001f5a5", id="beyond the basic plane"),
    ],
)
def test_ids_are_opaque(identity: str) -> None:
    token = parse_token(code(deviceId=identity, tenantId=identity), ALLOWED)
    assert token.identity == Identity(identity, identity, CLOUD)


@pytest.mark.parametrize(
    ("environment", "allowed"),
    [
        (CLOUD, CLOUD),
        (f"{CLOUD}/", CLOUD),
        (f"{CLOUD}/some/base/", CLOUD),
        (f"{CLOUD}:443", CLOUD),
        (f"{CLOUD}:0443/", CLOUD),
        (f"{CLOUD}:", CLOUD),
        ("HTTPS://APP.NeoStore.Cloud", CLOUD),
        (CLOUD, "HTTPS://APP.NEOSTORE.CLOUD:443/"),
        ("https://app.neostore.cloud:8443", "https://app.neostore.cloud:8443"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://localhost:80", "http://localhost"),
        ("https://[::1]:8443/x", "https://[::1]:8443"),
        ("https://[FE80::1]", "https://[fe80::1]:443"),
        ("https://kiosk_hub.local", "https://kiosk_hub.local"),
    ],
)
def test_an_allowed_environment_is_kept_as_it_is_written(environment: str, allowed: str) -> None:
    assert parse_token(code(environment=environment), [allowed]).identity.environment == environment


BACKSLASH = "\\"


@pytest.mark.parametrize(
    ("text", "fault", "subject"),
    [
        # Not a connection code
        *(
            pytest.param(text, TokenFault.NOT_A_CODE, "", id=f"no code: {name}")
            for name, text in {
                "nothing": "",
                "white space": " \r\n\0\ufeff",
                "a bar code": "4006381333931",
                "an address": "https://example.com/?token=x",
                "half a code": PLAIN[:40],
                "a code and more": PLAIN + PLAIN,
                "half of the base64": packed(PLAIN)[:31],
                "base64 of nonsense": packed("nonsense"),
                "base64 of no text": base64.b64encode(b"\xff\xfe{}").decode(),
                "base64 with foreign signs": packed(PLAIN) + "!",
                "base64 in base64": packed(packed(PLAIN)),
                "a list": f"[{PLAIN}]",
                "base64 of a list": packed(f"[{PLAIN}]"),
                "a string": json.dumps(PLAIN),
                "base64 of null": packed("null"),
                "deep nesting": '{"a":' * 7000 + "}" * 2000,
                "deep lists": '{"a":' + "[" * 12_000,
                "a number without end": '{"a":' + "1" * 9000 + "}",
                "over the limit": code(note="x" * LONGEST),
                "keys without quotes": "{deviceId: 1}",
                "what another keyboard layout makes of it": PLAIN.replace('"', "@").replace("{", "ä"),
                "characters that base64 does not have": "ключ" * 8,
                "half characters": "\ud800" * 8,
            }.items()
        ),
        # A field
        *(
            pytest.param(text, fault, name, id=f"{name} {what}")
            for name in FIELDS
            for what, text, fault in (
                ("is missing", without(name), TokenFault.FIELD_MISSING),
                ("is empty", code(**{name: ""}), TokenFault.FIELD_EMPTY),
                ("is blank", code(**{name: " \t"}), TokenFault.FIELD_EMPTY),
                ("is null", code(**{name: None}), TokenFault.FIELD_WRONG_TYPE),
                ("is a number", code(**{name: 7}), TokenFault.FIELD_WRONG_TYPE),
                ("is not a number", code(**{name: float("nan")}), TokenFault.FIELD_WRONG_TYPE),
                ("is true", code(**{name: True}), TokenFault.FIELD_WRONG_TYPE),
                ("is a list", code(**{name: ["x"]}), TokenFault.FIELD_WRONG_TYPE),
                ("is an object", code(**{name: {}}), TokenFault.FIELD_WRONG_TYPE),
                ("is half a character", code(**{name: "a\ud83d"}), TokenFault.FIELD_UNUSABLE),
            )
        ),
        pytest.param(code(DeviceId="x").replace('"deviceId"', '"x"'), TokenFault.FIELD_MISSING, "deviceId", id="case"),
        pytest.param(PLAIN[:-1] + ', "apiKey": 1}', TokenFault.FIELD_WRONG_TYPE, "apiKey", id="the last one counts"),
        *(
            pytest.param(code(**{name: value}), TokenFault.FIELD_UNUSABLE, name, id=f"{name} {value!r}")
            for name, values in {
                "deviceId": (".", "..", "a\nb", "\x1b[2J", "a\x7f", "a\x9b"),
                "tenantId": (".", "..", "a\rb", "\0"),
                "apiKey": ("ключ", "a\nX-Other: b", " a", "a ", "a\tb", "a\x7fb", "\ufeffa"),
            }.items()
            for value in values
        ),
        # The environment
        *(
            pytest.param(code(environment=value), TokenFault.ENVIRONMENT_NOT_URL, "", id=f"not a URL: {value!r}")
            for value in (
                "app.neostore.cloud",
                "//app.neostore.cloud",
                "https:",
                "https:/app.neostore.cloud",
                "https:app.neostore.cloud",
                "https:///app.neostore.cloud",
                "https://",
                "https://:443",
                "://app.neostore.cloud",
                " https://app.neostore.cloud",
                "https://app.neostore.cloud ",
                "https://app.neo store.cloud",
                "https://app.neostore\n.cloud",
                "https://app.neostore.cloud\t",
                "https://app.neostore.cloud:x",
                "https://app.neostore.cloud:99999",
                "https://app.neostore.cloud:-1",
                "https://app.neostore.cloud:+443",
                "https://app.neostore.cloud:٤٤٣",
                "https://user@app.neostore.cloud",
                "https://user:pass@app.neostore.cloud",
                "https://evil.example@app.neostore.cloud",
                "https://app.neostore.cloud@evil.example",
                "https://app.neostore.cloud?x",
                "https://app.neostore.cloud/?x=1",
                "https://app.neostore.cloud/?",
                "https://app.neostore.cloud#",
                "https://evil.example#@app.neostore.cloud",
                f"https:{BACKSLASH}{BACKSLASH}app.neostore.cloud",
                f"https://evil.example{BACKSLASH}@app.neostore.cloud",
                f"https://app.neostore.cloud{BACKSLASH}.evil.example",
                "https://evil.example[app.neostore.cloud]",
                "https://[::1]evil.example",
                "https://[::1",
                "https://::1]",
                "https://[::g]",
                "https://app%2eneostore.cloud",
                "https://app.neostore.cloud%00.evil.example",
                "https://app.neostore.cloud,evil.example",
                "https://аpp.neostore.cloud",  # noqa: RUF001 - a Cyrillic a, on purpose
                "https://app。neostore。cloud",
                "https://app.neostore.cloud/é",
                f"https://app.neostore.cloud/a{BACKSLASH}b",
            )
        ),
        *(
            pytest.param(code(environment=value), TokenFault.ENVIRONMENT_NOT_HTTPS, "", id=f"not https: {value!r}")
            for value in (
                "http://app.neostore.cloud",
                "http://app.neostore.cloud:443",
                "ftp://app.neostore.cloud",
                "wss://app.neostore.cloud",
                "file://app.neostore.cloud/x",
            )
        ),
        *(
            pytest.param(code(environment=value), TokenFault.ENVIRONMENT_NOT_ALLOWED, subject, id=f"foreign: {value!r}")
            for value, subject in {
                "https://evil.example/a/b": "https://evil.example",
                "https://app.neostore.cloud.": "https://app.neostore.cloud.",
                "https://app.neostore.cloud.evil.example": "https://app.neostore.cloud.evil.example",
                "https://neostore.cloud": "https://neostore.cloud",
                "https://evil.app.neostore.cloud": "https://evil.app.neostore.cloud",
                "https://app.neostore.cloud:8443": "https://app.neostore.cloud:8443",
                "https://app.neostore.cloud:80": "https://app.neostore.cloud:80",
                "https://app.neostore.cloud:0": "https://app.neostore.cloud:0",
                "https://xn--pp-6kc.neostore.cloud": "https://xn--pp-6kc.neostore.cloud",
                "https://[::1]:443/": "https://[::1]",
                "https://[2001:DB8::1]:8443/": "https://[2001:db8::1]:8443",
            }.items()
        ),
    ],
)
def test_no_connection_code(text: str, fault: TokenFault, subject: str) -> None:
    with pytest.raises(TokenError) as caught:
        parse_token(text, ALLOWED)
    assert (caught.value.fault, caught.value.subject) == (fault, subject)
    assert caught.value.problem == Problem(Code.BAD_TOKEN, subject, variant=fault)
    assert str(caught.value) == (f"{fault}: {subject}" if subject else fault)
    assert KEY not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("environment", "fault"),
    [
        ("http://localhost", TokenFault.ENVIRONMENT_NOT_HTTPS),
        ("http://localhost:8081", TokenFault.ENVIRONMENT_NOT_HTTPS),
        ("https://localhost:8080", TokenFault.ENVIRONMENT_NOT_ALLOWED),
        (CLOUD, TokenFault.ENVIRONMENT_NOT_ALLOWED),
    ],
)
def test_http_counts_only_where_it_is_listed_port_and_all(environment: str, fault: TokenFault) -> None:
    with pytest.raises(TokenError) as caught:
        parse_token(code(environment=environment), ["http://localhost:8080"])
    assert caught.value.fault is fault


def test_where_nothing_is_allowed_nothing_is() -> None:
    with pytest.raises(TokenError, match=r"^environmentNotAllowed: https://app\.neostore\.cloud$"):
        parse_token(PLAIN, ())


def test_the_longest_code_is_read() -> None:
    room = LONGEST - len(code(note=""))
    assert parse_token(code(note="x" * room), ALLOWED) == TOKEN
    assert parse_token("\n" + code(note="x" * room) + "\n", ALLOWED) == TOKEN


def test_what_is_written_is_what_was_read() -> None:
    token = parse_token(code(deviceId='Café "7" \\', tenantId="東京"), ALLOWED)
    assert json.loads(token.to_json()) == {**FIELDS, "deviceId": 'Café "7" \\', "tenantId": "東京"}
    assert parse_token(token.to_json(), ALLOWED) == token


@settings(derandomize=True, max_examples=300, deadline=None, database=None)
@given(st.one_of(st.text(max_size=60), st.text(alphabet='{}[]":,\\ deviceId.-_=+/', max_size=60)))
def test_any_text_is_a_code_or_an_error(text: str) -> None:
    with pytest.raises(TokenError):
        parse_token(text, ALLOWED)


@settings(derandomize=True, max_examples=300, deadline=None, database=None)
@given(st.text(alphabet="https:/\\@?#[]%.0123456789appneostorecloud", max_size=40))
def test_no_spelling_of_an_address_leads_elsewhere(tail: str) -> None:
    try:
        token = parse_token(code(environment=CLOUD + tail), ALLOWED)
    except TokenError:
        return
    assert origin(token.identity.environment) == CLOUD


@pytest.mark.parametrize(
    "text",
    ["", "x", "app.neostore.cloud", "ftp://app.neostore.cloud", "https://", "https://a:x", "https://[::1", "http:a"],
)
def test_only_an_absolute_http_url_has_an_origin(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        origin(text)


# The key


def _raised(token: ConnectionToken) -> BaseException:
    error = RuntimeError(f"with {token}", token.api_key)
    error.__cause__ = ValueError(token)
    error.add_note(f"about {token}")
    return error


@pytest.mark.parametrize(
    "show",
    [
        pytest.param(repr, id="repr"),
        pytest.param(str, id="str"),
        pytest.param("{}".format, id="format"),
        pytest.param(lambda thing: f"{thing} {thing!s} {thing!r} {thing!a}", id="f-string"),
        pytest.param(lambda thing: "%s %r" % (thing, thing), id="%-format"),  # noqa: UP031 - as logging does it
        pytest.param(lambda thing: repr([thing, {"a": thing}]), id="within others"),
        pytest.param(lambda thing: json.dumps(thing, default=repr, ensure_ascii=False), id="JSON by default=repr"),
        pytest.param(lambda thing: "".join(traceback.format_exception(_raised(thing))), id="a traceback"),
    ],
)
def test_a_key_does_not_show(show: Callable[[object], str]) -> None:
    shown = show(TOKEN)
    assert KEY not in shown
    assert "Secret(…)" in shown


@pytest.mark.parametrize(
    "take",
    [
        pytest.param(pickle.dumps, id="pickle"),
        pytest.param(copy.copy, id="copy"),
        pytest.param(copy.deepcopy, id="deepcopy"),
        pytest.param(json.dumps, id="JSON"),
        pytest.param(vars, id="vars"),
        pytest.param(lambda secret: format(secret, ">9"), id="a format with a width"),
        pytest.param(lambda secret: dataclasses.asdict(ConnectionToken(TOKEN.identity, secret)), id="asdict"),
    ],
)
def test_a_key_is_not_carried_off(take: Callable[[Secret], object]) -> None:
    with pytest.raises(TypeError) as refused:
        take(Secret(KEY))
    assert KEY not in "".join(traceback.format_exception(refused.value))


@pytest.mark.parametrize(
    "text",
    [
        PLAIN[:-1],
        PLAIN + "}",
        packed(PLAIN[:-1]),
        base64.b64encode(PLAIN.encode() + b"\xff").decode(),
        packed(PLAIN) + "!",
        code(apiKey=KEY + "\n"),
        code(environment="http://x"),
        code(tenantId=1),
    ],
)
def test_an_error_carries_no_key_not_even_as_its_context(text: str) -> None:
    with pytest.raises(TokenError) as caught:
        parse_token(text, ALLOWED)
    assert KEY not in repr(caught.value) + str(caught.value.args) + repr(vars(caught.value))
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_keys_can_be_compared() -> None:
    same = Secret(KEY)
    assert same == TOKEN.api_key
    assert hash(same) == hash(TOKEN.api_key)
    assert same != Secret(KEY + "x")
    assert same != KEY
    assert same.reveal() == KEY
