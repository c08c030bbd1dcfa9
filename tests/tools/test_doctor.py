"""`doctor` as a technician sees it: the first cause on top, every step with its sign, on one screen."""
# ruff: noqa: RUF001 - typographic apostrophes and dashes, for people to read

import json
import re

import pytest
from tests.cloud.conftest import Serve
from tests.cloud.conftest import serve as serve  # noqa: PLC0414 - a fixture
from tests.kiosk.hosting import hosting
from tests.tools.machine import REPORT, Machine

from crewcheck_agent.core.diagnosis import Step
from crewcheck_agent.kiosk.control import Conversation, Reply
from crewcheck_agent.tools.doctor import told
from crewcheck_agent.tools.terminal import Paper

ROOM = re.compile(r"\d+\sMiB")  # changes while we look
COLOUR = re.compile(r"\033\[[0-9;]*m")


@pytest.fixture
def offline(machine: Machine, serve: Serve) -> Machine:
    """A kiosk whose service refuses every connection."""
    gone = serve(lambda client: None)
    gone.close()
    token = {"deviceId": "kiosk-7", "tenantId": "acme", "apiKey": "made-up", "environment": gone.url}
    (machine.folder / "state").mkdir(mode=0o700)
    (machine.folder / "state" / "token.json").write_text(json.dumps(token))
    machine.environ["CREWCHECK_ALLOWED_ENVIRONMENTS"] = gone.url
    return machine


def test_a_technician_reads_the_cause_who_acts_and_what_to_do_and_then_every_step(offline: Machine) -> None:
    run = offline.tool("doctor", COLUMNS="80", PYTHONIOENCODING="utf-8")
    lines = run.stdout.decode().splitlines()
    host = offline.environ["CREWCHECK_ALLOWED_ENVIRONMENTS"].removeprefix("http://")
    head, _, steps = run.stdout.decode().partition("\n\n")
    assert run.returncode == 1
    assert " ".join(head.split()) == (
        f"The cloud service ({host}) cannot be reached. (CC-21) who acts: the network’s administrator "
        f"to do: Check cable and router. Network staff: allow HTTPS connections out to {host}."
    )
    assert sum(line[0] != " " for line in steps.splitlines()) == len(Step)
    assert re.search(rf"^✓ Identity +device kiosk-7 of tenant acme at http://{host}$", steps, re.MULTILINE)
    assert re.search(rf"^✗ Connection +The cloud service \({host}\)", steps, re.MULTILINE)
    assert re.search(r"^– Cloud service +not checked, because this comes first: Connection$", steps, re.MULTILINE)
    assert re.search(r"^\? Power supply ", steps, re.MULTILINE)
    assert max(len(line) for line in lines if str(offline.folder) not in line) <= 80, "but a path is not broken"
    assert len(lines) <= 30


def test_a_terminal_gets_colour_and_progress_and_says_the_same(offline: Machine) -> None:
    _, shown = offline.on_terminal("doctor", TERM="xterm", PYTHONIOENCODING="utf-8")
    waiting, _, rest = shown.partition("\r\033[K")
    assert waiting.startswith("Examining this kiosk")
    plain = ROOM.sub("", offline.tool("doctor", PYTHONIOENCODING="utf-8").stdout.decode())
    assert COLOUR.search(rest)
    assert ROOM.sub("", COLOUR.sub("", rest)) == plain
    _, grey = offline.on_terminal("doctor", TERM="xterm", NO_COLOR="1", PYTHONIOENCODING="utf-8")
    assert ROOM.sub("", grey.partition("\r\033[K")[2]) == plain


def test_scripts_get_one_line_and_no_progress(offline: Machine) -> None:
    code, shown = offline.on_terminal("doctor", "--json", PYTHONIOENCODING="utf-8")
    assert code == 1
    assert json.loads(shown)["first"]["step"] == "tcp"


def test_a_wrong_configuration_has_its_exit_code_and_hides_nothing_else(offline: Machine) -> None:
    (offline.folder / "agent.toml").write_text("poll_interval = 0\nrotation = 45\n")
    run = offline.tool("doctor", PYTHONIOENCODING="utf-8")
    assert run.returncode == 2
    assert b"poll_interval" in run.stdout
    assert b"(CC-12)" in run.stdout
    assert re.search("^✓ Network link ".encode(), run.stdout, re.MULTILINE), "the other steps are examined all the same"
    assert b"tenant acme" not in run.stdout, "but not by settings that are not the kiosk's"


def test_a_kiosk_with_warnings_alone_works(machine: Machine, serve: Serve) -> None:
    server = serve(lambda client: client.answer("401 No"))
    status = {**REPORT, "environment": server.url}

    def handle(conversation: Conversation) -> None:
        if conversation.request["do"] == "status":
            conversation.reply(Reply(status))
        else:
            conversation.reply(Reply({"variables": {"ALL_PROXY": "socks5://proxy.example"}, "hidden": []}))

    with hosting(machine.socket, handle):
        run = machine.tool("doctor", CREWCHECK_ALLOWED_ENVIRONMENTS=server.url, PYTHONIOENCODING="utf-8")
    assert run.returncode == 0, run.stdout.decode()
    assert run.stdout.decode().startswith("This kiosk works: 1 warning.\n  Technician: set HTTPS_PROXY")


def test_a_sign_in_at_the_proxy_that_this_user_cannot_see_is_no_verdict(machine: Machine, serve: Serve) -> None:
    proxy = serve(lambda client: client.answer("407 Proxy Authentication Required"))
    told = {"variables": {"HTTPS_PROXY": proxy.url}, "hidden": ["HTTPS_PROXY"]}
    status = {**REPORT, "environment": "https://kiosks.example"}

    def handle(conversation: Conversation) -> None:
        conversation.reply(Reply(status if conversation.request["do"] == "status" else told))

    with hosting(machine.socket, handle):
        run = machine.tool("doctor", "--json", CREWCHECK_ALLOWED_ENVIRONMENTS="https://kiosks.example")
    steps = {each["step"]: each for each in json.loads(run.stdout)["steps"]}
    assert steps["proxy"]["verdict"] == "unknown"
    assert "sudo" in steps["proxy"]["message"]
    assert steps["api"]["verdict"] == "skipped"


def test_an_older_agent_that_tells_no_variables_is_examined_all_the_same(machine: Machine, serve: Serve) -> None:
    server = serve(lambda client: client.answer("401 No"))

    def handle(conversation: Conversation) -> None:
        asked = conversation.request["do"]
        conversation.reply(Reply({**REPORT, "environment": server.url} if asked == "status" else {"error": "what?"}))

    with hosting(machine.socket, handle):
        run = machine.tool("doctor", "--json", CREWCHECK_ALLOWED_ENVIRONMENTS=server.url)
    assert json.loads(run.stdout)["ok"]


def test_the_services_own_variables_count_where_no_agent_runs(offline: Machine) -> None:
    programs = offline.folder / "bin"
    programs.mkdir()
    systemctl = programs / "systemctl"
    systemctl.write_text(
        "#!/bin/sh\nprintf '%s\\n' LoadState=loaded ActiveState=inactive SubState=dead Result=success NRestarts=0"
        " UnitFileState=enabled MainPID=0 'Environment=CREWCHECK_SCANNER=off \"CREWCHECK_API_KEY=x y\"'\n"
    )
    systemctl.chmod(0o755)
    run = offline.tool("doctor", "--json", PATH=f"{programs}:{offline.environ['PATH']}")
    steps = {each["step"]: each for each in json.loads(run.stdout)["steps"]}
    assert steps["scanner"]["verdict"] == "skipped"
    assert steps["configuration"]["verdict"] == "ok", "what could be a secret is left alone"
    assert steps["service"]["facts"]["activeState"] == "inactive"


PARTLY = [
    ((), True, "Nothing is wrong with this kiosk."),
    ((), False, "Nothing wrong was found in what this user may see. Run this with sudo for the rest."),
    (("warning",), True, "This kiosk works: 1 warning."),
    (("warning",), False, "1 warning in what this user may see. Run this with sudo for the rest."),
]


@pytest.mark.parametrize(("verdicts", "complete", "head"), PARTLY)
def test_the_head_says_no_more_than_this_user_can_know(verdicts: tuple[str, ...], *, complete: bool, head: str) -> None:
    step = {"title": "Proxy", "message": "told", "shortCode": None, "advice": "Mend it."}
    steps = [{**step, "verdict": each} for each in (*verdicts, "unknown")]
    found = {"ok": True, "complete": complete, "first": None, "steps": steps}
    assert next(told(found, Paper(120))) == head


def test_a_wrong_setting_does_not_hide_the_agent_that_runs(machine: Machine) -> None:
    (machine.folder / "agent.toml").write_text(f'rotation = 45\nruntime_dir = "{machine.folder}/run"\n')
    del machine.environ["CREWCHECK_RUNTIME_DIR"]
    with machine.agent(Reply({**REPORT, "environment": "http://127.0.0.1:9"})):
        run = machine.tool("doctor", "--json")
    steps = {each["step"]: each for each in json.loads(run.stdout)["steps"]}
    assert run.returncode == 2
    assert (steps["service"]["verdict"], steps["disk"]["verdict"]) == ("ok", "unknown")
    assert steps["disk"]["facts"]["missing"] == [str(machine.folder / each) for each in ("state", "cache")]


def test_a_disk_that_the_configuration_does_not_tell_is_not_judged(machine: Machine) -> None:
    machine.environ["CREWCHECK_STATE_DIR"] = "data"
    run = machine.tool("doctor", "--json")
    steps = {each["step"]: each for each in json.loads(run.stdout)["steps"]}
    assert steps["disk"]["verdict"] == "skipped"
