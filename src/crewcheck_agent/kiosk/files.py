"""Files that survive a power cut: whole or not at all, and written only when something changed."""

import fcntl
import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from crewcheck_agent.core.problem import Code, Problem, printable

_UNFINISHED = ".unfinished"
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def write_atomically(path: Path, data: bytes, mode: int) -> bool:
    """Make `path` a regular file with this content and mode, whatever the umask; its folder must exist.

    Returns:
        True if it was written, False if it was so already.

    Raises:
        OSError: nothing was changed, and nothing half-written is left behind.
    """
    if _is_already(path, data, mode):
        return False
    unfinished = path.with_name(f".{path.name}.{os.urandom(4).hex()}{_UNFINISHED}")
    try:
        with os.fdopen(os.open(unfinished, _NEW, 0o600), "wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # tells `sweep` that its writer lives
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
            unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    _keep_names_of(path.parent)
    return True


def tried(work: Callable[[], object]) -> Problem | None:
    """Do something with files; an OSError comes back as the problem it is for people."""
    try:
        work()
    except OSError as error:
        return Problem(Code.STORAGE, printable(error.strerror or type(error).__name__))
    return None


def sweep(folder: Path) -> None:
    """Remove what writers that were cut off have left in `folder`, if it exists. Never raises OSError."""
    with suppress(OSError):
        for unfinished in folder.glob(f".*{_UNFINISHED}"):
            _remove_if_abandoned(unfinished)


def _is_already(path: Path, data: bytes, mode: int) -> bool:
    try:
        found = path.lstat()
        return (
            stat.S_ISREG(found.st_mode)
            and stat.S_IMODE(found.st_mode) == mode
            and found.st_size == len(data)
            and path.read_bytes() == data
        )
    except OSError:  # absent, or not ours to read: writing will tell
        return False


def _keep_names_of(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove_if_abandoned(unfinished: Path) -> None:
    with suppress(OSError), unfinished.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        unfinished.unlink()
