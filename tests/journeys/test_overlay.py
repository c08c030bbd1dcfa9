"""The technician's panel on a real agent's screen: it comes, says what is true, survives what happens, and goes."""

import subprocess
import sys
from pathlib import Path

from PIL import Image
from tests.journeys.conftest import PATIENCE, Kiosk

from crewcheck_agent.kiosk.painter import GROUND
from crewcheck_agent.simulator.server import Simulator


def tool(kiosk: Kiosk, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
    command = (sys.executable, "-m", "crewcheck_agent", "look", *arguments)
    return subprocess.run(command, env=kiosk.environ(), capture_output=True, timeout=PATIENCE, check=False)


def has_panel(picture: Image.Image) -> bool:
    """Whether the lower left is the panel's, beside the logo's ground in the corner."""
    inside, corner = picture.getpixel((picture.width // 20, picture.height * 9 // 10)), picture.getpixel((2, 2))
    return inside == GROUND != corner


def test_it_is_on_the_logo_for_as_long_as_it_was_wanted(red_kiosk: Kiosk, tmp_path: Path) -> None:
    assert not has_panel(red_kiosk.look())
    before = red_kiosk.status()["screen"]
    file = tmp_path / "screen.png"
    done = tool(red_kiosk, "--overlay", "2", "--output", str(file))
    assert (done.returncode, done.stderr) == (0, b"")
    with Image.open(file) as picture:
        assert has_panel(picture.convert("RGB"))
    shown = red_kiosk.status()["screen"]
    assert (shown["showing"], shown["overlay"], before["overlay"]) == ("logo", True, False)
    red_kiosk.await_status(lambda status: not status["screen"]["overlay"])
    assert not has_panel(red_kiosk.look())


def test_it_stays_while_the_kiosk_becomes_another(red_kiosk: Kiosk, simulator: Simulator) -> None:
    assert tool(red_kiosk, "--overlay").returncode == 0
    simulator.set_fault(operation="connect", drop=True)
    red_kiosk.await_state("offline", "logo")
    assert has_panel(red_kiosk.look())
    assert red_kiosk.status()["screen"]["overlay"]
    assert tool(red_kiosk, "--overlay", "0").returncode == 0
    assert not has_panel(red_kiosk.look())
