"""What systemd hears, on a real notify socket, from the real agent."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.journeys.conftest import PATIENCE, Kiosk

from crewcheck_agent.simulator.server import Simulator


class Manager:
    """The other end of the notify socket."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.settimeout(30)
        self.heard: list[str] = []

    def await_word(self, word: str) -> str:
        """The next message that starts so."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            message = self._socket.recv(4096).decode()
            self.heard.append(message)
            if message.startswith(word):
                return message
        pytest.fail(f"{word} was never heard, but: {self.heard}")

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def manager(tmp_path: Path, kiosk: Kiosk) -> Iterator[Manager]:
    path = tmp_path / "notify"
    manager = Manager(path)
    kiosk.settings["NOTIFY_SOCKET"] = str(path)
    yield manager
    manager.close()


def test_readiness_comes_after_the_first_frame_and_the_status_is_plain(
    kiosk: Kiosk, manager: Manager, red_token: dict[str, str], simulator: Simulator
) -> None:
    kiosk.start()
    manager.await_word("READY=1")
    assert kiosk.status()["screen"]["frames"] >= 1
    assert "STATUS=not set up – This device has no connection code yet. (CC-10)" in manager.heard  # noqa: RUF001 - a dash
    kiosk.provision(red_token)
    manager.await_word("STATUS=connected")
    simulator.disable(red_token["deviceId"])
    assert manager.await_word("STATUS=disabled").endswith(" The operator switched this device off. (CC-40)")
    kiosk.stop()
    manager.await_word("STOPPING=1")


def test_systemctl_status_and_status_say_the_same_whatever_the_screen_speaks(
    kiosk: Kiosk, manager: Manager, red_token: dict[str, str], simulator: Simulator
) -> None:
    kiosk.settings["CREWCHECK_LANGUAGE"] = "de"
    kiosk.start()
    manager.await_word("READY=1")
    kiosk.provision(red_token)
    for state, change in (("connected", simulator.enable), ("disabled", simulator.disable)):
        change(red_token["deviceId"])
        told = manager.await_word(f"STATUS={state}").removeprefix("STATUS=")
        command = (sys.executable, "-m", "crewcheck_agent", "status")
        environ = {**kiosk.environ(), "PYTHONIOENCODING": "utf-8"}
        done = subprocess.run(command, env=environ, capture_output=True, timeout=PATIENCE, check=False)
        assert done.stdout.decode().splitlines()[0] == f"● {told}"


def test_an_offline_kiosk_is_ready_and_feeds_the_watchdog(
    kiosk: Kiosk, manager: Manager, red_token: dict[str, str], simulator: Simulator
) -> None:
    kiosk.settings["WATCHDOG_USEC"] = "600000"
    simulator.stop_listening()
    kiosk.state_dir.mkdir(mode=0o700)
    kiosk.write_token(red_token)
    kiosk.start()
    manager.await_word("READY=1")
    kiosk.await_state("offline", "offline")
    for _ in range(3):
        manager.await_word("WATCHDOG=1")


def test_a_reload_is_announced_and_ended(kiosk: Kiosk, manager: Manager) -> None:
    kiosk.start()
    manager.await_word("READY=1")
    kiosk.send_signal(signal.SIGHUP)
    reloading = manager.await_word("RELOADING=1")
    stamp = int(reloading.partition("MONOTONIC_USEC=")[2])
    assert 0 < stamp <= time.monotonic_ns() // 1000
    manager.await_word("READY=1")


def test_an_agent_that_never_painted_is_not_ready(kiosk: Kiosk, manager: Manager) -> None:
    del kiosk.settings["SDL_VIDEODRIVER"]  # and there is neither X, nor Wayland, nor a card
    kiosk.start()
    for _ in range(2):  # it goes on trying
        manager.await_word("EXTEND_TIMEOUT_USEC=")
    status = kiosk.status()
    assert (status["problem"]["code"], status["screen"]["showing"], status["screen"]["driver"]) == (
        "display",
        None,
        None,
    )
    kiosk.stop()
    manager.await_word("STOPPING=1")
    assert "READY=1" not in manager.heard
    assert "no display can be opened" in kiosk.log()
