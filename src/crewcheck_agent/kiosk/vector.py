"""Vector pictures: told by their content, rendered by librsvg's `rsvg-convert` in a process of its own.

The bytes go in through a pipe, so the drawing has no place of its own on disk: librsvg then refuses every reference to
a file or a host. The limits that the calling process laid on itself hold for the renderer too.
"""

import io
import re
import signal
import subprocess

from PIL import Image, PngImagePlugin

from crewcheck_agent.core.picture import PictureRefused, Reason, Size

_HEAD = 65_536  # bytes within which the root element must begin, after comments and document type
_ROOT = re.compile(
    rb"""(?: \s | <\? (?>.*?\?>) | <!-- (?>.*?-->) | <!DOCTYPE [^\[>]*+ (?> \[ .*? \] \s* )? > )*+
         < (?: [\w.-]+ : )? svg [\s/>]""",
    re.DOTALL | re.VERBOSE,
)


def is_svg(data: bytes) -> bool:
    """Whether the root element is an `svg`; in UTF-8, or in UTF-16, which in ASCII's range is ASCII and zeros."""
    return _ROOT.match(data[:_HEAD].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe")) is not None


def rendered(data: bytes, most: Size) -> Image.Image:
    """The drawing as RGBA, in its own proportions, as large as `most` allows.

    Raises PictureRefused.
    """
    command = ["rsvg-convert", "--keep-aspect-ratio", f"--width={most.width}", f"--height={most.height}"]
    try:
        # The renderer is to ignore SIGXFSZ as Python does: then it merely fails to write fontconfig's cache.
        result = subprocess.run(  # noqa: S603 - found on the PATH that decoder.py hands over
            command, input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False, restore_signals=False
        )
    except FileNotFoundError:
        raise PictureRefused(Reason.NO_SVG_RENDERER) from None
    if result.returncode == -signal.SIGXCPU:
        raise PictureRefused(Reason.TOOK_TOO_LONG)
    if result.returncode:
        raise PictureRefused(Reason.DAMAGED)
    return PngImagePlugin.PngImageFile(io.BytesIO(result.stdout)).convert("RGBA")
