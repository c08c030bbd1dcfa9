"""A configuration that cannot be used, under a service manager: the screen of a real X server says so."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from tests.journeys.conftest import PATIENCE, Kiosk
from tests.journeys.test_service_manager import Manager
from tests.journeys.test_service_manager import manager as manager  # noqa: PLC0414 - a fixture
from tests.kiosk.short_codes import short_codes_on

SIZE = (800, 480)


@pytest.fixture
def kiosk(tmp_path: Path) -> Iterator[Kiosk]:
    kiosk = Kiosk(tmp_path, "https://kiosks.example")
    kiosk.configuration.write_text("rotation = 45\n")
    yield kiosk
    kiosk.stop()


def on_the_screen(folder: Path) -> Image.Image:
    """The frame buffer of a server that keeps it in a file, as xwd(1) has it: a header, colours, then the pixels."""
    data = (folder / "Xvfb_screen0").read_bytes()
    pixels = data[-4 * SIZE[0] * SIZE[1] :]
    return Image.frombytes("RGB", SIZE, pixels, "raw", "BGRX")


@pytest.fixture
def screen(kiosk: Kiosk, tmp_path: Path) -> Iterator[Path]:
    """The folder of an X server's frame buffer, which is the kiosk's whole screen."""
    folder = tmp_path / "screen"
    folder.mkdir()
    size = f"{SIZE[0]}x{SIZE[1]}x24"
    command = ("Xvfb", "-displayfd", "1", "-screen", "0", size, "-fbdir", str(folder), "-nolisten", "tcp")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        assert server.stdout
        del kiosk.settings["SDL_VIDEODRIVER"], kiosk.settings["CREWCHECK_DISPLAY_SIZE"]
        kiosk.settings["DISPLAY"] = f":{server.stdout.readline().decode().strip()}"
        yield folder
        kiosk.stop()
        server.terminate()


def test_the_screen_says_so_until_the_agent_is_ended(kiosk: Kiosk, screen: Path, manager: Manager) -> None:
    kiosk.settings["WATCHDOG_USEC"] = "300000"
    kiosk.start()
    manager.await_word("READY=1")
    assert short_codes_on(on_the_screen(screen)) == {"CC-12"}
    assert any("rotation = 45" in word for word in manager.heard if word.startswith("STATUS="))
    for _ in range(2):
        manager.await_word("WATCHDOG=1")
    assert "rotation = 45" in kiosk.log()
    assert kiosk.stop() == 0


def test_it_is_read_the_way_the_monitor_hangs(kiosk: Kiosk, screen: Path, manager: Manager) -> None:
    kiosk.configuration.write_text("rotation = 180\nscaner = 1\n")
    kiosk.start()
    manager.await_word("READY=1")
    assert short_codes_on(on_the_screen(screen).rotate(180)) == {"CC-12"}


def test_a_reload_lets_it_begin_anew(kiosk: Kiosk, manager: Manager) -> None:
    kiosk.start()
    manager.await_word("READY=1")
    process = kiosk.process
    assert process
    process.send_signal(signal.SIGHUP)
    assert process.wait(PATIENCE) == 2, "the service manager starts it again"


@pytest.mark.parametrize("lacking", ["NOTIFY_SOCKET", "SDL_VIDEODRIVER"])
def test_where_nobody_would_see_it_or_start_it_again_it_ends(kiosk: Kiosk, manager: Manager, lacking: str) -> None:
    del kiosk.settings[lacking]
    command = (sys.executable, "-m", "crewcheck_agent", "run")
    run = subprocess.run(command, env=kiosk.environ(), capture_output=True, timeout=PATIENCE, check=False)
    assert run.returncode == 2
    assert b"rotation = 45" in run.stderr
