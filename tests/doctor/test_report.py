"""The shape of `doctor --json`, which scripts rely on, and the words in it."""

from gettext import NullTranslations
from typing import Any

import pytest

from crewcheck_agent.core.diagnosis import (
    Finding,
    Note,
    Step,
    Verdict,
    failed,
    in_order,
    not_reached,
    ok,
    unknown,
    warning,
)
from crewcheck_agent.core.problem import Code, Problem
from crewcheck_agent.core.words.checks import check_words
from crewcheck_agent.core.words.wording import wording
from crewcheck_agent.doctor.report import report

HOST = "app.neostore.cloud:443"


def told(*findings: Finding) -> Any:
    return report(in_order(findings), wording(NullTranslations()), check_words(NullTranslations()))


def test_a_failure() -> None:
    refused = failed(Step.TCP, Problem(Code.NETWORK, "", HOST), host=HOST)
    found = told(refused, not_reached(Step.API, Step.TCP))
    words = {
        "code": "network",
        "shortCode": "CC-21",
        "message": f"The cloud service ({HOST}) cannot be reached.",
        "advice": f"Check cable and router. Network staff: allow HTTPS connections out to {HOST}.",
        "who": "network",
    }
    assert found["ok"] is False
    assert found["first"] == {"step": "tcp", **words}
    assert [each["step"] for each in found["steps"]] == [each.value for each in Step]
    step = found["steps"][8]
    assert step == {"step": "tcp", "title": "Connection", "verdict": "failed", **words, "facts": {"host": HOST}}


def test_a_step_that_is_well_says_what_was_seen() -> None:
    steps = told(ok(Step.DNS, Note.RESOLVED, host="kiosks.example", addresses=["192.0.2.1", "2001:db8::1"]))["steps"]
    nothing = {"code": None, "shortCode": None, "advice": None, "who": None}
    assert steps[6] == {
        "step": "dns",
        "title": "Name (DNS)",
        "verdict": "ok",
        "message": "kiosks.example is 192.0.2.1, 2001:db8::1",
        "facts": {"host": "kiosks.example", "addresses": ["192.0.2.1", "2001:db8::1"]},
        **nothing,
    }


def test_nothing_wrong_leaves_no_first_cause() -> None:
    found = told(warning(Step.POWER, Problem(Code.POWER, variant="before")))
    assert (found["ok"], found["first"]) == (True, None)
    assert found["steps"][-1]["message"] == "The power supply was too weak for this board since it was switched on."


def test_what_was_not_reached_says_what_comes_first() -> None:
    assert told(not_reached(Step.API, Step.TLS))["steps"][11]["message"] == (
        "not checked, because this comes first: Certificate"
    )


def test_a_size_and_a_fact_that_is_not_known() -> None:
    steps = told(
        ok(Step.DISPLAY, Note.DISPLAYING, driver="KMSDRM", size=[1920, 1080]),
        ok(Step.SERVICE, Note.RUNNING, since=None),
    )["steps"]
    assert steps[13]["message"] == "KMSDRM, 1920 x 1080"
    assert steps[15]["message"] == "runs as a service since –"  # noqa: RUF001 - a dash, for people


def test_a_note_goes_before_the_problems_own_words() -> None:
    lately = Finding(Step.API, Verdict.WARNING, Problem(Code.DNS), Note.RETRYING)
    step = told(lately)["steps"][11]
    assert step["message"].startswith("answers now;")
    assert step["shortCode"] == "CC-22"


@pytest.mark.parametrize("note", [Note.NEEDS_ROOT, Note.NOT_ADMITTED, Note.PROXY_HIDDEN])
def test_what_this_user_may_not_see_leaves_the_examination_incomplete(note: Note) -> None:
    hidden = unknown(Step.PROXY, note, proxy="http://proxy.example")
    assert (told(hidden)["ok"], told(hidden)["complete"]) == (True, False)
    assert told(unknown(Step.POWER, Note.NOT_TOLD))["complete"] is True
