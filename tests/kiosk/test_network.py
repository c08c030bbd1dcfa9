"""The kernel's word that a network came: its messages, in their real form."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from pyroute2.netlink import rtnl
from pyroute2.netlink.rtnl.ifinfmsg import ifinfmsg
from pyroute2.netlink.rtnl.rtmsg import rtmsg

from crewcheck_agent.kiosk.network import Links

UP, RUNNING, LOOPBACK = 0x1, 0x40, 0x8  # netdevice(7)


def link(index: int, flags: int, kind: int = rtnl.RTM_NEWLINK) -> bytes:
    return encoded(ifinfmsg, kind, index=index, flags=flags)


def route(length: int, kind: int = rtnl.RTM_NEWROUTE) -> bytes:
    """A route to the addresses that share so many first bits."""
    return encoded(rtmsg, kind, family=2, dst_len=length)


def encoded(form: type[ifinfmsg | rtmsg], kind: int, **fields: int) -> bytes:
    message = form()
    message["header"]["type"] = kind
    for name, value in fields.items():
        message[name] = value
    message.encode()
    return bytes(message.data)


@dataclass(frozen=True)
class Told:
    says: str
    datagrams: Sequence[bytes]
    came: Sequence[bool]


NEW_ADDRESS = bytes.fromhex("1400000014000000 0000000000000000 02000000")

TOLD = [
    Told("a link that begins to run", [link(2, UP), link(2, UP | RUNNING)], [False, True]),
    Told("once, however often it is told", [link(2, RUNNING), link(2, RUNNING)], [True, False]),
    Told("and again after it was down", [link(2, RUNNING), link(2, UP), link(2, RUNNING)], [True, False, True]),
    Told(
        "and again after it was gone",
        [link(2, RUNNING), link(2, RUNNING, rtnl.RTM_DELLINK), link(2, RUNNING)],
        [True, False, True],
    ),
    Told("each link by itself", [link(2, RUNNING), link(3, RUNNING)], [True, True]),
    Told("not the loopback", [link(1, LOOPBACK | RUNNING)], [False]),
    Told("a default route", [route(0)], [True]),
    Told("every time, since it may lead elsewhere", [route(0), route(0)], [True, True]),
    Told("not one to a few addresses", [route(24)], [False]),
    Told("not one that goes", [route(0, rtnl.RTM_DELROUTE)], [False]),
    Told("not an address", [NEW_ADDRESS], [False]),
    Told("one message among others", [NEW_ADDRESS + route(0) + link(2, UP)], [True]),
    Told("every message counts", [route(0) + link(2, RUNNING), link(2, RUNNING)], [True, False]),
    Told("nothing", [b""], [False]),
    Told("half a header", [route(0)[:5]], [False]),
    Told("a length that leads nowhere", [bytes(16)], [False]),
]


@pytest.mark.parametrize("told", TOLD, ids=lambda told: told.says)
def test_a_network_came(told: Told) -> None:
    links = Links()
    assert [links.came(datagram) for datagram in told.datagrams] == list(told.came)
