"""The tools' side of the control socket."""

from collections.abc import Iterator, Mapping
from gettext import gettext as _
from pathlib import Path
from typing import Any

from crewcheck_agent.kiosk.control import AgentSilent, AgentUnreachable, NoAgent, Reply, ask
from crewcheck_agent.settings import Settings

_OF_THE_SERVICE = Path("/run/crewcheck-agent")


class Agent:
    """The running agent, as its control socket shows it. Every method raises AgentUnreachable where there is none."""

    def __init__(self, settings: Settings) -> None:
        """A person's own agent comes first; unless the configuration says where to look, the service's is next."""
        own = settings.runtime_dir
        configured = "runtime_dir" in settings.model_fields_set
        self._places = (own,) if configured else (own, _OF_THE_SERVICE)

    @property
    def _socket(self) -> Path:
        found = (place for place in self._places if _is_there(place / "control.sock"))
        return next(found, self._places[0]) / "control.sock"

    def status(self) -> Mapping[str, Any]:
        """What is true now: the JSON of `status`."""
        return self._one({"do": "status"}).fields

    def watch(self) -> Iterator[Mapping[str, Any]]:
        """What is true now, and again whenever it changes."""
        for reply in ask(self._socket, {"do": "watch"}, patience=None):
            yield reply.fields

    def look(self) -> tuple[int, int, bytes]:
        """Width, height and pixels (R G B) of what the screen shows.

        Raises:
            AgentUnreachable: there is no agent, or it has no picture.
        """
        reply = self._one({"do": "look"})
        if "error" in reply.fields:
            raise AgentUnreachable(_("there is no picture: no display is open"))
        return reply.fields["width"], reply.fields["height"], reply.blob

    def overlay(self, seconds: float) -> None:
        """Have the technician's panel on the screen for so many seconds; 0: no longer.

        Raises:
            AgentUnreachable: there is no agent, or one of an earlier version.
        """
        reply = self._one({"do": "overlay", "seconds": seconds})
        if "error" in reply.fields:
            raise AgentUnreachable(_("the running agent does not know this: restart it"))

    def provision(self, text: str, patience: float) -> Iterator[Mapping[str, Any]]:
        """Hand a connection code over; what becomes of it, up to the verdict. At most `patience` seconds a reply."""
        for reply in ask(self._socket, {"do": "provision", "token": text}, patience):
            yield reply.fields

    def unlock(self) -> None:
        """Let scans count for ten minutes."""
        self._one({"do": "unlock"})

    def variables(self) -> tuple[Mapping[str, str], list[str]]:
        """The variables that shape the agent, and which of them hold a proxy's sign-in that is not told."""
        fields = self._one({"do": "variables"}).fields
        return fields.get("variables", {}), fields.get("hidden", [])

    def forget(self) -> Mapping[str, Any]:
        """Have everything erased."""
        return self._one({"do": "forget"}).fields

    def _one(self, request: Mapping[str, Any]) -> Reply:
        return next(ask(self._socket, request))


def _is_there(path: Path) -> bool:
    """Whether there is something, be it behind a door that is shut to this user: asking will tell who may."""
    try:
        path.stat()
    except OSError as error:
        return isinstance(error, PermissionError)
    return True


__all__ = ["Agent", "AgentSilent", "AgentUnreachable", "NoAgent"]
