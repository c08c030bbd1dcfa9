"""`crewcheck-agent demo`: the main job on an embedded simulator; no hardware, no cloud."""

import io
import os
import shutil
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from gettext import gettext as _
from typing import TYPE_CHECKING

from crewcheck_agent.core.status import headline, problem_words
from crewcheck_agent.languages import wording_in
from crewcheck_agent.tools.agent import AgentUnreachable
from crewcheck_agent.tools.exit_code import ExitCode
from crewcheck_agent.tools.look import Depth, drawn
from crewcheck_agent.tools.status import showing_of

if TYPE_CHECKING:  # it needs the extra `simulator`, which a kiosk has no use for
    from crewcheck_agent.tools.stage import Kiosk, Report, Stage

_APART = {"crewcheck_agent", "fastapi", "starlette", "uvicorn"}
"""What a kiosk comes without: Debian's package crewcheck-agent-tools has it, and the extra `simulator`."""

_HIGHEST_PORT = 65535
_CLEAR = "\033[H\033[2J"
_INTERRUPTED = 130  # 128 + SIGINT, as shells have it


def demo(*, headless: bool, port: int, once: bool) -> int:
    """Play until somebody ends it; with `once`, play the guided tour. Returns the exit code."""
    try:
        from crewcheck_agent.tools.stage import NotStarted, PortRefused  # noqa: PLC0415 - see above
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in _APART:
            raise
        told_why = _(
            "The demo needs the simulator, and {module} is not installed. On a kiosk, install the package\n"
            "crewcheck-agent-tools. In a checkout, run deploy/demo. Elsewhere:\n"
            "python3 -m pip install 'crewcheck-agent[simulator]'"
        )
        return _refused(told_why.format(module=missing.name))
    if not 0 <= port <= _HIGHEST_PORT:
        why = _("Port {port} cannot be used: ports go from 0 to {highest}.")
        return _refused(why.format(port=port, highest=_HIGHEST_PORT))
    assert isinstance(sys.stdout, io.TextIOWrapper)  # noqa: S101 - it is, for a program
    sys.stdout.reconfigure(errors="replace")  # a tick is no reason to fail
    with _interruptible():
        try:
            return _demo(port, headless=headless, once=once)
        except KeyboardInterrupt:
            print("\n" + _("The demo ends."))
            return _INTERRUPTED if once else ExitCode.FINE
        except PortRefused as reason:
            return _refused(f"{reason} " + _("Name another, or none for a free one."))
        except NotStarted as reason:
            why = _("the kiosk's agent does not start: {reason}").format(reason=reason)
            print(f"crewcheck-agent: {why}", file=sys.stderr)
            return ExitCode.FAILED


def _refused(reason: str) -> int:
    print(reason, file=sys.stderr)
    return ExitCode.USAGE


def _demo(port: int, *, headless: bool, once: bool) -> int:
    from crewcheck_agent.tools.stage import NoDisplay, has_display  # noqa: PLC0415 - see above

    if not headless and not has_display(os.environ):
        print(_("There is no desktop here, so the kiosk runs without a window."))
    elif not headless:
        try:
            return _staged(port, headless=False, once=once)
        except NoDisplay:
            print(_("The desktop does not let us open a window, so the kiosk runs without one."))
    return _staged(port, headless=True, once=once)


def _staged(port: int, *, headless: bool, once: bool) -> int:
    from crewcheck_agent.tools.stage import staged  # noqa: PLC0415 - see above
    from crewcheck_agent.tools.tour import steps_of, tour  # noqa: PLC0415 - see above

    with ExitStack() as things:
        stage = things.enter_context(staged(port, os.environ, headless=headless))
        things.callback(_no_more_interruptions)
        return tour(stage, steps_of(stage)) if once else _play(stage)


def _play(stage: "Stage") -> int:
    """Show the kiosk to whoever sits at the terminal, until it ends."""
    from crewcheck_agent.tools.stage import Ended, Typed  # noqa: PLC0415 - see above

    audience = _Audience(stage)
    audience.greet()
    threading.Thread(target=_listen, args=(stage.kiosk,), name="terminal", daemon=True).start()
    while True:
        match stage.kiosk.news.get():
            case Typed(text):
                _offer(stage, text)
            case Ended(exit_code=0):
                closed, ended_by_hand = _("The kiosk's window was closed."), _("Somebody ended the kiosk's agent.")
                print(ended_by_hand if stage.kiosk.headless else closed, _("The demo ends."))
                return ExitCode.FINE
            case Ended() as ended:
                last = _("{what}. Its last words:").format(what=ended)
                print(f"crewcheck-agent: {last}\n{stage.kiosk.last_words()}", file=sys.stderr)
                return ExitCode.FAILED
            case report:
                audience.show(report)


class _Audience:
    """The person at the terminal."""

    def __init__(self, stage: "Stage") -> None:
        self._stage = stage
        self._draws = stage.kiosk.headless and sys.stdout.isatty()
        self._frames: object = None
        self._said = ""

    def greet(self) -> None:
        """What there is, and what to do."""
        kiosk = self._stage.kiosk
        facts = [
            (_("Console"), f"{self._stage.simulator.environment}/"),
            ("", _("the operator's page, with the kiosk's live picture: open it in a browser")),
            (_("Kiosk"), self._where()),
            (_("Log"), str(kiosk.log)),
        ]
        room = max(len(label) for label, _fact in facts) + 2
        new_code = _('Or choose "New QR code" in the console: copy its text, paste it here, and press Enter.')
        scan = _("A scanner at this machine can scan it straight into the kiosk's window.")
        print(
            "",
            *(f"{label:{room}}{fact}" for label, fact in facts),
            "",
            _("Press Enter here, and the kiosk gets a fresh connection code, as if it had scanned one."),
            new_code if kiosk.headless else f"{new_code} {scan}",
            _("Then disable the device there, or take its network away, and watch. Ctrl-C ends the demo."),
            "",
            sep="\n",
            flush=True,
        )

    def _where(self) -> str:
        if not self._stage.kiosk.headless:
            return _("the window that just opened")
        if self._draws:
            return _("without a window; its picture is in the console and below")
        return _("without a window; its picture is in the console")

    def show(self, report: "Report") -> None:
        """The picture where it changed, or else a line where the state did."""
        head = "● " + headline(report, wording_in("auto"))
        said = _("{status}; on its screen: {showing}").format(status=head, showing=showing_of(report["screen"]))
        frames = report["screen"]["frames"]
        if self._draws and frames != self._frames:
            sys.stdout.write(_CLEAR)
            self.greet()
            self._draw()
            print(said, flush=True)
        elif said != self._said:
            print(said, flush=True)
        self._frames, self._said = frames, said

    def _draw(self) -> None:
        columns, lines = shutil.get_terminal_size()
        print("\n".join(drawn(self._stage.kiosk.look(), columns, max(8, lines - 14), Depth.at_hand())))


def _offer(stage: "Stage", text: str) -> None:
    try:
        answer = stage.kiosk.offer(text.strip() or stage.fresh_code(), scanned=False)
    except AgentUnreachable as error:
        print(_("The kiosk cannot be asked: {reason}.").format(reason=error))
        return
    if problem := answer.get("problem"):
        print(" ".join(problem_words(problem, wording_in("auto"))), flush=True)


def _listen(kiosk: "Kiosk") -> None:
    """Lines from the terminal. Read past Python's own buffer, which a thread must not hold when the program ends."""
    from crewcheck_agent.tools.stage import Typed  # noqa: PLC0415 - see above

    rest = b""
    with suppress(OSError):  # there is no terminal
        while data := os.read(0, 65536):
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                kiosk.news.put(Typed(line.decode(errors="replace")))


@contextmanager
def _interruptible() -> Iterator[None]:
    """Whatever asks the demo to end, ends it like Ctrl-C: in good order."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    for number in before:
        signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _no_more_interruptions() -> None:
    """Tidying up takes a second, and an impatient second Ctrl-C must not leave half of it undone."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
