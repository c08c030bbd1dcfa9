"""The guided tour: a kiosk's whole life in seven steps, each of them seen on the agent's own screen."""

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Protocol

import crewcheck_agent.kiosk.sdl  # noqa: F401 - before pygame: else that greets whoever runs the demo

from PIL import Image  # isort: skip

from crewcheck_agent.kiosk.painter import GROUND
from crewcheck_agent.simulator.artwork import demo_logo
from crewcheck_agent.tools import sight
from crewcheck_agent.tools.agent import AgentUnreachable
from crewcheck_agent.tools.exit_code import ExitCode
from crewcheck_agent.tools.stage import Ended, Kiosk, Report, Stage

PATIENCE = 30.0
"""Seconds for a step to be seen: machines can be slow."""

_INKS = sight.inks_of(demo_logo())
_ANOTHER_SCREEN = 0.01  # of all pixels: two screens that differ in less look the same

Judge = Callable[[Image.Image], str]
"""What is wrong with the picture on the screen; empty where nothing is."""


class NotSeen(Exception):  # noqa: N818 - told as what did not happen
    """What was to be seen was not. The text says what was seen instead."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens, and what the kiosk makes of it.

    Attributes:
        name: what happens.
        expected: what is then to be seen, in words.
        act: lets it happen.
        state, showing: what the agent's status is to say.
        judge: what its picture is to look like.
    """

    name: str
    expected: str
    act: Callable[[], None]
    state: str
    showing: str
    judge: Judge


def tour(stage: Stage, steps: Sequence[Step], patience: float = PATIENCE) -> ExitCode:
    """Play the steps and tell of each. Ends at the first that is not seen within `patience` seconds."""
    start = time.monotonic()
    for step in steps:
        began = time.monotonic()
        try:
            play(step, stage.kiosk, patience)
        except (NotSeen, Ended, AgentUnreachable) as reason:
            print(f"✗ {_took(began)}  {step.name}: this was not seen\n")
            print(f"  expected: {step.expected}\n  seen:     {reason}\n{_kept(stage.kiosk)}", flush=True)
            return ExitCode.FAILED
        print(f"✓ {_took(began)}  {step.name}: {step.expected}", flush=True)
    print(f"\nAll of it was seen on the kiosk's own screen, in {time.monotonic() - start:.1f} seconds.")
    return ExitCode.FINE


class Watched(Protocol):
    """What a step needs of the kiosk; see there."""

    def reports(self, patience: float) -> Iterator[Report]:
        """Its status, now and whenever it changes."""

    def look(self) -> Image.Image:
        """What its screen shows."""


def play(step: Step, kiosk: Watched, patience: float) -> None:
    """Let it happen, and look until it is seen.

    Raises:
        NotSeen: it was not, for `patience` seconds.
        Ended, AgentUnreachable: the agent is gone.
    """
    step.act()
    seen = "nothing: the agent's status did not come"
    for report in kiosk.reports(patience):
        seen = _otherwise(step, report, kiosk)
        if not seen:
            return
    raise NotSeen(seen)


def _otherwise(step: Step, report: Report, kiosk: Watched) -> str:
    """What is seen instead, if anything is."""
    state, showing = report["state"], report["screen"]["showing"]
    if (state, showing) != (step.state, step.showing):
        problem = report["problem"] or report["notice"]
        reason = f" ({problem['message']})" if problem else ""
        return f"the agent says that it is {state} and shows {showing}{reason}"
    return step.judge(kiosk.look())


def steps_of(stage: Stage) -> Sequence[Step]:
    """The tour, in its order."""
    return _Script(stage).steps()


class _Script:
    """What happens on this stage, and what was seen before, where that matters."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._code = ""
        self._disabled_screen: Image.Image | None = None

    def steps(self) -> Sequence[Step]:
        simulator, device_id = self._stage.simulator, self._stage.device_id
        logo, no_mark = "the logo, in the middle of the screen", "the logo, without the mark"
        return (
            Step("A new kiosk starts", "it asks for a connection code", _nothing, "unprovisioned", "setup", _words),
            Step("It scans its code", logo, self._scan_first, "connected", "logo", _plain_logo),
            Step(
                "The operator disables it",
                "the logo is gone, and words say why",
                lambda: simulator.disable(device_id),
                "disabled",
                "disabled",
                self._words_of_disabled,
            ),
            Step(
                "The operator enables it",
                "the logo is back by itself",
                lambda: simulator.enable(device_id),
                "connected",
                "logo",
                _plain_logo,
            ),
            Step(
                "The network is lost",
                "the logo stays, with a small mark in its corner",
                simulator.stop_listening,
                "offline",
                "logo",
                _marked_logo,
            ),
            Step("The network is back", no_mark, simulator.listen_again, "connected", "logo", _plain_logo),
            Step(
                "The operator resets its key",
                "refused twice, it gives the logo up and asks for a new code",
                self._reset,
                "unauthorized",
                "unauthorized",
                self._words_of_unauthorized,
            ),
            Step("It scans its new code", logo, self._scan, "connected", "logo", _plain_logo),
        )

    def _scan_first(self) -> None:
        self._reset()
        self._scan()

    def _reset(self) -> None:
        self._stage.simulator.clear_requests()
        self._code = self._stage.fresh_code()

    def _scan(self) -> None:
        answer = self._stage.kiosk.offer(self._code, scanned=True)
        if answer["reply"] != "connected":
            raise NotSeen(f"the code was not taken: {answer['reply']}")

    def _words_of_disabled(self, picture: Image.Image) -> str:
        self._disabled_screen = picture
        return _words(picture)

    def _words_of_unauthorized(self, picture: Image.Image) -> str:
        refusals = [seen for seen in self._stage.simulator.requests("connect") if seen.status == 401]
        if len(refusals) < 2:
            return f"the logo was given up after {len(refusals)} refusals"
        before = self._disabled_screen
        if before is None or sight.difference(picture, before) < _ANOTHER_SCREEN:
            return "the same picture as that of a disabled kiosk"
        return _words(picture)


def _nothing() -> None:
    pass


def _plain_logo(picture: Image.Image) -> str:
    if sight.has_mark(picture):
        return "the logo's corner carries a mark"
    return sight.no_logo_there(picture, _INKS)


def _marked_logo(picture: Image.Image) -> str:
    if not sight.has_mark(picture):
        return "there is no mark in the corner"
    return sight.no_logo_there(picture, _INKS)


def _words(picture: Image.Image) -> str:
    return sight.logo_left_over(picture, _INKS) or sight.no_words_there(picture, GROUND)


def _took(began: float) -> str:
    return f"{time.monotonic() - began:5.1f} s"


def _kept(kiosk: Kiosk) -> str:
    """What is worth a look after a failure, saved from the end of the demo; says where."""
    place = Path(mkdtemp(prefix="crewcheck-demo-failure-"))
    lines = []
    with suppress(AgentUnreachable):
        kiosk.look().save(place / "screen.png")
        lines.append(f"  picture:  {place / 'screen.png'}")
    shutil.copy(kiosk.log, place)
    return "\n".join([*lines, f"  log:      {place / kiosk.log.name}"])
