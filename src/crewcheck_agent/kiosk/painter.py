"""Paints every screen that has words: one grid, three sizes of type, two weights."""

from dataclasses import dataclass

import pygame

from crewcheck_agent.core.screen import Fact, Screen, Showing
from crewcheck_agent.kiosk import signs
from crewcheck_agent.kiosk.typeface import Face, Setting, setting

Colour = tuple[int, int, int]

GROUND: Colour = (16, 34, 43)
"""Dark: a kiosk that is out of service should recede on the shop's wall, not shine on it."""

BRIGHT: Colour = (246, 243, 236)
QUIET: Colour = (181, 194, 200)
RULE: Colour = (58, 80, 90)

ACCENTS: dict[Showing, Colour] = {
    Showing.SETUP: (120, 211, 190),
    Showing.CONNECTING: (138, 195, 232),
    Showing.OFFLINE: (138, 195, 232),
    Showing.DISABLED: (240, 190, 122),
    Showing.UNAUTHORIZED: (240, 190, 122),
    Showing.NOT_FOUND: (240, 190, 122),
}


def paint(screen: Screen, size: tuple[int, int]) -> pygame.Surface:
    """The screen, upright, `size` pixels wide and high."""
    surface = pygame.Surface(size, depth=32)
    surface.fill(GROUND)
    if screen.showing is Showing.LOGO:
        return surface
    shorter = min(size)
    margin = -(-shorter // 12)
    y = margin
    for text, face, cap in (
        (screen.headline, Face.BOLD, shorter // 14 + 1),
        (screen.staff, Face.REGULAR, shorter // 26 + 1),
        (screen.notice, Face.BOLD, shorter // 26 + 1),
        (screen.name, Face.LETTERS, shorter // 26 + 1),
        (screen.code, Face.BOLD, shorter // 26 + 1),
        *((f"{fact.label}: {fact.text}", Face.REGULAR, shorter // 42 + 1) for fact in screen.technician),
    ):
        if text:
            setting(face, cap).draw(surface, text, (margin, y), BRIGHT)
            y += 2 * cap
    return surface
