"""The secrets that this machine's files and environment hold, known so that they can be taken out of what leaves it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from crewcheck_agent.core.redaction import Redactor
from crewcheck_agent.core.token import ConnectionToken, Secret, TokenError, parse_token
from crewcheck_agent.doctor.patient import Patient
from crewcheck_agent.kiosk.places import of_service
from crewcheck_agent.kiosk.store import Store
from crewcheck_agent.kiosk.variables import secrets_in

_QUOTED = re.compile(r'"((?:[^"\\]|\\.){8,})"')
_KEY, _ENVIRONMENT = "connectionCode", "environment"


@dataclass(frozen=True, slots=True)
class Secrets:
    """Takes them out, and counts.

    Attributes:
        known: whether all of them could be read. If not, nothing that may hold one must leave the machine.
    """

    known: bool
    redactors: Mapping[str, Redactor]

    def cleaned(self, text: str) -> tuple[str, Mapping[str, int]]:
        """The text without secrets, and how many of which kind there were."""
        counts = {}
        for kind, redactor in self.redactors.items():
            text, counts[kind] = redactor.cleaned(text)
        return text, {kind: count for kind, count in counts.items() if count}


def secrets_of(patient: Patient) -> Secrets:
    """All that can be read by this user: of the agent that is examined, and of the service, if that is another."""
    folders = dict.fromkeys((patient.settings.state_dir, Path(of_service("state"))))
    stores = [Store(folder, patient.settings.allowed_environments) for folder in folders]
    files = [file for store in stores for file in (store.token_file, store.candidate_file)]
    if folder := patient.environ.get("CREDENTIALS_DIRECTORY"):
        files.append(Path(folder, "connection-token"))
    texts = [_text_of(each) for each in files]
    redactors = {_KEY: Redactor(), _ENVIRONMENT: Redactor()}
    if isinstance(patient.token, ConnectionToken):
        redactors[_KEY].learn(patient.token.api_key)
    for text in filter(None, texts):
        for value in _values_in(text, patient):
            redactors[_KEY].learn(Secret(value))
    for value in secrets_in(patient.environ, (patient.unit or {}).get("Environment", "")):
        redactors[_ENVIRONMENT].learn(Secret(value))
    known = patient.located and None not in texts and _is_the_agents(patient) and not patient.hidden
    return Secrets(known, redactors)


def _is_the_agents(patient: Patient) -> bool:
    """Whether the token that was found is the one in use: an agent may keep its own where this user cannot look."""
    status = patient.status
    if not status or not status["deviceId"]:
        return not patient.is_shut
    return isinstance(patient.token, ConnectionToken) and patient.token.identity == patient.identity


def _text_of(file: Path) -> str | None:
    """The file's text; empty where there is none, None where it cannot be read."""
    try:
        return file.read_bytes().decode(errors="replace")
    except FileNotFoundError:
        return ""
    except OSError:
        return None


def _values_in(text: str, patient: Patient) -> Iterator[str]:
    """The keys in a stored token; where it is damaged, whatever could be one."""
    try:
        yield parse_token(text, patient.settings.allowed_environments).api_key.reveal()
    except TokenError:
        yield from (text.strip(), *_QUOTED.findall(text))
