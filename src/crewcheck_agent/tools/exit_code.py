"""The exit codes of `crewcheck-agent`: the state, for scripts."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Any, Self


class ExitCode(IntEnum):
    """What a command found. `meaning` tells it in the documentation, with Markdown's marks."""

    meaning: str

    FINE = 0, "fine; for `status`: connected"
    FAILED = 1, "the operation failed, or a check failed; for `status`: still connecting"
    USAGE = 2, "wrong usage or configuration"
    NOT_PROVISIONED = 3, "not provisioned: the kiosk waits for a connection code"
    DISABLED = 4, "the operator has the device disabled"
    UNAUTHORIZED = 5, "the credentials are refused: a new connection code is needed"
    NOT_FOUND = 6, "the server does not know the device"
    OFFLINE = 7, "offline: the server cannot be reached, or did not answer yet"
    NO_AGENT = 8, "no agent is running"

    def __new__(cls, value: int, meaning: str) -> Self:
        """A number with its meaning."""
        code = int.__new__(cls, value)
        code._value_ = value
        code.meaning = meaning
        return code


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
