"""A command speaks its caller's language, and no other beside it."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from tests.tools.machine import REPORT, Machine

from crewcheck_agent.core.messages import words_for
from crewcheck_agent.core.problem import Code, Problem
from crewcheck_agent.core.status import problem_fields
from crewcheck_agent.kiosk.control import Reply
from crewcheck_agent.languages import LANGUAGES, wording_in
from crewcheck_agent.tools import admin, cli

FOREIGN = [language for language in LANGUAGES if language != "en"]
DNS = Problem(Code.DNS, "no such name", "app.neostore.cloud")
TOKEN = b'{"deviceId": "kiosk-7", "tenantId": "acme", "apiKey": "nobody-sees", "environment": "https://x.example"}'
ENGLISH = re.compile(r"\b(the|and|with|what|which|how|whose|from|expected|required|following|choose)\b")

Command = Callable[[Sequence[str]], int]


@pytest.fixture(params=FOREIGN)
def language(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Of the caller: of this process, and of the commands that it starts."""
    monkeypatch.setenv("LANG", f"{request.param}.UTF-8")
    yield request.param
    monkeypatch.delenv("LANG")


def printed(command: Command, arguments: Sequence[str], capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit):
        command(arguments)
    return "".join(capsys.readouterr())


HELP: list[tuple[Command, tuple[str, ...]]] = [
    *((cli.main, (*name, "--help")) for name in ((), ("provision",), ("status",), ("look",), ("forget",), ("demo",))),
    *((admin.main, (*name, "--help")) for name in ((), ("list",), ("create",), ("update",), ("delete",), ("reset",))),
]
WRONG_USAGE: list[tuple[Command, tuple[str, ...]]] = [
    (cli.main, ()),
    (cli.main, ("statuss",)),
    (cli.main, ("status", "--yaml")),
    (cli.main, ("look", "--output")),
    (cli.main, ("provision", "--wait", "soon")),
    (cli.main, ("demo", "--port", "http")),
    (admin.main, ("create",)),
    (admin.main, ("show", ".")),
    (admin.main, ("update", "x", "--enabled", "--disabled")),
    (admin.main, ("list", "--api-key", "nobody-sees")),
]


@pytest.mark.parametrize(("command", "arguments"), [*HELP, *WRONG_USAGE])
def test_help_and_complaints_are_in_one_language(
    language: str, command: Command, arguments: Sequence[str], capsys: pytest.CaptureFixture[str]
) -> None:
    text = printed(command, arguments, capsys)
    assert text.startswith({"fr": "usage\u00a0: ", "de": "Aufruf: ", "es": "uso: "}[language])
    assert not ENGLISH.search(text), text


def test_the_agents_words_are_said_in_the_callers_language(machine: Machine, language: str) -> None:
    """The agent's own are in its configuration's language, here English."""
    words, said = wording_in(language), problem_fields(DNS, wording_in("en"))
    message, advice = words_for(DNS, words)
    verdict = {"reply": "unauthorized", "problem": said, "status": {}}
    with machine.agent(Reply(verdict)):
        refused = machine.tool("provision", stdin=TOKEN, **speaking(language)).stdout.decode()
    assert refused.endswith(f" {message} {advice} (CC-22)\n")
    with machine.agent(Reply({**REPORT, "state": "offline", "problem": said})):
        told = re.sub(r"\n? +", " ", machine.tool("status", **speaking(language)).stdout.decode())
    assert (message in told, advice in told) == (True, True)
    assert told.startswith("● " + next(text for name, text in words.states.items() if name == "offline"))
    assert not ENGLISH.search(refused + told.replace("Name", ""))


def test_scripts_get_the_agents_own_words(machine: Machine, language: str) -> None:
    report = {**REPORT, "problem": problem_fields(DNS, wording_in("en"))}
    with machine.agent(Reply(report)):
        told = machine.tool("status", "--json", **speaking(language)).stdout.decode()
    assert words_for(DNS, wording_in("en")).message in told


@pytest.mark.parametrize("answer", ["yes", "own"])
def test_a_question_is_answered_in_either_language(machine: Machine, language: str, answer: str) -> None:
    yes = {"fr": "oui", "de": "ja", "es": "sí"}[language] if answer == "own" else answer
    with machine.agent(Reply({"erased": True})):
        code, shown = machine.on_terminal("forget", keys=f"{yes}\n".encode(), at=b": ", **speaking(language))
    assert code == 0, shown
    assert not ENGLISH.search(shown)


@pytest.mark.parametrize(
    ("name", "value"), [("ROTATION", "45"), ("STATE_DIR", "here"), ("DISPLAY_SIZE", "1x1"), ("POLL_INTERVAL", "soon")]
)
def test_a_wrong_configuration_is_told_in_one_language(machine: Machine, language: str, name: str, value: str) -> None:
    wrong: dict[str, Any] = {f"CREWCHECK_{name}": value, **speaking(language)}
    complaint = machine.tool("status", **wrong).stderr.decode()
    assert complaint.startswith(f"crewcheck-agent: CREWCHECK_{name} = '{value}'")
    assert not re.search(r"\b(Input|should|Allowed|not an|must|cannot)\b", complaint)


def test_a_terminal_that_lacks_our_letters_gets_the_rest(machine: Machine) -> None:
    with machine.agent(Reply(REPORT)):
        done = machine.tool("status", **{**speaking("fr"), "PYTHONIOENCODING": "latin-1"})
    assert (done.returncode, done.stderr) == (0, b"")
    assert "connect\u00e9e\n  depuis".encode("latin-1") in done.stdout


def speaking(language: str) -> dict[str, Any]:
    return {"PYTHONIOENCODING": "utf-8", "LANG": f"{language}.UTF-8"}
