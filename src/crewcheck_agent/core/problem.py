"""What can be wrong, as values: a stable code and the facts that its words need."""

from dataclasses import dataclass
from enum import StrEnum


class Code(StrEnum):
    """The name of a cause, as `status --json` gives it. Stable: scripts and the documentation rely on it."""

    NOT_PROVISIONED = "notProvisioned"
    BAD_TOKEN = "badToken"  # noqa: S105 - the name of a cause
    CONFIGURATION = "configuration"
    NETWORK = "network"
    DNS = "dns"
    TIMEOUT = "timeout"
    PROXY = "proxy"
    CAPTIVE_PORTAL = "captivePortal"
    TLS = "tls"
    CLOCK = "clock"
    DISABLED = "disabled"
    UNAUTHORIZED = "unauthorized"
    NOT_FOUND = "notFound"
    SERVER = "server"
    BAD_ANSWER = "badAnswer"
    LOGO = "logo"
    STORAGE = "storage"
    DISPLAY = "display"
    SCANNER = "scanner"
    SERVICE = "service"
    POWER = "power"


_NUMBERS = {
    Code.NOT_PROVISIONED: 10,
    Code.BAD_TOKEN: 11,
    Code.CONFIGURATION: 12,
    Code.NETWORK: 21,
    Code.DNS: 22,
    Code.TIMEOUT: 23,
    Code.PROXY: 24,
    Code.CAPTIVE_PORTAL: 25,
    Code.TLS: 31,
    Code.CLOCK: 32,
    Code.DISABLED: 40,
    Code.UNAUTHORIZED: 41,
    Code.NOT_FOUND: 44,
    Code.SERVER: 50,
    Code.BAD_ANSWER: 51,
    Code.LOGO: 60,
    Code.STORAGE: 70,
    Code.DISPLAY: 71,
    Code.SCANNER: 72,
    Code.SERVICE: 73,
    Code.POWER: 74,
}


def short_code(code: Code) -> str:
    """What a person reads out on the telephone: the same in every language, e.g. `CC-22`.

    The tens name who acts: 1 set-up, 2 network, 3 trust, 4 the operator's word, 5 the cloud, 6 the picture,
    7 this machine.
    """
    return f"CC-{_NUMBERS[code]}"


class Lack(StrEnum):
    """What a machine lacks to show a picture: variants of `Code.DISPLAY`."""

    NO_CARD = "noCard"
    NO_PERMISSION = "noPermission"
    NO_MONITOR = "noMonitor"
    IN_USE = "inUse"


@dataclass(frozen=True, slots=True)
class Problem:
    """One cause, with the facts for its words.

    Attributes:
        code: which cause.
        detail: what the technician reads beside it, e.g. `HTTP 503`; never a secret.
        host: the host (and port) it is about, where there is one.
        variant: which wording of the code's words fits, e.g. a `TokenFault`; empty for the usual one.
    """

    code: Code
    detail: str = ""
    host: str = ""
    variant: str = ""


def printable(text: str, longest: int = 120) -> str:
    """Foreign text made fit to show: one line of printable characters, cut at `longest`."""
    line = " ".join("".join(each if each.isprintable() else " " for each in text[: 4 * longest]).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
