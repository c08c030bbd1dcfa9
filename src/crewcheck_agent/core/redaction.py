"""Secrets taken out of whatever leaves this process, by their value: a name of a field proves nothing."""

import html
import json
import re
from base64 import b64encode
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

from crewcheck_agent.core.token import Secret

_SHOWN = "[secret]"
_SHORTEST = 4  # characters: anything shorter is no secret, and taking it out would leave no word whole
_LINE_BREAK = r"(?:(?:\\r)?(?:\\n|\\?\r?\n)[ \t]*)?"
"""What may stand between a secret's letters where a line was too short for it; JSON writes it as a letter."""

_SHORTEST_ENCODED = 8  # characters of base64 or hexadecimal: shorter ones occur by chance


class Redactor:
    """Knows the secrets in use, and blots them out of text."""

    def __init__(self) -> None:
        self._forms: set[str] = set()
        self._pattern = re.compile("(?!)")  # matches nothing

    def learn(self, secret: Secret) -> None:
        """From now on, take this secret out: as it is, and as JSON, URLs, HTML, base64 and hexadecimal write it."""
        text = secret.reveal()
        if len(text) < _SHORTEST:
            return
        self._forms |= {*_written(text), *(form for form in _encoded(text) if len(form) >= _SHORTEST_ENCODED)}
        longest_first = sorted(self._forms, key=len, reverse=True)
        self._pattern = re.compile("|".join(_LINE_BREAK.join(map(re.escape, form)) for form in longest_first))

    def clean(self, text: str) -> str:
        """The text without any known secret."""
        return self.cleaned(text)[0]

    def cleaned(self, text: str) -> tuple[str, int]:
        """The same, and how many times there was one."""
        return self._pattern.subn(_SHOWN, text)


def _written(text: str) -> Iterator[str]:
    urls = {quote(text), quote(text, safe=""), quote_plus(text)}
    yield from (text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1], html.escape(text), *urls)
    yield from (re.sub("%..", lambda code: code.group().lower(), url) for url in urls)


def _encoded(text: str) -> Iterator[str]:
    """Also within something longer that was encoded as a whole: base64 has three ways to write what stands inside."""
    data = text.encode(errors="surrogatepass")
    yield from (data.hex(), data.hex().upper())
    for before in range(3):
        packed = b64encode(bytes(before) + data).decode().rstrip("=")
        first, odd = (0, 2, 3)[before], (before + len(data)) % 3  # characters that hold bits of the neighbours, too
        form = packed[first : len(packed) - (1 if odd else 0)]
        yield from (form, form.replace("+", "-").replace("/", "_"))
