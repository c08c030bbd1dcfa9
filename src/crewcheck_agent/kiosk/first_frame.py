"""The logo on the wall, before anything slow is imported.

Power comes back, and the public sees the logo while the rest of this program is still being read from a slow card.
So this reads, from the same files as the daemon, only what one frame needs; whatever is missing or odd means "no
picture yet", and the daemon, a moment later, does it properly and says what is wrong. It never shows a logo that the
server's last word forbids.
"""

import json
import os
from collections.abc import Mapping

from crewcheck_agent.kiosk.display import Display, DisplayUnavailable
from crewcheck_agent.kiosk.frame import draw_logo, logical_size, logo_frame, turned
from crewcheck_agent.kiosk.picture_file import StoredPicture, find_picture
from crewcheck_agent.kiosk.places import configuration_file, directory

_LARGEST = 1024 * 1024  # bytes of a JSON file: ours are a hundredth of it


def open_with_logo(environ: Mapping[str, str]) -> Display | None:
    """Open the display, with the cached logo on it if it may be shown; None where there is no display yet."""
    configured = _Configured(environ)
    try:
        display = Display(environ, configured.display_size())
    except DisplayUnavailable:
        return None
    try:
        _show_logo(display, configured)
    except DisplayUnavailable:  # it broke at once: the daemon opens it anew
        display.close()
        return None
    return display


def _show_logo(display: Display, configured: "_Configured") -> None:
    rotation = configured.rotation()
    size = logical_size(display.size, rotation)
    picture = _picture(configured, size)
    if picture and rotation:
        display.show(turned(logo_frame(size, picture, background=configured.background()), rotation))
    elif picture:  # on the screen itself: a frame of our own would cost 10 ms
        draw_logo(display.surface, picture, background=configured.background())
        display.flip()


def rotation_of(environ: Mapping[str, str]) -> int:
    """Degrees clockwise, as far as the configuration can be read."""
    return _Configured(environ).rotation()


def already_running(environ: Mapping[str, str]) -> str:
    """The control socket on which another agent answers; empty where none does. Two would fight for the screen."""
    path = f"{_Configured(environ).directory('runtime')}/control.sock"
    if not os.path.exists(path):  # noqa: PTH110 - as below
        return ""
    import socket  # noqa: PLC0415 - after a clean end, and after power-on, there is none

    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(path)
        except OSError:  # left behind by one that was killed
            return ""
    return path


class _Configured:
    """The few settings that a frame needs, unchecked: the whole model is too slow to import here."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._file = _toml(configuration_file(environ))

    def directory(self, kind: str) -> str:
        return self._text(f"{kind}_dir") or directory(kind, self._environ)

    def token_file(self) -> str:
        """The token in use: the one that was accepted, or else the one that systemd hands over."""
        accepted = f"{self.directory('state')}/token.json"
        credentials = self._environ.get("CREDENTIALS_DIRECTORY")
        return f"{credentials}/connection-token" if credentials and not os.path.lexists(accepted) else accepted

    def rotation(self) -> int:
        text = self._text("rotation")
        return int(text) if text in {"90", "180", "270"} else 0

    def display_size(self) -> tuple[int, int] | None:
        width, _, height = self._text("display_size").partition("x")
        try:
            return int(width), int(height)
        except ValueError:
            return None

    def background(self) -> tuple[int, ...] | None:
        text = self._text("background")
        try:
            colour = tuple(bytes.fromhex(text[1:]))
        except ValueError:
            return None
        return colour if len(colour) == 3 else None

    def _text(self, name: str) -> str:
        return str(self._environ.get(f"CREWCHECK_{name.upper()}") or self._file.get(name) or "")


def _picture(configured: _Configured, size: tuple[int, int]) -> StoredPicture | None:
    verdict = _json(f"{configured.directory('state')}/verdict.json")
    token = _json(configured.token_file())
    logo = verdict.get("logo")
    if verdict.get("word") != "connected" or not isinstance(logo, dict):
        return None
    if any(verdict.get(name) != token.get(name) for name in ("tenantId", "deviceId", "environment")):
        return None  # another identity's
    return find_picture(configured.directory("cache"), str(logo.get("sha256")), size)


def _toml(path: str) -> Mapping[str, object]:
    if not os.path.exists(path):  # noqa: PTH110 - pathlib costs more than the question
        return {}
    import tomllib  # noqa: PLC0415 - most kiosks have no such file

    try:
        return tomllib.loads(_content(path).decode())
    except (OSError, ValueError, RecursionError):
        return {}


def _json(path: str) -> Mapping[str, object]:
    try:
        content = json.loads(_content(path))
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _content(path: str) -> bytes:
    if not os.path.isfile(path):  # noqa: PTH113 - as above; a pipe would never end
        return b""
    with open(path, "rb") as file:  # noqa: PTH123 - as above
        return file.read(_LARGEST)
