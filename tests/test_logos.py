"""A logo's whole way, from its address to a picture: a real server, the real decoder, the real cache."""

import asyncio
import contextlib
import io
import os
import resource
import ssl
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from PIL import Image

from crewcheck_agent.cloud import http
from crewcheck_agent.cloud.connector import Times
from crewcheck_agent.core.events import FetchLogo, LogoFailed, LogoReady
from crewcheck_agent.core.kiosk import Logo, Moment
from crewcheck_agent.core.picture import MOST_BYTES, Box, Reason
from crewcheck_agent.core.problem import Code, Problem
from crewcheck_agent.core.retry import Rhythm
from crewcheck_agent.kiosk.pictures import Pictures
from crewcheck_agent.logos import Brought, Logos

NOON = datetime(2027, 6, 2, 12, tzinfo=UTC)
SCREEN = Box(800, 480)
ENVIRONMENT = "http://127.0.0.1"


def png(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (120, 60), colour).save(out, "PNG")
    return out.getvalue()


BLUE, RED = png("#0040a0"), png("#a00000")
JUNK = b"this is no picture, " * 4096  # 80 KiB: 75 s of what may be spent on asking


class Host:
    """Serves what is put on it, and answers conditions like any web server."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self.url = f"http://127.0.0.1:{server.server_port}/logo"
        self.heard: list[dict[str, str]] = []
        self.answers: list[tuple[int, bytes, dict[str, str]]] = []

    def put(self, body: bytes = b"", status: int = 200, **fields: str) -> None:
        """What is answered from now on."""
        self.answers = [(status, body, {name.replace("_", "-"): value for name, value in fields.items()})]


@pytest.fixture
def host() -> Iterator[Host]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            sent = {name.lower(): value for name, value in self.headers.items()}
            told.heard.append(sent)
            status, body, fields = told.answers.pop(0) if len(told.answers) > 1 else told.answers[0]
            conditions = {"if-none-match": "ETag", "if-modified-since": "Last-Modified"}
            if any(name in sent and sent[name] == fields.get(field) for name, field in conditions.items()):
                status, body = 304, b""
            self.send_response(status)
            for name, value in fields.items():
                self.send_header(name, value)
            self.end_headers()
            with contextlib.suppress(OSError):  # who has enough hangs up
                self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        told = Host(server)
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield told
        server.shutdown()
        thread.join()


class Gallery:
    """The logos of a kiosk, on a clock that a test moves, and what they told."""

    def __init__(self, logos: Logos, told: "asyncio.Queue[Brought | LogoReady | LogoFailed]") -> None:
        self.logos = logos
        self.told = told
        self.steady = 1000.0

    async def bring(self, url: str, known: Logo | None = None) -> list[Brought | LogoReady | LogoFailed]:
        await self.logos.bring(FetchLogo(7, url, known), ENVIRONMENT, SCREEN)
        return [self.told.get_nowait() for _ in range(self.told.qsize())]

    async def brought(self, url: str, known: Logo | None = None) -> Logo:
        (news,) = await self.bring(url, known)
        assert isinstance(news, Brought)
        assert news.news.claim == 7
        assert news.picture.sha256 == news.news.logo.sha256
        return news.news.logo


@contextlib.asynccontextmanager
async def gallery(folder: Path, rhythm: Rhythm | None = None) -> AsyncIterator[Gallery]:
    told: asyncio.Queue[Brought | LogoReady | LogoFailed] = asyncio.Queue()

    async def never(_: float) -> None:
        raise AssertionError

    def now() -> Moment:
        return Moment(NOON + timedelta(seconds=made.steady - 1000), made.steady)

    async with http.client(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), 5.0) as client:
        times = Times(now, never, lambda low, _: low)
        made = Gallery(Logos(client, Pictures(folder), rhythm or Rhythm(), times, told.put_nowait), told)
        yield made


def failed(url: str, problem: Problem) -> LogoFailed:
    return LogoFailed(7, url, problem)


def not_shown(url: str, variant: str) -> LogoFailed:
    return failed(url, Problem(Code.LOGO, variant=variant))


def unreachable(host: Host, status: int) -> LogoFailed:
    where = host.url.removeprefix("http://").removesuffix("/logo")
    return failed(host.url, Problem(Code.LOGO, f"HTTP {status}", where, "unreachable"))


@pytest.fixture(autouse=True)
def _no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for scheme in ("http", "https", "all"):
        monkeypatch.delenv(f"{scheme}_proxy", raising=False)
        monkeypatch.delenv(f"{scheme}_PROXY".upper(), raising=False)


def test_a_first_logo_is_fetched_decoded_cached_and_told(host: Host, tmp_path: Path) -> None:
    host.put(BLUE, ETag='"1"', Last_Modified="yesterday")

    async def story() -> None:
        async with gallery(tmp_path) as kiosk:
            logo = await kiosk.brought(host.url)
            assert logo == Logo(host.url, logo.sha256, NOON, '"1"', "yesterday")
            assert Pictures(tmp_path).original(logo.sha256) == BLUE
            assert Pictures(tmp_path).load(logo.sha256, SCREEN) is not None

    asyncio.run(story())


@pytest.mark.parametrize("validator", [{"ETag": '"1"'}, {"Last_Modified": "Wed, 02 Jun 2027 11:00:00 GMT"}])
def test_an_unchanged_logo_is_no_news_and_a_changed_one_is(
    host: Host, tmp_path: Path, validator: dict[str, Any]
) -> None:
    host.put(BLUE, **validator)

    async def story() -> None:
        async with gallery(tmp_path) as kiosk:
            logo = await kiosk.brought(host.url)
            assert await kiosk.bring(host.url, logo) == [LogoReady(7, logo)]
            assert {"if-none-match", "if-modified-since"} & host.heard[-1].keys()
            host.put(RED, ETag='"2"')
            changed = await kiosk.brought(host.url, logo)
            assert changed.sha256 != logo.sha256
            assert changed.etag == '"2"'
        async with gallery(tmp_path) as after_a_restart:
            assert await after_a_restart.bring(host.url, changed) == [LogoReady(7, changed)]

    asyncio.run(story())


def test_a_logo_whose_original_is_gone_is_fetched_whole(host: Host, tmp_path: Path) -> None:
    host.put(BLUE, ETag='"1"')

    async def story() -> None:
        async with gallery(tmp_path) as kiosk:
            logo = await kiosk.brought(host.url)
        Pictures(tmp_path).prune(None)
        async with gallery(tmp_path) as kiosk:
            kiosk.steady = 5000
            assert await kiosk.brought(host.url, logo) == logo, "the same picture: nothing new to be written"
            assert "if-none-match" not in host.heard[-1]

    asyncio.run(story())


def test_without_a_validator_a_logo_is_asked_for_as_often_as_its_size_allows(host: Host, tmp_path: Path) -> None:
    big = BLUE + bytes(64 * 1024)  # a minute's worth and a little more; a PNG may have anything behind it
    host.put(big)

    async def story() -> None:
        async with gallery(tmp_path) as kiosk:
            logo = await kiosk.brought(host.url)
            kiosk.steady += 60
            assert await kiosk.bring(host.url, logo) == []
            assert len(host.heard) == 1
            kiosk.steady += 1
            assert await kiosk.brought(host.url, logo) == logo
            assert len(host.heard) == 2
            kiosk.steady += 60
            assert await kiosk.bring(host.url, logo) == []
            host.put(RED)
            assert (await kiosk.brought(host.url, replace(logo, url="https://acme.example/old"))).url == host.url

    asyncio.run(story())


def test_a_bad_logo_is_named_and_asked_for_no_more_often_than_its_size_allows(host: Host, tmp_path: Path) -> None:
    host.put(BLUE, ETag='"1"')

    async def story() -> None:
        async with gallery(tmp_path) as kiosk:
            logo = await kiosk.brought(host.url)
            host.put(JUNK, ETag='"2"')
            bad = [not_shown(host.url, Reason.NOT_A_PICTURE)]
            assert await kiosk.bring(host.url, logo) == bad
            kiosk.steady += 74
            assert await kiosk.bring(host.url, logo) == bad, "told again, and not asked"
            assert len(host.heard) == 2
            kiosk.steady += 2
            assert await kiosk.bring(host.url, logo) == bad
            assert len(host.heard) == 3
            host.put(BLUE, ETag='"1"')
            kiosk.steady += 76
            assert await kiosk.bring(host.url, logo) == [LogoReady(7, logo)]
            assert await kiosk.bring(host.url, logo) == [LogoReady(7, logo)], "and all is as it was"
            assert len(host.heard) == 5
            assert Pictures(tmp_path).original(logo.sha256) == BLUE, "the good one stayed at hand"
            host.put(RED, ETag='"3"')
            changed = await kiosk.brought(host.url, logo)
            assert await kiosk.bring(host.url, changed) == [LogoReady(7, changed)]

    asyncio.run(story())


def test_a_small_bad_logo_is_asked_for_at_every_poll_whatever_the_good_one_weighs(host: Host, tmp_path: Path) -> None:
    host.put(BLUE + bytes(64 * 1024))

    async def story() -> None:
        async with gallery(tmp_path) as kiosk:
            logo = await kiosk.brought(host.url)
            host.put(b"no picture")
            kiosk.steady += 61
            for heard in (2, 3):
                assert await kiosk.bring(host.url, logo) == [not_shown(host.url, Reason.NOT_A_PICTURE)]
                assert len(host.heard) == heard
                kiosk.steady += 1

    asyncio.run(story())


def test_a_logo_that_is_too_large_is_not_fetched_over_and_over(host: Host, tmp_path: Path) -> None:
    host.put(bytes(MOST_BYTES + 1))

    async def story() -> None:
        async with gallery(tmp_path) as kiosk:
            for _ in range(3):
                (news,) = await kiosk.bring(host.url)
                assert isinstance(news, LogoFailed)
                assert news.problem.variant == "tooLarge"
                kiosk.steady += 60
            assert len(host.heard) == 1
            host.put(BLUE)
            kiosk.steady += 9600
            assert (await kiosk.brought(host.url)).fetched_at == NOON + timedelta(seconds=9780)

    asyncio.run(story())


def test_a_logo_that_is_not_there_is_asked_for_at_every_poll(host: Host, tmp_path: Path) -> None:
    host.put(status=404)

    async def story() -> None:
        async with gallery(tmp_path) as kiosk:
            for _ in range(2):
                assert await kiosk.bring(host.url) == [unreachable(host, 404)]
            host.put(BLUE)
            assert (await kiosk.brought(host.url)).url == host.url

    asyncio.run(story())


def test_a_logo_that_cannot_be_had_now_is_tried_again(host: Host, tmp_path: Path) -> None:
    host.answers = [(503, b"", {}), (500, b"", {}), (200, BLUE, {})]

    async def story() -> None:
        async with gallery(tmp_path, Rhythm(retry_initial=0.02, retry_max=0.02)) as kiosk:
            *misses, last = await kiosk.bring(host.url)
            assert misses == [unreachable(host, 503), unreachable(host, 500)]
            assert isinstance(last, Brought)

    asyncio.run(story())


def test_it_need_not_wait_when_the_network_is_back(host: Host, tmp_path: Path) -> None:
    host.answers = [(503, b"", {}), (503, b"", {}), (200, BLUE, {})]

    async def story() -> None:
        async with gallery(tmp_path, Rhythm(retry_initial=3600, retry_max=3600)) as kiosk, asyncio.timeout(30):
            task = asyncio.create_task(kiosk.logos.bring(FetchLogo(7, host.url, None), ENVIRONMENT, SCREEN))
            for _ in range(2):
                assert await kiosk.told.get() == unreachable(host, 503)
                kiosk.logos.hurry()
            assert isinstance(await kiosk.told.get(), Brought)
            await task

    asyncio.run(story())


def test_a_logo_that_cannot_be_cached_is_shown_all_the_same(
    host: Host, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    host.put(BLUE)
    (tmp_path / "file").touch()

    async def story() -> None:
        async with gallery(tmp_path / "file" / "cache") as kiosk:
            assert (await kiosk.brought(host.url)).url == host.url

    asyncio.run(story())
    assert [each.message for each in caplog.records if each.name.startswith("crewcheck")] == [
        "the logo cannot be cached: Not a directory"
    ]


def test_a_picture_is_made_anew_for_another_screen_without_the_network(host: Host, tmp_path: Path) -> None:
    host.put(BLUE)

    async def story() -> None:
        async with gallery(tmp_path) as kiosk:
            logo = await kiosk.brought(host.url)
            await kiosk.logos.remake(7, logo, Box(480, 800))
            news = kiosk.told.get_nowait()
            assert isinstance(news, Brought)
            assert news.news == LogoReady(7, logo)
            assert news.picture.box == Box(480, 800)
            assert Pictures(tmp_path).load(logo.sha256, Box(480, 800)) == news.picture
            await kiosk.logos.remake(7, replace(logo, sha256="0" * 64), Box(480, 800))
            assert kiosk.told.empty(), "nothing to make it from"
        assert len(host.heard) == 1

    asyncio.run(story())


def test_without_room_for_a_process_what_is_on_show_stays(host: Host, tmp_path: Path) -> None:
    host.put(BLUE)

    async def story() -> None:
        async with gallery(tmp_path) as kiosk:
            logo = await kiosk.brought(host.url)
            with few_descriptors():
                await kiosk.logos.remake(7, logo, Box(480, 800))
            assert kiosk.told.empty()

    asyncio.run(story())


@contextlib.contextmanager
def few_descriptors() -> Iterator[None]:
    """Room for the two more open files that reading the cache takes, and not for a process's pipes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = os.dup(0)
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free + 2, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
