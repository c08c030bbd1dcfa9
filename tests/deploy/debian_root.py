"""Minimal Debian 13 systems to build and install packages in: directories that are changed into, as root."""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
_ARCHIVE = "http://deb.debian.org/debian"
_FOR_BUILDING = ("ca-certificates", "git", "lintian", "man-db", "python3")
"""What a machine has on which `deploy/build-deb` is called, and what judges the packages."""

_INSIDE = """
root=$1; shift
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/run"
mkdir -p "$root/src"
mount --bind "$SOURCE" "$root/src"
mount -o remount,bind,ro "$root/src"
[ ! -e /etc/resolv.conf ] || cp /etc/resolv.conf "$root/etc/resolv.conf"
exec env --ignore-environment HOME=/root LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    DEBIAN_FRONTEND=noninteractive TMPDIR=/var/tmp chroot "$root" "$@"
"""


class Failed(Exception):  # noqa: N818 - told as what happened
    """A command ended with an error; the text is what it said."""


def obstacle() -> str:
    """Why no root can be made here; empty where one can."""
    if os.geteuid() != 0:
        return "a Debian root can be made by root alone"
    if shutil.which("mmdebstrap") is None:
        return "mmdebstrap is not installed (Debian's package mmdebstrap)"
    mount = ("unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt")
    tried = subprocess.run(mount, capture_output=True, check=False)
    return "" if tried.returncode == 0 else "mounts are not to be had here"


class Root:
    """A Debian system in a directory. The source tree is at /src, read-only."""

    def __init__(self, path: Path, source: Path = CHECKOUT) -> None:
        self.path = path
        self._source = source

    def run(self, *command: str) -> str:
        """What a command printed to standard output.

        Raises:
            Failed: it ended with an error.
        """
        return _run("unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec", _INSIDE, "inside",
                    str(self.path), *command, SOURCE=str(self._source))  # fmt: skip

    def sh(self, script: str) -> str:
        """The same for a shell's script."""
        return self.run("sh", "-ec", script)

    def with_source(self, source: Path) -> "Root":
        """The same system with another source tree."""
        return Root(self.path, source)


@contextmanager
def builder() -> Iterator[Root]:
    """A system to build packages in, for one at a time; kept for a week, with what `deploy/build-deb` installs."""
    with _cache() as cache:
        path = cache / f"builder-{_week()}"
        if not path.exists():
            _make(path, _FOR_BUILDING)
        yield Root(path)


@contextmanager
def minimal(folder: Path) -> Iterator[Root]:
    """A fresh minimal system with systemd in `folder`; Debian's packages are kept from one time to the next."""
    with _cache() as cache:
        archive = cache / f"minimal-{_week()}.tar"
        if not archive.exists():
            _make(archive, ("systemd-sysv",))
        archives = cache / f"archives-{_week()}"
        archives.mkdir(exist_ok=True)
    root = folder / "root"
    root.mkdir()
    _run("tar", "--extract", "--numeric-owner", f"--file={archive}", f"--directory={root}")
    (root / "etc/dpkg/dpkg.cfg.d/quick").write_text("force-unsafe-io\n", encoding="ascii")
    kept = root / "var/cache/apt/archives"
    _copy(archives, kept)
    try:
        yield Root(root)
        _copy(kept, archives)
    finally:
        shutil.rmtree(root)


def _copy(source: Path, target: Path) -> None:
    for package in source.glob("*.deb"):
        if not (target / package.name).exists():
            shutil.copy(package, target)


@contextmanager
def _cache() -> Iterator[Path]:
    """The place for what takes long to make, for one at a time; what is older than two weeks goes."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    cache = home / "crewcheck-agent" / "tests"
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for old in cache.glob("*-????-??*"):
            if _week() not in old.name:
                shutil.rmtree(old) if old.is_dir() else old.unlink()
        yield cache


def _week() -> str:
    return datetime.now(UTC).strftime("%G-%V")


def _make(target: Path, packages: Sequence[str]) -> None:
    unfinished = target.with_name(f"unfinished-{target.name}")
    if unfinished.is_dir():
        shutil.rmtree(unfinished)
    command = ("mmdebstrap", "--mode=root", "--variant=minbase", f"--include={','.join(packages)}",
               '--aptopt=Acquire::Languages "none"', "--skip=cleanup/apt/lists",
               "trixie", str(unfinished), f"deb {_ARCHIVE} trixie main")  # fmt: skip
    _run(*command)
    unfinished.rename(target)


def _run(*command: str, **environ: str) -> str:
    done = subprocess.run(
        command, env={**os.environ, **environ}, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Failed(f"{' '.join(command[-3:])}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout
