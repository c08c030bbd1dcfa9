"""pygame without the parts that no kiosk needs: on the way to the first picture every import is time and memory.

Measured: 64 ms for the whole of pygame, 22 to 32 ms for this part of it. A part left out here can still be imported
by name later, as the words on the screens do with `pygame.font`.
"""

import os
import sys
import warnings

_LEFT_OUT = (
    "pygame.cdrom",
    "pygame.draw",
    "pygame.fastevent",
    "pygame.font",
    "pygame.ftfont",
    "pygame.imageext",
    "pygame.joystick",
    "pygame.mask",
    "pygame.mixer",
    "pygame.mixer_music",
    "pygame.pixelarray",
    "pygame.pixelcopy",
    "pygame.scrap",
    "pygame.sndarray",
    "pygame.sprite",
    "pygame.surfarray",
    "pygame.sysfont",
    "pygame.threads",
    "pygame.pkgdata",
    "pkg_resources",
)


def _trimmed_import() -> None:
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    held_back = [name for name in _LEFT_OUT if name not in sys.modules]
    for name in held_back:
        sys.modules[name] = None  # type: ignore[assignment]  # how the import system is told "there is none"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # pygame's, about what is held back
            import pygame  # noqa: F401, PLC0415 - here, and nowhere before
    finally:
        for name in held_back:
            sys.modules.pop(name, None)


_trimmed_import()
