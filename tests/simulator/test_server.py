"""The simulator inside another program."""

import asyncio
import socket
import threading
from typing import Any

import httpx
import pytest
from starlette.requests import Request

from crewcheck_agent.simulator.guard import admit_this_machine_only
from crewcheck_agent.simulator.listener import Connections
from crewcheck_agent.simulator.problems import ProblemError
from crewcheck_agent.simulator.server import Simulator, running
from crewcheck_agent.simulator.world import DeviceExistsError, UnknownDeviceError, World, fresh_snapshot


def test_it_is_where_it_says(sim: Simulator) -> None:
    assert sim.tenant_id == "demo"
    answer = httpx.get(f"{sim.environment}/api/demo/devices", headers={"X-API-KEY": sim.api_key})
    assert answer.status_code == 200


def test_two_simulators_share_nothing() -> None:
    with running("one") as one, running("two") as two:
        assert one.environment != two.environment
        assert one.api_key != two.api_key
        assert (one.tenant_id, two.tenant_id) == ("one", "two")


def test_a_lost_network_cuts_open_connections_and_comes_back_with_everything(sim: Simulator) -> None:
    device_id = sim.create_device()
    environment = sim.environment
    url, headers = f"{environment}/api/demo/devices/{device_id}", {"X-API-KEY": sim.api_key}
    with httpx.Client(headers=headers) as client:
        assert client.get(url).status_code == 200
        sim.stop_listening()
        sim.stop_listening()
        for _ in range(2):
            with pytest.raises(httpx.TransportError):
                client.get(url)
        sim.listen_again()
        sim.listen_again()
        assert sim.environment == environment
        assert client.get(url).json()["deviceId"] == device_id


def test_a_lost_network_ends_a_request_that_hangs(sim: Simulator) -> None:
    sim.set_fault(operation="list", delay=3600.0)
    outcomes: list[type[Exception]] = []

    def ask() -> None:
        try:
            httpx.get(f"{sim.environment}/api/demo/devices", timeout=60)
        except httpx.TransportError as error:
            outcomes.append(type(error))

    asking = threading.Thread(target=ask)
    asking.start()
    sim.wait_for_requests("list")
    sim.stop_listening()
    asking.join(10)
    sim.listen_again()
    assert len(outcomes) == 1
    assert [seen.status for seen in sim.requests("list")] == [None]


def test_while_the_network_is_lost_nobody_else_gets_the_port(sim: Simulator) -> None:
    port = int(sim.environment.rpartition(":")[2])
    sim.stop_listening()
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind(("127.0.0.1", port))
    sim.listen_again()


def test_afterwards_the_port_is_free() -> None:
    with running() as sim:
        port = int(sim.environment.rpartition(":")[2])
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))


def test_a_port_in_use_is_an_error(sim: Simulator) -> None:
    port = int(sim.environment.rpartition(":")[2])
    with pytest.raises(OSError, match="in use"), running(port=port):
        pytest.fail("it must not run")  # pragma: no cover


def test_a_port_that_somebody_takes_at_the_last_moment_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Simulator, "listen_again", _nobody_may_listen)
    with pytest.raises(OSError, match="too late"), running():
        pytest.fail("it must not run")  # pragma: no cover


def _nobody_may_listen(_self: Simulator) -> None:
    raise OSError("too late")


@pytest.mark.parametrize(
    ("host", "shown", "reached", "told"),
    [
        ("127.0.0.1", "127.0.0.1", "localhost", "127.0.0.1"),
        ("0.0.0.0", "127.0.0.1", "localhost", "localhost"),
        ("::1", "[::1]", "[::1]", "[::1]"),
        ("::", "[::1]", "[::1]", "[::1]"),
    ],
)
def test_tokens_name_the_address_that_the_simulator_is_reached_at(
    host: str, shown: str, reached: str, told: str
) -> None:
    sim = Simulator(World(fresh_snapshot("demo")), host=host)
    try:
        port = sim.environment.rpartition(":")[2]
        assert sim.environment == f"http://{shown}:{port}"
        sim.create_device(device_id="d")
        url = f"http://{shown}:{port}/api/demo/devices/d/connections/reset"
        headers = {"X-API-KEY": sim.api_key, "Host": f"{reached}:{port}"}  # not every machine resolves `localhost`
        answer = httpx.post(url, headers=headers)
        assert answer.json()["environment"] == f"http://{told}:{port}"
    finally:
        sim.close()


def test_a_given_environment_is_what_tokens_name() -> None:
    sim = Simulator(World(fresh_snapshot("demo")), host="0.0.0.0", environment="https://sim.example")
    port = sim._address[1]
    try:
        device_id = sim.create_device()
        assert sim.environment == sim.reset(device_id)["environment"] == "https://sim.example"
        headers = {"X-API-KEY": sim.api_key}
        (device,) = httpx.get(f"http://127.0.0.1:{port}/api/demo/devices", headers=headers).json()
        assert device["settings"]["logoUrl"] == f"https://sim.example/_sim/devices/{device_id}/logo"
    finally:
        sim.close()


def test_the_world_minds_its_ids(sim: Simulator) -> None:
    sim.create_device(device_id="d")
    with pytest.raises(DeviceExistsError):
        sim.create_device(device_id="d")
    for act in (sim.delete, sim.disable, sim.enable, sim.reset):
        with pytest.raises(UnknownDeviceError):
            act("nobody")


def test_no_key_shows_in_what_is_printed_while_debugging(sim: Simulator) -> None:
    assert sim.api_key not in repr(fresh_snapshot("demo")) + repr(sim) + repr(sim.world)


@pytest.mark.parametrize(
    ("client", "server", "welcome"),
    [
        (("127.0.0.1", 1), ("127.0.0.1", 80), True),
        (("192.0.2.1", 1), ("192.0.2.1", 80), True),
        (("192.0.2.2", 1), ("192.0.2.1", 80), False),
        (None, None, False),
    ],
)
def test_the_console_answers_to_this_machine_alone(
    client: tuple[str, int] | None,
    server: tuple[str, int] | None,
    welcome: bool,  # noqa: FBT001 # a table's column
) -> None:
    host = (server or ("127.0.0.1",))[0].encode()
    scope: dict[str, Any] = {"type": "http", "scheme": "http", "path": "/", "query_string": b""}
    request = Request({**scope, "client": client, "server": server, "headers": [(b"host", host)]})
    if welcome:
        admit_this_machine_only(request)
    else:
        with pytest.raises(ProblemError, match="only on the machine"):
            admit_this_machine_only(request)


def test_a_connection_that_arrives_while_closing_is_cut_and_strangers_are_left_alone() -> None:
    async def story() -> None:
        connections = Connections()
        ours, theirs = socket.socketpair(socket.AF_UNIX)
        with theirs:
            transport, _ = await asyncio.get_running_loop().create_connection(asyncio.Protocol, sock=ours)
            named = _Named(transport)
            connections.cut_all()
            connections.opened(named)
            assert transport.is_closing()
            connections.cut(("192.0.2.1", 1))
            connections.lost(named)
            connections.lost(named)
            await asyncio.sleep(0)

    asyncio.run(story())


class _Named(asyncio.Transport):
    """A transport that has a TCP peer's name."""

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__({"peername": ("192.0.2.9", 9)})
        self._transport = transport

    def abort(self) -> None:
        self._transport.abort()
