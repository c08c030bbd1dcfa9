"""What a frame is made of, and how it is put together: items in their places, and blocks of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from crewcheck_agent.core.screen import Sign
from crewcheck_agent.kiosk.lines import broken
from crewcheck_agent.kiosk.typeface import Setting

Ink = Literal["bright", "quiet", "accent", "notice", "rule"]


@dataclass(frozen=True, slots=True)
class Text:
    """One line of type, its capitals' top left at (x, y)."""

    text: str
    setting: Setting
    x: int
    y: int
    ink: Ink


@dataclass(frozen=True, slots=True)
class Drawing:
    """A sign, its top left at (x, y)."""

    sign: Sign
    height: int
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Rule:
    """A hairline."""

    x: int
    y: int
    width: int
    thickness: int


@dataclass(frozen=True, slots=True)
class Symbol:
    """A QR code for a phone: dark on a light panel that holds its quiet zone, the panel's top left at (x, y).

    Attributes:
        text: what it says.
        module: pixels, the side of its smallest square.
    """

    text: str
    module: int
    x: int
    y: int


Item = Text | Drawing | Rule | Symbol


@dataclass(frozen=True, slots=True)
class Block:
    """Things stacked: their places are relative to the block's top left."""

    items: tuple[Item, ...] = ()
    height: int = 0

    def at(self, x: int, y: int) -> tuple[Item, ...]:
        """The items, where they are when the block's top left is at (x, y)."""
        return tuple(replace(item, x=item.x + x, y=item.y + y) for item in self.items)


def stacked(blocks: Iterable[tuple[int, Block]]) -> Block:
    """Blocks below each other, each with the gap above it; empty ones leave no gap."""
    items: list[Item] = []
    height = 0
    for gap, block in blocks:
        if block.items:
            top = height + (gap if items else 0)
            items += block.at(0, top)
            height = top + block.height
    return Block(tuple(items), height)


@lru_cache(maxsize=128)
def lines_of(text: str, width: int, face: Setting, most: int = 10_000) -> Sequence[str]:
    """The text broken into lines of that width, and of at most so many characters.

    Remembered: a layout is tried at many scales, at most of which the same text has the same lines.
    """
    return tuple(broken(face.legible(text), width, face.width, most))


def written(lines: Sequence[str], face: Setting, leading: float, ink: Ink) -> Block:
    """Lines of type; `leading` in cap heights from one baseline to the next."""
    step = round(face.cap * leading)
    items = tuple(Text(line, face, 0, step * number, ink) for number, line in enumerate(lines))
    return Block(items, step * (len(lines) - 1) + face.cap)


def width_of(block: Block) -> int:
    """How far its lines of type reach to the right."""
    return max((each.x + each.setting.width(each.text) for each in block.items if isinstance(each, Text)), default=0)


def beside(left: Block, right: Block) -> Block:
    """Two blocks that are in their places already, their tops level."""
    return Block((*left.items, *right.items), max(left.height, right.height))


def shifted(block: Block, x: int) -> Block:
    """The block, farther to the right."""
    return Block(block.at(x, 0), block.height)
