"""Where a scanner may be."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Node:
    """A device node.

    Attributes:
        path: below /dev, no symbolic link.
        name: what its device calls itself.
        is_scanner: whether it is a sign that a scanner is there.
        heard: whether codes come from it; if not, it is only kept from everybody else.
    """

    path: str
    name: str
    is_scanner: bool = True
    heard: bool = True
