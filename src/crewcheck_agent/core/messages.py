"""A problem's words with its facts in them: for the screen, `status`, the tools and the journal alike."""

import re
from collections.abc import Mapping

from crewcheck_agent.core.problem import Problem
from crewcheck_agent.core.words.problems import ProblemWords
from crewcheck_agent.core.words.wording import Wording

_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")


def words_for(problem: Problem, words: Wording) -> ProblemWords:
    """What happened, and who must do what. A variant without words of its own gets the usual ones of its code."""
    templates = words.problems
    found = templates.get((problem.code, problem.variant)) or templates[problem.code, ""]
    facts = {"host": problem.host, "detail": words.details.get(problem.detail, problem.detail)}
    return ProblemWords(_filled(found.message, facts), _filled(found.advice, facts))


def _filled(template: str, facts: Mapping[str, str]) -> str:

    def part(match: re.Match[str]) -> str:
        inner = match.group(1)
        known = all(fact for name, fact in facts.items() if f"{{{name}}}" in inner)
        return inner if known else ""

    return _OPTIONAL.sub(part, template).format_map(facts)
