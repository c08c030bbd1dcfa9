"""The seven operations of the Devices API.

Where nothing is published, they answer as a server of this kind would, and the served document says so: a body that
breaks its schema is a 400 that names the properties, one that is not JSON a 415, an unknown device a 404 everywhere.
Without a key, or with a key at another tenant, every answer is 401; connect tells a deleted device (404) from a wrong
key (401) once some key came along.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Annotated, Any, TypeVar
from urllib.parse import quote, unquote

from fastapi import APIRouter, Path, Request
from pydantic import AfterValidator, BaseModel, TypeAdapter, ValidationError
from starlette.responses import JSONResponse, Response

from crewcheck_agent.simulator.logo import Logos
from crewcheck_agent.simulator.media import best_of, is_json
from crewcheck_agent.simulator.problems import ProblemError, invalid_body
from crewcheck_agent.simulator.values import (
    ConnectionToken,
    ConnectResponse,
    CreateDevice,
    CrewCheckSettings,
    Device,
    DeviceType,
    UpdateDevice,
)
from crewcheck_agent.simulator.world import Kiosk, World

TenantId = Annotated[str, Path(alias="tenantId"), AfterValidator(unquote)]
DeviceId = Annotated[str, Path(alias="deviceId"), AfterValidator(unquote)]
BaseOf = Callable[[Request], str]
_Body = TypeVar("_Body", bound=BaseModel)
_DEVICES = TypeAdapter(list[Device])


class DevicesApi:
    """Answers the operations out of a world. An unknown device is left to the application to answer.

    Args:
        world: the devices.
        logos: the devices' pictures; a deleted device's is forgotten.
        base_of: the base URL that a request shall be told the simulator is reached at.
    """

    def __init__(self, world: World, logos: Logos, base_of: BaseOf) -> None:
        self._world = world
        self._logos = logos
        self._base_of = base_of

    def router(self) -> APIRouter:
        """The routes, each named like its operation."""
        router = APIRouter(tags=["Devices"])
        devices = "/api/{tenantId}/devices"
        device = f"{devices}/{{deviceId}}"

        def add(name: str, method: str, path: str, endpoint: Callable[..., Any], status: int, body: Any) -> None:
            router.add_api_route(
                path,
                endpoint,
                methods=[method],
                name=name,
                operation_id=name,
                status_code=status,
                response_model=body,
                response_class=JSONResponse if body else Response,
            )

        add("list", "GET", devices, self.list_devices, 200, list[Device])
        add("create", "POST", devices, self.create, 201, Device)
        add("get", "GET", device, self.get, 200, Device)
        add("update", "PUT", device, self.update, 200, Device)
        add("delete", "DELETE", device, self.delete, 202, None)
        add("connect", "POST", f"{device}/connect", self.connect, 200, ConnectResponse)
        add("reset", "POST", f"{device}/connections/reset", self.reset, 200, ConnectionToken)
        return router

    async def list_devices(self, request: Request, tenant_id: TenantId) -> Response:
        """Every device of the tenant, oldest first."""
        self._admit_operator(request, tenant_id)
        devices = [self._shown(request, kiosk) for kiosk in self._world.kiosks()]
        return _answer(request, _DEVICES.dump_json(devices, by_alias=True))

    async def create(self, request: Request, tenant_id: TenantId) -> Response:
        """Register a device: enabled, and without a key until its first reset."""
        self._admit_operator(request, tenant_id)
        wanted = await _body(request, CreateDevice)
        kiosk = self._world.create(wanted.name, wanted.description)
        return _answer(request, self._shown(request, kiosk), HTTPStatus.CREATED)

    async def get(self, request: Request, tenant_id: TenantId, device_id: DeviceId) -> Response:
        """One device."""
        self._admit_operator(request, tenant_id)
        return _answer(request, self._shown(request, self._world.kiosk(device_id)))

    async def update(self, request: Request, tenant_id: TenantId, device_id: DeviceId) -> Response:
        """Replace the properties that are sent; the others stay."""
        self._admit_operator(request, tenant_id)
        wanted = await _body(request, UpdateDevice)
        kiosk = self._world.change(device_id, **wanted.model_dump(exclude_unset=True))
        return _answer(request, self._shown(request, kiosk))

    async def delete(self, request: Request, tenant_id: TenantId, device_id: DeviceId) -> Response:
        """Forget a device; its key stops working."""
        self._admit_operator(request, tenant_id)
        self._world.delete(device_id)
        self._logos.drop(device_id)
        return Response(None, HTTPStatus.ACCEPTED)

    async def connect(self, request: Request, tenant_id: TenantId, device_id: DeviceId) -> Response:
        """What a kiosk asks, with its own key."""
        key = request.headers.get("x-api-key")
        if not key or tenant_id != self._world.tenant_id:
            raise _unauthorized()
        kiosk = self._world.kiosk(device_id)
        if not self._world.is_key_of(kiosk, key):
            raise _unauthorized()
        if not kiosk.is_enabled:
            raise ProblemError(400, "An operator has disabled this device.", title="Device is disabled")
        return _answer(request, ConnectResponse(settings=self._settings(request, device_id)))

    async def reset(self, request: Request, tenant_id: TenantId, device_id: DeviceId) -> Response:
        """A fresh key for a device, inside the token that the kiosk is to scan."""
        self._admit_operator(request, tenant_id)
        token = ConnectionToken(
            device_id=device_id,
            tenant_id=tenant_id,
            api_key=self._world.issue_key(device_id),
            environment=self._base_of(request),
        )
        return _answer(request, token)

    def _admit_operator(self, request: Request, tenant_id: str) -> None:
        keys = (request.headers.get("x-api-key"), _bearer(request.headers))
        if not any(self._world.is_operator(tenant_id, key) for key in keys if key):
            raise _unauthorized()

    def _shown(self, request: Request, kiosk: Kiosk) -> Device:
        return Device(
            device_id=kiosk.device_id,
            name=kiosk.name,
            description=kiosk.description,
            is_enabled=kiosk.is_enabled,
            type=DeviceType.CREW_CHECK,
            settings=self._settings(request, kiosk.device_id),
        )

    def _settings(self, request: Request, device_id: str) -> CrewCheckSettings:
        return CrewCheckSettings(logo_url=f"{self._base_of(request)}/_sim/devices/{quote(device_id, safe='')}/logo")


def _unauthorized() -> ProblemError:
    return ProblemError(401, "The credentials are missing, or not good for this.")


def _bearer(headers: Mapping[str, str]) -> str | None:
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    return credentials.strip() if scheme.lower() == "bearer" else None


async def _body(request: Request, model: type[_Body]) -> _Body:
    if not is_json(request.headers.get("content-type", "")):
        raise ProblemError(415, "Send the body as application/json.")
    try:
        return model.model_validate_json(await request.body())
    except ValidationError as error:
        raise invalid_body(error) from error


def _answer(request: Request, body: BaseModel | bytes, status: int = HTTPStatus.OK) -> Response:
    content = body if isinstance(body, bytes) else body.model_dump_json(by_alias=True).encode()
    chosen = best_of(request.headers.get("accept", "*/*"))
    return Response(content, status, {"Content-Type": f"{chosen}; charset=utf-8"})
