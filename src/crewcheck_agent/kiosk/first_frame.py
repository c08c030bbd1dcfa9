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
from crewcheck_agent.kiosk.unchecked import Unchecked, content_of


def open_with_logo(environ: Mapping[str, str]) -> Display | None:
    """Open the display, with the cached logo on it if it may be shown; None where there is no display yet."""
    configured = Unchecked(environ)
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


def _show_logo(display: Display, configured: Unchecked) -> None:
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
    return Unchecked(environ).rotation()


def already_running(environ: Mapping[str, str]) -> str:
    """The control socket on which another agent answers; empty where none does. Two would fight for the screen."""
    path = f"{Unchecked(environ).directory('runtime')}/control.sock"
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


def _picture(configured: Unchecked, size: tuple[int, int]) -> StoredPicture | None:
    verdict = _json(f"{configured.directory('state')}/verdict.json")
    token = _json(configured.token_file())
    logo = verdict.get("logo")
    if verdict.get("word") != "connected" or not isinstance(logo, dict):
        return None
    if any(verdict.get(name) != token.get(name) for name in ("tenantId", "deviceId", "environment")):
        return None  # another identity's
    return find_picture(configured.directory("cache"), str(logo.get("sha256")), size)


def _json(path: str) -> Mapping[str, object]:
    try:
        content = json.loads(content_of(path))
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
