"""What a support archive is made of: each part with its name, and how it is had."""

import io
import json
import os
import platform
import pwd
import re
import stat
import subprocess
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from itertools import islice
from pathlib import Path
from typing import Any

from PIL import Image

from crewcheck_agent import __version__
from crewcheck_agent.doctor.lookup import name_servers
from crewcheck_agent.doctor.patient import UNIT, Patient
from crewcheck_agent.kiosk.interfaces import interfaces
from crewcheck_agent.kiosk.variables import tellable, without_sign_ins
from crewcheck_agent.settings import Settings
from crewcheck_agent.tools.agent import Agent
from crewcheck_agent.tools.doctor import examined, told
from crewcheck_agent.tools.terminal import Paper

_LONGEST = 2 * 1024 * 1024  # bytes of its words that are kept: the last
_JOURNAL_LINES = 5000
_MOST_FILES = 1000
_WIDTH = 100  # columns
_LIBRARIES = (
    *("cryptography", "evdev", "httpx", "pillow", "pydantic", "pydantic-settings", "pygame", "pyroute2", "pyudev"),
    *("segno", "systemd-python", "tenacity", "zxing-cpp"),
)
_PACKAGES = ("crewcheck-agent*", "python3-*", "libsdl2*", "libgl1-mesa-dri", "systemd", "linux-image-*", "librsvg2-bin")


class Unavailable(Exception):  # noqa: N818 - told as what the part is
    """A part cannot be had; the text says why."""


@dataclass(frozen=True, slots=True)
class Part:
    """One file of the archive.

    Attributes:
        name: the file's.
        fetch: gets its content; may raise Unavailable, OSError or AgentUnreachable.
        may_hold_secrets: it comes from where a secret may have got to, and only who knows the secrets may pass it on.
        binary: not a text.
    """

    name: str
    fetch: Callable[[], bytes]
    may_hold_secrets: bool = True
    binary: bool = False


def parts(patient: Patient, agent: Agent, patience: float = 20.0) -> Sequence[Part]:
    """All that tells about this kiosk. What the agent and the doctor say is clean by itself.

    Args:
        patient: the kiosk.
        agent: the running one, if there is one.
        patience: seconds for another program's answer.
    """
    found: dict[str, Any] = {}

    def examination() -> Mapping[str, Any]:
        if not found:
            found.update(examined(patient, progress=True))
        return found

    return (
        Part("status.json", lambda: _json(agent.status()), may_hold_secrets=False),
        Part("doctor.txt", lambda: _lines(told(examination(), Paper(_WIDTH))), may_hold_secrets=False),
        Part("doctor.json", lambda: _json(examination()), may_hold_secrets=False),
        Part("screen.png", lambda: _picture(agent), may_hold_secrets=False, binary=True),
        Part("network.json", _network, may_hold_secrets=False),
        Part("versions.txt", lambda: _versions(patience), may_hold_secrets=False),
        Part("journal.txt", lambda: _journal(patience)),
        Part("unit.txt", lambda: _said(patience, "systemctl", "show", UNIT)),
        Part("configuration.toml", lambda: _configuration(patient.file.read_bytes())),
        Part("settings.json", lambda: _json(_settings(patient))),
        Part("files.txt", lambda: _lines(_files(patient.settings))),
    )


def _json(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=1, default=str).encode() + b"\n"


def _lines(lines: Iterator[str]) -> bytes:
    return "\n".join(lines).encode() + b"\n"


def _picture(agent: Agent) -> bytes:
    width, height, pixels = agent.look()
    file = io.BytesIO()
    Image.frombytes("RGB", (width, height), pixels).save(file, "PNG")
    return file.getvalue()


def _network() -> bytes:
    variables, hidden = tellable(os.environ)
    proxies = {name: value for name, value in variables.items() if name.upper().endswith("_PROXY")}
    return _json(
        {
            "interfaces": [asdict(each) for each in interfaces()],
            "nameServers": name_servers(),
            "proxies": proxies,
            "proxiesWithSignIn": hidden,
        }
    )


def _versions(patience: float) -> bytes:
    system = platform.uname()
    lines = [f"crewcheck-agent {__version__}", f"Python {platform.python_version()}"]
    with suppress(OSError):
        lines.append(platform.freedesktop_os_release().get("PRETTY_NAME", ""))
    lines += [f"{system.system} {system.release} {system.version} {system.machine}", "", "Libraries:"]
    lines += [f"  {name} {_version(name)}" for name in _LIBRARIES]
    with suppress(Unavailable):
        lines += ["", "Packages:", _packages(patience)]
    return "\n".join(lines).encode() + b"\n"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "–"  # noqa: RUF001 - a dash, for people


def _packages(patience: float) -> str:
    """Of Debian's, those that matter here; dpkg-query(1) fails where one of the patterns matches none."""
    layout = "${db:Status-Abbrev} ${binary:Package} ${Version}\n"
    listed = _said(patience, "dpkg-query", "--show", f"--showformat={layout}", *_PACKAGES, complete=False)
    lines = (line.split() for line in listed.decode(errors="replace").splitlines())
    return "\n".join(f"  {' '.join(words[1:])}" for words in lines if words[0] == "ii")


def _journal(patience: float) -> bytes:
    words = _said(
        patience,
        *("journalctl", "--unit", UNIT, "--no-pager", "--output", "short-iso-precise"),
        *("--lines", str(_JOURNAL_LINES), "--quiet"),
    )
    if not words.strip():
        raise Unavailable("the journal has no entry of the service, or none that this user may read")
    return words


def _said(patience: float, *command: str, complete: bool = True) -> bytes:
    """What another program says, in English; its last words where it says too much."""
    try:
        run = subprocess.run(  # noqa: S603 - our own words
            command,
            capture_output=True,
            timeout=patience,
            check=False,
            env={**os.environ, "LC_ALL": "C.UTF-8", "SYSTEMD_COLORS": "0"},
        )
    except OSError as error:
        raise Unavailable(f"{command[0]}: {error.strerror}") from None
    except subprocess.TimeoutExpired:
        raise Unavailable(f"{command[0]} does not answer") from None
    if complete and run.returncode:
        raise Unavailable(f"{command[0]}: {run.stderr.decode(errors='replace').strip()[:200]}")
    if len(run.stdout) <= _LONGEST:
        return run.stdout
    return run.stdout[-_LONGEST:].partition(b"\n")[2]  # whole lines


def _configuration(content: bytes) -> bytes:
    """The settings in the file. What is no setting may be a secret, whatever it is called; so may a remark."""
    try:
        found = tomllib.loads(content.decode())
    except (ValueError, RecursionError):
        raise Unavailable("it is not valid TOML, and a secret in it could not be told from a setting") from None
    return "".join(f"{_quoted(name)} = {_value(name, value)}\n" for name, value in found.items()).encode()


def _quoted(name: str) -> str:
    return name if re.fullmatch("[A-Za-z0-9_-]+", name) else json.dumps(name)


def _value(name: str, value: object) -> str:
    texts = value if isinstance(value, list) else [value]
    if name not in Settings.model_fields or not all(isinstance(each, str | int | float) for each in texts):
        return '"…"'
    return without_sign_ins(json.dumps(value, ensure_ascii=False))


def _settings(patient: Patient) -> Mapping[str, Mapping[str, object]]:
    """Every setting in force, and where it comes from."""
    in_file: Mapping[str, object] = {}
    with suppress(OSError, ValueError):
        in_file = tomllib.loads(patient.file.read_text(encoding="utf-8"))
    variables = {name.upper() for name in patient.environ}

    def source(name: str) -> str:
        if f"CREWCHECK_{name.upper()}" in variables:
            return "environment"
        return "file" if name in in_file else "default"

    values = patient.settings.model_dump(mode="json")
    return {name: {"value": value, "from": source(name)} for name, value in values.items()}


def _files(settings: Settings) -> Iterator[str]:
    """What lies in the agent's folders: never what is in it."""
    for folder in (settings.state_dir, settings.cache_dir):
        for path in (folder, *sorted(islice(folder.rglob("*"), _MOST_FILES))):
            yield _listed(path)


def _listed(path: Path) -> str:
    try:
        found = path.lstat()
    except OSError as error:
        return f"{path}: {error.strerror}"
    owner = str(found.st_uid)
    with suppress(KeyError):
        owner = pwd.getpwuid(found.st_uid).pw_name
    changed = datetime.fromtimestamp(found.st_mtime, UTC)
    return f"{stat.filemode(found.st_mode)} {owner:16} {found.st_size:>10} {changed:%Y-%m-%d %H:%M:%SZ} {path}"
