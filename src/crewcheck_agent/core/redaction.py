"""Secrets taken out of whatever leaves this process, by their value: a name of a field proves nothing."""

import json
from urllib.parse import quote

from crewcheck_agent.core.token import Secret

_SHOWN = "[secret]"
_SHORTEST = 4  # characters: anything shorter is no secret, and taking it out would leave no word whole


class Redactor:
    """Knows the secrets in use, and blots them out of text."""

    def __init__(self) -> None:
        self._forms: set[str] = set()

    def learn(self, secret: Secret) -> None:
        """From now on, take this secret out: as it is, and as JSON and URLs write it."""
        text = secret.reveal()
        if len(text) < _SHORTEST:
            return
        self._forms |= {text, json.dumps(text)[1:-1], quote(text), quote(text, safe="")}

    def clean(self, text: str) -> str:
        """The text without any known secret."""
        for form in sorted(self._forms, key=len, reverse=True):
            text = text.replace(form, _SHOWN)
        return text
