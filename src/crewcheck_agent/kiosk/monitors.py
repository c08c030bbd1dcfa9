"""What the kernel knows of cards and monitors: SDL looks once, when it opens, and says the same of every lack."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from crewcheck_agent.core.problem import Lack


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
    cards = [each.name for each in sorted(places.sysfs.glob("card*")) if "-" not in each.name]
    outlets = [each for each in sorted(places.sysfs.glob("card*-*")) if _first_line(each / "status") == "connected"]
    connected = tuple((each.name, _first_line(each / "modes")) for each in outlets)
    if not cards:
        return Monitors(connected, Lack.NO_CARD)
    if not any(os.access(places.nodes / each, os.R_OK | os.W_OK) for each in cards):
        return Monitors(connected, Lack.NO_PERMISSION, str(places.nodes / cards[0]))
    return Monitors(connected, None if connected else Lack.NO_MONITOR)


def _first_line(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii", errors="replace").partition("\n")[0]
    except OSError:  # unplugged between the listing and the reading
        return ""
