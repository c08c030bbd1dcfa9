"""`crewcheck-agent forget`: back to unprovisioned."""

import sys
from contextlib import suppress
from gettext import gettext as _

from crewcheck_agent.kiosk.pictures import Pictures
from crewcheck_agent.kiosk.store import Store
from crewcheck_agent.settings import Settings
from crewcheck_agent.tools.agent import Agent, NoAgent
from crewcheck_agent.tools.exit_code import ExitCode


def forget(agent: Agent, settings: Settings, *, sure: bool) -> ExitCode:
    """Erase token, cached settings and cached logo, through the agent or, with none running, directly."""
    if not sure and not _confirmed():
        return ExitCode.USAGE
    try:
        why = "" if agent.forget()["erased"] else _("`crewcheck-agent status` says why")
    except NoAgent:
        why = _erase(settings)
    if why:
        print(_("Not everything could be erased: {why}.").format(why=why), file=sys.stderr)
        return ExitCode.FAILED
    print(_("Erased. This kiosk waits for a connection code."))
    return ExitCode.FINE


def _confirmed() -> bool:
    if not sys.stdin or not sys.stdin.isatty():
        print(_("Without a terminal to ask on, this needs --yes."), file=sys.stderr)
        return False
    print(_("This erases the kiosk's identity and its logo; it then needs a new connection code."))
    with suppress(EOFError):  # Ctrl-D is no yes
        if input(_("Type {word} to go on: ").format(word=_("yes"))).strip().lower() in {"yes", _("yes")}:
            return True
    print(_("Nothing was changed."))
    return False


def _erase(settings: Settings) -> str:
    """Returns what was in the way first; nothing where all is gone."""
    store, pictures = Store(settings.state_dir, settings.allowed_environments), Pictures(settings.cache_dir)
    found = ""
    for erase in (store.erase, lambda: pictures.prune(None)):
        try:
            erase()
        except OSError as error:
            found = found or f"{error.filename}: {error.strerror}"
    return found
