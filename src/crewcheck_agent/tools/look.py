"""`crewcheck-agent look`: what the screen shows right now, as a file or drawn in the terminal."""

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from enum import Enum
from functools import cache
from gettext import gettext as _
from pathlib import Path
from typing import Self

from PIL import Image, ImageChops

from crewcheck_agent.tools.agent import Agent
from crewcheck_agent.tools.exit_code import ExitCode
from crewcheck_agent.tools.output import check_ending
from crewcheck_agent.tools.terminal import Paper

_UPPER_HALF = "▀"
_HALVES = {(0, 0): " ", (1, 0): _UPPER_HALF, (0, 1): "▄", (1, 1): "█"}
_FAINT = 40  # of 255, in which a character's half must differ from the ground to be drawn
_RESET = "\033[0m"
_CUBE = (0, 95, 135, 175, 215, 255)
_GREYS = range(8, 239, 10)


def look(agent: Agent, output: str | None, overlay: float | None = None) -> ExitCode:
    """Write the picture to `output` as PNG, or draw it in the terminal.

    Args:
        agent: the running one.
        output: a file, `-` for standard output, or None for the terminal.
        overlay: for how many seconds the technician's panel is to be on the screen before that; None to leave it be.

    Raises:
        ConfigurationError: the file's name does not end in .png.
        OSError: the file cannot be written.
    """
    if output and output != "-":
        check_ending(output, (".png",))
    if overlay is not None:
        agent.overlay(overlay)
    width, height, pixels = agent.look()
    picture = Image.frombytes("RGB", (width, height), pixels)
    if output == "-":
        picture.save(sys.stdout.buffer, "PNG")
    elif output:
        picture.save(Path(output), "PNG")
        print(_("{file}: {width} x {height} pixels").format(file=output, width=width, height=height))
    else:
        columns, lines = shutil.get_terminal_size()
        print("\n".join(drawn(picture, columns, lines - 2, Depth.at_hand())))
    return ExitCode.FINE


class Depth(Enum):
    """How many colours a terminal takes: none, xterm's 256, or all that a screen has."""

    NONE = 0
    OF_256 = 256
    TRUE = 1 << 24

    @classmethod
    def at_hand(cls) -> Self:
        """Of standard output: what the terminal says of itself, and none where there is no terminal."""
        if not Paper.at_hand().coloured:
            return cls(0)
        true = os.environ.get("COLORTERM") in {"truecolor", "24bit"} or os.environ["TERM"].endswith("-direct")
        return cls(1 << 24 if true else 256)


def drawn(picture: Image.Image, columns: int, lines: int, depth: Depth) -> Iterator[str]:
    """The picture in half blocks, two pixels a character, fitted into that many columns and lines.

    Without colours, what differs from the picture's ground is drawn, on whatever ground the terminal has.
    """
    scale = min(columns / picture.width, 2 * lines / picture.height)
    size = max(1, round(picture.width * scale)), max(2, round(picture.height * scale / 2) * 2)
    if depth is Depth.NONE:
        yield from _silhouette(picture, size)
        return
    small = picture.resize(size, Image.Resampling.BOX)
    colour = _true_colour if depth is Depth.TRUE else _of_256
    for top in range(0, size[1], 2):
        cells = ((_pixel(small, x, top), _pixel(small, x, top + 1)) for x in range(size[0]))
        yield "".join(f"\033[38;{colour(up)};48;{colour(down)}m{_UPPER_HALF}" for up, down in cells) + _RESET


def _silhouette(picture: Image.Image, size: tuple[int, int]) -> Iterator[str]:
    ground = Image.new("RGB", picture.size, _pixel(picture, 0, 0))
    difference = ImageChops.difference(picture, ground).convert("L").resize(size, Image.Resampling.BOX)
    inked = difference.point([0] * _FAINT + [1] * (256 - _FAINT)).tobytes()
    rows = [inked[start : start + size[0]] for start in range(0, len(inked), size[0])]
    for upper, lower in zip(rows[::2], rows[1::2], strict=True):
        yield "".join(_HALVES[up, down] for up, down in zip(upper, lower, strict=True)).rstrip()


def _pixel(picture: Image.Image, x: int, y: int) -> tuple[int, int, int]:
    pixel = picture.getpixel((x, y))
    assert isinstance(pixel, tuple)  # noqa: S101 - an RGB picture's always is
    return pixel[0], pixel[1], pixel[2]


def _true_colour(pixel: tuple[int, int, int]) -> str:
    return "2;{};{};{}".format(*pixel)


@cache
def _of_256(pixel: tuple[int, int, int]) -> str:
    """The nearest colour of xterm's palette: in its 6 x 6 x 6 cube, or among its 24 greys."""
    red, green, blue = (_nearest(channel, _CUBE) for channel in pixel)
    grey = _nearest(sum(pixel) // 3, _GREYS)
    in_cube = _CUBE[red], _CUBE[green], _CUBE[blue]
    if _distance(pixel, (_GREYS[grey],) * 3) < _distance(pixel, in_cube):
        return f"5;{232 + grey}"
    return f"5;{16 + 36 * red + 6 * green + blue}"


def _nearest(value: int, steps: Sequence[int]) -> int:
    return min(range(len(steps)), key=lambda index: abs(steps[index] - value))


def _distance(one: tuple[int, int, int], other: tuple[int, int, int]) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))
