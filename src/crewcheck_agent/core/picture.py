"""What becomes of a tenant's logo: its size on the screen, its place, its background, and why one is refused."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import accumulate
from typing import NamedTuple, TypeAlias

# The share of the screen that a logo may fill: the rest is its quiet surroundings.
WIDEST = 0.72
TALLEST = 0.60
MOST_ENLARGED = 2.0  # a raster logo blown up further shows its pixels from three metres away

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 32_767
ALIKE = 12  # of 255 in each channel: what JPEG noise adds to one flat colour

_NEAR_ENOUGH = 1.03  # a logo this close to its full size is left alone: resampling would only blur it
_OPTICAL_CENTRE = 0.45  # of the free height goes above: what is centred exactly seems to sag
_READABLE = 3.0  # WCAG 2.2, 1.4.11: the least contrast of graphical objects
_NEARLY_ALL = 0.97  # of a border: a few stray pixels do not make a photo
_LOW = 0.10  # the worst-seen tenth of an edge breaks ties


class Reason(StrEnum):
    """Why the bytes fetched as a logo do not become a picture. The values are camelCase, like all we publish."""

    TOO_LARGE = "tooLarge"  # more bytes than MOST_BYTES
    TOO_MANY_PIXELS = "tooManyPixels"  # its header announces more than MOST_PIXELS or LONGEST_SIDE
    TOO_MUCH_MEMORY = "tooMuchMemory"  # few enough pixels, yet decoding them wanted more than the decoder may have
    TOOK_TOO_LONG = "tookTooLong"  # decoding ran into its time limit
    NOT_A_PICTURE = "notAPicture"  # no kind of picture we know: a web page, for instance
    DAMAGED = "damaged"  # a known kind of picture, broken off or garbled
    EMPTY = "empty"  # sound, but with nothing to see in it: fully transparent
    NO_SVG_RENDERER = "noSvgRenderer"  # a vector picture, and rsvg-convert is not installed
    DECODER_FAILED = "decoderFailed"  # the decoder crashed, was killed, or answered nonsense


class PictureRefused(Exception):  # noqa: N818 - named as the event it becomes
    """These bytes will not be shown, for the `reason` given."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class Colour(NamedTuple):
    """A colour in sRGB, each channel from 0 to 255."""

    red: int
    green: int
    blue: int


class Size(NamedTuple):
    """Of a picture, in pixels."""

    width: int
    height: int


class Box(NamedTuple):
    """The screen in the rotated frame, as the public sees it, in pixels."""

    width: int
    height: int


WHITE = Colour(255, 255, 255)
NEAR_BLACK = Colour(16, 16, 16)

Tally: TypeAlias = Sequence[tuple[int, Colour]]
"""How many pixels have which colour; no colour needs to be named only once."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A logo ready to be shown: fitted, upright, in sRGB, with the colour to paint around it.

    `pixels` holds `width * height * 4` bytes, rows from the top, R G B A with straight (not premultiplied) alpha.
    `sha256` is the hexadecimal digest of the bytes it was made from.
    """

    width: int
    height: int
    background: Colour
    box: Box
    sha256: str
    pixels: bytes = field(repr=False)


def room(box: Box) -> Size:
    """The most that a logo may fill of the screen."""
    return Size(max(1, round(box.width * WIDEST)), max(1, round(box.height * TALLEST)))


def fitted(size: Size, box: Box) -> Size:
    """The size at which a picture of `size` is shown: as large as its room allows, in its own proportions."""
    most = room(box)
    scale = min(most.width / size.width, most.height / size.height, MOST_ENLARGED)
    if 1 <= scale <= _NEAR_ENOUGH:
        return size
    return Size(max(1, round(size.width * scale)), max(1, round(size.height * scale)))


def top_left(size: Size, box: Box) -> tuple[int, int]:
    """Where a picture of `size` goes: in the middle across, a little above the middle down."""
    return (box.width - size.width) // 2, round((box.height - size.height) * _OPTICAL_CENTRE)


def contrast(one: Colour, other: Colour) -> float:
    """The contrast ratio of WCAG 2.2, from 1 (alike) to 21 (black and white)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def flat_colour(border: Tally) -> Colour | None:
    """The one colour that a picture's border has, or None if it has several."""
    red, green, blue = (_percentile([(n, c[channel]) for n, c in border], 0.5) for channel in range(3))
    middle = Colour(int(red), int(green), int(blue))
    alike = sum(n for n, c in border if all(abs(a - b) <= ALIKE for a, b in zip(c, middle, strict=True)))
    return middle if alike >= _NEARLY_ALL * sum(n for n, _ in border) else None


def background_of_opaque(border: Tally) -> Colour:
    """What to paint around a picture without transparency.

    Its own background where it has one, so that no rectangle is seen; around a photo, whichever of white and
    near-black is nearer to its border, so that the frame is calm.
    """
    own = flat_colour(border)
    if own is not None:
        return own
    total = sum(n for n, _ in border)
    red, green, blue = (round(sum(n * c[channel] for n, c in border) / total) for channel in range(3))
    mean = Colour(red, green, blue)
    return min((WHITE, NEAR_BLACK), key=lambda ground: contrast(mean, ground))


def background_of_cutout(edge: Tally) -> Colour:
    """What to paint behind a picture with transparency, whose visible edge has these colours.

    Whichever of white and near-black leaves more of the edge readable; when both do, the one on which the
    worst-seen tenth of the edge stands out more.
    """
    return max((WHITE, NEAR_BLACK), key=lambda ground: _readability(edge, ground))


def _readability(edge: Tally, ground: Colour) -> tuple[float, float]:
    contrasts = [(n, contrast(colour, ground)) for n, colour in edge]
    readable = sum(n for n, ratio in contrasts if ratio >= _READABLE) / sum(n for n, _ in contrasts)
    return round(readable, 2), _percentile(contrasts, _LOW)


def _percentile(counted: Sequence[tuple[int, float]], share: float) -> float:
    """The value below which `share` of the counted values lie."""
    ascending = sorted(counted, key=lambda each: each[1])
    upto = accumulate(n for n, _ in ascending)
    below = share * sum(n for n, _ in ascending)
    return next(value for (_, value), so_far in zip(ascending, upto, strict=True) if so_far > below)


def _luminance(colour: Colour) -> float:
    """WCAG 2.2, "relative luminance": 0 for black, 1 for white."""
    red, green, blue = (
        channel / 255 / 12.92 if channel / 255 <= 0.04045 else ((channel / 255 + 0.055) / 1.055) ** 2.4
        for channel in colour
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
