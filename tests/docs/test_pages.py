"""The documentation says what the code has, leads where it says, and names commands that can be typed."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from docs.generate import ROOT, files, rewritten

from crewcheck_agent.core.problem import Code, short_code
from crewcheck_agent.simulator import cli as simulator
from crewcheck_agent.tools import admin, cli

FILES = list(files())
PAGES = [file for file in FILES if file.suffix == ".md"]
PROGRAMS = {
    "crewcheck-agent": cli.command_line,
    "crewcheck-admin": admin.command_line,
    "crewcheck-sim": simulator.command_line,
}


def links() -> Iterator[tuple[Path, str]]:
    for page in {*PAGES, *ROOT.glob("*.md"), ROOT / "deploy" / "image" / "README.md"}:
        for target in re.findall(r"\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                yield page, target


def commands() -> Iterator[tuple[str, list[str]]]:
    """What the pages have people type, in blocks and in lines."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        blocks = re.findall(r"^ *```sh\n(.*?)^ *```", text, flags=re.MULTILINE | re.DOTALL)
        inline = re.findall(r"(?<!`)`([^`]+)`(?!`)", text)
        for line in [*"\n".join(blocks).splitlines(), *inline]:
            words = shlex.split(line.replace("…", ""), comments=True)
            words = words[1:] if words[:1] == ["sudo"] else words
            if len(words) > 1 and words[0] in PROGRAMS:
                yield page.name, words


def anchors(page: Path) -> set[str]:
    """As GitHub makes them of headings."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_what_comes_from_the_code_is_up_to_date(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert text == rewritten(text), "run `python docs/generate.py`"


def test_every_code_has_its_section() -> None:
    text = (ROOT / "docs" / "diagnose.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (CC-\d+)\n\n<!-- from the code: \1 -->$", text, flags=re.MULTILINE) == [
        short_code(code) for code in Code
    ]


@pytest.mark.parametrize(
    ("page", "name"),
    [
        ("docs/diagnose.md", "codes"),
        ("docs/configuration.md", "settings"),
        ("docs/monitor.md", "exit codes"),
        ("docs/monitor.md", "journal"),
        ("deploy/debian/manual/crewcheck-agent.include", "exit status"),
    ],
)
def test_the_tables_of_the_code_have_their_places(page: str, name: str) -> None:
    assert f" from the code: {name}" in (ROOT / page).read_text(encoding="utf-8")


@pytest.mark.parametrize(("page", "target"), sorted(links()), ids=lambda value: getattr(value, "name", value))
def test_every_link_leads_somewhere(page: Path, target: str) -> None:
    path, _, anchor = target.partition("#")
    there = page.parent / path if path else page
    assert there.exists()
    assert not anchor or anchor in anchors(there)


@pytest.mark.parametrize(("page", "words"), [*commands()], ids=lambda value: value if isinstance(value, str) else None)
def test_every_command_can_be_typed(page: str, words: list[str]) -> None:
    try:
        PROGRAMS[words[0]]().parse_args(words[1:])
    except SystemExit:
        pytest.fail(f"{page}: {shlex.join(words)}")


def test_every_page_is_in_the_index_and_says_whom_it_is_for() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    for page in (ROOT / "docs").glob("*.md"):
        if page.name != "README.md":
            assert f"({page.name})" in index
            assert page.read_text(encoding="utf-8").split("\n")[2].startswith("For ")
