"""Receives the tools on the control socket: status, a look, a new code, an unlocking, a forgetting."""

import os
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

from crewcheck_agent.core import events
from crewcheck_agent.core.events import Event, Origin, Reply, Tell
from crewcheck_agent.core.problem import Problem
from crewcheck_agent.core.state import LONGEST_OVERLAY
from crewcheck_agent.errands import now
from crewcheck_agent.kiosk import control
from crewcheck_agent.kiosk.control import Conversation
from crewcheck_agent.kiosk.variables import tellable
from crewcheck_agent.kiosk.wall import Wall


class Reception:
    """Answers requests from the state, and turns the others into events."""

    def __init__(
        self,
        report: Callable[[], Mapping[str, Any]],
        post: Callable[[Event], None],
        parse: Callable[[str, Origin, int | None], Event],
        said: Callable[[Problem | None], Mapping[str, str] | None],
        wall: Wall,
    ) -> None:
        self._report = report
        self._post = post
        self._parse = parse
        self._said = said
        self._wall = wall
        self._numbers = count(1)
        self._tickets: dict[int, Conversation] = {}
        self._watchers: dict[Conversation, Mapping[str, Any]] = {}
        self._waiting_for_erasure: list[Conversation] = []

    def receive(self, conversation: Conversation) -> None:
        """Answer a request, or note down who waits for what."""
        match conversation.request:
            case {"do": "status"}:
                conversation.reply(control.Reply(self._report()))
            case {"do": "watch"}:
                self._watchers[conversation] = {}
            case {"do": "look"}:
                conversation.reply(self._look())
            case {"do": "provision", "token": str(text)}:
                ticket = next(self._numbers)
                self._tickets[ticket] = conversation
                self._post(self._parse(text, _origin(conversation.request), ticket))
            case {"do": "variables"}:
                told, hidden = tellable(os.environ)
                conversation.reply(control.Reply({"variables": told, "hidden": hidden}))
            case {"do": "unlock"}:
                self._post(events.Unlocked(now()))
                conversation.reply(control.Reply({"unlocked": True}))
            case {"do": "overlay", "seconds": int() | float() as seconds} if 0 <= seconds <= LONGEST_OVERLAY:
                self._post(events.OverlayWanted(now(), seconds))
                conversation.reply(control.Reply({"overlay": True}))
            case {"do": "forget"}:
                self._waiting_for_erasure.append(conversation)
                self._post(events.Forgotten(now()))
            case _:
                conversation.reply(control.Reply({"error": "this agent does not know that request"}))

    def tell(self, news: Tell) -> None:
        """Tell whoever offered a code what became of it."""
        last = news.reply is not Reply.WAITING
        conversation = self._tickets.pop(news.ticket, None) if last else self._tickets.get(news.ticket)
        if conversation:
            fields = {"reply": news.reply.value, "problem": self._said(news.problem), "status": self._report()}
            conversation.reply(control.Reply(fields, last=last))

    def erased(self, problem: Problem | None) -> None:
        """Tell whoever wanted everything forgotten how it went."""
        for conversation in self._waiting_for_erasure:
            conversation.reply(control.Reply({"erased": problem is None, "status": self._report()}))
        self._waiting_for_erasure.clear()

    def publish(self) -> None:
        """Send the status to the tools that watch it, where it changed."""
        for conversation in [each for each in self._watchers if each.over]:
            del self._watchers[conversation]
        if not self._watchers:
            return
        report = self._report()
        for conversation, sent in self._watchers.items():
            if sent != report:
                self._watchers[conversation] = report
                conversation.reply(control.Reply(report, last=False))

    def _look(self) -> control.Reply:
        display = self._wall.display
        if display is None:
            return control.Reply({"error": "there is no picture: no display is open"})
        width, height = display.size
        return control.Reply({"width": width, "height": height}, blob=display.pixels())


def _origin(request: Mapping[str, Any]) -> Origin:
    return Origin.SCAN if request.get("scan") is True else Origin.TOOL
