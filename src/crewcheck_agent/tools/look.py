"""`crewcheck-agent look`: what the screen shows right now, as a file or drawn in the terminal."""

import os
import shutil
import sys
from collections.abc import Iterator
from gettext import gettext as _
from pathlib import Path

from PIL import Image

from crewcheck_agent.tools.agent import Agent
from crewcheck_agent.tools.exit_code import ExitCode

_UPPER_HALF = "▀"
_RESET = "\033[0m"


def look(agent: Agent, output: str | None, overlay: float | None = None) -> ExitCode:
    """Write the picture to `output` as PNG, or draw it in the terminal.

    Args:
        agent: the running one.
        output: a file, `-` for standard output, or None for the terminal.
        overlay: for how many seconds the technician's panel is to be on the screen before that; None to leave it be.

    Raises:
        OSError: the file cannot be written.
    """
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
        print("\n".join(drawn(picture, columns, lines - 2)))
    return ExitCode.FINE


def drawn(picture: Image.Image, columns: int, lines: int) -> Iterator[str]:
    """The picture in coloured half blocks, two pixels a character, fitted into that many columns and lines."""
    scale = min(columns / picture.width, 2 * lines / picture.height)
    size = max(1, round(picture.width * scale)), max(2, round(picture.height * scale / 2) * 2)
    small = picture.resize(size, Image.Resampling.BOX)
    colour = _true_colour if os.environ.get("COLORTERM") in {"truecolor", "24bit"} else _of_256
    for top in range(0, size[1], 2):
        cells = ((_pixel(small, x, top), _pixel(small, x, top + 1)) for x in range(size[0]))
        yield "".join(f"\033[38;{colour(up)};48;{colour(down)}m{_UPPER_HALF}" for up, down in cells) + _RESET


def _pixel(picture: Image.Image, x: int, y: int) -> tuple[int, int, int]:
    pixel = picture.getpixel((x, y))
    assert isinstance(pixel, tuple)  # noqa: S101 - an RGB picture's always is
    return pixel[0], pixel[1], pixel[2]


def _true_colour(pixel: tuple[int, int, int]) -> str:
    return "2;{};{};{}".format(*pixel)


def _of_256(pixel: tuple[int, int, int]) -> str:
    """The nearest colour of xterm's palette: its 6 x 6 x 6 cube, or its 24 greys."""
    cube = [_nearest(channel, (0, 95, 135, 175, 215, 255)) for channel in pixel]
    mean = sum(pixel) // 3
    grey = min(23, max(0, round((mean - 8) / 10)))
    if max(pixel) - min(pixel) < 10 and 4 < mean < 247:
        return f"5;{232 + grey}"
    return f"5;{16 + 36 * cube[0] + 6 * cube[1] + cube[2]}"


def _nearest(value: int, steps: tuple[int, ...]) -> int:
    return min(range(len(steps)), key=lambda index: abs(steps[index] - value))
