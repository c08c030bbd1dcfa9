"""The configuration as far as it can be read, unchecked: on the way to the first picture the model is too slow."""

import os
from collections.abc import Mapping

from crewcheck_agent.kiosk.places import configuration_file, directory

_LARGEST = 1024 * 1024  # bytes of a file: ours are a hundredth of it


class Unchecked:
    """Settings one by one, each usable or not, whatever is wrong with the others.

    Attributes:
        readable: whether the file could be read, where there is one.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        found = _toml(configuration_file(environ))
        self._file = found or {}
        self.readable = found is not None

    def directory(self, kind: str) -> str:
        """The directory for `state`, `cache` or `runtime`, be it a path or not."""
        return self.named(f"{kind}_dir") or directory(kind, self._environ)

    def token_file(self) -> str:
        """The token in use: the one that was accepted, or else the one that systemd hands over."""
        accepted = f"{self.directory('state')}/token.json"
        credentials = self._environ.get("CREDENTIALS_DIRECTORY")
        return f"{credentials}/connection-token" if credentials and not os.path.lexists(accepted) else accepted

    def rotation(self) -> int:
        """Degrees clockwise; 0 where it is none of those allowed."""
        text = self.named("rotation")
        return int(text) if text in {"90", "180", "270"} else 0

    def display_size(self) -> tuple[int, int] | None:
        """Width and height in pixels; None where it is unset or odd."""
        width, _, height = self.named("display_size").partition("x")
        try:
            return int(width), int(height)
        except ValueError:
            return None

    def background(self) -> tuple[int, ...] | None:
        """Red, green and blue; None where it is unset or odd."""
        text = self.named("background")
        try:
            colour = tuple(bytes.fromhex(text[1:]))
        except ValueError:
            return None
        return colour if len(colour) == 3 else None

    def names(self, name: str) -> bool:
        """Whether the environment or the file has a word on it, be it an odd one."""
        return f"CREWCHECK_{name.upper()}" in self._environ or name in self._file

    def named(self, name: str) -> str:
        """What the environment or the file says; empty where neither does."""
        return str(self._environ.get(f"CREWCHECK_{name.upper()}") or self._file.get(name) or "")


def _toml(path: str) -> Mapping[str, object] | None:
    """What the file says; None where it cannot be read."""
    if not os.path.exists(path):  # noqa: PTH110 - pathlib costs more than the question
        return {}
    import tomllib  # noqa: PLC0415 - most kiosks have no such file

    try:
        return tomllib.loads(content_of(path).decode())
    except (OSError, ValueError, RecursionError):
        return None


def content_of(path: str) -> bytes:
    """The beginning of a file of ours; empty where there is none.

    Raises:
        OSError: it cannot be read.
    """
    if not os.path.isfile(path):  # noqa: PTH113 - as above; a pipe would never end
        return b""
    with open(path, "rb") as file:  # noqa: PTH123 - as above
        return file.read(_LARGEST)
