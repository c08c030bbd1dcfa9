"""How a logo is fetched: without the key, only when it changed, never more than its limit, never over plain http."""

import asyncio
import gzip
import ssl
from datetime import UTC, date, datetime
from typing import Any

import pytest
import trustme

from crewcheck_agent import __version__
from crewcheck_agent.cloud import http
from crewcheck_agent.cloud.answer import Unanswered
from crewcheck_agent.cloud.logo import Fetched, LogoUnusable, fetch_logo, needs_asking
from crewcheck_agent.core.kiosk import Logo
from crewcheck_agent.core.picture import MOST_BYTES
from crewcheck_agent.core.problem import Code, Problem

TODAY = date(2027, 6, 2)
NOON = datetime(2027, 6, 2, 12, tzinfo=UTC)
PNG = b"\x89PNG and so on"
HTTP, HTTPS = "http://127.0.0.1:1", "https://app.neostore.cloud"
ETAG, STAMP = 'W/"a b"', "Wed, 02 Jun 2027 12:00:00 GMT"


def fetch(
    url: str, known: Logo | None = None, environment: str = HTTP, trust: ssl.SSLContext | None = None
) -> Fetched | Logo:
    async def fetched() -> Fetched | Logo:
        async with http.client(trust or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), 10.0) as client:
            return await fetch_logo(client, url, known, environment, TODAY)

    return asyncio.run(fetched())


def unusable(url: str, **how: Any) -> Problem:
    with pytest.raises(LogoUnusable) as caught:
        fetch(url, **how)
    return caught.value.problem


def known(url: str, etag: str | None = None, last_modified: str | None = None) -> Logo:
    return Logo(url, "ab" * 32, NOON, etag, last_modified)


def fields(request: bytes) -> dict[str, str]:
    lines = request.decode().split("\r\n")[1:]
    return {name.lower(): value for name, _, value in (each.partition(": ") for each in lines if each)}


def test_the_request_word_by_word(serve: Any) -> None:
    server = serve(lambda client: client.answer("200 OK", PNG, ETag=ETAG, Last_Modified=STAMP))
    assert fetch(f"{server.url}/Musée 1.png?sig=a%2Fb") == Fetched(PNG, ETAG, STAMP)
    assert server.heard[0].startswith(b"GET /Mus%C3%A9e%201.png?sig=a%2Fb HTTP/1.1\r\n")
    assert fields(server.heard[0]) == {
        "host": f"127.0.0.1:{server.port}",
        "user-agent": f"crewcheck-agent/{__version__}",
        "accept": "*/*",
        "accept-encoding": "identity",
        "connection": "keep-alive",
    }


@pytest.mark.parametrize(
    ("etag", "last_modified", "condition"),
    [
        (ETAG, None, {"if-none-match": ETAG}),
        (None, STAMP, {"if-modified-since": STAMP}),
        (ETAG, STAMP, {"if-none-match": ETAG, "if-modified-since": STAMP}),
        (None, None, {}),
    ],
)
def test_a_known_logo_is_asked_for_only_if_it_changed(
    serve: Any, etag: str | None, last_modified: str | None, condition: dict[str, str]
) -> None:
    server = serve(lambda client: client.answer("304 Not Modified"))
    logo = known(server.url, etag, last_modified)
    assert fetch(server.url, logo) is logo
    sent = fields(server.heard[0])
    assert {name: value for name, value in sent.items() if name.startswith("if-")} == condition


def test_a_logo_known_from_elsewhere_is_no_condition(serve: Any) -> None:
    server = serve(lambda client: client.answer("200 OK", PNG))
    assert fetch(server.url, known("https://elsewhere.example/logo", ETAG)) == Fetched(PNG, None, None)
    assert "if-none-match" not in fields(server.heard[0])


@pytest.mark.parametrize(
    "status", ["204 No", "206 Part", "304 Not Modified", "400 Bad", "401 No", "403 No", "404 No", "410 Gone", "451 No"]
)
def test_what_will_not_change_soon_is_told(serve: Any, status: str) -> None:
    server = serve(lambda client: client.answer(status))
    host = f"127.0.0.1:{server.port}"
    assert unusable(server.url) == Problem(Code.LOGO, f"HTTP {status[:3]}", host, "unreachable")


@pytest.mark.parametrize("status", ["408 Slow", "425 Early", "429 Busy", "500 Broken", "503 Busy", "599 What"])
def test_what_may_change_soon_is_worth_another_try(serve: Any, status: str) -> None:
    server = serve(lambda client: client.answer(status))
    with pytest.raises(Unanswered) as miss:
        fetch(server.url)
    host = f"127.0.0.1:{server.port}"
    assert miss.value.problem == Problem(Code.LOGO, f"HTTP {status[:3]}", host, "unreachable")


def test_a_server_that_cannot_be_reached_is_worth_another_try(serve: Any) -> None:
    server = serve(lambda client: None)
    server.close()
    with pytest.raises(Unanswered) as miss:
        fetch(server.url)
    host = f"127.0.0.1:{server.port}"
    assert miss.value.problem == Problem(Code.LOGO, "Connection refused", host, "unreachable")


def test_so_is_an_answer_that_breaks_off(serve: Any) -> None:
    server = serve(lambda client: client.say(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nPNG"))
    with pytest.raises(Unanswered) as miss:
        fetch(server.url)
    assert miss.value.problem.detail == "connection closed"


@pytest.mark.parametrize(("size", "fits"), [(MOST_BYTES, True), (MOST_BYTES + 1, False)])
def test_no_more_than_ten_mebibytes(serve: Any, size: int, fits: bool) -> None:  # noqa: FBT001 - a table
    body = bytes(size)
    server = serve(lambda client: client.answer("200 OK", body))
    if fits:
        assert fetch(server.url) == Fetched(body, None, None)
    else:
        with pytest.raises(LogoUnusable) as caught:
            fetch(server.url)
        host = f"127.0.0.1:{server.port}"
        assert (caught.value.problem, caught.value.cost) == (Problem(Code.LOGO, "", host, "tooLarge"), MOST_BYTES)


def test_a_picture_without_end_is_cut_off(serve: Any) -> None:
    sent: list[int] = []

    def endless(client: Any) -> None:
        client.say(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            client.say(bytes(65536))
            sent.append(65536)

    server = serve(endless)
    assert unusable(server.url).variant == "tooLarge"
    server.close()
    assert sum(sent) < 3 * MOST_BYTES


def test_a_store_that_packs_unasked_is_understood(serve: Any) -> None:
    server = serve(lambda client: client.answer("200 OK", gzip.compress(b"<svg/>"), Content_Encoding="gzip"))
    assert fetch(server.url) == Fetched(b"<svg/>", None, None)


# Redirects


def test_five_redirects_are_followed_and_not_a_sixth(serve: Any) -> None:
    hops = {"left": 5}

    def hop(client: Any) -> None:
        if hops["left"]:
            hops["left"] -= 1
            client.answer("302 Found", Location=f"/{hops['left']}")
        else:
            client.answer("200 OK", PNG)

    server = serve(hop)
    assert fetch(server.url) == Fetched(PNG, None, None)
    assert len(server.heard) == 6
    hops["left"] = 6
    assert unusable(server.url) == Problem(Code.LOGO, "", f"127.0.0.1:{server.port}", "redirects")


def test_plain_http_is_refused_where_the_environment_is_https(serve: Any) -> None:
    server = serve(lambda client: client.answer("200 OK", PNG))
    problem = unusable(server.url, environment=HTTPS)
    assert problem == Problem(Code.LOGO, "", f"127.0.0.1:{server.port}", "insecure")


@pytest.mark.parametrize("back", [False, True])
def test_also_after_a_redirect_and_on_the_way(
    serve: Any,
    authority: trustme.CA,
    trust: ssl.SSLContext,
    back: bool,  # noqa: FBT001 - a table
) -> None:
    certified = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(certified)
    safe = serve(lambda client: client.answer("200 OK", PNG), certified)
    plain = serve(
        lambda client: client.answer("302 Found", Location=safe.url) if back else client.answer("200 OK", PNG)
    )
    start = serve(lambda client: client.answer("302 Found", Location=plain.url), certified)
    assert unusable(start.url, environment=HTTPS, trust=trust).variant == "insecure"
    assert plain.heard == [], "not even asked"
    assert fetch(start.url, environment=HTTP, trust=trust) == Fetched(PNG, None, None)


def test_a_redirect_to_nowhere_is_worth_another_try(serve: Any) -> None:
    server = serve(lambda client: client.answer("302 Found", Location="http://[::1"))
    with pytest.raises(Unanswered) as miss:
        fetch(server.url)
    assert miss.value.problem.code is Code.LOGO


# How often


@pytest.mark.parametrize(
    ("logo", "size", "since", "ask"),
    [
        (known("u", ETAG), MOST_BYTES, 0, True),
        (known("u", None, STAMP), MOST_BYTES, 0, True),
        (known("u"), 64 * 1024, 59.9, False),
        (known("u"), 64 * 1024, 60, True),
        (known("u"), MOST_BYTES, 9599, False),
        (known("u"), MOST_BYTES, 9600, True),
        (known("u"), MOST_BYTES, float("inf"), True),
        (None, 64 * 1024, 59.9, False),
        (None, 64 * 1024, 60, True),
        (None, 0, 0, True),
    ],
)
def test_without_a_validator_a_larger_logo_is_asked_for_more_rarely(
    logo: Logo | None,
    size: int,
    since: float,
    ask: bool,  # noqa: FBT001 - a table
) -> None:
    assert needs_asking(logo, size, since) is ask
