"""The file of one cached picture, read on the way from power-on to the first picture: with json and zlib alone.

A line holds the format's name, a checksum of all that follows and a JSON header; then come the compressed pixels.
"""

from __future__ import annotations

import json
import os
import zlib

TYPE_CHECKING = False
if TYPE_CHECKING:  # without importing typing, which the first pixel would wait for
    from crewcheck_agent.core.picture import Picture

_FORMAT = b"crewcheck-picture-1"
_LEVEL = 1  # zlib: higher levels make a logo's file a little smaller, and none quicker to load
_LARGEST_SCREEN = 16_384  # pixels a side, twice an 8K monitor's: bounds what a damaged file can make us read
_LARGEST_FILE = 64 * 1024 * 1024  # bytes


class StoredPicture:
    """A picture as it was stored; its attributes are those of `core.picture.Picture`."""

    __slots__ = ("background", "box", "height", "pixels", "sha256", "width")

    def __init__(
        self, size: tuple[int, int], background: tuple[int, int, int], box: tuple[int, int], sha256: str, pixels: bytes
    ) -> None:
        self.width, self.height = size
        self.background = background
        self.box = box
        self.sha256 = sha256
        self.pixels = pixels


def find_picture(folder: str, sha256: str, size: tuple[int, int]) -> StoredPicture | None:
    """The picture made from the original with this digest, for a screen of `size` or else for the nearest one.

    None if there is none, or only damaged ones.
    """
    boxes = sorted(_boxes(folder, sha256), key=lambda box: (box != size, abs(_area(box) - _area(size))))
    pictures = (_read(f"{folder}/{name_of(sha256, box)}", sha256, box) for box in boxes)
    return next(filter(None, pictures), None)


def name_of(sha256: str, box: tuple[int, int]) -> str:
    """The file's name."""
    return f"{sha256}-{box[0]}x{box[1]}.picture"


def packed(picture: Picture) -> bytes:
    """The file's content."""
    header = {"width": picture.width, "height": picture.height, "background": picture.background}
    body = json.dumps(header).encode() + b"\n" + zlib.compress(picture.pixels, _LEVEL)
    return b"%b %08x " % (_FORMAT, zlib.crc32(body)) + body


def _boxes(folder: str, sha256: str) -> list[tuple[int, int]]:
    found = []
    try:
        names = os.listdir(folder)  # noqa: PTH208 - pathlib costs more than the listing
    except OSError:
        return []
    for name in names:
        if name.startswith(f"{sha256}-") and name.endswith(".picture"):
            width, _, height = name[len(sha256) + 1 : -len(".picture")].partition("x")
            if width.isdecimal() and height.isdecimal() and max(int(width), int(height)) <= _LARGEST_SCREEN:
                found.append((int(width), int(height)))
    return found


def _area(box: tuple[int, int]) -> int:
    return box[0] * box[1]


def _read(path: str, sha256: str, box: tuple[int, int]) -> StoredPicture | None:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - as above
            size = os.fstat(file.fileno()).st_size  # reading sets aside room for as much as it is asked for
            content = file.read(size) if size <= _LARGEST_FILE else b""
    except OSError:
        return None
    start, _, rest = content.partition(b" {")
    body = b"{" + rest
    if start != b"%b %08x" % (_FORMAT, zlib.crc32(body)):
        return None
    line, _, compressed = body.partition(b"\n")
    try:
        header = json.loads(line)
        width, height = int(header["width"]), int(header["height"])
        red, green, blue = (int(channel) for channel in header["background"])
        if not (1 <= width <= box[0] and 1 <= height <= box[1]):
            return None
        pixels = _decompressed(compressed, width * height * 4)
    except (ValueError, KeyError, TypeError, zlib.error):  # not damage, which the checksum tells: another program's
        return None
    return StoredPicture((width, height), (red, green, blue), box, sha256, pixels)


def _decompressed(compressed: bytes, size: int) -> bytes:
    """Raises ValueError unless exactly `size` bytes come out; never makes more."""
    inflating = zlib.decompressobj()
    pixels = inflating.decompress(compressed, size + 1)
    if len(pixels) != size or not inflating.eof or inflating.unused_data:
        raise ValueError("not the announced number of pixels")
    return pixels
