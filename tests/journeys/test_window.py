"""The agent in a real window on a real X server: keys typed, the window closed, the pixels on the root window."""

import json
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator

import pytest
from tests.journeys.conftest import PATIENCE, Kiosk
from tests.kiosk.reading import scanned

SIZE = (800, 480)


@pytest.fixture
def server() -> Iterator[subprocess.Popen[bytes]]:
    """An X server of our own; its display's name is its last argument."""
    assert shutil.which("Xvfb"), "this test needs Xvfb (Debian: xvfb)"
    read, write = os.pipe()
    command = ("Xvfb", "-displayfd", str(write), "-screen", "0", f"{SIZE[0]}x{SIZE[1]}x24", "-nolisten", "tcp")
    with subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL) as server:
        os.close(write)
        with os.fdopen(read) as told:
            server.args = (*command, f":{told.readline().strip()}")
        yield server
        server.terminate()


@pytest.fixture
def window(kiosk: Kiosk, server: subprocess.Popen[bytes]) -> Iterator[Kiosk]:
    """A kiosk on that server's whole screen; it ends before its server does."""
    yield opened(kiosk, server)
    kiosk.stop()


def opened(kiosk: Kiosk, server: subprocess.Popen[bytes]) -> Kiosk:
    del kiosk.settings["SDL_VIDEODRIVER"], kiosk.settings["CREWCHECK_DISPLAY_SIZE"]
    assert isinstance(server.args, tuple)
    kiosk.settings["DISPLAY"] = server.args[-1]
    kiosk.start()
    return kiosk


def xdotool(kiosk: Kiosk, *words: str) -> None:
    subprocess.run(("xdotool", *words), env=kiosk.environ(), check=True, timeout=PATIENCE)


def scan(kiosk: Kiosk, text: str) -> None:
    """Type as fast as a scanner does."""
    xdotool(kiosk, "type", "--delay", "1", text)
    xdotool(kiosk, "key", "Return")


def hold(kiosk: Kiosk, key: str) -> None:
    """Press a key for longer than a second."""
    xdotool(kiosk, "keydown", key, "sleep", "1.2", "keyup", key)


def test_the_whole_screen_is_the_kiosks(window: Kiosk) -> None:
    screen = window.status()["screen"]
    assert (screen["driver"], tuple(screen["size"]), screen["showing"]) == ("x11", SIZE, "setup")


def test_a_scanner_that_is_a_keyboard_sets_the_kiosk_up(window: Kiosk, red_token: dict[str, str]) -> None:
    scan(window, json.dumps(red_token))
    window.await_state("connected", "logo")


def test_garbage_from_the_keyboard_is_told(window: Kiosk) -> None:
    scan(window, "4006381333931")
    status = window.await_status(lambda status: status["problem"] is not None)
    assert status["problem"]["code"] == "badToken"


def test_a_technicians_key_that_is_held_shows_the_panel_and_hides_it_again(window: Kiosk) -> None:
    xdotool(window, "key", "F12")
    assert not window.status()["screen"]["overlay"], "a press is not enough: a scanner could type it"
    hold(window, "F12")
    window.await_status(lambda status: status["screen"]["overlay"] is True)
    hold(window, "F12")
    window.await_status(lambda status: status["screen"]["overlay"] is False)


def test_where_there_is_no_key_for_it_there_is_no_panel(kiosk: Kiosk, server: subprocess.Popen[bytes]) -> None:
    kiosk.settings["CREWCHECK_OVERLAY_KEY"] = "off"
    window = opened(kiosk, server)
    hold(window, "F12")
    for _ in range(2):  # as below
        assert not window.status()["screen"]["overlay"]


def test_the_report_on_the_screen_is_no_connection_code(window: Kiosk, red_token: dict[str, str]) -> None:
    scan(window, "4006381333931")
    window.await_status(lambda status: status["problem"]["code"] == "badToken")
    (report,) = scanned(window.look())
    scan(window, report)
    assert window.await_state("unprovisioned", "setup")["problem"]["code"] == "badToken"
    scan(window, json.dumps(red_token))
    window.await_state("connected", "logo")


def test_where_scanning_is_off_keys_count_for_nothing(kiosk: Kiosk, server: subprocess.Popen[bytes]) -> None:
    kiosk.settings["CREWCHECK_SCANNER"] = "off"
    window = opened(kiosk, server)
    scan(window, "hello")
    for _ in range(2):  # keys that were typed before a request are read before the one after it is answered
        assert window.status()["problem"]["code"] == "notProvisioned"


def test_an_x_server_that_goes_takes_the_agent_along_to_be_started_anew(
    window: Kiosk, server: subprocess.Popen[bytes]
) -> None:
    """Xlib ends the process whose server is gone; the unit's restart brings it back, at the new server's size."""
    server.terminate()
    server.wait(PATIENCE)
    assert window.process is not None
    assert window.process.wait(PATIENCE) != 0
    assert isinstance(server.args, tuple)
    display = server.args[-1]
    with subprocess.Popen(("Xvfb", display, "-screen", "0", "640x400x24"), stderr=subprocess.DEVNULL) as another:
        try:
            window.start()  # it waits for a server that is late
            screen = window.status()["screen"]
            assert (tuple(screen["size"]), screen["showing"]) == ((640, 400), "setup")
            assert window.stop() == 0
        finally:
            another.terminate()


def test_the_end_is_prompt_even_while_a_display_server_keeps_it_waiting(kiosk: Kiosk) -> None:
    number = os.getpid()
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(f"\0/tmp/.X11-unix/X{number}")
        silent.listen()
        silent.settimeout(PATIENCE)
        del kiosk.settings["SDL_VIDEODRIVER"]
        process = kiosk.launch({**kiosk.environ(), "DISPLAY": f":{number}"})
        with silent.accept()[0]:
            process.terminate()
            assert process.wait(PATIENCE) in {0, -signal.SIGTERM}
