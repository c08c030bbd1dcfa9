"""The seven operations, over a real socket."""

from typing import Any
from urllib.parse import quote

import httpx
import pytest

from crewcheck_agent.simulator.server import Simulator

DEVICES = "/api/demo/devices"
ODD_ID = "gate/12 ü%?#"


def device_path(device_id: str, rest: str = "") -> str:
    return f"{DEVICES}/{quote(device_id, safe='')}{rest}"


def connect(client: httpx.Client, token: dict[str, str]) -> httpx.Response:
    path = f"/api/{token['tenantId']}/devices/{quote(token['deviceId'], safe='')}/connect"
    return client.post(path, headers={"X-API-KEY": token["apiKey"], "Accept": "application/json"})


def test_a_created_device_is_enabled_and_returned_whole(operator: httpx.Client, sim: Simulator) -> None:
    answer = operator.post(DEVICES, json={"type": "CrewCheck", "name": "Gate 12", "description": "left"})
    assert answer.status_code == 201
    device = answer.json()
    device_id = device["deviceId"]
    assert device == {
        "deviceId": device_id,
        "name": "Gate 12",
        "description": "left",
        "isEnabled": True,
        "type": "CrewCheck",
        "settings": {"logoUrl": f"{sim.environment}/_sim/devices/{device_id}/logo"},
    }
    assert operator.get(device_path(device_id)).json() == device
    assert operator.get(DEVICES).json() == [device]


def test_what_may_be_left_out_of_a_new_device_gets_a_plain_value(operator: httpx.Client) -> None:
    device = operator.post(DEVICES, json={}).json()
    assert (device["name"], device["description"], device["type"]) == ("", None, "CrewCheck")


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"name": "New"}, {"name": "New", "description": "old", "isEnabled": True}),
        ({"description": None}, {"name": "Old", "description": None, "isEnabled": True}),
        ({"isEnabled": False}, {"name": "Old", "description": "old", "isEnabled": False}),
        ({}, {"name": "Old", "description": "old", "isEnabled": True}),
    ],
)
def test_an_update_replaces_what_is_sent_and_nothing_else(
    operator: httpx.Client, sim: Simulator, sent: dict[str, Any], expected: dict[str, Any]
) -> None:
    device_id = sim.create_device("Old", description="old")
    answer = operator.put(device_path(device_id), json=sent)
    assert answer.status_code == 200
    assert expected.items() <= answer.json().items()
    assert operator.get(device_path(device_id)).json() == answer.json()


@pytest.mark.parametrize(
    ("method", "body", "place"),
    [
        ("POST", {"name": None}, "$.name"),
        ("POST", {"type": "Toaster"}, "$.type"),
        ("POST", {"name": "a", "isEnabled": True}, "$.isEnabled"),
        ("PUT", {"isEnabled": "yes"}, "$.isEnabled"),
        ("PUT", {"isEnabled": None}, "$.isEnabled"),
        ("PUT", {"deviceId": "x"}, "$.deviceId"),
        ("POST", [], "$"),
    ],
)
def test_a_body_that_breaks_its_schema_is_a_400_that_names_the_property(
    operator: httpx.Client, sim: Simulator, method: str, body: object, place: str
) -> None:
    device_id = sim.create_device()
    answer = operator.request(method, DEVICES if method == "POST" else device_path(device_id), json=body)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert list(answer.json()["errors"]) == [place]


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 201),
        ("application/json; charset=utf-8", 201),
        ("text/json", 201),
        ("application/vnd.crew+json", 201),
        ("text/plain", 415),
        ("application/xml", 415),
        (None, 415),
    ],
)
def test_bodies_are_taken_in_the_published_formats_alone(
    operator: httpx.Client, content_type: str | None, status: int
) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    assert operator.post(DEVICES, content=b'{"name": "a"}', headers=headers).status_code == status


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b'{"name": "\\ud800"}'])
def test_what_is_no_json_is_a_400(operator: httpx.Client, content: bytes) -> None:
    answer = operator.post(DEVICES, content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("accept", "given"),
    [
        (None, "text/plain"),
        ("*/*", "text/plain"),
        ("application/json", "application/json"),
        ("application/json, */*", "application/json"),
        ("application/*", "application/json"),
        ("text/json, text/plain;q=0.5", "text/json"),
        ("text/plain;q=nonsense, application/json;q=0.1", "application/json"),
        ("image/png", "text/plain"),
    ],
)
def test_answers_come_in_the_format_asked_for_and_else_in_the_first_one(
    sim: Simulator, anyone: httpx.Client, accept: str | None, given: str
) -> None:
    request = anyone.build_request("GET", DEVICES, headers={"X-API-KEY": sim.api_key})
    del request.headers["accept"]
    if accept:
        request.headers["accept"] = accept
    answer = anyone.send(request)
    assert answer.headers["content-type"] == f"{given}; charset=utf-8"
    assert answer.json() == []


def test_a_reset_gives_a_token_and_ends_the_one_before(operator: httpx.Client, sim: Simulator) -> None:
    device_id = sim.create_device()
    first = operator.post(device_path(device_id, "/connections/reset"))
    assert first.status_code == 200
    second = operator.post(device_path(device_id, "/connections/reset")).json()
    assert {**second, "apiKey": ""} == {
        "deviceId": device_id,
        "tenantId": "demo",
        "apiKey": "",
        "environment": sim.environment,
    }
    assert connect(operator, first.json()).status_code == 401
    assert connect(operator, second).status_code == 200


def test_the_embedding_test_gets_the_same_token_as_an_operator(operator: httpx.Client, sim: Simulator) -> None:
    device_id = sim.create_device()
    ours = sim.reset(device_id)
    theirs = operator.post(device_path(device_id, "/connections/reset")).json()
    assert {**ours, "apiKey": ""} == {**theirs, "apiKey": ""}


def test_connect_follows_the_life_of_a_device(operator: httpx.Client, sim: Simulator) -> None:
    device_id = sim.create_device()
    token = sim.reset(device_id)
    answer = connect(operator, token)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json; charset=utf-8")
    assert answer.json() == {"settings": {"logoUrl": f"{sim.environment}/_sim/devices/{device_id}/logo"}}

    sim.disable(device_id)
    answer = connect(operator, token)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert (answer.json()["status"], answer.json()["title"]) == (400, "Device is disabled")

    sim.enable(device_id)
    assert connect(operator, token).status_code == 200

    answer = operator.delete(device_path(device_id))
    assert (answer.status_code, answer.content) == (202, b"")
    assert connect(operator, token).status_code == 404


def test_a_device_that_comes_back_under_its_id_does_not_take_the_old_key(
    operator: httpx.Client, sim: Simulator
) -> None:
    token = sim.reset(sim.create_device(device_id="same"))
    sim.delete("same")
    sim.create_device(device_id="same")
    assert connect(operator, token).status_code == 401


@pytest.mark.parametrize(
    ("method", "rest", "body"),
    [
        ("GET", "", None),
        ("PUT", "", {"name": "a"}),
        ("DELETE", "", None),
        ("POST", "/connections/reset", None),
        ("POST", "/connect", None),
    ],
)
def test_an_unknown_device_is_a_404(operator: httpx.Client, method: str, rest: str, body: object) -> None:
    answer = operator.request(method, device_path("nobody", rest), json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert (answer.json()["status"], answer.json()["title"]) == (404, "Device not found")


def test_ids_are_opaque_and_travel_percent_encoded(operator: httpx.Client, sim: Simulator) -> None:
    sim.create_device("Odd", device_id=ODD_ID)
    device = operator.get(device_path(ODD_ID)).json()
    assert device["deviceId"] == ODD_ID
    assert operator.get(device["settings"]["logoUrl"]).status_code == 200
    assert operator.put(device_path(ODD_ID), json={"isEnabled": False}).json()["isEnabled"] is False
    token = operator.post(device_path(ODD_ID, "/connections/reset")).json()
    assert token["deviceId"] == ODD_ID
    assert connect(operator, token).status_code == 400
    assert operator.delete(device_path(ODD_ID)).status_code == 202


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nothing", 404), ("GET", f"{DEVICES}/", 404), ("PATCH", DEVICES, 405), ("GET", "/docs", 404)],
)
def test_what_the_service_does_not_offer_is_a_problem_too(
    operator: httpx.Client, method: str, path: str, status: int
) -> None:
    answer = operator.request(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["status"] == status
