"""`status` for a person's eyes, and for scripts."""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Self

import pytest
from tests.kiosk.hosting import PATIENCE
from tests.tools.machine import PROBLEM, REPORT, Machine

from crewcheck_agent.core.kiosk import Name
from crewcheck_agent.core.problem import Code, Problem
from crewcheck_agent.core.status import problem_fields
from crewcheck_agent.kiosk.control import Reply
from crewcheck_agent.languages import LANGUAGES, wording_in
from crewcheck_agent.tools.cli import main
from crewcheck_agent.tools.status import told
from crewcheck_agent.tools.terminal import Paper

NOTICE = {"code": "badToken", "shortCode": "CC-11", "message": "What was scanned.", "advice": "What to scan."}
NOBODY = {"tenantId": None, "deviceId": None, "environment": None, "lastAnswer": None, "nextAttempt": None}
SCANNER = {"state": "present", "name": "Honeywell 1470g", "device": "/dev/input/event3"}
DARK = {"showing": None, "driver": None, "size": None, "rotation": 0, "frames": 0}


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


GOLDEN: list[tuple[Mapping[str, Any], str]] = [
    (
        {},
        """\
● {connected}
  since:       2026-06-02 12:00
  device:      kiosk-7 of tenant acme
  service:     https://app.neostore.cloud
  last answer: 2026-06-02 12:00
  next try:    2026-06-02 12:00
  logo:        https://acme.example/logo.png, fetched 2026-06-02 12:00
  screen:      logo, 1920 x 1080 on KMSDRM
  agent:       1.2.3, process 42, started 2026-06-02 12:00""",
    ),
    (
        {**NOBODY, "state": "unprovisioned", "logo": None, "notice": NOTICE, "problem": NOTICE},
        """\
● {unprovisioned} {dash} What was scanned. (CC-11)
  to do:       What to scan.

  since:       2026-06-02 12:00
  screen:      logo, 1920 x 1080 on KMSDRM
  agent:       1.2.3, process 42, started 2026-06-02 12:00""",
    ),
    (
        {**NOBODY, "state": "unprovisioned", "logo": None, "scanner": SCANNER},
        """\
● {unprovisioned}
  since:       2026-06-02 12:00
  screen:      logo, 1920 x 1080 on KMSDRM
  scanner:     connected, Honeywell 1470g, /dev/input/event3
  agent:       1.2.3, process 42, started 2026-06-02 12:00""",
    ),
    (
        {
            **NOBODY,
            "state": "unprovisioned",
            "logo": None,
            "scanner": {**SCANNER, "state": "missing", "name": None, "device": None},
        },
        """\
● {unprovisioned}
  since:       2026-06-02 12:00
  screen:      logo, 1920 x 1080 on KMSDRM
  scanner:     not found
  agent:       1.2.3, process 42, started 2026-06-02 12:00""",
    ),
    (
        {"state": "offline", "problem": PROBLEM, "attempts": 3, "screen": {**REPORT["screen"], "rotation": 90}},
        """\
● {offline} {dash} What happened. (CC-22)
  to do:       Who must do what.

  since:       2026-06-02 12:00
  device:      kiosk-7 of tenant acme
  service:     https://app.neostore.cloud
  last answer: 2026-06-02 12:00
  next try:    2026-06-02 12:00, after 3 tries without an answer
  logo:        https://acme.example/logo.png, fetched 2026-06-02 12:00
  screen:      logo, 1920 x 1080 on KMSDRM, turned by 90°
  agent:       1.2.3, process 42, started 2026-06-02 12:00""",
    ),
    (
        {"state": "unauthorized", "problem": PROBLEM, "notice": NOTICE, "screen": DARK, "logo": None},
        """\
● {unauthorized} {dash} What happened. (CC-22)
  to do:       Who must do what.
  last code:   What was scanned. (CC-11)
  to do:       What to scan.

  since:       2026-06-02 12:00
  device:      kiosk-7 of tenant acme
  service:     https://app.neostore.cloud
  last answer: 2026-06-02 12:00
  next try:    2026-06-02 12:00
  screen:      dark: no display is open
  agent:       1.2.3, process 42, started 2026-06-02 12:00""",
    ),
]


PLAIN, COLOURED = Paper(), Paper(coloured=True)
LIVE = Paper(coloured=True, redrawn=True)
TERMINAL: dict[str, Any] = {"TERM": "xterm", "PYTHONIOENCODING": "utf-8"}
HOME = "\033[{}F\033[J"
"""Back to the first of so many lines, and everything below it away (ECMA-48: CPL, ED)."""


def text(report: Mapping[str, Any], paper: Paper = PLAIN) -> str:
    return "".join(f"{line}\n" for line in told(report, paper))


@pytest.mark.parametrize(("changes", "expected"), GOLDEN)
def test_a_person_reads_the_state_first_then_the_cause_then_the_rest(changes: Mapping[str, Any], expected: str) -> None:
    words = {name.value: wording_in("en").states[name] for name in Name}
    assert text({**REPORT, **changes}) == expected.format(**words, dash="\u2013") + "\n"


@pytest.mark.parametrize("name", Name)
def test_every_state_has_its_words_and_a_colour(name: Name) -> None:
    fine, waiting, trouble = "\033[1;32m", "\033[1;36m", "\033[1;33m"
    colours = {Name.CONNECTED: fine, Name.CONNECTING: waiting, Name.UNPROVISIONED: waiting}
    plain, coloured = (text({**REPORT, "state": name.value}, paper) for paper in (PLAIN, COLOURED))
    assert plain.startswith(f"● {wording_in('en').states[name]}\n")
    assert coloured.startswith(colours.get(name, trouble))
    assert re.sub(r"\033\[[0-9;]*m", "", coloured) == plain


def test_who_must_act_is_told_in_words() -> None:
    problem = problem_fields(Problem(Code.DNS, host="app.neostore.cloud:443"), wording_in("fr"))
    assert "\n  who acts:    the network’s administrator\n  to do:" in text({**REPORT, "problem": problem})  # noqa: RUF001 - as people read it


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", Code)
def test_no_sentence_leaves_the_page(monkeypatch: pytest.MonkeyPatch, language: str, code: Code) -> None:
    monkeypatch.setenv("LANGUAGE", language)
    problem = problem_fields(Problem(code, "what was found", "app.neostore.cloud:443"), wording_in(language))
    lines = text({**REPORT, "state": "offline", "problem": problem, "attempts": 3}).splitlines()
    assert max(map(len, lines)) <= 80


def test_of_today_only_the_time_is_told() -> None:
    noon = datetime.now(UTC).replace(hour=11, minute=59, second=58)
    assert "  since:       11:59:58\n" in text({**REPORT, "since": noon.isoformat()})


@pytest.mark.parametrize(
    ("environ", "paper"),
    [
        (TERMINAL, COLOURED),
        ({**TERMINAL, "NO_COLOR": "1"}, PLAIN),
        ({**TERMINAL, "TERM": "dumb"}, PLAIN),
        ({"PYTHONIOENCODING": "utf-8"}, PLAIN),
    ],
)
def test_a_terminal_gets_colour_unless_it_has_none_or_wants_none(
    machine: Machine, environ: dict[str, Any], paper: Paper
) -> None:
    with machine.agent(Reply(REPORT)):
        assert machine.on_terminal("status", **environ) == (0, text(REPORT, paper))


def test_a_pipe_gets_plain_text(machine: Machine) -> None:
    with machine.agent(Reply(REPORT)):
        piped = machine.tool("status", **TERMINAL).stdout.decode()
    assert piped == text(REPORT)


def test_without_an_agent_it_says_so_and_what_to_do(machine: Machine) -> None:
    done = machine.tool("status", **TERMINAL)
    assert (done.returncode, done.stdout) == (8, b"")
    assert re.match(r"○ no agent is running: (.|\n)*\(CC-73\)\n  who acts: +you\n  to do: ", done.stderr.decode())


def test_scripts_get_the_report_as_it_is_on_one_line(machine: Machine) -> None:
    report = {**REPORT, "deviceId": "gerät-\u2603"}
    with machine.agent(Reply(report)):
        lines = machine.tool("status", "--json", PYTHONIOENCODING="utf-8").stdout.decode().splitlines()
        _, shown = machine.on_terminal("status", "--json", PYTHONIOENCODING="utf-8")
    assert [json.loads(line) for line in lines] == [report]
    assert json.loads(shown) == report


def test_a_watch_prints_each_change_and_ends_with_the_last_state(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CREWCHECK_RUNTIME_DIR", str(machine.socket.parent))
    states = ("connecting", "connected", "disabled")
    replies = [Reply({**REPORT, "state": state}, last=state == "disabled") for state in states]
    with machine.agent(*replies):
        assert main(("status", "--watch", "--json")) == 4
        printed = capsys.readouterr().out.splitlines()
        assert [json.loads(line)["state"] for line in printed] == [*states]
        assert main(("status", "--watch")) == 4
        assert capsys.readouterr().out == "\n".join(text(reply.fields) for reply in replies)


def test_a_watch_on_a_terminal_redraws_in_place(machine: Machine) -> None:
    replies = [Reply({**REPORT, "state": state}, last=state == "offline") for state in ("connected", "offline")]
    with machine.agent(*replies):
        code, shown = machine.on_terminal("status", "--watch", **TERMINAL)
    first, second = (text(reply.fields, LIVE) for reply in replies)
    assert code == 7
    assert shown == first + HOME.format(first.count("\n")) + second


@pytest.mark.parametrize(("state", "code"), [("connected", 0), ("disabled", 4)])
def test_an_interrupted_watch_ends_with_the_last_state(machine: Machine, state: str, code: int) -> None:
    with machine.agent(Reply({**REPORT, "state": state}, last=False)):
        ended, shown = machine.on_terminal(
            "status", "--watch", keys=b"\x03", at=b"started 2026-06-02 12:00\r\n", **TERMINAL
        )
    assert ended == code
    assert shown.endswith("^C\r\033[K")
    assert "Traceback" not in shown


def test_an_interrupted_watch_for_scripts_ends_with_the_last_state(machine: Machine) -> None:
    with machine.agent(Reply({**REPORT, "state": "offline"}, last=False)):
        code, shown = machine.on_terminal("status", "--watch", "--json", keys=b"\x03", at=b"}}\r\n", **TERMINAL)
    assert code == 7
    assert "Traceback" not in shown


def test_a_watch_follows_the_agent_that_comes_and_the_one_after_it(machine: Machine) -> None:
    with Watched(machine) as watch:
        watch.await_text("no agent is running")
        with machine.agent(Reply(REPORT, last=False)):
            watch.await_text("connected")
        watch.await_text("no agent is running")
        with machine.agent(Reply({**REPORT, "state": "offline"}, last=False)):
            watch.await_text("offline")
        assert watch.interrupted() == 7


@pytest.mark.parametrize("watch", [(), ("--watch",)])
def test_scripts_are_told_in_json_that_no_agent_runs(machine: Machine, watch: tuple[str, ...]) -> None:
    done = machine.tool("status", "--json", *watch)
    told = json.loads(done.stdout)
    assert done.returncode == 8
    assert (told["state"], told["problem"]["code"], told["problem"]["shortCode"]) == (None, "service", "CC-73")
    assert b"no agent is running" in done.stderr


def test_a_socket_that_cannot_be_one_ends_a_watch_at_once(machine: Machine) -> None:
    done = machine.tool("status", "--watch", CREWCHECK_RUNTIME_DIR=f"/{'x' * 120}")
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"cannot be used" in done.stderr


class Watched:
    """A watch whose output is a pipe."""

    def __init__(self, machine: Machine) -> None:
        command = (sys.executable, "-m", "crewcheck_agent", "status", "--watch")
        environ = {**machine.environ, "PYTHONIOENCODING": "utf-8"}
        self._process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True, encoding="utf-8")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate(timeout=PATIENCE)

    def await_text(self, words: str) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            if words in line:
                return
        pytest.fail(f"{words} was never told")

    def interrupted(self) -> int:
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(PATIENCE)
