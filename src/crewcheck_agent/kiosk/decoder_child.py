"""The process that looks at foreign bytes: a picture on standard input becomes plain pixels on standard output.

Run by its path, with `-I -S`, by `decoder.py`; arguments: the screen's width and height, then the folders that hold
this package and Pillow. The answer is one line of JSON, and after it the pixels that the line announces:

    {"width": 1380, "height": 600, "background": [255, 255, 255]}   then width * height * 4 bytes, R G B A
    {"refused": "damaged"}                                          a value of `core.picture.Reason`, then nothing

It lays its limits on itself before it imports anything that could be attacked. After that, at the moment of decoding,
it can open no file, no socket and no process: a picture that takes it over has nothing to reach for.
"""

import json
import os
import resource
import sys
from pathlib import Path

TYPE_CHECKING = False  # typing's own would import more before the limits
if TYPE_CHECKING:
    from typing import BinaryIO

# Address space, in bytes. Measured with pictures of 40 megapixels on x86-64 (Pillow 13, Python 3.11): any WebP needs
# 653 MiB (libwebp keeps two canvases, Pillow copies twice), RGBA PNG and progressive CMYK JPEG 544 on a 4K screen,
# every other kind less. Much more would let one logo push a kiosk with 1 GiB of memory into swapping.
MEMORY = 768 * 1024 * 1024
CPU_SECONDS = 20  # rsvg-convert has as much again: it is a process of its own
OPEN_FILES = 64
NICER = 10  # steps: the thread that paints goes first


def main() -> None:  # pragma: no cover - below its limits no measurement can be written; tested from outside
    """Lay down the limits, then answer for the picture on standard input."""
    give_up_rights()
    width, height, *folders = sys.argv[1:]
    sys.path.extend(folders)
    answer(sys.stdin.buffer, sys.stdout.buffer, (int(width), int(height)))


def answer(source: "BinaryIO", out: "BinaryIO", size: tuple[int, int]) -> None:
    """Read the whole of `source`, write header and pixels to `out`."""
    from crewcheck_agent.core.picture import MOST_BYTES, Box, PictureRefused  # noqa: PLC0415 - after the limits
    from crewcheck_agent.kiosk import artwork  # noqa: PLC0415 - after the limits

    try:
        made = artwork.made(source.read(MOST_BYTES + 1), Box(*size), give_up_more_rights)
    except PictureRefused as refused:
        out.write(json.dumps({"refused": refused.reason}).encode() + b"\n")
    else:
        header = {"width": made.width, "height": made.height, "background": made.background}
        out.write(json.dumps(header).encode() + b"\n")
        out.write(made.pixels)
    out.flush()


def give_up_rights() -> None:  # pragma: no cover - as main
    """Limit what this process and those it starts may use up. Cannot be undone, save by root."""
    os.nice(NICER)
    # Should the machine run out of memory all the same, this process is the one to go.
    Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    _limit(resource.RLIMIT_AS, MEMORY)
    _limit(resource.RLIMIT_CPU, CPU_SECONDS)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, OPEN_FILES)


def give_up_more_rights() -> None:  # pragma: no cover - as main
    """From here on: no process, no thread, no file, no socket."""
    _limit(resource.RLIMIT_NPROC, 0)
    _limit(resource.RLIMIT_NOFILE, 0)


def _limit(what: int, most: int) -> None:  # pragma: no cover - as main
    resource.setrlimit(what, (most, most))


if __name__ == "__main__":  # pragma: no cover - as main
    main()
