"""What every request passes on its way in: it is noted in the journal, and spoilt by a fault if there is one."""

import asyncio
from collections.abc import Callable
from email.utils import formatdate
from urllib.parse import quote

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crewcheck_agent.simulator.faults import Fault, Faults
from crewcheck_agent.simulator.journal import Journal
from crewcheck_agent.simulator.operations import operation_of
from crewcheck_agent.simulator.problems import ProblemError

Drop = Callable[[tuple[str, int]], None]


class _GoneError(Exception):
    """The connection is closed: there is nobody left to answer."""


class Gate:
    """An ASGI application around the real one.

    Paths travel on still percent-encoded, so that an id may hold a slash; the routes decode them.

    Args:
        app: the real application.
        journal: where requests are noted, other than those to the simulator's own controls.
        faults: what shall go wrong.
        drop: closes a client's connection at once, given its address and port.
    """

    def __init__(self, app: ASGIApp, journal: Journal, faults: Faults, drop: Drop) -> None:
        self._app = app
        self._journal = journal
        self._faults = faults
        self._drop = drop

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        path = scope["raw_path"].decode("ascii", "replace") if scope.get("raw_path") else quote(scope["path"])
        scope = {**scope, "path": path}
        operation = operation_of(scope["method"], path)
        send = _dated(send)
        if operation is None and (path == "/" or path.startswith("/_sim/")):
            await self._app(scope, receive, send)
            return
        number = self._journal.arrived(scope["method"], path, operation, Headers(scope=scope))

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._journal.answered(number, message["status"])
            await send(message)

        fault = self._faults.take(operation)
        if fault is None:
            await self._app(scope, receive, noted)
            return
        try:
            await _Spoilt(fault, scope, receive, noted, self._drop).serve(self._app)
        except _GoneError:
            return


def _dated(send: Send) -> Send:
    async def send_dated(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(raw=message["headers"]).setdefault("Date", formatdate(usegmt=True))
        await send(message)

    return send_dated


class _Spoilt:
    """One request that a fault befalls."""

    def __init__(self, fault: Fault, scope: Scope, receive: Receive, send: Send, drop: Drop) -> None:
        self._fault = fault
        self._scope = scope
        self._receive = receive
        self._send = send
        self._drop = drop

    async def serve(self, app: ASGIApp) -> None:
        """Do to the request what the fault says.

        Raises:
            _GoneError: the connection was closed, by the fault or by the client.
        """
        question = await self._whole_request()
        await self._pause(self._fault.delay)
        if self._fault.drop:
            await self._hang_up()
        answer = app if self._fault.status is None and self._fault.body is None else self._made_up_answer()

        async def replay() -> Message:
            return question.pop() if question else await self._receive()

        await answer(self._scope, replay, self._spoil)

    def _made_up_answer(self) -> Response:
        status = self._fault.status or 200
        if self._fault.body is not None:
            return Response(self._fault.body, status, media_type="text/html")
        if status < 400:
            return Response(None, status)
        return ProblemError(status, "The simulator was told to answer so.").response()

    async def _spoil(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=message["headers"])
            headers.update(self._fault.replaced_headers())
            await self._send(message)
            return
        body = message.get("body", b"")
        if self._fault.cut is not None and len(body) > self._fault.cut:  # every answer's body comes in one piece
            await self._send_body(body[: self._fault.cut])
            await self._hang_up()
        await self._send_body(body)
        await self._send({**message, "body": b""})

    async def _send_body(self, body: bytes) -> None:
        step = 1 if self._fault.drip else max(len(body), 1)
        for start in range(0, len(body), step):
            await self._pause(self._fault.drip)
            part = body[start : start + step]
            await self._send({"type": "http.response.body", "body": part, "more_body": True})

    async def _whole_request(self) -> list[Message]:
        body = b""
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise _GoneError
            body += message.get("body", b"")
            if not message.get("more_body", False):
                return [{"type": "http.request", "body": body, "more_body": False}]

    async def _pause(self, seconds: float) -> None:
        if not seconds:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._until_gone()
        except TimeoutError:
            return

    async def _hang_up(self) -> None:
        self._drop(self._scope["client"])
        await self._until_gone()

    async def _until_gone(self) -> None:
        await self._receive()  # after a whole request there is nothing to receive but the disconnect
        raise _GoneError
