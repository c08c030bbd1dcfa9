"""`status` for a person's eyes, and for scripts."""

import json
import re
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.tools.machine import PROBLEM, REPORT, Machine

from crewcheck_agent.core.kiosk import Name
from crewcheck_agent.kiosk.control import Reply
from crewcheck_agent.languages import wording_in
from crewcheck_agent.tools.cli import main
from crewcheck_agent.tools.status import told

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
● {connected}, since 2026-06-02 12:00
  device:      kiosk-7 of tenant acme
  service:     https://app.neostore.cloud
  last answer: 2026-06-02 12:00
  next try:    2026-06-02 12:00
  logo:        https://acme.example/logo.png, fetched 2026-06-02 12:00
  screen:      logo on KMSDRM, 1920 x 1080
  agent:       1.2.3, process 42, started 2026-06-02 12:00""",
    ),
    (
        {**NOBODY, "state": "unprovisioned", "logo": None, "notice": NOTICE, "problem": NOTICE},
        """\
● {unprovisioned}, since 2026-06-02 12:00
  problem:     What was scanned. (CC-11)
  to do:       What to scan.
  screen:      logo on KMSDRM, 1920 x 1080
  agent:       1.2.3, process 42, started 2026-06-02 12:00""",
    ),
    (
        {**NOBODY, "state": "unprovisioned", "logo": None, "scanner": SCANNER},
        """\
● {unprovisioned}, since 2026-06-02 12:00
  screen:      logo on KMSDRM, 1920 x 1080
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
● {unprovisioned}, since 2026-06-02 12:00
  screen:      logo on KMSDRM, 1920 x 1080
  scanner:     not found
  agent:       1.2.3, process 42, started 2026-06-02 12:00""",
    ),
    (
        {"state": "offline", "problem": PROBLEM, "attempts": 3, "screen": {**REPORT["screen"], "rotation": 90}},
        """\
● {offline}, since 2026-06-02 12:00
  problem:     What happened. (CC-22)
  to do:       Who must do what.
  device:      kiosk-7 of tenant acme
  service:     https://app.neostore.cloud
  last answer: 2026-06-02 12:00
  next try:    2026-06-02 12:00, after 3 tries without an answer
  logo:        https://acme.example/logo.png, fetched 2026-06-02 12:00
  screen:      logo on KMSDRM, 1920 x 1080, turned by 90°
  agent:       1.2.3, process 42, started 2026-06-02 12:00""",
    ),
    (
        {"state": "unauthorized", "problem": PROBLEM, "notice": NOTICE, "screen": DARK, "logo": None},
        """\
● {unauthorized}, since 2026-06-02 12:00
  problem:     What happened. (CC-22)
  to do:       Who must do what.
  last code:   What was scanned. (CC-11)
  to do:       What to scan.
  device:      kiosk-7 of tenant acme
  service:     https://app.neostore.cloud
  last answer: 2026-06-02 12:00
  next try:    2026-06-02 12:00
  screen:      nothing on no display, none
  agent:       1.2.3, process 42, started 2026-06-02 12:00""",
    ),
]


@pytest.mark.parametrize(("changes", "expected"), GOLDEN)
def test_a_person_reads_the_state_first_then_the_cause_then_the_rest(changes: Mapping[str, Any], expected: str) -> None:
    words = {name.value: wording_in("en").states[name] for name in Name}
    assert told({**REPORT, **changes}, colour=False) == expected.format(**words)


@pytest.mark.parametrize("name", Name)
def test_every_state_has_its_words_and_a_colour(name: Name) -> None:
    fine, waiting, trouble = "\033[1;32m", "\033[1;36m", "\033[1;33m"
    colours = {Name.CONNECTED: fine, Name.CONNECTING: waiting, Name.UNPROVISIONED: waiting}
    plain, coloured = (told({**REPORT, "state": name.value}, colour=colour) for colour in (False, True))
    assert plain.startswith(f"● {wording_in('en').states[name]}, since ")
    assert coloured.startswith(colours.get(name, trouble))
    assert re.sub(r"\033\[[0-9;]*m", "", coloured) == plain


def test_of_today_only_the_time_is_told() -> None:
    noon = datetime.now(UTC).replace(hour=11, minute=59, second=58)
    assert "since 11:59:58\n" in told({**REPORT, "since": noon.isoformat()}, colour=False)


def test_a_pipe_gets_plain_text_and_a_terminal_colour(machine: Machine) -> None:
    with machine.agent(Reply(REPORT)):
        piped = machine.tool("status", PYTHONIOENCODING="utf-8").stdout.decode()
        code, shown = machine.on_terminal("status", PYTHONIOENCODING="utf-8")
    assert piped == told(REPORT, colour=False) + "\n"
    assert (code, shown) == (0, told(REPORT, colour=True) + "\n")


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
        assert capsys.readouterr().out == "".join(told(reply.fields, colour=False) + "\n" for reply in replies)


def test_a_watch_on_a_terminal_repaints_it(machine: Machine) -> None:
    replies = [Reply({**REPORT, "state": state}, last=state == "offline") for state in ("connected", "offline")]
    with machine.agent(*replies):
        code, shown = machine.on_terminal("status", "--watch", PYTHONIOENCODING="utf-8")
    assert code == 7
    assert shown == "".join(f"\033[2J\033[H{told(reply.fields, colour=True)}\n" for reply in replies)
