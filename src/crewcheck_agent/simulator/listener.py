"""A web server on a thread, whose connections can be cut."""

import asyncio
import socket
import threading

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

Client = tuple[str, int]


class Connections:
    """The open connections of a server. Used on its event loop only."""

    def __init__(self) -> None:
        self._open: dict[Client, asyncio.Transport] = {}
        self._closed = False

    def opened(self, transport: asyncio.Transport) -> None:
        """Know a connection, or cut it when none is wanted any more."""
        self._open[_client_of(transport)] = transport
        if self._closed:
            transport.abort()

    def lost(self, transport: asyncio.Transport) -> None:
        """Forget a connection."""
        self._open.pop(_client_of(transport), None)

    def cut(self, client: Client) -> None:
        """Close a client's connection at once."""
        if client in self._open:
            self._open[client].abort()

    def cut_all(self) -> None:
        """Close every connection at once, and every new one from now on."""
        self._closed = True
        for transport in self._open.values():
            transport.abort()


def _client_of(transport: asyncio.Transport) -> Client:
    host, port = transport.get_extra_info("peername")[:2]
    return host, port


def _watched_by(connections: Connections) -> type[asyncio.Protocol]:
    class Watched(H11Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            assert isinstance(transport, asyncio.Transport)  # noqa: S101 # what a TCP server is given
            super().connection_made(transport)
            connections.opened(transport)

        def connection_lost(self, exc: Exception | None) -> None:
            connections.lost(self.transport)
            super().connection_lost(exc)

    return Watched


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, connections: Connections) -> None:
        super().__init__(config)
        self._connections = connections
        self.up = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        self._connections.cut_all()
        await asyncio.sleep(0)  # lets the connections notice
        await super().shutdown(sockets)


class Listener:
    """Serves an application on a listening socket until it is closed."""

    def __init__(self, app: ASGIApp, listening: socket.socket, connections: Connections) -> None:
        config = uvicorn.Config(
            app,
            http=_watched_by(connections),
            loop="asyncio",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            date_header=False,  # the gate dates answers, so that a fault may date them wrongly
            server_header=False,
            timeout_graceful_shutdown=1,
        )
        self._server = _Server(config, connections)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [listening]}, name="simulator", daemon=True
        )
        self._thread.start()
        self._server.up.wait()  # told to exit any sooner, it would leave the socket open

    def close(self) -> None:
        """Close the socket and every connection, finished or not."""
        self._server.should_exit = True
        self._thread.join()
