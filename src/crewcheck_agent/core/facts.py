"""What a technician reads in a table, and what the machine tells for it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a table. `spelt`: it is read out letter by letter."""

    label: str
    text: str
    spelt: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """One adapter that has a link: by radio with this signal in dBm, or by cable at this rate in Mbit/s."""

    name: str
    signal: int | None = None
    rate: int | None = None


@dataclass(frozen=True, slots=True)
class Vitals:
    """How the machine itself is.

    Attributes:
        links: its adapters in use.
        celsius: of its hottest part.
        on_since: when it was switched on.
    """

    links: tuple[Link, ...] = ()
    celsius: int | None = None
    on_since: datetime | None = None
