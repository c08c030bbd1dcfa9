"""A technician's panel over the lower part of whatever the screen shows: small, so that the rest remains visible."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from crewcheck_agent.core.facts import Fact
from crewcheck_agent.kiosk.blocks import Block, Item
from crewcheck_agent.kiosk.layout import FEWEST_PIXELS, TECHNICIAN
from crewcheck_agent.kiosk.table import Room, table
from crewcheck_agent.kiosk.typeface import Face, setting

_EDGE = 1 / 24  # of S, around the panel
_OVERSCAN = 0.031  # of the frame's width or height: what a monitor may hide, and a bit
_PADDING = 1 / 30  # of S, within it
_WIDE = 1.2  # times as wide as high, from where on two short facts share a row
_MOST = 0.45  # of the frame's height
_SCALES = ((1.1, 0.8), (1.0, 0.8), (1.0, 0.6))  # of the technician's measure, and of the air


@dataclass(frozen=True, slots=True)
class Panel:
    """Its place on the frame in pixels, and what stands on it."""

    x: int
    y: int
    width: int
    height: int
    items: tuple[Item, ...]


def panel(facts: Sequence[Fact], size: tuple[int, int]) -> Panel:
    """The panel for a frame of this size, as large as it may be; where the smallest is too high, the last facts go."""
    (width, height), short = size, min(size)
    edge_x, edge_y = (ceil(max(short * _EDGE, length * _OVERSCAN)) for length in size)
    padding = ceil(short * _PADDING)

    def block(scale: tuple[float, float], count: int) -> Block:
        face = setting(Face.REGULAR, max(FEWEST_PIXELS, ceil(short * TECHNICIAN * scale[0])))
        room = Room(edge_x + padding, 0, width - edge_x - padding)
        return table(facts[:count], face, room, scale[1], paired=width >= _WIDE * height)

    wishes = [(scale, len(facts)) for scale in _SCALES]
    wishes += [(_SCALES[-1], count) for count in range(len(facts) - 1, 0, -1)]
    blocks = (block(*wish) for wish in wishes)
    most = _MOST * height - 2 * padding
    fitting = next((each for each in blocks if each.height <= most), None) or block(_SCALES[-1], 1)
    whole = fitting.height + 2 * padding
    top = height - edge_y - whole
    return Panel(edge_x, top, width - 2 * edge_x, whole, fitting.at(0, top + padding))
