"""What is plugged in, taken out or changed while we run, as udev tells it. Its library has its home here."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plugged:
    """Something happened to a device, and udev has done its part: its node has the owner and mode that it keeps.

    Attributes:
        subsystem: the kernel's name for its kind, e.g. `drm`, `input`, `tty`; empty where messages were lost, so that
            anything may have happened.
        action: what happened, e.g. `add`, `remove`, `change`.
        node: its path below /dev; empty where it has none.
    """

    subsystem: str = ""
    action: str = ""
    node: str = ""

    def concerns(self, subsystem: str) -> bool:
        """Whether a device of this kind may have changed."""
        return self.subsystem in {subsystem, ""}


class NoHotplug(Exception):  # noqa: N818 - told as what there is not
    """udev cannot be listened to on this machine; the text says why."""


@contextmanager
def listening_to_udev(subsystems: tuple[str, ...], hear: Callable[[Plugged], None]) -> Iterator[None]:
    """While it lasts, `hear` of these subsystems' devices; of no other, and nothing wakes up in between.

    To be entered, and left, in a running event loop, on which `hear` is called.

    Raises:
        NoHotplug: the library or the kernel's part is missing.
    """
    try:
        from pyudev import Context, Monitor  # noqa: PLC0415 - only a kiosk has it

        monitor = Monitor.from_netlink(Context())
        for each in subsystems:
            monitor.filter_by(each)
        monitor.start()
    except (ImportError, OSError) as error:
        raise NoHotplug(str(error)) from None

    def drain() -> None:
        try:
            while (device := monitor.poll(0)) is not None:
                hear(Plugged(device.subsystem or "", device.action or "", device.device_node or ""))
        except (OSError, ValueError):  # the kernel dropped messages, or one cannot be read
            hear(Plugged())

    loop = asyncio.get_running_loop()
    loop.add_reader(monitor.fileno(), drain)
    try:
        yield
    finally:
        loop.remove_reader(monitor.fileno())
