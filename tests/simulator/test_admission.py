"""Which key opens what: one table."""

from urllib.parse import quote

import httpx
import pytest

from crewcheck_agent.simulator.server import Simulator

OPERATIONS = [
    ("GET", "/api/{tenant}/devices", 200),
    ("POST", "/api/{tenant}/devices", 201),
    ("GET", "/api/{tenant}/devices/d", 200),
    ("PUT", "/api/{tenant}/devices/d", 200),
    ("DELETE", "/api/{tenant}/devices/d", 202),
    ("POST", "/api/{tenant}/devices/d/connections/reset", 200),
    ("POST", "/api/{tenant}/devices/d/connect", 200),
]
OPERATOR_ONLY, CONNECT_ONLY = OPERATIONS[:-1], OPERATIONS[-1:]


def ask(client: httpx.Client, method: str, path: str, headers: dict[str, str], tenant: str = "demo") -> httpx.Response:
    body: dict[str, str] | None = {} if method in ("POST", "PUT") else None
    return client.request(method, path.format(tenant=quote(tenant, safe="")), headers=headers, json=body)


def refused(answer: httpx.Response) -> bool:
    expected = (401, "application/problem+json", "Bearer")
    seen = (answer.status_code, answer.headers["content-type"], answer.headers.get("www-authenticate"))
    return seen == expected and answer.json()["status"] == 401


@pytest.mark.parametrize(("method", "path", "status"), OPERATOR_ONLY)
@pytest.mark.parametrize("header", ["X-API-KEY: {}", "Authorization: Bearer {}", "authorization: bearer  {}"])
def test_the_operators_key_opens_the_operators_operations(
    sim: Simulator, anyone: httpx.Client, method: str, path: str, status: int, header: str
) -> None:
    sim.create_device(device_id="d")
    name, _, value = header.format(sim.api_key).partition(": ")
    assert ask(anyone, method, path, {name: value}).status_code == status


@pytest.mark.parametrize(("method", "path", "status"), CONNECT_ONLY)
def test_a_devices_key_opens_connect(sim: Simulator, anyone: httpx.Client, method: str, path: str, status: int) -> None:
    key = sim.reset(sim.create_device(device_id="d"))["apiKey"]
    assert ask(anyone, method, path, {"X-API-KEY": key}).status_code == status


@pytest.mark.parametrize(("method", "path", "_status"), OPERATOR_ONLY)
def test_a_devices_key_opens_nothing_else(
    sim: Simulator, anyone: httpx.Client, method: str, path: str, _status: int
) -> None:
    key = sim.reset(sim.create_device(device_id="d"))["apiKey"]
    assert refused(ask(anyone, method, path, {"X-API-KEY": key}))
    assert refused(ask(anyone, method, path, {"Authorization": f"Bearer {key}"}))


@pytest.mark.parametrize("keys_issued", [0, 1])
def test_connect_takes_nothing_but_the_devices_own_key(sim: Simulator, anyone: httpx.Client, keys_issued: int) -> None:
    sim.create_device(device_id="d")
    for _ in range(keys_issued):
        sim.reset("d")
    others_key = sim.reset(sim.create_device())["apiKey"]
    for key in (sim.api_key, others_key, "wrong", ""):
        assert refused(ask(anyone, *CONNECT_ONLY[0][:2], {"X-API-KEY": key}))


def test_connect_takes_no_bearer_token(sim: Simulator, anyone: httpx.Client) -> None:
    key = sim.reset(sim.create_device(device_id="d"))["apiKey"]
    assert refused(ask(anyone, *CONNECT_ONLY[0][:2], {"Authorization": f"Bearer {key}"}))


@pytest.mark.parametrize(("method", "path", "_status"), OPERATIONS)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-API-KEY": "wrong"},
        {"X-API-KEY": "schlüssel".encode().decode("latin-1")},
        {"Authorization": "Basic eDp5"},
    ],
)
def test_without_a_right_key_everything_is_refused(
    sim: Simulator, anyone: httpx.Client, method: str, path: str, _status: int, headers: dict[str, str]
) -> None:
    sim.create_device(device_id="d")
    encoded = {name: value.encode("latin-1") for name, value in headers.items()}
    assert refused(ask(anyone, method, path, encoded))  # type: ignore[arg-type] # httpx takes bytes as well


@pytest.mark.parametrize(("method", "path", "_status"), OPERATIONS)
@pytest.mark.parametrize("tenant", ["other", "DEMO", "demo/", ""])
def test_a_right_key_is_refused_at_another_tenant(
    sim: Simulator, anyone: httpx.Client, method: str, path: str, _status: int, tenant: str
) -> None:
    key = sim.reset(sim.create_device(device_id="d"))["apiKey"]
    for candidate in (key, sim.api_key):
        answer = ask(anyone, method, path, {"X-API-KEY": candidate}, tenant)
        assert refused(answer) if tenant else answer.status_code == 404


def test_without_any_key_an_unknown_device_looks_like_a_known_one(anyone: httpx.Client) -> None:
    assert refused(anyone.post("/api/demo/devices/unknown/connect"))
