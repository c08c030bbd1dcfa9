"""The error report that a phone takes off the screen and turns into a ticket: plain text, without a secret.

Plain text and no `mailto:`: it needs no address to be configured, does nothing by itself, is taken by every scanning
program, and is a third shorter than the same text in a URL, so that a phone can read it from farther away. Nothing in
it changes while the screen stays the same.
"""

from collections.abc import Iterator
from datetime import datetime

from crewcheck_agent.core.diagnosis import who_acts
from crewcheck_agent.core.kiosk import Kiosk, identity_of, pulse_of
from crewcheck_agent.core.messages import words_for
from crewcheck_agent.core.problem import Problem, printable, short_code
from crewcheck_agent.core.words.wording import Wording

MOST_BYTES = 367
"""In UTF-8: what a QR code of version 12, 65 modules wide, holds at its lowest level (ISO/IEC 18004, table 7)."""

_LONGEST_SENTENCE = 110  # characters: a cause with a long detail must not push the facts out
_LONGEST_FACT = 64  # characters: of what others named


def ticket(
    kiosk: Kiosk, cause: Problem, besides: Problem | None, words: Wording, version: str, addresses: tuple[str, ...]
) -> str:
    """What support needs, a line each, in the screen's language; the last lines go where there is too much.

    Args:
        kiosk: whose report it is.
        cause: what the screen is about.
        besides: what else is wrong.
        words: the screen's.
        version: this program's.
        addresses: its own, on the network.
    """
    first, *others = _lines(kiosk, cause, besides, words, version, addresses)
    text = first
    for line in others:
        longer = f"{text}\n{line}"
        if len(longer.encode()) <= MOST_BYTES:
            text = longer
    return text


def _lines(
    kiosk: Kiosk, cause: Problem, besides: Problem | None, words: Wording, version: str, addresses: tuple[str, ...]
) -> Iterator[str]:
    """The most important first: whoever is called needs to know which machine, where, and what it runs, before when."""
    labels, identity, pulse = words.labels, identity_of(kiosk), pulse_of(kiosk)

    def fact(label: str, text: str, longest: int = _LONGEST_FACT) -> str:
        return words.values.fact.format(label=label, text=printable(text, longest))

    def said(problem: Problem) -> tuple[str, str, int]:
        return short_code(problem.code), words_for(problem, words).message, _LONGEST_SENTENCE

    yield "CrewCheck " + fact(*said(cause))
    if identity:
        yield fact(labels.device, identity.device_id)
        yield fact(labels.tenant, identity.tenant_id)
        yield fact(labels.service, identity.environment.removeprefix("https://"))
    if addresses:
        yield fact(labels.addresses, ", ".join(addresses))
    yield fact(labels.version, version)
    yield fact(labels.who, words.who[who_acts(cause)])
    yield fact(labels.since, _moment(kiosk.since, words))
    if pulse.last_answer:
        yield fact(labels.last_answer, _moment(pulse.last_answer, words))
    if pulse.next_attempt:
        time = f"{_moment(pulse.next_attempt, words)} {pulse.next_attempt:%z}"
        yield fact(labels.next_try, words.values.next_try.format(time=time, number=pulse.attempts + 1))
    if besides:
        yield f"{labels.besides} " + fact(*said(besides))


def _moment(moment: datetime, words: Wording) -> str:
    return words.values.moment.format(moment=moment)
