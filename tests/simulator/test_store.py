"""The state file."""

import stat
from pathlib import Path

import pytest

from crewcheck_agent.simulator.store import StateFile, StateFileError
from crewcheck_agent.simulator.world import Snapshot, World, fresh_snapshot


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.json"


def saved_world(path: Path) -> World:
    file = StateFile(path)
    return World(file.load() or fresh_snapshot("demo"), keep=file.save)


def test_every_change_is_there_after_a_restart(path: Path) -> None:
    world = saved_world(path)
    kept, gone = world.create("Gate 12", "left"), world.create("Gone")
    key = world.issue_key(kept.device_id)
    world.change(kept.device_id, is_enabled=False)
    world.delete(gone.device_id)

    again = saved_world(path)
    assert again.kiosks() == world.kiosks()
    assert again.operator_key == world.operator_key
    assert again.is_key_of(again.kiosk(kept.device_id), key)
    assert key not in path.read_text()


def test_its_owner_alone_may_read_it_and_nothing_else_is_left_behind(path: Path) -> None:
    StateFile(path).save(fresh_snapshot("demo"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_nothing_saved_yet_is_no_error(path: Path) -> None:
    assert StateFile(path).load() is None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b"\xff", b'{"tenant_id": 1, "operator_key": "k"}'])
def test_what_is_no_state_file_is_refused_by_name(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(StateFileError, match="is not a state file of this simulator"):
        StateFile(path).load()
    assert path.read_bytes() == content


def test_what_cannot_be_read_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(StateFileError, match="cannot read"):
        StateFile(tmp_path).load()


def test_a_change_that_cannot_be_kept_does_not_happen(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    world = World(fresh_snapshot("demo"), keep=StateFile(folder / "state.json").save)
    folder.rmdir()
    with pytest.raises(StateFileError, match="cannot write"):
        world.create("lost")
    assert (world.kiosks(), world.revision) == ((), 0)


def test_a_failed_write_leaves_the_old_state_and_no_draft(tmp_path: Path) -> None:
    target = tmp_path / "taken"
    target.mkdir()
    with pytest.raises(StateFileError, match="cannot write"):
        StateFile(target).save(Snapshot("demo", "key"))
    assert list(tmp_path.iterdir()) == [target]
