"""The translations are whole, say the same as the English, and are set as each language is set."""

import ast
import re
from collections.abc import Iterator
from string import Formatter
from typing import NamedTuple

import pytest
from babel.messages.catalog import Catalog
from languages.catalogues import PACKAGE, TEMPLATE, collected, read, sources

from crewcheck_agent.languages import LANGUAGES

TRANSLATED = [language for language in LANGUAGES if language != "en"]
CATALOGUES = {source.stem: read(source) for source in sources()}
MEND = "run `python languages/catalogues.py`, translate what is empty in languages/*.po, and run it again"


class Entry(NamedTuple):
    """One text and its translations: one, or one for each plural form."""

    english: tuple[str, ...]
    translated: tuple[str, ...]


def keys(catalog: Catalog) -> set[tuple[str | None, object]]:
    return {(message.context, message.id) for message in catalog if message.id}


def entries(language: str) -> Iterator[Entry]:
    for message in CATALOGUES[language]:
        if message.id:
            english = (message.id,) if isinstance(message.id, str) else message.id
            translated = (message.string,) if isinstance(message.string, str) else message.string
            yield Entry(tuple(english), tuple(translated or ()))


def texts(language: str) -> Iterator[str]:
    for entry in entries(language):
        yield from entry.translated


def facts(text: str) -> list[str]:
    """The places for facts in a text, for `str.format` and for argparse's `%`."""
    braces = [name for _, name, _, _ in Formatter().parse(text.replace("[", "").replace("]", "")) if name is not None]
    return sorted([*braces, *re.findall(r"%(?:\(\w+\))?[sr]", text)])


def optional_facts(text: str) -> list[list[str]]:
    return sorted(facts(part) for part in re.findall(r"\[([^\[\]]*)\]", text))


def test_no_text_hides_in_an_f_string() -> None:
    """There, before Python 3.12, no extraction finds it."""
    hidden = [
        f"{file.name}: {ast.unparse(part)}"
        for file in PACKAGE.rglob("*.py")
        for text in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(text, ast.JoinedStr)
        for part in ast.walk(text)
        if isinstance(part, ast.Call) and getattr(part.func, "id", "") in {"_", "ngettext", "pgettext", "later"}
    ]
    assert hidden == []


def test_there_is_a_catalogue_for_every_language() -> None:
    assert sorted(CATALOGUES) == sorted(TRANSLATED)


def test_the_template_holds_the_texts_of_the_sources() -> None:
    assert keys(read(TEMPLATE)) == keys(collected()), MEND


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_translated_and_none_is_left_over(language: str) -> None:
    catalog = CATALOGUES[language]
    assert keys(catalog) == keys(collected()), MEND
    assert [entry.english for entry in entries(language) if not all(entry.translated)] == [], MEND
    assert [message.id for message in catalog if message.id and message.fuzzy] == []
    assert list(catalog.obsolete) == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_plurals_have_a_text_for_each_of_the_languages_forms(language: str) -> None:
    for entry in entries(language):
        assert len(entry.translated) == (1 if len(entry.english) == 1 else CATALOGUES[language].num_plurals), entry


@pytest.mark.parametrize("language", TRANSLATED)
def test_each_text_names_the_same_facts_as_in_english(language: str) -> None:
    for entry in entries(language):
        for translated in entry.translated:
            assert facts(translated) == facts(entry.english[-1]), translated
            assert optional_facts(translated) == optional_facts(entry.english[-1]), translated


@pytest.mark.parametrize("language", TRANSLATED)
def test_what_is_put_together_fits_together(language: str) -> None:
    """Spaces and line ends at the edges of a text, and full stops, are where they are in English."""
    for entry in entries(language):
        english = entry.english[-1]
        for translated in entry.translated:
            for edge in (r"^\s*", r"[\s]*$", r"\.?$"):
                assert re.findall(edge, translated)[-1:] == re.findall(edge, english)[-1:], translated


@pytest.mark.parametrize("language", TRANSLATED)
def test_text_is_set_properly(language: str) -> None:
    for text in texts(language):
        assert not re.search(r"\w'\w", text), text
        assert "..." not in text, text
        assert "  " not in text, text
        assert not re.search(r'(?<![(:\s])"\w', text), text


def code_out(text: str) -> str:
    """Without what is no sentence: options, addresses, formats, paths, commands."""
    return re.sub(r"`[^`]*`|https?://\S+|\{[^}]*\}|%\(\w+\)[sr]|--\S+|\d:\d", "", text)


def test_french_puts_a_no_break_space_before_high_punctuation() -> None:
    for text in texts("fr"):
        assert not re.search(r"(?<!\u00a0):", code_out(text)), text
        assert not re.search(r"(?<!\u202f)[;?!]", code_out(text)), text


def test_spanish_opens_what_it_closes() -> None:
    for text in texts("es"):
        assert text.count("?") == text.count("¿"), text
        assert text.count("!") == text.count("¡"), text


FAMILIAR = {
    "fr": r"\b(tu|toi|ton|ta|tes)\b",
    "de": r"\b(du|dir|dich|dein\w*)\b",
    "es": r"\b(tú|tu|tus|tuyo|contigo)\b",
}
AVOIDED = {
    "fr": r"email|device|token|setup|abîmé|périphérique de scan",
    "de": r"Kiosk|Device|Setup|Operator|gecancelt|Zeichenfolge",
    "es": r"\bkiosko|device|setup|router|link\b",
}


@pytest.mark.parametrize("language", TRANSLATED)
def test_people_are_addressed_politely_and_in_their_own_words(language: str) -> None:
    for text in texts(language):
        assert not re.search(FAMILIAR[language], code_out(text), re.IGNORECASE), text
        words = re.sub(r"Devices[- ]API|API Devices|crewcheck\S*|CREWCHECK\S*|CrewCheck\S*", "", code_out(text))
        assert not re.search(AVOIDED[language], words), text
