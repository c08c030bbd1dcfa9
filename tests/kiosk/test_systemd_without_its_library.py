"""Readiness where python3-systemd is not installed, against a real socket."""

import socket
import sys
from pathlib import Path

import pytest

from crewcheck_agent.kiosk.systemd import ServiceManager


@pytest.mark.parametrize("abstract", [False, True])
def test_the_service_manager_hears_of_it_all_the_same(
    abstract: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "systemd", None)
    address = f"@crewcheck-{tmp_path.name}-{id(tmp_path)}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.settimeout(5)
        manager.bind("\0" + address[1:] if abstract else address)
        agent = ServiceManager({"NOTIFY_SOCKET": address})
        agent.status("waiting for a connection code")
        agent.status("waiting for a connection code")
        agent.ready()
        assert [manager.recv(999), manager.recv(999)] == [b"STATUS=waiting for a connection code", b"READY=1"]


def test_a_service_manager_that_is_gone_disturbs_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "systemd", None)
    ServiceManager({"NOTIFY_SOCKET": str(tmp_path / "gone")}).ready()
