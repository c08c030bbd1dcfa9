"""The shape of a language: every text that a person can read, so that a forgotten one fails the type check."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from crewcheck_agent.core.kiosk import Name
from crewcheck_agent.core.problem import Code


class ProblemWords(NamedTuple):
    """One cause in words: what happened, then who must act and what to do.

    As templates, `{host}` and `{detail}` stand for the facts of the `Problem`; a part in square brackets is left
    out where its fact is unknown.
    """

    message: str
    advice: str


@dataclass(frozen=True, slots=True)
class Headlines:
    """The one line for the public, three metres away."""

    setup: str
    connecting: str
    offline: str
    out_of_service: str


@dataclass(frozen=True, slots=True)
class StaffWords:
    """What the people of the house can do, one metre away."""

    scan: str
    plug_scanner: str
    hand_over: str
    check_cable: str
    call_network_support: str
    wait_for_service: str
    disabled: str
    unauthorized: str
    not_found: str


@dataclass(frozen=True, slots=True)
class NoticeWords:
    """What became of the code that was just scanned. `{time}` is the next try's, HH:MM:SS."""

    checking: str
    retrying: str
    saving: str


@dataclass(frozen=True, slots=True)
class FactLabels:
    """The names in the technician's table."""

    code: str
    name: str
    device: str
    scanner: str
    addresses: str
    version: str
    service: str
    tenant: str
    next_try: str
    since: str
    server: str
    cause: str
    advice: str
    besides: str
    once_enabled: str


@dataclass(frozen=True, slots=True)
class FactValues:
    """The values in the technician's table that are words. `{time}`: HH:MM:SS, `{number}`: which try it will be."""

    scanner_present: str
    scanner_missing: str
    scanner_off: str
    no_address: str
    next_try: str
    comes_back: str


@dataclass(frozen=True, slots=True)
class Wording:
    """One language.

    Attributes:
        states: the states as `status` tells them to a person.
        problems: by code and variant; the empty variant is the usual wording and always there.
    """

    headlines: Headlines
    staff: StaffWords
    notices: NoticeWords
    labels: FactLabels
    values: FactValues
    states: Mapping[Name, str]
    problems: Mapping[tuple[Code, str], ProblemWords]
