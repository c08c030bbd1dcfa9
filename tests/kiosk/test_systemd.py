"""What the service manager hears, word for word, on a real notify socket."""

import os
import socket
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from crewcheck_agent.kiosk.systemd import ServiceManager


@pytest.fixture
def heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[str]]]:
    """Everything that was heard so far."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(0)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))

        def so_far() -> list[str]:
            messages = []
            while True:
                try:
                    messages.append(manager.recv(4096).decode())
                except BlockingIOError:
                    return messages

        yield so_far


WORDS: list[tuple[Callable[[ServiceManager], object], list[str]]] = [
    (lambda manager: manager.ready(), ["READY=1"]),
    (lambda manager: manager.alive(), ["WATCHDOG=1"]),
    (lambda manager: manager.stopping(), ["STOPPING=1"]),
    (lambda manager: manager.waiting(32.5), ["EXTEND_TIMEOUT_USEC=32500000"]),
    (lambda manager: manager.status("connecté"), ["STATUS=connecté"]),
    (lambda manager: deque(map(manager.status, "aabba")), ["STATUS=a", "STATUS=b", "STATUS=a"]),
]


@pytest.mark.parametrize(("say", "expected"), WORDS)
def test_each_thing_is_said_in_the_words_of_sd_notify(
    say: Callable[[ServiceManager], object],
    expected: list[str],
    heard: Callable[[], list[str]],
    tmp_path: Path,
) -> None:
    say(ServiceManager({"NOTIFY_SOCKET": str(tmp_path / "notify")}))
    assert heard() == expected


def test_a_reload_carries_the_moment_that_systemd_asks_for(heard: Callable[[], list[str]], tmp_path: Path) -> None:
    before = time.monotonic_ns() // 1000
    ServiceManager({"NOTIFY_SOCKET": str(tmp_path / "notify")}).reloading()
    (message,) = heard()
    first, _, second = message.partition("\n")
    assert first == "RELOADING=1"
    assert before <= int(second.removeprefix("MONOTONIC_USEC=")) <= time.monotonic_ns() // 1000


def test_without_a_service_manager_nothing_is_said(heard: Callable[[], list[str]]) -> None:
    nobody = ServiceManager({})
    for say, _ in WORDS:
        say(nobody)
    nobody.reloading()
    assert heard() == []


@pytest.mark.parametrize(
    ("environ", "interval"),
    [
        ({"NOTIFY_SOCKET": "/n", "WATCHDOG_USEC": "30000000"}, 10.0),
        ({"NOTIFY_SOCKET": "/n", "WATCHDOG_USEC": "600000"}, 0.2),
        ({"NOTIFY_SOCKET": "/n", "WATCHDOG_USEC": ""}, None),
        ({"NOTIFY_SOCKET": "/n", "WATCHDOG_USEC": "soon"}, None),
        ({"NOTIFY_SOCKET": "/n", "WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 10.0),
        ({"NOTIFY_SOCKET": "/n", "WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"NOTIFY_SOCKET": "/n"}, None),
        ({"WATCHDOG_USEC": "30000000"}, None),
    ],
)
def test_the_watchdog_is_fed_three_times_as_often_as_asked(environ: Mapping[str, str], interval: float | None) -> None:
    assert ServiceManager(environ).watchdog_interval == pytest.approx(interval)
