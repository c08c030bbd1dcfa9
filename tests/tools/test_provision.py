"""`provision`: a code from whatever a technician has at hand, and a verdict in words and an exit code."""

import base64
import io
import json
import os
import random
import stat
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import segno
from PIL import Image, ImageFilter
from tests.journeys.conftest import Kiosk
from tests.kiosk.hosting import answering, hosting
from tests.tools.machine import PROBLEM, Machine

from crewcheck_agent.kiosk.control import Conversation, Reply
from crewcheck_agent.kiosk.store import Store
from crewcheck_agent.simulator.server import running
from crewcheck_agent.tools.cli import main
from crewcheck_agent.tools.provision import _hand_to_owner

CLOUD = "https://app.neostore.cloud"
TOKEN = json.dumps({"deviceId": "kiosk-7", "tenantId": "acme", "apiKey": "nobody-sees", "environment": CLOUD})
SAID = "What happened. Who must do what. (CC-22)"


def qr(text: str, scale: int = 4) -> Image.Image:
    file = io.BytesIO()
    segno.make(text, micro=False).save(file, kind="png", scale=scale)
    with Image.open(file) as picture:
        return picture.convert("L")


def saved(picture: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def photo() -> bytes:
    """As from a telephone held askew over a screen: turned, shaded, blurred, noisy, and saved as a small JPEG."""
    code = qr(TOKEN, 7).rotate(9, expand=True, fillcolor=255, resample=Image.Resampling.BICUBIC)
    scene = Image.new("L", (1200, 900), 190)
    scene.paste(code, (260, 90))
    shade = Image.linear_gradient("L").resize(scene.size).point(lambda value: 120 + value // 2)
    noise = Image.frombytes("L", scene.size, random.Random(7).randbytes(scene.width * scene.height))
    shaded = Image.composite(scene, Image.new("L", scene.size, 20), shade)
    return saved(
        Image.blend(shaded, noise, 0.12).filter(ImageFilter.GaussianBlur(1.2)).convert("RGB"), "JPEG", quality=60
    )


def two_codes() -> bytes:
    one, other = qr(TOKEN), qr("something else altogether")
    both = Image.new("L", (one.width + other.width, max(one.height, other.height)), 255)
    both.paste(one, (0, 0))
    both.paste(other, (one.width, 0))
    return saved(both, "PNG")


def too_many_pixels() -> bytes:
    return saved(Image.new("1", (20_000, 20_000)), "PNG")


SOURCES: list[tuple[str, Callable[[], bytes]]] = [
    ("text", TOKEN.encode),
    ("text with all that editors add", lambda: b"\xef\xbb\xbf\r\n" + TOKEN.encode() + b"\r\n"),
    ("base64", lambda: base64.b64encode(TOKEN.encode())),
    ("a PNG of the QR code", lambda: saved(qr(TOKEN), "PNG")),
    ("a PNG of the QR code with its base64", lambda: saved(qr(base64.b64encode(TOKEN.encode()).decode()), "PNG")),
    ("a PNG with transparency", lambda: saved(qr(TOKEN).convert("RGBA"), "PNG")),
    ("a WebP", lambda: saved(qr(TOKEN), "WEBP", lossless=True)),
    ("a GIF", lambda: saved(qr(TOKEN), "GIF")),
    ("a photo", photo),
]
NEITHER = "is neither a connection code nor a picture that can be read"
NO_SOURCES: list[tuple[str, Callable[[], bytes], str]] = [
    ("no code", lambda: saved(Image.new("L", (300, 300), 255), "PNG"), "there is no QR code in this picture"),
    ("two codes", two_codes, "there is more than one QR code in this picture"),
    ("a broken picture", lambda: saved(qr(TOKEN), "PNG")[:-200], NEITHER),
    ("junk", lambda: random.Random(1).randbytes(5000), NEITHER),
    ("a long text", lambda: b"long " * 9000, NEITHER),
    ("a bomb", too_many_pixels, "the picture has too many pixels"),
    ("a smaller bomb", lambda: saved(Image.new("1", (10_000, 10_000)), "PNG"), "too many pixels"),
    ("too much", lambda: b"\xff" * (32 * 2**20 + 1), "is too large: 32 MiB at most"),
]  # fmt: skip


@pytest.fixture
def here(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Machine:
    for name, value in machine.environ.items():
        monkeypatch.setenv(name, value)
    return machine


class Listener:
    """An agent that notes what it is offered."""

    def __init__(self, *replies: Reply) -> None:
        self.asked: list[Mapping[str, Any]] = []
        self._replies = replies or (verdict("connected"),)

    def __call__(self, conversation: Conversation) -> None:
        self.asked.append(conversation.request)
        for reply in self._replies:
            conversation.reply(reply)


def verdict(word: str, problem: Mapping[str, str] | None = None, *, last: bool = True) -> Reply:
    return Reply({"reply": word, "problem": problem, "status": {}}, last=last)


@pytest.fixture
def standard_input(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[[bytes], None]]:
    """Puts bytes where the command finds its standard input."""
    opened = []

    def put(content: bytes) -> None:
        (tmp_path / "stdin").write_bytes(content)
        opened.append((tmp_path / "stdin").open(encoding="utf-8"))
        monkeypatch.setattr(sys, "stdin", opened[-1])

    yield put
    for each in opened:
        each.close()


@pytest.mark.parametrize("content", [each[1] for each in SOURCES], ids=[each[0] for each in SOURCES])
@pytest.mark.parametrize("way", ["a file", "standard input"])
def test_a_code_is_found_in_whatever_holds_one(
    here: Machine, way: str, content: Callable[[], bytes], standard_input: Callable[[bytes], None], tmp_path: Path
) -> None:
    listener = Listener()
    source = tmp_path / "code"
    if way == "a file":
        source.write_bytes(content())
    else:
        standard_input(content())
    with hosting(here.socket, listener):
        assert main(("provision", str(source)) if way == "a file" else ("provision",)) == 0
    (asked,) = listener.asked
    assert sorted(asked) == ["do", "token"], "and it is no scan: a technician's word counts more"
    text = asked["token"].strip()
    assert json.loads(text if text.startswith("{") else base64.b64decode(text)) == json.loads(TOKEN)


@pytest.mark.filterwarnings("default")  # as outside of tests
@pytest.mark.parametrize(("content", "words"), [each[1:] for each in NO_SOURCES], ids=[each[0] for each in NO_SOURCES])
def test_what_holds_no_code_is_told_and_nobody_is_bothered(
    here: Machine, content: Callable[[], bytes], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "code"
    source.write_bytes(content())
    listener = Listener()
    with hosting(here.socket, listener):
        assert main(("provision", str(source))) == 1
    out, err = capsys.readouterr()
    assert (out, listener.asked) == ("", [])
    assert err.startswith(f"crewcheck-agent: {source}")
    assert words in err
    assert err.count("\n") == 1, "one line, and no library's warning"


@pytest.mark.parametrize(("source", "words"), [("missing", "No such file or directory"), (".", "Is a directory")])
def test_a_source_that_cannot_be_read_is_told(
    here: Machine, source: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = here.folder / source
    assert main(("provision", str(path))) == 1
    assert capsys.readouterr().err == f"crewcheck-agent: {path} cannot be read: {words}\n"


def test_a_closed_standard_input_is_an_empty_code(
    here: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert main(("provision",)) == 1
    assert "not a connection code" in capsys.readouterr().err


VERDICTS = [
    ("connected", None, 0, "Connected: the kiosk is set up.\n"),
    ("disabled", PROBLEM, 4, f"The kiosk is set up, and the operator has it disabled. {SAID}\n"),
    ("unauthorized", PROBLEM, 5, f"Refused. The kiosk stays what it was. {SAID}\n"),
    ("notFound", PROBLEM, 6, f"Refused. The kiosk stays what it was. {SAID}\n"),
    ("misread", PROBLEM, 1, f"Not usable. The kiosk stays what it was. {SAID}\n"),
    ("replaced", None, 1, "Another connection code was offered meanwhile and takes this one's place.\n"),
    ("notStored", PROBLEM, 1, f"The code was accepted but cannot be stored. The kiosk stays what it was. {SAID}\n"),
    ("forgotten", None, 1, "The kiosk was reset meanwhile.\n"),
]


@pytest.mark.parametrize(("word", "problem", "code", "sentence"), VERDICTS)
def test_each_verdict_has_its_exit_code_and_its_words(
    here: Machine,
    word: str,
    problem: Mapping[str, str] | None,
    code: int,
    sentence: str,
    *,
    standard_input: Callable[[bytes], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    standard_input(TOKEN.encode())
    with here.agent(verdict("waiting", PROBLEM, last=False), verdict(word, problem)):
        assert main(("provision",)) == code
    waiting = f"No answer yet: {SAID}\n"
    assert capsys.readouterr() == (("", waiting + sentence) if code == 1 else (sentence, waiting))


KEPT = "The code is kept; the agent goes on trying until the server answers.\n"
WAITS: list[tuple[str, tuple[Reply, ...], str]] = [
    ("the agent told that it waits", (verdict("waiting", PROBLEM, last=False),), f"No answer yet: {SAID}\n{KEPT}"),
    ("the agent told nothing yet", (), "No verdict yet; `crewcheck-agent status` says how it goes on.\n"),
]


@pytest.mark.parametrize(("replies", "words"), [each[1:] for each in WAITS], ids=[each[0] for each in WAITS])
def test_a_wait_ends_in_time_as_offline(
    here: Machine,
    replies: tuple[Reply, ...],
    words: str,
    standard_input: Callable[[bytes], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    standard_input(TOKEN.encode())
    with here.agent(*replies):
        assert main(("provision", "--wait", "0.3")) == 7
    assert capsys.readouterr() == ("", words)


def test_a_wait_ends_although_the_agent_goes_on_telling(
    here: Machine, standard_input: Callable[[bytes], None], capsys: pytest.CaptureFixture[str]
) -> None:
    told_enough = threading.Event()

    def tell_on_and_on(conversation: Conversation) -> None:
        while not told_enough.wait(0.05):
            conversation.reply(verdict("waiting", PROBLEM, last=False))

    standard_input(TOKEN.encode())
    with (
        ThreadPoolExecutor() as pool,
        hosting(here.socket, lambda asked: pool.submit(tell_on_and_on, asked).add_done_callback(bool)),
    ):
        code = main(("provision", "--wait", "0.3"))
        told_enough.set()
    out, err = capsys.readouterr()
    assert (code, out, err.endswith(f"No answer yet: {SAID}\n{KEPT}")) == (7, "", True)


def test_an_agent_that_dies_while_it_waits_has_kept_the_code(
    here: Machine, standard_input: Callable[[bytes], None], capsys: pytest.CaptureFixture[str]
) -> None:
    standard_input(TOKEN.encode())
    here.socket.parent.mkdir()
    line = json.dumps({"reply": verdict("waiting", PROBLEM).fields, "blob": 0, "last": False}).encode() + b"\n"
    with answering(here.socket, line):
        assert main(("provision",)) == 7
    assert capsys.readouterr() == ("", f"No answer yet: {SAID}\n{KEPT}")


def test_unlocking_takes_no_code(here: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    listener = Listener(Reply({"unlocked": True}))
    with hosting(here.socket, listener):
        assert main(("provision", "--unlock")) == 0
    assert capsys.readouterr().out == "Scanned codes count for the next ten minutes.\n"
    assert listener.asked == [{"do": "unlock"}]


# With no agent running


def stored(machine: Machine) -> dict[str, int]:
    folder = machine.folder / "state"
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} if folder.exists() else {}


def test_with_no_agent_the_code_is_kept_for_its_next_start(
    here: Machine, standard_input: Callable[[bytes], None], capsys: pytest.CaptureFixture[str]
) -> None:
    (here.folder / "state").mkdir()
    (here.folder / "state" / "candidate.json").write_text("an earlier one")
    standard_input(base64.b64encode(TOKEN.encode()))
    assert main(("provision",)) == 0
    out, err = capsys.readouterr()
    place = here.folder / "state" / "token.json"
    assert out == f"No agent is running. The code is stored; the agent uses it at its next start ({place}).\n"
    assert err == ""
    assert stored(here) == {"token.json": 0o600}
    assert json.loads(place.read_text()) == json.loads(TOKEN)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("hello", "The scanned code is not a connection code."),
        (TOKEN.replace(CLOUD, "https://evil.example"), "The connection code is for another cloud service: https://evil"),
        (TOKEN.replace('"apiKey"', '"key"'), "The connection code is incomplete: apiKey is missing."),
    ],
)  # fmt: skip
def test_with_no_agent_a_bad_code_is_told_and_not_stored(
    here: Machine, text: str, words: str, standard_input: Callable[[bytes], None], capsys: pytest.CaptureFixture[str]
) -> None:
    standard_input(text.encode())
    assert main(("provision",)) == 1
    out, err = capsys.readouterr()
    assert (out, stored(here)) == ("", {})
    assert err.startswith(words)
    assert "nobody-sees" not in err


def test_with_no_agent_and_no_place_to_keep_it_both_are_told(
    here: Machine, standard_input: Callable[[bytes], None], capsys: pytest.CaptureFixture[str]
) -> None:
    (here.folder / "state").write_text("a file in the way")
    standard_input(TOKEN.encode())
    assert main(("provision",)) == 1
    words = f"no agent is running: nothing answers on {here.socket}, and the code cannot be stored"
    assert capsys.readouterr() == ("", f"{words}: {here.folder}/state: File exists.\n")


def test_what_root_keeps_belongs_to_whom_the_folder_belongs_to(
    here: Machine, standard_input: Callable[[bytes], None]
) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    state = here.folder / "state"
    state.mkdir()
    os.chown(state, 64901, 64902)
    standard_input(TOKEN.encode())
    assert main(("provision",)) == 0
    found = (state / "token.json").stat()
    assert (found.st_uid, found.st_gid) == (64901, 64902)


def test_a_link_put_in_its_place_gives_no_other_file_away(tmp_path: Path) -> None:
    """The folder is the service's own: what runs as the service must not have root hand it any file it likes."""
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    precious = tmp_path / "shadow"
    precious.touch()
    store = Store(tmp_path / "state", ())
    store.directory.mkdir()
    os.chown(store.directory, 64901, 64902)
    store.token_file.symlink_to(precious)
    _hand_to_owner(store, store.token_file)
    assert (precious.stat().st_uid, precious.stat().st_gid) == (0, 0)


# The real agent's own answers


def test_the_real_agent_gives_each_verdict(tmp_path: Path) -> None:
    with running() as simulator:
        kiosk = Kiosk(tmp_path, simulator.environment)
        machine = Machine(tmp_path)
        machine.environ.update(kiosk.settings)
        good = simulator.reset(simulator.create_device("Good"))
        off = simulator.reset(simulator.create_device("Off"))
        simulator.disable(off["deviceId"])
        late = simulator.reset(simulator.create_device("Late"))

        def provision(token: Mapping[str, str] | str, *options: str) -> tuple[int, str, str]:
            text = token if isinstance(token, str) else json.dumps(token)
            done = machine.tool("provision", *options, stdin=text.encode())
            return done.returncode, done.stdout.decode(), done.stderr.decode()

        assert provision(good)[0] == 0, "kept while no agent runs"
        kiosk.start()
        try:
            kiosk.await_state("connected")
            assert provision(good)[:2] == (0, "Connected: the kiosk is set up.\n")
            code, told, _ = provision({**good, "apiKey": "made-up"})
            assert (code, told.startswith("Refused.")) == (5, True)
            code, told, _ = provision({**good, "deviceId": "made-up"})
            assert (code, told.startswith("Refused.")) == (6, True)
            assert provision("hello")[0] == 1
            assert kiosk.status()["deviceId"] == good["deviceId"], "none of these changed anything"
            code, told, _ = provision(off)
            assert (code, "operator has it disabled" in told) == (4, True)
            assert kiosk.status()["deviceId"] == off["deviceId"]
            simulator.stop_listening()
            code, _, told = provision(late, "--wait", "1")
            assert (code, told.endswith(KEPT)) == (7, True)
            assert (kiosk.state_dir / "candidate.json").exists()
        finally:
            kiosk.stop()
