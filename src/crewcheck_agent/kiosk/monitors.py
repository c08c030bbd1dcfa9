"""What the kernel knows of cards and monitors: SDL looks once, when it opens, and says the same of every lack."""

import errno
import fcntl
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from crewcheck_agent.core.problem import Lack

_AUTH_MAGIC = 0x40046411  # linux/drm.h, DRM_IOCTL_AUTH_MAGIC: only a card's master may


@dataclass(frozen=True, slots=True)
class Monitors:
    """What there is to show a picture on, at one moment.

    Attributes:
        connected: the connectors that a monitor hangs on, in order, each with the mode it prefers, e.g. `1920x1080`.
        lack: what keeps a picture from them; None where nothing is seen to be amiss.
        node: the device node that may not be used, where that is the lack.
    """

    connected: Sequence[tuple[str, str]]
    lack: Lack | None = None
    node: str = ""


@dataclass(frozen=True, slots=True)
class Places:
    """Where the kernel tells of its cards, and where udev puts their nodes."""

    sysfs: Path = Path("/sys/class/drm")
    nodes: Path = Path("/dev/dri")


def monitors(places: Places) -> Monitors:
    """Look now."""
    cards = _cards(places)
    outlets = [each for each in sorted(places.sysfs.glob("card*-*")) if _first_line(each / "status") == "connected"]
    connected = tuple((each.name, _first_line(each / "modes")) for each in outlets)
    if not cards:
        return Monitors(connected, Lack.NO_CARD)
    if not _usable(places):
        return Monitors(connected, Lack.NO_PERMISSION, str(places.nodes / cards[0]))
    return Monitors(connected, None if connected else Lack.NO_MONITOR)


def in_use(places: Places, ioctl: Callable[[int, int, bytes], object] = fcntl.ioctl) -> bool:
    """Whether another program draws on every card that we may use, now that we do not.

    The kernel lets one program at a time draw on a card, its master, and makes whoever opens a free one just that.
    """
    usable = _usable(places)
    return bool(usable) and not any(_free(node, ioctl) for node in usable)


def _free(node: Path, ioctl: Callable[[int, int, bytes], object]) -> bool:
    try:
        card = os.open(node, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return True  # gone, or broken: whatever it is, nobody is known to use it
    try:
        ioctl(card, _AUTH_MAGIC, bytes(4))
    except OSError as error:
        return error.errno != errno.EACCES
    finally:
        os.close(card)
    return True


def _cards(places: Places) -> Sequence[str]:
    return [each.name for each in sorted(places.sysfs.glob("card*")) if "-" not in each.name]


def _usable(places: Places) -> Sequence[Path]:
    nodes = [places.nodes / each for each in _cards(places)]
    return [node for node in nodes if os.access(node, os.R_OK | os.W_OK)]


def _first_line(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii", errors="replace").partition("\n")[0]
    except OSError:  # unplugged between the listing and the reading
        return ""
