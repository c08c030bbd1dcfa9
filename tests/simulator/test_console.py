"""The operator's console in a real browser."""

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
import zxingcpp
from PIL import Image
from tests.simulator.chromium import ChromiumMissingError, Page, page

from crewcheck_agent.simulator.server import Simulator, running

HOSTILE = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
PICTURE = io.BytesIO()
Image.new("RGB", (320, 180), "#c02060").save(PICTURE, "PNG")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with page(tmp_path_factory.mktemp("profile")) as tab:
        yield tab


@pytest.fixture
def console(browser: Page, sim: Simulator) -> Callable[..., Page]:
    def open_console(width: int = 1280) -> Page:
        browser.open(f"{sim.environment}/", width=width)
        browser.until("document.querySelector('#link').dataset.state == 'up'")
        return browser

    return open_console


def row(device_id: str, rest: str = "") -> str:
    return f'tr[data-device="{device_id}"] {rest}'


def shown(tab: Page, selector: str) -> str:
    return str(tab.evaluate(f"document.querySelector({json.dumps(selector)}).textContent"))


def test_a_device_is_created_with_the_keyboard_alone(console: Callable[..., Page], sim: Simulator) -> None:
    tab = console()
    tab.evaluate("document.querySelector('#new-name').focus()")
    tab.press("Enter")
    tab.until("!document.querySelector('#name-wrong').hidden")
    tab.type("Gate 12")
    tab.press("Tab")
    tab.type("Left of the crew entrance")
    tab.press("Enter")
    tab.until("document.querySelectorAll('#rows tr').length == 1")
    (kiosk,) = sim.world.kiosks()
    assert (kiosk.name, kiosk.description) == ("Gate 12", "Left of the crew entrance")
    tab.until("document.querySelector('#said').textContent.startsWith('Gate 12 was created')")
    assert shown(tab, row(kiosk.device_id, ".state")) == "Enabled"
    assert shown(tab, "#count") == "1 device"


@pytest.mark.parametrize("device_id", ["d", "gate/12 ü%"])
def test_a_reset_shows_the_token_as_qr_code_and_text_until_it_is_closed(
    console: Callable[..., Page], sim: Simulator, device_id: str
) -> None:
    sim.create_device("Gate 12", device_id=device_id)
    tab = console()
    tab.click(row(device_id, '[data-act="reset"]'))
    tab.until("document.querySelector('#token').open")
    text = str(tab.evaluate("document.querySelector('#token-text').value"))
    token = json.loads(text)
    (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(tab.screenshot())))
    assert json.loads(code.text) == token
    assert {**token, "apiKey": ""} == {**sim.reset(device_id), "apiKey": ""}
    assert "like a password" in shown(tab, "#token")
    assert token["apiKey"] not in str(tab.evaluate("location.href"))

    tab.press("Escape")
    tab.until("!document.querySelector('#token').open")
    tab.until("document.querySelector('#token-text').value === ''")
    assert tab.evaluate("document.querySelector('#qr').hasAttribute('src')") is False
    assert token["apiKey"] not in str(tab.evaluate("document.documentElement.outerHTML"))


def test_the_token_works(console: Callable[..., Page], sim: Simulator, anyone: httpx.Client) -> None:
    sim.create_device(device_id="d")
    tab = console()
    tab.click(row("d", '[data-act="reset"]'))
    tab.until("document.querySelector('#token').open")
    token = json.loads(str(tab.evaluate("document.querySelector('#token-text').value")))
    answer = anyone.post("/api/demo/devices/d/connect", headers={"X-API-KEY": token["apiKey"]})
    assert answer.status_code == 200


def test_disable_and_enable_are_said_in_words(console: Callable[..., Page], sim: Simulator) -> None:
    sim.create_device("Gate 12", device_id="d")
    tab = console()
    for word, action, enabled in (("Disabled", "Enable", False), ("Enabled", "Disable", True)):
        tab.click(row("d", '[data-act="toggle"]'))
        tab.until(f"document.querySelector('{row('d', '.state')}').textContent == '{word}'")
        assert sim.world.kiosk("d").is_enabled is enabled
        assert shown(tab, row("d", '[data-act="toggle"]')) == action
        assert shown(tab, "#said") == f"Gate 12 is now {word.lower()}."


def test_deleting_asks_first(console: Callable[..., Page], sim: Simulator) -> None:
    sim.create_device("Gate 12", device_id="d")
    tab = console()
    tab.click(row("d", '[data-act="delete"]'))
    tab.until("document.querySelector('#confirm').open")
    assert "Delete Gate 12?" in shown(tab, "#confirm")
    assert tab.evaluate("document.activeElement.id") == "confirm-no"
    tab.press("Enter")
    tab.until("!document.querySelector('#confirm').open")
    assert sim.world.kiosk("d").name == "Gate 12"

    tab.click(row("d", '[data-act="delete"]'))
    tab.until("document.querySelector('#confirm').open")
    tab.click("#confirm-yes")
    tab.until("document.querySelectorAll('#rows tr').length == 0")
    assert sim.world.kiosks() == ()
    assert tab.evaluate("document.querySelector('#none').hidden") is False


def test_hostile_names_are_text(console: Callable[..., Page], sim: Simulator, anyone: httpx.Client) -> None:
    sim.create_device(HOSTILE, description=HOSTILE, device_id="d")
    sim.set_logo("d", HOSTILE.encode(), "text/html")
    anyone.get("/nothing", headers={"User-Agent": HOSTILE})
    tab = console()
    tab.click(row("d", '[data-act="toggle"]'))
    tab.until("document.querySelector('#said').textContent.includes('is now disabled')")
    tab.click(row("d", '[data-act="delete"]'))
    tab.until("document.querySelector('#confirm').open")
    assert shown(tab, row("d", ".name")) == HOSTILE
    assert shown(tab, "#confirm-name") == HOSTILE
    assert shown(tab, "#log tr:last-child td:last-child") == HOSTILE
    assert "owned" not in str(tab.evaluate("document.title"))
    assert tab.evaluate("document.querySelectorAll('tbody script, [onerror]').length") == 0


def test_what_others_change_appears_by_itself(console: Callable[..., Page], sim: Simulator) -> None:
    tab = console()
    sim.create_device("Elsewhere", device_id="d")
    tab.until(f"document.querySelector('{row('d', '.name')}').textContent == 'Elsewhere'")
    sim.disable("d")
    tab.until(f"document.querySelector('{row('d', '.state')}').textContent == 'Disabled'")
    sim.delete("d")
    tab.until("document.querySelectorAll('#rows tr').length == 0")


@pytest.mark.parametrize(
    ("button", "faults"),
    [
        ("offline", {"connect": {"drop": True}, "logo": {"drop": True}}),
        ("busy", {"connect": {"status": 503, "retryAfter": "5"}}),
        ("refused", {"connect": {"status": 401}}),
        ("slow", {"connect": {"delay": 8.0}}),
        ("well", {}),
    ],
)
def test_bad_weather_is_one_click(
    console: Callable[..., Page],
    sim: Simulator,
    anyone: httpx.Client,
    button: str,
    faults: dict[str, dict[str, object]],
) -> None:
    tab = console()
    sim.set_fault(operation="reset", status=500)
    tab.until("document.querySelector('#weather').textContent.includes('reset')")
    tab.click(f'[data-fault="{button}"]')
    tab.until(f"document.querySelector('[data-fault={button}]').getAttribute('aria-pressed') == 'true'")
    here = anyone.get("/_sim/faults").json()["faults"]
    assert {fault.pop("operation"): fault for fault in here} == faults
    assert tab.evaluate("document.querySelectorAll('[aria-pressed=true]').length") == 1


def test_requests_are_listed_newest_first_with_their_keys_masked(
    console: Callable[..., Page], sim: Simulator, anyone: httpx.Client
) -> None:
    tab = console()
    key = sim.reset(sim.create_device(device_id="d"))["apiKey"]
    anyone.post("/api/demo/devices/d/connect", headers={"X-API-KEY": key, "User-Agent": "kiosk/1"})
    tab.until("[...document.querySelectorAll('#log tr')].some(one => one.textContent.includes('kiosk/1'))")
    assert key not in str(tab.evaluate("document.body.textContent"))
    tab.click("#forget")
    tab.until("![...document.querySelectorAll('#log tr')].some(one => one.textContent.includes('kiosk/1'))")
    assert sim.requests("connect") == []


def test_a_simulator_that_is_gone_is_said_and_found_again(console: Callable[..., Page], sim: Simulator) -> None:
    tab = console()
    sim.stop_listening()
    tab.until("document.querySelector('#link').dataset.state == 'down'")
    sim.listen_again()
    tab.until("document.querySelector('#link').dataset.state == 'up'")


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_nothing_needs_scrolling_sideways(console: Callable[..., Page], sim: Simulator, width: int) -> None:
    sim.create_device("x" * 120, description="y" * 240, device_id="z" * 200)
    sim.set_fault(status=503, body="b" * 200)
    sim.set_fault(operation="list")
    tab = console(width)
    tab.until("document.querySelectorAll('#rows tr').length == 1")
    tab.until("document.querySelector('#weather').textContent")
    assert tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


CONTRAST = """(() => {
  const light = ([r, g, b]) => [r, g, b].map(part => part / 255)
    .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = numbers(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const element of document.querySelectorAll("body *")) {
    const speaks = [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
    if (!speaks || !element.checkVisibility()) continue;
    const [one, other] = [light(numbers(getComputedStyle(element).color)), light(ground(element))];
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (ratio < 7) poor.push(`${element.outerHTML.slice(0, 80)}: ${ratio.toFixed(2)}`);
  }
  return poor;
})()"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_stands_out_seven_to_one(console: Callable[..., Page], sim: Simulator, scheme: str) -> None:
    sim.create_device("On", description="left", device_id="on")
    sim.disable(sim.create_device("Off", device_id="off"))
    tab = console()
    tab.call(
        "Emulation.setEmulatedMedia",
        features=[
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ],
    )
    tab.until("document.querySelectorAll('#rows tr').length == 2")
    assert tab.evaluate(CONTRAST) == []
    tab.click(row("on", '[data-act="reset"]'))
    tab.until("document.querySelector('#token').open")
    assert tab.evaluate(CONTRAST) == []


def test_everything_to_press_or_fill_in_has_a_name(console: Callable[..., Page], sim: Simulator) -> None:
    sim.create_device("Gate 12", device_id="d")
    tab = console()
    tab.until("document.querySelectorAll('#rows tr').length == 1")
    tree = tab.call("Accessibility.getFullAXTree")["nodes"]
    named = [(one["role"]["value"], one["name"]["value"]) for one in tree if not one["ignored"] and "name" in one]
    controls = [name for role, name in named if role in ("button", "textbox", "link", "table", "region", "img")]
    assert all(controls), named
    assert {"Disable Gate 12", "Delete Gate 12", "Create device", "Name"} <= set(controls)


def test_without_a_kiosk_there_is_no_screen(console: Callable[..., Page]) -> None:
    assert console().evaluate("document.querySelector('#kiosk').hidden") is True


def test_the_kiosks_screen_is_live(browser: Page) -> None:
    pictures: list[bytes | None] = [None]
    with running(picture=lambda: pictures[0]) as simulator:
        browser.open(f"{simulator.environment}/")
        browser.until("document.querySelector('#dark').checkVisibility()")
        pictures[0] = PICTURE.getvalue()
        browser.until("document.querySelector('#picture').naturalWidth == 320")
        assert browser.evaluate("document.querySelector('#picture').checkVisibility()") is True
        pictures[0] = None
        browser.until("document.querySelector('#dark').checkVisibility()")
        browser.open("about:blank")


def test_without_a_browser_the_tests_say_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ChromiumMissingError, match="apt-get install chromium"), page(tmp_path):
        pass
