"""What hangs on the wall: the one frame that the display shows, repainted when it would look different."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from crewcheck_agent.core.picture import Box, Colour, Picture
from crewcheck_agent.core.screen import Screen, Showing
from crewcheck_agent.kiosk.display import Display
from crewcheck_agent.kiosk.frame import logical_size, logo_frame, turned
from crewcheck_agent.kiosk.painter import GROUND, paint, paint_overlay

_SHIFTS = ((0, 0), (3, 0), (3, 3), (0, 3), (-3, 3), (-3, 0), (-3, -3), (0, -3), (3, -3))
"""Pixels right and down: a still picture burns in unless it moves now and then."""


@dataclass(frozen=True, slots=True)
class Hanging:
    """How the monitor hangs, as configured.

    Attributes:
        rotation: degrees clockwise that the picture is turned.
        background: the colour around a logo; None for the picture's own.
        size: of a window; None for the whole monitor.
    """

    rotation: Literal[0, 90, 180, 270] = 0
    background: Colour | None = None
    size: tuple[int, int] | None = None


class Wall:
    """The display and what it shows."""

    def __init__(self, environ: Mapping[str, str], hanging: Hanging, display: Display | None) -> None:
        self.hanging = hanging
        self.display = display
        self._environ = environ
        self._shown: tuple[Screen, Picture | None, Hanging] | None = None
        self._shifts = 0

    def open(self) -> Display:
        """Open the display, if it is not open.

        Raises:
            DisplayUnavailable: it cannot be opened now.
        """
        if self.display is None:
            self.display = Display(self._environ, self.hanging.size)
            self._shown = None
        return self.display

    def close(self) -> None:
        """Give the display back."""
        if self.display:
            self.display.close()
            self.display = None

    def box(self) -> Box:
        """The size that logos are made for: the frame as the public sees it; a guess while there is no display."""
        return Box(*self._logical()) if self.display else Box(1920, 1080)

    def show(self, screen: Screen, picture: Picture | None) -> bool:
        """Show a screen, with the picture if it is the logo's; says whether there was anything to paint.

        Raises:
            DisplayUnavailable: the display broke.
        """
        wanted = (screen, picture if screen.showing is Showing.LOGO else None, self.hanging)
        if self.display is None or wanted == self._shown:
            return False
        self._shown = wanted
        self._paint(self.display)
        return True

    def shift(self) -> None:
        """Move the frame by a few pixels, against burn-in.

        Raises:
            DisplayUnavailable: the display broke.
        """
        self._shifts += 1
        if self.display and self._shown:
            self._paint(self.display)

    def showing(self) -> Showing | None:
        """Which screen is on the display; None while there is none."""
        return self._shown[0].showing if self._shown and self.display else None

    @property
    def frames(self) -> int:
        """How many frames were painted since the display was opened."""
        return self.display.frames if self.display else 0

    def _logical(self) -> tuple[int, int]:
        if self.display is None:
            return self.box()
        return logical_size(self.display.size, self.hanging.rotation)

    def _paint(self, display: Display) -> None:
        """Compose the frame anew, even for a shift: to keep it would cost 8 MiB at 1080p, for years."""
        assert self._shown is not None  # noqa: S101 - there is something to show
        screen, picture, hanging = self._shown
        if picture is None:
            ground: tuple[int, ...] = GROUND
            upright = paint(screen, self._logical())
        else:
            ground = hanging.background or picture.background
            upright = logo_frame(self._logical(), picture, background=ground, offline=screen.offline_mark)
        if screen.overlay:
            paint_overlay(upright, screen.overlay)
        shift = _SHIFTS[self._shifts % len(_SHIFTS)]
        display.show(turned(upright, hanging.rotation, shift=shift, ground=ground))
