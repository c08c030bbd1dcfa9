"""Every language says everything, with the same facts, and is set as a printer would set it."""

import re
from collections.abc import Iterator
from dataclasses import fields

import pytest

from crewcheck_agent.core.kiosk import Name
from crewcheck_agent.core.messages import Language, language_of, state_words, wording_of, words_for
from crewcheck_agent.core.picture import Reason
from crewcheck_agent.core.problem import Code, Problem
from crewcheck_agent.core.token import TokenFault

ENGLISH = wording_of(Language.ENGLISH)


def texts_of(language: Language) -> Iterator[tuple[str, str]]:
    """Every text of a language by the name of its place."""
    wording = wording_of(language)
    for group in (wording.headlines, wording.staff, wording.notices, wording.labels, wording.values):
        for field in fields(group):
            yield f"{type(group).__name__}.{field.name}", getattr(group, field.name)
    for name, words in wording.states.items():
        yield f"states.{name}", words
    for (code, variant), problem in wording.problems.items():
        yield f"problems.{code}.{variant}.message", problem.message
        yield f"problems.{code}.{variant}.advice", problem.advice


def placeholders(text: str) -> list[str]:
    return sorted(re.findall(r"\{(\w+)\}", text))


@pytest.mark.parametrize("language", Language)
def test_every_cause_and_variant_has_words(language: Language) -> None:
    expected = {(code, "") for code in Code}
    expected |= {(Code.BAD_TOKEN, fault) for fault in TokenFault}
    expected |= {(Code.BAD_TOKEN, "stored"), (Code.STORAGE, "reading")}
    expected |= {(Code.LOGO, reason) for reason in Reason}
    expected |= {(code, variant) for code in (Code.UNAUTHORIZED, Code.NOT_FOUND) for variant in ("doubt", "offered")}
    expected |= {(Code.BAD_ANSWER, variant) for variant in ("noSettings", "tooLong")}
    expected |= {(Code.LOGO, variant) for variant in ("noUrl", "unreachable", "insecure", "redirects")}
    assert set(wording_of(language).problems) == expected


@pytest.mark.parametrize("language", Language)
def test_no_text_is_empty_and_each_names_the_same_facts_as_in_english(language: Language) -> None:
    english, other = dict(texts_of(Language.ENGLISH)), dict(texts_of(language))
    assert all(other.values())
    assert {place: placeholders(text) for place, text in other.items()} == {
        place: placeholders(text) for place, text in english.items()
    }


@pytest.mark.parametrize("language", Language)
def test_text_is_set_properly(language: Language) -> None:
    for place, text in texts_of(language):
        assert "'" not in text, place
        assert "..." not in text, place
        assert "  " not in text, place
        assert text == text.strip(), place
        assert text.count("[") == text.count("]"), place


def test_french_puts_a_no_break_space_before_high_punctuation() -> None:
    for place, text in texts_of(Language.FRENCH):
        words = text.replace("{time}", "")
        assert not re.search(r"(?<!\u00a0):", words), place
        assert not re.search(r"(?<!\u202f)[;?!]", words), place


@pytest.mark.parametrize("language", Language)
def test_what_happened_and_what_to_do_are_sentences(language: Language) -> None:
    for place, text in texts_of(language):
        if place.startswith("problems."):
            assert text.endswith("."), place
            assert text[0].isupper(), place


@pytest.mark.parametrize("language", Language)
def test_every_state_has_a_name_for_people(language: Language) -> None:
    assert all(state_words(name, language) for name in Name)


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("fr_CA.UTF-8", Language.FRENCH),
        ("fr", Language.FRENCH),
        ("FR-be", Language.FRENCH),
        ("fr@euro", Language.FRENCH),
        ("en_GB.UTF-8", Language.ENGLISH),
        ("frr_DE", Language.ENGLISH),
        ("ja_JP.UTF-8", Language.ENGLISH),
        ("C.UTF-8", Language.ENGLISH),
        ("", Language.ENGLISH),
    ],
)
def test_language_of_a_locale(locale: str, language: Language) -> None:
    assert language_of(locale) is language


def test_known_facts_are_named() -> None:
    words = words_for(Problem(Code.SERVER, "HTTP 503", "app.neostore.cloud"), Language.ENGLISH)
    assert words.message == "The cloud service (app.neostore.cloud) has a fault: HTTP 503."


def test_unknown_facts_leave_no_hole() -> None:
    assert words_for(Problem(Code.SERVER), Language.ENGLISH).message == "The cloud service has a fault."


@pytest.mark.parametrize("language", Language)
def test_no_template_shows_through(language: Language) -> None:
    for code, variant in wording_of(language).problems:
        for problem in (Problem(code, variant=variant), Problem(code, "detail", "host", variant)):
            assert not re.search(r"[\[\]{}]", "".join(words_for(problem, language)))


def test_foreign_braces_and_brackets_are_only_text() -> None:
    words = words_for(Problem(Code.SERVER, "{host} [x] {0}"), Language.ENGLISH)
    assert words.message == "The cloud service has a fault: {host} [x] {0}."


def test_a_variant_without_its_own_words_gets_the_usual_ones() -> None:
    assert words_for(Problem(Code.DNS, variant="unheard"), Language.ENGLISH) == words_for(
        Problem(Code.DNS), Language.ENGLISH
    )


def test_a_variant_is_told_apart() -> None:
    missing = Problem(Code.BAD_TOKEN, "apiKey", variant=TokenFault.FIELD_MISSING)
    assert words_for(missing, Language.FRENCH).message == "Le code de connexion est incomplet\u00a0: apiKey manque."
