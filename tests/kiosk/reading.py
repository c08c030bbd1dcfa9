"""What stands on a screen, read back from its layout and its pixels."""

from functools import cache

import pygame
import zxingcpp
from PIL import Image

from crewcheck_agent.core.screen import Screen
from crewcheck_agent.kiosk.blocks import Item, Symbol, Text
from crewcheck_agent.kiosk.layout import arranged
from crewcheck_agent.kiosk.qr import modules
from crewcheck_agent.kiosk.typeface import Setting

WHITE, BLACK = (255, 255, 255), (0, 0, 0)


@cache
def items(screen: Screen, size: tuple[int, int]) -> tuple[Item, ...]:
    return arranged(screen, size)


def texts(screen: Screen, size: tuple[int, int]) -> list[Text]:
    return [item for item in items(screen, size) if isinstance(item, Text)]


def symbols(screen: Screen, size: tuple[int, int]) -> list[Symbol]:
    return [item for item in items(screen, size) if isinstance(item, Symbol)]


def box(item: Text | Symbol) -> pygame.Rect:
    if isinstance(item, Symbol):
        side = item.module * len(modules(item.text))
        return pygame.Rect(item.x, item.y, side, side)
    return pygame.Rect(item.x, item.y, item.setting.width(item.text), item.setting.cap)


def image_of(frame: pygame.Surface) -> Image.Image:
    return Image.frombytes("RGB", frame.get_size(), pygame.image.tobytes(frame, "RGB"))


def scanned(picture: Image.Image) -> list[str]:
    """The QR codes in this picture."""
    return [found.text for found in zxingcpp.read_barcodes(picture, zxingcpp.BarcodeFormat.QRCode)]


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
