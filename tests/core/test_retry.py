"""How long every wait is, at both ends of what chance may draw; and what a herd of kiosks does."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta, timezone

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from crewcheck_agent.core.retry import LONGEST_RETRY_AFTER, Pace, Rhythm, parse_retry_after

NOW = datetime(2026, 6, 2, 12, 0, 0, tzinfo=UTC)
USUAL = Rhythm()


def lowest(low: float, high: float) -> float:
    assert low <= high
    return low


def highest(low: float, high: float) -> float:
    assert low <= high
    return high


@pytest.mark.parametrize(
    ("rhythm", "pace", "shortest", "longest"),
    [
        (USUAL, Pace.NOW, 0, 0),
        (USUAL, Pace.BOOT, 0, 5),
        (Rhythm(poll_interval=10), Pace.BOOT, 0, 1),
        (Rhythm(poll_interval=86_400), Pace.BOOT, 0, 5),
        (USUAL, Pace.POLL, 54, 66),
        (Rhythm(poll_interval=1), Pace.POLL, 0.9, 1.1),
        (USUAL, Pace.RECHECK, 5, 5.5),
        (USUAL, Pace.SLOW, 810, 990),
    ],
)
def test_before_the_first_try(rhythm: Rhythm, pace: Pace, shortest: float, longest: float) -> None:
    assert rhythm.before(pace, lowest) == pytest.approx(shortest)
    assert rhythm.before(pace, highest) == pytest.approx(longest)


@pytest.mark.parametrize(
    ("misses", "shortest", "longest"),
    [
        (1, 0.5, 1),
        (2, 1, 2),
        (3, 2, 4),
        (9, 128, 256),
        (10, 150, 300),
        (11, 150, 300),
        (1_000_000, 150, 300),
    ],
)
def test_after_a_miss(misses: int, shortest: float, longest: float) -> None:
    assert USUAL.after_miss(misses, lowest) == shortest
    assert USUAL.after_miss(misses, highest) == longest


@pytest.mark.parametrize(
    ("rhythm", "misses", "shortest", "longest"),
    [
        (Rhythm(retry_initial=60, retry_max=60), 1, 30, 60),
        (Rhythm(retry_initial=60, retry_max=60), 5, 30, 60),
        (Rhythm(retry_initial=0.1, retry_max=86_400), 1, 0.05, 0.1),
        (Rhythm(retry_initial=0.1, retry_max=86_400), 64, 43_200, 86_400),
        (Rhythm(retry_initial=0.1, retry_max=1e300), 10_000, 0.05 * 2**63, 0.1 * 2**63),
    ],
)
def test_after_a_miss_in_another_rhythm(rhythm: Rhythm, misses: int, shortest: float, longest: float) -> None:
    assert rhythm.after_miss(misses, lowest) == pytest.approx(shortest)
    assert rhythm.after_miss(misses, highest) == pytest.approx(longest)


@pytest.mark.parametrize(
    ("retry_after", "shortest", "longest"),
    [
        pytest.param(30, 30, 33, id="never earlier than asked, and spread"),
        pytest.param(3000, 3000, 3300, id="longer than our own longest wait"),
        pytest.param(3500, 3500, 3600, id="spread up to an hour"),
        pytest.param(3600, 3600, 3600, id="an hour"),
        pytest.param(3601, 3600, 3600, id="at most an hour"),
        pytest.param(1e300, 3600, 3600, id="a huge number"),
        pytest.param(float("inf"), 3600, 3600, id="no number can tell"),
    ],
)
@pytest.mark.parametrize("misses", [1, 20])
def test_after_a_server_that_says_when(misses: int, retry_after: float, shortest: float, longest: float) -> None:
    assert USUAL.after_miss(misses, lowest, retry_after) == pytest.approx(shortest)
    assert USUAL.after_miss(misses, highest, retry_after) == pytest.approx(longest)
    assert USUAL.after_miss(misses, lowest, retry_after) >= min(retry_after, LONGEST_RETRY_AFTER)


@pytest.mark.parametrize("retry_after", [0, 0.9])
def test_a_server_that_wants_to_be_asked_at_once_meets_the_usual_back_off(retry_after: float) -> None:
    for misses in (1, 4, 20):
        assert USUAL.after_miss(misses, highest, retry_after) == USUAL.after_miss(misses, highest)


def test_a_herd_is_spread_over_half_of_every_wait_also_at_the_longest() -> None:
    uniform = random.Random(7).uniform
    waits = [USUAL.after_miss(12, uniform) for _ in range(10_000)]
    assert min(waits) >= 150
    assert max(waits) <= 300
    per_second = Counter(int(each) for each in waits)
    assert max(per_second.values()) < 110  # 10,000 over 150 seconds are 67 a second


@pytest.mark.parametrize("pace", [Pace.BOOT, Pace.POLL, Pace.RECHECK, Pace.SLOW])
def test_no_two_kiosks_keep_step(pace: Pace) -> None:
    uniform = random.Random(7).uniform
    assert len({USUAL.before(pace, uniform) for _ in range(100)}) == 100


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("5", 5),
        ("  120\t", 120),
        ("000000000000000000120", 120),
        ("3600", 3600),
        ("9" * 400, float("inf")),
        ("Tue, 02 Jun 2026 12:00:30 GMT", 30),
        ("tue, 02 jun 2026 12:00:30 gmt", 30),
        ("Tuesday, 02-Jun-26 12:01:00 GMT", 60),
        ("Tue Jun  2 12:02:00 2026", 120),
        ("Tue, 02 Jun 2026 14:00:30 +0200", 30),
        ("Tue, 02 Jun 2026 12:00:30 -0000", 30),
        ("Tue, 02 Jun 2026 12:00:30", 30),
        ("Tue, 02 Jun 2026 11:59:59 GMT", 0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Mon, 01 Jan 0000 00:00:00 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC) - NOW).total_seconds()),
        *(
            (garbage, None)
            for garbage in (
                "",
                " ",
                "-5",
                "+5",
                "1.5",
                "1e3",
                "5 seconds",
                "0x10",
                "\u0665",
                "²",
                "soon",
                "nan",
                "inf",
                "Tue, 99 Jun 2026 12:00:00 GMT",
                "Tue, 02 Jun 2026 12:00:00 +9999",
                "Tue, 02 Jun 99999 12:00:00 GMT",
                ",",
                ", ,",
                "\x00",
            )
        ),
    ],
)
def test_a_retry_after_header(value: str, seconds: float | None) -> None:
    assert parse_retry_after(value, NOW) == seconds
    assert parse_retry_after(value, NOW.astimezone(timezone(timedelta(hours=-5)))) == seconds


HEADERISH = st.text(alphabet="0123456789 ,:+-.JanuFebTSGMDZ\t\u0663", max_size=40)


@settings(derandomize=True, max_examples=500, deadline=None, database=None)
@given(st.one_of(HEADERISH, st.text(max_size=20), st.datetimes().map(lambda each: each.strftime("%a, %d %b %Y %T"))))
def test_whatever_the_header_says_the_wait_is_bounded(value: str) -> None:
    seconds = parse_retry_after(value, NOW)
    assert seconds is None or seconds >= 0
    assert 0.5 <= USUAL.after_miss(1, lowest, seconds) <= USUAL.after_miss(1, highest, seconds) <= LONGEST_RETRY_AFTER
