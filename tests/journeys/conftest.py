"""Whole stories: the real agent as a process of its own, against the simulator on real sockets."""

import io
import json
import os
import queue
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from crewcheck_agent.kiosk.control import AgentUnreachable, Reply, ask
from crewcheck_agent.simulator.server import Simulator, running

PATIENCE = 30.0
"""Seconds after which a story counts as stuck: far above what any step takes, even on a busy machine."""


class Kiosk:
    """One kiosk: its directories outlive every start of its agent."""

    def __init__(self, folder: Path, environments: str) -> None:
        self.state_dir = folder / "state"
        self.cache_dir = folder / "cache"
        self.runtime_dir = folder / "run"
        self.configuration = folder / "agent.toml"
        self.log_file = folder / "agent.log"
        self.settings: dict[str, str] = {
            "CREWCHECK_STATE_DIR": str(self.state_dir),
            "CREWCHECK_CACHE_DIR": str(self.cache_dir),
            "CREWCHECK_RUNTIME_DIR": str(self.runtime_dir),
            "CREWCHECK_CONFIG": str(self.configuration),
            "CREWCHECK_ALLOWED_ENVIRONMENTS": environments,
            "CREWCHECK_POLL_INTERVAL": "1",
            "CREWCHECK_RETRY_INITIAL": "0.2",
            "CREWCHECK_RETRY_MAX": "1",
            "CREWCHECK_DISPLAY_SIZE": "800x480",
            "SDL_VIDEODRIVER": "offscreen",
        }
        self.within: tuple[str, ...] = ()  # the command that starts it elsewhere, e.g. in another network
        self.configuration.touch()
        self.process: subprocess.Popen[bytes] | None = None

    def environ(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if name.startswith(("PATH", "PYTHON", "COVERAGE", "SSL_CERT", "HOME", "TMPDIR"))
        }
        return {**kept, **self.settings}

    def start(self) -> None:
        """Start the agent and wait until it is ready; a test that listens to that itself waits itself."""
        if "NOTIFY_SOCKET" in self.settings:
            self.launch(self.environ())
            return
        with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
            notified.bind(f"{folder}/notify")
            process = self.launch({**self.environ(), "NOTIFY_SOCKET": f"{folder}/notify"})
            ended = os.pidfd_open(process.pid)
            words: list[bytes] = []
            while b"READY=1" not in words:
                stirred, _, _ = select.select([notified.fileno(), ended], [], [], PATIENCE)
                if notified.fileno() not in stirred:
                    pytest.fail(f"the agent is not ready: {words}\n{self.log()}")
                words.append(notified.recv(4096))
            os.close(ended)

    def launch(self, environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
        """Start the agent, and wait for nothing."""
        command = (*self.within, sys.executable, "-m", "crewcheck_agent", "run")
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(command, env=environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        return self.process

    def write_token(self, token: Mapping[str, str]) -> None:
        """Provision while no agent runs, as the tool does."""
        file = self.state_dir / "token.json"
        file.write_text(json.dumps(token), encoding="utf-8")
        file.chmod(0o600)

    def send_signal(self, number: int) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def pull_the_plug(self) -> None:
        """End the agent without any warning."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Ask the agent to end; returns its exit code."""
        return self._end(signal.SIGTERM)

    def _end(self, number: int) -> int:
        process, self.process = self.process, None
        if process is None:
            return 0
        process.send_signal(number)
        return process.wait(PATIENCE)

    def log(self) -> str:
        return self.log_file.read_text(encoding="utf-8")

    def ask(self, request: Mapping[str, Any]) -> Iterator[Reply]:
        return ask(self.runtime_dir / "control.sock", request, PATIENCE)

    def status(self) -> Mapping[str, Any]:
        return next(self.ask({"do": "status"})).fields

    def offer(self, token: Mapping[str, str] | str, *, scan: bool = False) -> Iterator[Mapping[str, Any]]:
        """Offer a code; every reply up to the verdict."""
        text = token if isinstance(token, str) else json.dumps(token)
        return (reply.fields for reply in self.ask({"do": "provision", "token": text, "scan": scan}))

    def provision(self, token: Mapping[str, str] | str, *, scan: bool = False) -> str:
        """Offer a code; the verdict in a word."""
        return str([*self.offer(token, scan=scan)][-1]["reply"])

    def await_status(self, what: Callable[[Mapping[str, Any]], bool]) -> Mapping[str, Any]:
        """The first status for which `what` is true, from now on."""
        found: queue.SimpleQueue[Mapping[str, Any]] = queue.SimpleQueue()
        seen: list[Mapping[str, Any]] = []

        def watch() -> None:
            with suppress(AgentUnreachable):
                for reply in self.ask({"do": "watch"}):
                    seen.append(reply.fields)
                    if what(reply.fields):
                        found.put(reply.fields)
                        return

        threading.Thread(target=watch, daemon=True).start()
        try:
            return found.get(timeout=PATIENCE)
        except queue.Empty:
            pytest.fail(f"it never came to that; last: {seen[-1:]}\n{self.log()}")

    def await_state(self, state: str, showing: str | None = None) -> Mapping[str, Any]:
        return self.await_status(
            lambda status: status["state"] == state and showing in {None, status["screen"]["showing"]}
        )

    def look(self) -> Image.Image:
        """The pixels on the screen."""
        reply = next(self.ask({"do": "look"}))
        return Image.frombytes("RGB", (reply.fields["width"], reply.fields["height"]), reply.blob)


def picture(colour: tuple[int, int, int], size: tuple[int, int] = (200, 100)) -> bytes:
    """A logo in one colour, as PNG, on a transparent margin."""
    drawn = Image.new("RGBA", size, (*colour, 255))
    framed = Image.new("RGBA", (size[0] + 20, size[1] + 20))
    framed.paste(drawn, (10, 10))
    file = io.BytesIO()
    framed.save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with running() as simulator:
        yield simulator


@pytest.fixture
def kiosk(tmp_path: Path, simulator: Simulator) -> Iterator[Kiosk]:
    kiosk = Kiosk(tmp_path, simulator.environment)
    yield kiosk
    kiosk.stop()


@pytest.fixture
def make_picture() -> Callable[[tuple[int, int, int]], bytes]:
    return picture


@pytest.fixture
def red_token(simulator: Simulator) -> dict[str, str]:
    """The token of a device whose logo is red."""
    device = simulator.create_device("Red")
    simulator.set_logo(device, picture((200, 0, 0)))
    return simulator.reset(device)


@pytest.fixture
def red_kiosk(kiosk: Kiosk, red_token: dict[str, str]) -> Kiosk:
    """A kiosk that shows the red logo."""
    kiosk.start()
    assert kiosk.provision(red_token) == "connected"
    kiosk.await_state("connected", "logo")
    return kiosk
