"""What the tools are told: each request its answer, each ticket its verdict, each watcher every change once."""

import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from math import inf, nan
from typing import Any

import pygame
import pytest

from crewcheck_agent.core.events import Event, Forgotten, Misread, Origin, OverlayWanted, Tell, Unlocked
from crewcheck_agent.core.events import Reply as Word
from crewcheck_agent.core.kiosk import Moment
from crewcheck_agent.core.problem import Code, Problem
from crewcheck_agent.core.screen import Screen, Showing, Sign
from crewcheck_agent.kiosk.control import Conversation, Reply
from crewcheck_agent.kiosk.wall import Hanging, Wall
from crewcheck_agent.reception import Reception

NOW = Moment(datetime(2026, 6, 2, 12, tzinfo=UTC), 100.0)
PROBLEM = Problem(Code.STORAGE, "No space left on device")


class Guest(Conversation):
    """A conversation that ends here."""

    def __init__(self, request: Mapping[str, Any]) -> None:
        self.request = request
        self.over = False
        self.heard: list[Reply] = []

    def reply(self, reply: Reply) -> None:
        self.heard.append(reply)

    def words(self) -> list[Mapping[str, Any]]:
        return [reply.fields for reply in self.heard]


class House:
    """A reception, and what it stands between."""

    def __init__(self) -> None:
        self.report: Mapping[str, Any] = {"state": "connected"}
        self.posted: list[Event] = []
        self.wall = Wall(os.environ, Hanging(size=(24, 16)), None)
        self.reception = Reception(
            lambda: self.report,
            self.posted.append,
            lambda text, origin, ticket: Misread(Problem(Code.BAD_TOKEN, text), origin, NOW, ticket),
            lambda problem: {"code": problem.code.value} if problem else None,
            self.wall,
        )

    def visit(self, request: Mapping[str, Any]) -> Guest:
        guest = Guest(request)
        self.reception.receive(guest)
        return guest


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def seen(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """With a display that somebody could see."""
    monkeypatch.setenv("SDL_VIDEODRIVER", "offscreen")
    for name in ("SDL_FRAMEBUFFER_ACCELERATION", "SDL_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR"):
        monkeypatch.setenv(name, "0")
    house.wall.open()
    yield house
    pygame.display.quit()


UNKNOWN: list[Mapping[str, Any]] = [
    {},
    {"do": "dance"},
    {"do": None},
    {"do": ["status"]},
    {"do": "provision"},
    {"do": "provision", "token": 5},
    {"do": "provision", "token": {"deviceId": "d"}},
    {"status": "do"},
]


@pytest.mark.parametrize("request_", UNKNOWN)
def test_an_unknown_request_is_told_as_such_and_changes_nothing(house: House, request_: Mapping[str, Any]) -> None:
    guest = house.visit(request_)
    assert guest.heard == [Reply({"error": "this agent does not know that request"})]
    assert house.posted == []


def test_a_question_for_the_status_is_answered_at_once(house: House) -> None:
    assert house.visit({"do": "status", "and": "more"}).heard == [Reply({"state": "connected"})]


def test_the_variables_that_shape_the_agent_are_told_without_passwords(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://clerk:sesame@proxy.example:3128")
    (fields,) = house.visit({"do": "variables"}).words()
    assert fields["variables"]["HTTPS_PROXY"] == "http://proxy.example:3128"
    assert "HTTPS_PROXY" in fields["hidden"]
    assert "sesame" not in str(fields)


@pytest.mark.parametrize(
    ("scan", "origin"),
    [(True, Origin.SCAN), (False, Origin.TOOL), (None, Origin.TOOL), ("yes", Origin.TOOL), (1, Origin.TOOL)],
)
def test_a_code_is_passed_on_with_its_origin_and_a_ticket_of_its_own(
    house: House, scan: object, origin: Origin
) -> None:
    first = house.visit({"do": "provision", "token": "one", "scan": scan})
    second = house.visit({"do": "provision", "token": "two", "scan": scan})
    assert house.posted == [
        Misread(Problem(Code.BAD_TOKEN, "one"), origin, NOW, 1),
        Misread(Problem(Code.BAD_TOKEN, "two"), origin, NOW, 2),
    ]
    house.reception.tell(Tell(2, Word.MISREAD, PROBLEM))
    assert (first.heard, len(second.heard)) == ([], 1)


def test_who_offered_a_code_is_told_up_to_the_last_word(house: House) -> None:
    guest = house.visit({"do": "provision", "token": "text"})
    house.reception.tell(Tell(1, Word.WAITING, PROBLEM))
    house.reception.tell(Tell(1, Word.WAITING))
    house.reception.tell(Tell(1, Word.CONNECTED))
    house.reception.tell(Tell(1, Word.CONNECTED))
    house.reception.tell(Tell(77, Word.CONNECTED))
    status = {"state": "connected"}
    assert guest.heard == [
        Reply({"reply": "waiting", "problem": {"code": "storage"}, "status": status}, last=False),
        Reply({"reply": "waiting", "problem": None, "status": status}, last=False),
        Reply({"reply": "connected", "problem": None, "status": status}),
    ]


@pytest.mark.parametrize("word", [word for word in Word if word is not Word.WAITING])
def test_every_word_but_waiting_is_the_last(house: House, word: Word) -> None:
    guest = house.visit({"do": "provision", "token": "text"})
    house.reception.tell(Tell(1, word))
    assert [reply.last for reply in guest.heard] == [True]


def test_a_watcher_is_told_every_change_once(house: House) -> None:
    early = house.visit({"do": "watch"})
    assert early.heard == []
    house.reception.publish()
    house.reception.publish()
    house.report = {"state": "offline"}
    late = house.visit({"do": "watch"})
    house.reception.publish()
    house.reception.publish()
    assert early.heard == [Reply({"state": "connected"}, last=False), Reply({"state": "offline"}, last=False)]
    assert late.heard == [Reply({"state": "offline"}, last=False)]
    early.over = True
    house.report = {"state": "connected"}
    house.reception.publish()
    assert (len(early.heard), len(late.heard)) == (2, 2), "who hung up is told no more"
    late.over = True
    house.report = {"state": "nobody is told this"}
    house.reception.publish()
    assert len(late.heard) == 2


def test_unlocking_and_forgetting_become_events(house: House) -> None:
    unlocking = house.visit({"do": "unlock"})
    assert unlocking.heard == [Reply({"unlocked": True})]
    forgetting, another = house.visit({"do": "forget"}), house.visit({"do": "forget"})
    assert [type(event) for event in house.posted] == [Unlocked, Forgotten, Forgotten]
    assert forgetting.heard == [], "it is told when it is done"
    house.reception.erased(PROBLEM)
    house.reception.erased(None)
    told = [{"erased": False, "status": {"state": "connected"}}]
    assert (forgetting.words(), another.words()) == (told, told), "once"
    afterwards = house.visit({"do": "forget"})
    house.reception.erased(None)
    assert afterwards.words() == [{"erased": True, "status": {"state": "connected"}}]


@pytest.mark.parametrize("seconds", [0, 60, 2.5, 600])
def test_a_wish_for_the_overlay_becomes_an_event(house: House, seconds: float) -> None:
    assert house.visit({"do": "overlay", "seconds": seconds}).words() == [{"overlay": True}]
    assert [event.seconds for event in house.posted if isinstance(event, OverlayWanted)] == [seconds]


@pytest.mark.parametrize("wish", [{}, *({"seconds": each} for each in ("60", -5, 600.1, inf, nan, None))])
def test_a_wish_for_no_time_that_can_be_is_not_understood(house: House, wish: Mapping[str, Any]) -> None:
    assert "error" in house.visit({"do": "overlay", **wish}).words()[0]
    assert house.posted == []


def test_a_look_is_what_the_screen_shows(seen: House) -> None:
    seen.wall.show(Screen(Showing.SETUP, Sign.SCAN, "Scan"), None)
    (reply,) = seen.visit({"do": "look"}).heard
    assert seen.wall.display is not None
    assert reply == Reply({"width": 24, "height": 16}, seen.wall.display.pixels())
    assert len(reply.blob) == 24 * 16 * 3


def test_without_a_display_there_is_nothing_to_look_at(house: House) -> None:
    assert house.visit({"do": "look"}).heard == [Reply({"error": "there is no picture: no display is open"})]
