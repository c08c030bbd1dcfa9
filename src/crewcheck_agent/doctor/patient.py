"""What is known of this kiosk before it is examined."""

import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Any

from crewcheck_agent.core.problem import Code, Problem
from crewcheck_agent.core.token import ConnectionToken, Identity
from crewcheck_agent.kiosk.store import Damaged, Store, handed_over
from crewcheck_agent.settings import ConfigurationError, Settings

UNIT = "crewcheck-agent.service"
_PATIENCE = 5.0  # seconds for systemctl
_PROPERTIES = (
    "LoadState,ActiveState,SubState,Result,NRestarts,UnitFileState,WatchdogUSec,ExecMainStatus,MainPID,"
    "ActiveEnterTimestamp,Environment"
)


class Silence(Enum):
    """Why no agent tells about itself."""

    NONE_RUNS = auto()
    STUCK = auto()
    FORBIDDEN = auto()


@dataclass(frozen=True, slots=True)
class Patient:
    """The kiosk.

    Attributes:
        settings: the configuration; where it cannot be used, the defaults in the directories that it names.
        file: the configuration file.
        misconfigured: why the configuration cannot be used.
        agent: the running agent's status, or why there is none.
        unit: systemd's word on the service; None where there is no systemd to ask.
        token: the stored connection token, or what is wrong with it; None where there is none.
        hidden: the variables of proxies whose sign-in cannot be seen from here.
        environ: this process's environment, with the service's own in it.
        root: where the machine's file system begins.
        located: whether the state directory is surely the kiosk's: a wrong configuration may not tell.
    """

    settings: Settings
    file: Path
    misconfigured: ConfigurationError | None
    agent: Mapping[str, Any] | Silence
    unit: Mapping[str, str] | None
    token: ConnectionToken | Damaged | None
    hidden: tuple[str, ...]
    environ: Mapping[str, str]
    root: Path = Path("/")
    located: bool = True

    @property
    def status(self) -> Mapping[str, Any] | None:
        """What the running agent says of itself."""
        return None if isinstance(self.agent, Silence) else self.agent

    @property
    def is_shut(self) -> bool:
        """Whether an agent may run that this user may not ask."""
        return self.agent is Silence.FORBIDDEN

    @property
    def problem(self) -> Problem | None:
        """The first cause, as the running agent says; None where this version does not know it."""
        fields = self.status and self.status["problem"]
        with suppress(KeyError, ValueError, TypeError):
            if fields:
                return Problem(Code(fields["code"]), fields["detail"], fields["host"], fields["variant"])
        return None

    @property
    def identity(self) -> Identity | None:
        """Who this kiosk is, as the agent says, or else its stored token."""
        if self.status and self.status["deviceId"]:
            return Identity(self.status["tenantId"], self.status["deviceId"], self.status["environment"])
        return self.token.identity if isinstance(self.token, ConnectionToken) else None


def stored_token(settings: Settings, environ: Mapping[str, str]) -> ConnectionToken | Damaged | None:
    """The token that the agent uses, as far as it can be seen from here."""
    allowed = settings.allowed_environments
    try:
        return Store(settings.state_dir, allowed).token() or handed_over(environ, allowed)
    except Damaged as damage:
        return damage


def unit() -> Mapping[str, str] | None:
    """What systemd says of the service; None where there is no systemd to ask."""
    command = ("systemctl", "show", UNIT, "--property", _PROPERTIES)
    try:
        told = subprocess.run(command, capture_output=True, timeout=_PATIENCE, check=True)  # noqa: S603 - our own words
    except (OSError, subprocess.SubprocessError):
        return None
    lines = told.stdout.decode(errors="replace").splitlines()
    nothing = dict.fromkeys(_PROPERTIES.split(","), "")
    found = nothing | {name: value for name, _, value in (line.partition("=") for line in lines)}
    return found if found["LoadState"] not in {"", "not-found"} else None
