"""What cannot be called back does not hold the examination up."""

import asyncio
import threading

import pytest

from crewcheck_agent.core.diagnosis import Finding, Note, Step, failed, ok, unknown
from crewcheck_agent.core.problem import Code, Problem
from crewcheck_agent.doctor.examination import checked
from crewcheck_agent.doctor.patience import within


def test_what_ends_in_time_is_told() -> None:
    assert asyncio.run(within(30, lambda: "done")) == "done"


def test_what_fails_is_raised() -> None:
    def fail() -> None:
        raise OSError("worn out")

    with pytest.raises(OSError, match="worn out"):
        asyncio.run(within(30, fail))


def test_what_goes_on_is_left_behind() -> None:
    release, ended = threading.Event(), threading.Event()

    def work() -> None:
        release.wait(30)
        ended.set()

    with pytest.raises(TimeoutError):
        asyncio.run(within(0.01, work))
    release.set()
    assert ended.wait(30), "and what comes of it bothers nobody"


@pytest.mark.parametrize("step", Step)
def test_a_disk_that_does_not_answer_is_blamed_and_nothing_else(step: Step) -> None:
    release = threading.Event()

    def check() -> Finding:
        release.wait(30)
        return ok(step, Note.POWERED)

    found = asyncio.run(checked(step, check, 0.01))
    release.set()
    silent = failed(step, Problem(Code.STORAGE, "the disk does not answer"))
    assert found == (silent if step is Step.DISK else unknown(step, Note.NOT_TOLD))
