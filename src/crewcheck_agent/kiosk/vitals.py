"""How the machine is: its links, its temperature, since when it is on. Read once, when somebody wants to know."""

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from crewcheck_agent.core.facts import Link, Vitals
from crewcheck_agent.kiosk.interfaces import signal_of

_PLAUSIBLE = range(1, 151)  # degrees Celsius; a sensor without a word says 0, -274 or 255


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the kernel tells: Documentation/ABI/testing/sysfs-class-net and sysfs-class-thermal."""

    adapters: Path = Path("/sys/class/net")
    radios: Path = Path("/proc/net/wireless")
    zones: Path = Path("/sys/class/thermal")


def vitals(now: datetime, sources: Sources | None = None) -> Vitals:
    """What this machine tells of itself at this moment."""
    places = sources or Sources()
    on_for = timedelta(seconds=time.clock_gettime(time.CLOCK_BOOTTIME))
    return Vitals(tuple(_links(places)), max(_temperatures(places), default=None), now - on_for)


def _links(sources: Sources) -> Iterator[Link]:
    """Of real adapters alone: a virtual one has no device."""
    for adapter in sorted(sources.adapters.glob("*/device")):
        place = adapter.parent
        if _number(place / "carrier") == 1:
            rate = _number(place / "speed")  # -1 or an error where there is none to tell
            yield Link(place.name, signal_of(place.name, sources.radios), rate if rate and rate > 0 else None)


def _temperatures(sources: Sources) -> Iterator[int]:
    for sensor in sources.zones.glob("thermal_zone*/temp"):
        thousandths = _number(sensor)
        if thousandths is not None and round(thousandths / 1000) in _PLAUSIBLE:
            yield round(thousandths / 1000)


def _number(file: Path) -> int | None:
    with suppress(OSError, ValueError):
        return int(file.read_text(encoding="ascii"))
    return None
