"""udev's part, played: what the kernel hands on to everybody who listens to udev."""

import os
import socket
import struct

_UEVENTS = 15  # netlink(7): NETLINK_KOBJECT_UEVENT
_UDEV_GROUP = 2  # of netlink's multicast groups: what udev sends, as opposed to the kernel itself

may_announce = os.geteuid() == 0


def announce(subsystem: str, action: str, node: str, number: int = 1) -> None:
    """Send what udev sends, in libudev's format, to all who listen on this machine. Takes root."""
    properties = {
        "ACTION": action,
        "DEVPATH": f"/devices/virtual/{subsystem}/{node.rpartition('/')[2]}",
        "SUBSYSTEM": subsystem,
        "DEVNAME": node,
        "MAJOR": "226",
        "MINOR": "0",
        "SEQNUM": str(number),
    }
    body = b"".join(f"{name}={value}\0".encode() for name, value in properties.items())
    sizes = struct.pack("=III", 40, 40, len(body))  # the header's, where the properties begin, theirs
    filters = struct.pack(">IIII", _murmur2(subsystem.encode()), 0, 0, 0)
    head = struct.pack(">8sI", b"libudev", 0xFEEDCAFE) + sizes + filters
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _UEVENTS) as sender:
        sender.sendto(head + body, (0, _UDEV_GROUP))


def _murmur2(data: bytes) -> int:
    """The hash by which the kernel filters udev's messages by subsystem (MurmurHash2, seed 0)."""
    factor, mask = 0x5BD1E995, 0xFFFFFFFF
    value = len(data)
    while len(data) >= 4:
        part = int.from_bytes(data[:4], "little") * factor & mask
        part = (part ^ part >> 24) * factor & mask
        value = (value * factor & mask) ^ part
        data = data[4:]
    if data:
        value = (value ^ int.from_bytes(data, "little")) * factor & mask
    value = (value ^ value >> 13) * factor & mask
    return value ^ value >> 15
