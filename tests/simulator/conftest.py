import ssl
from collections.abc import Iterator

import httpx
import pytest

from crewcheck_agent.simulator.server import Simulator, running

NO_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # loading the usual ones takes 70 ms per client


@pytest.fixture(scope="module")
def _running() -> Iterator[Simulator]:
    with running() as simulator:
        yield simulator


@pytest.fixture
def sim(_running: Simulator) -> Iterator[Simulator]:
    """A running simulator without devices, faults or memories of requests."""
    yield _running
    _running.clear_faults()
    _running.clear_requests()
    for kiosk in _running.world.kiosks():
        _running.delete(kiosk.device_id)


@pytest.fixture
def operator(sim: Simulator) -> Iterator[httpx.Client]:
    """An operator's client: JSON, and the operator's key."""
    headers = {"X-API-KEY": sim.api_key, "Accept": "application/json"}
    with httpx.Client(base_url=sim.environment, headers=headers, verify=NO_AUTHORITIES) as client:
        yield client


@pytest.fixture
def anyone(sim: Simulator) -> Iterator[httpx.Client]:
    """A client without any key."""
    with httpx.Client(base_url=sim.environment, verify=NO_AUTHORITIES) as client:
        yield client
