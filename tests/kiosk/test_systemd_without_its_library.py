"""Readiness where python3-systemd is not installed, against a real socket."""

import socket
import sys
from pathlib import Path

import pytest

from crewcheck_agent.kiosk.systemd import ServiceManager


@pytest.mark.parametrize("form", ["{}/notify", "@{}"])
def test_the_service_manager_hears_of_it_all_the_same(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "systemd", None)
    address = form.format(tmp_path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.settimeout(5)
        manager.bind(address.replace("@", "\0"))
        agent = ServiceManager({"NOTIFY_SOCKET": address})
        agent.status("waiting for a connection code")
        agent.status("waiting for a connection code")
        agent.ready()
        assert [manager.recv(999), manager.recv(999)] == [b"STATUS=waiting for a connection code", b"READY=1"]


@pytest.mark.parametrize("installed", ["with", "without"])
def test_a_service_manager_that_is_gone_disturbs_nobody(
    installed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if installed == "without":
        monkeypatch.setitem(sys.modules, "systemd", None)
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    ServiceManager({"NOTIFY_SOCKET": str(tmp_path / "gone")}).ready()
