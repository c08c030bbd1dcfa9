"""The cache of pictures: the logo is on the screen before the network is up, and without decoding anything foreign.

Beside each picture (see `picture_file`) lies the original that it was made from, so that it can be made again for
another screen without the network.
"""

import hashlib
import os
import re
from contextlib import suppress
from pathlib import Path

from crewcheck_agent.core.picture import MOST_BYTES, Box, Colour, Picture
from crewcheck_agent.kiosk.files import sweep, write_atomically
from crewcheck_agent.kiosk.picture_file import find_picture, name_of, packed

_FILE_MODE = 0o640
_FOLDER_MODE = 0o750
_NAME = re.compile(r"([0-9a-f]{64})(?:\.original|-[1-9][0-9]{0,4}x[1-9][0-9]{0,4}\.picture)")


class Pictures:
    """The pictures under `folder`, which is made when first needed and may vanish at any time without harm."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, sha256: str, box: Box) -> Picture | None:
        """The picture made from the original with this digest, for this screen or else for the one nearest in size.

        None if there is none, or only damaged ones. Its `box` tells which screen it was made for.
        """
        found = find_picture(str(self._folder), sha256, box)
        if found is None:
            return None
        return Picture(found.width, found.height, Colour(*found.background), Box(*found.box), sha256, found.pixels)

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
        path = self._folder / name_of(picture.sha256, picture.box)
        return write_atomically(path, packed(picture), _FILE_MODE) or wrote

    def original(self, sha256: str) -> bytes | None:
        """The bytes that were fetched, or None if they are not there or damaged."""
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

    def _ours(self) -> list[tuple[Path, re.Match[str]]]:
        try:
            paths = list(self._folder.iterdir())
        except OSError:  # not there yet, or no longer
            return []
        return [(path, name) for path in paths if (name := _NAME.fullmatch(path.name))]

    def _original(self, sha256: str) -> Path:
        return self._folder / f"{sha256}.original"


def _content(path: Path, most: int) -> bytes | None:
    with suppress(OSError), path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size  # reading sets aside room for as much as it is asked for
        return file.read(size) if size <= most else None
    return None
