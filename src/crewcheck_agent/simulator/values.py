"""What travels over the wire: the bodies of the Devices API, as strict as its published schemas.

Nothing but ``logoUrl`` is listed as required in what is published, so nothing else is here; what the
simulator sends always carries every property.
"""

import enum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


def _as_published(schema: dict[str, Any]) -> None:
    """Keep of a generated schema only the keywords that the published ones have."""
    schema.pop("title", None)
    schema.pop("description", None)
    schema.pop("required", None)
    for name in schema["properties"]:
        schema["properties"][name].pop("title", None)
        schema["properties"][name].pop("default", None)


class _Body(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel,
        extra="forbid",
        frozen=True,
        json_schema_extra=_as_published,
        populate_by_name=True,
        strict=True,
    )


class DeviceType(enum.StrEnum):
    """The kinds of device the service knows."""

    CREW_CHECK = "CrewCheck"


class CreateDevice(_Body):
    """What an operator sends to register a device."""

    type: DeviceType = DeviceType.CREW_CHECK
    name: str = ""
    description: str | None = None


class UpdateDevice(_Body):
    """What an operator sends to change a device: properties that are left out stay as they are."""

    name: str = ""
    description: str | None = None
    is_enabled: bool = True


class CrewCheckSettings(_Body):
    """What a CrewCheck kiosk needs to know."""

    model_config = ConfigDict(json_schema_extra=lambda schema: schema.update(required=["logoUrl"]))

    logo_url: str


class Device(_Body):
    """A registered device, as operators see it."""

    device_id: str
    name: str
    description: str | None
    is_enabled: bool
    type: DeviceType
    settings: CrewCheckSettings


class ConnectResponse(_Body):
    """The answer to a kiosk that may connect."""

    settings: CrewCheckSettings


class ConnectionToken(_Body):
    """What a kiosk needs in order to connect, the key included: worth as much as a password."""

    device_id: str
    tenant_id: str
    api_key: str
    environment: Annotated[str, Field(json_schema_extra={"format": "uri"})]


class ProblemDetails(_Body):
    """An RFC 9457 problem."""

    model_config = ConfigDict(extra="allow")

    type: str | None = None
    title: str | None = None
    status: Annotated[int | None, Field(json_schema_extra={"format": "int32"})] = None
    detail: str | None = None
    instance: str | None = None


class HttpValidationProblemDetails(ProblemDetails):
    """An RFC 9457 problem that says which properties of a body are wrong, and why."""

    errors: dict[str, list[str]] = {}
