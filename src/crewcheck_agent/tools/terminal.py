"""Text set for the terminal at the other end, or for whatever else takes the output."""

import os
import shutil
import sys
import textwrap
from collections.abc import Sequence
from typing import NamedTuple, Self

_WIDEST = 80  # columns: longer lines are hard to read


class Paper(NamedTuple):
    """What text is set on.

    Attributes:
        width: in columns.
        coloured: whether it takes colours.
        redrawn: whether each text takes the place of the last one: its lines are counted, and none is too long.
    """

    width: int = _WIDEST
    coloured: bool = False
    redrawn: bool = False

    @classmethod
    def at_hand(cls, *, redrawn: bool = False) -> Self:
        """Standard output as it is, to be redrawn if it can be; https://no-color.org is respected."""
        width = min(_WIDEST, shutil.get_terminal_size().columns)
        able = sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"
        return cls(width, able and not os.environ.get("NO_COLOR"), able and redrawn)

    def set(self, start: str, text: str, tone: str = "") -> Sequence[str]:
        """The lines of a paragraph that hangs below its start; `tone` as ECMA-48 has it (SGR), e.g. `1;32`."""
        lines = textwrap.wrap(
            text,
            self.width,
            initial_indent=start,
            subsequent_indent=" " * len(start),
            break_long_words=self.redrawn,  # elsewhere, an address is to be copied
            break_on_hyphens=False,
        )
        return [f"\033[{tone}m{line}\033[0m" for line in lines] if self.coloured and tone else lines


class Sheet:
    """Where a text that changes goes: on a terminal into the place of its last version, elsewhere below it."""

    def __init__(self, paper: Paper) -> None:
        self._paper = paper
        self._rows = 0

    def show(self, lines: Sequence[str]) -> None:
        """Put this text there."""
        room = shutil.get_terminal_size().lines - 1
        shown = lines[:room] if self._paper.redrawn else lines
        back = f"\033[{self._rows}F\033[J" if self._paper.redrawn and self._rows else "\n" * bool(self._rows)
        print(back + "".join(f"{line}\n" for line in shown), end="", flush=True)  # whole, or not at all
        self._rows = len(shown)

    def leave(self) -> None:
        """Take the terminal's own mark of an interruption away."""
        if self._paper.redrawn:
            print("\r\033[K", end="", flush=True)
