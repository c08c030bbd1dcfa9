"""Bad days to order."""

import asyncio
import time
from typing import Any

import httpx
import pytest

from crewcheck_agent.simulator.server import Simulator

DEVICES = "/api/demo/devices"


def put(client: httpx.Client, **fault: Any) -> httpx.Response:
    return client.put("/_sim/faults", json=fault)


@pytest.fixture
def requests_by_operation(sim: Simulator) -> dict[str, tuple[str, str]]:
    sim.create_device(device_id="d")
    device = f"{DEVICES}/d"
    return {
        "list": ("GET", DEVICES),
        "create": ("POST", DEVICES),
        "get": ("GET", device),
        "update": ("PUT", device),
        "delete": ("DELETE", device),
        "connect": ("POST", f"{device}/connect"),
        "reset": ("POST", f"{device}/connections/reset"),
        "logo": ("GET", "/_sim/devices/d/logo"),
    }


@pytest.mark.parametrize("spoilt", ["list", "create", "get", "update", "delete", "connect", "reset", "logo"])
def test_a_fault_befalls_its_operation_alone(
    operator: httpx.Client, requests_by_operation: dict[str, tuple[str, str]], spoilt: str
) -> None:
    put(operator, operation=spoilt, status=599)
    for name, (method, path) in requests_by_operation.items():
        assert (operator.request(method, path).status_code == 599) is (name == spoilt)


def test_without_an_operation_everything_goes_wrong_but_the_controls(
    operator: httpx.Client, requests_by_operation: dict[str, tuple[str, str]]
) -> None:
    assert len(put(operator, status=503).json()["faults"]) == len(requests_by_operation)
    for method, path in requests_by_operation.values():
        assert operator.request(method, path).status_code == 503
    assert operator.delete("/_sim/faults").status_code == 204
    assert operator.get(DEVICES).status_code == 200


def test_a_status_alone_answers_with_a_problem_and_retry_after(operator: httpx.Client) -> None:
    put(operator, operation="list", status=503, retryAfter="5")
    answer = operator.get(DEVICES)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert (answer.headers["content-type"], answer.json()["status"]) == ("application/problem+json", 503)


@pytest.mark.parametrize(
    ("fault", "status", "content_type", "body"),
    [
        ({"body": "<html>log in"}, 200, "text/html; charset=utf-8", b"<html>log in"),
        ({"body": "{}", "contentType": "text/json", "status": 400}, 400, "text/json", b"{}"),
        ({"contentType": "application/xml"}, 200, "application/xml", b"[]"),
        ({"status": 204}, 204, None, b""),
        ({"status": 302, "headers": {"Location": "http://127.0.0.1:9/"}}, 302, None, b""),
    ],
)
def test_answers_are_replaced_or_spoilt(
    operator: httpx.Client, fault: dict[str, Any], status: int, content_type: str | None, body: bytes
) -> None:
    put(operator, operation="list", **fault)
    answer = operator.get(DEVICES)
    assert (answer.status_code, answer.headers.get("content-type"), answer.content) == (status, content_type, body)
    assert fault.get("headers", {}).items() <= {"Location": answer.headers.get("location")}.items() or status != 302


def test_headers_replace_those_of_the_same_name(operator: httpx.Client) -> None:
    long_ago = "Thu, 01 Jan 1970 00:00:00 GMT"
    put(operator, operation="list", headers={"Date": long_ago})
    assert operator.get(DEVICES).headers.get_list("date") == [long_ago]


def test_a_dropped_request_gets_no_answer_and_its_connection_is_closed(sim: Simulator, operator: httpx.Client) -> None:
    put(operator, operation="create", drop=True)
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        operator.post(DEVICES, json={"name": "a"})
    assert sim.world.kiosks() == ()
    assert [seen.status for seen in sim.requests("create")] == [None]


def test_times_counts_requests(operator: httpx.Client) -> None:
    put(operator, operation="list", status=500, times=2)
    assert operator.get("/_sim/faults").json() == {"faults": [{"operation": "list", "status": 500, "times": 2}]}
    assert [operator.get(DEVICES).status_code for _ in range(3)] == [500, 500, 200]
    assert operator.get("/_sim/faults").json() == {"faults": []}


def test_a_new_fault_replaces_the_operations_old_one(operator: httpx.Client) -> None:
    put(operator, operation="list", status=500, retryAfter="1")
    answer = put(operator, operation="list", status=502)
    assert answer.json() == {"faults": [{"operation": "list", "status": 502}]}


@pytest.mark.parametrize("fault", [{"delay": 0.3}, {"drip": 0.15}])
def test_slowness_delays_the_real_answer(operator: httpx.Client, fault: dict[str, float]) -> None:
    put(operator, operation="list", **fault)
    begun = time.monotonic()
    answer = operator.get(DEVICES)
    assert time.monotonic() - begun >= 0.3
    assert (answer.status_code, answer.content) == (200, b"[]")


def test_a_body_reaches_the_operation_through_a_fault(operator: httpx.Client) -> None:
    put(operator, operation="create", delay=0.01)
    assert operator.post(DEVICES, json={"name": "a" * 200_000}).json()["name"] == "a" * 200_000


def test_dripping_sends_byte_after_byte(operator: httpx.Client) -> None:
    put(operator, operation="list", body="drop", drip=0.1)
    with operator.stream("GET", DEVICES) as answer:
        assert list(answer.iter_raw()) == [b"d", b"r", b"o", b"p"]


@pytest.mark.parametrize(("cut", "whole"), [(0, False), (3, False), (10, True), (99, True)])
def test_a_cut_ends_the_connection_inside_the_body(operator: httpx.Client, cut: int, whole: bool) -> None:  # noqa: FBT001 # a table's column
    put(operator, operation="list", body="0123456789", cut=cut)
    received = b""
    try:
        with operator.stream("GET", DEVICES) as answer:
            for part in answer.iter_raw():
                received += part
    except httpx.RemoteProtocolError:
        assert not whole
    assert received == b"0123456789"[:cut]


def test_a_client_that_does_not_wait_leaves_nothing_behind(sim: Simulator, operator: httpx.Client) -> None:
    sim.set_fault(operation="list", delay=3600.0)
    with pytest.raises(httpx.ReadTimeout):
        operator.get(DEVICES, timeout=0.1)
    assert len(sim.wait_for_requests("list")) == 1
    sim.clear_faults()
    assert operator.get(DEVICES).status_code == 200


def test_a_client_that_leaves_before_its_body_is_whole_is_no_trouble(sim: Simulator) -> None:
    async def leave_early() -> None:
        port = int(sim.environment.rpartition(":")[2])
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /api/demo/devices HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{")
        await writer.drain()
        await asyncio.to_thread(sim.wait_for_requests, "create")
        writer.close()
        await writer.wait_closed()

    sim.set_fault(operation="create", delay=0.01)
    asyncio.run(leave_early())
    assert httpx.get(f"{sim.environment}/_sim/faults").status_code == 200


@pytest.mark.parametrize(
    ("fault", "place"),
    [
        ({"operation": "dance"}, "$.operation"),
        ({"operation": "list", "sttus": 500}, "$.sttus"),
        ({"status": 99}, "$.status"),
        ({"status": "503"}, "$.status"),
        ({"delay": -1}, "$.delay"),
        ({"times": 0}, "$.times"),
        ({"retryAfter": "5\r\nX: y"}, "$.retryAfter"),
        ({"headers": {"Content-Length": "3"}}, "$.headers.Content-Length.[key]"),
        ({"headers": {"a b": "c"}}, "$.headers.a b.[key]"),
    ],
)
def test_a_fault_that_means_nothing_is_refused_by_name(
    operator: httpx.Client, fault: dict[str, Any], place: str
) -> None:
    answer = put(operator, **fault)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [place])
    assert operator.get("/_sim/faults").json() == {"faults": []}


def test_the_embedding_test_may_spell_a_fault_either_way(sim: Simulator, operator: httpx.Client) -> None:
    sim.set_fault(operation="list", status=503, retry_after="7")
    assert operator.get(DEVICES).headers["retry-after"] == "7"
    sim.set_fault(operation="list", status=503, retryAfter="8")
    assert operator.get(DEVICES).headers["retry-after"] == "8"
