"""The exit codes of `crewcheck-agent`: the state, for scripts."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Any


class ExitCode(IntEnum):
    """What a command found."""

    FINE = 0
    FAILED = 1
    USAGE = 2
    NOT_PROVISIONED = 3
    DISABLED = 4
    UNAUTHORIZED = 5
    NOT_FOUND = 6
    OFFLINE = 7
    NO_AGENT = 8


_BY_STATE = {
    "connected": ExitCode.FINE,
    "connecting": ExitCode.FAILED,
    "unprovisioned": ExitCode.NOT_PROVISIONED,
    "disabled": ExitCode.DISABLED,
    "unauthorized": ExitCode.UNAUTHORIZED,
    "notFound": ExitCode.NOT_FOUND,
    "offline": ExitCode.OFFLINE,
}


def code_of(status: Mapping[str, Any]) -> ExitCode:
    """The exit code that says what `status` says."""
    return _BY_STATE.get(str(status.get("state")), ExitCode.FAILED)
