"""Every setting: its default, where it can come from, what it may be, and what is said of one that may not."""

import os
import re
from pathlib import Path
from typing import Any

import pytest

from crewcheck_agent.core.retry import Rhythm
from crewcheck_agent.settings import ConfigurationError, Settings, load_settings

CLOUDS = ("https://app.neostore.cloud", "https://app-qa.neostore.cloud")
DAY = 86_400


class Machine:
    """The configuration of this process, as a test writes it."""

    def __init__(self, file: Path, environ: pytest.MonkeyPatch) -> None:
        self.file = file
        self._environ = environ

    def write(self, text: str | bytes) -> None:
        self.file.write_bytes(text if isinstance(text, bytes) else text.encode())
        self.set(CREWCHECK_CONFIG=str(self.file))

    def set(self, **variables: str) -> None:
        for name, value in variables.items():
            self._environ.setenv(name, value)

    def complaint(self) -> str:
        with pytest.raises(ConfigurationError) as caught:
            load_settings()
        return str(caught.value)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    for name in os.environ:
        if name.upper().startswith("CREWCHECK_"):
            monkeypatch.delenv(name)
    for kind in ("STATE", "CACHE", "RUNTIME"):
        monkeypatch.setenv(f"{kind}_DIRECTORY", f"/srv/{kind.lower()}")
    machine = Machine(tmp_path / "agent.toml", monkeypatch)
    machine.write("")
    return machine


def test_the_defaults(machine: Machine) -> None:
    assert load_settings().model_dump() == {
        "state_dir": Path("/srv/state"),
        "cache_dir": Path("/srv/cache"),
        "runtime_dir": Path("/srv/runtime"),
        "allowed_environments": CLOUDS,
        "poll_interval": 60,
        "request_timeout": 10,
        "retry_initial": 1,
        "retry_max": 300,
        "language": "auto",
        "rotation": 0,
        "background": "auto",
        "scanner": "auto",
        "scanner_layout": "us",
        "overlay_key": "F12",
        "display_size": "",
    }
    assert load_settings().rhythm == Rhythm(60, 1, 300)


# (setting, as TOML writes it, as an environment variable has it, what it means)
GOOD: list[tuple[str, str, str, Any]] = [
    ("state_dir", '"/a"', "/a", Path("/a")),
    ("cache_dir", '"/a b/ü"', "/a b/ü", Path("/a b/ü")),
    ("runtime_dir", '"/run/x/"', "/run/x/", Path("/run/x")),
    ("allowed_environments", '["https://a.example"]', "https://a.example", ("https://a.example",)),
    ("allowed_environments", '["https://a.example"]', '["https://a.example"]', ("https://a.example",)),
    ("allowed_environments", '"https://a.example"', " https://a.example ", ("https://a.example",)),
    (
        "allowed_environments",
        '["https://a", "http://b:8080"]',
        "https://a,http://b:8080",
        ("https://a", "http://b:8080"),
    ),
    ("allowed_environments", '["https://a", "http://b"]', "https://a http://b", ("https://a", "http://b")),
    ("allowed_environments", '["https://a", "http://b"]', '["https://a", "http://b"]', ("https://a", "http://b")),
    ("allowed_environments", '["HTTPS://A.Example:443/"]', "HTTPS://A.Example:443/", ("https://a.example",)),
    ("allowed_environments", '["http://b:80"]', "http://b:80", ("http://b",)),
    ("allowed_environments", '["https://a:8443"]', "https://a:8443", ("https://a:8443",)),
    ("poll_interval", "1", "1", 1),
    ("poll_interval", "86400", "86400", DAY),
    ("poll_interval", "2.5", "2.5", 2.5),
    ("poll_interval", '"30"', "30", 30),
    ("request_timeout", "1", "1", 1),
    ("request_timeout", "60", "60", 60),
    ("retry_initial", "0.1", "0.1", 0.1),
    ("retry_initial", "60", "60", 60),
    ("retry_max", "1", "1", 1),
    ("retry_max", "86400", "86400", DAY),
    ("language", '"auto"', "auto", "auto"),
    ("language", '"en"', "en", "en"),
    ("language", '"fr"', "fr", "fr"),
    ("language", '"de"', "de", "de"),
    ("language", '"es"', "es", "es"),
    *(("rotation", str(degrees), str(degrees), degrees) for degrees in (0, 90, 180, 270)),
    ("rotation", '"90"', "90", 90),
    ("background", '"auto"', "auto", "auto"),
    ("background", '"#1a2B3c"', "#1a2B3c", "#1a2B3c"),
    ("scanner", '"auto"', "auto", "auto"),
    ("scanner", '"off"', "off", "off"),
    ("scanner", '"/dev/input/event3"', "/dev/input/event3", "/dev/input/event3"),
    *(("scanner_layout", f'"{each}"', each, each) for each in ("us", "fr", "de")),
    *(("overlay_key", f'"{each}"', each, each) for each in ("off", "F1", "F12")),
    ("display_size", '""', "", ""),
    ("display_size", '"800x480"', "800x480", "800x480"),
    ("display_size", '"16384x100"', "16384x100", "16384x100"),
]


@pytest.mark.parametrize(("name", "toml", "variable", "value"), GOOD)
def test_a_good_value_in_the_file_or_in_the_environment(
    machine: Machine, name: str, toml: str, variable: str, value: Any
) -> None:
    machine.write(f"{name} = {toml}")
    assert getattr(load_settings(), name) == value
    machine.write("")
    machine.set(**{f"CREWCHECK_{name.upper()}": variable})
    assert getattr(load_settings(), name) == value


def test_every_setting_has_its_good_values() -> None:
    assert {name for name, *_ in GOOD} == set(Settings.model_fields)


def test_the_environment_comes_before_the_file_key_by_key(machine: Machine) -> None:
    machine.write("poll_interval = 20\nrequest_timeout = 20")
    machine.set(CREWCHECK_POLL_INTERVAL="30")
    assert (load_settings().poll_interval, load_settings().request_timeout) == (30, 20)
    machine.set(CREWCHECK_STATE_DIR="/elsewhere")
    assert load_settings().state_dir == Path("/elsewhere")


SECONDS = {"poll_interval": "1 to 86400", "request_timeout": "1 to 60", "retry_initial": "0.1 to 60"}
BAD: list[tuple[str, str, str | None, str]] = [  # (setting, TOML, environment variable if it can be, what is allowed)
    *((f"{kind}_dir", '""', "", "an absolute path") for kind in ("state", "cache", "runtime")),
    ("state_dir", '"here"', "here", "an absolute path"),
    ("state_dir", '"/a\\u0000b"', None, "an absolute path"),
    ("state_dir", "7", None, "an absolute path"),
    *(
        ("allowed_environments", f'["{each}"]', each, "a list of origins")
        for each in (
            "nonsense",
            "a.example",
            "ftp://a.example",
            "https://",
            "https://a.example/base",
            "https://a.example?x",
            "https://a.example#x",
            "https://u@a.example",
            "https://u:p@a.example:443",
            "https://a.example:x",
            "https://*.example/*",
        )
    ),
    ("allowed_environments", '["https://a.example", "nonsense"]', "https://a.example,nonsense", "a list of origins"),
    ("allowed_environments", "7", None, "a list of origins"),
    ("allowed_environments", "[]", "", "a list of origins"),
    ("allowed_environments", "[7]", None, "a list of origins"),
    *((name, value, value, f"{allowed} seconds") for name, allowed in SECONDS.items() for value in ("0", "-5", "nan")),
    *((name, "true", "true", f"{allowed} seconds") for name, allowed in SECONDS.items()),
    *((name, '"soon"', "soon", f"{allowed} seconds") for name, allowed in SECONDS.items()),
    *((name, "[1]", "[1]", f"{allowed} seconds") for name, allowed in SECONDS.items()),
    *((name, "2026-01-01", "", f"{allowed} seconds") for name, allowed in SECONDS.items()),
    ("poll_interval", "0.999", "0.999", "1 to 86400 seconds"),
    ("poll_interval", "86401", "86401", "1 to 86400 seconds"),
    ("poll_interval", "inf", "inf", "1 to 86400 seconds"),
    ("poll_interval", "1" + "0" * 400, "1" + "0" * 400, "1 to 86400 seconds"),
    ("request_timeout", "60.1", "60.1", "1 to 60 seconds"),
    ("retry_initial", "0.09", "0.09", "0.1 to 60 seconds"),
    ("retry_initial", "61", "61", "0.1 to 60 seconds"),
    ("retry_max", "86401", "86401", "retry_initial to 86400 seconds"),
    ("language", '"it"', "it", "auto, en, fr, de or es"),
    ("language", '"EN"', "EN", "auto, en, fr, de or es"),
    ("language", "1", None, "auto, en, fr, de or es"),
    *(("rotation", each, each, "0, 90, 180 or 270 degrees") for each in ("45", "-90", "360", "91.5", "true")),
    ("rotation", "false", None, "0, 90, 180 or 270 degrees"),
    ("rotation", '"²"', "²", "0, 90, 180 or 270 degrees"),
    *(("background", f'"{each}"', each, "a colour such as #1a2b3c") for each in ("red", "#123", "#1234567", "#12345g")),
    *(("scanner", f'"{each}"', each, "a device path") for each in ("", "on", "dev/x", "/")),
    *(("scanner_layout", f'"{each}"', each, "us, fr or de") for each in ("", "auto", "US", "es")),
    ("scanner", '"/dev/x\\u0000"', None, "a device path"),
    *(("overlay_key", f'"{each}"', each, "off, or F1 to F12") for each in ("", "f12", "F13", "Enter")),
    *(
        ("display_size", f'"{each}"', each, "WIDTHxHEIGHT")
        for each in ("1920", "1920x", "0x480", "800*480", "800X480", "1x1", "-800x480", "800x480 ", "123456x10")
    ),
]


@pytest.mark.parametrize(("name", "toml", "variable", "allowed"), BAD)
def test_a_bad_value_is_named_with_its_key_and_what_is_allowed(
    machine: Machine, name: str, toml: str, variable: str | None, allowed: str
) -> None:
    machine.write(f"{name} = {toml}")
    complaint = machine.complaint()
    assert complaint.startswith(f"{machine.file}: {name} = ")
    assert allowed in complaint.partition(" Allowed: ")[2]
    if variable is not None:
        machine.write("")
        machine.set(**{f"CREWCHECK_{name.upper()}": variable})
        complaint = machine.complaint()
        assert complaint.startswith(f"CREWCHECK_{name.upper()} = ")
        assert re.sub("//.*@", "//…@", variable) in complaint, "but nobody's password"
        assert allowed in complaint.partition(" Allowed: ")[2]


def test_the_longest_wait_is_at_least_the_first(machine: Machine) -> None:
    machine.write("retry_initial = 10\nretry_max = 9.5")
    assert machine.complaint() == f"{machine.file}: retry_max (9.5) must be at least retry_initial (10)."
    machine.set(CREWCHECK_RETRY_MAX="8")
    assert machine.complaint() == "CREWCHECK_RETRY_MAX: retry_max (8) must be at least retry_initial (10)."
    machine.set(CREWCHECK_RETRY_MAX="10")
    assert load_settings().rhythm == Rhythm(60, 10, 10)


def test_every_mistake_is_told_at_once(machine: Machine) -> None:
    machine.write("poll_interval = 0\nunknown = 2\nrotation = 1")
    lines = machine.complaint().splitlines()
    assert [line.split(" = ")[0].removeprefix(f"{machine.file}: ") for line in lines] == [
        "poll_interval", "rotation", "unknown"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("polling = 5", "polling = 5"),
        ('name = "x"', "name = 'x'"),
        ('api_key = "s3cr3t"', "api_key = …"),
        ('Token = "s3cr3t"', "Token = …"),
        ('admin-password = "s3cr3t"', "admin-password = …"),
        ('credentials = "s3cr3t"', "credentials = …"),
        ('[admin]\napi_key = "s3cr3t"', "admin = …"),
        ('list = ["s3cr3t"]', "list = …"),
    ],
)
def test_an_unknown_key_in_the_file(machine: Machine, line: str, shown: str) -> None:
    machine.write(line)
    complaint = machine.complaint()
    assert complaint.startswith(f"{machine.file}: {shown}: there is no such setting. Allowed: allowed_environments, ")
    assert "s3cr3t" not in complaint


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("CREWCHECK_POLLING", "5", "'5'"),
        ("crewcheck_polling", "5", "'5'"),
        ("CREWCHECK_", "5", "'5'"),
        ("CREWCHECK_CONFIGURATION", "/x", "'/x'"),
        ("CREWCHECK_API_KEY", "s3cr3t", "…"),
        ("CREWCHECK_TOKEN", "s3cr3t", "…"),
        ("CREWCHECK_BEARER", "s3cr3t", "…"),
        ("CREWCHECK_Secret", "s3cr3t", "…"),
        ("CREWCHECK_PASSPHRASE", "s3cr3t", "…"),
    ],
)
def test_an_unknown_variable(machine: Machine, name: str, value: str, shown: str) -> None:
    machine.set(**{name: value})
    complaint = machine.complaint()
    assert complaint.startswith(
        f"{name} = {shown}: there is no such setting. Allowed: CREWCHECK_ALLOWED_ENVIRONMENTS, "
    )
    assert "s3cr3t" not in complaint


def test_variables_of_others_are_left_alone(machine: Machine) -> None:
    machine.set(CREWCHECK_ADMIN_API_KEY="s3cr3t", CREWCHECK_ADMIN_TENANT="x", CREWCHECKS="1", POLL_INTERVAL="5")
    assert load_settings().poll_interval == 60


def test_the_case_of_a_variable_does_not_matter_and_is_told_as_it_is(machine: Machine) -> None:
    machine.set(crewcheck_poll_interval="5")
    assert load_settings().poll_interval == 5
    machine.set(crewcheck_poll_interval="0")
    assert machine.complaint().startswith("crewcheck_poll_interval = '0': ")


@pytest.mark.parametrize(
    "text", [b"x", b"[", b"x = ", b'x = "\xff"', b"x = 1\nx = 2", b"\xff\xfe", b"x = " + b"[" * 100_000]
)
def test_a_file_that_is_no_toml(machine: Machine, text: bytes) -> None:
    machine.write(text)
    assert machine.complaint().startswith(f"{machine.file} is not valid TOML: ")


def test_a_file_that_is_named_must_be_there(machine: Machine, tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.toml", tmp_path):
        machine.set(CREWCHECK_CONFIG=str(path))
        assert machine.complaint() == f"CREWCHECK_CONFIG names {path}, and there is no such file."


def test_an_empty_name_is_none(machine: Machine) -> None:
    machine.set(CREWCHECK_CONFIG="", CREWCHECK_POLL_INTERVAL="5")
    assert load_settings().poll_interval == 5


def test_a_file_that_cannot_be_read(machine: Machine) -> None:
    machine.set(CREWCHECK_CONFIG="/proc/self/mem")  # a file by every sign, and reading it fails for root, too
    assert machine.complaint() == "/proc/self/mem cannot be read: Input/output error"


def test_settings_do_not_change(machine: Machine) -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings().poll_interval = 5
