"""The OpenAPI document that the simulator serves: what is published, and openly what it adds."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from crewcheck_agent.simulator.media import OFFERED, TAKEN
from crewcheck_agent.simulator.values import (
    CreateDevice,
    HttpValidationProblemDetails,
    ProblemDetails,
    UpdateDevice,
)

_REQUESTS: dict[str, type[BaseModel]] = {"create": CreateDevice, "update": UpdateDevice}
_SCHEMAS: tuple[type[BaseModel], ...] = (CreateDevice, UpdateDevice, ProblemDetails, HttpValidationProblemDetails)
_PROBLEMS = {
    "list": {401: "Not authorized"},
    "create": {400: "Invalid body", 401: "Not authorized", 415: "Not JSON"},
    "get": {401: "Not authorized", 404: "No such device"},
    "update": {400: "Invalid body", 401: "Not authorized", 404: "No such device", 415: "Not JSON"},
    "delete": {401: "Not authorized", 404: "No such device"},
    "connect": {400: "The device is disabled", 401: "Not authorized", 404: "No such device"},
    "reset": {401: "Not authorized", 404: "No such device"},
}


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}


_A_PROBLEM = {"anyOf": [_ref(ProblemDetails), _ref(HttpValidationProblemDetails)]}


def document(app: FastAPI) -> dict[str, Any]:
    """The framework's document of the application, completed with what the framework cannot see."""
    made = get_openapi(
        title="CrewCheck Devices API simulator",
        version="v1",
        description="Beyond what is published: 400 and 415 for unusable bodies, 404 for unknown devices at every "
        "operation on one, a Device in the answers to create, get and update, and application/problem+json.",
        routes=app.routes,
    )
    for path in made["paths"].values():
        for operation in path.values():
            _complete(operation)
    components = made["components"]
    components["schemas"] = {
        **{name: schema for name, schema in components["schemas"].items() if "ValidationError" not in name},
        **{model.__name__: _schema_of(model) for model in _SCHEMAS},
    }
    components["securitySchemes"] = {
        "admin-bearer": {"type": "http", "scheme": "bearer"},
        "apiKey": {"type": "apiKey", "name": "X-API-KEY", "in": "header"},
    }
    made["security"] = [{"admin-bearer": []}, {"apiKey": []}]
    return made


def _schema_of(model: type[BaseModel]) -> dict[str, Any]:
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    schema.pop("$defs", None)  # the enumerations, which the answers' schemas bring along
    return schema


def _complete(operation: dict[str, Any]) -> None:
    name = operation["operationId"]
    responses = operation["responses"]
    responses.pop("422", None)  # the framework's, for path parameters that could be wrong: these cannot
    for response in responses.values():
        if "content" in response:
            response["content"] = dict.fromkeys(OFFERED, response["content"]["application/json"])
    for status, description in _PROBLEMS[name].items():
        content = {media_type: {"schema": _A_PROBLEM} for media_type in ("application/problem+json", *OFFERED)}
        responses[str(status)] = {"description": description, "content": content}
    responses["500"] = {"description": "The simulator failed, or was told to"}
    if name in _REQUESTS:
        taken = {media_type: {"schema": _ref(_REQUESTS[name])} for media_type in TAKEN}
        operation["requestBody"] = {"required": True, "content": taken}
