"""There is a display wherever there can be one: opened anew when it broke or when another monitor wants it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pygame
import pytest

from crewcheck_agent.core.problem import Code, Lack, Problem
from crewcheck_agent.core.screen import Screen, Showing, Sign
from crewcheck_agent.kiosk.display import Display, DisplayUnavailable
from crewcheck_agent.kiosk.monitors import Places
from crewcheck_agent.kiosk.upkeep import Upkeep
from crewcheck_agent.kiosk.wall import Hanging, Wall

NEVER = float("inf")
SIZE = (80, 48)
SETUP = Screen(Showing.SETUP, Sign.SCAN, "Scan the code", staff="Ask for it")


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SDL_VIDEODRIVER", "offscreen")
    yield
    pygame.display.quit()


class Machine:
    """A machine's graphics card and monitor, as its kernel lists them."""

    def __init__(self, folder: Path) -> None:
        self.places = Places(folder / "sysfs", folder / "dri")
        self.places.nodes.mkdir()
        self._connector = self.places.sysfs / "card0-HDMI-A-1"

    def insert_card(self) -> None:
        (self.places.sysfs / "card0").mkdir(parents=True)
        self._connector.mkdir()
        self.unplug()

    def permit(self) -> None:
        (self.places.nodes / "card0").touch()

    def forbid(self) -> None:
        (self.places.nodes / "card0").unlink()

    def plug(self, mode: str = "1920x1080") -> None:
        (self._connector / "status").write_text("connected\n")
        (self._connector / "modes").write_text(f"{mode}\n")

    def unplug(self) -> None:
        (self._connector / "status").write_text("disconnected\n")
        (self._connector / "modes").write_text("")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """One with everything."""
    machine = Machine(tmp_path)
    machine.insert_card()
    machine.permit()
    machine.plug()
    return machine


class OnKms(Display):
    """A display on the kernel's own driver, as far as anybody can tell from outside."""

    def __init__(self) -> None:
        super().__init__(os.environ, SIZE)
        self.driver = "KMSDRM"


def hung(display: Display) -> Wall:
    return Wall(os.environ, Hanging(size=SIZE), display)


@pytest.fixture
def wall() -> Wall:
    return hung(OnKms())


def on_a_bare_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on SDL may use the kernel's driver alone, and it finds no card that it can open."""
    monkeypatch.setenv("SDL_VIDEODRIVER", "kmsdrm")
    monkeypatch.setenv("SDL_VIDEO_KMSDRM_DEVICE_INDEX", "63")


def test_what_did_not_change_leaves_the_display_alone(machine: Machine, wall: Wall) -> None:
    upkeep, display = Upkeep(wall, machine.places), wall.display
    upkeep.open(0.0)
    machine.forbid()  # who has it open may go on
    assert not upkeep.look(1.0)
    assert wall.display is display
    assert (upkeep.problem, upkeep.due) == (None, NEVER)


def test_another_monitor_gets_a_display_opened_for_it(machine: Machine, wall: Wall) -> None:
    upkeep, display = Upkeep(wall, machine.places), wall.display
    upkeep.open(0.0)
    machine.plug("1280x720")
    assert upkeep.look(1.0)
    assert wall.display not in {display, None}
    assert not upkeep.look(2.0)


def test_a_window_does_not_care_for_monitors(machine: Machine) -> None:
    display = Display(os.environ, SIZE)
    wall = hung(display)
    upkeep = Upkeep(wall, machine.places)
    upkeep.open(0.0)
    machine.unplug()
    assert not upkeep.look(1.0)
    assert wall.display is display


def test_an_unplugged_monitor_is_named_and_its_return_is_noticed_at_once(
    machine: Machine, wall: Wall, monkeypatch: pytest.MonkeyPatch
) -> None:
    upkeep = Upkeep(wall, machine.places)
    upkeep.open(0.0)
    machine.unplug()
    on_a_bare_machine(monkeypatch)
    assert upkeep.look(100.0)
    assert wall.display is None
    assert (upkeep.problem, upkeep.due) == (Problem(Code.DISPLAY, variant=Lack.NO_MONITOR), 102.0)
    assert not upkeep.look(100.5), "nothing changed: another try would be in vain"
    machine.plug()
    monkeypatch.setenv("SDL_VIDEODRIVER", "offscreen")
    assert upkeep.look(101.0)
    assert (wall.display is not None, upkeep.problem, upkeep.due) == (True, None, NEVER)


def test_a_machine_that_gets_card_permission_and_monitor_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = Machine(tmp_path)
    on_a_bare_machine(monkeypatch)
    wall = Wall(os.environ, Hanging(), None)
    upkeep = Upkeep(wall, machine.places)
    upkeep.open(0.0)
    assert upkeep.problem == Problem(Code.DISPLAY, variant=Lack.NO_CARD)
    machine.insert_card()
    assert upkeep.look(1.0)
    node = str(machine.places.nodes / "card0")
    assert upkeep.problem == Problem(Code.DISPLAY, node, variant=Lack.NO_PERMISSION)
    machine.permit()
    assert upkeep.look(2.0)
    assert upkeep.problem == Problem(Code.DISPLAY, variant=Lack.NO_MONITOR)
    machine.plug()
    assert upkeep.look(3.0)
    assert upkeep.problem == Problem(Code.DISPLAY, "kmsdrm not available"), "nothing is seen to be amiss"


def test_a_screen_that_another_program_holds_is_told_as_that(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    on_a_bare_machine(monkeypatch)
    upkeep = Upkeep(Wall(os.environ, Hanging(), None), machine.places, in_use=lambda _: True)
    upkeep.open(0.0)
    assert upkeep.problem == Problem(Code.DISPLAY, variant=Lack.IN_USE)
    machine.unplug()
    assert upkeep.look(1.0)
    assert upkeep.problem == Problem(Code.DISPLAY, variant=Lack.NO_MONITOR), "what is seen comes first"


def test_tries_in_vain_become_rarer(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    on_a_bare_machine(monkeypatch)
    upkeep, at, pauses = Upkeep(Wall(os.environ, Hanging(), None), machine.places), 0.0, []
    for _ in range(6):
        upkeep.open(at)
        pauses.append(upkeep.due - at)
        at = upkeep.due
    assert pauses == [2.0, 4.0, 8.0, 16.0, 30.0, 30.0]


def broken_at(upkeep: Upkeep, at: float) -> float:
    upkeep.lose(DisplayUnavailable("it broke."), at)
    return upkeep.due - at


def test_a_display_that_breaks_is_given_back_and_opened_anew(machine: Machine, wall: Wall) -> None:
    upkeep = Upkeep(wall, machine.places)
    upkeep.open(0.0)
    assert broken_at(upkeep, 5.0) == 2.0
    assert wall.display is None
    assert upkeep.problem == Problem(Code.DISPLAY, "it broke")
    upkeep.open(7.0)
    assert wall.showing() is None, "nothing is on the new one yet"
    assert wall.show(SETUP, None)


def test_one_that_breaks_again_and_again_is_opened_ever_more_rarely_until_it_lasts(
    machine: Machine, wall: Wall
) -> None:
    upkeep = Upkeep(wall, machine.places)
    upkeep.open(0.0)
    pauses = [broken_at(upkeep, 0.1)]
    for _ in range(5):
        at = upkeep.due
        upkeep.open(at)
        pauses.append(broken_at(upkeep, at + 0.1))
    assert pauses == pytest.approx([2.0, 4.0, 8.0, 16.0, 30.0, 30.0])
    at = upkeep.due
    upkeep.open(at)
    assert broken_at(upkeep, at + 30.0) == pytest.approx(2.0)


def test_a_display_that_breaks_says_so_when_it_is_painted(wall: Wall) -> None:
    wall.show(SETUP, None)
    pygame.display.quit()  # below its feet
    with pytest.raises(DisplayUnavailable):
        wall.shift()
