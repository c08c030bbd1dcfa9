"""The text console is shut and opened again, in the order that leaves no text in sight and no key with anybody.

The terminal is a recorder here: a test has no business with the screen of whoever runs it. The emulated kiosk has
the real one.
"""

import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from crewcheck_agent.kiosk.console import Console, main

GETSTATE, ACTIVATE, WAIT, MODE, KEYS = 0x5603, 0x5606, 0x5607, 0x4B3A, 0x4B45


class Machine:
    """A terminal that is a pseudo-terminal, and a kernel that notes what it is asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: list[tuple[int, int]] = []
        self.active = 1
        self.before = folder / "before"
        self.sysrq = folder / "sysrq"
        self.sysrq.write_text("438\n")
        self.screen, terminal = pty.openpty()
        (folder / "tty7").symlink_to(os.ttyname(terminal))
        self._terminal = terminal

    def ioctl(self, terminal: int, request: int, argument: int | bytes) -> int | bytes:
        assert os.isatty(terminal)
        if isinstance(argument, bytes):
            assert (request, argument) == (GETSTATE, bytes(6))
            return self.active.to_bytes(2, sys.byteorder) + bytes(4)
        self.asked.append((request, argument))
        if request == ACTIVATE:
            self.active = argument
        return 0

    def run(self, *arguments: str) -> int:
        return main(Console(str(self.folder), str(self.before), str(self.sysrq), self.ioctl), list(arguments))

    def close(self) -> None:
        os.close(self.screen)
        os.close(self._terminal)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    machine = Machine(tmp_path)
    yield machine
    machine.close()


def test_it_turns_away_first_and_then_draws_and_hears_nothing(machine: Machine) -> None:
    assert machine.run("shut") == 0
    assert machine.asked == [(ACTIVATE, 7), (WAIT, 7), (MODE, 1), (KEYS, 4)]
    assert os.read(machine.screen, 99) == b"\x1b[?25l\x1b[2J\x1b[H"
    assert machine.sysrq.read_text() == "0"


@pytest.mark.parametrize("active", [1, 2, 12])
def test_opened_again_it_is_what_it_was(machine: Machine, active: int) -> None:
    machine.active = active
    assert machine.run("shut") == 0
    assert os.read(machine.screen, 99)
    machine.asked.clear()
    assert machine.run("open") == 0
    assert machine.asked == [(KEYS, 3), (MODE, 0), (ACTIVATE, active), (WAIT, active)]
    assert os.read(machine.screen, 99) == b"\x1b[?25h"
    assert machine.sysrq.read_text() == "438"


def test_without_virtual_terminals_the_rest_is_done(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    (machine.folder / "tty7").unlink()
    assert machine.run("shut") == 0
    assert "there is no text console to shut" in capsys.readouterr().err
    assert machine.sysrq.read_text() == "0"
    assert machine.run("open") == 0
    assert machine.sysrq.read_text() == "438"
    assert machine.asked == []


def test_without_the_switch_the_rest_is_done(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    machine.sysrq.unlink()
    assert machine.run("shut") == 0
    assert "there is no magic SysRq key to shut" in capsys.readouterr().err
    assert machine.active == 7
    assert machine.run("open") == 0
    assert machine.active == 1


def test_what_nobody_shut_cannot_be_opened(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    assert machine.run("open") == 1
    assert capsys.readouterr().err == f"open: this failed: {machine.before}: No such file or directory\n"
    assert machine.asked == []


def test_where_it_cannot_be_remembered_how_it_was_nothing_is_changed(machine: Machine) -> None:
    machine.before.mkdir()
    assert machine.run("shut") == 1
    assert (machine.asked, machine.sysrq.read_text()) == ([], "438\n")


@pytest.mark.parametrize("arguments", [(), ("close",), ("shut", "open")])
def test_anything_else_is_wrong_usage(machine: Machine, arguments: tuple[str, ...]) -> None:
    assert machine.run(*arguments) == 2
    assert machine.asked == []


def test_it_is_a_program() -> None:
    """Its units start it so; without an argument it touches nothing."""
    command = (sys.executable, "-m", "crewcheck_agent.kiosk.console")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.partition(":")[0]) == (2, "usage")
