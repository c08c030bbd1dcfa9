"""Vector pictures: told by their content, rendered by librsvg's `rsvg-convert` in a process of its own.

The bytes go in through a pipe, so the drawing has no place of its own on disk: librsvg then refuses every reference to
a file or a host. The limits that the calling process laid on itself hold for the renderer too.
"""

import io
import re
import signal
import subprocess
from typing import NamedTuple

from PIL import Image, PngImagePlugin

from crewcheck_agent.core.picture import PictureRefused, Reason, Size

_HEAD = 65_536  # bytes within which the root element must begin, after comments and document type
_ROOT = re.compile(
    rb"""
    (?: \s | <\? (?>.*?\?>) | <!-- (?>.*?-->)
      | <!DOCTYPE [^\[>]*+ (?: \[ (?: <!-- (?>.*?-->) | "[^"]*+" | '[^']*+' | [^\]"'] )*+ \] \s*+ )? >
    )*+
    < (?: [\w.-]++ : )? svg [\s/>]
    """,
    re.DOTALL | re.VERBOSE,
)


class Window(NamedTuple):
    """The part of a rendered drawing that is wanted, in its pixels; it may reach beyond the drawing."""

    left: int
    top: int
    right: int
    bottom: int


def is_svg(data: bytes) -> bool:
    """Whether the root element is an `svg`; in UTF-8, or in UTF-16, which in ASCII's range is ASCII and zeros."""
    return _ROOT.match(data[:_HEAD].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe")) is not None


def rendered(data: bytes, most: Size, window: Window | None = None) -> Image.Image:
    """The drawing as RGBA, in its own proportions, as large as `most` allows; or only a part of that.

    Raises PictureRefused.
    """
    command = ["rsvg-convert", "--keep-aspect-ratio", f"--width={most.width}", f"--height={most.height}"]
    if window is not None:
        command += [f"--left={-window.left}", f"--top={-window.top}"]
        command += [f"--page-width={window.right - window.left}", f"--page-height={window.bottom - window.top}"]
    try:
        # The renderer is to ignore SIGXFSZ as Python does: then it merely fails to write fontconfig's cache.
        result = subprocess.run(  # noqa: S603 - found on the PATH that decoder.py hands over
            command, input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False, restore_signals=False
        )
    except FileNotFoundError:
        raise PictureRefused(Reason.NO_SVG_RENDERER) from None
    if result.returncode == -signal.SIGXCPU:
        raise PictureRefused(Reason.TOOK_TOO_LONG)
    if result.returncode or not result.stdout:
        raise PictureRefused(Reason.DAMAGED)
    return PngImagePlugin.PngImageFile(io.BytesIO(result.stdout)).convert("RGBA")
