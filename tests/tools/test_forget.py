"""`forget`: never by a slip, and then wholly."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.kiosk.hosting import hosting
from tests.tools.machine import Machine

from crewcheck_agent.kiosk.control import Conversation, Reply
from crewcheck_agent.tools.cli import main

ERASED = "Erased. This kiosk waits for a connection code.\n"


@pytest.fixture
def here(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A kiosk with an identity and a logo, whose agent does not run."""
    for name, value in machine.environ.items():
        monkeypatch.setenv(name, value)
    for path in files(machine):
        path.parent.mkdir(exist_ok=True)
        path.write_text("{}")
    (machine.folder / "cache" / "not ours").touch()
    return machine


def files(machine: Machine) -> list[Path]:
    state = [machine.folder / "state" / name for name in ("token.json", "candidate.json", "verdict.json")]
    return [
        *state,
        machine.folder / "cache" / f"{'ab' * 32}.original",
        machine.folder / "cache" / f"{'ab' * 32}-8x4.picture",
    ]


def left(machine: Machine) -> list[Path]:
    return [path for path in files(machine) if path.exists()]


def test_with_no_agent_the_files_are_erased(here: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    assert (main(("forget", "--yes")), *capsys.readouterr()) == (0, ERASED, "")
    assert left(here) == []
    assert (here.folder / "cache" / "not ours").exists()
    assert main(("forget", "--yes")) == 0, "and where there is nothing, nothing is fine"


def test_a_running_agent_does_it_itself(here: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[Mapping[str, object]] = []

    def handle(conversation: Conversation) -> None:
        asked.append(conversation.request)
        conversation.reply(Reply({"erased": len(asked) == 1, "status": {}}))

    with hosting(here.socket, handle):
        assert (main(("forget", "--yes")), *capsys.readouterr()) == (0, ERASED, "")
        code = main(("forget", "--yes"))
        words = "Not everything could be erased: `crewcheck-agent status` says why.\n"
        assert (code, *capsys.readouterr()) == (1, "", words)
    assert asked == [{"do": "forget"}] * 2
    assert left(here) == files(here), "the tool touches no file behind the agent's back"


@pytest.mark.parametrize("stdin", ["nothing", "yes on a pipe"])
def test_without_a_terminal_it_needs_to_be_told_twice(
    here: Machine, stdin: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    read, write = os.pipe()
    os.write(write, b"yes\n")
    os.close(write)
    with os.fdopen(read) as pipe:
        monkeypatch.setattr(sys, "stdin", pipe if stdin != "nothing" else None)
        assert main(("forget",)) == 2
    assert capsys.readouterr() == ("", "Without a terminal to ask on, this needs --yes.\n")
    assert left(here) == files(here)


@pytest.mark.parametrize(
    ("keys", "code", "last"),
    [
        (b"yes\n", 0, ERASED),
        (b" YES \n", 0, ERASED),
        (b"y\n", 2, "Nothing was changed.\n"),
        (b"no\n", 2, "Nothing was changed.\n"),
        (b"\n", 2, "Nothing was changed.\n"),
        (b"\x04", 2, "Nothing was changed.\n"),
    ],
)
def test_a_person_is_asked(here: Machine, keys: bytes, code: int, last: str) -> None:
    found, shown = here.on_terminal("forget", keys=keys, at=b"go on: ")
    assert (found, shown.endswith(last)) == (code, True), shown
    assert "needs a new connection code" in shown
    assert "Traceback" not in shown
    assert left(here) == ([] if code == 0 else files(here))


def test_what_cannot_be_erased_is_named(here: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    stuck = here.folder / "state" / "verdict.json"
    stuck.unlink()
    stuck.mkdir()
    assert main(("forget", "--yes")) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"Not everything could be erased: {stuck}: ")
    assert left(here) == [stuck], "and does not save the rest"
