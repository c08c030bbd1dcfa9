"""`provision --remove`: the file goes once the kiosk holds its code, never before, and a note says why it stays."""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from tests.journeys.conftest import Kiosk
from tests.tools.machine import Machine

from crewcheck_agent.simulator.server import Simulator, running

KEY = "nobody-sees"


class Factory:
    """A kiosk, the simulator it belongs to, and a boot partition."""

    def __init__(self, folder: Path, simulator: Simulator) -> None:
        self.simulator = simulator
        self.kiosk = Kiosk(folder, simulator.environment)
        self.machine = Machine(folder)
        self.machine.environ.update(self.kiosk.settings)
        self.boot = folder / "boot"
        self.boot.mkdir()
        self.file = self.boot / "crewcheck-token.json"
        self.note = self.boot / "crewcheck-token-problem.txt"

    def token(self) -> dict[str, str]:
        """Of a new device."""
        return self.simulator.reset(self.simulator.create_device("Kiosk"))

    def put(self, content: Mapping[str, str] | str) -> None:
        self.file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")

    def hand_over(self, *options: str) -> tuple[int, str]:
        done = self.machine.tool("provision", "--remove", str(self.file), *options)
        return done.returncode, (done.stdout + done.stderr).decode()

    def on_the_partition(self) -> list[str]:
        return sorted(path.name for path in self.boot.iterdir())

    def stored(self, name: str) -> object:
        return json.loads((self.kiosk.state_dir / name).read_text(encoding="utf-8"))


@pytest.fixture
def factory(tmp_path: Path) -> Iterator[Factory]:
    with running() as simulator:
        factory = Factory(tmp_path, simulator)
        yield factory
        factory.kiosk.stop()


def test_a_new_kiosk_takes_its_code_from_the_partition_and_connects(factory: Factory) -> None:
    token = factory.token()
    factory.put(token)
    code, words = factory.hand_over()
    assert (code, words.endswith(f"{factory.file} is erased.\n")) == (0, True)
    assert factory.on_the_partition() == []
    factory.kiosk.start()
    assert factory.kiosk.await_state("connected")["deviceId"] == token["deviceId"]


def test_what_was_in_the_file_is_overwritten(factory: Factory) -> None:
    factory.put(factory.token())
    size = factory.file.stat().st_size
    (factory.machine.folder / "same").hardlink_to(factory.file)
    assert factory.hand_over()[0] == 0
    assert (factory.machine.folder / "same").read_bytes() == bytes(size)


def test_a_running_agent_is_asked_and_the_silence_of_the_server_is_no_reason_to_keep_the_file(
    factory: Factory,
) -> None:
    token = factory.token()
    factory.kiosk.start()
    factory.simulator.stop_listening()
    factory.put(token)
    code, words = factory.hand_over("--wait", "1")
    assert (code, words.endswith(f"until the server answers. {factory.file} is erased.\n")) == (7, True)
    assert factory.on_the_partition() == []
    assert factory.stored("candidate.json") == token


def test_a_power_cut_before_the_file_went_changes_nothing(factory: Factory) -> None:
    token = factory.token()
    factory.put(token)
    assert factory.hand_over()[0] == 0
    before = (factory.kiosk.state_dir / "token.json").stat()
    factory.put(token)
    code, words = factory.hand_over()
    assert (code, "holds this code already" in words) == (0, True)
    after = (factory.kiosk.state_dir / "token.json").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns), "and nothing is written"
    assert factory.on_the_partition() == []


def test_a_power_cut_while_the_file_went_leaves_no_complaint(factory: Factory) -> None:
    factory.put("\0" * 150)
    code, words = factory.hand_over()
    assert (code, "was taken before" in words) == (0, True)
    assert factory.on_the_partition() == []
    assert not factory.kiosk.state_dir.exists()


def test_a_kiosk_that_is_set_up_tries_the_code_and_stays_what_it_is_if_it_is_refused(factory: Factory) -> None:
    old = factory.token()
    factory.put(old)
    factory.hand_over()
    factory.put({**old, "apiKey": "made-up"})
    code, words = factory.hand_over()
    assert (code, "tries it at its next start" in words) == (0, True)
    assert factory.stored("token.json") == old
    factory.kiosk.start()
    candidate = factory.kiosk.state_dir / "candidate.json"
    factory.kiosk.await_status(lambda status: status["state"] == "connected" and not candidate.exists())
    assert factory.stored("token.json") == old
    refused = [each for each in factory.simulator.requests() if each.status == 401]
    assert len(refused) == 1, "it was tried, once"


def test_a_kiosk_that_is_set_up_takes_on_a_good_code(factory: Factory) -> None:
    for token in (factory.token(), factory.token()):
        factory.put(token)
        assert factory.hand_over()[0] == 0
    factory.kiosk.start()
    factory.kiosk.await_status(lambda status: status["deviceId"] == token["deviceId"])
    assert factory.stored("token.json") == token


def test_a_damaged_code_in_use_gives_way(factory: Factory) -> None:
    factory.kiosk.state_dir.mkdir()
    (factory.kiosk.state_dir / "token.json").write_text("{")
    token = factory.token()
    factory.put(token)
    assert factory.hand_over()[0] == 0
    assert factory.stored("token.json") == token


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda token: "hello", "is not a connection code"),
        (lambda token: "", "is not a connection code"),
        (lambda token: json.dumps({**token, "environment": "https://evil.example"}), "https://evil.example"),
        (lambda token: json.dumps({"apiKey": KEY}), "deviceId is missing"),
    ],
)
@pytest.mark.parametrize("running", [False, True])
def test_a_bad_code_stays_and_a_note_beside_it_says_why(
    factory: Factory, change: object, words: str, *, running: bool
) -> None:
    assert callable(change)
    if running:
        factory.kiosk.start()
    content = change({**factory.token(), "apiKey": KEY})
    factory.put(content)
    code, told = factory.hand_over()
    note = factory.note.read_text(encoding="utf-8")
    assert code == 1
    assert words in told
    assert words in note
    assert KEY not in told + note
    assert factory.file.read_text(encoding="utf-8") == content
    if running:
        factory.kiosk.stop()
    before = factory.note.stat().st_mtime_ns
    if not running:
        assert factory.hand_over()[0] == 1
        assert factory.note.stat().st_mtime_ns == before, "nothing is written that stands there already"
    factory.put(factory.token())
    assert factory.hand_over()[0] == 0
    assert factory.on_the_partition() == [], "the note goes with the file"


def test_a_code_that_the_server_refuses_stays_and_a_note_says_so(factory: Factory) -> None:
    factory.kiosk.start()
    factory.put({**factory.token(), "apiKey": KEY})
    code, told = factory.hand_over()
    assert (code, told.startswith("Refused."), told.endswith(f"{factory.file} stays.\n")) == (5, True, True)
    assert "Refused." in factory.note.read_text(encoding="utf-8")
    assert factory.on_the_partition() == ["crewcheck-token-problem.txt", "crewcheck-token.json"]


def test_a_file_that_cannot_be_read_is_noted(factory: Factory) -> None:
    factory.file.mkdir()
    code, told = factory.hand_over()
    assert (code, "Is a directory" in told) == (1, True)
    assert "Is a directory" in factory.note.read_text(encoding="utf-8")


def test_a_file_that_cannot_be_erased_is_told(factory: Factory) -> None:
    elsewhere = factory.machine.folder / "elsewhere.json"
    elsewhere.write_text(json.dumps(factory.token()), encoding="utf-8")
    factory.file.symlink_to(elsewhere)
    code, told = factory.hand_over()
    assert (code, "cannot be erased: Too many levels of symbolic links. Erase it" in told) == (1, True)
    assert elsewhere.stat().st_size > 0


def test_what_is_kept_for_the_next_start_belongs_to_whom_the_folder_belongs_to(factory: Factory) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    factory.kiosk.state_dir.mkdir()
    os.chown(factory.kiosk.state_dir, 64901, 64902)
    for name in ("token.json", "candidate.json"):
        factory.put(factory.token())
        assert factory.hand_over()[0] == 0
        found = (factory.kiosk.state_dir / name).stat()
        assert (found.st_uid, found.st_gid, found.st_mode & 0o777) == (64901, 64902, 0o600)


def test_standard_input_cannot_be_erased(factory: Factory) -> None:
    done = factory.machine.tool("provision", "--remove")
    assert (done.returncode, b"--remove needs a file" in done.stderr) == (2, True)
