"""The daemon: events in, `advance`, commands out. The one place where the threads meet.

This thread owns the state, the files of the identity and the display; `errands` owns everything that waits.
"""

import logging
import os
import queue
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, assert_never

import pygame

from crewcheck_agent import __version__
from crewcheck_agent.chronicle import Chronicle
from crewcheck_agent.core import events
from crewcheck_agent.core.events import Command, Event, Origin
from crewcheck_agent.core.facts import Vitals
from crewcheck_agent.core.kiosk import identity_of, pulse_of
from crewcheck_agent.core.picture import Colour
from crewcheck_agent.core.problem import Problem
from crewcheck_agent.core.redaction import Redactor
from crewcheck_agent.core.retry import Pace
from crewcheck_agent.core.screen import Scanner, Screen, Showing, Surroundings, screen_of
from crewcheck_agent.core.state import advance
from crewcheck_agent.core.status import AgentReport, ScannerReport, ScreenReport, headline, problem_fields, report
from crewcheck_agent.errands import Asked, Broken, Errands, Open, Plan, Stirred, now
from crewcheck_agent.gallery import Gallery
from crewcheck_agent.keeper import Keeper
from crewcheck_agent.kiosk.addresses import addresses
from crewcheck_agent.kiosk.control import AlreadyRunning
from crewcheck_agent.kiosk.display import Display, DisplayUnavailable
from crewcheck_agent.kiosk.hotplug import Plugged
from crewcheck_agent.kiosk.pictures import Pictures
from crewcheck_agent.kiosk.scanner.gatherer import Gatherer
from crewcheck_agent.kiosk.scanner.scanners import Scanned, ScannerPlan, on_console
from crewcheck_agent.kiosk.systemd import ServiceManager
from crewcheck_agent.kiosk.upkeep import Upkeep
from crewcheck_agent.kiosk.vitals import vitals
from crewcheck_agent.kiosk.wall import Hanging, Wall
from crewcheck_agent.kiosk.window_key import WindowKey
from crewcheck_agent.languages import wording_in
from crewcheck_agent.logos import Brought
from crewcheck_agent.reception import Reception
from crewcheck_agent.settings import ConfigurationError, Settings, load_settings

_log = logging.getLogger(__name__)

_SHIFT_EVERY = 180.0  # seconds between two moves against burn-in
_GRACE = 30.0  # seconds by which an errand may be late before it counts as stuck
_END_PATIENCE = 0.5  # seconds for what is under way to end
_CALM = 1.0  # seconds that a passing screen stays at least: a wall does not flicker
_NEVER = float("inf")
_ENDS = {pygame.K_RETURN, pygame.K_KP_ENTER, pygame.K_TAB}  # of what is typed into the window


@dataclass(frozen=True, slots=True)
class Stop:
    """Somebody wants the daemon to end."""


@dataclass(frozen=True, slots=True)
class Reread:
    """Somebody changed the configuration."""


@dataclass(frozen=True, slots=True)
class Woken:
    """Nothing happened but time."""


News = Event | Scanned | ScannerReport | Open | Asked | Brought | Plugged | Stirred | Broken | Stop | Reread | Woken


class Service:
    """The daemon. `run` it on the main thread, once."""

    def __init__(
        self, settings: Settings, redactor: Redactor, environ: Mapping[str, str], display: Display | None = None
    ) -> None:
        """`display`: an open one, if the first frame is on it already."""
        self._settings = settings
        self._environ = environ
        self._inbox: queue.SimpleQueue[News] = queue.SimpleQueue()
        self._keeper = Keeper(settings, environ, redactor)
        pictures = Pictures(settings.cache_dir)
        self._gallery = Gallery(pictures)
        self._errands = Errands(self._plan(), pictures, self._inbox.put)
        self._manager = ServiceManager(environ)
        self._wall = Wall(environ, _hanging(settings), display)
        self._words = wording_in(settings.language)
        self._english = wording_in("en")  # what the machine's own administrators read
        self._chronicle = Chronicle(self._english)
        self._keys = Gatherer()
        self._window_key = WindowKey(settings.overlay_key)
        self._scanner = ScannerReport()
        self._vitals: Vitals | None = None
        self._upkeep = Upkeep(self._wall)
        self._promises: dict[int, float] = {}
        self._agent = AgentReport(__version__, os.getpid(), now().wall)
        self._exit_code: int | None = None
        self._ready = False
        self._listening = False
        self._open = False
        self._feed_at = now().steady if self._manager.watchdog_interval else _NEVER
        self._shift_at = now().steady + _SHIFT_EVERY
        self._calm_until = 0.0
        self._kiosk = self._keeper.restored(self._agent.started_at)
        self._reception = Reception(self._report, self._post, self._read, self._said, self._wall)

    def run(self) -> int:
        """Live until somebody ends it. Returns the exit code: 0 where it was asked to."""
        signal.signal(signal.SIGTERM, lambda *_: self._inbox.put(Stop()))
        signal.signal(signal.SIGINT, lambda *_: self._inbox.put(Stop()))
        signal.signal(signal.SIGHUP, lambda *_: self._inbox.put(Reread()))
        self._chronicle.started()
        self._errands.start()
        self._look_for_scanners()
        self._open_display()
        self._post(events.Started())
        while self._exit_code is None:
            self._live_on()
        self._manager.stopping()
        self._errands.stop(_END_PATIENCE)
        self._wall.close()
        self._chronicle.stopped()
        return self._exit_code

    def _live_on(self) -> None:
        try:
            self._handle(self._next())
            self._refresh()
            if self._listen_to_display():
                self._refresh()
        except DisplayUnavailable as error:  # it broke while we painted
            self._upkeep.lose(error, now().steady)
            self._display_changed()
            self._refresh()

    # What comes in

    def _next(self) -> News:
        at = now().steady
        calm_at = self._calm_until if self._calm_until > at else _NEVER
        passing = (each or _NEVER for each in (self._keys.due, self._kiosk.misread_until, self._kiosk.overlay_until))
        due = min(self._feed_at, self._shift_at, self._upkeep.due, calm_at, *passing)
        try:
            return self._inbox.get(timeout=max(0.0, due - at))
        except queue.Empty:
            return Woken()

    def _post(self, event: Event) -> None:
        self._inbox.put(event)

    def _handle(self, news: News) -> None:  # noqa: C901 - one line per kind of news
        match news:
            case Open(error):
                self._opened(error)
            case Asked(conversation):
                self._reception.receive(conversation)
            case Scanned(text):
                self._scanned(text)
            case ScannerReport():
                self._scanner = news
                self._chronicle.scanner(news)
            case Brought(picture, ready):
                self._advance(ready)
                self._gallery.hang(picture, self._kiosk)
            case Stirred():
                self._listening = False  # its events are read after every round, whatever woke us
            case Broken(error):
                _log.critical("this agent is at fault and must start anew", exc_info=error)
                self._exit_code = 1
            case Stop():
                self._exit_code = 0
            case Reread():
                self._reread()
            case Plugged() | Woken():  # the heartbeat looks, too: not every driver tells
                if self._upkeep.look(now().steady):
                    self._display_changed()
            case _:
                self._advance(news)
        self._keep_time()

    def _opened(self, error: Exception | None) -> None:
        self._open = True
        if isinstance(error, AlreadyRunning):
            _log.error("%s", error)
            self._exit_code = 1
        elif error:
            _log.error("no tool can reach this agent: the control socket cannot be made (%s)", error)

    def _listen_to_display(self) -> bool:
        """Read what the display server and its keyboard told; says whether there was anything."""
        display = self._wall.display
        if display is None:
            return False
        told = display.events()
        for event in told:
            if event.type == pygame.QUIT:
                self._exit_code = 0
            elif event.type == pygame.TEXTINPUT:  # a scanner's double letters look like a held key: no KEYDOWN has them
                self._typed(event.text)
            elif event.type == pygame.KEYDOWN and event.key in _ENDS:
                self._typed("\n")
            elif event.type == pygame.WINDOWEXPOSED:
                display.repaint()
            if self._window_key.held(event, now().steady):
                self._advance(events.OverlayWanted(now()))
        if not self._listening:
            self._listening = True
            self._errands.watch(display.descriptors)
        return bool(told)

    def _typed(self, keys: str) -> None:
        if self._scanner.state is not Scanner.UNKNOWN:
            return  # who looks for scanners reads them, and no code is read twice
        at = now().steady
        for key in keys:
            self._scanned(self._keys.typed(key, at))

    def _scanned(self, text: str | None) -> None:
        if text:
            self._advance(self._read(text, Origin.SCAN, None))

    def _read(self, text: str, origin: Origin, ticket: int | None) -> Event:
        return self._keeper.read(text, origin, now(), ticket)

    # What comes of it

    def _advance(self, event: Event) -> None:
        before = self._kiosk
        self._kiosk, commands = advance(before, event)
        self._keep_promises(event)
        self._chronicle.tell(before, event, self._kiosk)
        for command in commands:
            self._carry_out(command)

    def _carry_out(self, command: Command) -> None:
        match command:
            case events.Connect(claim, pace):
                self._promises[claim] = now().steady + _GRACE
                self._errands.ask(claim, self._keeper.token(claim), pace)
            case events.Release(claim):
                self._release(claim)
                self._keeper.drop_offer()
            case events.Try(claim, token):
                self._refresh()  # "code read" is seen before the disk has done its part
                self._stored(self._keeper.keep(claim, token))
                self._carry_out(events.Connect(claim, Pace.NOW))
            case events.Adopt(claim):
                self._adopt(claim)
            case events.FetchLogo():
                environment = self._keeper.token(command.claim).identity.environment
                self._errands.fetch_logo(command, environment, self._wall.box())
            case events.Save(verdict):
                problem = self._keeper.save(verdict)
                self._stored(problem)
                self._gallery.tidy(self._kiosk, on_disk=problem is None)
            case events.Erase():
                self._erase()
            case events.Tell():
                self._reception.tell(command)
            case _ as never:
                assert_never(never)

    def _stored(self, problem: Problem | None) -> None:
        if problem != self._kiosk.storage_problem:
            self._advance(events.Stored(problem))

    def _release(self, claim: int) -> None:
        self._errands.stop_asking(claim)
        self._keeper.release(claim)
        self._promises.pop(claim, None)

    def _adopt(self, claim: int) -> None:
        problem = self._keeper.take_on(claim)
        if problem:
            self._advance(events.NotAdopted(claim, problem, now()))
            return
        for other in self._keeper.claims():
            if other != claim:
                self._release(other)
        self._errands.drop_logo()
        self._advance(events.Adopted(claim, now()))

    def _erase(self) -> None:
        for claim in self._keeper.claims():
            self._release(claim)
        self._errands.drop_logo()
        erased, cleared = self._keeper.erase(), self._gallery.clear()  # the logo goes, whatever cannot
        problem = erased or cleared
        self._stored(problem)
        self._chronicle.erased(problem)
        self._reception.erased(problem)

    # What is seen of it

    def _refresh(self) -> None:
        """Bring display, service manager and watching tools up to date with the state."""
        self._show(screen_of(self._kiosk, self._surroundings()))
        self._manager.status(headline(self._report(), self._english))
        if not self._ready and self._open and self._wall.showing():
            self._ready = True
            self._manager.ready()
        self._reception.publish()

    def _show(self, screen: Screen) -> None:
        """Paint what changed, but let "one moment" be read before it goes.

        Between an answer and the plan for the next question, which are milliseconds apart, a screen stays as it is.
        """
        at, shown = now().steady, self._wall.showing()
        if shown is screen.showing and identity_of(self._kiosk) and pulse_of(self._kiosk).next_attempt is None:
            return
        if shown is Showing.CONNECTING and screen.showing is not shown and at < self._calm_until:
            return
        self._wall.show(screen, self._gallery.picture)
        if screen.showing is Showing.CONNECTING and shown is not Showing.CONNECTING:
            self._calm_until = at + _CALM

    def _surroundings(self) -> Surroundings:
        at_hand = self._gallery.picture is not None
        if self._kiosk.overlay_until is None:
            self._vitals = None
        elif self._vitals is None:  # read once: a picture that changes every second would be painted every second
            self._vitals = vitals(now().wall)
        state = self._scanner.state
        return Surroundings(self._words, __version__, addresses(), state, at_hand, self._vitals or Vitals())

    def _screen_report(self) -> ScreenReport:
        display = self._wall.display
        return ScreenReport(
            self._wall.showing(),
            display.driver if display else None,
            display.size if display else None,
            self._wall.hanging.rotation,
            self._wall.frames,
            self._upkeep.problem,
            overlay=self._kiosk.overlay_until is not None,
        )

    def _report(self) -> Mapping[str, Any]:
        return report(self._kiosk, self._screen_report(), self._scanner, self._agent, self._words)

    def _said(self, problem: Problem | None) -> Mapping[str, str] | None:
        return problem_fields(problem, self._words)

    # What time demands

    def _keep_time(self) -> None:
        at = now().steady
        if at >= self._feed_at and self._manager.watchdog_interval:
            self._feed_at = at + self._manager.watchdog_interval
            if all(promise > at for promise in self._promises.values()):
                self._manager.alive()
        if self._keys.due is not None and at >= self._keys.due:
            self._scanned(self._keys.timed_out(at))
        if at >= min(self._kiosk.misread_until or _NEVER, self._kiosk.overlay_until or _NEVER):
            self._advance(events.Lapsed(now()))
        if at >= self._shift_at:
            self._shift_at = at + _SHIFT_EVERY
            self._wall.shift()
        if at >= self._upkeep.due:
            self._open_display()

    def _keep_promises(self, event: Event) -> None:
        """Every question says when the next word of it will come: the watchdog holds the errands to that."""
        match event:
            case events.Scheduled(claim, next_attempt) | events.Missed(claim=claim, next_attempt=next_attempt):
                if claim in self._promises:
                    self._promises[claim] = next_attempt.steady + self._settings.request_timeout + _GRACE
            case _:
                pass

    def _open_display(self) -> None:
        self._upkeep.open(now().steady)
        self._display_changed()

    def _display_changed(self) -> None:
        """There is a new display, or there is still none."""
        display, problem = self._wall.display, self._upkeep.problem
        if problem:
            self._chronicle.display_missing(problem)
            self._manager.waiting(self._upkeep.due - now().steady + _GRACE)
        elif display:
            self._chronicle.display_opened(display.driver, display.size)
            self._listening = False
            self._load_picture()

    def _load_picture(self) -> None:
        """The cached logo, at once; made anew for this screen where it was made for another."""
        box = self._wall.box()
        verdict = self._kiosk.verdict
        if not self._gallery.load(self._kiosk, box) and verdict and verdict.logo:
            self._errands.remake_picture(self._kiosk.claim, verdict.logo, box)

    # What somebody changed

    def _reread(self) -> None:
        try:
            settings = load_settings()
        except ConfigurationError as error:
            _log.error("the configuration stays as it was: %s", error)
            return
        self._manager.reloading()
        looked_for, self._settings = self._scanners_to_read(), settings
        if self._scanners_to_read() != looked_for:
            self._look_for_scanners()
        self._keeper.allow(settings.allowed_environments)
        self._words = wording_in(settings.language)
        self._window_key = WindowKey(settings.overlay_key)
        self._wall.hanging = _hanging(settings)
        self._errands.replan(self._plan())
        self._load_picture()
        if self._kiosk.claim:
            self._carry_out(events.Connect(self._kiosk.claim, Pace.NOW))
        self._chronicle.configuration_read()
        if self._ready:
            self._manager.ready()

    def _look_for_scanners(self) -> None:
        off = self._settings.scanner == "off"
        self._scanner = ScannerReport(Scanner.OFF if off else Scanner.UNKNOWN)
        self._errands.read_scanners(self._scanners_to_read())

    def _scanners_to_read(self) -> ScannerPlan | None:
        """None where a display server hands the keys of whatever is plugged in to our window."""
        wanted, console = self._settings.scanner, on_console(self._environ)
        if wanted == "off" or (wanted == "auto" and not console):
            return None
        return ScannerPlan(wanted, self._settings.scanner_layout, console, self._settings.overlay_key)

    def _plan(self) -> Plan:
        settings = self._settings
        return Plan(settings.runtime_dir / "control.sock", settings.rhythm, settings.request_timeout)


def _hanging(settings: Settings) -> Hanging:
    colour, size = settings.background, settings.display_size
    width, _, height = size.partition("x")
    return Hanging(
        settings.rotation,
        None if colour == "auto" else Colour(*bytes.fromhex(colour[1:])),
        (int(width), int(height)) if size else None,
    )
