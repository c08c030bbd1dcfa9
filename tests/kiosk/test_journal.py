"""The log: told to the journal with stable names, or on standard error; and never a secret in it."""

import json
import logging
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from crewcheck_agent.core.redaction import Redactor
from crewcheck_agent.core.token import Secret
from crewcheck_agent.kiosk.journal import Kind, log_to, told

KEY = 'k3y/"that" nobody+sees'
FORMS = (KEY, json.dumps(KEY)[1:-1], "k3y/%22that%22%20nobody%2Bsees", "k3y%2F%22that%22%20nobody%2Bsees")


@pytest.fixture
def redactor() -> Redactor:
    redactor = Redactor()
    redactor.learn(Secret(KEY))
    return redactor


@pytest.fixture
def restored() -> Iterator[None]:
    """Logging as it was, afterwards."""
    root, ours = logging.getLogger(), logging.getLogger("crewcheck_agent")
    before = root.handlers, root.level, ours.level, logging.raiseExceptions, sys.excepthook
    yield
    root.handlers, root.level, ours.level, logging.raiseExceptions, sys.excepthook = before


class Journal:
    """What systemd's library would send."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, dict[str, str]]] = []

    def send(self, message: str, **fields: str) -> None:
        self.entries.append((message, fields))


def failing(text: str) -> None:
    raise ValueError(text)


TELLING: list[tuple[str, Callable[[logging.Logger, str], Any]]] = [
    ("in the message", lambda log, form: log.error("sent " + form)),  # noqa: G003
    ("in an argument", lambda log, form: log.error("sent %s", form)),
    ("in an argument's own text", lambda log, form: log.error("sent %s", ValueError(form))),
    ("in a field", lambda log, form: log.error("sent", extra=told(Kind.STARTED, detail=form))),
]


def tell_of_failure(log: logging.Logger, form: str) -> None:
    try:
        failing(form)
    except ValueError:
        log.exception("failed")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "tell", [*(each[1] for each in TELLING), tell_of_failure], ids=[*(each[0] for each in TELLING), "in a traceback"]
)
@pytest.mark.parametrize("sink", ["journal", "standard error"])
def test_a_secret_is_told_nowhere(
    sink: str,
    tell: Callable[[logging.Logger, str], Any],
    form: str,
    *,
    redactor: Redactor,
    restored: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    journal = pytest.importorskip("systemd.journal", reason="the journal's library comes with systemd")
    sent = Journal()
    monkeypatch.setattr(journal, "send", sent.send)
    log_to(logging.INFO, redactor, {"JOURNAL_STREAM": "8:1"} if sink == "journal" else {})
    tell(logging.getLogger("crewcheck_agent.somewhere"), form)
    everything = json.dumps(sent.entries, ensure_ascii=False) + str(sent.entries) + capsys.readouterr().err
    assert "nobody" not in everything
    assert "[secret]" in everything or tell is TELLING[-1][1]
    assert bool(sent.entries) == (sink == "journal")


def test_each_kind_of_event_has_a_name_of_its_own_that_stays() -> None:
    assert all(re.fullmatch("[0-9a-f]{32}", kind.value) for kind in Kind)
    assert [name for name, times in Counter(kind.value for kind in Kind).items() if times > 1] == []
    assert {kind.name: kind.value for kind in Kind if kind in {Kind.STARTED, Kind.STATE_CHANGED, Kind.STOPPED}} == {
        "STARTED": "407dc8e740a4455d89d82e26a7cf55dd",
        "STATE_CHANGED": "ccf219e638ca4047bbef06ccadb441ab",
        "STOPPED": "64f0c2e1860744de9b431217f1e59c4d",
    }


# The journal itself stands in for: a real socket at its fixed address, in a file system of our own.

WITH_JOURNAL = """
import json, logging, os, socket, subprocess, sys

subprocess.run(("mount", "-t", "tmpfs", "none", "/run"), check=True)
os.makedirs("/run/systemd/journal")
journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
journal.bind("/run/systemd/journal/socket")
journal.settimeout(10)

from crewcheck_agent.core.redaction import Redactor
from crewcheck_agent.core.token import Secret
from crewcheck_agent.kiosk.journal import Kind, log_to, told

redactor = Redactor()
redactor.learn(Secret("nobody-sees"))
log_to(logging.INFO, redactor, {"JOURNAL_STREAM": "8:1"})
log = logging.getLogger("crewcheck_agent.somewhere")
log.info("now device %s", "7", extra=told(Kind.IDENTITY_TAKEN, tenant_id="acme", detail="nobody-sees"))
log.debug("nobody is told this")
log.warning("plain")
log.critical("bad")
logging.getLogger("httpx").info("GET https://nobody-is-told-this.example")
logging.getLogger("asyncio").error("elsewhere")
for _ in range(4):
    print(json.dumps(journal.recv(99999).decode().splitlines()))
journal.close()
os.unlink("/run/systemd/journal/socket")
log.error("the journal is gone")
refusing = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
refusing.bind("/run/systemd/journal/socket")
refusing.close()
log.error("the journal is not there yet")
print("alive")
"""


def test_the_journal_gets_message_name_priority_and_fields() -> None:
    pytest.importorskip("systemd.journal", reason="the journal's library comes with systemd")
    if os.geteuid() != 0 or subprocess.run(("unshare", "--mount", "true"), check=False).returncode != 0:
        pytest.skip("a journal at its fixed address takes a mount, and mounts take root")
    done = subprocess.run(
        ("unshare", "--mount", sys.executable, "-c", WITH_JOURNAL), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    *lines, last = done.stdout.splitlines()
    entries = [dict(line.split("=", 1) for line in json.loads(entry)) for entry in lines]
    assert [
        {name: value for name, value in entry.items() if not name.startswith(("CODE_", "_"))} for entry in entries
    ] == [
        {
            "MESSAGE": "now device 7",
            "MESSAGE_ID": "102af14944af46cdb334bdab762cb4f8",
            "PRIORITY": "6",
            "SYSLOG_IDENTIFIER": "crewcheck-agent",
            "TENANT_ID": "acme",
            "DETAIL": "[secret]",
        },
        {"MESSAGE": "plain", "PRIORITY": "4", "SYSLOG_IDENTIFIER": "crewcheck-agent"},
        {"MESSAGE": "bad", "PRIORITY": "2", "SYSLOG_IDENTIFIER": "crewcheck-agent"},
        {"MESSAGE": "elsewhere", "PRIORITY": "3", "SYSLOG_IDENTIFIER": "crewcheck-agent"},
    ]
    assert last == "alive", "a journal that is gone ends nobody"


@pytest.mark.parametrize("why", ["no service manager", "no library"])
def test_elsewhere_the_log_goes_to_standard_error(
    why: str, restored: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if why == "no library":
        monkeypatch.setitem(sys.modules, "systemd", None)
    log_to(logging.INFO, Redactor(), {"JOURNAL_STREAM": "8:1"} if why == "no library" else {})
    log = logging.getLogger("crewcheck_agent.somewhere")
    log.info("started", extra=told(Kind.STARTED, version="1"))
    log.debug("nobody is told this")
    logging.getLogger("httpx").info("nor this")
    assert capsys.readouterr().err == "INFO started\n"


SPILLING = """
import logging, sys
from crewcheck_agent.core.redaction import Redactor
from crewcheck_agent.core.token import Secret
from crewcheck_agent.kiosk.journal import log_to

redactor = Redactor()
redactor.learn(Secret("nobody-sees"))
log_to(logging.INFO, redactor, {})
logging.getLogger("crewcheck_agent").error("one %s, two %s", "nobody-sees")
raise ValueError("nobody-sees")
"""


def test_not_even_a_fault_of_our_own_spills_a_secret() -> None:
    """A log call with an argument too few, and an error that nobody caught."""
    done = subprocess.run((sys.executable, "-c", SPILLING), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "nobody-sees" not in done.stderr + done.stdout
    assert "ValueError: [secret]" in done.stderr
