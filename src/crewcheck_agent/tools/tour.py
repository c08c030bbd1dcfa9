"""The guided tour: a kiosk's whole life in seven steps, each of them seen on the agent's own screen."""

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from gettext import gettext as _
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
            print(f"✗ {_took(began)}  " + _("{step}: this was not seen").format(step=step.name) + "\n")
            facts = {_("expected:"): step.expected, _("seen:"): str(reason), **_kept(stage.kiosk)}
            room = max(map(len, facts)) + 1
            print("\n".join(f"  {label:{room}}{fact}" for label, fact in facts.items()), flush=True)
            return ExitCode.FAILED
        seen = _("{step}: {expected}").format(step=step.name, expected=step.expected)
        print(f"✓ {_took(began)}  {seen}", flush=True)
    told = _("All of it was seen on the kiosk's own screen, in {seconds:.1f} seconds.")
    print("\n" + told.format(seconds=time.monotonic() - start))
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
    seen = _("nothing: the agent's status did not come")
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
        told = _("the agent says that it is {state} and shows {showing}")
        if problem:
            told = _("the agent says that it is {state} and shows {showing} ({problem})")
        return told.format(state=state, showing=showing, problem=problem and problem["message"])
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
        logo, no_mark = _("the logo, in the middle of the screen"), _("the logo, without the mark")
        return (
            Step(
                _("A new kiosk starts"),
                _("it asks for a connection code"),
                _nothing,
                "unprovisioned",
                "setup",
                _words,
            ),
            Step(_("It scans its code"), logo, self._scan_first, "connected", "logo", _plain_logo),
            Step(
                _("The operator disables it"),
                _("the logo is gone, and words say why"),
                lambda: simulator.disable(device_id),
                "disabled",
                "disabled",
                self._words_of_disabled,
            ),
            Step(
                _("The operator enables it"),
                _("the logo is back by itself"),
                lambda: simulator.enable(device_id),
                "connected",
                "logo",
                _plain_logo,
            ),
            Step(
                _("The network is lost"),
                _("the logo stays, with a small mark in its corner"),
                simulator.stop_listening,
                "offline",
                "logo",
                _marked_logo,
            ),
            Step(_("The network is back"), no_mark, simulator.listen_again, "connected", "logo", _plain_logo),
            Step(
                _("The operator resets its key"),
                _("refused twice, it gives the logo up and asks for a new code"),
                self._reset,
                "unauthorized",
                "unauthorized",
                self._words_of_unauthorized,
            ),
            Step(_("It scans its new code"), logo, self._scan, "connected", "logo", _plain_logo),
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
            raise NotSeen(_("the code was not taken: {reply}").format(reply=answer["reply"]))

    def _words_of_disabled(self, picture: Image.Image) -> str:
        self._disabled_screen = picture
        return _words(picture)

    def _words_of_unauthorized(self, picture: Image.Image) -> str:
        refusals = [seen for seen in self._stage.simulator.requests("connect") if seen.status == 401]
        if len(refusals) < 2:
            told = _("the logo was given up before it was refused twice: {number}")
            return told.format(number=len(refusals))
        before = self._disabled_screen
        if before is None or sight.difference(picture, before) < _ANOTHER_SCREEN:
            return _("the same picture as that of a disabled kiosk")
        return _words(picture)


def _nothing() -> None:
    pass


def _plain_logo(picture: Image.Image) -> str:
    if sight.has_mark(picture):
        return _("the logo's corner carries a mark")
    return sight.no_logo_there(picture, _INKS)


def _marked_logo(picture: Image.Image) -> str:
    if not sight.has_mark(picture):
        return _("there is no mark in the corner")
    return sight.no_logo_there(picture, _INKS)


def _words(picture: Image.Image) -> str:
    return sight.logo_left_over(picture, _INKS) or sight.no_words_there(picture, GROUND)


def _took(began: float) -> str:
    return f"{time.monotonic() - began:5.1f} s"


def _kept(kiosk: Kiosk) -> dict[str, str]:
    """What is worth a look after a failure, saved from the end of the demo; says where."""
    place = Path(mkdtemp(prefix="crewcheck-demo-failure-"))
    kept = {}
    with suppress(AgentUnreachable):
        kiosk.look().save(place / "screen.png")
        kept[_("picture:")] = str(place / "screen.png")
    shutil.copy(kiosk.log, place)
    return {**kept, _("log:"): str(place / kiosk.log.name)}
