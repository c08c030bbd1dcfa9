"""Scanners on a serial line, which many are by USB (CDC-ACM). Its library has its home here."""

import codecs
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from crewcheck_agent.kiosk.scanner.nodes import Node

_SPEED = 9600  # bits a second: what scanners with a real line are delivered with; USB does not care
_AT_ONCE = 4096  # bytes
_SCANNER = re.compile(r"scan|bar ?code", re.IGNORECASE)


class Port(Protocol):
    """A `serial.tools.list_ports_common.ListPortInfo`."""

    device: str
    manufacturer: str | None
    product: str | None


def serial_ports() -> Sequence[Port]:
    """The serial ports of this machine; none without the library."""
    try:
        from serial.tools.list_ports import comports  # noqa: PLC0415 - only a kiosk has it
    except ImportError:
        return ()
    return tuple(comports())


def scanners_among(ports: Iterable[Port]) -> Iterator[Node]:
    """The USB lines whose device, or its maker, calls it a scanner: others may be printers, modems or terminals."""
    for port in ports:
        name = " ".join(filter(None, (port.manufacturer, port.product)))
        if port.device.startswith("/dev/ttyACM") and _SCANNER.search(name):
            yield Node(port.device, name)


class Line:
    """One open line."""

    def __init__(self, node: str) -> None:
        """Open it for ourselves. May take some time.

        Raises:
            OSError: it is not there, or not for us, or somebody else's, or its library is missing.
        """
        try:
            from serial import Serial  # noqa: PLC0415 - only a kiosk has it
        except ImportError as error:
            raise OSError(str(error)) from None
        try:
            self._port = Serial(node, _SPEED, timeout=0, exclusive=True)
        except ValueError as error:
            raise OSError(str(error)) from None
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def fileno(self) -> int:
        """Readable when there are characters."""
        return int(self._port.fileno())

    def read(self) -> str:
        """What came since the last call.

        Raises:
            OSError: it is gone.
        """
        return self._decoder.decode(self._port.read(_AT_ONCE))

    def close(self) -> None:
        """Give it back."""
        self._port.close()
