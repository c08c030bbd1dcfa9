"""The service manager: readiness, status, watchdog. Its library has its home here and in `journal`."""

import os
import socket
import time
from collections.abc import Mapping
from contextlib import suppress


class ServiceManager:
    """Who started this daemon, if it was systemd; otherwise every call does nothing."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")
        usec, asked = environ.get("WATCHDOG_USEC", ""), environ.get("WATCHDOG_PID", "")
        ours = self._address and usec.isdigit() and asked in {"", str(os.getpid())}
        self.watchdog_interval = int(usec) / 1e6 / 3 if ours else None
        """Seconds between two signs of life (a third of what systemd allows); None where nobody asks us for them."""
        self._told = ""

    def ready(self) -> None:
        """The first frame is painted."""
        self._tell("READY=1")

    def status(self, line: str) -> None:
        """What `systemctl status` shows, in plain words; told when it changed."""
        if line != self._told:
            self._told = line
            self._tell(f"STATUS={line}")

    def alive(self) -> None:
        """The watchdog's food."""
        self._tell("WATCHDOG=1")

    def reloading(self) -> None:
        """The configuration is being read again; `ready` ends it."""
        self._tell(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def waiting(self, seconds: float) -> None:
        """There is no screen yet: do not give up for that long."""
        self._tell(f"EXTEND_TIMEOUT_USEC={int(seconds * 1e6)}")

    def stopping(self) -> None:
        """The daemon is on its way out."""
        self._tell("STOPPING=1")

    def _tell(self, message: str) -> None:
        if not self._address:
            return
        with suppress(OSError):  # a service manager that is gone is no reason to go as well
            try:
                from systemd import daemon  # noqa: PLC0415 - only a kiosk has it
            except ImportError:
                _notify(self._address, message)
            else:
                daemon.notify(message)


def _notify(address: str, message: str) -> None:
    """What sd_notify(3) does, for where its library is not installed: a service that is never ready is killed."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sending:
        sending.sendto(message.encode(), "\0" + address[1:] if address.startswith("@") else address)
