"""Everything the daemon waits for outside its own thread: the server, logos, the tools, what is plugged in.

One thread with one event loop. Its methods may be called from any thread; what comes of them is posted.
"""

import asyncio
import logging
import random
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crewcheck_agent.cloud import http
from crewcheck_agent.cloud.connector import Connector, Times
from crewcheck_agent.core.events import (
    Answered,
    FetchLogo,
    LogoFailed,
    LogoReady,
    Missed,
    NetworkCame,
    OverlayWanted,
    Scheduled,
)
from crewcheck_agent.core.kiosk import Logo, Moment
from crewcheck_agent.core.picture import Box
from crewcheck_agent.core.retry import Pace, Rhythm
from crewcheck_agent.core.status import ScannerReport
from crewcheck_agent.core.token import ConnectionToken
from crewcheck_agent.kiosk.control import AlreadyRunning, Conversation, listening
from crewcheck_agent.kiosk.hotplug import NoHotplug, Plugged, listening_to_udev
from crewcheck_agent.kiosk.network import listening_for_network
from crewcheck_agent.kiosk.pictures import Pictures
from crewcheck_agent.kiosk.scanner.scanners import Machine, Scanned, ScannerPlan, Scanners
from crewcheck_agent.logos import Brought, Logos

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Open:
    """The control socket takes requests, or cannot for this reason; the errands are under way."""

    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A tool wants something."""

    conversation: Conversation


@dataclass(frozen=True, slots=True)
class Stirred:
    """The display server has something to say."""


@dataclass(frozen=True, slots=True)
class Broken:
    """An errand ended by a fault of this program: only a fresh start helps."""

    error: BaseException


News = (
    Scanned
    | ScannerReport
    | Open
    | Asked
    | Brought
    | Plugged
    | Stirred
    | Broken
    | Scheduled
    | Missed
    | Answered
    | LogoReady
    | LogoFailed
    | NetworkCame
    | OverlayWanted
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What the errands need to know of the configuration; times in seconds."""

    control_socket: Path
    rhythm: Rhythm
    request_timeout: float


def now() -> Moment:
    """The present moment on this machine's clocks."""
    return Moment(datetime.now().astimezone(), time.monotonic())


class Errands:
    """The other thread."""

    def __init__(self, plan: Plan, pictures: Pictures, post: Callable[[News], None]) -> None:
        self._plan = plan
        self._pictures = pictures
        self._post = post
        self._times = Times(now, asyncio.sleep, random.SystemRandom().uniform)
        self._loop = asyncio.new_event_loop()
        self._early: list[Callable[[], object]] | None = []  # what was asked for before all was set up; None since then
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._scanners: Scanners | None = None
        self._stop = asyncio.Event()
        self._logo_under_way: tuple[int, str] | None = None
        self._thread = threading.Thread(target=self._run, name="errands", daemon=True)

    def start(self) -> None:
        """Begin. What was asked for before is done now."""
        self._thread.start()

    def stop(self, patience: float) -> None:
        """End, in at most `patience` seconds; whatever is under way is dropped."""
        self._call(self._stop.set)
        self._thread.join(patience)

    def ask(self, claim: int, token: ConnectionToken, pace: Pace) -> None:
        """Put the connect question under this claim, in place of an earlier one under it."""
        self._call(lambda: self._begin(f"ask {claim}", self._connector.ask(claim, token, pace)))

    def stop_asking(self, claim: int) -> None:
        """Put no more questions under this claim."""
        self._call(lambda: self._end(f"ask {claim}"))

    def fetch_logo(self, wanted: FetchLogo, environment: str, box: Box) -> None:
        """Fetch a logo and make its picture for a screen of `box`. One that is on its way already is not disturbed."""
        self._call(lambda: self._begin_logo(wanted, environment, box))

    def remake_picture(self, claim: int, logo: Logo, box: Box) -> None:
        """Make the logo's picture anew from its stored original, for a screen of `box`."""
        self._call(lambda: self._begin("remake", self._logos.remake(claim, logo, box)))

    def drop_logo(self) -> None:
        """Stop working on pictures."""
        self._call(self._end_logo)

    def read_scanners(self, plan: ScannerPlan | None) -> None:
        """Look for scanners, post what they read and whether there are any; None: leave them alone."""
        self._call(lambda: self._read_scanners(plan))

    def watch(self, descriptors: Sequence[int]) -> None:
        """Post `Stirred` once when one of these becomes readable; `watch` again after having listened to it."""
        self._call(lambda: self._watch(descriptors))

    def replan(self, plan: Plan) -> None:
        """Use these times from the next question on. The control socket stays where it is."""
        self._call(lambda: self._replan(plan))

    # Below, all runs on the event loop's own thread.

    def _call(self, action: Callable[[], object]) -> None:
        with suppress(RuntimeError):  # the loop is closed: we are ending
            self._loop.call_soon_threadsafe(self._do, action)

    def _do(self, action: Callable[[], object]) -> None:
        if self._early is not None:
            self._early.append(action)
            return
        try:
            action()
        except Exception as error:  # noqa: BLE001 - as below
            self._post(Broken(error))

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(self._main())
        except BaseException as error:  # noqa: BLE001 - whatever it is, the other thread must hear of it
            self._post(Broken(error))

    async def _main(self) -> None:
        trust = http.system_trust()
        async with AsyncExitStack() as open_things:
            client = await open_things.enter_async_context(http.client(trust, self._plan.request_timeout))
            self._connector = Connector(client, self._plan.rhythm, self._plan.request_timeout, self._post, self._times)
            self._logos = Logos(client, self._pictures, self._plan.rhythm, self._times, self._post)
            with suppress(OSError):  # where the kernel tells nothing, the back-off alone decides
                open_things.enter_context(listening_for_network(self._loop, self._network_came))
            early, self._early = self._early or (), None
            for action in early:
                self._do(action)
            try:
                await open_things.enter_async_context(
                    listening(self._plan.control_socket, lambda conversation: self._post(Asked(conversation)))
                )
            except (AlreadyRunning, OSError) as error:
                self._post(Open(error))
            else:
                self._post(Open())
            try:
                open_things.enter_context(listening_to_udev(("drm", "input", "tty"), self._plugged))
            except NoHotplug as error:
                _log.info("a monitor or scanner that is plugged in later is noticed late: %s", error)
            else:
                self._plugged(Plugged("input"))  # whatever came since the first look
            await self._stop.wait()
            under_way = tuple(self._tasks.values())
            for name in tuple(self._tasks):
                self._end(name)
            await asyncio.gather(*under_way, return_exceptions=True)  # a decoder is ended, too

    def _network_came(self) -> None:
        self._logos.hurry()
        self._post(NetworkCame())

    def _plugged(self, news: Plugged) -> None:
        if self._scanners and (news.concerns("input") or news.concerns("tty")):
            self._scanners.plugged()
        if news.concerns("drm"):
            self._post(news)

    def _read_scanners(self, plan: ScannerPlan | None) -> None:
        self._end("scanners")
        self._scanners = None
        if plan:
            self._scanners = Scanners(plan, self._post, Machine(plan.key, lambda: self._post(OverlayWanted(now()))))
            self._begin("scanners", self._scanners.watch())

    def _replan(self, plan: Plan) -> None:
        for each in (self._connector, self._logos):
            each.replan(plan.rhythm, plan.request_timeout)

    def _begin(self, name: str, errand: Coroutine[object, object, None]) -> None:
        self._end(name)
        task = self._loop.create_task(errand, name=name)
        self._tasks[name] = task
        task.add_done_callback(self._ended)

    def _end(self, name: str) -> None:
        if task := self._tasks.pop(name, None):
            task.cancel()

    def _ended(self, task: asyncio.Task[None]) -> None:
        if self._tasks.get(task.get_name()) is task:
            del self._tasks[task.get_name()]
        if not task.cancelled() and (error := task.exception()):
            self._post(Broken(error))

    def _watch(self, descriptors: Sequence[int]) -> None:
        def stirred() -> None:
            for each in descriptors:
                self._loop.remove_reader(each)
            self._post(Stirred())

        for each in descriptors:
            with suppress(OSError):  # the display was closed meanwhile
                self._loop.add_reader(each, stirred)

    def _begin_logo(self, wanted: FetchLogo, environment: str, box: Box) -> None:
        if self._logo_under_way == (wanted.claim, wanted.url) and "logo" in self._tasks:
            self._logos.hurry()
            return
        self._logo_under_way = (wanted.claim, wanted.url)
        self._begin("logo", self._logos.bring(wanted, environment, box))

    def _end_logo(self) -> None:
        self._end("logo")
        self._end("remake")
