"""RFC 9457 problems: how the simulator says no, in the manner of the service's own framework."""

from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from crewcheck_agent.simulator.values import HttpValidationProblemDetails, ProblemDetails
from crewcheck_agent.simulator.world import UnknownDeviceError

_MEDIA_TYPE = "application/problem+json"
_SECTIONS = {400: "15.5.1", 401: "15.5.2", 403: "15.5.4", 404: "15.5.5", 405: "15.5.6", 415: "15.5.16"}


class ProblemError(Exception):
    """A request that ends in a problem. The application answers it with ``response()``."""

    def __init__(
        self, status: int, detail: str, *, title: str = "", errors: dict[str, list[str]] | None = None
    ) -> None:
        super().__init__(detail)
        self._status = status
        self._detail = detail
        self._title = title or _phrase(status)
        self._errors = errors

    def response(self, headers: Mapping[str, str] | None = None) -> Response:
        """The problem as an answer: ``application/problem+json``."""
        return Response(self.body(), self._status, {**(headers or {}), **self._challenge()}, _MEDIA_TYPE)

    def body(self) -> bytes:
        """The problem's JSON."""
        said = {
            "type": f"https://www.rfc-editor.org/rfc/rfc9110#section-{_SECTIONS[self._status]}"
            if self._status in _SECTIONS
            else "about:blank",
            "title": self._title,
            "status": self._status,
            "detail": self._detail,
        }
        if self._errors is None:
            return ProblemDetails.model_validate(said).model_dump_json(exclude_unset=True).encode()
        details = HttpValidationProblemDetails.model_validate({**said, "errors": self._errors})
        return details.model_dump_json(exclude_unset=True).encode()

    def _challenge(self) -> dict[str, str]:
        return {"WWW-Authenticate": "Bearer"} if self._status == HTTPStatus.UNAUTHORIZED else {}


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"Status {status}"


def invalid_body(error: ValidationError) -> ProblemError:
    """The 400 for a JSON body that breaks its schema: every wrong property with its reason."""
    errors: dict[str, list[str]] = {}
    for wrong in error.errors(include_url=False, include_input=False, include_context=False):
        place = "$" + "".join(f".{step}" for step in wrong["loc"])
        errors.setdefault(place, []).append(wrong["msg"])
    title = "One or more validation errors occurred."
    return ProblemError(400, "The request body does not match its schema.", title=title, errors=errors)


def answer_with_problems(app: FastAPI) -> None:
    """Make every error of the application a problem: unknown devices, and the framework's own (404, 405)."""

    @app.exception_handler(ProblemError)
    async def ours(_request: Request, error: ProblemError) -> Response:
        return error.response()

    @app.exception_handler(UnknownDeviceError)
    async def unknown_device(_request: Request, _error: UnknownDeviceError) -> Response:
        return ProblemError(404, "No device has this identifier.", title="Device not found").response()

    @app.exception_handler(HTTPException)
    async def the_framework_s(_request: Request, error: HTTPException) -> Response:
        return ProblemError(error.status_code, str(error.detail)).response(error.headers)
