"""Foreign bytes become our own picture, and this process never parses them: `decoder_child.py` does, and may die."""

import asyncio
import contextlib
import hashlib
import importlib.util
import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from crewcheck_agent.core.picture import MOST_BYTES, Box, Colour, Picture, PictureRefused, Reason, Size, room

TIME_LIMIT = 30.0  # seconds on the clock; the child's own limit of processor time is shorter

_LONGEST_HEADER = 1024  # bytes; the child's is a tenth of it
_PATIENCE = 0.5  # seconds until what was killed has let go of its pipes


async def decode(
    original: bytes, box: Box, *, command: Sequence[str] | None = None, time_limit: float = TIME_LIMIT
) -> Picture:
    """The picture to show on a screen of `box`, made from what was fetched as the logo.

    Args:
        original: any bytes at all.
        box: the screen, in the rotated frame.
        command: a program to run in place of the decoder; it has to answer as `decoder_child` says.
        time_limit: in seconds.

    Raises:
        PictureRefused: these bytes do not become a picture. Whatever was started for them has ended.
        OSError: no process could be started.
    """
    if len(original) > MOST_BYTES:
        raise PictureRefused(Reason.TOO_LARGE)
    child = await asyncio.create_subprocess_exec(
        *(command or _decoder(box)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"},  # no secret of ours
        cwd="/",
        start_new_session=True,  # and so a process group, by which all that it starts can be ended
        limit=_LONGEST_HEADER,
    )
    try:
        async with asyncio.timeout(time_limit), asyncio.TaskGroup() as both:
            both.create_task(_feed(child, original))
            answer = await _answer(child, room(box))
    except TimeoutError:
        raise PictureRefused(Reason.TOOK_TOO_LONG) from None
    finally:
        await _end(child)
    if child.returncode == -signal.SIGXCPU:
        raise PictureRefused(Reason.TOOK_TOO_LONG)
    if isinstance(answer, Reason):
        raise PictureRefused(answer)
    digest = hashlib.sha256(original).hexdigest()
    return Picture(*answer.size, answer.background, box, digest, answer.pixels)


class _Made(NamedTuple):
    size: Size
    background: Colour
    pixels: bytes


def _decoder(box: Box) -> list[str]:
    """The child's program and arguments. It knows the standard library alone, so it is told where the rest lives."""
    child = Path(__file__).with_name("decoder_child.py")
    pillow = importlib.util.find_spec("PIL")
    folders = [
        child.parents[2],
        *(Path(found).parent for found in (pillow and pillow.submodule_search_locations) or ()),
    ]
    return [sys.executable, "-I", "-S", "-B", str(child), str(box.width), str(box.height), *map(str, folders)]


async def _feed(child: asyncio.subprocess.Process, original: bytes) -> None:
    assert child.stdin is not None  # noqa: S101 - we asked for a pipe
    with contextlib.suppress(ConnectionError):  # the child need not read to the end what it refuses
        child.stdin.write(original)
        await child.stdin.drain()
    child.stdin.close()


async def _answer(child: asyncio.subprocess.Process, most: Size) -> _Made | Reason:
    """What the child says, read with suspicion: it may no longer be our program that answers."""
    assert child.stdout is not None  # noqa: S101 - we asked for a pipe
    try:
        header = _header(await child.stdout.readline(), most)
        if isinstance(header, Reason):
            return header
        size, background = header
        pixels = await child.stdout.readexactly(size.width * size.height * 4)
        rest = await child.stdout.read(1)
    except (ValueError, asyncio.IncompleteReadError):
        return Reason.DECODER_FAILED
    return Reason.DECODER_FAILED if rest else _Made(size, background, pixels)


def _header(line: bytes, most: Size) -> tuple[Size, Colour] | Reason:
    """Raises ValueError unless the line is exactly one of the two that the child may write."""
    try:
        header = json.loads(line)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    match header:
        case {"refused": str(reason)} if len(header) == 1:
            return Reason(reason)
        case {"width": int(width), "height": int(height), "background": [int(red), int(green), int(blue)]} if (
            len(header) == 3
            and 1 <= width <= most.width
            and 1 <= height <= most.height
            and all(0 <= channel <= 255 for channel in (red, green, blue))
        ):
            return Size(width, height), Colour(red, green, blue)
    raise ValueError("not the header of a picture")


async def _end(child: asyncio.subprocess.Process) -> None:
    """End the child and all that it started, however far it got."""
    assert child.stdout is not None  # noqa: S101 - we asked for a pipe
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    try:
        async with asyncio.timeout(_PATIENCE):
            while await child.stdout.read(_LONGEST_HEADER):  # asyncio counts a child as ended once its pipes are
                pass
    except TimeoutError:  # someone left the process group and holds on to the pipe: let go of our end
        child._transport.close()  # type: ignore[attr-defined]  # noqa: SLF001 - there is no public way
    await child.wait()
