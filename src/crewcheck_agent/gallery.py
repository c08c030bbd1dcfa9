"""The picture at hand: the one whose digest the server's last word names, in memory and in the cache."""

from crewcheck_agent.core.kiosk import Kiosk, Logo
from crewcheck_agent.core.picture import Box, Picture
from crewcheck_agent.core.problem import Problem
from crewcheck_agent.kiosk.files import tried
from crewcheck_agent.kiosk.pictures import Pictures


class Gallery:
    """Holds at most one picture, and never one of another logo than the kiosk's own."""

    def __init__(self, pictures: Pictures) -> None:
        self.picture: Picture | None = None
        self._pictures = pictures

    def load(self, kiosk: Kiosk, box: Box) -> bool:
        """Take the cached picture, or keep the one at hand; says whether it was made for a screen of `box`."""
        logo = _logo(kiosk)
        if logo:
            self.picture = self._pictures.load(logo.sha256, box) or self.picture
        return self.picture is None or self.picture.box == box

    def hang(self, picture: Picture, kiosk: Kiosk) -> None:
        """Take a picture that was just made, unless it comes too late, for a logo replaced meanwhile."""
        logo = _logo(kiosk)
        if logo and logo.sha256 == picture.sha256:
            self.picture = picture

    def tidy(self, kiosk: Kiosk, *, on_disk: bool) -> None:
        """Let go of every other logo's picture; `on_disk` too, which is safe once the verdict itself is there."""
        logo = _logo(kiosk)
        if self.picture and (logo is None or logo.sha256 != self.picture.sha256):
            self.picture = None
        if on_disk:
            tried(lambda: self._pictures.prune(logo.sha256 if logo else None))  # what stays goes next time

    def clear(self) -> Problem | None:
        """Erase everything."""
        self.picture = None
        return tried(lambda: self._pictures.prune(None))


def _logo(kiosk: Kiosk) -> Logo | None:
    return kiosk.verdict.logo if kiosk.verdict else None
