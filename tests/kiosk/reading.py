"""What stands on a screen, read back from its layout and its pixels."""

from functools import cache

import pygame

from crewcheck_agent.core.screen import Screen
from crewcheck_agent.kiosk.layout import Text, arranged
from crewcheck_agent.kiosk.typeface import Setting

WHITE, BLACK = (255, 255, 255), (0, 0, 0)


@cache
def texts(screen: Screen, size: tuple[int, int]) -> list[Text]:
    return [item for item in arranged(screen, size) if isinstance(item, Text)]


def box(text: Text) -> pygame.Rect:
    return pygame.Rect(text.x, text.y, text.setting.width(text.text), text.setting.cap)


def inked(surface: pygame.Surface) -> pygame.Rect:
    """The smallest rectangle around all that is white."""
    mask = pygame.mask.from_threshold(surface, WHITE, (200, 200, 200))
    rects: list[pygame.Rect] = mask.get_bounding_rects()  # type: ignore[assignment] # pygame's stubs err
    return rects[0].unionall(rects[1:])


@cache
def drawn_cap(face: Setting) -> int:
    surface = pygame.Surface((face.cap * 2, face.cap * 2), depth=32)
    face.draw(surface, "H", (0, face.cap // 2), WHITE)
    return inked(surface).height


def lines_of(screen: Screen, size: tuple[int, int], text: str) -> list[Text]:
    """The lines into which this text was broken: they follow each other, and together they are the text."""
    lines, whole = texts(screen, size), text.replace(" ", "")
    for start in range(len(lines)):
        for end in range(start + 1, len(lines) + 1):
            run = "".join(line.text for line in lines[start:end]).replace(" ", "")
            if run == whole:
                return lines[start:end]
            if not whole.startswith(run):
                break
    return []
