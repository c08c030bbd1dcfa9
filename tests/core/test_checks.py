"""An examination has words for everything that it can find."""

import re
from gettext import NullTranslations

import pytest

from crewcheck_agent.core.diagnosis import Note, Step, Who
from crewcheck_agent.core.words.checks import check_words
from crewcheck_agent.core.words.wording import wording

WORDS = check_words(NullTranslations())


def test_every_name_has_its_words() -> None:
    assert set(WORDS.titles) == set(Step)
    assert set(WORDS.who) == set(Who)
    assert set(WORDS.notes) == set(Note)


def test_the_finer_wordings_stand_beside_the_usual_ones() -> None:
    usual = wording(NullTranslations()).problems
    assert not set(WORDS.problems) & set(usual)
    assert {(code, "") for code, _ in WORDS.problems} <= set(usual)


@pytest.mark.parametrize("key", WORDS.problems, ids="-".join)
def test_what_happened_and_what_to_do_are_sentences_on_known_facts(key: tuple[str, str]) -> None:
    for text in WORDS.problems[key]:  # type: ignore[index] # pytest hands the key over as it is
        assert re.fullmatch(r"[A-Z“].*\.", text)
        assert set(re.findall(r"\{(\w+)\}", text)) <= {"host", "detail"}
