"""``crewcheck-sim`` as a program."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from crewcheck_agent.simulator.cli import main

PROGRAM = [sys.executable, "-c", "import sys; from crewcheck_agent.simulator.cli import main; sys.exit(main())"]


@contextmanager
def serving(*options: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    environment = {**os.environ, "PYTHONUNBUFFERED": ""}
    with subprocess.Popen([*PROGRAM, "serve", *options], stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert process.stdout
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


def ended(process: subprocess.Popen[str], how: signal.Signals) -> float:
    """The seconds from the signal to a clean end without another word."""
    begun = time.monotonic()
    process.send_signal(how)
    assert process.wait(10) == 0
    assert process.stdout
    assert process.stdout.read() == ""
    return time.monotonic() - begun


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_is_and_ends_at_once_whatever_hangs(how: signal.Signals) -> None:
    with serving() as (process, said), httpx.Client(base_url=said["environment"]) as client:
        assert said.keys() == {"environment", "tenantId", "apiKey"}
        assert said["tenantId"] == "demo"
        assert client.get("/api/demo/devices", headers={"X-API-KEY": said["apiKey"]}).status_code == 200
        client.put("/_sim/faults", json={"operation": "connect", "delay": 3600})
        with socket.create_connection(("127.0.0.1", client.base_url.port or 0)) as hanging:
            hanging.sendall(b"POST /api/demo/devices/d/connect HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
            while client.get("/_sim/requests").json()[-1]["operation"] != "connect":
                continue
            assert ended(process, how) < 3


def test_what_it_knows_survives_a_restart(tmp_path: Path) -> None:
    state = ("--state", str(tmp_path / "state.json"))
    with serving(*state, "--tenant", "acme") as (process, first):
        headers = {"X-API-KEY": first["apiKey"]}
        httpx.post(f"{first['environment']}/api/acme/devices", json={"name": "Gate 12"}, headers=headers)
        ended(process, signal.SIGTERM)
    with serving(*state) as (process, second):
        assert (second["tenantId"], second["apiKey"]) == ("acme", first["apiKey"])
        (device,) = httpx.get(f"{second['environment']}/api/acme/devices", headers=headers).json()
        assert device["name"] == "Gate 12"
        ended(process, signal.SIGTERM)


def test_an_environment_of_ones_own_is_announced(tmp_path: Path) -> None:
    with serving("--environment", "https://sim.example/") as (process, said):
        assert said["environment"] == "https://sim.example"
        ended(process, signal.SIGTERM)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--state", "{tmp}/corrupt.json"], "corrupt.json is not a state file of this simulator"),
        (["--state", "{tmp}"], "cannot read the state file"),
        (["--state", "{tmp}/nowhere/state.json"], "cannot write the state file"),
        (["--state", "{tmp}/state.json", "--tenant", "other"], "belongs to the tenant 'demo', not to 'other'"),
        (["--port", "{taken}"], "Address already in use. Choose another with --host and --port"),
        (["--host", "192.0.2.1"], "cannot listen on 192.0.2.1"),
    ],
)
def test_what_cannot_be_served_is_said_plainly(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: Sequence[str], words: str
) -> None:
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    (tmp_path / "corrupt.json").write_text("{")
    (tmp_path / "state.json").write_text('{"tenant_id": "demo", "operator_key": "k"}')
    with socket.create_server(("127.0.0.1", 0)) as taken:
        places = {"tmp": tmp_path, "taken": taken.getsockname()[1]}
        assert main(["serve", *(option.format_map(places) for option in options)]) == 2
    printed = capsys.readouterr()
    assert words in printed.err
    assert (printed.out, printed.err.count("\n")) == ("", 1)
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == blocked


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["dance"],
        ["serve", "--port", "x"],
        ["serve", "--port", "65536"],
        ["serve", "--port", "-1"],
        ["serve", "--tenant", ""],
        ["serve", "--environment", "ftp://x"],
    ],
)
def test_wrong_usage_ends_with_2(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ending:
        main(argv)
    assert ending.value.code == 2
    assert "usage: crewcheck-sim" in capsys.readouterr().err


def test_in_process_it_serves_until_a_signal(capsys: pytest.CaptureFixture[str]) -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
    assert main(["serve"]) == 0
    assert signal.pthread_sigmask(signal.SIG_SETMASK, before) == {*before, signal.SIGTERM}
    assert json.loads(capsys.readouterr().out)["tenantId"] == "demo"
