"""A kiosk whose agent runs: what the doctor learns of it, with and without the right to see everything."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.cloud.conftest import serve as serve  # noqa: PLC0414 - a fixture
from tests.doctor.conftest import is_root
from tests.journeys.conftest import PATIENCE, Kiosk
from tests.journeys.conftest import kiosk as kiosk  # noqa: PLC0414 - a fixture
from tests.journeys.conftest import red_kiosk as red_kiosk  # noqa: PLC0414 - a fixture
from tests.journeys.conftest import red_token as red_token  # noqa: PLC0414 - a fixture
from tests.journeys.conftest import simulator as simulator  # noqa: PLC0414 - a fixture
from tests.tools.machine import Machine

from crewcheck_agent.simulator.server import Simulator

ENVIRONMENT = ("PATH", "PYTHON", "COVERAGE", "HOME", "TMPDIR")


class Report:
    """What `doctor --json` says of a kiosk; the one who asks knows nothing but where the socket is."""

    def __init__(self, kiosk: Kiosk) -> None:
        environ = {name: value for name, value in os.environ.items() if name.startswith(ENVIRONMENT)}
        environ["CREWCHECK_RUNTIME_DIR"] = str(kiosk.runtime_dir)
        run = subprocess.run(
            (sys.executable, "-m", "crewcheck_agent", "doctor", "--json"),
            env=environ,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        self.code, self.text = run.returncode, run.stdout.decode()
        self.fields: Mapping[str, Any] = json.loads(run.stdout)
        self.steps = {each["step"]: each for each in self.fields["steps"]}

    @property
    def first(self) -> tuple[str, str]:
        return (self.fields["first"]["step"], self.fields["first"]["code"]) if self.fields["first"] else ("", "")


def test_a_kiosk_that_is_well(red_kiosk: Kiosk, simulator: Simulator) -> None:
    report = Report(red_kiosk)
    assert (report.code, report.fields["ok"], report.fields["first"]) == (0, True, None)
    well = ("configuration", "identity", "disk", "clock", "dns", "proxy", "tcp", "captivePortal", "api", "logo")
    assert {report.steps[step]["verdict"] for step in (*well, "display", "service")} == {"ok"}, report.text
    assert report.steps["tls"]["verdict"] == "skipped", "the simulator speaks plain http"
    assert report.steps["display"]["facts"]["size"] == [800, 480]
    assert report.steps["configuration"]["facts"]["file"] == str(red_kiosk.configuration), "the agent's own"
    keyless = [request for request in simulator.requests() if not request.key]
    assert [(each.method, each.status) for each in keyless if each.operation != "logo"][-1:] == [("GET", 401)]


def test_the_agents_own_directories_are_examined(red_kiosk: Kiosk) -> None:
    folders = Report(red_kiosk).steps["disk"]["facts"]["folders"]
    assert [each["path"] for each in folders] == [str(red_kiosk.state_dir), str(red_kiosk.cache_dir)]
    assert sorted(each.name for each in red_kiosk.state_dir.iterdir()) == ["token.json", "verdict.json"]


def test_the_key_is_used_by_the_agent_alone(red_kiosk: Kiosk, simulator: Simulator) -> None:
    simulator.clear_requests()
    Report(red_kiosk)
    port = {request.operation for request in simulator.requests() if request.key}
    assert port <= {"connect"}


def test_the_services_no_is_told_as_the_screen_tells_it(red_kiosk: Kiosk, simulator: Simulator) -> None:
    device = red_kiosk.status()["deviceId"]
    simulator.disable(device)
    red_kiosk.await_state("disabled")
    report = Report(red_kiosk)
    assert (report.code, report.first) == (1, ("api", "disabled"))
    problem = red_kiosk.status()["problem"]
    told = report.fields["first"]
    assert {name: told[name] for name in ("code", "shortCode")} == {
        name: problem[name] for name in ("code", "shortCode")
    }


def test_a_logo_that_cannot_be_had_is_the_agents_word(red_kiosk: Kiosk, simulator: Simulator) -> None:
    simulator.set_logo(red_kiosk.status()["deviceId"], b"a poem", "image/png")
    red_kiosk.await_status(lambda status: bool(status["problem"]) and status["problem"]["code"] == "logo")
    assert Report(red_kiosk).first == ("logo", "logo")


def test_without_an_identity_the_services_that_a_code_may_name_are_tried(kiosk: Kiosk, serve: Any) -> None:
    gone = serve(lambda client: None)
    gone.close()
    kiosk.settings["CREWCHECK_ALLOWED_ENVIRONMENTS"] += f" {gone.url}"
    kiosk.start()
    report = Report(kiosk)
    assert report.first == ("identity", "notProvisioned")
    assert report.steps["tcp"]["verdict"] == "warning", "one of two is enough"
    assert report.steps["api"]["verdict"] == "ok"


def test_a_way_that_is_free_again_is_told_of_an_agent_that_still_waits(red_kiosk: Kiosk, simulator: Simulator) -> None:
    red_kiosk.settings["CREWCHECK_RETRY_INITIAL"] = "60"
    red_kiosk.settings["CREWCHECK_RETRY_MAX"] = "600"
    red_kiosk.stop()
    simulator.set_fault(operation="connect", status=503)
    red_kiosk.start()
    red_kiosk.await_state("offline")
    simulator.clear_faults()
    step = Report(red_kiosk).steps["api"]
    assert (step["verdict"], step["code"]) == ("warning", "server")
    assert step["message"].startswith("answers now;")
    assert step["facts"]["nextAttempt"]


def test_a_fault_that_only_the_agent_meets_is_told_when_it_lasts(red_kiosk: Kiosk, simulator: Simulator) -> None:
    simulator.set_fault(operation="connect", status=500)
    red_kiosk.await_status(lambda status: status["attempts"] >= 3)
    assert Report(red_kiosk).first == ("api", "server")


def test_the_proxy_of_the_agents_own_environment_is_tried(kiosk: Kiosk, serve: Any) -> None:
    proxy = serve(lambda client: client.answer("407 Proxy Authentication Required"))
    kiosk.settings["CREWCHECK_ALLOWED_ENVIRONMENTS"] = "https://kiosks.example"
    kiosk.settings["HTTPS_PROXY"] = f"http://clerk:sesame@127.0.0.1:{proxy.port}"
    kiosk.start()
    report = Report(kiosk)
    assert report.steps["proxy"]["code"] == "proxy"
    assert report.steps["proxy"]["facts"]["proxy"] == f"127.0.0.1:{proxy.port}"
    assert b"proxy-authorization: basic" in proxy.heard[0].lower(), "root sees its password, and uses it"
    assert "sesame" not in report.text


# Somebody else's user, who may not read what Python imports: a first round imports it.
AS_SOMEBODY = """
import contextlib, io, os, sys
from crewcheck_agent.tools.cli import main
with contextlib.redirect_stdout(io.StringIO()):
    main(sys.argv[1:])
os.setgroups([]), os.setegid(64904), os.seteuid(64903)
code = main(sys.argv[1:])
sys.stdout.flush()
os.seteuid(0)
sys.exit(code)
"""


def test_a_stranger_is_told_what_cannot_be_seen_and_how_it_can(serve: Any) -> None:
    if not is_root():
        pytest.skip("only root can take on other users")
    server = serve(lambda client: client.answer("401 No"))
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        machine = Machine(Path(folder))
        machine.environ["CREWCHECK_ALLOWED_ENVIRONMENTS"] = server.url
        state = machine.folder / "state"
        state.mkdir(mode=0o700)
        with machine.agent():
            machine.socket.parent.chmod(0o750)
            run = subprocess.run(
                (sys.executable, "-c", AS_SOMEBODY, "doctor", "--json"),
                env=machine.environ,
                capture_output=True,
                timeout=PATIENCE,
                check=False,
            )
    assert run.stdout, run.stderr.decode()
    steps = {each["step"]: each for each in json.loads(run.stdout)["steps"]}
    unseen = {name for name, step in steps.items() if step["verdict"] == "unknown" and "sudo" in step["message"]}
    assert unseen == {"identity", "disk", "logo", "scanner", "service"}
    assert json.loads(run.stdout)["complete"] is False
    assert steps["api"]["verdict"] == "ok"
