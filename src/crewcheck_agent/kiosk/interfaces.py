"""What the kernel says of this machine's network interfaces, addresses and ways out (rtnetlink(7))."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from pyroute2 import IPRoute

_LOOPBACK, _UP, _LOWER_UP = 0x8, 0x1, 0x10000  # netdevice(7)
_SYSFS = Path("/sys/class/net")
_SIGNALS = Path("/proc/net/wireless")


@dataclass(frozen=True, slots=True)
class Interface:
    """One network adapter that is not the loopback.

    Attributes:
        name: the kernel's name for it.
        linked: switched on, with a cable or a radio link.
        wireless: whether it is a radio.
        signal: the radio's level in dBm, where the driver tells.
        addresses: those that reach beyond the link.
        gateways: of its default routes; an empty text for a route without one.
    """

    name: str
    linked: bool
    wireless: bool
    signal: int | None
    addresses: Sequence[str]
    gateways: Sequence[str]


def interfaces() -> Sequence[Interface]:
    """All adapters of this machine.

    Raises:
        OSError: the kernel does not tell this process.
    """
    with IPRoute() as kernel:
        links, addresses = list(kernel.get_links()), list(kernel.get_addr())
        routes = list(kernel.get_default_routes())
    return [
        _interface(
            link["flags"],
            link.get_attr("IFLA_IFNAME"),
            [each.get_attr("IFA_ADDRESS") for each in addresses if each["index"] == link["index"]],
            [each.get_attr("RTA_GATEWAY") or "" for each in routes if each.get_attr("RTA_OIF") == link["index"]],
        )
        for link in links
        if not link["flags"] & _LOOPBACK
    ]


def _interface(flags: int, name: str, addresses: Sequence[str], gateways: Sequence[str]) -> Interface:
    return Interface(
        name=name,
        linked=flags & _UP != 0 and flags & _LOWER_UP != 0,
        wireless=(_SYSFS / name / "phy80211").exists(),
        signal=signal_of(name),
        addresses=[each for each in addresses if not ip_address(each).is_link_local],
        gateways=gateways,
    )


def signal_of(name: str, table: Path = _SIGNALS) -> int | None:
    """A radio's level in dBm, from the kernel's table: name, status, quality, level, …; numbers end in a point."""
    with suppress(OSError, ValueError, IndexError):
        for line in table.read_text(encoding="ascii").splitlines()[2:]:
            label, _, numbers = line.strip().partition(":")
            if label == name:
                return int(numbers.split()[2].rstrip("."))
    return None
