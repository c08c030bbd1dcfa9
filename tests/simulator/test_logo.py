"""What a device's ``logoUrl`` serves."""

import hashlib
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
from starlette.datastructures import Headers

from crewcheck_agent.simulator.artwork import demo_logo
from crewcheck_agent.simulator.logo import Logos
from crewcheck_agent.simulator.server import Simulator

NOON = datetime(2026, 6, 1, 12, 0, 0, 500_000, UTC)
LOGO = "/_sim/devices/d/logo"

_DRAW = """
import io, pygame, sys
picture = pygame.image.load(io.BytesIO(sys.stdin.buffer.read()), "logo.svg")
colours = {tuple(picture.get_at((x, y))) for x in range(0, 1200, 8) for y in range(0, 800, 8)}
print(*picture.get_size(), len(colours))
"""


def test_the_built_in_logo_can_be_drawn_in_many_colours() -> None:
    environment = {**os.environ, "PYGAME_HIDE_SUPPORT_PROMPT": "1"}
    drawn = subprocess.run(
        [sys.executable, "-c", _DRAW], input=demo_logo(), capture_output=True, check=True, env=environment
    )
    width, height, colours = map(int, drawn.stdout.split())
    assert (width, height) == (1200, 800)
    assert colours > 20


def test_a_device_shows_the_built_in_logo_until_another_is_put(sim: Simulator, anyone: httpx.Client) -> None:
    sim.create_device(device_id="d")
    answer = anyone.get(LOGO)
    assert (answer.status_code, answer.content) == (200, demo_logo())
    assert answer.headers["content-type"] == "image/svg+xml"

    for body, content_type in ((b"\x89PNG\r\n not really", "image/png"), (b"<script>alert(1)</script>", "text/html")):
        assert anyone.put(LOGO, content=body, headers={"Content-Type": content_type}).status_code == 204
        answer = anyone.get(LOGO)
        assert (answer.content, answer.headers["content-type"]) == (body, content_type)


def test_a_hostile_logo_is_harmless_to_a_browser_that_opens_it(sim: Simulator, anyone: httpx.Client) -> None:
    sim.set_logo(sim.create_device(device_id="d"), b"<script>alert(1)</script>", "text/html")
    headers = anyone.get(LOGO).headers
    assert "sandbox" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


def test_without_a_content_type_it_is_just_bytes(sim: Simulator, anyone: httpx.Client) -> None:
    sim.create_device(device_id="d")
    anyone.put(LOGO, content=b"")
    answer = anyone.get(LOGO)
    assert (answer.content, answer.headers["content-type"]) == (b"", "application/octet-stream")


def test_a_deleted_devices_logo_is_forgotten(sim: Simulator, operator: httpx.Client) -> None:
    sim.set_logo(sim.create_device(device_id="d"), b"x")
    operator.delete("/api/demo/devices/d")
    sim.create_device(device_id="d")
    assert operator.get(LOGO).content == demo_logo()


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_an_unknown_device_has_no_logo(anyone: httpx.Client, method: str) -> None:
    assert anyone.request(method, "/_sim/devices/nobody/logo").status_code == 404


def test_over_the_wire_a_known_logo_is_not_sent_again(sim: Simulator, anyone: httpx.Client) -> None:
    sim.create_device(device_id="d")
    first = anyone.get(LOGO)
    again = anyone.get(LOGO, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    sim.set_logo("d", b"new")
    assert anyone.get(LOGO, headers={"If-None-Match": first.headers["etag"]}).status_code == 200


def date(moment: datetime) -> str:
    return format_datetime(moment, usegmt=True)


TAG = f'"{hashlib.sha256(b"x").hexdigest()}"'
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"If-None-Match": TAG}, 304),
        ({"If-None-Match": f'"other", W/{TAG}'}, 304),
        ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": '"other"'}, 200),
        ({"If-Modified-Since": date(NOON)}, 304),
        ({"If-Modified-Since": date(NOON + SECOND)}, 304),
        ({"If-Modified-Since": date(NOON - SECOND)}, 200),
        ({"If-Modified-Since": "yesterday"}, 200),
        ({"If-Modified-Since": "Mon, 01 Jun 2026 12:00:00 -0000"}, 200),
        ({"If-None-Match": '"other"', "If-Modified-Since": date(NOON)}, 200),
    ],
)
def test_conditional_requests(headers: dict[str, str], status: int) -> None:
    logos = Logos(now=lambda: NOON)
    logos.put("d", b"x", "image/png")
    answer = logos.of("d").answer(Headers(headers))
    assert answer.status_code == status
    assert answer.headers["etag"] == TAG
    assert answer.headers["last-modified"] == "Mon, 01 Jun 2026 12:00:00 GMT"
