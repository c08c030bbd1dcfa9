"""An examination in words, as `doctor --json` gives it.

```json
{"ok": true, "complete": true, "first": null,
 "steps": [{"step": "dns", "verdict": "ok|warning|failed|skipped|unknown", "title": "…",
            "code": null, "shortCode": null, "message": "…", "advice": null, "who": null, "facts": {…}}]}
```

`steps` has one entry for each `Step`, in order. `complete` is false where root may see more than this user. `ok` is
false where one failed; `first` is then that entry without its title, verdict and facts. `code`, `shortCode`, `advice`
and `who` (`you|house|network|operator|nobody`) belong to what failed and to warnings. What a step has in `facts` is its
own; what could not be known is null.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from crewcheck_agent.core.diagnosis import Finding, first_cause, is_complete, who_acts
from crewcheck_agent.core.messages import words_for
from crewcheck_agent.core.problem import short_code
from crewcheck_agent.core.words.checks import CheckWords
from crewcheck_agent.core.words.wording import Wording

_OF_FIRST = ("step", "code", "shortCode", "message", "advice", "who")


def report(findings: Sequence[Finding], words: Wording, checks: CheckWords) -> Mapping[str, Any]:
    """The whole of `doctor --json`."""
    finer = replace(words, problems={**words.problems, **checks.problems})
    steps = [_told(each, finer, checks) for each in findings]
    cause = first_cause(findings)
    first = next((each for each in steps if cause and each["step"] == cause.step.value), None)
    return {
        "ok": cause is None,
        "complete": is_complete(findings),
        "first": first and {name: first[name] for name in _OF_FIRST},
        "steps": steps,
    }


def _told(finding: Finding, words: Wording, checks: CheckWords) -> Mapping[str, Any]:
    problem = finding.problem
    said = words_for(problem, words) if problem else None
    note = checks.notes[finding.note].format_map(_shown(finding, checks)) if finding.note else None
    return {
        "step": finding.step.value,
        "title": checks.titles[finding.step],
        "verdict": finding.verdict.value,
        "code": problem.code.value if problem else None,
        "shortCode": short_code(problem.code) if problem else None,
        "message": note or (said.message if said else None),
        "advice": said.advice if said else None,
        "who": who_acts(problem).value if problem else None,
        "facts": finding.facts,
    }


def _shown(finding: Finding, checks: CheckWords) -> Mapping[str, str]:
    """The facts as a sentence takes them."""
    shown = {name: _text(value) for name, value in finding.facts.items()}
    return {**shown, "behind": checks.titles[finding.behind]} if finding.behind else shown


def _text(value: Any) -> str:
    if isinstance(value, list):
        return (" x " if all(isinstance(each, int) for each in value) else ", ").join(map(str, value))
    return "–" if value is None else str(value)  # noqa: RUF001 - a dash, for people
