"""In a window, too, the technician's key counts when it was held."""

import pygame
import pytest

from crewcheck_agent.kiosk.window_key import WindowKey

DOWN, UP = pygame.KEYDOWN, pygame.KEYUP


def held(key: WindowKey, *events: tuple[int, int, float]) -> list[bool]:
    """What each event (kind, key, seconds) comes to."""
    return [key.held(pygame.event.Event(kind, key=code), at) for kind, code, at in events]


def test_it_counts_when_it_is_let_go_after_a_second() -> None:
    key = WindowKey("F12")
    assert held(key, (DOWN, pygame.K_F12, 5.0), (UP, pygame.K_F12, 6.0)) == [False, True]
    assert held(key, (DOWN, pygame.K_F12, 7.0), (UP, pygame.K_F12, 9.0)) == [False, True]


@pytest.mark.parametrize(
    "events",
    [
        [(DOWN, pygame.K_F12, 5.0), (UP, pygame.K_F12, 5.9)],
        [(DOWN, pygame.K_F11, 5.0), (UP, pygame.K_F11, 9.0)],
        [(DOWN, pygame.K_F12, 5.0), (UP, pygame.K_a, 9.0)],
        [(UP, pygame.K_F12, 9.0)],
        [(DOWN, pygame.K_F12, 5.0), (UP, pygame.K_F12, 5.1), (UP, pygame.K_F12, 9.0)],
    ],
    ids=["let go earlier", "another key", "let go another", "never pressed", "let go twice"],
)
def test_nothing_else_does(events: list[tuple[int, int, float]]) -> None:
    assert not any(held(WindowKey("F12"), *events))


def test_off_is_no_key_and_other_events_are_none() -> None:
    assert not any(held(WindowKey("off"), (DOWN, pygame.K_F12, 5.0), (UP, pygame.K_F12, 9.0)))
    assert not WindowKey("F12").held(pygame.event.Event(pygame.WINDOWEXPOSED), 1.0)
