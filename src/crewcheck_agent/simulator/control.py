"""The simulator's own controls under ``/_sim``, and its console page."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import segno
from fastapi import APIRouter, Depends, Request
from pydantic import ValidationError
from starlette.responses import JSONResponse, Response

from crewcheck_agent.simulator.api import DeviceId
from crewcheck_agent.simulator.artwork import demo_logo
from crewcheck_agent.simulator.faults import Fault, Faults
from crewcheck_agent.simulator.guard import admit_this_machine_only
from crewcheck_agent.simulator.journal import Journal
from crewcheck_agent.simulator.logo import Logos
from crewcheck_agent.simulator.problems import ProblemError, invalid_body
from crewcheck_agent.simulator.world import World

Picture = Callable[[], bytes | None]
_PAGE_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True)
class Controls:
    """What can be seen and set from outside while the simulator runs.

    Attributes:
        picture: gives what the kiosk's screen shows, as PNG; None when there is no kiosk to look at.
    """

    world: World
    logos: Logos
    faults: Faults
    journal: Journal
    picture: Picture | None = None

    def router(self) -> APIRouter:
        """The routes. All but the logo itself answer on this machine only."""
        open_to_all = APIRouter(include_in_schema=False)
        open_to_all.add_api_route("/_sim/devices/{deviceId}/logo", self.logo, methods=["GET"])
        local = APIRouter(include_in_schema=False, dependencies=[Depends(admit_this_machine_only)])
        for method, path, endpoint in (
            ("PUT", "/_sim/devices/{deviceId}/logo", self.put_logo),
            ("GET", "/_sim/devices/{deviceId}/preview", self.logo),
            ("GET", "/_sim/faults", self.show_faults),
            ("PUT", "/_sim/faults", self.put_fault),
            ("DELETE", "/_sim/faults", self.clear_faults),
            ("GET", "/_sim/requests", self.show_requests),
            ("DELETE", "/_sim/requests", self.clear_requests),
            ("GET", "/_sim/session", self.session),
            ("POST", "/_sim/qr", self.qr_code),
            ("GET", "/_sim/kiosk.png", self.kiosk_picture),
            ("GET", "/_sim/icon.svg", self.icon),
            ("GET", "/_sim/console.css", self.style),
            ("GET", "/_sim/console.js", self.script),
            ("GET", "/", self.page),
        ):
            local.add_api_route(path, endpoint, methods=[method], response_model=None)
        open_to_all.include_router(local)
        return open_to_all

    async def logo(self, request: Request, device_id: DeviceId) -> Response:
        """What the device's ``logoUrl`` serves. No key is asked for."""
        self.world.kiosk(device_id)
        return self.logos.of(device_id).answer(request.headers)

    async def put_logo(self, request: Request, device_id: DeviceId) -> Response:
        """Serve the body from now on, whatever it is, under its Content-Type."""
        self.world.kiosk(device_id)
        content_type = request.headers.get("content-type", "application/octet-stream")
        self.logos.put(device_id, await request.body(), content_type)
        return Response(None, 204)

    async def show_faults(self) -> Response:
        """The faults that still lie ahead."""
        return _json({"faults": [_as_json(fault) for fault in self.faults.now()]})

    async def put_fault(self, request: Request) -> Response:
        """Set a fault; answers as ``show_faults``."""
        try:
            self.faults.put(Fault.model_validate_json(await request.body()))
        except ValidationError as error:
            raise invalid_body(error) from error
        return await self.show_faults()

    async def clear_faults(self) -> Response:
        """End all faults."""
        self.faults.clear()
        return Response(None, 204)

    async def show_requests(self) -> Response:
        """What arrived, oldest first."""
        return _json([seen.as_json() for seen in self.journal.seen()])

    async def clear_requests(self) -> Response:
        """Forget what arrived."""
        self.journal.clear()
        return Response(None, 204)

    async def session(self) -> Response:
        """What the console page needs in order to speak with the API, the operator's key included.

        And a number that changes whenever a device does.
        """
        return _json(
            {
                "tenantId": self.world.tenant_id,
                "apiKey": self.world.operator_key,
                "hasKiosk": self.picture is not None,
                "revision": self.world.revision,
            }
        )

    async def qr_code(self, request: Request) -> Response:
        """The body's text as a QR code, in SVG."""
        text = await request.body()
        if not text:
            raise ProblemError(400, "Send the text that the QR code shall hold.")
        try:
            code = segno.make_qr(text, error="m")
        except segno.DataOverflowError as error:
            raise ProblemError(400, "This does not fit into a QR code.") from error
        svg = io.BytesIO()
        code.save(svg, kind="svg", scale=8, border=4, dark="#000", light="#fff", xmldecl=False)
        return Response(svg.getvalue(), headers=_PAGE_HEADERS, media_type="image/svg+xml")

    def kiosk_picture(self) -> Response:
        """What the kiosk's screen shows now."""
        png = self.picture() if self.picture else None
        if png is None:
            raise ProblemError(404, "There is no picture of a kiosk's screen.")
        return Response(png, headers=_PAGE_HEADERS, media_type="image/png")

    async def icon(self) -> Response:
        """The console's mark."""
        return Response(demo_logo(), headers=_PAGE_HEADERS, media_type="image/svg+xml")

    async def style(self) -> Response:
        """The console's style sheet."""
        return _file("console.css", "text/css")

    async def script(self) -> Response:
        """The console's program."""
        return _file("console.js", "text/javascript")

    async def page(self) -> Response:
        """The console."""
        return _file("console.html", "text/html")


def _file(name: str, media_type: str) -> Response:
    content = files("crewcheck_agent.simulator").joinpath(name).read_bytes()
    return Response(content, headers=_PAGE_HEADERS, media_type=media_type)


def _json(content: Any) -> Response:
    return JSONResponse(content, headers=_PAGE_HEADERS)


def _as_json(fault: Fault) -> dict[str, Any]:
    return fault.model_dump(by_alias=True, exclude_defaults=True)
