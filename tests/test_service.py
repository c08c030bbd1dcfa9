"""The daemon on its bad days: what the journeys do not tell."""

import hashlib
import json
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.journeys.conftest import PATIENCE, Kiosk
from tests.journeys.conftest import kiosk as kiosk  # noqa: PLC0414 - a fixture
from tests.journeys.conftest import simulator as simulator  # noqa: PLC0414 - a fixture

from crewcheck_agent.core.events import LogoReady
from crewcheck_agent.core.kiosk import Connected, Connecting, Logo, Unprovisioned, Verdict, Word
from crewcheck_agent.core.kiosk import Kiosk as Known
from crewcheck_agent.core.messages import words_for
from crewcheck_agent.core.picture import WHITE, Box, Picture
from crewcheck_agent.core.problem import Code, Problem
from crewcheck_agent.core.redaction import Redactor
from crewcheck_agent.core.state import advance
from crewcheck_agent.core.token import ConnectionToken, Identity, Secret
from crewcheck_agent.gallery import Gallery
from crewcheck_agent.keeper import Keeper
from crewcheck_agent.kiosk.pictures import Pictures
from crewcheck_agent.kiosk.store import Store
from crewcheck_agent.languages import wording_in
from crewcheck_agent.settings import Settings
from crewcheck_agent.simulator.server import Simulator

CLOUD = "https://app.neostore.cloud"
NOON = datetime(2026, 6, 2, 12, tzinfo=UTC)


@pytest.fixture
def token(simulator: Simulator) -> dict[str, str]:
    return simulator.reset(simulator.create_device("Kiosk"))


class Manager:
    """A service manager that only listens."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.settimeout(PATIENCE)

    def await_word(self, word: str) -> None:
        """Hear on until a message starts so."""
        until = time.monotonic() + PATIENCE
        while not self._socket.recv(4096).decode().startswith(word):
            assert time.monotonic() < until, f"{word} never came"

    def falls_silent(self, word: str, seconds: float) -> bool:
        """Whether a whole stretch of so many seconds comes without that word."""
        end = time.monotonic() + PATIENCE
        quiet_since = time.monotonic()
        while time.monotonic() < end:
            left = quiet_since + seconds - time.monotonic()
            if left <= 0:
                return True
            self._socket.settimeout(left)
            try:
                if self._socket.recv(4096).decode() == word:
                    quiet_since = time.monotonic()
            except TimeoutError:
                return True
        return False

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def manager(tmp_path: Path, kiosk: Kiosk) -> Iterator[Manager]:
    manager = Manager(tmp_path / "notify")
    kiosk.settings["NOTIFY_SOCKET"] = str(tmp_path / "notify")
    yield manager
    manager.close()


def end_of(kiosk: Kiosk) -> int:
    assert kiosk.process is not None
    return kiosk.process.wait(PATIENCE)


# Faults of this program

BROKEN = """
import os, sys
from crewcheck_agent.core.redaction import Redactor
from crewcheck_agent.core.retry import Pace
from crewcheck_agent.core.token import ConnectionToken, Identity, Secret
from crewcheck_agent import service as services
from crewcheck_agent.kiosk.journal import log_to
from crewcheck_agent.languages import wording_in
from crewcheck_agent.settings import load_settings

redactor = Redactor()
redactor.learn(Secret("nobody-sees"))
log_to(20, redactor, os.environ)
services._GRACE = 0.3
service = services.Service(load_settings(), redactor, os.environ)
token = ConnectionToken(Identity("tenant", "device", "http://127.0.0.1:9"), Secret("nobody-sees"))
"""
WITH_A_BROKEN_ERRAND = (
    BROKEN
    + """
service._errands.ask(7, token, "no such pace, and nobody-sees")
sys.exit(service.run())
"""
)
WITH_A_STUCK_ERRAND = (
    BROKEN
    + """
import threading
service._errands._call(threading.Event().wait)
sys.exit(service.run())
"""
)


def test_an_errand_that_breaks_ends_the_daemon_to_be_started_anew(kiosk: Kiosk) -> None:
    done = subprocess.run(
        (sys.executable, "-c", WITH_A_BROKEN_ERRAND),
        env=kiosk.environ(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 1
    assert "CRITICAL this agent is at fault and must start anew\nTraceback" in done.stderr
    assert "nobody-sees" not in done.stderr


def test_an_errand_that_is_stuck_starves_the_watchdog_and_nothing_else(
    kiosk: Kiosk, manager: Manager, token: Mapping[str, str]
) -> None:
    kiosk.settings["WATCHDOG_USEC"] = "150000"
    kiosk.state_dir.mkdir()
    kiosk.write_token(token)
    with subprocess.Popen(
        (sys.executable, "-c", WITH_A_STUCK_ERRAND), env=kiosk.environ(), stderr=subprocess.PIPE
    ) as daemon:
        try:
            manager.await_word("WATCHDOG=1")
            assert manager.falls_silent("WATCHDOG=1", 1.0)
            daemon.terminate()
            assert daemon.wait(PATIENCE) == 0, "it still ends when it is asked to"
        finally:
            daemon.kill()


# A display that comes and moves

WITH_LITTLE_PATIENCE = (
    BROKEN
    + """
services._SHIFT_EVERY = 0.2
service._upkeep.pauses = (0.1, 0.2)
service._shift_at = 0.0
sys.exit(service.run())
"""
)


WITH_A_DISPLAY_THAT_BREAKS = (
    BROKEN
    + """
import pygame
from crewcheck_agent.kiosk.display import Display

class Breaking(Display):
    def repaint(self):
        pygame.display.quit()  # as if its card were pulled, in the middle of a frame
        super().repaint()

services._GRACE = 30.0
service._upkeep.pauses = (0.5, 0.5)
service._wall.display = Breaking(os.environ, (320, 200))
sys.exit(service.run())
"""
)


def test_a_display_that_breaks_under_the_brush_is_told_and_opened_anew(kiosk: Kiosk, manager: Manager) -> None:
    with subprocess.Popen(
        (sys.executable, "-c", WITH_A_DISPLAY_THAT_BREAKS), env=kiosk.environ(), stderr=subprocess.PIPE, text=True
    ) as daemon:
        try:
            manager.await_word("EXTEND_TIMEOUT_USEC=")
            manager.await_word("READY=1")
            status = kiosk.status()
            shown = (status["screen"]["showing"], status["screen"]["size"], status["problem"]["code"])
            assert shown == ("setup", [800, 480], "notProvisioned")
            daemon.terminate()
            assert daemon.wait(PATIENCE) == 0
            assert daemon.stderr is not None
            told = daemon.stderr.read()
        finally:
            daemon.kill()
    assert told.count("no display can be opened, trying again: The screen cannot be used: video system not init") == 1
    assert told.count("the display is open: offscreen, 800 x 480 pixels") == 1


class Quick(Kiosk):
    """A kiosk that looks for a display, and moves its frame, several times a second."""

    def launch(self, environ: Mapping[str, str]) -> "subprocess.Popen[bytes]":
        with self.log_file.open("ab") as log:
            command = (sys.executable, "-c", WITH_LITTLE_PATIENCE)
            self.process = subprocess.Popen(command, env=environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        return self.process


def test_a_display_that_comes_late_gets_the_logo_made_for_it_and_the_frame_moves(
    tmp_path: Path, simulator: Simulator, token: Mapping[str, str]
) -> None:
    assert shutil.which("Xvfb"), "this test needs Xvfb (Debian: xvfb)"
    with ExitStack() as stack:
        kiosk = Quick(tmp_path, simulator.environment)
        stack.callback(kiosk.stop)
        kiosk.start()
        kiosk.provision(token)
        digest = kiosk.await_state("connected", "logo")["logo"]["sha256"]
        kiosk.stop()
        assert (kiosk.cache_dir / f"{digest}-800x480.picture").exists()
        simulator.stop_listening()
        del kiosk.settings["CREWCHECK_DISPLAY_SIZE"]
        manager = stack.enter_context(closing(Manager(tmp_path / "notify")))
        with socket.create_server(("127.0.0.1", 0)) as held:
            display = f":{held.getsockname()[1] - 6000}"  # nobody else's, as X numbers its displays from port 6000 on
        kiosk.settings.update({"SDL_VIDEODRIVER": "x11", "DISPLAY": display, "NOTIFY_SOCKET": str(tmp_path / "notify")})
        kiosk.start()
        for _ in range(3):
            manager.await_word("EXTEND_TIMEOUT_USEC=")
        command = ("Xvfb", display, "-screen", "0", "640x400x24", "-nolisten", "tcp", "-nolock")
        server = stack.enter_context(subprocess.Popen(command, stderr=subprocess.DEVNULL))
        stack.callback(server.terminate)
        manager.await_word("READY=1")
        status = kiosk.await_status(lambda status: status["screen"]["showing"] == "logo")
        assert (status["screen"]["driver"], status["screen"]["size"]) == ("x11", [640, 400])
        frames = status["screen"]["frames"]
        made_anew = kiosk.cache_dir / f"{digest}-640x400.picture"  # without any network
        kiosk.await_status(lambda status: status["screen"]["frames"] > frames + 3 and made_anew.exists())
        assert kiosk.log().count("no display can be opened") == 1, "told once, however often it was tried"
        assert kiosk.stop() == 0


# Ends and requests


def test_an_unknown_request_is_told_so_and_ctrl_c_is_a_clean_end(kiosk: Kiosk) -> None:
    kiosk.start()
    for request in ({"do": "dance"}, {}, {"do": "provision", "token": 5}):
        assert next(kiosk.ask(request)).fields == {"error": "this agent does not know that request"}
    assert kiosk.status()["state"] == "unprovisioned"
    kiosk.send_signal(signal.SIGINT)
    assert end_of(kiosk) == 0
    assert kiosk.log().endswith("INFO crewcheck-agent stopped\n")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_end_in_the_middle_of_the_imports_is_prompt_and_clean(kiosk: Kiosk, number: int) -> None:
    with subprocess.Popen(
        (sys.executable, "-X", "importtime", "-m", "crewcheck_agent", "run"),
        env=kiosk.environ(),
        stderr=subprocess.PIPE,
        text=True,
    ) as daemon:
        assert daemon.stderr is not None
        for line in daemon.stderr:
            if line.endswith(" httpx\n"):
                break
        daemon.send_signal(number)
        rest = daemon.stderr.read()
        assert daemon.wait(PATIENCE) == -number, "a clean end, too, for whoever sent the signal"
    assert "Traceback" not in rest


@pytest.mark.parametrize("spoiled", ["a file in the folder's place", "a folder in its place"])
def test_without_a_control_socket_the_kiosk_goes_on_and_says_so_in_the_log(
    kiosk: Kiosk, manager: Manager, token: Mapping[str, str], simulator: Simulator, spoiled: str
) -> None:
    kiosk.state_dir.mkdir()
    kiosk.write_token(token)
    if spoiled == "a file in the folder's place":
        kiosk.runtime_dir.write_text("")
    else:
        (kiosk.runtime_dir / "control.sock").mkdir(parents=True)
    kiosk.start()
    manager.await_word("READY=1")
    simulator.wait_for_requests("connect", 2)
    assert kiosk.stop() == 0
    assert "no tool can reach this agent: the control socket cannot be made" in kiosk.log()


# Tokens on disk


def test_a_damaged_token_is_named_and_kept_until_a_good_one_comes(kiosk: Kiosk, token: Mapping[str, str]) -> None:
    kiosk.state_dir.mkdir()
    damaged = json.dumps(token)[:50]
    (kiosk.state_dir / "token.json").write_text(damaged)
    kiosk.settings["CREWCHECK_LANGUAGE"] = "fr"
    kiosk.start()
    status = kiosk.status()
    assert (status["state"], status["screen"]["showing"]) == ("unprovisioned", "setup")
    french = words_for(Problem(Code.BAD_TOKEN, variant="stored"), wording_in("fr"))
    assert (status["problem"]["code"], status["problem"]["message"]) == ("badToken", french.message)
    assert "the stored connection code cannot be used" in kiosk.log()
    assert (kiosk.state_dir / "token.json").read_text() == damaged
    assert kiosk.provision(token, scan=True) == "connected"
    assert json.loads((kiosk.state_dir / "token.json").read_text()) == token


def test_a_token_handed_over_is_used_and_not_copied(
    kiosk: Kiosk, token: Mapping[str, str], tmp_path: Path, simulator: Simulator
) -> None:
    (tmp_path / "credentials").mkdir()
    (tmp_path / "credentials" / "connection-token").write_text(json.dumps(token))
    kiosk.settings["CREDENTIALS_DIRECTORY"] = str(tmp_path / "credentials")
    kiosk.start()
    kiosk.await_state("connected", "logo")
    assert [path.name for path in kiosk.state_dir.iterdir()] == ["verdict.json"]


def test_an_offer_that_was_not_answered_before_the_power_cut_is_asked_about_beside_the_old_token(
    kiosk: Kiosk, token: dict[str, str], simulator: Simulator
) -> None:
    offered = simulator.reset(simulator.create_device("Offered"))
    kiosk.state_dir.mkdir()
    kiosk.write_token(token)
    (kiosk.state_dir / "candidate.json").write_text(json.dumps(offered))
    kiosk.start()
    kiosk.await_status(lambda status: (status["deviceId"], status["state"]) == (offered["deviceId"], "connected"))
    assert json.loads((kiosk.state_dir / "token.json").read_text()) == offered
    assert not (kiosk.state_dir / "candidate.json").exists()


def settings(folder: Path) -> Settings:
    return Settings(state_dir=folder / "state", cache_dir=folder / "cache", runtime_dir=folder / "run")


def connection(device: str, key: str = "key") -> ConnectionToken:
    return ConnectionToken(Identity("tenant", device, CLOUD), Secret(key))


SCANNED, GIVEN, OFFERED = connection("scanned"), connection("given"), connection("offered")
FOUND: list[tuple[str, ConnectionToken | None, ConnectionToken | None, ConnectionToken | None, tuple[str, ...]]] = [
    # scanned, handed over, offered: devices by their claims
    ("nothing", None, None, None, ()),
    ("a scanned token", SCANNED, None, None, ("scanned",)),
    ("a token handed over", None, GIVEN, None, ("given",)),
    ("both: what was scanned counts", SCANNED, GIVEN, None, ("scanned",)),
    ("an offer alone", None, None, OFFERED, ("offered",)),
    ("a token and an offer", SCANNED, None, OFFERED, ("scanned", "offered")),
    ("an offer that was just taken on", SCANNED, None, SCANNED, ("scanned",)),
    ("an offer of a new key", SCANNED, None, connection("scanned", "new"), ("scanned", "scanned")),
    ("one handed over, and an offer", None, GIVEN, OFFERED, ("given", "offered")),
]


@pytest.mark.parametrize(
    ("scanned", "given", "offered", "devices"), [row[1:] for row in FOUND], ids=[r[0] for r in FOUND]
)
def test_a_start_finds_who_this_kiosk_is(
    tmp_path: Path,
    scanned: ConnectionToken | None,
    given: ConnectionToken | None,
    offered: ConnectionToken | None,
    devices: tuple[str, ...],
) -> None:
    store = Store(tmp_path / "state", (CLOUD,))
    if scanned:
        store.keep_token(scanned)
    if offered:
        store.keep_candidate(offered)
    if given:
        (tmp_path / "connection-token").write_text(given.to_json())
    keeper = Keeper(settings(tmp_path), {"CREDENTIALS_DIRECTORY": str(tmp_path)}, Redactor())
    kiosk = keeper.restored(NOON)
    assert tuple(keeper.token(claim).identity.device_id for claim in keeper.claims()) == devices
    in_use = scanned or given
    assert kiosk.claim == (1 if in_use else 0)
    assert kiosk.state == (Connecting(in_use.identity) if in_use else Unprovisioned())
    assert (kiosk.trial is not None) == (offered is not None and offered != in_use)


# Disks that fail


class Apart(Kiosk):
    """A kiosk whose state is on a disk of its own, of four pages."""

    def launch(self, environ: Mapping[str, str]) -> "subprocess.Popen[bytes]":
        script = 'mount -t tmpfs -o size=16k,mode=0700 none "$0" && exec "$@"'
        command = (sys.executable, "-m", "crewcheck_agent", "run")
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                ("unshare", "--mount", "sh", "-c", script, str(self.state_dir), *command),
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        return self.process

    def state_on_disk(self) -> Path:
        """The state directory as the agent sees it."""
        assert self.process is not None
        return Path(f"/proc/{self.process.pid}/root{self.state_dir}")


def test_a_full_disk_leaves_the_old_identity_and_is_told(
    tmp_path: Path, simulator: Simulator, token: dict[str, str]
) -> None:
    if subprocess.run(("unshare", "--mount", "true"), check=False, capture_output=True).returncode != 0:
        pytest.skip("a disk of our own takes a mount, and mounts take root")
    other = simulator.reset(simulator.create_device("Other"))
    kiosk = Apart(tmp_path, simulator.environment)
    kiosk.state_dir.mkdir()
    kiosk.start()
    try:
        assert kiosk.provision(token) == "connected"
        kiosk.await_state("connected", "logo")
        state = kiosk.state_on_disk()
        (state / "filler").write_bytes(b"x" * 8192)
        *_, told = kiosk.offer(other)
        assert (told["reply"], told["problem"]["code"]) == ("notStored", "storage")
        status = kiosk.status()
        assert (status["state"], status["deviceId"]) == ("connected", token["deviceId"])
        assert json.loads((state / "token.json").read_text()) == token
        assert sorted(path.name for path in state.iterdir()) == ["filler", "token.json", "verdict.json"]
        (state / "filler").unlink()
        assert kiosk.provision(other) == "connected"
        assert json.loads((state / "token.json").read_text()) == other
    finally:
        kiosk.stop()


def test_what_cannot_be_forgotten_is_told_and_the_logo_goes_all_the_same(kiosk: Kiosk, token: dict[str, str]) -> None:
    kiosk.start()
    kiosk.provision(token)
    kiosk.await_state("connected", "logo")
    stuck = kiosk.state_dir / "verdict.json"
    stuck.unlink()
    (stuck / "in the way").mkdir(parents=True)
    assert not next(kiosk.ask({"do": "forget"})).fields["erased"]
    status = kiosk.await_state("unprovisioned", "setup")
    assert status["problem"]["code"] == "storage"
    assert not (kiosk.state_dir / "token.json").exists()
    assert [*kiosk.cache_dir.iterdir()] == []


# The picture at hand

LOGO = Logo("https://cdn.example.com/l.png", hashlib.sha256(b"one").hexdigest(), NOON)
NEWER = replace(LOGO, sha256=hashlib.sha256(b"two").hexdigest())
IDENTITY = Identity("tenant", "device", CLOUD)


def knowing(logo: Logo | None) -> Known:
    return Known(Connected(IDENTITY), NOON, 1, Verdict(IDENTITY, Word.CONNECTED, NOON, "", LOGO.url, logo))


def picture_of(logo: Logo) -> Picture:
    return Picture(2, 1, WHITE, Box(80, 48), logo.sha256, b"\0" * 8)


def pictures_in(folder: Path) -> set[str]:
    return {path.name[:64] for path in folder.iterdir()}


def at_hand(gallery: Gallery) -> Picture | None:
    return gallery.picture


def test_a_picture_that_comes_too_late_is_not_hung(tmp_path: Path) -> None:
    gallery = Gallery(Pictures(tmp_path))
    gallery.hang(picture_of(LOGO), knowing(LOGO))
    assert gallery.picture == picture_of(LOGO)
    gallery.hang(picture_of(NEWER), knowing(LOGO))
    assert gallery.picture == picture_of(LOGO), "made for a logo that was replaced meanwhile"
    gallery.hang(picture_of(NEWER), knowing(None))
    assert gallery.picture == picture_of(LOGO)
    gallery.hang(picture_of(NEWER), knowing(NEWER))
    assert gallery.picture == picture_of(NEWER)


def test_a_late_logo_of_a_token_replaced_meanwhile_changes_nothing() -> None:
    before = knowing(LOGO)
    after, commands = advance(before, LogoReady(7, NEWER))
    assert (after, [*commands]) == (before, [])


def test_the_gallery_keeps_no_other_logos_picture(tmp_path: Path) -> None:
    pictures = Pictures(tmp_path)
    for logo, original in ((LOGO, b"one"), (NEWER, b"two")):
        pictures.save(picture_of(logo), original)
    gallery = Gallery(pictures)
    assert gallery.load(knowing(LOGO), Box(80, 48))
    gallery.tidy(knowing(LOGO), on_disk=True)
    assert gallery.picture == picture_of(LOGO)
    assert pictures_in(tmp_path) == {LOGO.sha256}
    assert not gallery.load(knowing(LOGO), Box(1920, 1080)), "made for another screen: to be made anew"
    gallery.tidy(knowing(NEWER), on_disk=False)
    assert at_hand(gallery) is None
    assert pictures_in(tmp_path) == {LOGO.sha256}, "the verdict on disk still names it"
    gallery.tidy(knowing(None), on_disk=True)
    assert (pictures_in(tmp_path), gallery.clear()) == (set(), None)
