"""A name server that never answers: the one thing that a thread cannot be called back from."""

import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.journeys.conftest import Kiosk

from crewcheck_agent.kiosk.control import AgentUnreachable


def test_the_end_is_prompt_while_a_name_server_is_silent(kiosk: Kiosk, tmp_path: Path) -> None:
    private_mounts = shutil.which("unshare") and subprocess.run(("unshare", "--mount", "true"), check=False).returncode
    if private_mounts != 0:
        pytest.skip("a resolv.conf of its own for one process takes a mount, and mounts take root")
    silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    silent.bind(("127.0.0.67", 53))
    resolver = tmp_path / "resolv.conf"
    resolver.write_text("nameserver 127.0.0.67\noptions timeout:20 attempts:1\n")
    kiosk.settings["CREWCHECK_ALLOWED_ENVIRONMENTS"] = "https://kiosks.example"
    kiosk.state_dir.mkdir(mode=0o700)
    kiosk.write_token(
        {"deviceId": "d", "tenantId": "t", "apiKey": "a-made-up-key", "environment": "https://kiosks.example"}
    )
    inside = f"mount --bind {resolver} /etc/resolv.conf && exec {sys.executable} -m crewcheck_agent run"
    command = ("unshare", "--mount", "sh", "-c", inside)
    with silent, subprocess.Popen(command, env=kiosk.environ(), stderr=subprocess.PIPE) as agent:
        silent.settimeout(30)
        try:
            silent.recv(512)
        except TimeoutError:
            agent.kill()
            assert agent.stderr is not None
            pytest.fail(f"nobody asked the name server: {agent.stderr.read()!r}")
        began = time.monotonic()
        agent.terminate()
        assert agent.wait(30) == 0
        assert time.monotonic() - began < 1
    with pytest.raises(AgentUnreachable):
        kiosk.status()
