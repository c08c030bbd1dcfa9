"""The technician's key in a window: it counts when it was held, as on a kiosk's own keyboard."""

import pygame

HELD = 1.0
"""Seconds."""


class WindowKey:
    """`name`: F1 to F12; any other is no key."""

    def __init__(self, name: str) -> None:
        self._key = getattr(pygame, f"K_{name}", None) if name.startswith("F") else None
        self._since: float | None = None

    def held(self, event: pygame.event.Event, steady: float) -> bool:
        """Take one event at a moment in steady seconds; whether it is the end of a long press of the key."""
        if event.type not in {pygame.KEYDOWN, pygame.KEYUP} or event.key != self._key:
            return False
        since, self._since = self._since, steady if event.type == pygame.KEYDOWN else None
        return event.type == pygame.KEYUP and since is not None and steady - since >= HELD
