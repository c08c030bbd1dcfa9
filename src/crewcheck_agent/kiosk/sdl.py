"""pygame without the parts that no kiosk needs: on the way to the first picture every import is time and memory.

Measured: 175 ms for the whole of pygame where numpy or setuptools are installed, 7 ms for this part of it.
"""

import os
import sys
import warnings

_NEVER = (
    "pygame.cdrom",
    "pygame.fastevent",
    "pygame.freetype",  # pygame would import it, and the mixer, only to end them
    "pygame.ftfont",
    "pygame.joystick",
    "pygame.mixer",
    "pygame.mixer_music",
    "pygame.scrap",
    "pygame.sndarray",
    "pygame.sprite",
    "pygame.surfarray",
    "pygame.threads",
)
_LATER = (
    "pkg_resources",
    "pygame.draw",
    "pygame.font",
    "pygame.imageext",
    "pygame.mask",
    "pygame.pixelarray",
    "pygame.pixelcopy",
    "pygame.pkgdata",
    "pygame.sysfont",
)
"""Held back from the first import; the words on the screens import what they need by name."""


def _trimmed_import() -> None:
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    held_back = [name for name in (*_NEVER, *_LATER) if name not in sys.modules]
    for name in held_back:
        sys.modules[name] = None  # type: ignore[assignment]  # how the import system is told "there is none"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # pygame's, about what is held back
            import pygame  # noqa: F401, PLC0415 - here, and nowhere before
    finally:
        for name in _LATER:
            if name in held_back:
                sys.modules.pop(name, None)


_trimmed_import()
