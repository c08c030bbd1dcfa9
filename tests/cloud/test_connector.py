"""The connect question over real sockets: what is sent, what comes of bad days, and when the next try is."""

import asyncio
import gc
import gzip
import json
import logging
import ssl
import traceback
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import trustme

from crewcheck_agent import __version__
from crewcheck_agent.cloud import http
from crewcheck_agent.cloud.answer import LONGEST_BODY
from crewcheck_agent.cloud.connector import Connector, Times
from crewcheck_agent.core.events import Answered, Missed, Scheduled
from crewcheck_agent.core.kiosk import Answer, Good, Moment, Refusal, Refused, SwitchedOff
from crewcheck_agent.core.problem import Code, Problem
from crewcheck_agent.core.retry import Pace, Rhythm
from crewcheck_agent.core.token import ConnectionToken, Identity, Secret
from crewcheck_agent.simulator.server import Simulator, running

KEY = "s3cr3t-key-that-nobody-may-see"
NOON = datetime(2027, 6, 2, 12, tzinfo=UTC)
URL = "https://acme.example/logo.png"
CONNECTED = json.dumps({"settings": {"logoUrl": URL}}).encode()
DISABLED = b'{"detail": "Device is disabled."}'
JSON = {"Content_Type": "application/json"}
PROBLEM = {"Content_Type": "application/problem+json; charset=utf-8"}


class EnoughError(Exception):
    """The test has seen what it wanted to see."""


class Clock:
    """Time goes on only by what is slept; chance always draws its highest number."""

    def __init__(self, naps: int) -> None:
        self.naps: list[float] = []
        self._left = naps
        self.times = Times(self.now, self.sleep, lambda _, high: high)

    def now(self) -> Moment:
        passed = sum(self.naps)
        return Moment(NOON + timedelta(seconds=passed), 100 + passed)

    async def sleep(self, seconds: float) -> None:
        if len(self.naps) == self._left:
            raise EnoughError
        self.naps.append(seconds)


def token(environment: str, tenant: str = "acme", device: str = "kiosk-7") -> ConnectionToken:
    return ConnectionToken(Identity(tenant, device, environment), Secret(KEY))


class Kiosk:
    """Asks, and keeps what was posted."""

    def __init__(self, naps: int = 0, trust: ssl.SSLContext | None = None, patience: float = 10.0) -> None:
        self.clock = Clock(naps)
        self.posted: list[Scheduled | Missed | Answered] = []
        self._trust = trust or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._patience = patience

    def ask(self, token: ConnectionToken, pace: Pace = Pace.NOW, claim: int = 7) -> None:
        async def asked() -> None:
            async with http.client(self._trust, 10.0) as client:
                connector = Connector(client, Rhythm(), self._patience, self.posted.append, self.clock.times)
                with suppress(EnoughError):
                    await connector.ask(claim, token, pace)

        asyncio.run(asked())

    @property
    def last(self) -> Scheduled | Missed | Answered:
        return self.posted[-1]

    def answer(self, token: ConnectionToken) -> Answer:
        """What the first try is answered."""
        self.ask(token)
        assert isinstance(self.last, Answered)
        return self.last.answer

    def problem(self, environment: str) -> Problem:
        """What is wrong with the first try, if that misses."""
        self.ask(token(environment))
        assert isinstance(self.last, Missed)
        return self.last.problem


@pytest.fixture(scope="module")
def sim() -> Iterator[Simulator]:
    with running() as simulator:
        yield simulator


@pytest.fixture(autouse=True)
def _no_key_in_the_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.DEBUG)
    yield
    assert KEY not in "".join(each.getMessage() for each in caplog.get_records("call"))


def real(sim: Simulator, device_id: str) -> ConnectionToken:
    fields = sim.reset(device_id)
    identity = Identity(fields["tenantId"], fields["deviceId"], fields["environment"])
    return ConnectionToken(identity, Secret(fields["apiKey"]))


# What is sent


def test_the_question_word_by_word(serve: Any) -> None:
    server = serve(lambda client: client.answer("200 OK", CONNECTED, **JSON))
    kiosk = Kiosk()
    kiosk.ask(token(f"{server.url}/base/", "a/b", "Café? %"))
    request, *fields = server.heard[0].decode().split("\r\n")
    assert request == "POST /base/api/a%2Fb/devices/Caf%C3%A9%3F%20%25/connect HTTP/1.1"
    assert sorted(each.lower() for each in fields if each) == sorted(
        [
            f"host: 127.0.0.1:{server.port}",
            f"user-agent: crewcheck-agent/{__version__}",
            "accept: application/json",
            "accept-encoding: identity",
            "connection: keep-alive",
            "content-length: 0",
            f"x-api-key: {KEY}",
        ]
    )
    assert kiosk.posted == [Scheduled(7, Moment(NOON, 100)), Answered(7, Good(URL), Moment(NOON, 100))]


@pytest.mark.parametrize("device_id", ["kiosk-7", "a/b", "Café 東京?#%2F"])
def test_the_simulator_understands_it(sim: Simulator, device_id: str) -> None:
    sim.create_device("Entrance", device_id=device_id)
    connected = Kiosk().answer(real(sim, device_id))
    assert isinstance(connected, Good)
    assert connected.logo_url is not None
    sim.disable(device_id)
    assert isinstance(Kiosk().answer(real(sim, device_id)), SwitchedOff)
    stale = real(sim, device_id)
    sim.reset(device_id)
    refused = Kiosk().answer(stale)
    assert isinstance(refused, Refused)
    assert refused.refusal is Refusal.UNAUTHORIZED
    fresh = real(sim, device_id)
    sim.delete(device_id)
    gone = Kiosk().answer(fresh)
    assert isinstance(gone, Refused)


# When


@pytest.mark.parametrize(("pace", "seconds"), [(Pace.BOOT, 5), (Pace.POLL, 66), (Pace.RECHECK, 5.5), (Pace.SLOW, 990)])
def test_it_waits_first_and_says_until_when(serve: Any, pace: Pace, seconds: float) -> None:
    server = serve(lambda client: client.answer("200 OK", CONNECTED, **JSON))
    kiosk = Kiosk(naps=1)
    kiosk.ask(token(server.url), pace)
    assert kiosk.clock.naps == [pytest.approx(seconds)]
    first, last = kiosk.posted
    assert isinstance(first, Scheduled)
    assert first.next_attempt.steady == pytest.approx(100 + seconds)
    assert first.next_attempt.wall == NOON + timedelta(seconds=first.next_attempt.steady - 100)
    assert isinstance(last, Answered)
    assert last.at.steady == pytest.approx(100 + seconds)


def test_it_asks_until_it_is_answered_and_tells_every_miss(sim: Simulator) -> None:
    device = sim.create_device()
    sim.clear_requests()
    sim.set_fault(operation="connect", status=503, times=4)
    kiosk = Kiosk(naps=4)
    kiosk.ask(real(sim, device))
    sim.clear_faults()
    assert kiosk.clock.naps == [1, 2, 4, 8]
    misses = [each for each in kiosk.posted if isinstance(each, Missed)]
    assert [each.attempts for each in misses] == [1, 2, 3, 4]
    assert [each.at.steady for each in misses] == [100, 101, 103, 107]
    assert [each.next_attempt.steady for each in misses] == [101, 103, 107, 115]
    assert {each.problem for each in misses} == {Problem(Code.SERVER, "HTTP 503")}
    assert isinstance(kiosk.last, Answered)
    assert [each.status for each in sim.requests("connect")] == [503, 503, 503, 503, 200]


@pytest.mark.parametrize(
    ("status", "retry_after", "seconds"),
    [
        ("503 Unavailable", "120", 132),
        ("429 Too Many", "120", 132),
        ("503 Unavailable", "Wed, 02 Jun 2027 12:01:40 GMT", 110),
        ("503 Unavailable", "Wed, 02 Jun 2027 11:00:00 GMT", 1),
        ("503 Unavailable", "999999999999", 3600),
        ("503 Unavailable", "soon", 1),
        ("503 Unavailable", "", 1),
        ("500 Broken", "120", 1),
        ("302 Found", "120", 1),
    ],
)
def test_a_server_may_say_when_to_come_back(serve: Any, status: str, retry_after: str, seconds: float) -> None:
    server = serve(lambda client: client.answer(status, Retry_After=retry_after))
    kiosk = Kiosk(naps=1)
    kiosk.ask(token(server.url))
    assert kiosk.clock.naps == [pytest.approx(seconds)]
    first = next(each for each in kiosk.posted if isinstance(each, Missed))
    assert first.next_attempt.steady == pytest.approx(100 + seconds)


def test_a_date_to_come_back_at_is_read_by_the_servers_own_clock(serve: Any) -> None:
    dates = {"Date": "Fri, 01 Jan 1999 00:00:00 GMT", "Retry_After": "Fri, 01 Jan 1999 00:01:40 GMT"}
    server = serve(lambda client: client.answer("503 Unavailable", **dates))
    kiosk = Kiosk(naps=1)
    kiosk.ask(token(server.url))
    assert kiosk.clock.naps == [pytest.approx(110)]


# Bad days


BAD_DAYS: dict[str, tuple[Any, Problem]] = {
    "a sign-in page": (
        lambda client: client.answer("200 OK", b"<html>Sign in", Content_Type="text/html"),
        Problem(Code.CAPTIVE_PORTAL, "HTTP 200"),
    ),
    "a network that wants a sign-in": (
        lambda client: client.answer("511 Sign in"),
        Problem(Code.CAPTIVE_PORTAL, "HTTP 511"),
    ),
    "a proxy that wants a sign-in": (lambda client: client.answer("407 Sign in"), Problem(Code.PROXY, "HTTP 407")),
    "a gateway without a server": (
        lambda client: client.answer("502 Bad Gateway", b"<html>", Content_Type="text/html"),
        Problem(Code.SERVER, "HTTP 502"),
    ),
    "a 404 of somebody else": (
        lambda client: client.answer("404 Not Found", b"<html>", Content_Type="text/html; charset=utf-8"),
        Problem(Code.BAD_ANSWER, "HTTP 404"),
    ),
    "a body over the limit": (
        lambda client: client.answer("200 OK", b" " * (LONGEST_BODY + 1 - len(CONNECTED)) + CONNECTED, **JSON),
        Problem(Code.BAD_ANSWER, "HTTP 200", variant="tooLong"),
    ),
    "a body without end": (
        lambda client: [client.say(b"HTTP/1.1 200 OK\r\n\r\n"), *(client.say(b" " * 65536) for _ in range(400))],
        Problem(Code.BAD_ANSWER, "HTTP 200", variant="tooLong"),
    ),
    "a bomb": (
        lambda client: client.answer("200 OK", gzip.compress(bytes(20_000_000)), Content_Encoding="gzip", **JSON),
        Problem(Code.BAD_ANSWER, "HTTP 200", variant="tooLong"),
    ),
    "headers without end": (
        lambda client: [client.say(b"HTTP/1.1 200 OK\r\n"), *(client.say(b"X: " + b"x" * 65536) for _ in range(9))],
        Problem(Code.BAD_ANSWER, "not HTTP", "<host>"),
    ),
    "packed in an unknown way": (
        lambda client: client.answer("200 OK", CONNECTED, Content_Encoding="br", **JSON),
        Problem(Code.BAD_ANSWER, "cannot be unpacked", "<host>"),
    ),
    "no HTTP": (
        lambda client: client.say(b"220 mail.example ESMTP\r\n\r\n"),
        Problem(Code.BAD_ANSWER, "not HTTP", "<host>"),
    ),
    "hung up without a word": (lambda client: None, Problem(Code.NETWORK, "connection closed", "<host>")),
    "hung up in the middle of the body": (
        lambda client: client.say(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"),
        Problem(Code.NETWORK, "connection closed", "<host>"),
    ),
    "a body that is half packed": (
        lambda client: client.answer("200 OK", gzip.compress(CONNECTED)[:20], Content_Encoding="gzip", **JSON),
        Problem(Code.BAD_ANSWER, "HTTP 200"),
    ),
}


@pytest.mark.parametrize("day", BAD_DAYS)
def test_a_bad_day_is_named_and_lived_through(serve: Any, day: str) -> None:
    script, problem = BAD_DAYS[day]
    server = serve(script)
    kiosk = Kiosk(naps=1)
    kiosk.ask(token(server.url))
    misses = [each for each in kiosk.posted if isinstance(each, Missed)]
    host = f"127.0.0.1:{server.port}" if problem.host else ""
    assert [each.problem for each in misses] == [Problem(problem.code, problem.detail, host, problem.variant)] * 2
    assert len(server.heard) == 2, "it asked again"


def test_reset_in_the_middle_of_the_answer(serve: Any) -> None:
    server = serve(lambda client: [client.say(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"), client.reset()])
    assert Kiosk().problem(server.url).code in {Code.NETWORK, Code.BAD_ANSWER}


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(lambda client: client.hang(), id="silence"),
        pytest.param(lambda client: client.drip(b"HTTP/1.1 200 OK\r\n"), id="headers, byte by byte"),
        pytest.param(
            lambda client: [client.say(b"HTTP/1.1 200 OK\r\n\r\n"), client.drip(b" ")], id="the body, byte by byte"
        ),
    ],
)
def test_a_slow_server_does_not_hold_the_agent(serve: Any, script: Any) -> None:
    server = serve(script)
    problem = Kiosk(patience=0.3).problem(server.url)
    assert problem == Problem(Code.TIMEOUT, "", f"127.0.0.1:{server.port}")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_host_that_is_silent_from_the_start_is_no_matter_of_trust(serve: Any, trust: ssl.SSLContext) -> None:
    server = serve(lambda client: client.hang())
    problem = Kiosk(trust=trust, patience=0.5).problem(server.url.replace("http:", "https:"))
    gc.collect()  # the library leaves it to this to close a connection whose handshake was cut off
    assert problem == Problem(Code.TIMEOUT, "", f"127.0.0.1:{server.port}")


def test_nobody_listens(serve: Any) -> None:
    server = serve(lambda client: None)
    server.close()
    assert Kiosk().problem(server.url) == Problem(Code.NETWORK, "Connection refused", f"127.0.0.1:{server.port}")


def test_no_such_name() -> None:
    problem = Kiosk(patience=30).problem("http://kiosk.invalid")
    assert (problem.code, problem.host) == (Code.DNS, "kiosk.invalid:80")
    assert problem.detail


def test_a_redirect_is_not_followed_and_the_key_goes_nowhere(serve: Any) -> None:
    elsewhere = serve(lambda client: client.answer("200 OK", CONNECTED, **JSON))
    for status in ("301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"):
        server = serve(lambda client, status=status: client.answer(status, Location=elsewhere.url))
        assert Kiosk().problem(server.url) == Problem(Code.CAPTIVE_PORTAL, f"HTTP {status[:3]}")
    assert elsewhere.heard == []


def test_cookies_are_nothing_to_the_kiosk(serve: Any) -> None:
    server = serve(lambda client: client.answer("503 Busy", Set_Cookie="session=1; Path=/"))
    Kiosk(naps=1).ask(token(server.url))
    assert len(server.heard) == 2
    assert b"session" not in server.heard[1]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        ("400 Bad", b'{"detail": "%s is disabled"}'),
        ("400 Bad", b'{"title": "%s"}'),
        ("401 No", b'{"detail": "no such key: %s"}'),
        ("404 No", b'{"detail": "%s"}'),
        ("200 OK", b'{"settings": {"logoUrl": "https://acme.example/%s"}}'),
        ("503 %s", b"%s"),
        ("200 OK", b"%s"),
    ],
)
def test_a_server_that_repeats_the_key_does_not_get_it_shown(
    serve: Any, status: str, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    echoed = body.replace(b"%s", KEY.encode())
    server = serve(lambda client: client.answer(status.replace("%s", KEY), echoed, X_Echo=KEY, **PROBLEM))
    kiosk = Kiosk()
    kiosk.ask(token(server.url))
    assert len(kiosk.posted) == 2
    assert KEY not in repr(kiosk.posted)
    caplog.clear()  # the library's log of an answer is cleaned where it leaves the process


def test_no_traceback_shows_the_key(serve: Any) -> None:
    server = serve(lambda client: client.hang())
    shown: list[str] = []

    async def cancelled() -> None:
        async with http.client(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), 10.0) as client:
            connector = Connector(client, Rhythm(), 0.2, lambda _: None, Clock(0).times)
            try:
                await connector.ask(1, token(server.url), Pace.NOW)
            except EnoughError as error:
                shown.extend(traceback.format_exception(error))

    asyncio.run(cancelled())
    assert shown
    assert KEY not in "".join(shown)


# Trust


def context(authority: trustme.CA, *names: str, **terms: Any) -> ssl.SSLContext:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names, **terms).configure_cert(server)
    return server


def test_a_certificate_of_a_trusted_authority_is_fine(serve: Any, authority: trustme.CA, trust: ssl.SSLContext) -> None:
    server = serve(lambda client: client.answer("200 OK", CONNECTED, **JSON), context(authority, "127.0.0.1"))
    kiosk = Kiosk(trust=trust)
    kiosk.ask(token(server.url))
    assert kiosk.last == Answered(7, Good(URL), Moment(NOON, 100))


PAST, FUTURE = datetime(2001, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("names", "terms", "expected"),
    [
        pytest.param(["127.0.0.1"], {"not_after": PAST, "not_before": PAST}, (Code.TLS, "expired"), id="expired"),
        pytest.param(
            ["127.0.0.1"], {"not_before": FUTURE, "not_after": FUTURE}, (Code.CLOCK, "2027-06-02"), id="future"
        ),
        pytest.param(["other.example"], {}, (Code.TLS, "127.0.0.1"), id="somebody else's"),
    ],
)
def test_a_certificate_that_is_not_right(
    serve: Any, authority: trustme.CA, trust: ssl.SSLContext, names: Any, terms: Any, expected: tuple[Code, str]
) -> None:
    code, detail = expected
    server = serve(lambda client: client.answer("200 OK", CONNECTED, **JSON), context(authority, *names, **terms))
    problem = Kiosk(trust=trust).problem(server.url)
    assert (problem.code, problem.host) == (code, f"127.0.0.1:{server.port}")
    assert detail in problem.detail
    assert server.heard == [], "not a word to whom we do not trust"


def test_a_certificate_of_an_unknown_authority(serve: Any, trust: ssl.SSLContext) -> None:
    server = serve(lambda client: client.answer("200 OK", CONNECTED, **JSON), context(trustme.CA(), "127.0.0.1"))
    assert Kiosk(trust=trust).problem(server.url).code is Code.TLS
    assert server.heard == []


def test_plain_http_where_https_is_asked(serve: Any, trust: ssl.SSLContext) -> None:
    server = serve(lambda client: client.answer("400 Plain"))
    problem = Kiosk(trust=trust).problem(server.url.replace("http:", "https:"))
    assert problem == Problem(Code.TLS, "WRONG_VERSION_NUMBER", f"127.0.0.1:{server.port}")


# Proxies


def test_a_proxy_of_the_environment_is_used(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = serve(lambda client: client.answer("200 OK", CONNECTED, **JSON))
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    kiosk = Kiosk()
    kiosk.ask(token("http://api.example"))
    assert kiosk.last == Answered(7, Good(URL), Moment(NOON, 100))
    assert proxy.heard[0].startswith(b"POST http://api.example/api/acme/devices/kiosk-7/connect HTTP/1.1\r\n")


def test_and_not_where_no_proxy_says_so(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = serve(lambda client: client.answer("502 No"))
    server = serve(lambda client: client.answer("200 OK", CONNECTED, **JSON))
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    monkeypatch.setenv("NO_PROXY", "example.org,127.0.0.1")
    kiosk = Kiosk()
    kiosk.ask(token(server.url))
    assert isinstance(kiosk.last, Answered)
    assert proxy.heard == []


def test_a_proxy_that_lets_nobody_out_is_named(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = serve(lambda client: client.answer("407 Proxy Authentication Required"))
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    problem = Kiosk().problem("https://api.example")
    assert problem == Problem(Code.PROXY, "407 Proxy Authentication Required", f"127.0.0.1:{proxy.port}")
    assert proxy.heard[0].startswith(b"CONNECT api.example:443 HTTP/1.1\r\n")
    assert KEY.encode() not in proxy.heard[0]


def test_a_proxy_that_cannot_be_reached_is_to_blame(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = serve(lambda client: None)
    gone.close()
    monkeypatch.setenv("HTTPS_PROXY", f"user:word@127.0.0.1:{gone.port}")
    problem = Kiosk().problem("https://api.example")
    assert (problem.code, problem.host) == (Code.PROXY, f"127.0.0.1:{gone.port}")


@pytest.mark.parametrize("proxy", ["nonsense://user:word@proxy.example", "socks5://proxy.example"])
def test_a_proxy_that_nobody_can_use_is_told_without_its_password(
    serve: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, proxy: str
) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    server = serve(lambda client: client.answer("200 OK", CONNECTED, **JSON))
    kiosk = Kiosk()
    kiosk.ask(token(server.url))
    assert isinstance(kiosk.last, Answered)
    assert "the proxy that the environment names cannot be used" in caplog.text
    assert "word" not in caplog.text
