"""What udev tells is heard: of the kinds asked for, in order, and never again after the end."""

import asyncio
import subprocess
import sys

import pytest
from tests.kiosk.udev import announce, may_announce

from crewcheck_agent.kiosk.hotplug import NoHotplug, Plugged, listening_to_udev

PATIENCE = 10.0
needs_root = pytest.mark.skipif(not may_announce, reason="speaking in udev's name takes root")


async def heard(*wanted: str, until: str) -> list[Plugged]:
    """All that is heard while these devices are announced, up to the one at `until`."""
    found: list[Plugged] = []
    there = asyncio.Event()

    def hear(news: Plugged) -> None:
        if news.node.startswith("/dev/crewcheck-test"):
            found.append(news)
        if news.node == until:
            there.set()

    with listening_to_udev(wanted, hear):
        announce("drm", "change", "/dev/crewcheck-test-card0")
        announce("block", "add", "/dev/crewcheck-test-disk")
        announce("input", "add", "/dev/crewcheck-test-event3")
        announce("drm", "remove", "/dev/crewcheck-test-card0")
        announce(wanted[0], "add", until)
        await asyncio.wait_for(there.wait(), PATIENCE)
    return found[:-1]


@needs_root
def test_devices_of_the_kinds_asked_for_are_told_in_order_and_no_others() -> None:
    change = Plugged("drm", "change", "/dev/crewcheck-test-card0")
    scanner = Plugged("input", "add", "/dev/crewcheck-test-event3")
    gone = Plugged("drm", "remove", "/dev/crewcheck-test-card0")
    assert asyncio.run(heard("drm", "input", until="/dev/crewcheck-test-end")) == [change, scanner, gone]
    assert asyncio.run(heard("drm", until="/dev/crewcheck-test-end")) == [change, gone]


@needs_root
def test_after_the_end_nothing_is_heard() -> None:
    found: list[Plugged] = []

    async def story() -> None:
        with listening_to_udev(("drm",), found.append):
            pass
        heard_later = asyncio.Event()
        with listening_to_udev(("drm",), lambda _: heard_later.set()):
            announce("drm", "add", "/dev/crewcheck-test-card0")
            await asyncio.wait_for(heard_later.wait(), PATIENCE)

    asyncio.run(story())
    assert found == []


@needs_root
def test_what_was_lost_may_have_been_anything() -> None:
    """The kernel keeps some hundred messages for a listener that does not listen, and drops the rest."""
    found: list[Plugged] = []
    lost = asyncio.Event()

    def hear(news: Plugged) -> None:
        found.append(news)
        if news == Plugged():
            lost.set()

    async def story() -> None:
        with listening_to_udev(("drm",), hear):
            for number in range(2_000):
                announce("drm", "change", "/dev/crewcheck-test-card0", number)
            await asyncio.wait_for(lost.wait(), PATIENCE)

    asyncio.run(story())
    assert Plugged().concerns("drm")
    assert Plugged().concerns("input")


def test_each_message_concerns_its_own_kind() -> None:
    assert Plugged("drm", "change", "/dev/dri/card0").concerns("drm")
    assert not Plugged("drm", "change", "/dev/dri/card0").concerns("input")


WITHOUT = """
import asyncio, sys
sys.modules["pyudev"] = None
from crewcheck_agent.kiosk.hotplug import NoHotplug, listening_to_udev
try:
    with listening_to_udev(("drm",), print):
        pass
except NoHotplug as error:
    print(error)
"""


def test_without_its_library_it_says_so() -> None:
    done = subprocess.run((sys.executable, "-c", WITHOUT), capture_output=True, text=True, check=True)
    assert "pyudev" in done.stdout
    assert issubclass(NoHotplug, Exception)
