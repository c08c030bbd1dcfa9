"""The command line: what scripts rely on is its exit codes, what people rely on is its words."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.kiosk.hosting import PATIENCE, answering
from tests.tools.machine import REPORT, Machine

from crewcheck_agent import __version__
from crewcheck_agent.kiosk.control import Reply
from crewcheck_agent.tools.cli import main
from crewcheck_agent.tools.exit_code import ExitCode, code_of

STATES = [
    ("connected", 0),
    ("connecting", 1),
    ("unprovisioned", 3),
    ("disabled", 4),
    ("unauthorized", 5),
    ("notFound", 6),
    ("offline", 7),
]
HUNG_UP = "crewcheck-agent: the agent closed the conversation\n"


@pytest.mark.parametrize(("state", "code"), STATES)
def test_the_exit_code_says_the_state(machine: Machine, state: str, code: int) -> None:
    with machine.agent(Reply({**REPORT, "state": state})):
        done = machine.tool("status", *(("--json",) if code % 2 else ()))
    assert (done.returncode, done.stderr) == (code, b"")


@pytest.mark.parametrize("report", [{}, {"state": None}, {"state": "elsewhere"}])
def test_a_state_of_another_version_counts_as_a_failure(report: dict[str, Any]) -> None:
    assert code_of(report) is ExitCode.FAILED


@pytest.fixture
def here(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """The same machine for a command that runs in this process."""
    for name, value in machine.environ.items():
        monkeypatch.setenv(name, value)
    return machine


COMMANDS = [("status", "--json"), ("status", "--watch", "--json"), ("look",), ("provision", "--unlock")]


@pytest.mark.parametrize("command", COMMANDS)
def test_no_agent_is_told_with_a_code_of_its_own(
    here: Machine, command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    words = f"crewcheck-agent: no agent is running: nothing answers on {here.socket}\n"
    assert (main(command), capsys.readouterr().err) == (8, words)


@pytest.mark.parametrize("command", [*COMMANDS, ("status",), ("status", "--watch"), ("forget", "--yes")])
def test_an_agent_that_hangs_up_is_no_missing_agent(
    here: Machine, command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    here.socket.parent.mkdir()
    with answering(here.socket, b""):
        assert (main(command), *capsys.readouterr()) == (1, "", HUNG_UP)


def test_the_services_agent_is_found_where_a_person_has_none(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    from crewcheck_agent.settings import Settings  # noqa: PLC0415 - it looks at the environment
    from crewcheck_agent.tools import agent  # noqa: PLC0415

    monkeypatch.setattr(agent, "_OF_THE_SERVICE", machine.socket.parent)
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(machine.folder / "own"))
    with machine.agent(Reply(REPORT)):
        assert agent.Agent(Settings()).status() == REPORT
        monkeypatch.setenv("CREWCHECK_RUNTIME_DIR", str(machine.folder / "configured"))
        with pytest.raises(agent.NoAgent, match=r"configured/control\.sock"):
            agent.Agent(Settings()).status()


WRONG_USAGE = [
    (),
    ("statuss",),
    ("status", "--yaml"),
    ("look", "--output"),
    ("forget", "it"),
    ("provision", "one", "two"),
    *(("provision", "--wait", wait) for wait in ("0", "-1", "nan", "inf", "soon", "86401")),
    ("demo", "--port", "http"),
]


@pytest.mark.parametrize("arguments", WRONG_USAGE)
def test_wrong_usage_is_told_with_a_code_of_its_own(
    here: Machine, arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2
    assert "crewcheck-agent" in capsys.readouterr().err


def test_help_names_commands_and_exit_codes(machine: Machine) -> None:
    done = machine.tool("--help")
    assert done.returncode == 0
    for word in (b"run", b"provision", b"status", b"look", b"forget", b"demo", b"8 no agent is running"):
        assert word in done.stdout
    assert machine.tool("--version").stdout.decode() == f"crewcheck-agent {__version__}\n"


def test_a_wrong_configuration_is_told_with_key_value_and_what_is_allowed(machine: Machine) -> None:
    for command in (("status",), ("run",)):
        done = machine.tool(*command, CREWCHECK_ROTATION="45", SDL_VIDEODRIVER="offscreen")
        assert (done.returncode, done.stdout) == (2, b""), command
        for word in ("CREWCHECK_ROTATION", "'45'", "Allowed: 0, 90, 180 or 270"):
            assert word in done.stderr.decode(), command


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        (("status",), Reply(REPORT)),
        (("status", "--json"), Reply(REPORT)),
        (("look",), Reply({"width": 4, "height": 4}, b"\0" * 48)),
        (("look", "--output", "-"), Reply({"width": 4, "height": 4}, b"\0" * 48)),
        (("forget", "--yes"), Reply({"erased": True})),
        (("provision", "--unlock"), Reply({"unlocked": True})),
    ],
)
def test_a_reader_that_has_seen_enough_is_left_in_peace(
    machine: Machine, command: tuple[str, ...], reply: Reply
) -> None:
    read, write = os.pipe()
    os.close(read)
    with machine.agent(reply):
        done = subprocess.run(
            (sys.executable, "-m", "crewcheck_agent", *command),
            env=machine.environ,
            stdout=write,
            stderr=subprocess.PIPE,
            check=False,
        )
    os.close(write)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.parametrize("command", [("status",), ("forget", "--yes"), ("look", "--output", "-")])
def test_output_that_finds_no_room_is_told_in_words(machine: Machine, command: tuple[str, ...]) -> None:
    reply = Reply({**REPORT, "width": 4, "height": 4, "erased": True}, b"\0" * 48)
    with machine.agent(reply), Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            (sys.executable, "-m", "crewcheck_agent", *command),
            env=machine.environ,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (done.returncode, done.stderr) == (1, b"crewcheck-agent: No space left on device\n")


def test_an_interrupted_watch_ends_quietly(machine: Machine) -> None:
    with (
        machine.agent(Reply(REPORT, last=False)),
        subprocess.Popen(
            (sys.executable, "-m", "crewcheck_agent", "status", "--watch", "--json"),
            env=machine.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as watch,
    ):
        assert watch.stdout is not None
        assert json.loads(watch.stdout.readline()) == REPORT
        watch.send_signal(signal.SIGINT)
        assert watch.wait(PATIENCE) == 0
        assert watch.stderr is not None
        assert watch.stderr.read() == b""


# A person whom the service's socket is closed to.

AS_SOMEBODY = """
import encodings.utf_8_sig, os, pathlib, sys
from crewcheck_agent.tools import agent
from crewcheck_agent.tools.cli import main
if "OF_THE_SERVICE" in os.environ:
    agent._OF_THE_SERVICE = pathlib.Path(os.environ["OF_THE_SERVICE"])
os.setgroups([]), os.setegid(64904), os.seteuid(64903)
code = main(sys.argv[1:])
os.seteuid(0)
sys.exit(code)
"""


@pytest.fixture
def public() -> Iterator[Machine]:
    """A machine whose folders everybody may enter, but for the one that a test closes."""
    if os.geteuid() != 0:
        pytest.skip("only root can take on other users")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Machine(Path(folder))


@pytest.mark.parametrize("shut", ["the socket", "its folder", "its folder, looked for where the service has it"])
@pytest.mark.parametrize("command", [("status",), ("provision",)])
def test_somebody_outside_the_services_group_is_told_how_to_get_in(
    public: Machine, shut: str, command: tuple[str, ...]
) -> None:
    with public.agent(Reply(REPORT)):
        public.socket.parent.chmod(0o755 if shut == "the socket" else 0o750)
        if shut == "its folder, looked for where the service has it":
            del public.environ["CREWCHECK_RUNTIME_DIR"]
            public.environ.update(XDG_RUNTIME_DIR="/nonexistent", OF_THE_SERVICE=str(public.socket.parent))
        done = subprocess.run(
            (sys.executable, "-c", AS_SOMEBODY, *command),
            env=public.environ,
            input=b"some code",
            capture_output=True,
            check=False,
        )
    words = f"{public.socket} is for root and the service's group: use sudo, or join the group crewcheck-agent"
    assert (done.returncode, done.stdout, done.stderr.decode()) == (1, b"", f"crewcheck-agent: {words}\n")
    assert not (public.folder / "state").exists(), "nothing is stored behind the agent's back"


def test_an_interruption_while_the_program_is_still_being_read_is_quiet(machine: Machine) -> None:
    with subprocess.Popen(
        (sys.executable, "-X", "importtime", "-m", "crewcheck_agent", "status"),
        env=machine.environ,
        stderr=subprocess.PIPE,
        text=True,
    ) as command:
        assert command.stderr is not None
        assert any("argparse" in line for line in command.stderr), "the first that the command line imports"
        command.send_signal(signal.SIGINT)
        rest = command.stderr.read()
    assert "Traceback" not in rest
    assert command.returncode == 130
