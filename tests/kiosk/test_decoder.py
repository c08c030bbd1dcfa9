"""The decoder from outside: whatever happens in its child, the answer is a picture or a reason, and nothing is left."""

import asyncio
import fcntl
import hashlib
import io
import json
import os
import random
import resource
import shutil
import socket
import struct
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from crewcheck_agent.core.picture import MOST_BYTES, WHITE, Box, Picture, PictureRefused, Reason
from crewcheck_agent.kiosk import decoder_child
from crewcheck_agent.kiosk.decoder import decode

SCREEN = Box(1920, 1080)
SOURCES = str(Path(decoder_child.__file__).parents[2])


def saved(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


LOGO = saved(Image.new("RGB", (300, 150), (0, 40, 90)))


def decoded(data: bytes, program: str | None = None, *, time_limit: float = 30.0) -> Picture:
    command = None if program is None else [sys.executable, "-I", "-S", "-c", program]
    return asyncio.run(decode(data, SCREEN, command=command, time_limit=time_limit))


def refusal(data: bytes, program: str | None = None, *, time_limit: float = 30.0) -> Reason:
    with pytest.raises(PictureRefused) as refused:
        decoded(data, program, time_limit=time_limit)
    return refused.value.reason


def told(program: str) -> dict[str, object]:
    """What a program finds in the child's place: it sets `found`, and says it in the pixels of a picture."""
    ending = (
        "\nimport json, sys; said = json.dumps(found).encode(); said += b' ' * (-len(said) % 4)"
        "\nprint(json.dumps({'width': len(said) // 4, 'height': 1, 'background': [0, 0, 0]}), flush=True)"
        "\nsys.stdout.buffer.write(said)"
    )
    found: dict[str, object] = json.loads(decoded(b"", program + ending).pixels)
    return found


# Pictures


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP"])
def test_each_kind_gets_through_the_childs_limits(kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = saved(Image.radial_gradient("L").resize((200, 100)), kind, exif=exif)
    picture = decoded(data)
    assert picture.height == (200 if kind in {"GIF", "BMP"} else 400)
    assert len(picture.pixels) == picture.width * picture.height * 4
    assert (picture.box, picture.sha256) == (SCREEN, hashlib.sha256(data).hexdigest())


def test_a_photo_with_a_second_one_inside_gets_through() -> None:
    frames = [Image.new("RGB", (80, 40), colour) for colour in ("red", "blue")]
    picture = decoded(saved(frames[0], "MPO", save_all=True, append_images=frames[1:]))
    assert picture.background[0] > 250


@pytest.mark.skipif(shutil.which("rsvg-convert") is None, reason="rsvg-convert is not installed")
def test_a_drawing_gets_through_with_text_in_it() -> None:
    content = b'<circle cx="50" cy="50" r="9"/><text>A</text>'
    data = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 100">' + content + b"</svg>"
    assert decoded(data).background == WHITE


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "JPEG"])
def test_forty_megapixels_fit_into_the_childs_memory(kind: str) -> None:
    mode = "CMYK" if kind == "JPEG" else "RGBA"
    image = Image.radial_gradient("L").convert("RGB").resize((7900, 5000), Image.Resampling.NEAREST).convert(mode)
    data = saved(image, kind, progressive=True, quality=10, compress_level=1, method=0)
    picture = decoded(data)
    assert picture.height == 648


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def black_png(side: int) -> bytes:
    """A sound PNG of `side` by `side` black pixels, made without holding them."""
    packer, row, packed = zlib.compressobj(), bytes(1 + side), b""
    for _ in range(side):
        packed += packer.compress(row)
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed + packer.flush()) + chunk(b"IEND", b"")


def test_a_small_file_that_unfolds_to_gigabytes_is_refused_at_once() -> None:
    bomb = black_png(20_000)
    assert len(bomb) < 500_000  # and 1.6 GB as RGBA
    began = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    assert refusal(bomb) is Reason.TOO_MANY_PIXELS
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - began < 2


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", Reason.NOT_A_PICTURE),
        (b"<!doctype html><title>Sign in</title>", Reason.NOT_A_PICTURE),
        (LOGO[:-30], Reason.DAMAGED),
        (saved(Image.new("RGBA", (9, 9))), Reason.EMPTY),
        (bytes(MOST_BYTES + 1), Reason.TOO_LARGE),
    ],
)
def test_what_is_no_picture_is_refused_with_its_reason(data: bytes, expected: Reason) -> None:
    assert refusal(data) is expected


def test_random_bytes_under_each_kinds_magic_are_refused() -> None:
    chance = random.Random(7)
    for magic in (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF\x99\0\0\0WEBPVP8X", b"GIF89a", b"BM", b"<svg"):
        assert refusal(magic + chance.randbytes(5000)) in set(Reason) - {Reason.DECODER_FAILED}


def test_without_a_renderer_a_drawing_is_refused_with_that_reason(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert refusal(b"<svg xmlns='http://www.w3.org/2000/svg'/>") is Reason.NO_SVG_RENDERER


# A child that misbehaves


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("import os; os.kill(os.getpid(), 9)", Reason.DECODER_FAILED),
        ("import os, signal; os.kill(os.getpid(), signal.SIGXCPU)", Reason.TOOK_TOO_LONG),
        ("", Reason.DECODER_FAILED),
        ("print()", Reason.DECODER_FAILED),
        ("raise SystemExit(3)", Reason.DECODER_FAILED),
        ("print('{}')", Reason.DECODER_FAILED),
        ("print('[' * 1020)", Reason.DECODER_FAILED),
        ("print('[' * 100_000)", Reason.DECODER_FAILED),
        ("print('[1]')", Reason.DECODER_FAILED),
        ("while True: print(end='x' * 10_000)", Reason.DECODER_FAILED),
        ("""print('{"refused": "damaged"}')""", Reason.DAMAGED),
        ("""print('{"refused": "boredom"}')""", Reason.DECODER_FAILED),
        ("""print('{"refused": "damaged", "width": 1}')""", Reason.DECODER_FAILED),
    ],
)
def test_a_child_that_does_not_give_a_picture(program: str, expected: Reason) -> None:
    assert refusal(LOGO, program) is expected


HEADER = {"width": 2, "height": 1, "background": [1, 2, 3]}


@pytest.mark.parametrize(
    ("header", "sound"),
    [
        (HEADER, True),
        (HEADER | {"width": 0}, False),
        (HEADER | {"width": -2, "height": -1}, False),
        (HEADER | {"width": 1383}, False),
        (HEADER | {"height": 649}, False),
        (HEADER | {"height": 1.0}, False),
        (HEADER | {"height": "1"}, False),
        (HEADER | {"background": [1, 2, 256]}, False),
        (HEADER | {"background": [1, 2, -1]}, False),
        (HEADER | {"background": [1, 2]}, False),
        (HEADER | {"extra": 1}, False),
    ],
)
def test_a_header_is_believed_only_if_it_can_be_true(header: dict[str, Any], *, sound: bool) -> None:
    announced = header["width"] * header["height"] * 4 if isinstance(header["height"], int) else 8
    program = f"print({json.dumps(header)!r}); print(end={'x' * announced!r})"
    if sound:
        assert decoded(LOGO, program).pixels == b"xxxxxxxx"
    else:
        assert refusal(LOGO, program) is Reason.DECODER_FAILED


def test_a_child_that_sends_less_than_it_announced_is_not_believed() -> None:
    assert refusal(LOGO, f"print({json.dumps(HEADER)!r}); print(end='seven..')") is Reason.DECODER_FAILED


def test_a_child_that_sends_more_than_it_announced_is_not_believed() -> None:
    program = f"print({json.dumps(HEADER)!r})\nwhile True: print(end='x' * 10_000)"
    assert refusal(LOGO, program) is Reason.DECODER_FAILED


def test_a_child_that_does_not_read_its_input_is_no_hindrance() -> None:
    program = """print('{"refused": "empty"}')"""
    assert refusal(bytes(5_000_000), program) is Reason.EMPTY


HANGING = """
import fcntl, os, signal
held = open({place!r}, "w")
fcntl.flock(held, fcntl.LOCK_EX)
held.write("held")
held.flush()
os.fork()
signal.pause()
"""


def ended(place: Path) -> bool:
    """Whether nobody is left who holds the file that the hanging child, and the child of that, had locked."""
    assert place.read_text() == "held", "the child had no time to start"
    with place.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return True


def test_a_child_that_hangs_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    place = tmp_path / "lock"
    assert refusal(LOGO, HANGING.format(place=str(place)), time_limit=1.0) is Reason.TOOK_TOO_LONG
    assert ended(place)


def test_a_decoding_that_is_called_off_leaves_nothing_running(tmp_path: Path) -> None:
    place = tmp_path / "lock"
    command = [sys.executable, "-I", "-S", "-c", HANGING.format(place=str(place))]

    async def impatient() -> None:
        async with asyncio.timeout(1.0):
            await decode(LOGO, SCREEN, command=command)

    with pytest.raises(TimeoutError):
        asyncio.run(impatient())
    assert ended(place)


ESCAPING = """
import fcntl, os
if os.fork() == 0:
    os.setsid()
    fcntl.flock(open({place!r}), fcntl.LOCK_EX)
"""


def test_a_process_that_escapes_does_not_keep_us_waiting(tmp_path: Path) -> None:
    """It holds the pipe open until the test lets it go."""
    place = tmp_path / "lock"
    with place.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert refusal(LOGO, ESCAPING.format(place=str(place)), time_limit=0.5) is Reason.TOOK_TOO_LONG


def test_a_program_that_cannot_be_started_is_the_callers_business() -> None:
    with pytest.raises(FileNotFoundError):
        asyncio.run(decode(LOGO, SCREEN, command=["/absent"]))


# What the child has


def test_the_child_is_handed_no_secret_and_no_open_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREWCHECK_ADMIN_API_KEY", "key")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", "/run/credentials")
    monkeypatch.setenv("LD_PRELOAD", "")
    with socket.socket() as open_here:
        os.set_inheritable(open_here.fileno(), True)  # noqa: FBT003 - its one signature
        found = told(
            "import os"
            "\nenvironment = open('/proc/self/environ').read()"
            "\nfound = {'names': [entry.partition('=')[0] for entry in environment.split(chr(0)) if entry],"
            "\n    'files': sorted(map(int, os.listdir('/proc/self/fd')))[:-1],"
            "\n    'group': os.getpgid(0) == os.getpid(), 'folder': os.getcwd()}"
        )
    assert found == {"names": ["PATH", "LANG"], "files": [0, 1, 2], "group": True, "folder": "/"}


def test_at_the_moment_of_decoding_the_child_can_reach_for_nothing() -> None:
    found = told(f"import sys; sys.path.append({SOURCES!r})" + REACHING)
    assert found == {
        "file": "OSError",
        "socket": "OSError",
        "process": "BlockingIOError" if os.getuid() else "started",  # the kernel exempts root from this one limit
        "memory": "MemoryError",
        "core": [0, 0],
        "size": [0, 0],
        "processor": [20, 20],
        "nice": min(19, os.nice(0) + 10),
        "first to go": "1000",
    }


REACHING = """
import os, resource, socket
from crewcheck_agent.kiosk import decoder_child
def attempt(what):
    try:
        what()
    except (OSError, MemoryError) as error:
        return type(error).__name__
def start():
    if os.fork() == 0:
        os._exit(0)
    os.wait()
decoder_child.give_up_rights()
first_to_go = open('/proc/self/oom_score_adj').read().strip()
decoder_child.give_up_more_rights()
found = {
    'file': attempt(lambda: open('/etc/hostname')),
    'socket': attempt(socket.socket),
    'process': attempt(start) or 'started',
    'memory': attempt(lambda: bytes(decoder_child.MEMORY)),
    'core': resource.getrlimit(resource.RLIMIT_CORE),
    'size': resource.getrlimit(resource.RLIMIT_FSIZE),
    'processor': resource.getrlimit(resource.RLIMIT_CPU),
    'nice': os.nice(0),
    'first to go': first_to_go,
}
"""


# The child's own words


def test_the_child_writes_a_header_and_the_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoder_child, "give_up_more_rights", lambda: None)  # they are the test's own, too
    out = io.BytesIO()
    decoder_child.answer(io.BytesIO(LOGO), out, SCREEN)
    line, _, pixels = out.getvalue().partition(b"\n")
    assert json.loads(line) == {"width": 600, "height": 300, "background": [0, 40, 90]}
    assert pixels == bytes((0, 40, 90, 255)) * 600 * 300


def test_the_child_writes_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoder_child, "give_up_more_rights", lambda: None)
    out = io.BytesIO()
    decoder_child.answer(io.BytesIO(LOGO[:-30]), out, SCREEN)
    assert out.getvalue() == b'{"refused": "damaged"}\n'
