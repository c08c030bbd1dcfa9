"""Where everything goes: one grid, three sizes of type, two weights, from the size of the frame and the words.

The measures are those of the project's screen design; S is the shorter side of the frame. On a wide frame the sign
and the code stand in a narrow left column and all words on one axis to its right; on a tall one they are stacked.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Literal

from crewcheck_agent.core.screen import Fact, Screen, Sign
from crewcheck_agent.kiosk import signs
from crewcheck_agent.kiosk.lines import broken
from crewcheck_agent.kiosk.qr import modules
from crewcheck_agent.kiosk.typeface import Face, Setting, setting

MARGIN = 1 / 12
HEADLINE = 1 / 14  # cap heights, all
STAFF = 1 / 26
TECHNICIAN = 1 / 42
FEWEST_PIXELS = 9  # of a technician's capital
LONGEST_HEADLINE = 38  # characters a line
OPTICAL_CENTRE = 0.45  # of the free height goes above: what is centred exactly seems to sag
WIDE = 1.2  # times as wide as high, from where on there are two columns
ROOMY = 1.45  # times as wide as high, from where on the left one is broad

Ink = Literal["bright", "quiet", "accent", "notice", "rule"]


@dataclass(frozen=True, slots=True)
class Text:
    """One line of type, its capitals' top left at (x, y)."""

    text: str
    setting: Setting
    x: int
    y: int
    ink: Ink


@dataclass(frozen=True, slots=True)
class Drawing:
    """A sign, its top left at (x, y)."""

    sign: Sign
    height: int
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Rule:
    """A hairline."""

    x: int
    y: int
    width: int
    thickness: int


@dataclass(frozen=True, slots=True)
class Symbol:
    """A QR code for a phone: dark on a light panel that holds its quiet zone, the panel's top left at (x, y).

    Attributes:
        text: what it says.
        module: pixels, the side of its smallest square.
    """

    text: str
    module: int
    x: int
    y: int


Item = Text | Drawing | Rule | Symbol


@dataclass(frozen=True, slots=True)
class Scale:
    """How large things are set, as multiples of their measures.

    Attributes:
        words: headline and staff.
        small: the technician's table, the labels.
        air: the gaps, and what is between the lines beyond the letters.
        sign: the sign.
        facts: how many lines of the technician's table are shown.
        spare: the height to be left free for this scale to be comfortable, as a share of S.
        modules: how many of the QR code's smallest squares go into S; 0 for no code.
    """

    words: float
    small: float
    air: float = 1.0
    sign: float = 1.0
    facts: int = 100
    spare: float = 0.0
    modules: int = 0


_DESCENT = 0.32  # of a capital's height: how far a `g` reaches below the line
_ASCENT = 0.1  # of a capital's height: how far a `l` and most accents reach above it
_COLUMN = 0.29  # of S: the left column, where there are two
_NARROW_COLUMN = 0.24  # of S: on a frame that is not roomy
_POSTER_COLUMN = 0.5  # of S: where its sign is the message
_SIGN = 0.28  # of S: a sign's height
_POSTER_SIGN = 0.42

_FAR, _MIDDLE, _NEAR = 160, 210, 270
"""At most so many modules of a QR code go into S: on a 10-inch panel each measures 0.84, 0.64 or 0.5 mm at least."""
_FEWEST_PIXELS_A_MODULE = 2
_LABEL = 0.3  # of S: what the QR code's label may measure where the code is narrower

_ROOMY = (Scale(1.12, 1.06, spare=0.08), Scale(1.0, 1.0), Scale(1.0, 1.0, air=0.8))
_MEASURED = (*_ROOMY, Scale(1.0, 1.0, air=0.8, sign=0.6), Scale(1.0, 1.0, air=0.6, sign=0.5))

_CLOSE = Scale(1.0, 1.0, air=0.4, sign=0.5)

# The first that fits. The measures hold down to 1.0; what is below is for words that nobody here wrote.
_SCALES = (
    *(replace(scale, modules=_FAR) for scale in _ROOMY),
    *(replace(scale, modules=_MIDDLE) for scale in _MEASURED),
    *(replace(scale, modules=_NEAR) for scale in (*_MEASURED, _CLOSE)),
    *_MEASURED,
    Scale(0.9, 0.9, air=0.8, sign=0.6),
    Scale(0.8, 0.8, air=0.8, sign=0.6),
    Scale(0.7, 0.75, air=0.7, sign=0.5),
    *(Scale(0.7, 0.75, air=0.7, sign=0.5, facts=facts) for facts in (6, 4, 2, 0)),
    Scale(0.5, 0.6, air=0.6, sign=0.4, facts=0),
)


def arranged(screen: Screen, size: tuple[int, int]) -> tuple[Item, ...]:
    """Everything on the screen, in its place, at the largest scale at which it fits."""
    scales = [scale for scale in _SCALES if not scale.modules or _scannable(screen, size, scale.modules)]
    sheets = (_Sheet(screen, size, scale) for scale in scales)
    sheet = next((each for each in sheets if each.fits()), None) or _Sheet(screen, size, _SCALES[-1])
    return tuple(sheet.items())


def _scannable(screen: Screen, size: tuple[int, int], share: int) -> bool:
    return bool(screen.ticket) and ceil(min(size) / share) >= _FEWEST_PIXELS_A_MODULE


@dataclass(frozen=True, slots=True)
class _Block:
    """Things stacked: their places are relative to the block's top left."""

    items: tuple[Item, ...] = ()
    height: int = 0

    def at(self, x: int, y: int) -> "tuple[Item, ...]":
        return tuple(replace(item, x=item.x + x, y=item.y + y) for item in self.items)


def _stacked(blocks: Iterable[tuple[int, _Block]]) -> _Block:
    """Blocks below each other, each with the gap above it; empty ones leave no gap."""
    items: list[Item] = []
    height = 0
    for gap, block in blocks:
        if block.items:
            top = height + (gap if items else 0)
            items += block.at(0, top)
            height = top + block.height
    return _Block(tuple(items), height)


def _lines(lines: Sequence[str], face: Setting, leading: float, ink: Ink) -> _Block:
    """Lines of type; `leading` in cap heights from one baseline to the next."""
    step = round(face.cap * leading)
    items = tuple(Text(line, face, 0, step * number, ink) for number, line in enumerate(lines))
    return _Block(items, step * (len(lines) - 1) + face.cap)


class _Sheet:
    """One screen on one frame at one scale."""

    def __init__(self, screen: Screen, size: tuple[int, int], scale: Scale) -> None:
        self._screen = screen
        self._width, self._height = size
        self._short = min(size)
        self._scale = scale
        self._margin = ceil(self._short * MARGIN)
        self._wide = self._width >= WIDE * self._height
        self._column = round(self._column_share() * self._short) if self._wide else 0
        self._axis = self._margin + (self._column + round(0.065 * self._short) if self._wide else 0)
        self._measure = self._width - self._margin - self._axis
        self._gap = round(self._short / 22 * scale.air)
        self._small = setting(Face.REGULAR, max(FEWEST_PIXELS, ceil(self._short * TECHNICIAN * scale.small)))
        self._head = self._message()
        self._code_width, symbol = self._symbol()
        self._right = self._width - self._margin - self._code_width
        self._foot = self._footer(symbol)
        self._top = self._margin + ceil(_ASCENT * self._short * HEADLINE * self._scale.words)
        self._bottom = self._height - self._margin - ceil(_DESCENT * self._small.cap)

    def fits(self) -> bool:
        needed = self._head.height + self._foot.height + 2 * self._gap + round(self._scale.spare * self._short)
        return needed <= self._bottom - self._top

    def items(self) -> list[Item]:
        foot_top = self._bottom - self._foot.height
        free = foot_top - 2 * self._gap - self._top - self._head.height
        head_top = self._top + max(0, round(free * OPTICAL_CENTRE))
        rule = Rule(self._margin, foot_top - self._gap, self._width - 2 * self._margin, max(1, self._short // 540))
        return [
            *self._head.at(0, head_top),
            *([rule] if self._foot.items else []),
            *self._foot.at(0, foot_top),
        ]

    def _column_share(self) -> float:
        if self._width < ROOMY * self._height:
            return _NARROW_COLUMN
        return _POSTER_COLUMN if _is_poster(self._screen) else _COLUMN

    def _message(self) -> _Block:
        """The sign, the line for the public, the lines for the staff."""
        screen = self._screen
        headline = setting(Face.BOLD, ceil(self._short * HEADLINE * self._scale.words))
        cap = ceil(self._short * STAFF * self._scale.words)
        regular, bold = setting(Face.REGULAR, cap), setting(Face.BOLD, cap)
        air = self._scale.air
        words = _stacked(
            (
                (0, self._paragraph(screen.headline, headline, 1.6 + 0.12 * air, "bright", LONGEST_HEADLINE)),
                (round(1.6 * self._gap), self._paragraph(screen.notice, bold, 1.6 + 0.4 * air, "notice")),
                (
                    round((1.0 if screen.notice else 1.6) * self._gap),
                    self._paragraph(screen.staff, regular, 1.6 + 0.4 * air, "bright"),
                ),
            )
        )
        sign = self._sign()
        if self._wide:
            drop = max(0, (sign.height - words.height) // 2)
            return _Block(
                (*sign.at(self._margin, 0), *words.at(self._axis, drop)),
                max(sign.height, words.height),
            )
        return _stacked(((0, _shifted(sign, self._margin)), (2 * self._gap, _shifted(words, self._margin))))

    def _sign(self) -> _Block:
        sign = self._screen.sign
        room = self._column if self._wide else self._measure
        height = round((_POSTER_SIGN if _is_poster(self._screen) else _SIGN) * self._short * self._scale.sign)
        width, _ = signs.size_of(sign, height)
        if width > room:
            height = height * room // width
        return _Block((Drawing(sign, height, 0, 0),), height)

    def _footer(self, symbol: _Block) -> _Block:
        """What is read out to a help desk, the technician's table, and beside them what is for a phone.

        On a tall frame the table is below all that: it needs the width.
        """
        code, name = self._code(), self._name()
        if not self._wide:
            heads = _stacked(((0, _shifted(code, self._margin)), (self._gap, _shifted(name, self._margin))))
            heads, self._right = _beside(heads, symbol), self._width - self._margin
            return _stacked(((0, heads), (self._gap, self._table())))
        beside_code = self._margin + _width(code) + self._small.cap
        heads = _beside(_shifted(code, self._margin), _shifted(name, max(self._axis, beside_code)))
        return _beside(_stacked(((0, heads), (self._gap, self._table()))), symbol)

    def _symbol(self) -> tuple[int, _Block]:
        """The QR code at the right edge, below its label, and the width that it takes from the words."""
        if not self._scale.modules:
            return 0, _Block()
        module = ceil(self._short / self._scale.modules)
        side = module * len(modules(self._screen.ticket))
        face = self._small
        lines = broken(self._screen.ticket_label, max(side, round(_LABEL * self._short)), face.width)
        label = _lines(lines, face, 1.5, "quiet")
        symbol = _Block((Symbol(self._screen.ticket, module, 0, 0),), side)
        width = max(side, _width(label))
        column = _shifted(_stacked(((0, label), (face.cap, symbol))), self._width - self._margin - width)
        return width + self._gap, column

    def _code(self) -> _Block:
        if not self._screen.code:
            return _Block()
        face = setting(Face.BOLD, ceil(self._short * STAFF * 1.5 * self._scale.words))
        return self._labelled(self._screen.code_label, _lines([self._screen.code], face, 1.5, "notice"))

    def _name(self) -> _Block:
        """On one line where the measure allows it, else on two, beside a QR code on three, else smaller."""
        if not self._screen.name:
            return _Block()
        largest = ceil(self._short * STAFF * self._scale.words)
        smallest = ceil(self._short * STAFF * min(1.0, self._scale.words))
        wishes = [(largest, 1), (smallest, 1), (largest, 2), (smallest, 2)]
        wishes += [(smallest, 3)] if self._code_width else []
        settings = ((setting(Face.LETTERS, cap), most) for cap, most in wishes)
        fitting = (
            _lines(lines, face, 1.8, "bright") for face, most in settings if len(lines := self._spelt(face)) <= most
        )
        small = setting(Face.LETTERS, self._small.cap)
        name = next(fitting, None) or _lines(self._spelt(small), small, 1.8, "bright")
        return self._labelled(self._screen.name_label, name)

    def _spelt(self, face: Setting) -> Sequence[str]:
        return broken(face.legible(self._screen.name), self._measure - self._code_width, face.width)

    def _labelled(self, label: str, block: _Block) -> _Block:
        lines = broken(label, self._measure - self._code_width, self._small.width)
        return _stacked(((0, _lines(lines, self._small, 1.5, "quiet")), (self._small.cap, block)))

    def _table(self) -> _Block:
        """The labels in the left column, the facts on the words' axis; on a wide frame two short ones share a row."""
        facts = self._screen.technician[: self._scale.facts]
        axis = max(self._axis, self._margin + self._indent(facts))
        middle = axis + (self._right - axis) // 2
        pairs = tuple(self._pairs(facts, middle - axis - self._small.cap))
        second = middle + self._indent(right for _, right in pairs if right)
        rows = (
            _beside(self._row(left, self._margin, axis), self._row(right, middle, second) if right else _Block())
            for left, right in pairs
        )
        return _stacked((round((0.75 + 0.45 * self._scale.air) * self._small.cap), row) for row in rows)

    def _pairs(self, facts: Sequence[Fact], half: int) -> Iterator[tuple[Fact, Fact | None]]:
        """`half`: the width that each fact of a row may have, the second one with its label."""
        waiting = list(facts)
        while waiting:
            first = waiting.pop(0)
            room = self._wide and waiting and self._small.width(first.text) <= half
            if room and self._indent(waiting[:1]) + self._small.width(waiting[0].text) <= half:
                yield first, waiting.pop(0)
            else:
                yield first, None

    def _indent(self, facts: Iterable[Fact]) -> int:
        """Room for the labels."""
        return max((self._small.width(fact.label) for fact in facts), default=0) + round(1.6 * self._small.cap)

    def _row(self, fact: Fact, label_x: int, text_x: int) -> _Block:
        face = self._small
        lines = broken(face.legible(fact.text), self._right - text_x, face.width)
        text = _lines(lines, face, 1.55 + 0.2 * self._scale.air, "bright")
        return _Block((Text(fact.label, face, label_x, 0, "quiet"), *text.at(text_x, 0)), text.height)

    def _paragraph(self, text: str, face: Setting, leading: float, ink: Ink, most: int = 10_000) -> _Block:
        if not text:
            return _Block()
        return _lines(broken(face.legible(text), self._measure, face.width, most), face, leading, ink)


def _is_poster(screen: Screen) -> bool:
    """Whether the sign is the message: how to scan, until somebody did."""
    return screen.sign is Sign.SCAN and not screen.notice


def _width(block: _Block) -> int:
    return max((each.x + each.setting.width(each.text) for each in block.items if isinstance(each, Text)), default=0)


def _beside(left: _Block, right: _Block) -> _Block:
    return _Block((*left.items, *right.items), max(left.height, right.height))


def _shifted(block: _Block, x: int) -> _Block:
    return _Block(block.at(x, 0), block.height)
