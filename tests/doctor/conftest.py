"""A kiosk to examine: the real command on a machine of its own, and servers for bad days."""

import json
import os
import shutil
import ssl
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import trustme
from tests.cloud.conftest import Script, Server
from tests.cloud.conftest import authority as authority  # noqa: PLC0414 - a fixture
from tests.cloud.conftest import serve as serve  # noqa: PLC0414 - a fixture
from tests.tools.machine import Machine

PATIENCE = 60.0
KEY = "canary+key/with=signs"
NO_KEY = b'{"title": "Unauthorized", "status": 401}'


def is_root() -> bool:
    return os.geteuid() == 0


def can_have(*own: str) -> bool:
    """Whether a process can have these of its own: `--mount`, `--net`."""
    return bool(is_root() and shutil.which("unshare")) and (
        subprocess.run(("unshare", *own, "true"), check=False, capture_output=True).returncode == 0
    )


NO_MOUNTS = "mounts of one's own take root, and a root directory that is a mount: in a chroot there are none"
needs_mounts = pytest.mark.skipif(not can_have("--mount"), reason=NO_MOUNTS)
needs_network = pytest.mark.skipif(not can_have("--net"), reason="a network of one's own takes root")


@dataclass
class Clinic:
    """Where a kiosk is examined: every test arranges what is wrong with it, and reads what the doctor says."""

    machine: Machine
    serve: Callable[..., Server]
    authority: trustme.CA
    environ: dict[str, str] = field(default_factory=dict)
    before: str = ""
    """Shell commands for a private world of network, and of mounts if need be, that the examination takes place in."""
    network: bool = True
    """Whether that world has a network of its own, with nothing in it."""

    @property
    def state(self) -> Path:
        folder = self.machine.folder / "state"
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    def provision(self, environment: str) -> None:
        """This kiosk belongs to that service."""
        self.environ["CREWCHECK_ALLOWED_ENVIRONMENTS"] = environment
        file = self.state / "token.json"
        file.write_text(
            json.dumps({"deviceId": "kiosk-7", "tenantId": "acme", "apiKey": KEY, "environment": environment})
        )
        file.chmod(0o600)

    def server(self, script: Script, tls: ssl.SSLContext | None = None) -> Server:
        """A service, and a kiosk that belongs to it."""
        server = self.serve(script, tls)
        self.provision(server.url)
        return server

    def secured(self, script: Script, *names: str, by: trustme.CA | None = None, **terms: Any) -> Server:
        """The same over https, with a certificate for these names."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        (by or self.authority).issue_cert(*names, **terms).configure_cert(context)
        return self.server(script, context)

    def trust(self) -> None:
        """This machine's authorities: the one of the tests, and no other."""
        file = self.machine.folder / "authorities.pem"
        self.authority.cert_pem.write_to_path(str(file))
        file.chmod(0o644)
        self.environ["SSL_CERT_FILE"] = str(file)

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
        command = [sys.executable, "-m", "crewcheck_agent", *arguments]
        if self.before:
            command = [
                "unshare",
                *(["--mount"] if "mount " in self.before else []),
                *(["--net"] if self.network else []),
                "sh",
                "-ec",
                f'{self.before}\nexec "$@"',
                "sh",
                *command,
            ]
        environ = {**self.machine.environ, "CREWCHECK_REQUEST_TIMEOUT": "2", **self.environ}
        return subprocess.run(command, env=environ, capture_output=True, timeout=PATIENCE, check=False)

    def examine(self) -> "Report":
        run = self.run("doctor", "--json")
        assert run.stdout, run.stderr.decode()
        assert KEY.encode() not in run.stdout + run.stderr
        report = Report(json.loads(run.stdout), run.returncode)
        assert report.code == (0 if report.fields["ok"] else 2 if report["configuration"]["code"] else 1)
        return report


@dataclass
class Report:
    """What `doctor --json` said, and its exit code."""

    fields: Mapping[str, Any]
    code: int

    def __getitem__(self, step: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = next(each for each in self.fields["steps"] if each["step"] == step)
        return found

    @property
    def first(self) -> tuple[str, str, str]:
        """The first cause: its step, its code, who must act."""
        first = self.fields["first"]
        return (first["step"], first["code"], first["who"]) if first else ("", "", "")

    def verdicts(self, *steps: str) -> list[str]:
        return [self[step]["verdict"] for step in steps]


@pytest.fixture
def clinic(tmp_path: Path, serve: Callable[..., Server], authority: trustme.CA) -> Clinic:
    clinic = Clinic(Machine(tmp_path), serve, authority)
    for name in list(clinic.machine.environ):
        if name.lower().endswith("_proxy"):
            del clinic.machine.environ[name]
    clinic.trust()
    return clinic
