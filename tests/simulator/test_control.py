"""The console's endpoints, and who may use them."""

import json

import httpx
import pytest
import zxingcpp
from PIL import Image, ImageDraw

from crewcheck_agent.simulator.server import Simulator, running

GUARDED = [
    ("GET", "/"),
    ("GET", "/_sim/console.css"),
    ("GET", "/_sim/console.js"),
    ("GET", "/_sim/icon.svg"),
    ("GET", "/_sim/session"),
    ("GET", "/_sim/faults"),
    ("PUT", "/_sim/faults"),
    ("DELETE", "/_sim/faults"),
    ("GET", "/_sim/requests"),
    ("DELETE", "/_sim/requests"),
    ("POST", "/_sim/qr"),
    ("GET", "/_sim/kiosk.png"),
    ("GET", "/_sim/devices/d/preview"),
    ("PUT", "/_sim/devices/d/logo"),
]


@pytest.mark.parametrize(("method", "path"), GUARDED)
@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "192.0.2.7"},
        {"Host": ""},
        {"Host": "["},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
    ],
)
def test_other_sites_and_other_names_are_refused(
    sim: Simulator, anyone: httpx.Client, method: str, path: str, headers: dict[str, str]
) -> None:
    sim.create_device(device_id="d")
    answer = anyone.request(method, path, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (403, "application/problem+json")
    assert sim.api_key not in answer.text


@pytest.mark.parametrize(("host", "site"), [("localhost", "none"), ("127.0.0.1", "same-origin"), ("[::1]", "none")])
def test_this_machines_own_browser_is_welcome(sim: Simulator, anyone: httpx.Client, host: str, site: str) -> None:
    headers = {"Host": f"{host}:8080", "Origin": f"http://{host}:8080", "Sec-Fetch-Site": site}
    answer = anyone.get("/_sim/session", headers=headers)
    session = {"tenantId": "demo", "apiKey": sim.api_key, "hasKiosk": False, "revision": sim.world.revision}
    assert answer.json() == session
    assert answer.headers["cache-control"] == "no-store"


def test_the_page_runs_nothing_but_its_own_files_and_holds_no_key(sim: Simulator, anyone: httpx.Client) -> None:
    for path, kind in (("/", "text/html"), ("/_sim/console.css", "text/css"), ("/_sim/console.js", "text/javascript")):
        answer = anyone.get(path)
        assert answer.headers["content-type"] == f"{kind}; charset=utf-8"
        assert sim.api_key not in answer.text
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy


def test_a_preview_is_the_logo_without_an_entry_in_the_journal(sim: Simulator, anyone: httpx.Client) -> None:
    sim.set_logo(sim.create_device(device_id="d"), b"picture")
    assert anyone.get("/_sim/devices/d/preview").content == b"picture"
    assert sim.requests() == []


def test_the_qr_code_holds_the_text_byte_for_byte(sim: Simulator, anyone: httpx.Client) -> None:
    text = json.dumps(sim.reset(sim.create_device(device_id="ü/%")), ensure_ascii=False, separators=(",", ":"))
    answer = anyone.post("/_sim/qr", content=text.encode())
    assert answer.headers["content-type"] == "image/svg+xml"
    (code,) = zxingcpp.read_barcodes(drawn(answer.text))
    assert code.bytes.decode() == text


def drawn(svg: str) -> Image.Image:
    """What a renderer makes of the one stroke that a QR code's SVG is."""
    size = int(svg.partition('width="')[2].partition('"')[0]) // 8
    image = Image.new("L", (size, size), 255)
    x, y = 0.0, 0.0
    path = svg.rpartition(' d="')[2].partition('"')[0]
    for kind, numbers in commands(path):
        if kind == "M":
            x, y = numbers
        elif kind == "m":
            x, y = x + numbers[0], y + numbers[1]
        else:
            ImageDraw.Draw(image).line([(x, y - 0.5), (x + numbers[0] - 1, y - 0.5)], fill=0)
            x += numbers[0]
    return image.resize((size * 4, size * 4), Image.Resampling.NEAREST)


def commands(path: str) -> list[tuple[str, list[float]]]:
    found: list[tuple[str, list[float]]] = []
    for piece in path.replace("M", "|M").replace("m", "|m").replace("h", "|h").strip("|").split("|"):
        numbers = piece[1:].replace("-", " -").replace(",", " ").split()
        found.append((piece[0], [float(number) for number in numbers]))
    return found


def test_what_no_qr_code_can_hold_is_refused(anyone: httpx.Client) -> None:
    assert anyone.post("/_sim/qr", content=b"x" * 3000).status_code == 400
    assert anyone.post("/_sim/qr", content=b"").status_code == 400


def test_the_kiosks_screen_is_shown_when_there_is_one() -> None:
    pictures = [None, b"\x89PNG 1"]
    with running(picture=lambda: pictures.pop(0)) as sim:
        assert httpx.get(f"{sim.environment}/_sim/session").json()["hasKiosk"] is True
        assert httpx.get(f"{sim.environment}/_sim/kiosk.png").status_code == 404
        answer = httpx.get(f"{sim.environment}/_sim/kiosk.png")
    assert (answer.content, answer.headers["content-type"]) == (b"\x89PNG 1", "image/png")


def test_without_a_kiosk_there_is_no_screen(anyone: httpx.Client) -> None:
    assert anyone.get("/_sim/kiosk.png").status_code == 404
