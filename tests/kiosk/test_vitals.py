"""What the kernel tells of the machine itself: read from the kernel's own files, and from files like them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crewcheck_agent.core.facts import Link
from crewcheck_agent.kiosk.vitals import Sources, vitals

NOW = datetime(2026, 6, 2, 12, tzinfo=UTC)
RADIOS = """Inter-| sta-|   Quality        |   Discarded packets               | Missed | WE
 face | tus | link level noise |  nwid  crypt   frag  retry   misc | beacon | 22
 wlan0: 0000   49.  -61.  -256        0      0      0      0     12        0
"""


class Kernel:
    """The kernel's files, in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.sources = Sources(folder / "net", folder / "wireless", folder / "thermal")

    def adapter(self, name: str, **files: str) -> None:
        place = self.sources.adapters / name
        (place / "device").mkdir(parents=True)
        for file, content in files.items():
            (place / file).write_text(content)

    def sensor(self, number: int, content: str) -> None:
        place = self.sources.zones / f"thermal_zone{number}"
        place.mkdir(parents=True)
        (place / "temp").write_text(content)


@pytest.fixture
def kernel(tmp_path: Path) -> Kernel:
    return Kernel(tmp_path)


def test_cables_tell_their_rate_and_radios_their_signal(kernel: Kernel) -> None:
    kernel.adapter("eth0", carrier="1\n", speed="1000\n")
    kernel.adapter("wlan0", carrier="1\n")
    kernel.sources.radios.write_text(RADIOS)
    assert vitals(NOW, kernel.sources).links == (Link("eth0", rate=1000), Link("wlan0", signal=-61))


@pytest.mark.parametrize(
    "files", [{"carrier": "0\n"}, {}, {"carrier": "?"}], ids=["not plugged in", "switched off", "garbled"]
)
def test_an_adapter_without_a_link_is_left_out(kernel: Kernel, files: dict[str, str]) -> None:
    kernel.adapter("eth0", **files)
    assert vitals(NOW, kernel.sources).links == ()


@pytest.mark.parametrize("speed", ["-1\n", "0\n", "", "fast"])
def test_a_rate_that_is_none_is_not_told(kernel: Kernel, speed: str) -> None:
    kernel.adapter("usb0", carrier="1", speed=speed)
    assert vitals(NOW, kernel.sources).links == (Link("usb0"),)


def test_what_is_no_device_is_no_adapter(kernel: Kernel) -> None:
    kernel.adapter("eth0", carrier="1", speed="100")
    (kernel.sources.adapters / "docker0").mkdir()
    (kernel.sources.adapters / "docker0" / "carrier").write_text("1")
    assert [link.name for link in vitals(NOW, kernel.sources).links] == ["eth0"]


@pytest.mark.parametrize(
    ("sensors", "hottest"),
    [
        (["41000", "48499", "39000"], 48),
        (["-274000", "0", "255000", "52000"], 52),
        (["", "hot", "44500\n"], 44),
        (["-274000"], None),
        ([], None),
    ],
)
def test_the_hottest_sensor_that_makes_sense_counts(kernel: Kernel, sensors: list[str], hottest: int | None) -> None:
    for number, content in enumerate(sensors):
        kernel.sensor(number, content)
    assert vitals(NOW, kernel.sources).celsius == hottest


def test_this_machine_can_be_asked() -> None:
    found = vitals(NOW)
    uptime = float(Path("/proc/uptime").read_text(encoding="ascii").split()[0])
    assert found.on_since is not None
    assert abs(found.on_since - (NOW - timedelta(seconds=uptime))) < timedelta(seconds=10)
