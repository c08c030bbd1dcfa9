r"""Writes into the documentation what the code knows: `python docs/generate.py`, and a test fails until it is run.

In the pages, it is what stands between `<!-- from the code: NAME -->` and `<!-- end -->`; in the manual's `.include`
files, between `.\" from the code: NAME` and `.\" end`. All else is written by hand. What is made whole when the package
is built is printed: `generate.py manual` is the page agent.toml(5), `generate.py example` a file to start from.
`generate.py screens` paints the README's picture.
"""

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from gettext import NullTranslations
from os import environ
from pathlib import Path

from pydantic.fields import FieldInfo

from crewcheck_agent import __version__
from crewcheck_agent.core.diagnosis import who_acts
from crewcheck_agent.core.problem import Code, Problem, short_code
from crewcheck_agent.core.words.checks import check_words
from crewcheck_agent.core.words.problems import ProblemTemplates, ProblemWords, problem_templates
from crewcheck_agent.core.words.wording import Headlines
from crewcheck_agent.kiosk.journal import Kind
from crewcheck_agent.languages import LANGUAGES, wording_in
from crewcheck_agent.settings import Settings
from crewcheck_agent.tools.exit_code import ExitCode

ROOT = Path(__file__).parents[1]

_REGION = re.compile(
    r'(?P<begin>^(?:<!--|\.\\") from the code: (?P<name>.+?)(?: -->)?\n)(?P<made>.*?)(?P<end>^(?:<!--|\.\\") end)',
    re.MULTILINE | re.DOTALL,
)
_DIRECTORIES = {
    "state_dir": "/var/lib/crewcheck-agent",
    "cache_dir": "/var/cache/crewcheck-agent",
    "runtime_dir": "/run/crewcheck-agent",
}
"""What the service has: systemd hands these over."""

_ON_PICTURE = ("setup", "logo, dark", "overlay", "offline", "disabled", "unauthorized")

_CHECKS = check_words(NullTranslations())
_PROBLEMS: ProblemTemplates = {**problem_templates(NullTranslations()), **_CHECKS.problems}


def files() -> Iterator[Path]:
    """Every file that may hold something of the code's."""
    yield ROOT / "README.md"
    yield from sorted((ROOT / "docs").glob("*.md"))
    yield from sorted((ROOT / "deploy" / "debian" / "manual").glob("*.include"))


def rewritten(text: str) -> str:
    """A file's text as it should be.

    Raises:
        KeyError: a region has a name that nobody knows.
    """
    return _REGION.sub(lambda found: found["begin"] + "\n".join(_REGIONS[found["name"]]()) + "\n" + found["end"], text)


def code_table() -> Iterator[str]:
    """Every code on a row, with its usual cause."""
    yield from _head("code", "what happened", "who acts")
    for code in Code:
        name, actors = short_code(code), dict.fromkeys(map(_actor, _variants(code)))
        yield _row(f"[{name}](#{name.lower()})", _shortened(_PROBLEMS[code, ""].message), ", or ".join(actors))


def code_section(code: Code) -> Iterator[str]:
    """All that is said with a code."""
    yield from _head("it says", "who acts", "to do")
    for problem in _variants(code):
        words = _words(problem)
        yield _row(_plain(words.message), _actor(problem), _plain(words.advice))
    yield f"\nIn scripts: `{code.value}`."


def _variants(code: Code) -> Sequence[Problem]:
    """The usual case first."""
    return [Problem(code), *(Problem(code, variant=variant) for each, variant in _PROBLEMS if each is code and variant)]


def _words(problem: Problem) -> ProblemWords:
    return _PROBLEMS[problem.code, problem.variant]


def _actor(problem: Problem) -> str:
    return _CHECKS.who[who_acts(problem)]


def _plain(template: str) -> str:
    """A sentence with its facts left open."""
    return re.sub(r"[\[\]]", "", template).replace("{host}", "HOST").replace("{detail}", "…")


def _shortened(template: str) -> str:
    """A sentence without its facts."""
    return re.sub(r"\[.*?\]", "", template)


def headlines() -> Iterator[str]:
    """What the screens say to the public, in every language."""
    yield from _head(*LANGUAGES)
    told = [wording_in(language).headlines for language in LANGUAGES]
    for each in fields(Headlines):
        yield _row(*(getattr(language, each.name) for language in told))


def settings_table() -> Iterator[str]:
    """Every setting on a row."""
    yield from _head("setting", "default", "allowed", "what it is for")
    for name, field in Settings.model_fields.items():
        default = _DIRECTORIES.get(name) or field.default
        shown = ", ".join(default) if isinstance(default, tuple) else default
        yield _row(f"`{name}`", f"`{shown}`" if shown != "" else "", field.description or "", field.title or "")


def exit_codes() -> Iterator[str]:
    """Every exit code on a row."""
    yield from _head("exit code", "means")
    for code in ExitCode:
        yield _row(str(code.value), code.meaning)


def exit_codes_of_manual() -> Iterator[str]:
    """The same as a manual page has it."""
    for code in ExitCode:
        yield f".TP\n.B {code.value}\n{_roff(_sentence(code.meaning))}"


def journal_table() -> Iterator[str]:
    """Every kind of event on a row."""
    yield from _head("event", "`MESSAGE_ID`")
    for kind in Kind:
        yield _row(kind.name.lower().replace("_", " "), f"`{kind.value}`")


def _head(*titles: str) -> Iterator[str]:
    yield _row(*titles)
    yield "|---" * len(titles) + "|"


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


_REGIONS: Mapping[str, Callable[[], Iterator[str]]] = {
    "headlines": headlines,
    "codes": code_table,
    **{short_code(code): (lambda code=code: code_section(code)) for code in Code},  # type: ignore[misc]
    "settings": settings_table,
    "exit codes": exit_codes,
    "exit status": exit_codes_of_manual,
    "journal": journal_table,
}


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


def manual() -> Iterator[str]:
    """The lines of agent.toml(5)."""
    day = datetime.fromtimestamp(int(environ["SOURCE_DATE_EPOCH"]), UTC).date()
    yield f'.TH AGENT.TOML 5 "{day}" "crewcheck-agent {__version__}" "CrewCheck"'
    yield ".SH NAME\nagent.toml \\- configuration of a CrewCheck kiosk"
    yield ".SH SYNOPSIS\n.I /etc/crewcheck-agent/agent.toml"
    yield _INTRODUCTION
    yield ".SH SETTINGS"
    for name, field in Settings.model_fields.items():
        meaning = f"{_roff(_sentence(field.title))}\n.br\n" if field.title else ""
        limits = f"Allowed: {_roff(field.description or '')}. Default: {_roff(_default(name, field))}."
        yield f".TP\n.B {name}\n{meaning}{limits}"
    yield ".SH SEE ALSO\n.BR crewcheck-agent (1)"


def example() -> Iterator[str]:
    """The lines of an agent.toml that changes nothing."""
    yield "# Copy this to /etc/crewcheck-agent/agent.toml and take the # away where you want another value."
    for name, field in Settings.model_fields.items():
        meaning = f"# {_sentence(field.title).replace('`', '')}\n" if field.title else ""
        yield f"\n{meaning}# Allowed: {field.description}\n#{name} = {_default(name, field)}"


def _default(name: str, field: FieldInfo) -> str:
    value = _DIRECTORIES.get(name, field.default)
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_quoted, value)) + "]"
    return _quoted(value) if isinstance(value, str) else str(value)


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _quoted(value: str) -> str:
    return f'"{value}"'


def _roff(text: str) -> str:
    return re.sub("`(.+?)`", r"\\fB\1\\fR", text.replace("\\", "\\e").replace("-", "\\-"))


def screens() -> Iterator[str]:
    """Paint some of the screens into one picture, three in a row; gives its path."""
    from PIL import Image  # noqa: PLC0415 - for pictures alone
    from pygame.image import tobytes  # noqa: PLC0415 - as above

    from crewcheck_agent.tools.contact_sheet import SCENES  # noqa: PLC0415 - as above

    gap, (width, height) = 16, (640, 384)
    picture = Image.new("RGB", (gap + 3 * (width + gap), gap + 2 * (height + gap)), "#e8e8ea")
    for number, name in enumerate(_ON_PICTURE):
        frame = SCENES[name].painted("en", (2 * width, 2 * height))
        image = Image.frombytes("RGB", frame.get_size(), tobytes(frame, "RGB")).resize((width, height))
        row, column = divmod(number, 3)
        picture.paste(image, (gap + column * (width + gap), gap + row * (height + gap)))
    path = ROOT / "docs" / "screens.png"
    picture.quantize(128).save(path, optimize=True)
    yield str(path.relative_to(ROOT))


def _rewrite() -> None:
    for file in files():
        text = file.read_text(encoding="utf-8")
        if (new := rewritten(text)) != text:
            file.write_text(new, encoding="utf-8")
            print(file.relative_to(ROOT))


if __name__ == "__main__":
    if sys.argv[1:]:
        print("\n".join({"manual": manual, "example": example, "screens": screens}[sys.argv[1]]()))
    else:
        _rewrite()
