"""The control socket, on real sockets: who may ask, what a bad guest can do, and what the tools are told."""

import json
import os
import queue
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
from tests.kiosk.hosting import PATIENCE, answering, echo, hosting

from crewcheck_agent.kiosk import control
from crewcheck_agent.kiosk.control import (
    AgentSilent,
    AgentUnreachable,
    AlreadyRunning,
    Conversation,
    NoAgent,
    Reply,
    ask,
)


@contextmanager
def calling(path: Path) -> Iterator[socket.socket]:
    """A guest who speaks as it likes."""
    with socket.socket(socket.AF_UNIX) as guest:
        guest.settimeout(PATIENCE)
        guest.connect(str(path))
        yield guest


def still_answers(path: Path) -> bool:
    return next(ask(path, {"do": "anything"}, PATIENCE)).fields == {"asked": {"do": "anything"}}


def await_true(path: Path, what: Callable[[], bool]) -> bool:
    """Whether it comes true, between questions that keep the host's event loop turning."""
    until = time.monotonic() + PATIENCE
    while not what() and time.monotonic() < until:
        with calling(path) as guest:
            guest.sendall(b"nonsense\n")
            assert guest.recv(1) == b""
    return what()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run" / "control.sock"


def test_a_question_is_answered_in_fields_and_bytes(path: Path) -> None:
    blob = bytes(range(256)) * 4096
    with hosting(path, lambda asked: asked.reply(Reply({"tenant": "Café \u2603", "n": None}, blob))):
        assert [*ask(path, {"do": "look"})] == [Reply({"tenant": "Café \u2603", "n": None}, blob)]


def test_replies_come_one_by_one_up_to_the_last(path: Path) -> None:
    def handle(conversation: Conversation) -> None:
        for number in range(3):
            conversation.reply(Reply({"number": number}, last=number == 2))

    with hosting(path, handle):
        assert [(reply.fields["number"], reply.last) for reply in ask(path, {})] == [(0, False), (1, False), (2, True)]


@pytest.mark.parametrize("umask", [0o000, 0o027, 0o777])
def test_the_socket_is_for_owner_and_group_from_the_first_moment_on(path: Path, umask: int) -> None:
    path.parent.mkdir()
    before = os.umask(umask)
    try:
        with hosting(path):
            assert stat.S_IMODE(path.stat().st_mode) == 0o660
            assert os.umask(umask) == umask, "the process's own umask is as it was"
    finally:
        os.umask(before)


def test_its_folder_is_made_for_owner_and_group(path: Path) -> None:
    with hosting(path):
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o750
    assert not path.exists(), "nothing is left behind"


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\n",
        b"status\n",
        b"[1, 2]\n",
        b'"status"\n',
        b"null\n",
        b'{"do": \n',
        b"\xff\xfe\x00\n",
        b'{"do": "\xc3"}\n',
        b"[" * 60_000 + b"\n",
        b"x" * (control.LONGEST_REQUEST + 9) + b"\n",
        b"x" * (control.LONGEST_REQUEST * 3),
        b'{"do": "' + b"x" * control.LONGEST_REQUEST + b'"}\n',
        b'{"do": "st',
        b"",
    ],
    ids=lambda each: f"{bytes(each[:12])!r} {len(each)} bytes",
)
def test_garbage_is_answered_by_hanging_up_and_harms_nobody(
    path: Path, request_bytes: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    asked: list[Conversation] = []

    def handle(conversation: Conversation) -> None:
        asked.append(conversation)
        echo(conversation)

    with hosting(path, handle):
        with calling(path) as guest:
            try:
                guest.sendall(request_bytes)
                guest.shutdown(socket.SHUT_WR)
                told = guest.recv(4096)
            except ConnectionError:  # it hung up while we were still talking
                told = b""
        assert (told, asked) == (b"", [])
        assert still_answers(path)
    assert caplog.messages == [], "and it is nothing to write about"


def test_a_slow_guest_is_not_waited_for(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "_PATIENCE", 0.2)
    with hosting(path), calling(path) as slow:
        slow.sendall(b'{"do": ')
        assert still_answers(path), "others do not wait for the slow one"
        assert slow.recv(1) == b"", "the slow one is shown the door"


def test_a_guest_that_does_not_listen_holds_nobody_up(path: Path) -> None:
    def handle(conversation: Conversation) -> None:
        if conversation.request.get("do") == "watch":
            for _ in range(8):
                conversation.reply(Reply({}, b"x" * 1_000_000, last=False))
        else:
            echo(conversation)

    with hosting(path, handle), calling(path) as deaf:
        deaf.sendall(b'{"do": "watch"}\n')
        assert deaf.recv(1, socket.MSG_PEEK) == b"{"
        assert still_answers(path)


def test_a_subscription_ends_when_its_subscriber_hangs_up(path: Path) -> None:
    subscriptions: queue.SimpleQueue[Conversation] = queue.SimpleQueue()
    with hosting(path, subscriptions.put):
        with calling(path) as guest:
            guest.sendall(b'{"do": "watch"}\n')
            subscription = subscriptions.get(timeout=PATIENCE)
            subscription.reply(Reply({}, last=False))
            assert guest.recv(1) == b"{"
            assert not subscription.over
        assert await_true(path, lambda: subscription.over)
        subscription.reply(Reply({}))  # goes nowhere, and does no harm
        with calling(path) as guest:
            guest.sendall(b"{}\n")
            assert subscriptions.get(timeout=PATIENCE).request == {}


def test_an_end_in_the_middle_of_a_conversation_is_nothing_to_write_about(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    asked: queue.SimpleQueue[Conversation] = queue.SimpleQueue()
    with socket.socket(socket.AF_UNIX) as watcher:
        with hosting(path, asked.put):
            watcher.connect(str(path))
            watcher.sendall(b"{}\n")
            conversation = asked.get(timeout=PATIENCE)
        watcher.settimeout(PATIENCE)
        assert watcher.recv(1) == b""
    assert conversation.over
    assert caplog.messages == []


def test_a_reply_after_the_end_goes_nowhere(path: Path) -> None:
    asked: queue.SimpleQueue[Conversation] = queue.SimpleQueue()
    with hosting(path, asked.put), calling(path) as guest:
        guest.sendall(b"{}\n")
        conversation = asked.get(timeout=PATIENCE)
    conversation.reply(Reply({}))


def test_a_seventeenth_conversation_is_refused_until_one_ends(path: Path) -> None:
    asked: queue.SimpleQueue[Conversation] = queue.SimpleQueue()
    with hosting(path, asked.put):
        with closing(socket.socket(socket.AF_UNIX)) as first:
            first.connect(str(path))
            first.sendall(b'{"number": 1}\n')
            asked.get(timeout=PATIENCE)
            guests = [socket.socket(socket.AF_UNIX) for _ in range(15)]
            for guest in guests:
                guest.connect(str(path))
                guest.sendall(b"{}\n")
                asked.get(timeout=PATIENCE)
            with calling(path) as one_too_many, suppress(ConnectionError):  # shown the door before it could speak
                one_too_many.sendall(b"{}\n")
                assert one_too_many.recv(1) == b""
            assert asked.empty()

        def is_served() -> bool:
            with calling(path) as guest:
                guest.settimeout(0.05)
                try:
                    return guest.recv(1) != b""
                except TimeoutError:
                    return True

        assert await_true(path, is_served)
        for guest in guests:
            guest.close()


def test_a_socket_left_behind_is_replaced(path: Path) -> None:
    path.parent.mkdir()
    with socket.socket(socket.AF_UNIX) as killed:
        killed.bind(str(path))
    with hosting(path):
        assert still_answers(path)


def test_a_second_agent_is_refused_and_the_first_goes_on(path: Path) -> None:
    with hosting(path):
        with pytest.raises(AlreadyRunning, match=f"another agent is running: it answers on {path}"), hosting(path):
            pass
        assert still_answers(path)


def test_an_agent_that_is_stuck_is_still_another_agent(path: Path) -> None:
    path.parent.mkdir()
    with socket.socket(socket.AF_UNIX) as stuck, socket.socket(socket.AF_UNIX) as waiting:
        stuck.bind(str(path))
        stuck.listen(0)
        waiting.connect(str(path))  # the one place in its queue
        with pytest.raises(AlreadyRunning, match="stuck"), hosting(path):
            pass
        with pytest.raises(AgentSilent, match="does not answer"):
            next(ask(path, {}))


@pytest.mark.parametrize("kind", ["a file", "a folder"])
def test_what_is_no_socket_is_left_alone(path: Path, kind: str) -> None:
    path.parent.mkdir()
    if kind == "a file":
        path.write_text("precious")
    else:
        path.mkdir()
    with pytest.raises(OSError, match=r"in use|exists"), hosting(path):
        pass
    assert path.is_dir() or path.read_text() == "precious"


ENDINGS: list[tuple[str, bytes | None, type[AgentUnreachable], str]] = [
    ("hangs up", b"", AgentUnreachable, "the agent closed the conversation"),
    ("dies within a line", b'{"reply": {"sta', AgentUnreachable, "the agent closed the conversation"),
    (
        "dies within the bytes",
        b'{"reply": {}, "blob": 9, "last": true}\n1234',
        AgentUnreachable,
        "the agent closed the conversation",
    ),
    ("says nothing", None, AgentSilent, "the agent does not answer"),
]


@pytest.mark.parametrize(("_name", "answer", "kind", "words"), ENDINGS, ids=[each[0] for each in ENDINGS])
def test_an_agent_that_fails_is_told_in_words(
    tmp_path: Path, _name: str, answer: bytes | None, kind: type[AgentUnreachable], words: str
) -> None:
    path = tmp_path / "control.sock"
    with answering(path, answer), pytest.raises(AgentUnreachable) as told:
        next(ask(path, {"do": "status"}, 0.2 if answer is None else PATIENCE))
    assert (type(told.value), str(told.value)) == (kind, words)


def test_an_agent_that_dies_between_two_replies_was_heard_up_to_there(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"
    with answering(path, b'{"reply": {"n": 1}, "blob": 0, "last": false}\n'):
        replies = ask(path, {"do": "watch"}, PATIENCE)
        assert next(replies).fields == {"n": 1}
        with pytest.raises(AgentUnreachable, match="closed the conversation"):
            next(replies)


@pytest.mark.parametrize("left_behind", [True, False])
def test_no_agent_is_told_as_such(tmp_path: Path, *, left_behind: bool) -> None:
    path = tmp_path / "control.sock"
    if left_behind:
        with socket.socket(socket.AF_UNIX) as killed:
            killed.bind(str(path))
    with pytest.raises(NoAgent, match=f"no agent is running: nothing answers on {path}"):
        next(ask(path, {"do": "status"}))


def test_a_path_that_no_socket_can_have_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(AgentUnreachable, match="cannot be used: AF_UNIX path too long"):
        next(ask(tmp_path / ("x" * 120), {"do": "status"}))


# Who may ask. The actors are processes of their own, each of which takes on a user and groups, effectively: so that
# each can still be measured at its end.

ACTOR = """
import asyncio, json, os, sys
from pathlib import Path
from crewcheck_agent.kiosk.control import AgentUnreachable, Reply, ask, listening

part, path, user, group, others = sys.argv[1], Path(sys.argv[2]), *map(json.loads, sys.argv[3:])
os.setgroups(others), os.setegid(group), os.seteuid(user)

async def serve():
    async with listening(path, lambda asked: asked.reply(Reply({"welcome": True}))):
        print("listening", flush=True)
        end = asyncio.Event()
        asyncio.get_running_loop().add_reader(0, end.set)
        await end.wait()

if part == "serve":
    asyncio.run(serve())
else:
    try:
        print(json.dumps(dict(next(ask(path, {"do": "status"})).fields)))
    except AgentUnreachable as error:
        print(type(error).__name__, error)
os.seteuid(0)
"""
SERVICE, SERVICE_GROUP, SOMEBODY, SOME_GROUP = 64901, 64902, 64903, 64904


def actor(part: str, path: Path, user: int, group: int, *others: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        (sys.executable, "-c", ACTOR, part, path, str(user), str(group), json.dumps(others)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def service() -> Iterator[Path]:
    """The socket of an agent that runs as a user and group of its own, in a folder that everybody may enter."""
    if os.geteuid() != 0:
        pytest.skip("only root can take on other users")
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:  # pytest's own folders are closed to others
        os.chmod(folder, 0o755)  # noqa: PTH101, S103
        os.chown(folder, SERVICE, SERVICE_GROUP)
        path = Path(folder) / "control.sock"
        with actor("serve", path, SERVICE, SERVICE_GROUP) as server:
            assert server.stdout is not None
            assert server.stdout.readline() == "listening\n"
            yield path
            server.communicate(timeout=PATIENCE)


GUESTS = [
    ("root", 0, 0, (), True),
    ("the service's own user", SERVICE, SOME_GROUP, (), True),
    ("somebody in the service's group", SOMEBODY, SERVICE_GROUP, (), True),
    ("somebody with that group among others", SOMEBODY, SOME_GROUP, (64905, SERVICE_GROUP), True),
    ("somebody else", SOMEBODY, SOME_GROUP, (64905,), False),
]


def test_root_the_service_and_its_group_may_ask_and_nobody_else(service: Path) -> None:
    for name, user, group, others, welcome in GUESTS:
        told, _ = actor("ask", service, user, group, *others).communicate(timeout=PATIENCE)
        assert told.startswith('{"welcome": true}' if welcome else "AgentUnreachable"), name
    assert "is for root and the service's group: use sudo, or join the group" in told


def test_a_socket_opened_to_all_by_mistake_still_refuses_strangers(service: Path) -> None:
    service.chmod(0o666)
    for name, user, group, others, welcome in GUESTS[2:]:
        told, _ = actor("ask", service, user, group, *others).communicate(timeout=PATIENCE)
        expected = '{"welcome": true}' if welcome else "AgentUnreachable the agent closed the conversation"
        assert told.strip() == expected, name
