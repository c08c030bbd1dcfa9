"""How addresses are made and told, and how much of a body is read."""

import asyncio
import gzip
import ssl
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest
import trustme

from crewcheck_agent.cloud import http
from crewcheck_agent.core.token import Identity

CLOUD = "https://app.neostore.cloud"


@pytest.mark.parametrize(
    ("tenant", "device", "environment", "url"),
    [
        ("acme", "kiosk-7", CLOUD, "/api/acme/devices/kiosk-7/connect"),
        ("acme", "kiosk-7", f"{CLOUD}/", "/api/acme/devices/kiosk-7/connect"),
        ("acme", "kiosk-7", f"{CLOUD}/base/", "/base/api/acme/devices/kiosk-7/connect"),
        ("a/b", "c?d#e", CLOUD, "/api/a%2Fb/devices/c%3Fd%23e/connect"),
        ("../..", "a b", CLOUD, "/api/..%2F../devices/a%20b/connect"),
        ("100%", "%2F", CLOUD, "/api/100%25/devices/%252F/connect"),
        ("Café", "東京", CLOUD, "/api/Caf%C3%A9/devices/%E6%9D%B1%E4%BA%AC/connect"),
        ("a+b&c=d", "@:;,", CLOUD, "/api/a%2Bb%26c%3Dd/devices/%40%3A%3B%2C/connect"),
    ],
)
def test_every_id_is_one_segment_of_the_path(tenant: str, device: str, environment: str, url: str) -> None:
    made = http.device_url(Identity(tenant, device, environment), "connect")
    assert made == CLOUD + url
    assert httpx.URL(made).raw_path.decode() == url, "and the client sends it as it is"


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://app.neostore.cloud/x", "app.neostore.cloud:443"),
        ("http://app.neostore.cloud", "app.neostore.cloud:80"),
        ("https://user:pass@app.neostore.cloud:8443/", "app.neostore.cloud:8443"),
    ],
)
def test_a_host_is_told_with_its_port_and_nothing_else(url: str, host: str) -> None:
    assert http.host_of(url) == host


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("application/json", "application/json"),
        ("Application/Problem+JSON; charset=utf-8", "application/problem+json"),
        (' text/html ;charset="x;y"', "text/html"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_media_type_is_told_without_its_parameters(header: str | None, kind: str) -> None:
    assert http.media_type(httpx.Response(200, headers={} if header is None else {"Content-Type": header})) == kind


def read(body: bytes, coding: str | None = None, limit: int = 1000, chunk: int = 7) -> bytes | None:
    async def parts() -> AsyncIterator[bytes]:
        for start in range(0, len(body), chunk):
            yield body[start : start + chunk]

    async def whole() -> bytes | None:
        headers = {} if coding is None else {"Content-Encoding": coding}
        return await http.read_at_most(httpx.Response(200, headers=headers, content=parts()), limit)

    return asyncio.run(whole())


@pytest.mark.parametrize(("size", "whole"), [(0, True), (1, True), (1000, True), (1001, False), (5000, False)])
def test_a_body_is_read_up_to_its_limit(size: int, whole: bool) -> None:  # noqa: FBT001 - a table
    body = b"x" * size
    assert read(body) == (body if whole else None)
    assert read(gzip.compress(body), "gzip") == (body if whole else None)


@pytest.mark.parametrize("coding", ["gzip", "GZIP ", "x-gzip", "deflate", "identity"])
def test_a_body_that_is_packed_unasked_is_understood(coding: str) -> None:
    packers: dict[str, Callable[[bytes], bytes]] = {"identity": bytes, "deflate": zlib.compress}
    assert read(packers.get(coding, gzip.compress)(b"some words"), coding) == b"some words"


@pytest.mark.parametrize(
    ("body", "coding"), [(b"\x1f\x8bgarbage", "gzip"), (b"plain", "gzip"), (b"x", "br"), (b"x", "a, b")]
)
def test_what_cannot_be_unpacked_is_an_error(body: bytes, coding: str) -> None:
    with pytest.raises(httpx.DecodingError):
        read(body, coding)


def test_a_bomb_is_never_unpacked() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    assert len(http._unpacking("gzip")(bomb, 1001)) == 1001
    tracemalloc.start()
    assert read(bomb, "gzip", chunk=65536) is None
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_000_000


def test_the_manners_of_a_client(trust: ssl.SSLContext) -> None:
    async def made() -> None:
        async with http.client(trust, 7.5) as client:
            assert client.headers["user-agent"].startswith("crewcheck-agent/")
            assert client.headers["accept-encoding"] == "identity"
            assert client.timeout == httpx.Timeout(7.5)
            assert "x-api-key" not in client.headers
            assert not client.follow_redirects

    asyncio.run(made())


def test_the_machines_own_store_is_trusted(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "company.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "company.pem"))
    trust = http.system_trust()
    assert [each["subject"] for each in trust.get_ca_certs()] == [each["issuer"] for each in trust.get_ca_certs()]
    assert len(trust.get_ca_certs()) == 1
    assert trust.verify_mode is ssl.CERT_REQUIRED
    assert trust.check_hostname
