"""`bundle`: everything that tells about a kiosk, in one archive, and no secret in any spelling."""

import base64
import html
import io
import json
import os
import re
import signal
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote_plus

import pytest
from PIL import Image
from tests.doctor.conftest import needs_mounts
from tests.journeys.conftest import PATIENCE, Kiosk
from tests.journeys.conftest import kiosk as kiosk  # noqa: PLC0414 - a fixture
from tests.journeys.conftest import simulator as simulator  # noqa: PLC0414 - a fixture
from tests.tools.machine import REPORT, Machine

from crewcheck_agent.doctor.patient import Patient, Silence
from crewcheck_agent.kiosk.control import Reply
from crewcheck_agent.settings import Settings
from crewcheck_agent.simulator.server import Simulator
from crewcheck_agent.tools.agent import Agent
from crewcheck_agent.tools.evidence import Unavailable, parts
from crewcheck_agent.tools.secrets import secrets_of

PARTS = {
    *("status.json", "doctor.txt", "doctor.json", "screen.png", "network.json", "versions.txt", "journal.txt"),
    *("unit.txt", "configuration.toml", "settings.json", "files.txt", "manifest.json"),
}
PASSWORD = "proxy-canary-sesame"


def opened(packed: bytes) -> dict[str, bytes]:
    """The archive's members by their names within its one folder."""
    assert packed
    members = {}
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        folders = {entry.name.partition("/")[0] for entry in tar}
        assert len(folders) == 1
        for entry in tar:
            assert (entry.mode, entry.isfile()) == (0o600, True)
            file = tar.extractfile(entry)
            assert file is not None
            members[entry.name.partition("/")[2]] = file.read()
    return members


def readings(text: str) -> list[str]:
    """A text, and whatever can be made of it by undoing how machines write things."""
    found = [text, unquote_plus(text), html.unescape(text), re.sub(r"\\(.)", r"\1", text)]
    for run in re.findall(r"[A-Za-z0-9+/_-]{8,}", text):
        standard = run.replace("-", "+").replace("_", "/")
        for start in range(4):
            part = standard[start:]
            part = part[: len(part) - len(part) % 4]
            found.append(base64.b64decode(part).decode("latin-1"))
    found += [bytes.fromhex(run[: len(run) & ~1]).decode("latin-1") for run in re.findall(r"[0-9a-fA-F]{16,}", text)]
    return found


def spellings(secret: str) -> list[str]:
    data = secret.encode()
    return [
        secret,
        json.dumps({"apiKey": secret}),
        f"https://host/?key={quote(secret, safe='')}",
        html.escape(f'<input value="{secret}">'),
        *(base64.b64encode(b"x" * before + data + b"yz").decode() for before in range(3)),
        base64.urlsafe_b64encode(data).decode(),
        data.hex(),
        data.hex().upper(),
    ]


@pytest.mark.parametrize("spelling", spellings("canary+key/with=signs"))
def test_the_search_finds_the_canary_in_every_spelling(spelling: str) -> None:
    assert any("canary+key/with=signs" in text for text in readings(f"before {spelling} after"))


class Programs:
    """journalctl and systemctl as a machine with systemd has them, saying what a test wants."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "bin"
        self.folder.mkdir()

    def say(self, program: str, words: str) -> None:
        (self.folder / f"{program}.said").write_text(words)
        self.be(program, 'exec cat "$0.said"')

    def be(self, program: str, script: str) -> None:
        file = self.folder / program
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)


@pytest.fixture
def programs(tmp_path: Path) -> Programs:
    return Programs(tmp_path)


def bundled(kiosk: Kiosk, programs: Programs, **environ: str) -> tuple[Mapping[str, Any], dict[str, bytes]]:
    """The manifest and the members of a running kiosk's archive."""
    path = {"PATH": f"{programs.folder}:{os.environ['PATH']}"}
    run = subprocess.run(
        (sys.executable, "-m", "crewcheck_agent", "bundle", "--output", "-"),
        env={**kiosk.environ(), **path, **environ},
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    assert run.returncode == 0, run.stderr.decode()
    members = opened(run.stdout)
    return json.loads(members["manifest.json"]), members


def test_the_canary_is_in_no_part_in_any_spelling(kiosk: Kiosk, simulator: Simulator, programs: Programs) -> None:
    token = simulator.reset(simulator.create_device("Canary"))
    canary = token["apiKey"]
    kiosk.configuration.write_text(f"# the key is {canary}\nretry_max = 2\n")
    del kiosk.settings["CREWCHECK_RETRY_MAX"]
    proxy = f"http://clerk:{PASSWORD}@127.0.0.1:9"
    kiosk.settings |= {"FTP_PROXY": proxy, "HTTPS_PROXY": proxy}
    kiosk.start()
    kiosk.provision(token)
    echo = json.dumps({"title": canary, "detail": f"your key {canary}"})
    simulator.set_fault(operation="connect", status=400, body=echo, contentType="application/problem+json")
    kiosk.await_state("disabled")
    (kiosk.state_dir / f"left-{canary}").touch()
    programs.say("journalctl", "\n".join([*spellings(canary), *spellings(json.dumps(token)), *spellings(PASSWORD)]))
    programs.say("systemctl", f"LoadState=loaded\nEnvironment=HTTPS_PROXY={proxy} CREWCHECK_API_KEY={canary}\n")
    manifest, members = bundled(kiosk, programs)
    assert set(members) == PARTS, manifest["leftOut"]
    for name, data in members.items():
        for text in readings(data.decode("latin-1")):
            assert canary not in text, name
            assert PASSWORD not in text, name
    taken = {each["name"]: each["takenOut"] for each in manifest["members"]}
    assert taken["journal.txt"]["connectionCode"] >= 2 * len(spellings(canary)) - 2
    assert taken["journal.txt"]["environment"] >= len(spellings(PASSWORD))
    assert members["configuration.toml"] == b"retry_max = 2\n", "and no remark"
    assert taken["files.txt"] == {"connectionCode": 1}
    assert taken["unit.txt"]
    assert manifest["secretsKnown"] is True
    assert "your key [secret]" in members["status.json"].decode()


def test_what_is_in_it_tells_about_the_kiosk(kiosk: Kiosk, simulator: Simulator, programs: Programs) -> None:
    kiosk.configuration.write_text("retry_max = 2\n")
    del kiosk.settings["CREWCHECK_RETRY_MAX"]
    kiosk.start()
    kiosk.provision(simulator.reset(simulator.create_device("Lounge")))
    kiosk.await_state("connected", "logo")
    programs.say("journalctl", "one line of the journal\n")
    programs.say("systemctl", "LoadState=loaded\nActiveState=active\n")
    manifest, members = bundled(kiosk, programs)
    assert manifest["leftOut"] == []
    status, doctor = json.loads(members["status.json"]), json.loads(members["doctor.json"])
    assert status["state"] == "connected"
    assert len(doctor["steps"]) == 17
    assert len(members["doctor.txt"].decode().splitlines()) > 17
    assert Image.open(io.BytesIO(members["screen.png"])).size == (800, 480)
    assert members["journal.txt"] == b"one line of the journal\n"
    settings = json.loads(members["settings.json"])
    assert settings["retry_max"] == {"value": 2.0, "from": "file"}
    assert settings["poll_interval"] == {"value": 1.0, "from": "environment"}
    assert settings["rotation"] == {"value": 0, "from": "default"}
    files = members["files.txt"].decode()
    assert re.search(r"^-rw------- \S+ +\d+ \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ .*/token\.json$", files, re.MULTILINE)
    assert "interfaces" in json.loads(members["network.json"])
    assert members["versions.txt"].startswith(b"crewcheck-agent ")
    assert {each["name"]: each["bytes"] for each in manifest["members"]} == {
        name: len(data) for name, data in members.items() if name != "manifest.json"
    }


def test_a_long_journal_is_cut_to_its_last_whole_lines(kiosk: Kiosk, programs: Programs) -> None:
    kiosk.start()
    programs.say("journalctl", "".join(f"line {number:09}\n" for number in range(300_000)))
    _, members = bundled(kiosk, programs)
    lines = members["journal.txt"].splitlines()
    assert len(members["journal.txt"]) <= 2 * 1024 * 1024
    assert lines[-1] == b"line 000299999"
    assert {len(line) for line in lines} == {14}


def test_what_cannot_be_cleaned_is_left_out_and_named(machine: Machine, programs: Programs) -> None:
    """The agent's token is not where this user can read it."""
    programs.say("journalctl", "who knows what is in here")
    path = f"{programs.folder}:{os.environ['PATH']}"
    with machine.agent(Reply({**REPORT, "environment": "http://127.0.0.1:9"})):
        run = machine.tool("bundle", "--output", "-", PATH=path)
    members = opened(run.stdout)
    manifest = json.loads(members["manifest.json"])
    assert manifest["secretsKnown"] is False
    left_out = {each["name"]: each["reason"] for each in manifest["leftOut"]}
    for name in ("journal.txt", "unit.txt", "configuration.toml", "settings.json", "files.txt"):
        assert "sudo" in left_out[name]
    assert {"status.json", "doctor.json", "versions.txt", "network.json"} <= set(members)


def test_a_damaged_code_gives_its_key_away_no_more_than_a_whole_one(machine: Machine, programs: Programs) -> None:
    (machine.folder / "state").mkdir(mode=0o700)
    (machine.folder / "state" / "token.json").write_text('{"deviceId": "kiosk-7", "apiKey": "canary-of-a-broken-code"')
    programs.say("journalctl", "found canary-of-a-broken-code in a file")
    run = machine.tool("bundle", "--output", "-", PATH=f"{programs.folder}:{os.environ['PATH']}")
    assert opened(run.stdout)["journal.txt"] == b"found [secret] in a file"


CANARY = "canary-of-a-kiosk-whose-settings-are-wrong"


def stored(folder: Path) -> Path:
    """A state directory with a token in it."""
    folder.mkdir(mode=0o700)
    token = {"deviceId": "kiosk-7", "tenantId": "t", "apiKey": CANARY, "environment": "https://app.neostore.cloud"}
    (folder / "token.json").write_text(json.dumps(token))
    return folder


@pytest.mark.parametrize("by", ["environment", "file"])
def test_a_wrong_setting_does_not_hide_where_the_key_is(machine: Machine, programs: Programs, by: str) -> None:
    state, wrong = stored(machine.folder / "data"), "rotation = 45\n"
    if by == "file":
        del machine.environ["CREWCHECK_STATE_DIR"]
        wrong += f'state_dir = "{state}"\n'
    else:
        machine.environ["CREWCHECK_STATE_DIR"] = str(state)
    (machine.folder / "agent.toml").write_text(f'{wrong}background = "{CANARY}"\n')
    programs.say("journalctl", f"found {CANARY}")
    run = machine.tool("bundle", "--output", "-", PATH=f"{programs.folder}:{os.environ['PATH']}")
    members = opened(run.stdout)
    assert json.loads(members["manifest.json"])["secretsKnown"] is True
    assert members["journal.txt"] == b"found [secret]"
    assert all(CANARY.encode() not in data for data in members.values())
    assert f"{state}/token.json" in members["files.txt"].decode()


@pytest.mark.parametrize("wrong", ["state_dir = [", 'state_dir = "data"', 'state_dir = ""', "", None])
def test_where_the_key_is_kept_cannot_be_told_nothing_that_may_hold_it_goes_in(
    machine: Machine, programs: Programs, wrong: str | None
) -> None:
    del machine.environ["CREWCHECK_STATE_DIR"]
    if wrong is None:
        (machine.folder / "agent.toml").unlink()
    else:
        (machine.folder / "agent.toml").write_text(wrong)
        machine.environ |= {} if wrong else {"CREWCHECK_STATE_DIR": "data"}
    programs.say("journalctl", "who knows what is in here")
    run = machine.tool("bundle", "--output", "-", PATH=f"{programs.folder}:{os.environ['PATH']}")
    members = opened(run.stdout)
    manifest = json.loads(members["manifest.json"])
    assert manifest["secretsKnown"] is False
    left_out = {each["name"]: each["reason"] for each in manifest["leftOut"]}
    for name in ("journal.txt", "unit.txt", "configuration.toml", "settings.json", "files.txt"):
        assert "mend it first" in left_out[name]


def test_of_the_configuration_only_settings_are_told(machine: Machine) -> None:
    (machine.folder / "agent.toml").write_text(
        f"""# once {PASSWORD}
apiKey = "{PASSWORD}"
rotation = 90
proxy = "http://clerk:{PASSWORD}@proxy.example"
scanner = "auto"
"pass word" = [1, "{PASSWORD}"]
allowed_environments = ["https://clerk:{PASSWORD}@kiosks.example", "https://app.example"]
retry_max = {{ key = "{PASSWORD}" }}
[cloud]
login = "{PASSWORD}"
"""
    )
    members = opened(machine.tool("bundle", "--output", "-").stdout)
    assert members["configuration.toml"].decode().splitlines() == [
        'apiKey = "…"',
        "rotation = 90",
        'proxy = "…"',
        'scanner = "auto"',
        '"pass word" = "…"',
        'allowed_environments = ["https://…@kiosks.example", "https://app.example"]',
        'retry_max = "…"',
        'cloud = "…"',
    ]
    assert [name for name, data in members.items() if PASSWORD.encode() in data] == []


def test_a_configuration_that_cannot_be_read_as_one_is_left_out(machine: Machine) -> None:
    (machine.folder / "agent.toml").write_text(f"apiKey = {PASSWORD}\n")
    members = opened(machine.tool("bundle", "--output", "-").stdout)
    left_out = {each["name"]: each["reason"] for each in json.loads(members["manifest.json"])["leftOut"]}
    assert "not valid TOML" in left_out["configuration.toml"]
    assert [name for name, data in members.items() if PASSWORD.encode() in data] == []


def test_an_agent_that_this_user_may_not_ask_may_keep_a_key_elsewhere(machine: Machine) -> None:
    settings = Settings(state_dir=machine.folder, cache_dir=machine.folder, runtime_dir=machine.folder)
    patient = Patient(settings, machine.folder / "agent.toml", None, Silence.FORBIDDEN, None, None, (), {})
    assert not secrets_of(patient).known
    assert secrets_of(replace(patient, agent=Silence.NONE_RUNS)).known


def test_the_file_is_new_and_private_and_named_after_the_device(machine: Machine) -> None:
    token = {"deviceId": "Lounge 1/../x", "tenantId": "t", "apiKey": "made-up-key", "environment": "http://127.0.0.1:9"}
    (machine.folder / "state").mkdir(mode=0o700)
    (machine.folder / "state" / "token.json").write_text(json.dumps(token))
    machine.environ["CREWCHECK_ALLOWED_ENVIRONMENTS"] = "http://127.0.0.1:9"
    before = set(Path.cwd().glob("crewcheck-*.tar.gz"))
    run = machine.tool("bundle")
    (file,) = set(Path.cwd().glob("crewcheck-*.tar.gz")) - before
    try:
        assert re.fullmatch(r"crewcheck-Lounge-1-x-\d{8}-\d{6}\.tar\.gz", file.name)
        assert file.stat().st_mode & 0o777 == 0o600
        said = run.stdout.decode()
        assert said.startswith(f"{file.name} holds doctor.txt, doctor.json, network.json, versions.txt, ")
        assert "\n  status.json: no agent is running" in said
        assert "manifest.json" in opened(file.read_bytes())
    finally:
        file.unlink()


def test_nothing_is_ever_replaced(machine: Machine) -> None:
    there, link = machine.folder / "there.tar.gz", machine.folder / "link.tar.gz"
    there.write_text("precious")
    link.symlink_to(machine.folder / "elsewhere")
    for path in (there, link):
        run = machine.tool("bundle", "--output", str(path))
        assert run.returncode == 1
        told = f"crewcheck-agent: {path}: File exists. Name another place with --output.\n"
        assert run.stderr.decode() == told
    assert there.read_text() == "precious"
    assert not (machine.folder / "elsewhere").exists()


@needs_mounts
@pytest.mark.parametrize("room", ["ro", "size=4k"])
def test_where_there_is_no_room_nothing_is_left_behind_and_another_place_is_asked_for(
    machine: Machine, room: str
) -> None:
    there = machine.folder / "there"
    there.mkdir()
    script = f"""mount -t tmpfs -o {room} none {there} && cd {there}
        echo full 2>/dev/null > full
        "$@" bundle
        code=$?; ls {there} | grep gz; exit $code"""
    command = ("unshare", "--mount", "sh", "-c", script, "sh", sys.executable, "-m", "crewcheck_agent")
    run = subprocess.run(command, env=machine.environ, capture_output=True, timeout=PATIENCE, check=False)
    assert (run.returncode, run.stdout) == (1, b"")
    assert run.stderr.endswith(b". Name another place with --output.\n"), run.stderr


def test_an_interruption_leaves_nothing_behind(machine: Machine, programs: Programs) -> None:
    """Ctrl-C while the journal is silent."""
    asked = programs.folder / "asked"
    os.mkfifo(asked)
    programs.be("journalctl", f"echo asked > {asked}\nexec sleep 600")
    output = machine.folder / "out.tar.gz"
    with subprocess.Popen(
        (sys.executable, "-m", "crewcheck_agent", "bundle", "--output", str(output)),
        env={**machine.environ, "PATH": f"{programs.folder}:{os.environ['PATH']}"},
        stderr=subprocess.PIPE,
    ) as bundle:
        assert asked.read_text() == "asked\n"
        bundle.send_signal(signal.SIGINT)
        _, told = bundle.communicate(timeout=PATIENCE)
    assert (bundle.returncode, told) == (130, b"")
    assert not output.exists()


def test_a_program_that_does_not_answer_is_left_out(
    machine: Machine, programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs.be("journalctl", "exec sleep 600")
    monkeypatch.setenv("PATH", f"{programs.folder}:{os.environ['PATH']}")
    settings = Settings(state_dir=machine.folder, cache_dir=machine.folder, runtime_dir=machine.folder)
    patient = Patient(settings, machine.folder / "agent.toml", None, Silence.NONE_RUNS, None, None, (), {})
    (journal,) = (part for part in parts(patient, Agent(settings), 0.2) if part.name == "journal.txt")
    with pytest.raises(Unavailable, match="journalctl does not answer"):
        journal.fetch()


def test_a_folder_with_too_many_files_is_told_in_part(machine: Machine) -> None:
    state = machine.folder / "state"
    state.mkdir(mode=0o700)
    for number in range(1200):
        (state / str(number)).touch()
    listed = opened(machine.tool("bundle", "--output", "-").stdout)["files.txt"].splitlines()
    assert 1000 <= len(listed) < 1100


def test_a_terminal_is_spared_the_bytes(machine: Machine) -> None:
    code, shown = machine.on_terminal("bundle", "--output", "-")
    assert code == 2
    assert "redirect it" in shown
