"""The state file: what the simulator knows, on disk, for the next start."""

import contextlib
import os
import tempfile
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from crewcheck_agent.simulator.world import Snapshot

_FORMAT: TypeAdapter[Snapshot] = TypeAdapter(Snapshot)


class StateFileError(Exception):
    """The state file cannot be used. The message says why, in words for whoever started the simulator."""


class StateFile:
    """A snapshot in a file that its owner alone may read, for it holds the operator's key."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> Snapshot | None:
        """What was saved last, or None when nothing was yet.

        Raises:
            StateFileError: the file is there but unreadable, or is not a state file.
        """
        try:
            return _FORMAT.validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StateFileError(f"cannot read the state file {self._path}: {error.strerror}") from error
        except ValidationError as error:
            raise StateFileError(
                f"{self._path} is not a state file of this simulator ({_first_fault(error)}). "
                "Name another file, or remove it to start afresh."
            ) from error

    def save(self, snapshot: Snapshot) -> None:
        """Replace the file as a whole: after a power cut it holds the old state or the new one.

        Raises:
            StateFileError: the file cannot be written.
        """
        try:
            self._replace(_FORMAT.dump_json(snapshot, indent=2) + b"\n")
        except OSError as error:
            raise StateFileError(f"cannot write the state file {self._path}: {error.strerror}") from error

    def _replace(self, content: bytes) -> None:
        folder = self._path.parent
        handle, draft = tempfile.mkstemp(dir=folder, prefix=f".{self._path.name}.")  # mkstemp makes it 0600
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(draft).replace(self._path)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                Path(draft).unlink()
            raise
        _sync_folder(folder)


def _first_fault(error: ValidationError) -> str:
    fault = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(map(str, fault['loc'])) or 'content'}: {fault['msg']}"


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
