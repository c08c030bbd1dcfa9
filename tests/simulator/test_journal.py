"""What arrived is told, and no key with it."""

from datetime import UTC, datetime

import httpx
import pytest

from crewcheck_agent.simulator.journal import Journal, mask
from crewcheck_agent.simulator.server import Simulator


def test_a_request_is_told_with_its_key_masked(sim: Simulator, operator: httpx.Client) -> None:
    operator.post("/api/demo/devices", json={}, headers={"User-Agent": "me/1"})
    operator.get("/nothing", headers={"X-API-KEY": ""})
    answer = operator.get("/_sim/requests")
    assert sim.api_key not in answer.text
    first, second = answer.json()
    assert datetime.fromisoformat(first.pop("time")).tzinfo is not None
    assert first == {
        "number": first["number"],
        "method": "POST",
        "path": "/api/demo/devices",
        "operation": "create",
        "status": 201,
        "userAgent": "me/1",
        "accept": "application/json",
        "key": f"{sim.api_key[:4]}…",
    }
    assert (second["operation"], second["status"], second["key"]) == (None, 404, None)
    assert second["number"] == first["number"] + 1


def test_a_bearer_token_is_masked_like_a_key(sim: Simulator, anyone: httpx.Client) -> None:
    anyone.get("/api/demo/devices", headers={"Authorization": f"Bearer {sim.api_key}"})
    assert [seen.key for seen in sim.requests("list")] == [f"{sim.api_key[:4]}…"]


def test_controls_and_console_are_not_told(operator: httpx.Client) -> None:
    for path in ("/", "/_sim/requests", "/_sim/faults", "/_sim/session"):
        operator.get(path)
    assert operator.get("/_sim/requests").json() == []


def test_a_logo_fetched_with_a_key_is_found_out(sim: Simulator, anyone: httpx.Client) -> None:
    sim.create_device(device_id="d")
    anyone.get("/_sim/devices/d/logo")
    anyone.get("/_sim/devices/d/logo", headers={"X-API-KEY": "k" * 40})
    assert [seen.key for seen in sim.requests("logo")] == [None, "kkkk…"]


def test_clearing_forgets_but_goes_on_counting(operator: httpx.Client) -> None:
    operator.get("/api/demo/devices")
    (before,) = operator.get("/_sim/requests").json()
    assert operator.delete("/_sim/requests").status_code == 204
    operator.get("/api/demo/devices")
    (after,) = operator.get("/_sim/requests").json()
    assert after["number"] == before["number"] + 1


def test_the_revision_changes_with_the_devices_alone(sim: Simulator, operator: httpx.Client) -> None:
    def revision() -> int:
        return int(operator.get("/_sim/session").json()["revision"])

    before = revision()
    operator.get("/api/demo/devices")
    assert revision() == before
    sim.create_device()
    assert revision() == before + 1


def test_the_journal_is_bounded() -> None:
    journal = Journal(now=lambda: datetime(2026, 1, 2, 3, 4, 5, 678901, UTC))
    for _ in range(1500):
        journal.arrived("GET", "/", None, {})
    seen = journal.seen()
    assert (len(seen), seen[0].number, seen[-1].number) == (1000, 501, 1500)
    assert seen[0].time == "2026-01-02T03:04:05.678Z"


def test_an_answer_to_a_forgotten_request_is_no_trouble() -> None:
    journal = Journal()
    number = journal.arrived("GET", "/", None, {})
    journal.clear()
    journal.answered(number, 200)
    assert journal.seen() == []


def test_waiting_for_what_does_not_come_ends() -> None:
    with pytest.raises(TimeoutError, match="no 1 of 'connect'"):
        Journal().wait_for("connect", 1, 0.01)


@pytest.mark.parametrize(("key", "shown"), [("short", "…"), ("a" * 15, "…"), ("abcd" * 4, "abcd…")])
def test_a_mask_shows_four_characters_of_a_long_key_and_none_of_a_short_one(key: str, shown: str) -> None:
    assert mask(key) == shown
