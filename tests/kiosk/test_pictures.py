"""The cache gives back what was put in, or nothing: never damage, never an exception."""

import hashlib
import json
import os
import random
import stat
import subprocess
import sys
import tracemalloc
import zlib
from pathlib import Path

import pytest

from crewcheck_agent.core.picture import WHITE, Box, Picture
from crewcheck_agent.kiosk import files
from crewcheck_agent.kiosk.pictures import Pictures

ORIGINAL = b"what was fetched"
SHA256 = hashlib.sha256(ORIGINAL).hexdigest()
OTHER = hashlib.sha256(b"another").hexdigest()
SCREEN = Box(1920, 1080)
SMALL = Box(800, 480)

# Without site-packages, and so without the measuring of coverage, whose own file would find no room either.
SOURCES = str(Path(files.__file__).parents[2])
TIGHT_DISK = """
import os, resource, sys
sys.path.append(sys.argv[2])
from pathlib import Path
from crewcheck_agent.core.picture import WHITE, Box, Picture
from crewcheck_agent.kiosk.pictures import Pictures
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    Pictures(Path(sys.argv[1])).save(Picture(50, 50, WHITE, Box(800, 480), "0" * 64, os.urandom(10_000)), b"original")
except OSError as error:
    sys.exit(7)
"""


def picture(box: Box = SCREEN, *, sha256: str = SHA256, width: int = 20, height: int = 10) -> Picture:
    pixels = random.Random(box.width).randbytes(width * height * 4)
    return Picture(width, height, WHITE, box, sha256, pixels)


def file_of(folder: Path, box: Box = SCREEN) -> Path:
    return folder / f"{SHA256}-{box.width}x{box.height}.picture"


def forged(line: bytes, compressed: bytes) -> bytes:
    body = line + b"\n" + compressed
    return b"crewcheck-picture-1 %08x " % zlib.crc32(body) + body


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def pictures(folder: Path) -> Pictures:
    return Pictures(folder)


def test_an_empty_cache_has_nothing(pictures: Pictures, folder: Path) -> None:
    assert pictures.load(SHA256, SCREEN) is None
    assert pictures.original(SHA256) is None
    pictures.prune(None)
    assert not folder.exists()


def test_what_was_saved_is_loaded(pictures: Pictures) -> None:
    assert pictures.save(picture(), ORIGINAL)
    assert pictures.load(SHA256, SCREEN) == picture()
    assert pictures.original(SHA256) == ORIGINAL
    assert pictures.load(OTHER, SCREEN) is None


def test_the_files_are_for_owner_and_group_alone(pictures: Pictures, folder: Path) -> None:
    before = os.umask(0)
    try:
        pictures.save(picture(), ORIGINAL)
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o750
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o640}


def test_saving_the_same_again_writes_nothing(pictures: Pictures, folder: Path) -> None:
    pictures.save(picture(), ORIGINAL)
    before = {path: path.stat() for path in folder.iterdir()}
    assert not pictures.save(picture(), ORIGINAL)
    assert {path: path.stat() for path in folder.iterdir()} == before


def test_a_picture_for_another_screen_is_better_than_none(pictures: Pictures) -> None:
    for box in (SMALL, Box(3840, 2160)):
        pictures.save(picture(box), ORIGINAL)
    assert pictures.load(SHA256, Box(1024, 600)) == picture(SMALL)
    pictures.save(picture(SCREEN), ORIGINAL)
    assert pictures.load(SHA256, SCREEN) == picture(SCREEN)


def test_upright_and_lying_screens_are_told_apart(pictures: Pictures) -> None:
    lying, upright = Box(800, 480), Box(480, 800)
    for box in (lying, upright):
        pictures.save(picture(box), ORIGINAL)
    assert pictures.load(SHA256, lying) == picture(lying)
    assert pictures.load(SHA256, upright) == picture(upright)


def test_a_bomb_in_the_cache_does_not_go_off(pictures: Pictures, folder: Path) -> None:
    pictures.save(picture(), ORIGINAL)
    header = b'{"width": 1, "height": 1, "background": [1, 2, 3]}'
    file_of(folder).write_bytes(forged(header, zlib.compress(bytes(50_000_000), 9)))
    tracemalloc.start()
    try:
        assert pictures.load(SHA256, SCREEN) is None
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_a_damaged_picture_gives_way_to_another_screens(pictures: Pictures, folder: Path) -> None:
    pictures.save(picture(), ORIGINAL)
    pictures.save(picture(SMALL), ORIGINAL)
    file_of(folder).write_bytes(b"")
    assert pictures.load(SHA256, SCREEN) == picture(SMALL)


def test_any_cut_and_any_changed_byte_is_noticed(pictures: Pictures, folder: Path) -> None:
    pictures.save(picture(), ORIGINAL)
    file = file_of(folder)
    sound = file.read_bytes()
    for at in range(len(sound)):
        file.write_bytes(sound[:at])
        assert pictures.load(SHA256, SCREEN) is None
        file.write_bytes(sound[:at] + bytes([sound[at] ^ 1]) + sound[at + 1 :])
        assert pictures.load(SHA256, SCREEN) is None
    file.write_bytes(sound + b"\0")
    assert pictures.load(SHA256, SCREEN) is None


@pytest.mark.parametrize(
    "header",
    [
        {"width": 1, "height": 1},
        {"width": 2, "height": 1, "background": WHITE},  # more than there is
        {"width": 1, "height": 1, "background": [1, 2]},
        {"width": 0, "height": 0, "background": WHITE},
        {"width": -1, "height": -1, "background": WHITE},
        {"width": 30_000, "height": 30_000, "background": WHITE},
        {"width": "wide", "height": 1, "background": WHITE},
        {"width": None, "height": 1, "background": WHITE},
    ],
)
def test_a_header_that_does_not_fit_is_refused_even_with_the_right_checksum(
    pictures: Pictures, folder: Path, header: dict[str, object]
) -> None:
    pictures.save(picture(), ORIGINAL)
    file_of(folder).write_bytes(forged(json.dumps(header).encode(), zlib.compress(b"abcd")))
    assert pictures.load(SHA256, SCREEN) is None


@pytest.mark.parametrize(
    ("line", "compressed"),
    [
        (b"{]", zlib.compress(b"abcd")),
        (b'{"width": 1, "height": 1, "background": [1, 2, 3]}', b"not zlib"),
        (b'{"width": 1, "height": 1, "background": [1, 2, 3]}', zlib.compress(b"abcd") + b"x"),
        (b'{"width": 1, "height": 1, "background": [1, 2, 3]}', zlib.compress(b"abcd")[:-1]),
        (b'{"width": 1, "height": 1, "background": [1, 2, 3]}', zlib.compress(bytes(10_000_000))),
    ],
)
def test_contents_that_do_not_fit_are_refused_even_with_the_right_checksum(
    pictures: Pictures, folder: Path, line: bytes, compressed: bytes
) -> None:
    pictures.save(picture(), ORIGINAL)
    file_of(folder).write_bytes(forged(line, compressed))
    assert pictures.load(SHA256, SCREEN) is None
    file_of(folder).write_bytes(forged(b'{"width": 1, "height": 1, "background": [1, 2, 3]}', zlib.compress(b"abcd")))
    assert pictures.load(SHA256, SCREEN) is not None


def test_a_screen_of_absurd_size_is_not_believed(pictures: Pictures, folder: Path) -> None:
    pictures.save(picture(Box(99_999, 99_999)), ORIGINAL)
    assert pictures.load(SHA256, Box(99_999, 99_999)) is None


def test_a_file_too_large_to_be_ours_is_not_read(pictures: Pictures, folder: Path) -> None:
    pictures.save(picture(), ORIGINAL)
    os.truncate(file_of(folder), 65 * 1024 * 1024)
    assert pictures.load(SHA256, SCREEN) is None


def test_a_damaged_original_is_not_given_out(pictures: Pictures, folder: Path) -> None:
    pictures.save(picture(), ORIGINAL)
    (folder / f"{SHA256}.original").write_bytes(b"something else")
    assert pictures.original(SHA256) is None


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "*", SHA256.upper()])
def test_what_is_no_digest_finds_nothing(pictures: Pictures, digest: str) -> None:
    pictures.save(picture(), ORIGINAL)
    assert pictures.load(digest, SCREEN) is None
    assert pictures.original(digest) is None


def test_pruning_keeps_one_logo_and_what_is_not_ours(pictures: Pictures, folder: Path) -> None:
    pictures.save(picture(), ORIGINAL)
    pictures.save(picture(SMALL), ORIGINAL)
    pictures.save(picture(sha256=OTHER), b"another")
    (folder / f".{SHA256}.original.01234567.unfinished").write_bytes(b"half")
    (folder / "fontconfig").mkdir()
    pictures.prune(SHA256)
    assert sorted(path.name for path in folder.iterdir()) == [
        file_of(folder).name,
        file_of(folder, SMALL).name,
        f"{SHA256}.original",
        "fontconfig",
    ]
    pictures.prune(None)
    assert [path.name for path in folder.iterdir()] == ["fontconfig"]


def test_a_disk_without_room_leaves_nothing_half_written(pictures: Pictures, folder: Path) -> None:
    assert (
        subprocess.run([sys.executable, "-I", "-S", "-c", TIGHT_DISK, str(folder), SOURCES], check=False).returncode
        == 7
    )
    assert [path.name for path in folder.iterdir()] == ["0" * 64 + ".original"]
    assert pictures.load("0" * 64, SMALL) is None
