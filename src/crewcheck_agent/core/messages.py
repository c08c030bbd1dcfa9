"""Every sentence that people read: on the screen, in `status` and in the journal alike."""

import re
from enum import StrEnum

from crewcheck_agent.core.kiosk import Name
from crewcheck_agent.core.problem import Problem
from crewcheck_agent.core.words.english import ENGLISH
from crewcheck_agent.core.words.french import FRENCH
from crewcheck_agent.core.words.wording import ProblemWords, Wording


class Language(StrEnum):
    """The languages spoken, by their ISO 639-1 names."""

    ENGLISH = "en"
    FRENCH = "fr"


_WORDINGS = {Language.ENGLISH: ENGLISH, Language.FRENCH: FRENCH}

_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")


def language_of(locale: str) -> Language:
    """The language of a POSIX locale or a language tag, e.g. `fr_CA.UTF-8` or `fr-CA`; English for any other."""
    name = re.split(r"[_.@:-]", locale, maxsplit=1)[0].lower()
    return Language(name) if name in set(Language) else Language.ENGLISH


def wording_of(language: Language) -> Wording:
    """All texts of a language."""
    return _WORDINGS[language]


def words_for(problem: Problem, language: Language) -> ProblemWords:
    """What happened, and who must do what. A variant without words of its own gets the usual ones of its code."""
    templates = wording_of(language).problems
    words = templates.get((problem.code, problem.variant)) or templates[problem.code, ""]
    return ProblemWords(_filled(words.message, problem), _filled(words.advice, problem))


def state_words(name: Name, language: Language) -> str:
    """The state as `status` tells it to a person."""
    return wording_of(language).states[name]


def _filled(template: str, problem: Problem) -> str:
    facts = {"host": problem.host, "detail": problem.detail}

    def part(match: re.Match[str]) -> str:
        inner = match.group(1)
        known = all(fact for name, fact in facts.items() if f"{{{name}}}" in inner)
        return inner if known else ""

    return _OPTIONAL.sub(part, template).format_map(facts)
