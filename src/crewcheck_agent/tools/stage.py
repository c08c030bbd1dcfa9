"""The demo's stage: the simulator in this process, and the real agent as its child, with rooms of its own."""

import io
import json
import os
import queue
import select
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from gettext import gettext as _
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any

from PIL import Image

from crewcheck_agent.kiosk.control import ask
from crewcheck_agent.settings import Settings
from crewcheck_agent.simulator.server import Simulator, running
from crewcheck_agent.tools.agent import Agent, AgentUnreachable

WINDOW = (1280, 720)
"""The kiosk's size in pixels: fits every desktop, and as wide as most kiosks."""

_PATIENCE = 30.0  # seconds for the agent's first picture, and for an answer of its own: machines can be slow
_END_PATIENCE = 5.0  # seconds for it to end: it promises one
_LONGEST_DIRECTORY = 64
_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY")
_FROM_SYSTEMD = {
    *("STATE_DIRECTORY", "CACHE_DIRECTORY", "RUNTIME_DIRECTORY", "CREDENTIALS_DIRECTORY"),
    *("JOURNAL_STREAM", "WATCHDOG_USEC", "WATCHDOG_PID"),
}
_PROXIES = {"http_proxy", "https_proxy", "all_proxy", "no_proxy"}

Report = Mapping[str, Any]
"""The JSON of `status`."""


class NotStarted(Exception):  # noqa: N818 - told as what the agent is
    """The agent does not show its first picture; the text says why."""


class NoDisplay(NotStarted):
    """The agent finds no display that it can open."""


class PortRefused(Exception):  # noqa: N818 - told as what was done to the port
    """The simulator cannot listen on the port; the text says why."""


class Ended(Exception):  # noqa: N818 - told as what the agent has done
    """The agent is gone."""

    def __init__(self, exit_code: int) -> None:
        super().__init__(_("the agent ended, with exit code {number}").format(number=exit_code))
        self.exit_code = exit_code


@dataclass(frozen=True, slots=True)
class Typed:
    """Somebody typed a line at the terminal."""

    text: str


News = Report | Typed | Ended


class Kiosk:
    """The running agent. `news` brings its status whenever that changes, and its end."""

    def __init__(self, process: subprocess.Popen[bytes], home: Path, *, headless: bool) -> None:
        self.headless = headless
        self.log = home / "agent.log"
        self.news: queue.SimpleQueue[News] = queue.SimpleQueue()
        self._process = process
        self._socket = home / "run" / "control.sock"
        self._agent = agent_at(home)
        self._latest: Report | None = None
        threading.Thread(target=self._watch, name="watch", daemon=True).start()

    def _watch(self) -> None:
        with suppress(AgentUnreachable):
            for report in self._agent.watch():
                self.news.put(report)
        self.news.put(Ended(self._process.wait()))

    def reports(self, patience: float) -> Iterator[Report]:
        """The latest status, then each newer one as it comes, for so many seconds.

        Raises:
            Ended: the agent is gone.
        """
        until = time.monotonic() + patience
        if self._latest:
            yield self._latest
        while True:
            try:
                news = self.news.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                return
            if isinstance(news, Ended):
                raise news
            if not isinstance(news, Typed):
                self._latest = news
                yield news

    def look(self) -> Image.Image:
        """What its screen shows now.

        Raises:
            AgentUnreachable: it cannot be asked.
        """
        return picture_of(self._agent)

    def offer(self, text: str, *, scanned: bool) -> Mapping[str, Any]:
        """Hand it a connection code, as its scanner or as a technician would; its first word on that.

        Raises:
            AgentUnreachable: it cannot be asked.
        """
        request = {"do": "provision", "token": text, "scan": scanned}
        return next(ask(self._socket, request, _PATIENCE)).fields

    def last_words(self) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-8:])


@dataclass(frozen=True, slots=True)
class Stage:
    """Everybody who plays: the simulated service, one device registered there, the kiosk that shall become it."""

    simulator: Simulator
    device_id: str
    kiosk: Kiosk

    def fresh_code(self) -> str:
        """A new connection code for the device, as its QR code holds it. The one before stops working."""
        return json.dumps(self.simulator.reset(self.device_id))


@contextmanager
def staged(port: int, environ: Mapping[str, str], *, headless: bool) -> Iterator[Stage]:
    """The whole stage, for as long as the block lasts; nothing is left of it.

    Raises:
        NotStarted: the agent does not start; NoDisplay where another try could go without a window.
        PortRefused: the port cannot be listened on.
    """
    with ExitStack() as stage:
        home = Path(stage.enter_context(TemporaryDirectory(prefix="crewcheck-demo-", dir=_roomy())))
        try:
            simulator = stage.enter_context(running(port=port, picture=lambda: _png(agent_at(home))))
        except OSError as error:
            why = _("Port {port} cannot be used: {why}.").format(port=port, why=error.strerror)
            raise PortRefused(why) from None
        device_id = simulator.create_device("Demo kiosk", description="The one on this machine")
        kiosk = stage.enter_context(_running_kiosk(home, simulator.environment, environ, headless=headless))
        yield Stage(simulator, device_id, kiosk)


def _roomy() -> str:
    """A directory whose name leaves room for a socket's, which may have 107 characters in all (unix(7))."""
    return gettempdir() if len(gettempdir()) < _LONGEST_DIRECTORY else "/tmp"  # noqa: S108 - with a name of its own


def has_display(environ: Mapping[str, str]) -> bool:
    """Whether there is a desktop that could show a window."""
    return any(environ.get(name) for name in _DISPLAYS)


def agent_at(home: Path) -> Agent:
    """The agent that lives there, running or not."""
    return Agent(Settings.model_construct(runtime_dir=home / "run"))


def picture_of(agent: Agent) -> Image.Image:
    """What the agent's screen shows now.

    Raises:
        AgentUnreachable: it cannot be asked.
    """
    width, height, pixels = agent.look()
    return Image.frombytes("RGB", (width, height), pixels)


def _png(agent: Agent) -> bytes | None:
    png = io.BytesIO()
    try:
        picture_of(agent).save(png, "PNG", compress_level=1)
    except AgentUnreachable:
        return None
    return png.getvalue()


@contextmanager
def _running_kiosk(home: Path, environment: str, environ: Mapping[str, str], *, headless: bool) -> Iterator[Kiosk]:
    _configure(home, environment)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
        notified.bind(str(home / "notify"))
        process = _start(home, _environ_of_child(home, environ, headless=headless))
        try:
            _await_first_picture(process, notified, home)
            notified.close()
            yield Kiosk(process, home, headless=headless)
        finally:
            _end(process)


def _configure(home: Path, environment: str) -> None:
    settings = {
        "state_dir": str(home / "state"),
        "cache_dir": str(home / "cache"),
        "runtime_dir": str(home / "run"),
        "allowed_environments": [environment],
        "poll_interval": 1.0,
        "request_timeout": 5.0,
        "retry_initial": 0.5,
        "retry_max": 2.0,
        "display_size": "{}x{}".format(*WINDOW),
    }
    lines = (f"{name} = {json.dumps(value)}\n" for name, value in settings.items())  # of these, JSON is TOML as well
    (home / "agent.toml").write_text("".join(lines))


def _environ_of_child(home: Path, environ: Mapping[str, str], *, headless: bool) -> Mapping[str, str]:
    """This process's, without what would make the demo's agent somebody else's."""
    child = {
        name: value
        for name, value in environ.items()
        if not name.upper().startswith("CREWCHECK_") and name not in _FROM_SYSTEMD and name.lower() not in _PROXIES
    }
    child |= {"CREWCHECK_CONFIG": str(home / "agent.toml"), "NOTIFY_SOCKET": str(home / "notify")}
    return child | {"SDL_VIDEODRIVER": "offscreen"} if headless else child


def _start(home: Path, environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """In a process group of its own: Ctrl-C is for the demo, which then ends the agent in good order."""
    setpriv = shutil.which("setpriv")  # of util-linux: lets the agent end even where the demo is killed
    leash = [setpriv, "--pdeathsig", "TERM"] if setpriv else []
    command = [*leash, sys.executable, "-m", "crewcheck_agent", "run"]
    with (home / "agent.log").open("ab") as log:
        return subprocess.Popen(  # noqa: S603 - our own program
            command, env=environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log, process_group=0
        )


def _await_first_picture(process: subprocess.Popen[bytes], notified: socket.socket, home: Path) -> None:
    """Until the agent says, as it would to systemd, that it is ready."""
    until = time.monotonic() + _PATIENCE
    ended = os.pidfd_open(process.pid)
    try:
        while (left := until - time.monotonic()) > 0:
            stirred = select.select([notified.fileno(), ended], [], [], left)[0]
            if notified.fileno() in stirred:
                word = notified.recv(4096)
                if word.startswith(b"READY=1"):
                    return
                if word.startswith(b"EXTEND_TIMEOUT_USEC="):
                    raise NoDisplay(_log_of(home))
            elif stirred:
                why = _("it ended at once, with exit code {number}").format(number=process.wait())
                raise NotStarted(f"{why}\n{_log_of(home)}")
    finally:
        os.close(ended)
    why = _("it showed nothing within {seconds:g} seconds").format(seconds=_PATIENCE)
    raise NotStarted(f"{why}\n{_log_of(home)}")


def _log_of(home: Path) -> str:
    return (home / "agent.log").read_text(errors="replace").strip()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_END_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
