"""The demo as a person meets it: a program at a terminal."""

import fcntl
import io
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest
from PIL import Image

from crewcheck_agent.kiosk.control import ask
from crewcheck_agent.simulator.server import running
from crewcheck_agent.tools.demo import demo

COMMAND = (sys.executable, "-m", "crewcheck_agent", "demo")
PATIENCE = 60


def environ(**more: str) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in {"DISPLAY", "WAYLAND_DISPLAY"}} | more


class Demo:
    """A running one, and what it has said so far."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.said = ""

    def until(self, words: str) -> str:
        """Everything up to the line with these words, which it returns."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.said += line
            if words in line:
                return line
        pytest.fail(f"it never said {words!r}, but:\n{self.said}")

    def say(self, line: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def console(self) -> str:
        return self.until("Console").split()[1]

    def log(self) -> Path:
        return Path(self.until("Log").split()[1])

    def end(self, number: int = signal.SIGINT) -> int:
        """Ask it to end; its exit code."""
        self.process.send_signal(number)
        self.said += self.process.communicate(timeout=PATIENCE)[0]
        return self.process.returncode


@contextmanager
def playing(*options: str, **more: str) -> Iterator[Demo]:
    process = subprocess.Popen(
        (*COMMAND, *options),
        env=environ(**more),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        try:
            yield Demo(process)
        finally:
            process.terminate()


def agent_of(log: Path) -> int:
    """The process id of the demo's agent."""
    report = next(ask(log.parent / "run" / "control.sock", {"do": "status"})).fields
    return int(report["agent"]["pid"])


def test_the_guided_tour_sees_every_step() -> None:
    done = subprocess.run(
        (*COMMAND, "--once", "--headless"), env=environ(), capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert [re.sub(r"  .*s  ", " ", line).partition(":")[0] for line in done.stdout.splitlines()[:8]] == [
        "✓ A new kiosk starts",
        "✓ It scans its code",
        "✓ The operator disables it",
        "✓ The operator enables it",
        "✓ The network is lost",
        "✓ The network is back",
        "✓ The operator resets its key",
        "✓ It scans its new code",
    ]
    assert "All of it was seen on the kiosk's own screen" in done.stdout


def test_pressing_enter_sets_the_kiosk_up_and_the_console_has_its_picture() -> None:
    with playing() as play:
        assert "no desktop here" in play.until("window")
        console = play.console()
        log = play.log()
        play.until("on its screen: setup")
        play.say("")
        play.until("on its screen: logo")
        answer = httpx.get(f"{console}_sim/kiosk.png", trust_env=False)
        with Image.open(io.BytesIO(answer.content)) as picture:
            assert picture.size == (1280, 720)
        play.say("hello")
        play.until("not a connection code")
        agent = agent_of(log)
        assert play.end() == 0
        assert play.said.endswith("The demo ends.\n")
        assert "Traceback" not in play.said
    assert not log.parent.exists()
    assert not Path(f"/proc/{agent}").exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_whatever_ends_the_demo_ends_the_agent(number: int) -> None:
    with playing("--headless") as play:
        log = play.log()
        play.until("on its screen: setup")
        agent = agent_of(log)
        assert play.end(number) == 0
    assert not log.parent.exists()
    assert not Path(f"/proc/{agent}").exists()


def test_an_interrupted_tour_is_not_a_success() -> None:
    with playing("--headless", "--once", PYTHONUNBUFFERED="1") as play:
        play.until("A new kiosk starts")
        assert play.end() == 130
        assert "Traceback" not in play.said


def test_a_kiosk_that_is_closed_ends_the_demo() -> None:
    with playing("--headless") as play:
        log = play.log()
        play.until("on its screen: setup")
        os.kill(agent_of(log), signal.SIGTERM)
        play.until("Somebody ended the kiosk's agent. The demo ends.")
        assert play.process.wait(PATIENCE) == 0


def test_a_kiosk_that_dies_is_told_with_its_last_words() -> None:
    with playing("--headless") as play:
        log = play.log()
        play.until("on its screen: setup")
        os.kill(agent_of(log), signal.SIGKILL)
        play.until("the agent ended, with exit code -9. Its last words:")
        play.until("the display is open: offscreen, 1280 x 720 pixels")
        assert play.process.wait(PATIENCE) == 1


def test_a_desktop_that_refuses_us_is_done_without() -> None:
    with playing(DISPLAY=":6789", SDL_VIDEODRIVER="x11") as play:
        play.until("The desktop does not let us open a window")
        play.until("on its screen: setup")
        assert play.end() == 0


def test_at_a_terminal_the_picture_is_drawn() -> None:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 40, 100, 0, 0))
    with subprocess.Popen(
        (*COMMAND, "--headless"), env=environ(), stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    ) as process:
        os.close(theirs)
        said = b""
        while "on its screen: setup" not in said.decode(errors="replace"):
            said += os.read(ours, 65536)
        process.send_signal(signal.SIGINT)
        with suppress(OSError):  # the other end is closed
            while rest := os.read(ours, 65536):
                said += rest
        os.close(ours)
        assert process.wait(PATIENCE) == 0
    assert "▀" in said.decode(errors="replace")


@pytest.mark.parametrize(
    ("missing", "exit_code"), [("uvicorn", 2), ("fastapi", 2), ("crewcheck_agent.tools.stage", 2), ("h11", 1)]
)
def test_without_the_simulators_packages_it_says_how_to_install_them(missing: str, exit_code: int) -> None:
    program = (
        f"import sys; sys.modules['{missing}'] = None\n"
        "from crewcheck_agent.tools.demo import demo\n"
        "sys.exit(demo(headless=True, port=0, once=True))"
    )
    done = subprocess.run(
        (sys.executable, "-c", program), env=environ(), capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == exit_code
    assert ("pip install 'crewcheck-agent[simulator]'" in done.stderr) is (exit_code == 2)
    assert ("install the package\ncrewcheck-agent-tools" in done.stderr) is (exit_code == 2)


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_that_is_none_is_refused(port: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert demo(headless=True, port=port, once=True) == 2
    assert f"Port {port} cannot be used: ports go from 0 to 65535." in capsys.readouterr().err


def test_a_port_that_is_taken_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with running() as sim:
        port = int(sim.environment.rpartition(":")[2])
        assert demo(headless=True, port=port, once=True) == 2
    assert f"Port {port} cannot be used: Address already in use." in capsys.readouterr().err


def test_an_agent_that_does_not_start_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert demo(headless=True, port=0, once=True) == 1
    assert "the kiosk's agent does not start: it ended at once, with exit code 1" in capsys.readouterr().err
