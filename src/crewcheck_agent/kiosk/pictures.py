"""The cache of pictures: the logo is on the screen before the network is up, and without decoding anything foreign.

A file holds one picture: a line with the format's name, a checksum of all that follows and a JSON header; then the
pixels, compressed. Reading takes json and zlib alone, for it lies on the way from power-on to the first picture.
Beside it lies the original, so that the picture can be made again for another screen without the network.
"""

import json
import os
import re
import zlib
from contextlib import suppress
from pathlib import Path

from crewcheck_agent.core.picture import MOST_BYTES, Box, Colour, Picture, room
from crewcheck_agent.kiosk.files import sweep, write_atomically

_FORMAT = b"crewcheck-picture-1"
# A logo of 1380x600 loads in 3 ms, one of pure noise in 10 (x86-64, one core). Higher levels make small files smaller
# still, change loading by a few milliseconds in either direction, and take ten times as long to write.
_LEVEL = 1
_LARGEST_SCREEN = 16_384  # pixels a side, twice an 8K monitor's: bounds what a damaged file can make us read
_LARGEST_FILE = 64 * 1024 * 1024  # bytes
_FILE_MODE = 0o640
_FOLDER_MODE = 0o750
_NAME = re.compile(r"([0-9a-f]{64})(?:\.original|-([1-9][0-9]{0,4})x([1-9][0-9]{0,4})\.picture)")


class Pictures:
    """The pictures under `folder`, which is made when first needed and may vanish at any time without harm."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, sha256: str, box: Box) -> Picture | None:
        """The picture made from the original with this digest, for this screen or else for the one nearest in size.

        None if there is none, or only damaged ones. Its `box` tells which screen it was made for.
        """
        for each in sorted(self._boxes(sha256), key=lambda each: (each != box, abs(_area(each) - _area(box)))):
            if (picture := _read(self._path(sha256, each), sha256, each)) is not None:
                return picture
        return None

    def save(self, picture: Picture, original: bytes) -> bool:
        """Keep the picture and what it was made from.

        Returns:
            Whether anything had to be written.

        Raises:
            OSError: it is not kept; nothing half-written is left behind.
        """
        if not self._folder.is_dir():
            self._folder.mkdir(parents=True)
            self._folder.chmod(_FOLDER_MODE)  # whatever the umask
        wrote = write_atomically(self._original(picture.sha256), original, _FILE_MODE)
        return write_atomically(self._path(picture.sha256, picture.box), _written(picture), _FILE_MODE) or wrote

    def original(self, sha256: str) -> bytes | None:
        """The bytes that were fetched, or None if they are not there or damaged."""
        import hashlib  # noqa: PLC0415 - takes milliseconds, and the way to the first picture does without it

        content = _content(self._original(sha256), MOST_BYTES)
        return content if content is not None and hashlib.sha256(content).hexdigest() == sha256 else None

    def prune(self, keep: str | None) -> None:
        """Remove all pictures and originals but those of the digest `keep`, and what cut-off writers left.

        Raises OSError.
        """
        sweep(self._folder)
        for path, name in self._ours():
            if name[1] != keep:
                path.unlink(missing_ok=True)

    def _boxes(self, sha256: str) -> list[Box]:
        return [Box(int(name[2]), int(name[3])) for _, name in self._ours() if name[1] == sha256 and name[2]]

    def _ours(self) -> list[tuple[Path, re.Match[str]]]:
        try:
            paths = list(self._folder.iterdir())
        except OSError:  # not there yet, or no longer
            return []
        return [(path, name) for path in paths if (name := _NAME.fullmatch(path.name))]

    def _path(self, sha256: str, box: Box) -> Path:
        return self._folder / f"{sha256}-{box.width}x{box.height}.picture"

    def _original(self, sha256: str) -> Path:
        return self._folder / f"{sha256}.original"


def _area(box: Box) -> int:
    return box.width * box.height


def _written(picture: Picture) -> bytes:
    header = {"width": picture.width, "height": picture.height, "background": picture.background}
    body = json.dumps(header).encode() + b"\n" + zlib.compress(picture.pixels, _LEVEL)
    return b"%b %08x " % (_FORMAT, zlib.crc32(body)) + body


def _read(path: Path, sha256: str, box: Box) -> Picture | None:
    content = _content(path, _LARGEST_FILE)
    if content is None or max(box) > _LARGEST_SCREEN:
        return None
    start, _, body = content.partition(b" {")
    body = b"{" + body
    if start != b"%b %08x" % (_FORMAT, zlib.crc32(body)):
        return None
    line, _, compressed = body.partition(b"\n")
    try:
        header = json.loads(line)
        width, height, background = int(header["width"]), int(header["height"]), Colour(*header["background"])
        if not (1 <= width <= room(box).width and 1 <= height <= room(box).height):
            return None
        pixels = _decompressed(compressed, width * height * 4)
    except (ValueError, KeyError, TypeError, zlib.error):  # not damage, which the checksum tells: another program's
        return None
    return Picture(width, height, background, box, sha256, pixels)


def _decompressed(compressed: bytes, size: int) -> bytes:
    """Raises ValueError unless exactly `size` bytes come out; never makes more."""
    inflating = zlib.decompressobj()
    pixels = inflating.decompress(compressed, size + 1)
    if len(pixels) != size or not inflating.eof or inflating.unused_data:
        raise ValueError("not the announced number of pixels")
    return pixels


def _content(path: Path, most: int) -> bytes | None:
    with suppress(OSError), path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size  # reading sets aside room for as much as it is asked for
        return file.read(size) if size <= most else None
    return None
