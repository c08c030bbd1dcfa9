"""The logo's frame, and the last step of every frame: turning it the way the monitor hangs.

On the path from power-on to the first pixel, so it imports nothing but pygame, reads no file and draws no word.
"""

from __future__ import annotations

import pygame

TYPE_CHECKING = False
if TYPE_CHECKING:  # without importing typing, which the first pixel would wait for
    from collections.abc import Sequence

    from crewcheck_agent.core.picture import Picture
    from crewcheck_agent.kiosk.picture_file import StoredPicture

# As in core.picture, which is too heavy for this path; a test compares them.
WIDEST = 0.72
TALLEST = 0.60
MOST_ENLARGED = 2.0
OPTICAL_CENTRE = 0.45

_TOLD_APART = 3.5
_DARK_GROUND = 0.179  # relative luminance at which black and white have the same contrast (WCAG 2.2)


def logical_size(physical: tuple[int, int], rotation: int) -> tuple[int, int]:
    """The size of the frame as the public sees it, upright."""
    width, height = physical
    return (height, width) if rotation in {90, 270} else (width, height)


def logo_frame(
    size: tuple[int, int],
    picture: Picture | StoredPicture,
    *,
    background: Sequence[int] | None = None,
    offline: bool = False,
) -> pygame.Surface:
    """The logo, alone, on an upright frame of that size in pixels; the arguments are `draw_logo`'s."""
    frame = pygame.Surface(size, depth=32)
    draw_logo(frame, picture, background=background, offline=offline)
    return frame


def draw_logo(
    frame: pygame.Surface,
    picture: Picture | StoredPicture,
    *,
    background: Sequence[int] | None = None,
    offline: bool = False,
) -> None:
    """Draw the logo, alone, over all of an upright frame.

    Args:
        frame: a frame, or the screen itself.
        picture: the logo; scaled where it was fitted for another size.
        background: the colour around it, where it is not to be the picture's own.
        offline: whether one corner carries the mark "no connection".
    """
    size = frame.get_size()
    ground = tuple(background or picture.background)[:3]
    frame.fill(ground)
    logo = _loaded(picture)
    fit = _fit(size, picture)
    place = (size[0] - fit[0]) // 2, round((size[1] - fit[1]) * OPTICAL_CENTRE)
    if fit == logo.get_size():
        frame.blit(logo, place)
    else:
        _blit_scaled(frame, logo, fit, place)
    if offline:
        _mark(frame, ground)


def turned(
    frame: pygame.Surface, rotation: int, *, shift: tuple[int, int] = (0, 0), ground: Sequence[int] = (0, 0, 0)
) -> pygame.Surface:
    """The frame as the monitor needs it.

    Args:
        frame: upright.
        rotation: degrees by which the picture is turned, clockwise.
        shift: pixels right and down, a few, so that no edge burns in.
        ground: what fills the strip that the shift uncovers.
    """
    if shift != (0, 0):
        moved = pygame.Surface(frame.get_size(), depth=32)
        moved.fill(tuple(ground))
        moved.blit(frame, shift)
        frame = moved
    return pygame.transform.rotate(frame, -rotation) if rotation else frame


def _loaded(picture: Picture | StoredPicture) -> pygame.Surface:
    """The logo in the order of bytes that SDL blends fast: 2 ms for a logo on a 1080p screen where RGBA takes 9."""
    size = (picture.width, picture.height)
    packed = pygame.image.frombuffer(picture.pixels, size, "RGBA")
    packed.set_alpha(None)  # copied, not blended
    logo = pygame.Surface(size, pygame.SRCALPHA, 32)
    logo.blit(packed, (0, 0))
    return logo


def _fit(size: tuple[int, int], picture: Picture | StoredPicture) -> tuple[int, int]:
    if tuple(picture.box) == size:
        return picture.width, picture.height
    factor = min(size[0] * WIDEST / picture.width, size[1] * TALLEST / picture.height, MOST_ENLARGED)
    return max(1, round(picture.width * factor)), max(1, round(picture.height * factor))


def _blit_scaled(frame: pygame.Surface, logo: pygame.Surface, fit: tuple[int, int], place: tuple[int, int]) -> None:
    """Scale the difference that the logo makes to the ground, not the logo.

    The colour of a transparent pixel then bleeds into nothing, and the ground stays what it is to the last bit:
    `smoothscale` makes 255 a 251, and a white logo's rectangle would show.
    """
    ground = frame.get_at((0, 0))
    plain = pygame.Surface(logo.get_size(), depth=32)
    plain.fill(ground)
    flat = plain.copy()
    flat.blit(logo, (0, 0))
    lighter, darker = flat.copy(), plain
    lighter.blit(plain, (0, 0), special_flags=pygame.BLEND_RGB_SUB)
    darker.blit(flat, (0, 0), special_flags=pygame.BLEND_RGB_SUB)
    frame.blit(pygame.transform.smoothscale(lighter, fit), place, special_flags=pygame.BLEND_RGB_ADD)
    frame.blit(pygame.transform.smoothscale(darker, fit), place, special_flags=pygame.BLEND_RGB_SUB)


def _mark(frame: pygame.Surface, ground: Sequence[int]) -> None:
    from crewcheck_agent.kiosk.signs import drawn  # noqa: PLC0415 - a kiosk that is well never needs it

    width, height = frame.get_size()
    shorter = min(width, height)
    side = max(16, shorter // 18)
    right, below = (max(shorter // 20, length // 31) for length in (width, height))  # clear of the outer 3 %
    ink = _standing_out(ground)
    mark = drawn("cloudOff", side, ink, (ground[0], ground[1], ground[2]))
    frame.blit(mark, (width - right - side, height - below - side))


def _standing_out(ground: Sequence[int]) -> tuple[int, int, int]:
    """The colour nearest to the ground that can still be told from it (WCAG 2.2, 1.4.11: 3 to 1, and a bit)."""
    extreme = 0 if _luminance(ground) > _DARK_GROUND else 255
    steps = ([each + (extreme - each) * step // 20 for each in ground] for step in range(1, 21))
    red, green, blue = next(ink for ink in steps if _contrast(ink, ground) >= _TOLD_APART)
    return red, green, blue


def _contrast(one: Sequence[int], other: Sequence[int]) -> float:
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Sequence[int]) -> float:
    """Relative luminance of an sRGB colour, 0 to 1 (WCAG 2.2)."""
    red, green, blue = (
        value / 255 / 12.92 if value <= 10 else ((value / 255 + 0.055) / 1.055) ** 2.4 for value in colour[:3]
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
