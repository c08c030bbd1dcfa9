"""The display is kept open: anew when it broke, or when another monitor wants it, with growing pauses."""

from collections.abc import Callable

from crewcheck_agent.core.problem import Code, Lack, Problem, printable
from crewcheck_agent.kiosk.display import DisplayUnavailable
from crewcheck_agent.kiosk.monitors import Places, in_use, monitors
from crewcheck_agent.kiosk.wall import Wall

_NEVER = float("inf")


class Upkeep:
    """Sees to it that there is a display on the wall. Times are in seconds of the steady clock.

    Attributes:
        problem: why there is no display; None while there is one.
        due: when to `open` the next time; infinite while there is a display.
        pauses: between two tries to open it: the first, and the longest.
    """

    def __init__(self, wall: Wall, places: Places | None = None, in_use: Callable[[Places], bool] = in_use) -> None:
        self.problem: Problem | None = None
        self.due = _NEVER
        self.pauses = (2.0, 30.0)
        self._wall = wall
        self._places = places or Places()
        self._in_use = in_use
        self._seen = monitors(self._places)
        self._opened_at = 0.0
        self._pause = 0.0

    def open(self, at: float) -> None:
        """Open the display, if it is not open; what keeps it from that is then the `problem`."""
        self._seen = monitors(self._places)  # before the try: what comes after it leads to another
        try:
            self._wall.open()
        except DisplayUnavailable as error:
            self._miss(str(error), at)
            return
        self.problem, self.due, self._opened_at = None, _NEVER, at

    def look(self, at: float) -> bool:
        """Open the display anew where something changed that concerns it; says whether it did.

        SDL itself never looks again. An open display follows the monitors; one that cannot be opened is tried when
        anything changed, and for nothing else: every try might itself make the kernel tell of a change. Where the
        kernel drives nothing, as in a window, there is nothing to see here.
        """
        display, seen = self._wall.display, monitors(self._places)
        if display is None:
            changed = seen != self._seen
        else:
            changed = display.driver.lower() == "kmsdrm" and seen.connected != self._seen.connected
        if changed:
            self._wall.close()
            self.open(at)
        return changed

    def lose(self, error: DisplayUnavailable, at: float) -> None:
        """The display broke: give it back, to be opened anew."""
        self._wall.close()
        self._seen = monitors(self._places)
        self._miss(str(error), at)

    def _miss(self, why: str, at: float) -> None:
        lasted = self.problem is None and at - self._opened_at >= self.pauses[1]
        self._pause = self.pauses[0] if lasted or not self._pause else min(2 * self._pause, self.pauses[1])
        self.due = at + self._pause
        lack = self._lack() if "kmsdrm" in why else None
        if lack:
            self.problem = Problem(Code.DISPLAY, self._seen.node, variant=lack)
        else:
            self.problem = Problem(Code.DISPLAY, printable(why).rstrip("."))

    def _lack(self) -> Lack | None:
        return self._seen.lack or (Lack.IN_USE if self._in_use(self._places) else None)
