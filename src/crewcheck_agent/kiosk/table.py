"""A table of facts for a technician: labels in one column, facts in the next, two short ones side by side."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from crewcheck_agent.core.facts import Fact
from crewcheck_agent.kiosk.blocks import Block, Text, beside, lines_of, stacked, written
from crewcheck_agent.kiosk.typeface import Face, Setting, setting


@dataclass(frozen=True, slots=True)
class Room:
    """Where a table goes, in pixels from the frame's left: its edges, and the least place of the facts."""

    left: int
    axis: int
    right: int


def table(facts: Sequence[Fact], face: Setting, room: Room, air: float, *, paired: bool) -> Block:
    """The facts below each other, in places that count from the frame's left; `paired`: two short ones share a row."""
    return _Table(face, room, air).block(facts, paired=paired)


class _Table:
    def __init__(self, face: Setting, room: Room, air: float) -> None:
        self._face = face
        self._letters = setting(Face.LETTERS, face.cap)
        self._room = room
        self._air = air

    def block(self, facts: Sequence[Fact], *, paired: bool) -> Block:
        left, right = self._room.left, self._room.right
        axis = max(self._room.axis, left + self._indent(facts))
        middle = axis + (right - axis) // 2
        half = middle - axis - self._face.cap
        pairs = tuple(self._pairs(facts, half)) if paired else tuple((fact, None) for fact in facts)
        second = middle + self._indent(other for _, other in pairs if other)
        rows = (
            beside(self._row(one, left, axis), self._row(other, middle, second) if other else Block())
            for one, other in pairs
        )
        return stacked((round((0.75 + 0.45 * self._air) * self._face.cap), row) for row in rows)

    def _pairs(self, facts: Sequence[Fact], half: int) -> Iterator[tuple[Fact, Fact | None]]:
        """`half`: the width that each fact of a row may have, the second one with its label."""
        waiting = list(facts)
        while waiting:
            first = waiting.pop(0)
            room = waiting and self._width(first) <= half
            if room and self._indent(waiting[:1]) + self._width(waiting[0]) <= half:
                yield first, waiting.pop(0)
            else:
                yield first, None

    def _indent(self, facts: Iterable[Fact]) -> int:
        """Room for the labels."""
        return max((self._face.width(fact.label) for fact in facts), default=0) + round(1.6 * self._face.cap)

    def _row(self, fact: Fact, label_x: int, text_x: int) -> Block:
        face = self._face_of(fact)
        lines = lines_of(fact.text, self._room.right - text_x, face)
        text = written(lines, face, 1.55 + 0.2 * self._air, "bright")
        return Block((Text(fact.label, self._face, label_x, 0, "quiet"), *text.at(text_x, 0)), text.height)

    def _width(self, fact: Fact) -> int:
        return self._face_of(fact).width(fact.text)

    def _face_of(self, fact: Fact) -> Setting:
        return self._letters if fact.spelt else self._face
