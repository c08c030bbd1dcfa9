"""Writes what the settings' model and the README's table say, from the top of the source tree.

`settings.py page` writes the manual page agent.toml(5), `settings.py example` a file to start from.
"""

import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from os import environ
from pathlib import Path

from pydantic.fields import FieldInfo

from crewcheck_agent import __version__
from crewcheck_agent.settings import Settings

_DIRECTORIES = {
    "state_dir": "/var/lib/crewcheck-agent",
    "cache_dir": "/var/cache/crewcheck-agent",
    "runtime_dir": "/run/crewcheck-agent",
}
"""What the service has: systemd hands these over."""


_INTRODUCTION = """\
.SH DESCRIPTION
There is usually nothing to configure, and no such file. It is TOML: one line for each setting,
.IR name " = " value .
An environment variable \\fBCREWCHECK_\\fR\\fINAME\\fR comes before the file. What is wrong is an error that names the
key, its value and what is allowed. After a change:
.PP
.B systemctl reload crewcheck-agent
.PP
Times are in seconds."""


def meanings() -> dict[str, str]:
    """What each setting is for, in the README's words."""
    table = Path("README.md").read_text(encoding="utf-8").partition("\n## Configuration\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`.+?) \|.*\| *(.*?) *\|$", table, flags=re.MULTILINE)
    return {name: text.replace("`", "") for names, text in rows for name in re.findall(r"`(\w+)`", names)}


def page() -> Iterator[str]:
    """The lines of agent.toml(5)."""
    day = datetime.fromtimestamp(int(environ["SOURCE_DATE_EPOCH"]), UTC).date()
    yield f'.TH AGENT.TOML 5 "{day}" "crewcheck-agent {__version__}" "CrewCheck"'
    yield ".SH NAME\nagent.toml \\- configuration of a CrewCheck kiosk"
    yield ".SH SYNOPSIS\n.I /etc/crewcheck-agent/agent.toml"
    yield _INTRODUCTION
    yield ".SH SETTINGS"
    words = meanings()
    for name, field in Settings.model_fields.items():
        meaning = f"{_roff(words[name])}.\n.br\n" if words[name] else ""
        limits = f"Allowed: {_roff(field.description or '')}. Default: {_roff(_default(name, field))}."
        yield f".TP\n.B {name}\n{meaning}{limits}"
    yield ".SH SEE ALSO\n.BR crewcheck-agent (1)"


def example() -> Iterator[str]:
    """The lines of an agent.toml that changes nothing."""
    yield "# Copy this to /etc/crewcheck-agent/agent.toml and take the # away where you want another value."
    words = meanings()
    for name, field in Settings.model_fields.items():
        meaning = f"# {words[name]}\n" if words[name] else ""
        yield f"\n{meaning}# Allowed: {field.description}\n#{name} = {_default(name, field)}"


def _default(name: str, field: FieldInfo) -> str:
    value = _DIRECTORIES.get(name, field.default)
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_quoted, value)) + "]"
    return _quoted(value) if isinstance(value, str) else str(value)


def _quoted(value: str) -> str:
    return f'"{value}"'


def _roff(text: str) -> str:
    return text.replace("\\", "\\e").replace("-", "\\-")


if __name__ == "__main__":
    print("\n".join({"page": page, "example": example}[sys.argv[1]]()))
