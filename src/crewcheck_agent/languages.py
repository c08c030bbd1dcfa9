"""The languages spoken, through gettext: the screen's is configured, a tool's is its caller's, the log's is English.

What is built of `core` gets a `Wording`. Everything else marks its texts with the standard library's `gettext`, which
leaves them in English until a tool calls `speak_to_the_caller`: the daemon never does.
"""

import gettext
import io
import locale
import sys
from contextlib import suppress
from pathlib import Path

from crewcheck_agent.core.words.wording import Wording, wording

LANGUAGES = ("en", "fr", "de", "es")
"""ISO 639-1; English is the language of the sources and has no catalogue."""

_DOMAIN = "crewcheck-agent"
_FOLDER = Path(__file__).with_name("locale")


def wording_in(language: str) -> Wording:
    """All texts of the screens in one of `LANGUAGES`, or with `auto` in the locale's; English in any other."""
    return wording(gettext.translation(_DOMAIN, _FOLDER, None if language == "auto" else [language], fallback=True))


def later(text: str) -> str:
    """The English text as it is, marked for the translators: `gettext` gets it where it is shown."""
    return text


def speak_to_the_caller() -> None:
    """From now on, `gettext` translates for this process, argparse's texts too, and the system words its errors so."""
    with suppress(locale.Error):  # it is not installed; gettext needs no more than its name
        locale.setlocale(locale.LC_MESSAGES, "")
    if isinstance(sys.stdout, io.TextIOWrapper):  # a terminal without our letters shows the rest
        sys.stdout.reconfigure(errors="replace")
    gettext.bindtextdomain(_DOMAIN, str(_FOLDER))
    gettext.textdomain(_DOMAIN)
