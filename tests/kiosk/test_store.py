"""What must survive a power cut does, whole or not at all, and for nobody else's eyes."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crewcheck_agent.core.kiosk import Logo, Verdict, Word
from crewcheck_agent.core.problem import Code, Problem
from crewcheck_agent.core.token import ConnectionToken, Identity, Secret, TokenFault
from crewcheck_agent.kiosk.store import Damaged, Store, handed_over

CLOUD = "https://app.example.com"
IDENTITY = Identity("tenant", "device", CLOUD)
TOKEN = ConnectionToken(IDENTITY, Secret('key "with" \\ in it'))
OTHER = ConnectionToken(replace(IDENTITY, device_id="gerät-\u2603"), Secret("another key"))
NOON = datetime(2026, 6, 2, 12, 0, 0, 123456, tzinfo=UTC)
LOGO = Logo("https://cdn.example.com/l.png", "ab" * 32, NOON, '"1"', "Tue, 02 Jun 2026 12:00:00 GMT")
VERDICT = Verdict(IDENTITY, Word.CONNECTED, NOON, "", LOGO.url, LOGO)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "var" / "state", (CLOUD,))


def test_an_empty_place_holds_nothing_and_stays_empty(store: Store) -> None:
    assert (store.token(), store.candidate(), store.verdict()) == (None, None, None)
    store.drop_candidate()
    store.erase()
    assert not store.directory.exists()


def test_a_token_comes_back_as_it_went(store: Store) -> None:
    store.keep_token(TOKEN)
    store.keep_candidate(OTHER)
    assert (store.token(), store.candidate()) == (TOKEN, OTHER)
    store.keep_token(OTHER)
    store.drop_candidate()
    assert (store.token(), store.candidate()) == (OTHER, None)
    assert "key" not in store.token_file.read_text().replace(OTHER.api_key.reveal(), "").replace("apiKey", "")


VERDICTS = [
    VERDICT,
    Verdict(IDENTITY, Word.DISABLED, NOON, "HTTP 400 Gerät aus \u2603", None, None),
    Verdict(IDENTITY, Word.UNAUTHORIZED, NOON, "HTTP 401", LOGO.url, None),
    replace(VERDICT, word=Word.NOT_FOUND, logo=replace(LOGO, etag=None, last_modified=None)),
    replace(VERDICT, since=NOON + timedelta(days=300)),  # with summer time or without
]


@pytest.mark.parametrize("verdict", VERDICTS)
def test_a_verdict_comes_back_as_it_went(store: Store, verdict: Verdict) -> None:
    store.keep_verdict(verdict)
    assert store.verdict() == verdict


def test_all_is_private_whatever_the_umask(store: Store) -> None:
    before = os.umask(0)
    try:
        store.keep_token(TOKEN)
        store.keep_candidate(OTHER)
        store.keep_verdict(VERDICT)
    finally:
        os.umask(before)
    assert {path.name: mode_of(path) for path in store.directory.iterdir()} == {
        "token.json": 0o600,
        "candidate.json": 0o600,
        "verdict.json": 0o600,
    }
    assert mode_of(store.directory) == 0o700


def test_what_did_not_change_is_not_written(store: Store) -> None:
    def keep() -> dict[str, os.stat_result]:
        store.keep_token(TOKEN)
        store.keep_candidate(OTHER)
        store.keep_verdict(VERDICT)
        return {path.name: path.stat() for path in (*store.directory.iterdir(), store.directory)}

    before = keep()
    after = keep()
    assert {name: (each.st_ino, each.st_mtime_ns) for name, each in after.items()} == {
        name: (each.st_ino, each.st_mtime_ns) for name, each in before.items()
    }


def test_the_verdict_of_another_identity_is_kept_apart_by_its_name(store: Store) -> None:
    store.keep_verdict(replace(VERDICT, identity=OTHER.identity))
    found = store.verdict()
    assert found is not None
    assert found.identity != IDENTITY


DAMAGED_TOKENS: list[tuple[str, bytes, Problem]] = [
    ("empty", b"", Problem(Code.BAD_TOKEN, variant="stored")),
    ("cut off", TOKEN.to_json().encode()[:40], Problem(Code.BAD_TOKEN, variant="stored")),
    ("zeros", b"\0" * 200, Problem(Code.BAD_TOKEN, variant="stored")),
    ("no text", b"\xff\xfe\x80" * 50, Problem(Code.BAD_TOKEN, variant="stored")),
    ("another's JSON", b"[1, 2, 3]", Problem(Code.BAD_TOKEN, variant="stored")),
    ("a field gone", b'{"deviceId": "device"}', Problem(Code.BAD_TOKEN, variant="stored")),
    (
        "a place not allowed any more",
        TOKEN.to_json().replace(CLOUD, "https://old.example.com").encode(),
        Problem(Code.BAD_TOKEN, "https://old.example.com", variant=TokenFault.ENVIRONMENT_NOT_ALLOWED),
    ),
]


@pytest.mark.parametrize(
    ("content", "problem"), [each[1:] for each in DAMAGED_TOKENS], ids=[d[0] for d in DAMAGED_TOKENS]
)
def test_a_damaged_token_is_named_and_never_lost(store: Store, content: bytes, problem: Problem) -> None:
    store.directory.mkdir(parents=True)
    store.token_file.write_bytes(content)
    store.candidate_file.write_bytes(content)
    with pytest.raises(Damaged) as told:
        store.token()
    assert told.value.problem == problem
    assert str(store.token_file) in str(told.value)
    assert TOKEN.api_key.reveal() not in str(told.value)
    assert store.candidate() is None
    assert store.token_file.read_bytes() == content
    assert store.candidate_file.read_bytes() == content


def test_a_token_that_cannot_be_read_is_named_with_the_reason(store: Store) -> None:
    store.token_file.mkdir(parents=True)
    with pytest.raises(Damaged) as told:
        store.token()
    assert told.value.problem == Problem(Code.STORAGE, "not a regular file", variant="reading")


def test_a_pipe_in_a_tokens_place_holds_nobody_up(store: Store) -> None:
    store.directory.mkdir(parents=True)
    os.mkfifo(store.token_file)
    with pytest.raises(Damaged):
        store.token()


def test_what_a_power_cut_left_of_a_write_is_erased_with_the_rest(store: Store) -> None:
    store.keep_token(TOKEN)
    (store.directory / ".token.json.0a1b2c3d.unfinished").write_text(TOKEN.to_json())
    store.erase()
    assert list(store.directory.iterdir()) == []


Fields = dict[str, Any]


def without(name: str) -> Callable[[Fields], Any]:
    return lambda fields: fields.pop(name)


def with_number(name: str) -> Callable[[Fields], Any]:
    return lambda fields: fields.update({name: 5})


def in_logo(spoil: Callable[[Fields], Any]) -> Callable[[Fields], Any]:
    return lambda fields: spoil(fields["logo"])


NAMES = ("tenantId", "deviceId", "environment", "word", "since", "detail", "logoUrl", "logo")
LOGO_NAMES = ("url", "sha256", "fetchedAt", "etag", "lastModified")
BAD_FIELDS: list[tuple[str, Callable[[Fields], Any]]] = [
    *((f"no {name}", without(name)) for name in NAMES),
    *((f"no {name} of the logo", in_logo(without(name))) for name in LOGO_NAMES),
    *((f"a number as {name}", with_number(name)) for name in NAMES),
    *((f"a number as {name} of the logo", in_logo(with_number(name))) for name in LOGO_NAMES),
    ("an unknown word", lambda fields: fields.update(word="perhaps")),
    ("no moment", lambda fields: fields.update(since="yesterday")),
    ("a moment before all clocks", lambda fields: fields.update(since="0001-01-01T00:00:00+14:00")),
    ("a moment after all clocks", lambda fields: fields["logo"].update(fetchedAt="9999-12-31T23:59:59-14:00")),
    ("half a character", lambda fields: fields.update(detail="\ud83d")),
    ("a list as logo", lambda fields: fields.update(logo=[])),
    ("null as detail", lambda fields: fields.update(detail=None)),
]


@pytest.mark.parametrize("spoil", [each[1] for each in BAD_FIELDS], ids=[each[0] for each in BAD_FIELDS])
def test_a_verdict_with_a_wrong_field_is_none(store: Store, spoil: Callable[[Fields], Any]) -> None:
    store.keep_verdict(VERDICT)
    fields = json.loads(store.verdict_file.read_text())
    spoil(fields)
    store.verdict_file.write_text(json.dumps(fields))
    assert store.verdict() is None


@pytest.mark.parametrize(
    "content",
    [b"", b"null", b"[]", b'"connected"', b"{", b"\xff", b"\0" * 4096, b"[" * 100_000, b"1" * 5000],
    ids=lambda each: f"{bytes(each[:9])!r}",
)
def test_a_verdict_that_is_none_is_ignored_and_replaced_by_the_next(store: Store, content: bytes) -> None:
    store.directory.mkdir(parents=True)
    store.verdict_file.write_bytes(content)
    assert store.verdict() is None
    store.keep_verdict(VERDICT)
    assert store.verdict() == VERDICT


def test_every_cut_of_a_verdict_is_none_or_whole(store: Store) -> None:
    store.keep_verdict(VERDICT)
    whole = store.verdict_file.read_bytes()
    for length in range(len(whole)):
        store.verdict_file.write_bytes(whole[:length])
        assert store.verdict() is None, f"cut off after {length} bytes"


@pytest.mark.parametrize("name", ["token_file", "candidate_file", "verdict_file"])
def test_what_cannot_be_erased_saves_nothing_else(store: Store, name: str) -> None:
    store.keep_token(TOKEN)
    store.keep_candidate(TOKEN)
    store.keep_verdict(VERDICT)
    stuck: Path = getattr(store, name)
    stuck.unlink()
    (stuck / "in the way").mkdir(parents=True)
    with pytest.raises(OSError, match=r"directory|permitted"):
        store.erase()
    assert [*store.directory.iterdir()] == [stuck]
    (stuck / "in the way").rmdir()
    stuck.rmdir()
    store.erase()
    assert [*store.directory.iterdir()] == []


# What systemd hands over


def test_a_token_handed_over_is_read_where_it_lies(tmp_path: Path) -> None:
    (tmp_path / "connection-token").write_text(TOKEN.to_json() + "\r\n")
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert handed_over(environ, (CLOUD,)) == TOKEN
    assert [path.name for path in tmp_path.iterdir()] == ["connection-token"]


@pytest.mark.parametrize("environ", [{}, {"CREDENTIALS_DIRECTORY": ""}, {"CREDENTIALS_DIRECTORY": "/nonexistent"}])
def test_nothing_handed_over_is_no_token(environ: Mapping[str, str]) -> None:
    assert handed_over(environ, (CLOUD,)) is None


def test_a_damaged_token_handed_over_is_named(tmp_path: Path) -> None:
    (tmp_path / "connection-token").write_text("hello")
    with pytest.raises(Damaged, match="connection-token: notACode"):
        handed_over({"CREDENTIALS_DIRECTORY": str(tmp_path)}, (CLOUD,))


# Disks that fail. The writers are processes of their own: limits and mounts end with them.

WRITER = """
import resource, subprocess, sys
from datetime import UTC, datetime
from pathlib import Path
from crewcheck_agent.core.kiosk import Verdict, Word
from crewcheck_agent.core.token import ConnectionToken, Identity, Secret
from crewcheck_agent.kiosk.store import Store

how, directory = sys.argv[1], Path(sys.argv[2])
store = Store(directory, ("https://app.example.com",))
new = ConnectionToken(Identity("tenant", "n" * 9000, "https://app.example.com"), Secret("new key"))
verdict = Verdict(new.identity, Word.DISABLED, datetime.now(UTC))
if how == "full disk":
    subprocess.run(("mount", "-t", "tmpfs", "-o", "size=8k,mode=0700", "none", directory), check=True)
elif how == "small limit":
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4000, limits[1]))
old = ConnectionToken(Identity("tenant", "device", "https://app.example.com"), Secret("old key"))
store.keep_token(old)
if how == "read-only disk":
    subprocess.run(("mount", "--bind", directory, directory), check=True)
    subprocess.run(("mount", "-o", "remount,bind,ro", directory), check=True)
for write in (lambda: store.keep_token(new), lambda: store.keep_candidate(new), lambda: store.keep_verdict(verdict)):
    try:
        write()
    except OSError as error:
        print(error.strerror)
if how == "small limit":
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
print("old key kept" if store.token() == old else "old key lost", sorted(path.name for path in directory.iterdir()))
"""


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("full disk", "No space left on device"),
        ("read-only disk", "Read-only file system"),
        ("small limit", "File too large"),
    ],
)
def test_a_disk_that_takes_nothing_keeps_the_old_identity(tmp_path: Path, how: str, words: str) -> None:
    apart: tuple[str, ...] = ()
    if how != "small limit":
        apart = ("unshare", "--mount")
        if subprocess.run((*apart, "true"), check=False, capture_output=True).returncode != 0:
            pytest.skip("a disk of our own takes a mount, and mounts take root")
    done = subprocess.run(
        (*apart, sys.executable, "-c", WRITER, how, str(tmp_path)), capture_output=True, text=True, check=True
    )
    assert done.stdout == f"{words}\n" * 3 + "old key kept ['token.json']\n"
