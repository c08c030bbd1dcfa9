"""The other thread: what is asked of it is done, whenever it was asked, and what breaks in it is heard of."""

import asyncio
import json
import os
import pty
import queue
import socket
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest
from tests.kiosk.hosting import PATIENCE, hosting

from crewcheck_agent.core.events import Missed, Scheduled
from crewcheck_agent.core.kiosk import Logo
from crewcheck_agent.core.picture import Box
from crewcheck_agent.core.problem import Code
from crewcheck_agent.core.retry import Pace, Rhythm
from crewcheck_agent.core.screen import Scanner
from crewcheck_agent.core.status import ScannerReport
from crewcheck_agent.core.token import ConnectionToken, Identity, Secret
from crewcheck_agent.errands import Asked, Broken, Errands, News, Open, Plan, Stirred, now
from crewcheck_agent.kiosk.control import AlreadyRunning, Reply
from crewcheck_agent.kiosk.hotplug import Plugged
from crewcheck_agent.kiosk.pictures import Pictures
from crewcheck_agent.kiosk.scanner.scanners import Scanned, ScannerPlan

NOBODY_THERE = ConnectionToken(Identity("tenant", "device", "http://127.0.0.1:9"), Secret("key"))  # RFC 863: discard
RHYTHM = Rhythm(60, 1, 300)
Kind = TypeVar("Kind", bound=News)


class Desk:
    """Errands with somebody who reads what they post."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "run" / "control.sock"
        self.plan = Plan(self.socket, RHYTHM, 5.0)
        self.posted: queue.SimpleQueue[News] = queue.SimpleQueue()
        self.errands = Errands(self.plan, Pictures(folder / "cache"), self.posted.put)

    def next(self, kind: type[Kind]) -> Kind:
        """The next news of this kind."""
        while True:
            news = self.posted.get(timeout=PATIENCE)
            assert isinstance(news, kind) or not isinstance(news, Broken), news
            if isinstance(news, kind):
                return news

    def settle(self) -> None:
        """Let everything be done that was asked for so far."""
        done = threading.Event()
        self.errands._call(done.set)
        assert done.wait(PATIENCE)

    def so_far(self) -> list[News]:
        self.settle()
        return [self.posted.get() for _ in range(self.posted.qsize())]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Not started yet."""
    desk = Desk(tmp_path)
    yield desk
    if desk.errands._thread.is_alive():
        desk.errands.stop(PATIENCE)
        assert not desk.errands._thread.is_alive()
    else:
        desk.errands._loop.close()


def test_what_was_asked_for_before_the_beginning_is_done_then(desk: Desk) -> None:
    """The daemon does not wait for its other thread: a question lost here is never put."""
    desk.errands.ask(1, NOBODY_THERE, Pace.NOW)
    desk.errands.replan(desk.plan)
    desk.errands.remake_picture(1, Logo("https://x/l.png", "ab" * 32, now().wall), Box(8, 4))
    desk.errands.start()
    assert desk.next(Missed).problem.code is Code.NETWORK


def test_the_control_socket_is_open_when_it_says_so(desk: Desk) -> None:
    desk.errands.start()
    assert desk.next(Open).error is None
    with socket.socket(socket.AF_UNIX) as guest:
        guest.settimeout(PATIENCE)
        guest.connect(str(desk.socket))
        guest.sendall(b'{"do": "status"}\n')
        conversation = desk.next(Asked).conversation
        assert conversation.request == {"do": "status"}
        conversation.reply(Reply({"state": "fine"}))
        assert json.loads(guest.makefile("rb").read())["reply"] == {"state": "fine"}


def a_folder_in_its_place(path: Path) -> None:
    path.mkdir(parents=True)


def a_file_as_its_folder(path: Path) -> None:
    path.parent.write_text("")


@pytest.mark.parametrize("spoil", [a_folder_in_its_place, a_file_as_its_folder])
def test_without_a_control_socket_the_errands_are_run_all_the_same(desk: Desk, spoil: Callable[[Path], Any]) -> None:
    spoil(desk.socket)
    desk.errands.start()
    assert isinstance(desk.next(Open).error, OSError)
    desk.errands.ask(1, NOBODY_THERE, Pace.NOW)
    assert desk.next(Missed).claim == 1


def test_another_agent_is_told_apart_from_a_socket_that_cannot_be_made(desk: Desk) -> None:
    with hosting(desk.socket):
        desk.errands.start()
        assert isinstance(desk.next(Open).error, AlreadyRunning)


def test_a_later_question_under_a_claim_takes_the_earlier_ones_place(desk: Desk) -> None:
    desk.errands.start()
    desk.next(Open)
    before = now().steady
    desk.errands.ask(1, NOBODY_THERE, Pace.SLOW)
    assert desk.next(Scheduled).next_attempt.steady > before + 300
    desk.errands.ask(1, NOBODY_THERE, Pace.NOW)
    desk.errands.ask(2, NOBODY_THERE, Pace.NOW)
    assert {desk.next(Missed).claim, desk.next(Missed).claim} == {1, 2}
    tasks = asyncio.all_tasks(desk.errands._loop)
    assert sorted(name for task in tasks if (name := task.get_name()).startswith("ask")) == ["ask 1", "ask 2"]
    desk.errands.stop_asking(1)
    desk.errands.stop_asking(7)
    desk.so_far()
    assert sorted(desk.errands._tasks) == ["ask 2"]


def test_an_errand_that_breaks_is_heard_of_and_the_others_go_on(desk: Desk) -> None:
    desk.errands.start()
    desk.next(Open)
    desk.errands.ask(1, NOBODY_THERE, "no such pace")  # type: ignore[arg-type] # a fault of our own
    broken = desk.next(Broken)
    assert isinstance(broken.error, Exception)
    desk.errands.ask(2, NOBODY_THERE, Pace.NOW)
    assert desk.next(Missed).claim == 2
    assert sorted(desk.errands._tasks) == ["ask 2"]


def test_a_beginning_that_fails_is_heard_of(desk: Desk) -> None:
    desk.errands._plan = None  # type: ignore[assignment] # a fault of our own
    desk.errands.start()
    assert isinstance(desk.next(Broken).error, AttributeError)
    desk.errands.ask(1, NOBODY_THERE, Pace.NOW)  # nobody is there to do it, and nobody minds
    desk.errands.stop(PATIENCE)


def test_what_stirs_is_told_once_until_it_is_listened_to_again(desk: Desk) -> None:
    desk.errands.start()
    desk.next(Open)
    read, write = os.pipe()
    other_read, other_write = os.pipe()
    os.write(write, b"1")
    os.write(other_write, b"1")
    desk.errands.watch([read, other_read])
    desk.next(Stirred)
    assert not [news for news in desk.so_far() if isinstance(news, Stirred)]
    desk.errands.watch([read])
    desk.next(Stirred)
    desk.so_far()
    for each in (read, write, other_read, other_write):
        os.close(each)


def test_scanners_are_looked_for_when_something_is_plugged_in(desk: Desk, tmp_path: Path) -> None:
    end, other = pty.openpty()
    link = tmp_path / "scanner"
    desk.errands.start()
    desk.next(Open)
    desk.errands.read_scanners(ScannerPlan(str(link), "us", console=False))
    assert desk.next(ScannerReport).state is Scanner.MISSING
    link.symlink_to(os.ttyname(other))
    for subsystem in ("drm", "tty"):
        desk.errands._call(partial(desk.errands._plugged, Plugged(subsystem, "add", str(link))))
    assert desk.next(ScannerReport).state is Scanner.PRESENT
    os.write(end, b"4006381333931\r")
    assert desk.next(Scanned).text == "4006381333931"
    desk.errands.read_scanners(None)
    desk.settle()
    assert not desk.errands._tasks
    for each in (end, other):
        os.close(each)


def test_the_display_alone_is_told_of_monitors(desk: Desk) -> None:
    desk.errands.start()
    desk.next(Open)
    for subsystem in ("tty", "input", "drm"):
        desk.errands._call(partial(desk.errands._plugged, Plugged(subsystem, "change")))
    assert [news for news in desk.so_far() if isinstance(news, Plugged)] == [Plugged("drm", "change")]


def test_the_end_is_the_end_whatever_is_asked_afterwards(desk: Desk) -> None:
    desk.errands.start()
    desk.errands.ask(1, NOBODY_THERE, Pace.SLOW)
    desk.next(Scheduled)
    desk.errands.stop(PATIENCE)
    assert not desk.errands._thread.is_alive()
    assert not desk.socket.exists()
    desk.errands.ask(1, NOBODY_THERE, Pace.NOW)
    desk.errands.drop_logo()
    desk.errands.stop(PATIENCE)
    news = [desk.posted.get() for _ in range(desk.posted.qsize())]
    assert not [each for each in news if isinstance(each, Broken)]


def test_a_request_that_cannot_be_carried_out_is_heard_of(desk: Desk) -> None:
    desk.errands.start()
    desk.next(Open)
    desk.errands.watch([-1])  # a fault of our own
    assert isinstance(desk.next(Broken).error, ValueError)
