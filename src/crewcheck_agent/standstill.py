"""Where the configuration cannot be used, no agent can begin. The screen says so: a black one would tell nobody why."""

import signal
from collections.abc import Mapping
from datetime import datetime

from crewcheck_agent import __version__
from crewcheck_agent.core.messages import words_for
from crewcheck_agent.core.problem import Code, Problem, printable
from crewcheck_agent.core.screen import Surroundings, screen_of_misconfigured
from crewcheck_agent.kiosk.addresses import addresses
from crewcheck_agent.kiosk.display import Display, DisplayUnavailable
from crewcheck_agent.kiosk.frame import logical_size, turned
from crewcheck_agent.kiosk.painter import paint
from crewcheck_agent.kiosk.systemd import ServiceManager
from crewcheck_agent.languages import wording_in

_MISCONFIGURED = 2  # the exit code
_LONGEST = 160  # characters of what is wrong
_A_DAY = 86_400.0  # seconds
_ENDS = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}


def stand_still(why: str, display: Display | None, rotation: int, environ: Mapping[str, str]) -> int:
    """Show what is wrong until this process is told to end or to reload; returns its exit code.

    At once where there is no display, or no service manager that would only start it again.

    Args:
        why: what is wrong with the configuration, the first thing on its first line.
        display: an open one, if there is one.
        rotation: degrees by which the picture is turned, clockwise.
        environ: this process's environment.
    """
    if display is None or not environ.get("NOTIFY_SOCKET"):
        return _MISCONFIGURED
    words, manager = wording_in("auto"), ServiceManager(environ)
    problem = Problem(Code.CONFIGURATION, printable(why.partition("\n")[0], _LONGEST).rstrip("."))
    screen = screen_of_misconfigured(
        problem, datetime.now().astimezone(), Surroundings(words, __version__, addresses())
    )
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)  # from here on they are waited for
    try:
        display.show(turned(paint(screen, logical_size(display.size, rotation)), rotation))
    except DisplayUnavailable:
        return _MISCONFIGURED
    manager.status(words_for(problem, wording_in("en")).message)  # for the machine's own administrators
    manager.ready()
    while (told := signal.sigtimedwait(_ENDS, manager.watchdog_interval or _A_DAY)) is None:
        manager.alive()
    manager.stopping()
    return _MISCONFIGURED if told.si_signo == signal.SIGHUP else 0
