"""`crewcheck-admin` as an operator and as a script use it: against the simulator, on real sockets and terminals."""

import asyncio
import fcntl
import io
import json
import os
import pty
import re
import select
import ssl
import stat
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pygame
import pytest
import zxingcpp
from PIL import Image

from crewcheck_agent import __version__
from crewcheck_agent.cloud import http
from crewcheck_agent.cloud.connector import Connector, Times
from crewcheck_agent.core.events import Answered
from crewcheck_agent.core.kiosk import Good, Moment
from crewcheck_agent.core.retry import Pace, Rhythm
from crewcheck_agent.core.token import ConnectionToken, parse_token
from crewcheck_agent.simulator.server import Simulator, running
from crewcheck_agent.tools.admin import main
from crewcheck_agent.tools.table import table, width

PROGRAM = (sys.executable, "-c", "import sys; from crewcheck_agent.tools.admin import main; sys.exit(main())")
PATIENCE = 20.0  # seconds for a program on a slow machine
NOBODY = "00000000-0000-4000-8000-000000000000"


class Done(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Admin = Callable[..., Done]


@pytest.fixture(scope="module")
def service() -> Iterator[Simulator]:
    with running() as simulator:
        yield simulator


@pytest.fixture
def simulator(service: Simulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulator]:
    """One server for all, as new for each, and in the environment of the operator."""
    for name in [each for each in os.environ if each.startswith("CREWCHECK_") or each.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CREWCHECK_ADMIN_ENVIRONMENT", service.environment)
    monkeypatch.setenv("CREWCHECK_ADMIN_TENANT", service.tenant_id)
    monkeypatch.setenv("CREWCHECK_ADMIN_API_KEY", service.api_key)
    yield service
    service.clear_faults()
    service.listen_again()
    service.clear_requests()
    for kiosk in service.world.kiosks():
        service.delete(kiosk.device_id)


@pytest.fixture
def admin(simulator: Simulator, capsys: pytest.CaptureFixture[str]) -> Admin:
    """Runs the program in this process, and sees that it never shows the operator's key."""

    def run(*arguments: str) -> Done:
        try:
            code = main(arguments)
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        done = Done(code, *capsys.readouterr())
        assert simulator.api_key not in done.out + done.err
        return done

    return run


@pytest.fixture
def device_id(simulator: Simulator) -> str:
    return simulator.create_device("Lounge 1", description="Gate A")


def token_in(text: str, simulator: Simulator) -> ConnectionToken:
    return parse_token(text, [simulator.environment])


def is_current(token: ConnectionToken, simulator: Simulator) -> bool:
    kiosk = simulator.world.kiosk(token.identity.device_id)
    return simulator.world.is_key_of(kiosk, token.api_key.reveal())


def read_code(picture: Image.Image) -> str:
    codes = zxingcpp.read_barcodes(picture.convert("L"), formats=zxingcpp.BarcodeFormat.QRCode)
    assert len(codes) == 1
    return str(codes[0].text)


def seen_on_terminal(text: str, around: int) -> Image.Image:
    """What a terminal whose own background is `around` shows of a drawing in half blocks, 4 pixels a module."""
    drawing = re.findall(r"\033\[38;5;16;48;5;231m([ ▀▄█]+)\033\[0m", text)
    columns = len(drawing[0])
    small = Image.new("L", (columns + 8, 2 * len(drawing) + 8), around)
    for row, line in enumerate(drawing):
        assert len(line) == columns
        for column, cell in enumerate(line):
            small.putpixel((column + 4, 2 * row + 4), 0 if cell in "▀█" else 255)
            small.putpixel((column + 4, 2 * row + 5), 0 if cell in "▄█" else 255)
    return small.resize((4 * small.width, 4 * small.height), Image.Resampling.NEAREST)


def test_a_list_is_a_table_for_people_and_a_list_for_scripts(admin: Admin, simulator: Simulator) -> None:
    assert admin("list") == (0, "", "No devices yet: `crewcheck-admin create NAME` makes the first.\n")
    assert admin("list", "--json").json == []
    one = simulator.create_device("Lounge 1", description="Gate A\nleft")
    two = simulator.create_device("日本 ラウンジ")
    simulator.disable(two)
    assert admin("list").out.splitlines() == [
        f"{'ID':36}  NAME           STATE     DESCRIPTION",
        f"{one}  Lounge 1       enabled   Gate A left",
        f"{two}  日本 ラウンジ  disabled",
    ]
    told = admin("--json", "list").json
    assert [(each["deviceId"], each["isEnabled"]) for each in told] == [(one, True), (two, False)]


def test_create_tells_the_id_and_how_to_go_on(admin: Admin, simulator: Simulator) -> None:
    done = admin("create", "Bar", "--description", "Left")
    [kiosk] = simulator.world.kiosks()
    assert (done.code, done.out, kiosk.description) == (0, f"Created: Bar ({kiosk.device_id})\n", "Left")
    assert f"crewcheck-admin reset {kiosk.device_id} --qr" in done.err
    told = admin("create", "Bar 2", "--description", "", "--json").json
    assert (told["name"], told["description"], told["isEnabled"]) == ("Bar 2", None, True)
    simulator.set_fault(operation="create", status=201)
    simulator.set_fault(operation="list", status=401)
    assert "did not tell its id" in admin("create", "Bar 3").err


def test_show_tells_all_of_a_device(admin: Admin, simulator: Simulator, device_id: str) -> None:
    done = admin("show", device_id)
    assert done.err == ""
    assert done.out.startswith(f"device:      {device_id}\nname:        Lounge 1\nstate:       enabled\ntype:   ")
    assert done.out.endswith(f"logo:        {simulator.environment}/_sim/devices/{device_id}/logo\n")
    assert admin("show", device_id, "--json").json["settings"]["logoUrl"].startswith("http")
    other = simulator.create_device("Bar")
    assert admin("show", device_id, other, device_id).out.count("device: ") == 2
    assert [each["name"] for each in admin("show", device_id, other, "--json").json] == ["Lounge 1", "Bar"]


CHANGES: list[tuple[Sequence[str], tuple[str, str | None, bool]]] = [
    (("update", "--name", "Bar"), ("Bar", "Gate A", True)),
    (("update", "--description", "Gate B"), ("Lounge 1", "Gate B", True)),
    (("update", "--description", ""), ("Lounge 1", None, True)),
    (("update", "--disabled"), ("Lounge 1", "Gate A", False)),
    (("update", "--name", "Bar", "--description", "B", "--enabled"), ("Bar", "B", True)),
    (("disable",), ("Lounge 1", "Gate A", False)),
    (("enable",), ("Lounge 1", "Gate A", True)),
]


@pytest.mark.parametrize("form", [(), ("--json",)])
@pytest.mark.parametrize(("command", "expected"), CHANGES)
def test_a_change_keeps_what_it_does_not_name(
    admin: Admin,
    simulator: Simulator,
    device_id: str,
    command: Sequence[str],
    expected: tuple[str, str | None, bool],
    form: tuple[str, ...],
) -> None:
    done = admin(command[0], device_id, *command[1:], *form)
    kiosk = simulator.world.kiosk(device_id)
    assert (done.code, done.err) == (0, "")
    assert (kiosk.name, kiosk.description, kiosk.is_enabled) == expected
    if form:
        told = done.json
        assert (told["name"], told["description"], told["isEnabled"]) == expected
    else:
        assert device_id in done.out


def test_delete_deletes(admin: Admin, simulator: Simulator, device_id: str) -> None:
    other = simulator.create_device("Bar")
    assert admin("delete", device_id, "--yes").out == f"Deleted: {device_id}\n"
    assert admin("delete", other, "--yes", "--json").json == {"deviceId": other, "deleted": True}
    assert simulator.world.kiosks() == ()


@pytest.mark.parametrize("command", ["enable", "disable", "delete", "show"])
def test_a_failure_with_one_device_stops_none_of_the_others(admin: Admin, simulator: Simulator, command: str) -> None:
    ids = [simulator.create_device(name) for name in "ab"]
    sure = ("--yes",) if command == "delete" else ()
    done = admin(command, ids[0], NOBODY, ids[1], *sure, "--json")
    assert done.code == 6
    assert [each["deviceId"] for each in done.json] == ids
    lines = done.err.splitlines()
    assert [line[:6] for line in lines[:3]] == ["[1/3] ", "[2/3] ", "[3/3] "]
    assert f"{NOBODY}: failed. The service knows no device" in lines[1]
    assert lines[3].startswith("2 of 3 devices ")
    assert lines[4:] == [f"Failed: {NOBODY}"]


def test_failures_of_several_kinds_are_simply_failures(admin: Admin, simulator: Simulator, device_id: str) -> None:
    simulator.set_fault(operation="update", status=400)
    done = admin("disable", device_id, NOBODY)
    assert (done.code, done.out) == (1, "")
    assert "0 of 2 devices disabled." in done.err


FAULTS: list[tuple[dict[str, Any], int, str]] = [
    ({"status": 401}, 5, "refuses this API key"),
    ({"status": 404}, 6, "knows no device"),
    ({"status": 400, "body": '{"errors": {"name": ["odd"]}}', "contentType": "application/json"}, 1, "name: odd"),
    ({"status": 503, "retryAfter": "900"}, 1, "left alone for 900 s"),
    ({"body": "<html>Hello"}, 7, "Check the environment"),
    ({"drop": True}, 7, "broke the connection off"),
]
COMMANDS = [
    ("show",),
    ("update", "--name", "Bar"),
    ("update", "--name", "Bar", "--description", "", "--enabled"),
    ("enable",),
    ("disable",),
    ("delete", "--yes"),
    ("reset", "--yes"),
]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(("fault", "code", "words"), FAULTS)
def test_what_goes_wrong_is_told_in_words_and_in_the_exit_code(
    admin: Admin, simulator: Simulator, command: Sequence[str], fault: dict[str, Any], code: int, words: str
) -> None:
    simulator.set_fault(**fault)
    done = admin(command[0], "kiosk-7", *command[1:], "--json")
    assert (done.code, done.out) == (code, "")
    assert done.err.startswith("crewcheck-admin: ")
    assert words in done.err


def test_a_service_that_is_gone_has_its_exit_code(admin: Admin, simulator: Simulator) -> None:
    simulator.stop_listening()
    for command in (("list",), ("create", "Bar")):
        assert admin(*command).code == 7


def test_a_busy_service_is_asked_again(admin: Admin, simulator: Simulator) -> None:
    simulator.set_fault(status=503, times=1)
    assert admin("list", "--json") == (0, "[]\n", "The service is busy; trying again in 0 s.\n")


def test_foreign_text_cannot_play_with_the_terminal(admin: Admin, simulator: Simulator) -> None:
    told = [{"deviceId": "k\x1b[2J", "name": "\u202e\ud800x", "description": 7, "colour": "\ud800"}]
    simulator.set_fault(operation="list", body=json.dumps(told), content_type="application/json")
    assert admin("list").out.splitlines()[1].split() == ["k", "[2J", "x", "unknown"]
    assert admin("list", "--json").json == told


def test_a_reset_code_goes_where_it_is_wanted(
    admin: Admin, simulator: Simulator, device_id: str, tmp_path: Path
) -> None:
    done = admin("reset", device_id, "--yes", "--json")
    assert is_current(token_in(done.out, simulator), simulator)
    file = tmp_path / "code.json"
    both = admin("reset", device_id, "--yes", "--json", "--qr", "--output", str(file))
    assert json.loads(file.read_bytes()) == both.json == json.loads(read_code(seen_on_terminal(both.err, 0)))
    quiet = admin("reset", device_id, "--yes")
    assert (quiet.code, quiet.out) == (0, "")
    for words in ("Its old code no longer works", "is a password", "shown to nobody"):
        assert words in quiet.err


@pytest.mark.parametrize("around", [0, 255])
@pytest.mark.parametrize("name", ["Kiosk", "Käse " + 10 * "langer "])
def test_the_drawn_code_scans_on_dark_and_on_light(admin: Admin, simulator: Simulator, around: int, name: str) -> None:
    device_id = simulator.create_device(device_id=name)
    done = admin("reset", device_id, "--yes", "--qr")
    token = token_in(read_code(seen_on_terminal(done.out, around)), simulator)
    assert (token.identity.device_id, is_current(token, simulator)) == (name, True)


def picture_in(file: Path) -> Image.Image:
    if file.suffix.lower() != ".svg":
        return Image.open(file)
    surface = pygame.image.load(io.BytesIO(file.read_bytes()), file.name)
    return Image.frombytes("RGB", surface.get_size(), pygame.image.tobytes(surface, "RGB"))


@pytest.mark.parametrize("name", ["code.png", "code.svg", "CODE.PNG", "code.json"])
def test_a_written_code_is_the_owners_alone(
    admin: Admin, simulator: Simulator, device_id: str, tmp_path: Path, name: str
) -> None:
    file = tmp_path / name
    file.write_text("old")
    file.chmod(0o644)
    before = os.umask(0)
    done = admin("reset", device_id, "--yes", "--output", str(file))
    os.umask(before)
    assert (done.code, done.out) == (0, "")
    assert "readable by you alone" in done.err
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]
    text = file.read_text() if name.endswith("json") else read_code(picture_in(file))
    assert is_current(token_in(text, simulator), simulator)
    assert json.loads(text).keys() == {"deviceId", "tenantId", "apiKey", "environment"}


@pytest.mark.parametrize("output", ["code.pdf", "code", "nowhere/code.png", "folder.png", "-"])
def test_a_place_that_cannot_be_written_is_told_before_the_reset(
    admin: Admin, simulator: Simulator, device_id: str, tmp_path: Path, output: str
) -> None:
    (tmp_path / "folder.png").mkdir()
    done = admin("reset", device_id, "--yes", "--output", f"{tmp_path}/{output}")
    assert (done.code, simulator.requests()) == (2, [])
    assert "--output" in done.err


def test_a_code_that_could_not_be_written_after_all_is_told(admin: Admin, device_id: str, tmp_path: Path) -> None:
    done = admin("reset", device_id, "--yes", "--output", f"{tmp_path}/{'x' * 245}.png")
    assert (done.code, "reset again" in done.err) == (1, True)


def pages_of(file: Path) -> list[tuple[str, Image.Image]]:
    """Each page's text, and what a printer makes of it."""
    numbers = range(1, file.read_bytes().count(b"/Type /Page\n") + 1)
    pages: list[tuple[str, Image.Image]] = []
    for number in map(str, numbers):
        only = ("-f", number, "-l", number, str(file))
        text = subprocess.run(("pdftotext", "-layout", *only, "-"), check=True, capture_output=True, text=True).stdout
        drawn = subprocess.run(("pdftoppm", "-r", "100", "-png", *only), check=True, capture_output=True).stdout
        pages.append((text, Image.open(io.BytesIO(drawn))))
    return pages


def test_a_sheet_has_a_page_for_each_kiosk_with_the_code_that_now_works(
    admin: Admin, simulator: Simulator, device_id: str, tmp_path: Path
) -> None:
    other = simulator.create_device("Käse-Theke ② " + 6 * "sehr lang ")
    file = tmp_path / "codes.pdf"
    done = admin("sheet", device_id, NOBODY, other, "--yes", "--output", str(file))
    assert (done.code, done.out, stat.S_IMODE(file.stat().st_mode)) == (6, "", 0o600)
    for words in (f"[1/3] {device_id}: reset", "[2/3]", "2 of 3 devices reset", "readable by you alone", NOBODY):
        assert words in done.err
    pages = pages_of(file)
    for (text, picture), kiosk, name in zip(pages, (device_id, other), ("Lounge 1", "Käse-Theke ②"), strict=True):
        token = token_in(read_code(picture), simulator)
        assert (token.identity.device_id, is_current(token, simulator)) == (kiosk, True)
        for words in (name, kiosk, "is a password", "in front of its scanner", "Issued on 20"):
            assert words in text
        assert token.api_key.reveal() not in text


def test_what_a_library_thinks_of_fonts_is_not_told_to_people(tmp_path: Path) -> None:
    """In a process of its own, since here pytest takes what is logged."""
    pages = """
import sys, datetime, pathlib
from crewcheck_agent.core.token import parse_token
from crewcheck_agent.tools.sheet import Page, write
environment = "https://app.neostore.cloud"
code = '{"deviceId": "d", "tenantId": "t", "apiKey": "k", "environment": "%s"}' % environment
write([Page(parse_token(code, (environment,)), "Lounge")], datetime.date.today(), pathlib.Path(sys.argv[1]))
"""
    done = subprocess.run((sys.executable, "-c", pages, str(tmp_path / "codes.pdf")), capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_sheet_that_could_not_be_written_is_told_for_each_kiosk(admin: Admin, device_id: str, tmp_path: Path) -> None:
    done = admin("sheet", device_id, "--yes", "--output", f"{tmp_path}/{'x' * 245}.pdf")
    assert (done.code, "reset again" in done.err) == (1, True)


def test_a_new_kiosk_connects_with_the_code_that_its_operator_made(admin: Admin, simulator: Simulator) -> None:
    device_id = admin("create", "Bar", "--json").json["deviceId"]
    token = token_in(admin("reset", device_id, "--yes", "--json").out, simulator)
    posted: list[object] = []

    times = Times(lambda: Moment(datetime(2027, 6, 2, tzinfo=UTC), 0.0), asyncio.sleep, lambda low, _: low)

    async def connected() -> None:
        async with http.client(ssl.create_default_context(), PATIENCE) as client:
            await Connector(client, Rhythm(), PATIENCE, posted.append, times).ask(1, token, Pace.NOW)

    asyncio.run(connected())
    [answer] = [each.answer for each in posted if isinstance(each, Answered)]
    assert isinstance(answer, Good)
    assert answer.logo_url


WRONG_USAGE: list[tuple[Sequence[str], str]] = [
    ((), "COMMAND"),
    (("lists",), "invalid choice"),
    (("show",), "ID"),
    (("show", ".."), "cannot be a device's id"),
    (("delete", "", "--yes"), "cannot be a device's id"),
    (("enable", "a\nb"), "cannot be a device's id"),
    (("create", " "), "needs a name"),
    (("create", "\udcff"), "not UTF-8"),
    (("update", "kiosk-7"), "Nothing to change"),
    (("update", "kiosk-7", "--enabled", "--disabled"), "not allowed with"),
    (("delete", "kiosk-7"), "needs --yes"),
    (("reset", "kiosk-7"), "needs --yes"),
    (("sheet", "kiosk-7", "--output", "codes.pdf"), "needs --yes"),
    (("sheet", "kiosk-7"), "--output"),
    (("sheet", "kiosk-7", "--yes", "--output", "codes.png"), "must end in one of .pdf"),
    (("list", "--tenant", ".."), "tenant's id cannot be used"),
    (("list", "--environment", "app.neostore.cloud"), "not a base address"),
    (("list", "--environment", "https://a.example/?b"), "not a base address"),
    (("list", "--environment", "https://user@a.example"), "not a base address"),
    (("list", "--environment", "http://[a"), "not a base address"),
    (("list", "--environment", "http://a.example"), "no encryption"),
    (("list", "--environment", "http://192.0.2.1"), "no encryption"),
    (("list", "--api-key-file", "/nowhere/key"), "/nowhere/key cannot be read: No such file"),
    (("list", "--api-key-file", "/dev/null"), "API key is empty"),
    (("list", "--bearer-file", "/dev/null"), "bearer token is empty"),
    (("list", "--bearer-file", "/dev/zero"), "too large"),
    (("list", "--api-key-file", "a\0b"), "cannot be read"),
]


@pytest.mark.parametrize(("arguments", "words"), WRONG_USAGE)
def test_wrong_usage_is_told_before_the_service_is_asked(
    admin: Admin, simulator: Simulator, arguments: Sequence[str], words: str
) -> None:
    done = admin(*arguments)
    assert (done.code, done.out, simulator.requests()) == (2, "", [])
    assert words in done.err


@pytest.mark.parametrize("option", ["--api-key", "--bearer", "--api-key=", "--api"])
def test_a_key_on_the_command_line_is_not_taken_and_not_repeated(admin: Admin, option: str) -> None:
    given = (f"{option}my-s3cret",) if option.endswith("=") else (option, "my-s3cret")
    done = admin("list", *given)
    assert done.code == 2
    assert ("my-s3cret" in done.err) is False


SETTINGS: list[tuple[Mapping[str, str], str]] = [
    ({"ENVIRONMENT": ""}, "Set CREWCHECK_ADMIN_ENVIRONMENT, or use --environment"),
    ({"TENANT": ""}, "Set CREWCHECK_ADMIN_TENANT, or use --tenant"),
    ({"API_KEY": ""}, "No credentials"),
    ({"API_KEY": "half a\nkey"}, "more than one line"),
    ({"API_KEY": "", "BEARER": "schlüssel"}, "character such as number 5 of"),
    ({"BEARER": "another"}, "Both CREWCHECK_ADMIN_API_KEY and CREWCHECK_ADMIN_BEARER"),
    ({"APIKEY": "half"}, "CREWCHECK_ADMIN_APIKEY: there is no such setting"),
]


@pytest.mark.parametrize(("environ", "words"), SETTINGS)
def test_a_wrong_setting_is_named_and_no_key_repeated(
    admin: Admin, monkeypatch: pytest.MonkeyPatch, environ: Mapping[str, str], words: str
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(f"CREWCHECK_ADMIN_{name}", value)
    done = admin("list")
    assert (done.code, words in done.err) == (2, True)
    assert not any(value in done.err for value in environ.values() if value)


@pytest.mark.parametrize("option", ["--api-key-file", "--bearer-file"])
def test_options_count_more_than_the_environment(
    admin: Admin, simulator: Simulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, option: str
) -> None:
    for name in ("ENVIRONMENT", "TENANT", "API_KEY", "BEARER"):
        monkeypatch.setenv(f"CREWCHECK_ADMIN_{name}", "https://wrong.example")
    (tmp_path / "key").write_text(f"\ufeff{simulator.api_key}\r\n")
    where = ("--environment", simulator.environment, "--tenant", "demo")
    assert admin(*where, option, str(tmp_path / "key"), "list").code == 0
    assert admin("list", *where, option, str(tmp_path / "key"), "--plain-http").code == 0


def test_a_bearer_token_comes_from_the_environment_as_well(
    admin: Admin, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREWCHECK_ADMIN_API_KEY", "")
    monkeypatch.setenv("CREWCHECK_ADMIN_BEARER", simulator.api_key)
    assert admin("list").code == 0


EVERY_COMMAND: Mapping[str, Sequence[str]] = {
    "list": (),
    "create": ("Bar",),
    "show": ("{id}",),
    "update": ("{id}", "--name", "Lounge 2"),
    "disable": ("{id}",),
    "enable": ("{id}",),
    "reset": ("{id}", "--yes", "--output", "{folder}/code.svg"),
    "sheet": ("{id}", "--yes", "--output", "{folder}/codes.pdf"),
    "delete": ("{id}", "--yes"),
}


@pytest.mark.parametrize("credential", ["API_KEY", "BEARER"])
def test_every_command_works_with_either_credential(
    admin: Admin,
    simulator: Simulator,
    device_id: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    credential: str,
) -> None:
    monkeypatch.delenv("CREWCHECK_ADMIN_API_KEY")
    monkeypatch.setenv(f"CREWCHECK_ADMIN_{credential}", simulator.api_key)
    assert set(re.findall(r"^    (\w+)  +\w", admin("--help").out, re.MULTILINE)) == set(EVERY_COMMAND)
    for command, arguments in EVERY_COMMAND.items():
        done = admin(command, *(each.format(id=device_id, folder=tmp_path) for each in arguments))
        assert done.code == 0, done.err
    assert [kiosk.name for kiosk in simulator.world.kiosks()] == ["Bar"]


def test_help_names_commands_settings_and_exit_codes(admin: Admin) -> None:
    told = admin("--help").out
    commands = ("list", "create", "show", "update", "enable", "disable", "delete", "reset", "sheet")
    for words in (*commands, "CREWCHECK_ADMIN_TENANT", "--api-key-file", "6 unknown device"):
        assert words in told
    assert "5 credentials refused" in admin("reset", "--help").out
    assert admin("--version").out == f"crewcheck-admin {__version__}\n"


def test_a_table_fits_its_room_and_never_cuts_an_id() -> None:
    rows = [("kiosk-0123456789", "名" * 20, "e\u0301" * 3 + "\x1b"), ("k", "n", "d" * 50)]
    wide = list(table(("ID", "NAME", "TEXT"), rows, None, (2, 1)))
    assert [width(line) for line in wide] == [64, 63, 110]
    narrow = list(table(("ID", "NAME", "TEXT"), rows, 48, (2, 1)))
    assert [width(line) <= 48 for line in narrow] == [True] * 3
    assert narrow[1].startswith("kiosk-0123456789  名")
    assert "…" in narrow[1]
    assert narrow[2].endswith("ddd…")
    assert list(table(("ID",), [("a",)], 80, (0,))) == ["ID", "a"]


class Terminal:
    """The program on a terminal of its own, with somebody who reads and types."""

    def __init__(self, *arguments: str, lines: int = 60, columns: int = 100, **environ: str) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        clean = {name: value for name, value in os.environ.items() if name not in {"LINES", "COLUMNS"}}
        self._process = subprocess.Popen(
            (*PROGRAM, *arguments),
            env={**clean, "PYTHONUTF8": "1", **environ},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self._heard = b""

    @property
    def seen(self) -> str:
        return self._heard.decode(errors="replace").replace("\r\n", "\n")

    @property
    def pid(self) -> int:
        return self._process.pid

    def until(self, words: str) -> None:
        while words not in self.seen:
            assert self._read(), self.seen

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def end(self) -> int:
        while self._read():
            pass
        os.close(self._ours)
        return self._process.wait(PATIENCE)

    def _read(self) -> bool:
        assert select.select([self._ours], [], [], PATIENCE)[0], self.seen
        try:
            data = os.read(self._ours, 65536)
        except OSError:  # the program has ended
            return False
        self._heard += data
        return bool(data)


def test_a_reset_on_a_terminal_is_confirmed_and_drawn(simulator: Simulator, device_id: str) -> None:
    terminal = Terminal("reset", device_id, lines=20)
    terminal.until("Type yes to go on: ")
    for words in (f"To reset: Lounge 1 ({device_id})", "cuts the kiosk off"):
        assert words in terminal.seen
    assert simulator.requests("reset") == []
    arguments = Path(f"/proc/{terminal.pid}/cmdline").read_text()
    assert simulator.api_key not in arguments
    terminal.type("yes\n")
    assert terminal.end() == 0
    assert is_current(token_in(read_code(seen_on_terminal(terminal.seen, 0)), simulator), simulator)
    assert "If it does not fit: " in terminal.seen
    assert simulator.api_key not in terminal.seen


@pytest.mark.parametrize("answer", ["y\n", "\x04"])
def test_what_is_not_confirmed_is_not_done(simulator: Simulator, device_id: str, answer: str) -> None:
    terminal = Terminal("delete", device_id, NOBODY, CREWCHECK_ADMIN_API_KEY="")
    terminal.until("API key (nothing is shown): ")
    terminal.type(f"{simulator.api_key}\n")
    terminal.until("Type yes to go on: ")
    assert f"To delete: {NOBODY}, which the service does not know" in terminal.seen
    terminal.type(answer)
    assert terminal.end() == 1
    assert "Nothing was changed." in terminal.seen
    assert simulator.requests("delete") == []
    assert simulator.api_key not in terminal.seen


def test_what_cannot_be_named_is_not_asked_about(simulator: Simulator) -> None:
    terminal = Terminal("delete", NOBODY)
    assert terminal.end() == 6
    assert "Type yes" not in terminal.seen


def test_interrupting_a_question_changes_nothing(simulator: Simulator, device_id: str) -> None:
    terminal = Terminal("delete", device_id)
    terminal.until("Type yes to go on: ")
    os.kill(terminal.pid, 2)
    assert terminal.end() == 130
    assert simulator.requests("delete") == []


def test_a_table_is_as_wide_as_the_terminal(simulator: Simulator) -> None:
    simulator.create_device("Lounge", description="a long story " * 20)
    terminal = Terminal("list", columns=80)
    assert terminal.end() == 0
    assert [len(line) for line in terminal.seen.splitlines()][1:] == [80]


def test_a_reader_that_has_seen_enough_is_left_in_peace(simulator: Simulator) -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run((*PROGRAM, "list", "--json"), stdout=write, stderr=subprocess.PIPE, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (1, b"")


def test_a_full_disk_is_told(simulator: Simulator) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run((*PROGRAM, "list", "--json"), stdout=full, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (1, b"crewcheck-admin: No space left on device\n")


def test_a_key_comes_from_standard_input(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREWCHECK_ADMIN_API_KEY")
    key = simulator.api_key.encode()
    done = subprocess.run((*PROGRAM, "list", "--api-key-file", "-"), input=key, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (0, b"")
    closed = subprocess.run(
        ("sh", "-c", 'exec "$@" <&-', "sh", *PROGRAM, "list", "--bearer-file", "-"), capture_output=True, check=False
    )
    assert (closed.returncode, b"bearer token is empty" in closed.stderr) == (2, True)


@pytest.mark.parametrize("option", ["--api-key-file", "--bearer-file"])
@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("s3cr3t\nand-more", "more than one line"),
        ("s3cr3t-é-more", "character such as number 8 of"),
        ("\ts3c\tr3t", "character such as number 4 of"),
        (" \n", "is empty"),
    ],
)
def test_what_is_wrong_with_a_key_is_told_without_the_key(
    admin: Admin, tmp_path: Path, option: str, key: str, words: str
) -> None:
    (tmp_path / "key").write_text(key, encoding="utf-8")
    done = admin("list", option, str(tmp_path / "key"))
    assert (done.code, done.out) == (2, "")
    assert words in done.err
    assert "s3c" not in done.err
