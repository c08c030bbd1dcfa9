"""A machine to try the tools on: directories of its own, the real command line, an agent that says what it is told."""

import os
import pty
import select
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.kiosk.hosting import PATIENCE, hosting

from crewcheck_agent.kiosk.control import Conversation, Reply

TIME = "2026-06-02T12:00:00.123+00:00"
REPORT: Mapping[str, Any] = {
    "state": "connected",
    "since": TIME,
    "tenantId": "acme",
    "deviceId": "kiosk-7",
    "environment": "https://app.neostore.cloud",
    "problem": None,
    "notice": None,
    "lastAnswer": TIME,
    "nextAttempt": TIME,
    "attempts": 0,
    "logo": {"url": "https://acme.example/logo.png", "sha256": "ab" * 32, "fetchedAt": TIME},
    "screen": {"showing": "logo", "driver": "KMSDRM", "size": [1920, 1080], "rotation": 0, "frames": 12},
    "scanner": {"state": "unknown", "name": None, "device": None},
    "agent": {"version": "1.2.3", "pid": 42, "startedAt": TIME},
}
PROBLEM = {"code": "dns", "shortCode": "CC-22", "message": "What happened.", "advice": "Who must do what."}


def replying(*replies: Reply) -> Callable[[Conversation], None]:
    """An agent that gives every request these replies."""

    def handle(conversation: Conversation) -> None:
        for reply in replies:
            conversation.reply(reply)

    return handle


@dataclass
class Machine:
    """Directories of its own, and the environment that names them."""

    folder: Path
    environ: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        kept = ("PATH", "PYTHON", "COVERAGE", "HOME", "TMPDIR")
        self.environ = {
            **{name: value for name, value in os.environ.items() if name.startswith(kept)},
            "PYTHONUNBUFFERED": "",  # what is written is written at the end, as everywhere
            "CREWCHECK_STATE_DIR": str(self.folder / "state"),
            "CREWCHECK_CACHE_DIR": str(self.folder / "cache"),
            "CREWCHECK_RUNTIME_DIR": str(self.folder / "run"),
            "CREWCHECK_CONFIG": str(self.folder / "agent.toml"),
            "TZ": "UTC",
        }
        (self.folder / "agent.toml").touch()

    @property
    def socket(self) -> Path:
        return self.folder / "run" / "control.sock"

    def agent(self, *replies: Reply) -> AbstractContextManager[None]:
        """While it lasts, an agent runs that gives every request these replies."""
        return hosting(self.socket, replying(*replies))

    def tool(self, *arguments: str, stdin: bytes = b"", **environ: str) -> "subprocess.CompletedProcess[bytes]":
        """Run the real command to its end."""
        return subprocess.run(
            (sys.executable, "-m", "crewcheck_agent", *arguments),
            env={**self.environ, **environ},
            input=stdin,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )

    def on_terminal(self, *arguments: str, keys: bytes = b"", at: bytes = b"", **environ: str) -> tuple[int, str]:
        """Run the real command on a terminal of its own, and type `keys` when it shows `at`.

        Returns its exit code, and all that the terminal showed.
        """
        ours, theirs = pty.openpty()
        with subprocess.Popen(
            ("setsid", "--ctty", "--wait", sys.executable, "-m", "crewcheck_agent", *arguments),
            env={**self.environ, **environ},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        ) as command:
            os.close(theirs)
            shown = b""
            while select.select([ours], [], [], PATIENCE)[0]:
                try:
                    shown += os.read(ours, 65536)
                except OSError:  # Linux's way to say that nobody is at the other end any more
                    break
                if keys and at in shown:
                    os.write(ours, keys)
                    keys = b""
            else:
                command.kill()
            code = command.wait(PATIENCE)
        os.close(ours)
        return code, shown.decode().replace("\r\n", "\n")
