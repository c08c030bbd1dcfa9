"""What the kernel says of adapters, addresses and routes, in a network of the test's own."""

import json
import shutil
import subprocess
import sys
from typing import Any

import pytest
from tests.doctor.conftest import needs_network

from crewcheck_agent.kiosk.interfaces import interfaces

PAIR = "ip link add kiosk0 type veth peer name wall0"
UP = f"{PAIR}; ip link set kiosk0 up; ip link set wall0 up"
ADDRESS = f"{UP}; ip address add 10.9.0.2/24 dev kiosk0; ip -6 address add fd00:9::2/64 dev kiosk0 nodad"

SEE = """
import dataclasses, json
from crewcheck_agent.kiosk.interfaces import interfaces
print(json.dumps([dataclasses.asdict(each) for each in interfaces()]))
"""


def seen(commands: str) -> dict[str, Any]:
    """The adapters of a network with nothing but what these commands put into it."""
    if not shutil.which("ip"):
        pytest.skip("without ip(8) there is no making networks")
    run = subprocess.run(
        ("unshare", "--net", "sh", "-ec", f'{commands}\nexec "$@"', "sh", sys.executable, "-c", SEE),
        capture_output=True,
        check=True,
        timeout=30,
    )
    return {each["name"]: each for each in json.loads(run.stdout)}


@needs_network
def test_the_loopback_is_no_network() -> None:
    assert seen("ip link set lo up") == {}


@needs_network
def test_a_cable_without_its_other_end_is_no_link() -> None:
    found = seen(f"{PAIR}; ip link set kiosk0 up")
    assert (found["kiosk0"]["linked"], found["wall0"]["linked"]) == (False, False)


@needs_network
def test_an_address_on_the_link_alone_leads_nowhere() -> None:
    kiosk = seen(UP)["kiosk0"]
    assert (kiosk["linked"], kiosk["addresses"], kiosk["gateways"]) == (True, [], [])


@needs_network
def test_addresses_and_the_way_out_are_told() -> None:
    found = seen(f"{ADDRESS}; ip route add default via 10.9.0.1")
    assert found["kiosk0"]["addresses"] == ["10.9.0.2", "fd00:9::2"]
    assert found["kiosk0"]["gateways"] == ["10.9.0.1"]
    assert (found["kiosk0"]["wireless"], found["kiosk0"]["signal"]) == (False, None)
    assert found["wall0"]["addresses"] == []


@needs_network
def test_a_way_out_without_a_gateway_is_one() -> None:
    assert seen(f"{ADDRESS}; ip route add default dev kiosk0")["kiosk0"]["gateways"] == [""]


def test_this_machine_can_be_looked_at() -> None:
    assert all(each.name != "lo" for each in interfaces())
