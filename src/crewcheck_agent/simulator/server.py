"""The simulator as a whole: a real server on a thread of this process, and the handles that tests turn."""

import contextlib
import ipaddress
import socket
from collections.abc import Iterator
from typing import Any

from fastapi import Request

from crewcheck_agent.simulator.app import build_app
from crewcheck_agent.simulator.control import Controls, Picture
from crewcheck_agent.simulator.faults import Fault, Faults
from crewcheck_agent.simulator.gate import Gate
from crewcheck_agent.simulator.journal import Journal, Seen
from crewcheck_agent.simulator.listener import Connections, Listener
from crewcheck_agent.simulator.logo import Logos
from crewcheck_agent.simulator.world import World, fresh_snapshot


class Simulator:
    """A running simulator. It listens from its construction on, until ``close``.

    Args:
        world: the devices it serves.
        host: the address to listen on.
        port: the port to listen on; 0 for any free one. It stays the same, and is kept, until ``close``.
        picture: gives what a kiosk's screen shows, as PNG, for the console; None when there is no kiosk.
        environment: the base URL that tokens and logo addresses name, instead of the one listened on.

    Raises:
        OSError: the address cannot be listened on.
    """

    def __init__(
        self,
        world: World,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        picture: Picture | None = None,
        environment: str | None = None,
    ) -> None:
        self.world = world
        self._faults = Faults()
        self._journal = Journal()
        self._logos = Logos()
        self._kept_port = _bound(host, port)
        self._address: tuple[str, int] = self._kept_port.getsockname()[:2]
        self._environment = environment
        controls = Controls(world, self._logos, self._faults, self._journal, picture)
        self._app = build_app(controls, self._base_of)
        self._listener: Listener | None = None
        try:
            self.listen_again()
        except OSError:
            self._kept_port.close()
            raise

    @property
    def environment(self) -> str:
        """The base URL it is reached at, without a slash at its end."""
        if self._environment is not None:
            return self._environment
        host, port = self._address
        address = ipaddress.ip_address(host)
        if address.is_unspecified:
            address = ipaddress.ip_address("127.0.0.1" if address.version == 4 else "::1")
        return f"http://{f'[{address}]' if address.version == 6 else address}:{port}"

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._address[1]

    @property
    def tenant_id(self) -> str:
        """The one tenant."""
        return self.world.tenant_id

    @property
    def api_key(self) -> str:
        """The operator's key."""
        return self.world.operator_key

    def stop_listening(self) -> None:
        """Be gone from the network: nothing listens, and every open connection is cut. Nothing is forgotten."""
        if self._listener:
            self._listener.close()
            self._listener = None

    def listen_again(self) -> None:
        """Be back on the same port."""
        if self._listener is None:
            listening = _bound(*self._address)
            listening.listen()
            connections = Connections()
            gate = Gate(self._app, self._journal, self._faults, connections.cut)
            self._listener = Listener(gate, listening, connections)

    def close(self) -> None:
        """Stop for good."""
        self.stop_listening()
        self._kept_port.close()

    def create_device(
        self, name: str = "Kiosk", *, description: str | None = None, device_id: str | None = None
    ) -> str:
        """Register a device, and return its id: a new one unless one is given."""
        return self.world.create(name, description, device_id).device_id

    def reset(self, device_id: str) -> dict[str, str]:
        """A fresh ``ConnectionToken`` for a device, as JSON has it; the key before stops working."""
        return {
            "deviceId": device_id,
            "tenantId": self.tenant_id,
            "apiKey": self.world.issue_key(device_id),
            "environment": self.environment,
        }

    def enable(self, device_id: str) -> None:
        """Let a device connect."""
        self.world.change(device_id, is_enabled=True)

    def disable(self, device_id: str) -> None:
        """Refuse a device with "device is disabled"."""
        self.world.change(device_id, is_enabled=False)

    def delete(self, device_id: str) -> None:
        """Forget a device and its key."""
        self.world.delete(device_id)
        self._logos.drop(device_id)

    def set_logo(self, device_id: str, body: bytes, content_type: str = "image/png") -> None:
        """Serve these bytes as the device's logo."""
        self._logos.put(device_id, body, content_type)

    def set_fault(self, **fault: Any) -> None:
        """Let something go wrong.

        Args:
            fault: the fields of ``faults.Fault``, in either spelling.
        """
        self._faults.put(Fault.model_validate(fault))

    def clear_faults(self) -> None:
        """Let everything be well again."""
        self._faults.clear()

    def requests(self, operation: str | None = None) -> list[Seen]:
        """What arrived since the start or the last ``clear_requests``, oldest first."""
        return self._journal.seen(operation)

    def wait_for_requests(self, operation: str, count: int = 1, timeout: float = 10.0) -> list[Seen]:
        """An operation's requests, as soon as so many of them have arrived.

        Raises:
            TimeoutError: they had not after ``timeout`` seconds.
        """
        return self._journal.wait_for(operation, count, timeout)

    def clear_requests(self) -> None:
        """Forget what arrived."""
        self._journal.clear()

    def _base_of(self, request: Request) -> str:
        reached_anywhere = ipaddress.ip_address(self._address[0]).is_unspecified
        host = request.headers.get("host")
        return f"http://{host}" if reached_anywhere and host and not self._environment else self.environment


@contextlib.contextmanager
def running(tenant: str = "demo", port: int = 0, picture: Picture | None = None) -> Iterator[Simulator]:
    """A simulator with a fresh tenant in this process's memory, for as long as the block lasts.

    Args:
        tenant: the tenant's id.
        port: the port on 127.0.0.1; 0 for any free one.
        picture: gives what a kiosk's screen shows, as PNG, for the console; None when there is no kiosk.
    """
    simulator = Simulator(World(fresh_snapshot(tenant)), port=port, picture=picture)
    try:
        yield simulator
    finally:
        simulator.close()


def _bound(host: str, port: int) -> socket.socket:
    """A socket that holds an address without listening: nobody else gets it, yet our own may listen there."""
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    held = socket.socket(family, kind, protocol)
    try:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(address)
    except OSError:
        held.close()
        raise
    return held
