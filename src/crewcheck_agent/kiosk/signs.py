"""The signs that tell the screens apart: strokes of one width on one grid, drawn by us."""

from __future__ import annotations

from itertools import pairwise
from math import cos, radians, sin

import pygame
import pygame.draw

TYPE_CHECKING = False
if TYPE_CHECKING:  # the frame of an offline kiosk draws a sign before typing is imported
    from collections.abc import Sequence

    Point = tuple[float, float]
    Colour = tuple[int, int, int]
    Stroke = Sequence[Point]

GRID = 48
"""Units: the height of every sign."""

STROKE = 3.0
"""Units: the width of every stroke; the ends and corners are round."""

_CUT = 3.2 * STROKE
"""Units: how broadly a cutting stroke clears what is below it."""

_FINE = 4
"""Each pixel is drawn as this many, squared, and averaged."""


def _arc(x: float, y: float, radius: float, start: float, end: float) -> list[Point]:
    """Points on a circle, clockwise from `start` to `end` degrees; 0 is to the right."""
    steps = max(2, round(abs(end - start) / 5))
    angles = (radians(start + (end - start) * step / steps) for step in range(steps + 1))
    return [(x + radius * cos(angle), y + radius * sin(angle)) for angle in angles]


def _box(left: float, top: float, right: float, bottom: float, radius: float) -> list[Point]:
    """A rectangle with round corners."""
    outline = [
        *_arc(left + radius, top + radius, radius, 180, 270),
        *_arc(right - radius, top + radius, radius, 270, 360),
        *_arc(right - radius, bottom - radius, radius, 0, 90),
        *_arc(left + radius, bottom - radius, radius, 90, 180),
    ]
    return [*outline, outline[0]]


def _dot(x: float, y: float) -> list[Point]:
    return [(x, y), (x, y)]


def _slider(y: float, knob: float) -> list[list[Point]]:
    """A rail from edge to edge with a round knob on it."""
    return [[(2, y), (knob - 5.5, y)], _arc(knob, y, 5.5, 0, 360), [(knob + 5.5, y), (46, y)]]


_CLOUD = [
    *_arc(12, 31, 10, 90, 250),
    *_arc(23.5, 21, 12, 195, 338),
    *_arc(36.5, 31.5, 9.5, 275, 450),
    (12, 41),
]
_SLASH = [(7, 6), (41, 45)]

# By the sign's name: its width in units, its strokes, and the strokes that clear their surroundings first.
_SIGNS: dict[str, tuple[float, Sequence[Stroke], Sequence[Stroke]]] = {
    "wait": (48, [_arc(24, 24, 22, 0, 360), [(24, 10.5), (24, 24), (32.5, 29.5)]], []),
    "switchedOff": (44, [_arc(22, 26, 20, -55, 235), [(22, 2), (22, 21)]], []),
    "key": (
        48,
        [_arc(13, 35, 11, 0, 360), [(20.8, 27.2), (45, 3)], [(38, 10), (44.5, 16.5)], [(31, 17), (36, 22)]],
        [],
    ),
    "question": (
        48,
        [
            _box(2, 2, 46, 37, 4),
            [(14, 46), (34, 46)],
            [*_arc(24, 14.5, 5.5, 180, 385), *_arc(29.5, 23, 5.5, 225, 180)],
            _dot(24, 30),
        ],
        [],
    ),
    "unplugged": (
        64,
        [
            [(2, 24), (9, 24)],
            [(22, 12), (22, 36), *_arc(21, 24, 12, 90, 270), (22, 12)],
            [(22, 18), (30, 18)],
            [(22, 30), (30, 30)],
            [(42, 12), (42, 36), *_arc(43, 24, 12, 90, -90), (42, 12)],
            [(55, 24), (62, 24)],
        ],
        [],
    ),
    "cloudOff": (48, [_CLOUD], [_SLASH]),
    "settings": (48, [*_slider(9, 31), *_slider(24, 16), *_slider(39, 34)], []),
    "scan": (
        84,
        [
            _box(2, 2, 38, 46, 3),
            _box(10, 10, 17, 17, 1),
            _box(23, 10, 30, 17, 1),
            _box(10, 23, 17, 30, 1),
            _dot(23, 23),
            _dot(30, 23),
            _dot(26.5, 26.5),
            _dot(23, 30),
            _dot(30, 30),
            [(10, 38), (22, 38)],
            [(49, 14), (44.5, 14)],
            [(49, 7), (45, 4.8)],
            [(49, 21), (45, 23.2)],
            [(56, 5), (56, 23), (64, 23), (69.5, 46), (80, 46), (75.5, 23), *_arc(72, 13.5, 10, 50, -80), (56, 5)],
            [(62, 5), (62, 23)],
            [(65, 28), (60.5, 28), (62, 34.5)],
        ],
        [],
    ),
}


def size_of(sign: str, height: int) -> tuple[int, int]:
    """Width and height in pixels of a sign of this height."""
    return round(_SIGNS[sign][0] * height / GRID), height


def drawn(sign: str, height: int, ink: Colour, ground: Colour) -> pygame.Surface:
    """The sign, `height` pixels high, on its ground."""
    size = size_of(sign, height)
    unit = height * _FINE / GRID
    canvas = pygame.Surface((size[0] * _FINE, size[1] * _FINE), depth=32)
    canvas.fill(ground)
    _, strokes, cutting = _SIGNS[sign]
    for stroke in strokes:
        _draw(canvas, stroke, STROKE * unit, unit, ink)
    for stroke in cutting:
        _draw(canvas, stroke, _CUT * unit, unit, ground)
        _draw(canvas, stroke, STROKE * unit, unit, ink)
    return pygame.transform.smoothscale(canvas, size)


def _draw(canvas: pygame.Surface, stroke: Stroke, width: float, unit: float, colour: Colour) -> None:
    points = [(x * unit, y * unit) for x, y in stroke]
    for (x, y), (next_x, next_y) in pairwise(points):
        length = ((next_x - x) ** 2 + (next_y - y) ** 2) ** 0.5
        if length:
            across, down = (y - next_y) / length * width / 2, (next_x - x) / length * width / 2
            corners = ((x, y, 1), (next_x, next_y, 1), (next_x, next_y, -1), (x, y, -1))
            pygame.draw.polygon(canvas, colour, [(px + side * across, py + side * down) for px, py, side in corners])
    for point in points:
        pygame.draw.circle(canvas, colour, point, width / 2)
