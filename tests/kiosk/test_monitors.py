"""Cards and monitors are told as the kernel lists them."""

import errno
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from crewcheck_agent.core.problem import Lack
from crewcheck_agent.kiosk.monitors import Places, in_use, monitors

Tree = Mapping[str, Mapping[str, str]]
HDMI = {"status": "connected\n", "modes": "1920x1080\n1280x720\n"}
NOTHING = {"status": "disconnected\n", "modes": ""}

MACHINES: list[tuple[str, Tree, tuple[str, ...], tuple[tuple[str, str], ...], Lack | None]] = [
    ("no card", {}, (), (), Lack.NO_CARD),
    ("a card without its node", {"card0": {}}, (), (), Lack.NO_PERMISSION),
    ("no connector", {"card0": {}}, ("card0",), (), Lack.NO_MONITOR),
    ("no monitor", {"card0": {}, "card0-HDMI-A-1": NOTHING}, ("card0",), (), Lack.NO_MONITOR),
    ("a monitor", {"card0": {}, "card0-HDMI-A-1": HDMI}, ("card0",), (("card0-HDMI-A-1", "1920x1080"),), None),
    ("another number", {"card1": {}, "card1-DP-1": HDMI}, ("card1",), (("card1-DP-1", "1920x1080"),), None),
    (
        "one monitor of two connectors",
        {"card0": {}, "card0-HDMI-A-1": NOTHING, "card0-HDMI-A-2": HDMI},
        ("card0",),
        (("card0-HDMI-A-2", "1920x1080"),),
        None,
    ),
    ("two cards", {"card0": {}, "card1": {}, "card1-DP-1": HDMI}, ("card1",), (("card1-DP-1", "1920x1080"),), None),
    ("a connector that just went", {"card0": {}, "card0-DP-1": {}}, ("card0",), (), Lack.NO_MONITOR),
    (
        "a monitor without modes",
        {"card0": {}, "card0-DP-1": {"status": "connected\n"}},
        ("card0",),
        (("card0-DP-1", ""),),
        None,
    ),
]


@pytest.mark.parametrize(
    ("tree", "usable", "connected", "lack"), [row[1:] for row in MACHINES], ids=[row[0] for row in MACHINES]
)
def test_what_the_kernel_lists_is_told(
    tmp_path: Path, tree: Tree, usable: tuple[str, ...], connected: tuple[tuple[str, str], ...], lack: Lack | None
) -> None:
    sysfs, nodes = tmp_path / "drm", tmp_path / "dri"
    nodes.mkdir()
    for name, files in tree.items():
        (sysfs / name).mkdir(parents=True)
        for file, content in files.items():
            (sysfs / name / file).write_text(content)
    for name in usable:
        (nodes / name).touch()
    seen = monitors(Places(sysfs, nodes))
    assert (seen.connected, seen.lack) == (connected, lack)
    assert seen.node == (str(nodes / "card0") if lack is Lack.NO_PERMISSION else "")


MASTERS: list[tuple[str, Mapping[str, int], bool]] = [
    ("a free card", {"card0": errno.EINVAL}, False),
    ("another program's", {"card0": errno.EACCES}, True),
    ("two, both another's", {"card0": errno.EACCES, "card1": errno.EACCES}, True),
    ("two, one of them free", {"card0": errno.EACCES, "card1": errno.EINVAL}, False),
    ("something that is no card", {"card0": errno.ENOTTY}, False),
    ("none that we may use", {}, False),
]


@pytest.mark.parametrize(("answers", "expected"), [row[1:] for row in MASTERS], ids=[row[0] for row in MASTERS])
def test_a_card_is_in_use_when_the_kernel_has_another_master_of_it(
    tmp_path: Path,
    answers: Mapping[str, int],
    expected: bool,  # noqa: FBT001 - a table
) -> None:
    places = Places(tmp_path / "drm", tmp_path / "dri")
    places.nodes.mkdir()
    for name in answers:
        (places.sysfs / name).mkdir(parents=True)
        (places.nodes / name).touch()

    def answer(card: int, request: int, _: bytes) -> None:
        assert request == 0x40046411
        raise OSError(answers[Path(f"/proc/self/fd/{card}").readlink().name], "as the kernel says")

    before = os.listdir("/proc/self/fd")  # noqa: PTH208 - names are enough
    assert in_use(places, answer) is expected
    assert os.listdir("/proc/self/fd") == before  # noqa: PTH208


def test_a_plain_file_is_no_card_in_use(tmp_path: Path) -> None:
    places = Places(tmp_path / "drm", tmp_path / "dri")
    (places.sysfs / "card0").mkdir(parents=True)
    places.nodes.mkdir()
    (places.nodes / "card0").touch()
    assert not in_use(places)
