"""Looks a host's name up, and does not wait for ever for a name server that is silent."""

import socket
from collections.abc import Sequence
from pathlib import Path

from crewcheck_agent.core.problem import Code, Problem, printable
from crewcheck_agent.doctor.patience import within

_Addresses = Sequence[str]


async def look_up(target: str, seconds: float) -> _Addresses | Problem:
    """The addresses of `host:port`, or why there are none: a question to a silent name server has no end of its own."""
    try:
        return await within(seconds, lambda: _asked(target))
    except TimeoutError:
        return Problem(Code.DNS, ", ".join(name_servers()), target, "silent")


def name_servers() -> Sequence[str]:
    """Those that this machine asks; see resolv.conf(5)."""
    try:
        lines = Path("/etc/resolv.conf").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    words = [line.split() for line in lines]
    return [each[1] for each in words if each[:1] == ["nameserver"] and len(each) > 1]


def _asked(target: str) -> _Addresses | Problem:
    host, _, port = target.rpartition(":")
    try:
        found = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        return Problem(Code.DNS, printable(getattr(error, "strerror", None) or type(error).__name__), target)
    return list(dict.fromkeys(str(each[4][0]) for each in found))
