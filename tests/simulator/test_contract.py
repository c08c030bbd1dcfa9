"""The simulator keeps the contract: its own document says so, and its real answers do."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest

from crewcheck_agent.simulator.server import Simulator

CONTRACT = json.loads(Path(__file__).with_name("contract.json").read_text())
ADDED = CONTRACT["additions"]
NAMES = sorted(CONTRACT["operations"])
PROSE = ("title", "description", "summary")


@pytest.fixture
def served(anyone: httpx.Client) -> dict[str, Any]:
    document = anyone.get("/openapi.json").json()
    assert isinstance(document, dict)
    return document


def plain(schema: Any) -> Any:
    """A schema without prose, and with one spelling for what has several."""
    if isinstance(schema, list):
        return [plain(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return {"$ref": schema["$ref"].rpartition("/")[2]}
    known = {key: plain(value) for key, value in schema.items() if key not in PROSE or isinstance(value, dict)}
    if "const" in known:
        known["enum"] = [known.pop("const")]
    choices = known.get("anyOf", [])
    if {"type": "null"} in choices:
        del known["anyOf"]
        (choice,) = (choice for choice in choices if choice != {"type": "null"})
        known |= {**choice, "type": sorted([choice["type"], "null"])}
    return known


def operation_in(served: dict[str, Any], name: str) -> dict[str, Any]:
    promised = CONTRACT["operations"][name]
    operation = served["paths"][promised["path"]][promised["method"]]
    assert isinstance(operation, dict)
    return operation


def expected_answers(name: str) -> dict[str, Any]:
    return {**CONTRACT["operations"][name]["answers"], **ADDED["answers"].get(name, {})}


def resolved(schema: Any) -> Any:
    """A schema of the statement, fit for a validator."""
    definitions = json.loads(json.dumps(CONTRACT["schemas"]).replace('"$ref": "', '"$ref": "#/$defs/'))
    return {**json.loads(json.dumps(schema).replace('"$ref": "', '"$ref": "#/$defs/')), "$defs": definitions}


def test_the_paths_and_methods_are_the_promised_ones(served: dict[str, Any]) -> None:
    here = {(path, method) for path, methods in served["paths"].items() for method in methods}
    assert here == {(one["path"], one["method"]) for one in CONTRACT["operations"].values()}


@pytest.mark.parametrize("name", NAMES)
def test_the_path_parameters_are_the_promised_ones(served: dict[str, Any], name: str) -> None:
    parameters = operation_in(served, name)["parameters"]
    assert sorted(one["name"] for one in parameters) == CONTRACT["parameters"][CONTRACT["operations"][name]["path"]]
    for one in parameters:
        assert (one["in"], one["required"], plain(one["schema"])) == ("path", True, {"type": "string"})


@pytest.mark.parametrize("name", NAMES)
def test_the_request_body_is_the_promised_one(served: dict[str, Any], name: str) -> None:
    schema = CONTRACT["operations"][name]["request"]
    body = operation_in(served, name).get("requestBody")
    assert (body is None) == (schema is None)
    assert (name in ADDED["requiredBodies"]) == bool(body and body["required"])
    if body:
        content = {media_type: plain(one["schema"]) for media_type, one in body["content"].items()}
        assert content == dict.fromkeys(CONTRACT["requestMediaTypes"], schema)


@pytest.mark.parametrize("name", NAMES)
def test_the_answers_are_the_promised_ones_and_the_declared_additions(served: dict[str, Any], name: str) -> None:
    here = operation_in(served, name)["responses"]
    expected = expected_answers(name)
    assert sorted(here) == sorted(expected)
    for status, schema in expected.items():
        media_types = [*CONTRACT["answerMediaTypes"], *(ADDED["problemMediaTypes"] if status >= "400" else [])]
        promised = schema or {}
        if promised == {"$ref": "Problem"}:
            promised = CONTRACT["schemas"]["Problem"]
        content = {kind: plain(one["schema"]) for kind, one in here[status].get("content", {}).items()}
        assert content == (dict.fromkeys(media_types, promised) if schema else {}), status


def test_the_schemas_are_the_promised_ones(served: dict[str, Any]) -> None:
    promised = {name: schema for name, schema in CONTRACT["schemas"].items() if name != "Problem"}
    assert plain(served["components"]["schemas"]) == promised


def test_the_ways_to_authenticate_are_the_promised_ones(served: dict[str, Any]) -> None:
    schemes = served["components"]["securitySchemes"]
    assert schemes["apiKey"] == {"type": "apiKey", "name": "X-API-KEY", "in": "header"}
    assert served["security"] == [{"admin-bearer": []}, {"apiKey": []}]


def test_no_addition_contradicts_a_promise() -> None:
    for name, answers in ADDED["answers"].items():
        for status in answers:
            assert CONTRACT["operations"][name]["answers"].get(status) is None


# ---- real answers ----

Ask = Callable[[Simulator, httpx.Client], httpx.Response]
DEVICES = "/api/demo/devices"


def connect(sim: Simulator, client: httpx.Client) -> httpx.Response:
    return client.post(f"{DEVICES}/d/connect", headers={"X-API-KEY": sim.reset("d")["apiKey"]})


def disabled_connect(sim: Simulator, client: httpx.Client) -> httpx.Response:
    sim.disable("d")
    return connect(sim, client)


def without_key(method: str, path: str) -> Ask:
    return lambda sim, client: client.request(method, path, json={}, headers={"X-API-KEY": ""})


ANSWERS: list[tuple[str, int, Ask]] = [
    ("list", 200, lambda sim, client: client.get(DEVICES)),
    ("list", 401, without_key("GET", DEVICES)),
    ("create", 201, lambda sim, client: client.post(DEVICES, json={"name": "new"})),
    ("create", 400, lambda sim, client: client.post(DEVICES, json={"name": 1, "x": 2})),
    ("create", 401, without_key("POST", DEVICES)),
    ("create", 415, lambda sim, client: client.post(DEVICES, content=b"name=new")),
    ("get", 200, lambda sim, client: client.get(f"{DEVICES}/d")),
    ("get", 401, without_key("GET", f"{DEVICES}/d")),
    ("get", 404, lambda sim, client: client.get(f"{DEVICES}/x")),
    ("update", 200, lambda sim, client: client.put(f"{DEVICES}/d", json={"description": None})),
    ("update", 400, lambda sim, client: client.put(f"{DEVICES}/d", json={"isEnabled": None})),
    ("update", 401, without_key("PUT", f"{DEVICES}/d")),
    ("update", 404, lambda sim, client: client.put(f"{DEVICES}/x", json={})),
    ("update", 415, lambda sim, client: client.put(f"{DEVICES}/d", content=b"{}")),
    ("delete", 202, lambda sim, client: client.delete(f"{DEVICES}/d")),
    ("delete", 401, without_key("DELETE", f"{DEVICES}/d")),
    ("delete", 404, lambda sim, client: client.delete(f"{DEVICES}/x")),
    ("connect", 200, connect),
    ("connect", 400, disabled_connect),
    ("connect", 401, lambda sim, client: client.post(f"{DEVICES}/d/connect")),
    ("connect", 404, lambda sim, client: client.post(f"{DEVICES}/x/connect")),
    ("reset", 200, lambda sim, client: client.post(f"{DEVICES}/d/connections/reset")),
    ("reset", 401, without_key("POST", f"{DEVICES}/d/connections/reset")),
    ("reset", 404, lambda sim, client: client.post(f"{DEVICES}/x/connections/reset")),
]


@pytest.mark.parametrize(("name", "status", "ask"), ANSWERS)
def test_a_real_answer_is_valid_and_whole(
    sim: Simulator, operator: httpx.Client, name: str, status: int, ask: Ask
) -> None:
    sim.create_device(device_id="d")
    answer = ask(sim, operator)
    assert answer.status_code == status
    schema = expected_answers(name)[str(status)]
    if schema is None:
        assert answer.content == b""
        return
    body = answer.json()
    jsonschema_rs.validator_for(resolved(schema), validate_formats=True).validate(body)
    if status < 400:
        named = schema.get("items", schema)["$ref"]
        for whole in body if isinstance(body, list) else [body]:
            assert sorted(whole) == sorted(CONTRACT["schemas"][named]["properties"])


def test_every_declared_answer_was_seen_but_the_simulators_own_failure() -> None:
    declared = {(name, int(status)) for name in NAMES for status in expected_answers(name)}
    assert {(name, status) for name, status, _ in ANSWERS} == {one for one in declared if one[1] != 500}
