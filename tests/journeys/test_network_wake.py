"""The cable comes back: the kiosk does not sit its back-off out. In a network of its own, with a cable to pull."""

import os
import subprocess
from collections.abc import Iterator

import pytest
from tests.journeys.conftest import Kiosk

from crewcheck_agent.simulator.server import Simulator
from crewcheck_agent.simulator.world import World, fresh_snapshot

ROUTER, KIOSK = "198.51.100.1", "198.51.100.2"  # RFC 5737: for documentation, so nobody's


def ip(*words: str) -> None:
    subprocess.run(("ip", *words), check=True, capture_output=True, timeout=30)


@pytest.fixture
def room() -> Iterator[int]:
    """A process in a network of its own, by number; its interface `kiosk` is joined to ours, which is `room-…`."""
    if os.geteuid() != 0 or subprocess.run(("unshare", "--net", "true"), check=False, capture_output=True).returncode:
        pytest.skip("needs root, and a kernel that gives a process a network of its own")
    with subprocess.Popen(("unshare", "--net", "sh", "-c", "echo; cat"), stdin=-1, stdout=-1) as holder:
        assert holder.stdout
        assert holder.stdin
        holder.stdout.readline()  # it is in there
        try:
            cable = f"room-{holder.pid}"
            ip("link", "add", cable, "type", "veth", "peer", "name", "kiosk", "netns", str(holder.pid))
            ip("address", "add", f"{ROUTER}/30", "dev", cable)
            ip("link", "set", cable, "up")
            yield holder.pid
        finally:
            holder.stdin.close()


def test_a_cable_that_comes_back_ends_the_back_off(kiosk: Kiosk, room: int) -> None:
    inside = ("nsenter", f"--net=/proc/{room}/ns/net")
    for words in (("address", "add", f"{KIOSK}/30", "dev", "kiosk"), ("link", "set", "kiosk", "up")):
        subprocess.run((*inside, "ip", *words), check=True, capture_output=True, timeout=30)
    simulator = Simulator(World(fresh_snapshot("demo")), host=ROUTER)
    try:
        kiosk.within = inside
        never = "3600"  # seconds: without the kernel's word, the next try is out of every patience
        kiosk.settings |= {
            "CREWCHECK_ALLOWED_ENVIRONMENTS": simulator.environment,
            "CREWCHECK_RETRY_INITIAL": "60",
            "CREWCHECK_RETRY_MAX": never,
            "CREWCHECK_REQUEST_TIMEOUT": "3",  # longer than TCP takes to say it again when the first word is lost
        }
        kiosk.start()
        assert kiosk.provision(simulator.reset(simulator.create_device("Gate 7"))) == "connected"
        ip("link", "set", f"room-{room}", "down")
        kiosk.await_state("offline")
        ip("link", "set", f"room-{room}", "up")
        kiosk.await_state("connected")
    finally:
        kiosk.stop()
        simulator.close()
