"""One verdict for each step, in order; the first failure is the cause; of several services one is enough."""

import pytest

from crewcheck_agent.core.diagnosis import (
    Finding,
    Note,
    Step,
    Verdict,
    Who,
    failed,
    first_cause,
    in_order,
    not_reached,
    of_several,
    ok,
    skipped,
    unknown,
    warning,
    who_acts,
)
from crewcheck_agent.core.problem import Code, Problem

DNS, PROXY = Problem(Code.DNS), Problem(Code.PROXY, variant="unusable")
WELL = [ok(Step.DNS, Note.RESOLVED), ok(Step.TCP, Note.REACHED), ok(Step.API, Note.THERE)]
NAMELESS = [failed(Step.DNS, DNS), not_reached(Step.TCP, Step.DNS), not_reached(Step.API, Step.DNS)]
REFUSED = [
    ok(Step.DNS, Note.RESOLVED),
    failed(Step.TCP, Problem(Code.NETWORK)),
    not_reached(Step.API, Step.TCP),
]


def test_every_step_has_its_place_and_what_nobody_looked_at_is_not_known() -> None:
    found = in_order([ok(Step.API, Note.THERE), failed(Step.DISK, Problem(Code.STORAGE))])
    assert [each.step for each in found] == [*Step]
    seen = {each.step: each.verdict for each in found if each.verdict is not Verdict.UNKNOWN}
    assert seen == {Step.DISK: Verdict.FAILED, Step.API: Verdict.OK}


def test_the_first_failure_is_the_cause() -> None:
    disk, api = failed(Step.DISK, Problem(Code.STORAGE)), failed(Step.API, Problem(Code.SERVER))
    rest = [
        warning(Step.CONFIGURATION, PROXY),
        unknown(Step.IDENTITY, Note.NEEDS_ROOT),
        skipped(Step.TLS, Note.UNENCRYPTED),
    ]
    assert first_cause(in_order([api, disk, *rest])) == disk


@pytest.mark.parametrize(("step", "code"), [(Step.DISK, Code.STORAGE), (Step.SCANNER, Code.SCANNER)])
def test_what_keeps_a_code_from_being_of_use_comes_before_its_lack(step: Step, code: Code) -> None:
    cause = failed(step, Problem(code))
    nobody = failed(Step.IDENTITY, Problem(Code.NOT_PROVISIONED))
    assert first_cause(in_order([nobody, cause])) == cause
    assert first_cause(in_order([nobody])) == nobody


def test_warnings_and_what_is_not_known_are_no_cause() -> None:
    found = [warning(Step.PROXY, PROXY), unknown(Step.TLS, Note.NEEDS_ROOT), not_reached(Step.API, Step.TLS)]
    assert first_cause(found) is None


@pytest.mark.parametrize("paths", [(WELL, NAMELESS), (NAMELESS, WELL), (NAMELESS, WELL, REFUSED)])
def test_one_service_that_answers_is_enough_and_the_others_are_warnings(paths: list[list[Finding]]) -> None:
    found = of_several(paths)
    assert first_cause(found) is None
    assert found[0] == Finding(Step.DNS, Verdict.WARNING, DNS)
    assert found[2] == WELL[2]


def test_where_none_answers_the_one_that_came_farthest_is_told() -> None:
    assert of_several([NAMELESS, REFUSED]) == REFUSED
    assert of_several([REFUSED, NAMELESS]) == REFUSED


def test_a_single_service_is_told_as_it_is() -> None:
    assert [*of_several([WELL])] == WELL


@pytest.mark.parametrize("code", Code)
def test_somebody_acts_on_every_cause(code: Code) -> None:
    assert who_acts(Problem(code)) in Who


def test_a_finer_cause_may_be_somebody_elses() -> None:
    assert who_acts(Problem(Code.NETWORK)) is Who.NETWORK
    assert who_acts(Problem(Code.NETWORK, variant="noLink")) is Who.HOUSE
    assert who_acts(Problem(Code.NETWORK, variant="unheard")) is Who.NETWORK
