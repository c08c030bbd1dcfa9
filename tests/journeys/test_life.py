"""The main job: scan, logo, and the operator's word obeyed, whatever else happens."""

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from tests.journeys.conftest import Kiosk

from crewcheck_agent.simulator.server import Simulator

RED = (200, 0, 0)


def centre(picture: Image.Image) -> object:
    return picture.getpixel((picture.width // 2, round(picture.height * 0.45)))


def colours(picture: Image.Image) -> set[object]:
    return {colour for _, colour in picture.getcolors(maxcolors=1 << 24) or ()}


def test_a_fresh_kiosk_asks_to_be_set_up(kiosk: Kiosk) -> None:
    kiosk.start()
    status = kiosk.status()
    assert (status["state"], status["screen"]["showing"]) == ("unprovisioned", "setup")
    assert len(colours(kiosk.look())) > 2


def test_a_scanned_code_brings_the_logo_to_the_screen(kiosk: Kiosk, red_token: dict[str, str]) -> None:
    kiosk.start()
    assert kiosk.provision(red_token, scan=True) == "connected"
    status = kiosk.await_state("connected", "logo")
    assert centre(kiosk.look()) == RED
    assert status["problem"] is None
    assert status["logo"]["url"].startswith(red_token["environment"])


def test_the_operator_switches_the_kiosk_off_and_on(
    red_kiosk: Kiosk, simulator: Simulator, red_token: dict[str, str]
) -> None:
    simulator.disable(red_token["deviceId"])
    red_kiosk.await_state("disabled", "disabled")
    assert RED not in colours(red_kiosk.look())
    simulator.enable(red_token["deviceId"])
    red_kiosk.await_state("connected", "logo")
    assert centre(red_kiosk.look()) == RED


def test_a_disabled_kiosk_stays_so_through_power_cut_and_network_loss(
    red_kiosk: Kiosk, simulator: Simulator, red_token: dict[str, str]
) -> None:
    simulator.disable(red_token["deviceId"])
    red_kiosk.await_state("disabled", "disabled")
    simulator.stop_listening()
    red_kiosk.pull_the_plug()
    red_kiosk.start()
    status = red_kiosk.await_status(lambda status: status["attempts"] > 1)
    assert (status["state"], status["screen"]["showing"]) == ("disabled", "disabled")
    assert status["problem"]["code"] == "network"
    simulator.enable(red_token["deviceId"])
    simulator.listen_again()
    red_kiosk.await_state("connected", "logo")


def test_the_logo_outlives_network_and_power(red_kiosk: Kiosk, simulator: Simulator) -> None:
    before = red_kiosk.look()
    simulator.stop_listening()
    red_kiosk.await_state("offline", "logo")
    marked = red_kiosk.look()
    assert centre(marked) == RED
    assert marked.tobytes() != before.tobytes(), "the small mark says that the kiosk is offline"
    red_kiosk.pull_the_plug()
    red_kiosk.start()
    red_kiosk.await_state("offline", "logo")
    assert centre(red_kiosk.look()) == RED
    simulator.listen_again()
    red_kiosk.await_state("connected", "logo")
    assert red_kiosk.look().tobytes() == before.tobytes()


def test_a_deleted_device_asks_for_a_new_code_once_the_server_means_it(
    red_kiosk: Kiosk, simulator: Simulator, red_token: dict[str, str]
) -> None:
    simulator.delete(red_token["deviceId"])
    status = red_kiosk.await_state("notFound", "notFound")
    assert status["problem"]["code"] == "notFound"
    refusals = [seen for seen in simulator.requests("connect") if seen.status == 404]
    assert len(refusals) >= 2


def test_one_stray_refusal_changes_nothing_on_the_screen(red_kiosk: Kiosk, simulator: Simulator) -> None:
    frames = red_kiosk.status()["screen"]["frames"]
    simulator.set_fault(operation="connect", status=401, times=1)
    red_kiosk.await_status(lambda status: status["problem"] is not None)
    status = red_kiosk.await_status(lambda status: status["problem"] is None)
    assert (status["state"], status["screen"]["frames"]) == ("connected", frames)


def test_a_reset_kiosk_is_set_up_again_by_a_scan(
    red_kiosk: Kiosk, simulator: Simulator, red_token: dict[str, str]
) -> None:
    fresh = simulator.reset(red_token["deviceId"])
    red_kiosk.await_state("unauthorized", "unauthorized")
    assert red_kiosk.provision(fresh, scan=True) == "connected"
    red_kiosk.await_state("connected", "logo")
    assert json.loads((red_kiosk.state_dir / "token.json").read_text())["apiKey"] == fresh["apiKey"]


def test_a_passer_by_cannot_take_a_healthy_kiosk_over(red_kiosk: Kiosk, simulator: Simulator) -> None:
    other = simulator.reset(simulator.create_device("Other"))
    assert red_kiosk.provision(other, scan=True) == "ignored"
    assert red_kiosk.status()["deviceId"] != other["deviceId"]


def test_an_unlocked_kiosk_takes_a_scan_once(red_kiosk: Kiosk, simulator: Simulator, red_token: dict[str, str]) -> None:
    other = simulator.reset(simulator.create_device("Other"))
    next(red_kiosk.ask({"do": "unlock"}))
    assert red_kiosk.provision(other, scan=True) == "connected"
    red_kiosk.await_status(
        lambda status: (status["deviceId"], status["screen"]["showing"]) == (other["deviceId"], "logo")
    )
    assert RED not in colours(red_kiosk.look()), "nothing of the old tenant's logo is left"
    assert red_kiosk.provision(red_token, scan=True) == "ignored"


def test_a_refused_code_changes_nothing_and_says_why(red_kiosk: Kiosk, simulator: Simulator) -> None:
    token = simulator.reset(simulator.create_device("Other"))
    replies = [*red_kiosk.offer({**token, "apiKey": "made-up"})]
    assert replies[-1]["reply"] == "unauthorized"
    assert replies[-1]["problem"]["advice"]
    assert (red_kiosk.status()["state"], centre(red_kiosk.look())) == ("connected", RED)
    assert not (red_kiosk.state_dir / "candidate.json").exists()


def test_a_code_offered_without_network_is_kept_through_a_power_cut_and_tried(
    kiosk: Kiosk, simulator: Simulator, red_token: dict[str, str]
) -> None:
    kiosk.start()
    simulator.stop_listening()
    offered = kiosk.offer(red_token)
    assert next(offered)["reply"] == "waiting"
    status = kiosk.await_state("offline", "offline")
    assert (status["problem"]["code"], status["deviceId"]) == ("network", red_token["deviceId"])
    kiosk.pull_the_plug()
    kiosk.start()
    kiosk.await_state("offline", "offline")
    simulator.listen_again()
    kiosk.await_state("connected", "logo")
    assert not (kiosk.state_dir / "candidate.json").exists()


@pytest.mark.parametrize("text", ["hello", "", '{"deviceId": "only"}', "[" * 9000])
def test_garbage_is_told_and_harmless(kiosk: Kiosk, text: str) -> None:
    kiosk.start()
    assert kiosk.provision(text, scan=True) == "misread"
    status = kiosk.await_status(lambda status: status["problem"] is not None)
    assert (status["state"], status["problem"]["code"]) == ("unprovisioned", "badToken")


def test_forgetting_leaves_nothing(red_kiosk: Kiosk) -> None:
    assert next(red_kiosk.ask({"do": "forget"})).fields["erased"]
    red_kiosk.await_state("unprovisioned", "setup")
    assert [*red_kiosk.state_dir.iterdir(), *red_kiosk.cache_dir.iterdir()] == []


def test_a_changed_logo_appears_and_a_bad_one_does_not(
    red_kiosk: Kiosk,
    simulator: Simulator,
    red_token: dict[str, str],
    make_picture: Callable[[tuple[int, int, int]], bytes],
) -> None:
    device = red_token["deviceId"]
    simulator.set_logo(device, b"<html>not a picture</html>", "image/png")
    status = red_kiosk.await_status(lambda status: status["problem"] is not None)
    assert (status["state"], status["problem"]["code"]) == ("connected", "logo")
    assert centre(red_kiosk.look()) == RED
    before = status["logo"]["sha256"]
    simulator.set_logo(device, make_picture((0, 160, 0)))
    red_kiosk.await_status(lambda status: status["logo"]["sha256"] != before and not status["problem"])
    assert centre(red_kiosk.look()) == (0, 160, 0)


def test_an_erased_cache_does_no_harm(red_kiosk: Kiosk, simulator: Simulator) -> None:
    shutil.rmtree(red_kiosk.cache_dir)
    assert centre(red_kiosk.look()) == RED
    red_kiosk.pull_the_plug()
    red_kiosk.start()
    red_kiosk.await_state("connected", "logo")
    assert centre(red_kiosk.look()) == RED


def test_a_kiosk_that_nothing_happens_to_writes_nothing(red_kiosk: Kiosk, simulator: Simulator) -> None:
    def files() -> set[tuple[str, int, int]]:
        found = (*red_kiosk.state_dir.iterdir(), *red_kiosk.cache_dir.iterdir())
        return {(each.name, each.stat().st_ino, each.stat().st_mtime_ns) for each in found}

    before, frames, log = files(), red_kiosk.status()["screen"]["frames"], red_kiosk.log()
    simulator.clear_requests()
    simulator.wait_for_requests("connect", 3)
    assert (files(), red_kiosk.status()["screen"]["frames"], red_kiosk.log()) == (before, frames, log)


def test_a_screen_that_tells_of_the_next_question_is_painted_once_a_question_at_most(
    red_kiosk: Kiosk, simulator: Simulator
) -> None:
    body = '{"detail": "Device is disabled."}'
    simulator.set_fault(operation="connect", status=400, body=body, contentType="application/problem+json")
    red_kiosk.await_state("disabled", "disabled")
    simulator.clear_requests()
    simulator.wait_for_requests("connect", 1)
    before = red_kiosk.status()["screen"]["frames"]
    simulator.wait_for_requests("connect", 6)
    painted = red_kiosk.status()["screen"]["frames"] - before
    assert 1 <= painted <= 6, "five questions, and perhaps one more by now; none where the next time reads the same"


def test_the_end_is_prompt_even_in_the_middle_of_a_question(red_kiosk: Kiosk, simulator: Simulator) -> None:
    simulator.clear_requests()
    simulator.set_fault(operation="connect", delay=60)
    simulator.wait_for_requests("connect")
    began = time.monotonic()
    assert red_kiosk.stop() == 0
    assert time.monotonic() - began < 1, "the one promise about time: SIGTERM ends it in under a second"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"drop": True}, "network"),
        ({"status": 503}, "server"),
        ({"status": 429, "retryAfter": "1"}, "server"),
        ({"status": 400, "body": "<html>sign in</html>", "contentType": "text/html"}, "badAnswer"),
        ({"status": 401, "body": "<html>sign in</html>", "contentType": "text/html"}, "badAnswer"),
        ({"status": 200, "body": "<html>sign in</html>", "contentType": "text/html"}, "captivePortal"),
        ({"status": 302}, "captivePortal"),
        ({"delay": 30}, "timeout"),
        ({"drip": 1}, "timeout"),
        ({"status": 200, "body": "x" * (1 << 20) + "x", "contentType": "application/json"}, "badAnswer"),
    ],
)
def test_a_bad_day_leaves_the_logo_and_is_named(
    kiosk: Kiosk, simulator: Simulator, red_token: dict[str, str], fault: dict[str, Any], code: str
) -> None:
    kiosk.settings["CREWCHECK_REQUEST_TIMEOUT"] = "1"
    kiosk.start()
    kiosk.provision(red_token)
    kiosk.await_state("connected", "logo")
    simulator.set_fault(operation="connect", **fault)
    status = kiosk.await_state("offline", "logo")
    assert status["problem"]["code"] == code
    assert centre(kiosk.look()) == RED
    simulator.clear_faults()
    kiosk.await_state("connected", "logo")


def test_a_200_without_settings_keeps_the_logo(red_kiosk: Kiosk, simulator: Simulator) -> None:
    simulator.set_fault(operation="connect", status=200, body="{}", contentType="application/json")
    status = red_kiosk.await_status(lambda status: status["problem"] is not None)
    assert (status["state"], status["problem"]["code"]) == ("connected", "badAnswer")
    assert centre(red_kiosk.look()) == RED


def test_a_changed_configuration_is_read_on_request(red_kiosk: Kiosk, simulator: Simulator) -> None:
    before = red_kiosk.look()
    red_kiosk.configuration.write_text("rotation = 180\n")
    red_kiosk.send_signal(signal.SIGHUP)
    red_kiosk.await_status(lambda status: status["screen"]["rotation"] == 180)
    turned = red_kiosk.look()
    assert turned.rotate(180).tobytes() == before.tobytes()
    red_kiosk.configuration.write_text("rotation = 45\n")
    simulator.clear_requests()
    red_kiosk.send_signal(signal.SIGHUP)
    simulator.wait_for_requests("connect", 2)
    assert "rotation = 45" in red_kiosk.log()
    assert red_kiosk.look().tobytes() == turned.tobytes()


def test_a_second_agent_gives_way(red_kiosk: Kiosk, kiosk: Kiosk) -> None:
    second = subprocess.run(
        (sys.executable, "-m", "crewcheck_agent", "run"),
        env=kiosk.environ(),
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert second.returncode == 1
    assert b"another agent is running" in second.stderr
    assert b"the display is open" not in second.stderr, "nothing flashed over the first one's picture"
    assert red_kiosk.status()["state"] == "connected"
