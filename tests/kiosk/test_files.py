"""Files are written whole or not at all, and only when something changed."""

import errno
import fcntl
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from crewcheck_agent.kiosk import files
from crewcheck_agent.kiosk.files import sweep, write_atomically

# Without site-packages, and so without the measuring of coverage, whose own file would find no room either.
SOURCES = str(Path(files.__file__).parents[2])
TIGHT_DISK = """
import resource, sys
sys.path.append(sys.argv[2])
from pathlib import Path
from crewcheck_agent.kiosk.files import write_atomically
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_atomically(Path(sys.argv[1]), b"n" * 5000, 0o600)
except OSError as error:
    sys.exit(error.errno)
"""


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_content_and_mode_are_those_asked_for_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o777)
    try:
        assert write_atomically(tmp_path / "a", b"new", 0o640)
    finally:
        os.umask(before)
    assert (tmp_path / "a").read_bytes() == b"new"
    assert mode_of(tmp_path / "a") == 0o640
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_what_is_so_already_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "a"
    write_atomically(path, b"same", 0o600)
    before = path.stat()
    assert not write_atomically(path, b"same", 0o600)
    assert path.stat() == before


@pytest.mark.parametrize(("data", "mode"), [(b"else", 0o600), (b"longer", 0o600), (b"same", 0o640)])
def test_other_content_or_mode_replaces_the_file(tmp_path: Path, data: bytes, mode: int) -> None:
    path = tmp_path / "a"
    write_atomically(path, b"same", 0o600)
    before = path.stat().st_ino
    assert write_atomically(path, data, mode)
    assert (path.read_bytes(), mode_of(path)) == (data, mode)
    assert path.stat().st_ino != before


def test_a_link_is_replaced_not_followed(tmp_path: Path) -> None:
    victim, link = tmp_path / "victim", tmp_path / "link"
    victim.write_bytes(b"same")
    victim.chmod(0o600)
    link.symlink_to(victim)
    assert write_atomically(link, b"same", 0o600)
    assert not link.is_symlink()
    assert write_atomically(link, b"other", 0o600)
    assert victim.read_bytes() == b"same"


def test_a_pipe_in_the_files_place_is_replaced_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a", 0o600)
    assert write_atomically(tmp_path / "a", b"", 0o600)
    assert (tmp_path / "a").is_file()


def test_a_disk_without_room_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    ended = subprocess.run([sys.executable, "-I", "-S", "-c", TIGHT_DISK, str(path), SOURCES], check=False)
    assert ended.returncode == errno.EFBIG
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_name_that_cannot_be_replaced_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(IsADirectoryError):
        write_atomically(tmp_path / "a", b"new", 0o600)
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_missing_folder_is_the_callers_business(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_atomically(tmp_path / "absent" / "a", b"new", 0o600)


def test_sweeping_removes_what_dead_writers_left_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / ".a.0123abcd.unfinished").write_bytes(b"half")
    (tmp_path / "a").write_bytes(b"whole")
    living = tmp_path / ".b.0123abcd.unfinished"
    with living.open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        sweep(tmp_path)
        assert sorted(path.name for path in tmp_path.iterdir()) == [living.name, "a"]
    sweep(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    sweep(tmp_path / "absent")
