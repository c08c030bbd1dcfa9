"""What an HTTP answer means: the contract as a table."""

import json
from typing import Any

import pytest

from crewcheck_agent.cloud.answer import Unanswered, read_answer, usable_logo_url
from crewcheck_agent.core.kiosk import Answer, Good, Refusal, Refused, SwitchedOff
from crewcheck_agent.core.problem import Code, Problem

CLOUD = "https://app.neostore.cloud"
URL = "https://acme.example/logo.png"
JSON, PROBLEM, HTML, TEXT = "application/json", "application/problem+json", "text/html", "text/plain"
PAGE = b"<!doctype html><title>Sign in</title>"
NO_SETTINGS = Good(None, Problem(Code.BAD_ANSWER, variant="noSettings"))
NO_URL = Good(None, Problem(Code.LOGO, variant="noUrl"))
SAID = {"type": "about:blank", "title": "Bad Request", "status": 400, "detail": "Device is disabled."}
NULLS = dict.fromkeys(SAID)
DEEP = b'{"a":' * 100_000


def said(content: object) -> bytes:
    return json.dumps(content).encode()


def settings(value: object, **more: object) -> bytes:
    return said({"settings": {"logoUrl": value, **more}})


def unauthorized(detail: str = "HTTP 401") -> Refused:
    return Refused(Refusal.UNAUTHORIZED, detail)


def not_found(status: int, detail: str = "") -> Refused:
    return Refused(Refusal.NOT_FOUND, f"HTTP {status}{detail}")


@pytest.mark.parametrize(
    ("status", "media_type", "body", "answer"),
    [
        # 200
        (200, JSON, settings(URL), Good(URL)),
        (200, "text/json", settings(URL), Good(URL)),
        (200, TEXT, settings(URL), Good(URL)),
        (200, "", settings(URL), Good(URL)),
        (200, JSON, b"\xef\xbb\xbf \r\n" + settings(URL), Good(URL)),
        (200, JSON, settings(URL).decode().encode("utf-16"), Good(URL)),
        (200, JSON, said({"settings": {"logoUrl": URL, "theme": {"a": [1]}}, "device": None, "x": 1}), Good(URL)),
        (200, JSON, b"{}", NO_SETTINGS),
        (200, JSON, said({"settings": None}), NO_SETTINGS),
        (200, JSON, said({"settings": []}), NO_SETTINGS),
        (200, JSON, said({"settings": URL}), NO_SETTINGS),
        (200, JSON, said({"Settings": {"logoUrl": URL}}), NO_SETTINGS),
        (200, JSON, said({"settings": {}}), NO_URL),
        (200, JSON, settings(None), NO_URL),
        (200, JSON, settings(""), NO_URL),
        (200, JSON, settings("/logo.png"), NO_URL),
        (200, JSON, settings("http://acme.example/logo.png"), NO_URL),
        (200, JSON, settings(7), NO_URL),
        (200, JSON, settings({"href": URL}), NO_URL),
        # 400: the server's word only in a problem's JSON
        (400, PROBLEM, said(SAID), SwitchedOff("HTTP 400 Device is disabled.")),
        (400, JSON, said(SAID), SwitchedOff("HTTP 400 Device is disabled.")),
        (400, "text/json", said(SAID), SwitchedOff("HTTP 400 Device is disabled.")),
        (400, PROBLEM, said(NULLS), SwitchedOff("HTTP 400")),
        (400, PROBLEM, b"{}", SwitchedOff("HTTP 400")),
        (400, PROBLEM, said({**SAID, "detail": None}), SwitchedOff("HTTP 400 Bad Request")),
        (400, PROBLEM, said({**SAID, "detail": ""}), SwitchedOff("HTTP 400 Bad Request")),
        (400, PROBLEM, said({**SAID, "detail": 7, "title": []}), SwitchedOff("HTTP 400")),
        (400, PROBLEM, said({**SAID, "errors": {}, "traceId": "1"}), SwitchedOff("HTTP 400 Device is disabled.")),
        (400, PROBLEM, said({"detail": "two\n\x1b[2Jlines \ud800"}), SwitchedOff("HTTP 400 two [2Jlines")),
        (400, PROBLEM, said({"detail": "x" * 500}), SwitchedOff("HTTP 400 " + "x" * 110 + "…")),
        # 401, 404 and 410: also without a body, but never a web page
        (401, "", b"", unauthorized()),
        (401, PROBLEM, said({"title": "Unauthorized"}), unauthorized("HTTP 401 Unauthorized")),
        (401, PROBLEM, said(NULLS), unauthorized()),
        (401, TEXT, b"Invalid API key", unauthorized()),
        (401, JSON, b"[1]", unauthorized()),
        (401, JSON, b"\xff\xfe\x00", unauthorized()),
        (401, JSON, DEEP, unauthorized()),
        (404, "", b"", not_found(404)),
        (404, PROBLEM, said({"detail": "No such device."}), not_found(404, " No such device.")),
        (410, PROBLEM, b"{}", not_found(410)),
    ],
)  # fmt: skip
def test_an_answer_that_counts(status: int, media_type: str, body: bytes, answer: Answer) -> None:
    assert read_answer(status, media_type, body, CLOUD) == answer


@pytest.mark.parametrize(
    ("status", "media_type", "body", "code"),
    [
        # A 200 that is not the expected JSON
        (200, "", b"", Code.BAD_ANSWER),
        (200, JSON, b"", Code.BAD_ANSWER),
        (200, JSON, b"null", Code.BAD_ANSWER),
        (200, JSON, b"[]", Code.BAD_ANSWER),
        (200, JSON, b'"text"', Code.BAD_ANSWER),
        (200, JSON, settings(URL)[:-1], Code.BAD_ANSWER),
        (200, JSON, b"\xff\xfe\xfd", Code.BAD_ANSWER),
        (200, JSON, DEEP, Code.BAD_ANSWER),
        (200, JSON, b'{"a":' + b"1" * 9000 + b"}", Code.BAD_ANSWER),
        (200, TEXT, b"It works!", Code.BAD_ANSWER),
        # A web page is a portal's
        (200, HTML, PAGE, Code.CAPTIVE_PORTAL),
        (200, HTML, settings(URL), Code.CAPTIVE_PORTAL),
        (200, "application/xhtml+xml", b"<html/>", Code.CAPTIVE_PORTAL),
        (200, JSON, b"\xef\xbb\xbf\r\n \t<html>", Code.CAPTIVE_PORTAL),
        (200, "", PAGE, Code.CAPTIVE_PORTAL),
        *((status, JSON, b"{}", Code.CAPTIVE_PORTAL) for status in (300, 301, 302, 303, 304, 307, 308)),
        (511, HTML, PAGE, Code.CAPTIVE_PORTAL),
        (511, PROBLEM, b"{}", Code.CAPTIVE_PORTAL),
        # A 400, 401, 404 or 410 that is plainly not the API's
        (400, HTML, PAGE, Code.BAD_ANSWER),
        (400, HTML, said(SAID), Code.BAD_ANSWER),
        (400, TEXT, said(SAID), Code.BAD_ANSWER),
        (400, "", said(SAID), Code.BAD_ANSWER),
        (400, PROBLEM, b"", Code.BAD_ANSWER),
        (400, PROBLEM, PAGE, Code.BAD_ANSWER),
        (400, PROBLEM, said([SAID]), Code.BAD_ANSWER),
        (400, PROBLEM, DEEP, Code.BAD_ANSWER),
        (401, HTML, PAGE, Code.BAD_ANSWER),
        (401, HTML, b"", Code.BAD_ANSWER),
        (401, "", b" \n<html>", Code.BAD_ANSWER),
        (404, HTML, PAGE, Code.BAD_ANSWER),
        (404, PROBLEM, PAGE, Code.BAD_ANSWER),
        (410, HTML, PAGE, Code.BAD_ANSWER),
        # Come back later
        *((status, PROBLEM, b"{}", Code.SERVER) for status in (408, 429, 500, 501, 502, 503, 504, 599)),
        (502, HTML, PAGE, Code.SERVER),
        (407, HTML, PAGE, Code.PROXY),
        # Nothing that the contract knows
        *((status, JSON, settings(URL), Code.BAD_ANSWER) for status in (201, 202, 204, 206, 299)),
        *((status, PROBLEM, said(SAID), Code.BAD_ANSWER) for status in (402, 403, 405, 406, 409, 415, 418, 422, 451)),
    ],
)
def test_an_answer_that_does_not_count(status: int, media_type: str, body: bytes, code: Code) -> None:
    with pytest.raises(Unanswered) as miss:
        read_answer(status, media_type, body, CLOUD)
    assert miss.value.problem == Problem(code, f"HTTP {status}")
    assert miss.value.retry_after is None


@pytest.mark.parametrize(
    "url",
    [
        URL,
        "https://acme.example",
        "HTTPS://ACME.EXAMPLE/LOGO",
        "https://acme.example:8443/a/b.png?sig=a%2Fb&x=[1]#f",
        "https://[2001:db8::1]/logo.png",
        "https://acme.example/Musée 2026.png",
        "https://käse.example/logo.png",
    ],
)
def test_a_logo_address_that_can_be_used(url: str) -> None:
    assert usable_logo_url(url, CLOUD) == url


@pytest.mark.parametrize(
    "value",
    [
        None,
        7,
        True,
        ["https://acme.example/logo.png"],
        "",
        " ",
        "logo.png",
        "/logo.png",
        "//acme.example/logo.png",
        "https:logo.png",
        "https:/logo.png",
        "https://",
        "https:///logo.png",
        "http://acme.example/logo.png",
        "ftp://acme.example/logo.png",
        "file:///etc/passwd",
        "data:image/png;base64,AAAA",
        "javascript:alert(1)",
        " https://acme.example/logo.png",
        "https://acme.example/logo.png\n",
        "https://acme.example/\nlogo.png",
        "https://acme.example/\x00",
        "https://acme.example/\ud800",
        "https://acme.example:x/logo.png",
        "https://[::1/logo.png",
        "https://☃.example/logo.png",
        "https://a\u200bb.example/logo.png",
    ],
)
def test_a_logo_address_that_cannot_be_used(value: object) -> None:
    assert usable_logo_url(value, CLOUD) is None


@pytest.mark.parametrize("environment", ["http://127.0.0.1:8080", "HTTP://sim.local/base/"])
def test_an_http_environment_may_have_an_http_logo(environment: str) -> None:
    for url in ("http://127.0.0.1:8080/logo", URL):
        assert usable_logo_url(url, environment) == url
    assert usable_logo_url("ftp://127.0.0.1/logo", environment) is None


@pytest.mark.parametrize(
    ("status", "content", "answer"),
    [
        (400, {"detail": "No <KEY> here"}, SwitchedOff("HTTP 400 No … here")),
        (400, {"title": "<KEY>"}, SwitchedOff("HTTP 400 …")),
        (400, {"detail": "x" * 105 + "<KEY>"}, SwitchedOff("HTTP 400 " + "x" * 105 + "…")),
        (401, {"detail": "<KEY>"}, unauthorized("HTTP 401 …")),
        (404, {"detail": "<KEY><KEY>"}, not_found(404, " ……")),
        (200, {"settings": {"logoUrl": "https://acme.example/?k=<KEY>"}}, NO_URL),
    ],
)
def test_a_server_that_repeats_the_key_is_cleaned(status: int, content: Any, answer: Answer) -> None:
    body = said(content).replace(b"<KEY>", b"\\u0073ecret")
    assert read_answer(status, JSON, body, CLOUD, lambda text: text.replace("secret", "…")) == answer
