"""The work on pixels: foreign bytes in, our own fitted picture out. Runs in the decoder's child process alone.

Kinds are told by content, each goes to its one Pillow plugin, and no other plugin can be reached. Colours: a profile
inside the picture is honoured (LittleCMS, relative colorimetric); CMYK without one is converted arithmetically, with
Adobe's inversion undone by Pillow.
"""

import io
import math
import re
import warnings
from collections.abc import Callable
from typing import NamedTuple, cast

from PIL import (
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageChops,
    ImageCms,
    ImageFile,
    ImageFilter,
    ImageOps,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from crewcheck_agent.core.picture import (
    ALIKE,
    LONGEST_SIDE,
    MOST_BYTES,
    MOST_PIXELS,
    Box,
    Colour,
    PictureRefused,
    Reason,
    Size,
    Tally,
    background_of_cutout,
    background_of_opaque,
    fitted,
    flat_colour,
    room,
)
from crewcheck_agent.kiosk import vector

_KINDS: tuple[tuple[re.Pattern[bytes], type[ImageFile.ImageFile]], ...] = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), PngImagePlugin.PngImageFile),
    (re.compile(rb"\xff\xd8\xff"), JpegImagePlugin.JpegImageFile),
    (re.compile(rb"RIFF....WEBPVP8[ LX]", re.DOTALL), WebPImagePlugin.WebPImageFile),
    (re.compile(rb"GIF8[79]a"), GifImagePlugin.GifImageFile),
    (re.compile(rb"BM"), BmpImagePlugin.BmpImageFile),
)
_EXIF_READER = TiffImagePlugin.ImageFileDirectory_v2  # Pillow imports it when first needed: too late for us
_ORIENTATION = 0x0112  # Exif 2.3, 4.6.4.A
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_LARGEST_CANVAS = (
    16_000_000  # pixels, of a drawing with wide margins in its own background; a 4K screen has 8.3 million
)
_STEP = 17  # of 255: sixteen levels a channel are plenty to judge contrast by
_SPARE = 3  # times the size needed is kept until the last step, the one that uses the best filter
_FAINTEST = 8  # of 255: alpha up to here is not seen
_SOLID = 250  # of 255: alpha from here on counts as opaque


class Made(NamedTuple):
    """The fitted picture and the colour around it; `pixels` as in `core.picture.Picture`."""

    width: int
    height: int
    background: Colour
    pixels: bytes


def made(data: bytes, box: Box, give_up_rights: Callable[[], None]) -> Made:
    """The picture for a screen of `box`. Calls `give_up_rights` when only decoding is left to do.

    Raises PictureRefused, whatever the bytes are.
    """
    if len(data) > MOST_BYTES:
        raise PictureRefused(Reason.TOO_LARGE)
    try:
        if vector.is_svg(data):
            drawing = drawn(data, box)
            give_up_rights()
        else:
            give_up_rights()
            drawing = decoded(data, box)
        return _finished(drawing, box)
    except MemoryError as error:
        raise PictureRefused(Reason.TOO_MUCH_MEMORY) from error


def drawn(data: bytes, box: Box) -> Image.Image:
    """A vector picture as RGBA, rendered such that what is seen of it has the size that it will be shown at."""
    most = room(box)
    first = vector.rendered(data, most)
    shown = Size(*first.crop(_shown_part(first).area).size)
    left, top, right, bottom = _visible_part(first)
    left, top, right, bottom = left - 1, top - 1, right + 1, bottom + 1  # one pixel is the error of the measure
    zoom = min(
        most.width / (shown.width + 1),
        most.height / (shown.height + 1),
        math.sqrt(_LARGEST_CANVAS / ((right - left) * (bottom - top))),
        LONGEST_SIDE / max(first.size),
    )
    if zoom <= 1:
        return first
    whole = Size(round(first.width * zoom), round(first.height * zoom))
    return vector.rendered(data, whole, vector.Window(*(round(zoom * each) for each in (left, top, right, bottom))))


def decoded(data: bytes, box: Box) -> Image.Image:
    """A raster picture, upright, as RGBA in sRGB, no more than a few times larger than it will be shown."""
    plugin = next((plugin for magic, plugin in _KINDS if magic.match(data)), None)
    if plugin is None:
        raise PictureRefused(Reason.NOT_A_PICTURE)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about oddities that we either refuse or can live with
            return _decoded(plugin, data, box)
    except (PictureRefused, MemoryError):
        raise
    except Exception as error:  # Pillow's plugins raise whatever they stumble over
        raise PictureRefused(Reason.DAMAGED) from error


def _decoded(plugin: type[ImageFile.ImageFile], data: bytes, box: Box) -> Image.Image:
    if plugin is WebPImagePlugin.WebPImageFile:
        _check(_webp_size(data))  # opening it would already make room for the pixels
    image: Image.Image = plugin(io.BytesIO(data))
    _check(Size(*image.size))
    factor = _spare_factor(image, box)
    image.draft("", (max(1, image.width // factor), max(1, image.height // factor)))  # JPEG alone can
    image.load()
    orientation, profile = _orientation(image), image.info.get("icc_profile")
    image = _plain(image)
    if image.mode == "RGBA":
        image = image.crop(_visible_part(image))
    image = image.reduce(_spare_factor(image, box))
    if orientation in _UPRIGHT:
        image = image.transpose(_UPRIGHT[orientation])
    return _in_srgb(image, profile)


def _check(size: Size) -> None:
    if max(size) > LONGEST_SIDE or size.width * size.height > MOST_PIXELS:
        raise PictureRefused(Reason.TOO_MANY_PIXELS)


def _webp_size(data: bytes) -> Size:
    """The canvas that a WebP header announces (RFC 9649, 2.5 to 2.7)."""
    kind, content = data[12:16], data[20:30]
    if kind == b"VP8X":
        return Size(1 + int.from_bytes(content[4:7], "little"), 1 + int.from_bytes(content[7:10], "little"))
    if kind == b"VP8L":
        bits = int.from_bytes(content[1:5], "little")
        return Size(1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    sides = int.from_bytes(content[6:8], "little"), int.from_bytes(content[8:10], "little")
    return Size(sides[0] & 0x3FFF, sides[1] & 0x3FFF)


def _spare_factor(image: Image.Image, box: Box) -> int:
    """By how much the picture can be shrunk at once and still be a few times larger than shown, turned or not."""
    upright = fitted(Size(image.width, image.height), box)
    turned = fitted(Size(image.height, image.width), box)
    return max(1, image.width // (_SPARE * max(upright.width, turned.height)))


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # noqa: BLE001 - as Pillow stumbles; a garbled note about a sound picture is no reason to refuse
        return 1


def _plain(image: Image.Image) -> Image.Image:
    """The same picture as RGBA if it may have transparency, else as L, RGB or CMYK."""
    if image.mode == "I;16":  # grey, little-endian: the high byte of each is the picture in 8 bits
        return Image.frombytes("L", image.size, image.tobytes()[1::2])
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image if image.mode in {"L", "RGB", "CMYK"} else image.convert("RGB")


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    colours = image.convert("RGB") if image.mode == "RGBA" else image
    managed = _managed(colours, profile) if profile else colours.convert("RGB")
    managed.putalpha(image.getchannel("A") if image.mode == "RGBA" else 255)
    return managed


def _managed(image: Image.Image, profile: bytes) -> Image.Image:
    try:
        converted = ImageCms.profileToProfile(
            image,
            ImageCms.ImageCmsProfile(io.BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):  # garbled, or for another kind of colours
        return image.convert("RGB")
    return image.convert("RGB") if converted is None else converted


class _Part(NamedTuple):
    """What is shown of a picture, and the colour to paint around it where the picture itself says so."""

    area: tuple[int, int, int, int]
    background: Colour | None


def _finished(image: Image.Image, box: Box) -> Made:
    part = _shown_part(image)
    image = image.crop(part.area)
    image = image.resize(fitted(Size(*image.size), box), Image.Resampling.LANCZOS, reducing_gap=float(_SPARE))
    background = part.background or background_of_cutout(_edge(image))
    return Made(image.width, image.height, background, image.tobytes())


def _shown_part(image: Image.Image) -> _Part:
    """The picture without margins that are not seen: transparent ones, or those in the colour around it."""
    left, top, right, bottom = _visible_part(image)
    visible = image.crop((left, top, right, bottom))
    if _alpha_range(visible)[0] < _SOLID:
        return _Part((left, top, right, bottom), None)
    border = _border(visible)
    inner = None
    if (flat := flat_colour(border)) is not None:
        ground = Image.new("RGB", visible.size, flat)
        differing = ImageChops.difference(visible.convert("RGB"), ground).point(_more_than(ALIKE) * 3)
        inner = differing.getbbox()
    if inner is not None:
        left, top, right, bottom = left + inner[0], top + inner[1], left + inner[2], top + inner[3]
    return _Part((left, top, right, bottom), background_of_opaque(border))


def _visible_part(image: Image.Image) -> tuple[int, int, int, int]:
    visible = image.getchannel("A").point(_more_than(_FAINTEST)).getbbox()
    if visible is None:
        raise PictureRefused(Reason.EMPTY)
    return visible


def _border(image: Image.Image) -> Tally:
    """The colours of the outermost pixels."""
    width, height = image.size
    sides = ((0, 0, width, 1), (0, height - 1, width, height), (0, 0, 1, height), (width - 1, 0, width, height))
    return [seen for side in sides for seen in _tally(image.crop(side))]


def _edge(image: Image.Image) -> Tally:
    """The colours of those visible pixels that have an invisible neighbour, or none."""
    alpha = image.getchannel("A")
    visible = ImageOps.expand(alpha.point(_more_than(_alpha_range(image)[1] // 2)), 1, 0)
    edge = ImageChops.subtract(visible, visible.filter(ImageFilter.MinFilter(3)))
    colours = image.convert("RGB").point([round(value / _STEP) * _STEP for value in range(256)] * 3)
    colours.putalpha(edge.crop((1, 1, 1 + image.width, 1 + image.height)))
    return _tally(colours)


def _tally(image: Image.Image) -> Tally:
    """How many pixels of an RGBA picture have which colour, without the fully transparent ones."""
    counted = cast("list[tuple[int, tuple[int, int, int, int]]]", image.getcolors(image.width * image.height))
    return [(n, Colour(*channels[:3])) for n, channels in counted if channels[3]]


def _alpha_range(image: Image.Image) -> tuple[int, int]:
    return cast("tuple[int, int]", image.getchannel("A").getextrema())


def _more_than(least: int) -> list[int]:
    return [255 if value > least else 0 for value in range(256)]
