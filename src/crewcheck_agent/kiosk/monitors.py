"""What the kernel knows of cards and monitors: SDL looks once, when it opens, and says the same of every lack."""

import os
from collections.abc import Sequence
from pathlib import Path

_SYSFS = Path("/sys/class/drm")
_NODES = Path("/dev/dri")


def connected(sysfs: Path = _SYSFS) -> Sequence[tuple[str, str]]:
    """The connectors that a monitor hangs on, in order, each with the mode it prefers, e.g. `1920x1080`."""
    found = ((each.name, _first_line(each / "modes")) for each in sorted(sysfs.glob("card*-*")) if _has_monitor(each))
    return tuple(found)


def lacking(sysfs: Path = _SYSFS, nodes: Path = _NODES) -> str:
    """What keeps a picture from a monitor, for a technician; empty where nothing is seen to be amiss."""
    cards = [each.name for each in sorted(sysfs.glob("card*")) if "-" not in each.name]
    if not cards:
        return "no graphics card was found"
    if not any(os.access(nodes / each, os.R_OK | os.W_OK) for each in cards):
        return f"no permission to use the graphics card {nodes / cards[0]}"
    if not connected(sysfs):
        return "no monitor is connected"
    return ""


def _has_monitor(connector: Path) -> bool:
    return _first_line(connector / "status") == "connected"


def _first_line(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii", errors="replace").partition("\n")[0]
    except OSError:  # unplugged between the listing and the reading
        return ""
