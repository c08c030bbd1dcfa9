"""Every short code that the documentation explains: its cause made for real, and the code seen wherever people look.

The two tables are what the documentation promises, with a real agent: codes that are seen on the screen, in `status`
and in `doctor`, and those that cannot be seen everywhere, with the reason.
"""

import json
import ssl
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
import trustme
from tests.cloud.conftest import Serve
from tests.cloud.conftest import authority as authority  # noqa: PLC0414 - a fixture
from tests.cloud.conftest import serve as serve  # noqa: PLC0414 - a fixture
from tests.doctor.conftest import NO_KEY, NO_MOUNTS, can_have
from tests.journeys.conftest import PATIENCE, Kiosk
from tests.journeys.test_service_manager import Manager
from tests.kiosk.short_codes import short_codes_on

from crewcheck_agent.core.problem import Code, short_code
from crewcheck_agent.core.screen import Showing
from crewcheck_agent.simulator.server import Simulator

PROBLEM = {"Content_Type": "application/problem+json"}


@dataclass
class Scene:
    """A kiosk, and all that can go wrong around it."""

    kiosk: Kiosk
    simulator: Simulator
    serve: Serve
    authority: trustme.CA
    folder: Path
    device: str = field(init=False)
    token: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.device = self.simulator.create_device("Gate 7")
        self.token = self.simulator.reset(self.device)

    def belongs_to(self, environment: str) -> None:
        """The kiosk is set up for that service."""
        self.kiosk.settings["CREWCHECK_ALLOWED_ENVIRONMENTS"] = environment
        self.kiosk.state_dir.mkdir(mode=0o700)
        self.kiosk.write_token({**self.token, "environment": environment})

    def set_up(self) -> None:
        """The kiosk is set up for the simulator, and its agent runs."""
        self.belongs_to(self.simulator.environment)
        self.kiosk.start()

    def elsewhere(self, *commands: str) -> None:
        """The agent will run in a private world of mounts, in which these commands were obeyed."""
        if not can_have("--mount"):
            pytest.skip(NO_MOUNTS)
        script = "\n".join((*commands, 'exec "$@"'))
        self.kiosk.within = ("unshare", "--mount", "sh", "-ec", script, "sh")

    def tool(self, command: str) -> "subprocess.CompletedProcess[bytes]":
        """One of the technician's commands, as a script calls it, in the agent's world."""
        process, there = self.kiosk.process, self.kiosk.within
        if process and there:
            there = ("nsenter", f"--target={process.pid}", "--mount", "--")
        return subprocess.run(
            (*there, sys.executable, "-m", "crewcheck_agent", command, "--json"),
            env=self.kiosk.environ(),
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )


def no_code(scene: Scene) -> None:
    scene.kiosk.start()


def damaged_code(scene: Scene) -> None:
    scene.kiosk.state_dir.mkdir(mode=0o700)
    (scene.kiosk.state_dir / "token.json").write_text("{")
    scene.kiosk.start()


def something_else_is_scanned(scene: Scene) -> None:
    scene.kiosk.start()
    scene.kiosk.provision("4006381333931", scan=True)


def refused_connection(scene: Scene) -> None:
    scene.simulator.stop_listening()
    scene.set_up()


def unknown_name(scene: Scene) -> None:
    scene.belongs_to("https://kiosks.invalid")  # no name server knows it (RFC 6761)
    scene.kiosk.start()


def silent_service(scene: Scene) -> None:
    scene.kiosk.settings["CREWCHECK_REQUEST_TIMEOUT"] = "1"
    scene.simulator.set_fault(delay=60)
    scene.set_up()


def proxy_that_refuses(scene: Scene) -> None:
    proxy = scene.serve(lambda client: client.answer("407 Proxy Authentication Required"))
    scene.kiosk.settings["HTTPS_PROXY"] = proxy.url
    scene.belongs_to("https://kiosks.example")
    scene.kiosk.start()


def sign_in_page(scene: Scene) -> None:
    scene.simulator.set_fault(status=302, headers={"Location": "http://login.example/"})
    scene.set_up()


def filtered(scene: Scene) -> None:
    """A company looks into the connection, with a certificate of its own."""
    secured(scene, trustme.CA(organization_name="Corporate Filter"), datetime.now(UTC))


def wrong_clock(scene: Scene) -> None:
    """It is 30 days behind the service's, and behind the first day of its certificate."""
    secured(scene, scene.authority, datetime.now(UTC) + timedelta(days=30))


def secured(scene: Scene, issuer: trustme.CA, today: datetime) -> None:
    """A service over https whose clock says so; the kiosk trusts the authority of the tests."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    begins, ends = today - timedelta(days=1), today + timedelta(days=90)
    issuer.issue_cert("127.0.0.1", not_before=begins, not_after=ends).configure_cert(context)
    date = format_datetime(today, usegmt=True)
    service = scene.serve(lambda client: client.answer("401 Unauthorized", NO_KEY, Date=date, **PROBLEM), context)
    authorities = scene.folder / "authorities.pem"
    scene.authority.cert_pem.write_to_path(str(authorities))
    scene.kiosk.settings["SSL_CERT_FILE"] = str(authorities)
    scene.belongs_to(service.url)
    scene.kiosk.start()


def no_scanner(scene: Scene) -> None:
    scene.kiosk.settings["CREWCHECK_SCANNER"] = "/dev/serial/by-id/not-plugged-in"
    scene.kiosk.start()


def weak_supply(scene: Scene) -> None:
    """The board's alarm, where the kernel's driver for it tells of it."""
    alarm = "/sys/class/hwmon/hwmon0"
    scene.elsewhere(
        f"mount -t tmpfs none /sys && mkdir -p {alarm}",
        f"echo rpi_volt > {alarm}/name && echo 1 > {alarm}/in0_lcrit_alarm",
    )
    scene.set_up()
    scene.kiosk.await_state("connected", "logo")


def no_agent(scene: Scene) -> None:
    scene.belongs_to(scene.simulator.environment)


def wrong_setting(scene: Scene) -> None:
    scene.belongs_to(scene.simulator.environment)
    scene.kiosk.configuration.write_text("rotation = 45\n")


def switched_off(scene: Scene) -> None:
    scene.simulator.disable(scene.device)
    scene.set_up()


def reset(scene: Scene) -> None:
    scene.simulator.reset(scene.device)
    scene.set_up()


def deleted(scene: Scene) -> None:
    scene.simulator.delete(scene.device)
    scene.set_up()


def faulty_service(scene: Scene) -> None:
    scene.simulator.set_fault(status=503)
    scene.set_up()


def nonsense(scene: Scene) -> None:
    scene.simulator.set_fault(status=200, body="[1, 2, ", contentType="application/json")
    scene.set_up()


def no_picture(scene: Scene) -> None:
    scene.simulator.set_logo(scene.device, b"a poem", "image/png")
    scene.set_up()


def full_disk(scene: Scene) -> None:
    state = scene.kiosk.state_dir
    state.mkdir(mode=0o700)
    full = f"dd if=/dev/zero of={state}/filler bs=4k 2>/dev/null || true"
    scene.elsewhere(f"mount -t tmpfs -o size=64k,mode=700 none {state}", full)
    scene.kiosk.start()
    scene.kiosk.provision(scene.token)


def no_folder(scene: Scene) -> None:
    """There is a file where the folder belongs."""
    scene.kiosk.state_dir.touch()
    scene.kiosk.start()
    scene.kiosk.provision(scene.token)


def no_screen(scene: Scene) -> None:
    del scene.kiosk.settings["SDL_VIDEODRIVER"]  # and there is neither X, nor Wayland, nor a card
    manager = Manager(scene.folder / "notify")
    scene.kiosk.settings["NOTIFY_SOCKET"] = str(scene.folder / "notify")
    scene.kiosk.start()
    for _ in range(2):  # it goes on trying, and its control socket is open by then
        manager.await_word("EXTEND_TIMEOUT_USEC=")
    manager.close()


@dataclass(frozen=True)
class Row:
    """A code that is seen wherever people look: how it is made, the screen that shows it, and `doctor`'s step."""

    code: Code
    arrange: Callable[[Scene], None]
    showing: Showing
    step: str


@dataclass(frozen=True)
class Hidden:
    """A code that is not on the screen, and perhaps not in `status` either, and why that is so.

    Attributes:
        status: the exit code of `status`, and the state that it tells, if any.
    """

    code: Code
    arrange: Callable[[Scene], None]
    status: tuple[int, str | None]
    step: str
    why: str


OFFLINE = Showing.OFFLINE
TABLE = [
    Row(Code.NOT_PROVISIONED, no_code, Showing.SETUP, "identity"),
    Row(Code.BAD_TOKEN, damaged_code, Showing.SETUP, "identity"),
    Row(Code.BAD_TOKEN, something_else_is_scanned, Showing.SETUP, "identity"),
    Row(Code.NETWORK, refused_connection, OFFLINE, "tcp"),
    Row(Code.DNS, unknown_name, OFFLINE, "dns"),
    Row(Code.TIMEOUT, silent_service, OFFLINE, "api"),
    Row(Code.PROXY, proxy_that_refuses, OFFLINE, "proxy"),
    Row(Code.CAPTIVE_PORTAL, sign_in_page, OFFLINE, "captivePortal"),
    Row(Code.TLS, filtered, OFFLINE, "tls"),
    Row(Code.CLOCK, wrong_clock, OFFLINE, "clock"),
    Row(Code.DISABLED, switched_off, Showing.DISABLED, "api"),
    Row(Code.UNAUTHORIZED, reset, Showing.UNAUTHORIZED, "api"),
    Row(Code.NOT_FOUND, deleted, Showing.NOT_FOUND, "api"),
    Row(Code.SERVER, faulty_service, OFFLINE, "api"),
    Row(Code.BAD_ANSWER, nonsense, OFFLINE, "api"),
    Row(Code.LOGO, no_picture, Showing.CONNECTING, "logo"),
    Row(Code.STORAGE, full_disk, Showing.SETUP, "disk"),
    Row(Code.STORAGE, no_folder, Showing.SETUP, "identity"),
    Row(Code.SCANNER, no_scanner, Showing.SETUP, "scanner"),
]
ELSEWHERE = [
    Hidden(Code.CONFIGURATION, wrong_setting, (2, None), "configuration", "no tool begins; screen: test_standstill"),
    Hidden(Code.DISPLAY, no_screen, (3, "unprovisioned"), "display", "there is no screen"),
    Hidden(Code.SERVICE, no_agent, (8, None), "service", "there is nobody to show or tell anything"),
    Hidden(Code.POWER, weak_supply, (0, "connected"), "power", "a kiosk at work watches nothing but its work"),
]


@pytest.fixture
def scene(kiosk: Kiosk, simulator: Simulator, serve: Serve, authority: trustme.CA, tmp_path: Path) -> Scene:
    return Scene(kiosk, simulator, serve, authority, tmp_path)


def name(row: Row | Hidden) -> str:
    return f"{short_code(row.code)}-{row.arrange.__name__}"


@pytest.mark.parametrize("row", TABLE, ids=name)
def test_the_code_is_on_the_screen_and_in_what_the_tools_tell(scene: Scene, row: Row) -> None:
    row.arrange(scene)
    scene.kiosk.await_status(
        lambda status: (
            bool(status["problem"])
            and (status["problem"]["code"], status["screen"]["showing"]) == (row.code, row.showing)
        )
    )
    wanted = short_code(row.code)
    assert short_codes_on(scene.kiosk.look()) == {wanted}
    assert json.loads(scene.tool("status").stdout)["problem"]["shortCode"] == wanted
    assert first_cause(scene) == (row.step, wanted)


@pytest.mark.parametrize("row", ELSEWHERE, ids=name)
def test_the_code_is_seen_where_it_can_be(scene: Scene, row: Hidden) -> None:
    row.arrange(scene)
    status = scene.tool("status")
    state = json.loads(status.stdout)["state"] if status.stdout else None
    assert (status.returncode, state) == row.status
    assert first_cause(scene) == (row.step, short_code(row.code)), row.why


def test_a_machine_without_a_screen_is_told_by_status(scene: Scene) -> None:
    no_screen(scene)
    assert json.loads(scene.tool("status").stdout)["problem"]["shortCode"] == short_code(Code.DISPLAY)


def test_no_code_is_without_its_row() -> None:
    rows: tuple[Row | Hidden, ...] = (*TABLE, *ELSEWHERE)
    assert {row.code for row in rows} == {*Code}


def first_cause(scene: Scene) -> tuple[str, str]:
    """The step and the code of what `doctor` names first."""
    first = json.loads(scene.tool("doctor").stdout)["first"]
    return first["step"], first["shortCode"]
