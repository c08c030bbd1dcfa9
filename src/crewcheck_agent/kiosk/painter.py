"""Paints every screen that has words."""

from collections.abc import Iterable, Mapping, Sequence
from typing import assert_never

import pygame

from crewcheck_agent.core.facts import Fact
from crewcheck_agent.core.screen import Screen, Showing
from crewcheck_agent.kiosk import signs
from crewcheck_agent.kiosk.blocks import Drawing, Ink, Item, Rule, Symbol, Text
from crewcheck_agent.kiosk.layout import arranged
from crewcheck_agent.kiosk.panel import panel
from crewcheck_agent.kiosk.qr import modules

Colour = tuple[int, int, int]

GROUND: Colour = (17, 32, 41)
"""Dark: a kiosk that is out of service should recede on the shop's wall, not shine on it."""

_BRIGHT: Colour = (245, 242, 235)
_QUIET: Colour = (168, 183, 191)
_RULE: Colour = (92, 112, 122)

READY: Colour = (122, 212, 190)
WAITING: Colour = (142, 196, 234)
STOPPED: Colour = (240, 192, 128)

_ACCENTS = {
    Showing.SETUP: READY,
    Showing.CONNECTING: WAITING,
    Showing.OFFLINE: WAITING,
    Showing.DISABLED: STOPPED,
    Showing.UNAUTHORIZED: STOPPED,
    Showing.NOT_FOUND: STOPPED,
}


def palette(showing: Showing) -> dict[Ink, Colour]:
    """The colours of a screen, by what they are for."""
    accent = _ACCENTS[showing]
    notice = STOPPED if showing is Showing.SETUP else accent  # what a setup screen notices went wrong
    return {"bright": _BRIGHT, "quiet": _QUIET, "accent": accent, "notice": notice, "rule": _RULE}


def paint(screen: Screen, size: tuple[int, int]) -> pygame.Surface:
    """The screen, upright, `size` pixels wide and high. Not for the logo's: see `frame`."""
    surface = pygame.Surface(size, depth=32)
    surface.fill(GROUND)
    _draw(surface, arranged(screen, size), palette(screen.showing))
    return surface


def paint_overlay(frame: pygame.Surface, facts: Sequence[Fact]) -> None:
    """Put these facts on a panel over the lower part of an upright frame."""
    place = panel(facts, frame.get_size())
    line = max(1, min(frame.get_size()) // 540)
    area = pygame.Rect(place.x, place.y, place.width, place.height)
    frame.fill(_RULE, area)
    frame.fill(GROUND, area.inflate(-2 * line, -2 * line))
    _draw(frame, place.items, palette(Showing.CONNECTING))


def _draw(surface: pygame.Surface, items: Iterable[Item], inks: Mapping[Ink, Colour]) -> None:
    for item in items:
        match item:
            case Text():
                item.setting.draw(surface, item.text, (item.x, item.y), inks[item.ink])
            case Drawing():
                surface.blit(signs.drawn(item.sign, item.height, inks["accent"], GROUND), (item.x, item.y))
            case Rule():
                surface.fill(inks["rule"], (item.x, item.y, item.width, item.thickness))
            case Symbol():
                _draw_symbol(surface, item)
            case _ as never:
                assert_never(never)


def _draw_symbol(surface: pygame.Surface, symbol: Symbol) -> None:
    """Dark on light, as every phone can read it."""
    rows, side = modules(symbol.text), symbol.module
    surface.fill(_BRIGHT, (symbol.x, symbol.y, len(rows) * side, len(rows) * side))
    for down, row in enumerate(rows):
        for across, dark in enumerate(row):
            if dark:
                surface.fill(GROUND, (symbol.x + across * side, symbol.y + down * side, side, side))
