"""The catalogues of translations: `python languages/catalogues.py` brings them up to date with the sources.

Every text that a person reads is marked in the sources, in English. This collects them in a template, carries that
over into each language's `.po` file, where a new text awaits its translation, and compiles those for gettext. A build
of the package compiles them, too: `setup.py`.
"""

from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

HERE = Path(__file__).parent
DOMAIN = "crewcheck-agent"
TEMPLATE = HERE / f"{DOMAIN}.pot"
PACKAGE = HERE.parent / "src" / "crewcheck_agent"
_COMMENTS = "TRANSLATORS:"

# What argparse says through gettext, of Python 3.11 to 3.13: half a message in another language would be worse.
_OF_ARGPARSE: tuple[str | tuple[str, str], ...] = (
    "%(heading)s:",
    "%(prog)s: error: %(message)s\n",
    "ambiguous option: %(option)s could match %(matches)s",
    "argument %(argument_name)s: %(message)s",
    "expected at least one argument",
    "expected at most one argument",
    "expected one argument",
    ("expected %s argument", "expected %s arguments"),
    "ignored explicit argument %r",
    "invalid %(type)s value: %(value)r",
    "invalid choice: %(value)r (choose from %(choices)s)",
    "not allowed with argument %s",
    "one of the arguments %s is required",
    "options",
    "positional arguments",
    "show this help message and exit",
    "the following arguments are required: %s",
    "unrecognized arguments: %s",
    "usage: ",
)


def sources() -> Iterator[Path]:
    """The `.po` file of every language."""
    return iter(sorted(HERE.glob("*.po")))


def collected() -> Catalog:
    """Every text in the sources."""
    catalog = Catalog()
    found = extract_from_dir(
        str(PACKAGE),
        method_map=[("**.py", "python")],
        keywords={**DEFAULT_KEYWORDS, "later": None},
        comment_tags=[_COMMENTS],
        strip_comment_tags=True,
    )
    for file, line, message, comments, context in found:
        catalog.add(message, None, [(file, line)], auto_comments=comments, context=context)
    for message in _OF_ARGPARSE:
        catalog.add(message, None, [("argparse", 1)])
    return catalog


def read(file: Path) -> Catalog:
    """A template, or a language's catalogue.

    Raises:
        babel.messages.pofile.PoFileError: it is malformed.
    """
    with file.open("rb") as opened:
        return read_po(opened, locale=None if file == TEMPLATE else file.stem, abort_invalid=True)


def compile_into(folder: Path) -> None:
    """Make of each `.po` file the `.mo` file that gettext looks for below this folder."""
    for source in sources():
        target = folder / source.stem / "LC_MESSAGES" / f"{DOMAIN}.mo"
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as opened:
            write_mo(opened, read(source))


def update() -> None:
    """Collect the texts, and carry them over into every language."""
    template = collected()
    _write(TEMPLATE, template)
    for source in sources():
        catalog = read(source)
        catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)
        _write(source, catalog)


def _write(file: Path, catalog: Catalog) -> None:
    headless = file == TEMPLATE  # all that its header would tell is when this ran
    with file.open("wb") as opened:
        write_po(
            opened, catalog, 118, omit_header=headless, sort_by_file=True, ignore_obsolete=True, include_lineno=False
        )


if __name__ == "__main__":
    update()
    compile_into(PACKAGE / "locale")
