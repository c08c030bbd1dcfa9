"""Where everything goes: one grid, three sizes of type, two weights, from the size of the frame and the words.

The measures are those of the project's screen design; S is the shorter side of the frame. On a wide frame the sign
and the code stand in a narrow left column and all words on one axis to its right; on a tall one they are stacked.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil

from crewcheck_agent.core.screen import Screen, Sign
from crewcheck_agent.kiosk import signs
from crewcheck_agent.kiosk.blocks import (
    Block,
    Drawing,
    Ink,
    Item,
    Rule,
    Symbol,
    beside,
    lines_of,
    shifted,
    stacked,
    width_of,
    written,
)
from crewcheck_agent.kiosk.qr import modules
from crewcheck_agent.kiosk.table import Room, table
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
        self._cramped = False  # whether the name is smaller than its measure
        self._head = self._message()
        self._code_width, symbol = self._symbol()
        self._right = self._width - self._margin - self._code_width
        self._foot = self._footer(symbol)
        self._top = self._margin + ceil(_ASCENT * self._short * HEADLINE * self._scale.words)
        self._bottom = self._height - self._margin - ceil(_DESCENT * self._small.cap)

    def fits(self) -> bool:
        needed = self._head.height + self._foot.height + 2 * self._gap + round(self._scale.spare * self._short)
        displaced = self._cramped and self._scale.modules > 0  # a QR code never makes the name smaller
        return needed <= self._bottom - self._top and not displaced

    def items(self) -> list[Item]:
        foot_top = self._bottom - self._foot.height
        free = foot_top - 2 * self._gap - self._top - self._head.height
        head_top = self._top + max(0, round(free * OPTICAL_CENTRE))
        rule = Rule(self._margin, foot_top - self._gap, self._width - 2 * self._margin, max(1, self._short // 540))
        if self._screen.overlay:  # it has the facts, and would cover half of them
            return list(self._head.at(0, head_top))
        return [
            *self._head.at(0, head_top),
            *([rule] if self._foot.items else []),
            *self._foot.at(0, foot_top),
        ]

    def _column_share(self) -> float:
        if self._width < ROOMY * self._height:
            return _NARROW_COLUMN
        return _POSTER_COLUMN if _is_poster(self._screen) else _COLUMN

    def _message(self) -> Block:
        """The sign, the line for the public, the lines for the staff."""
        screen = self._screen
        headline = setting(Face.BOLD, ceil(self._short * HEADLINE * self._scale.words))
        cap = ceil(self._short * STAFF * self._scale.words)
        regular, bold = setting(Face.REGULAR, cap), setting(Face.BOLD, cap)
        air = self._scale.air
        words = stacked(
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
            return Block(
                (*sign.at(self._margin, 0), *words.at(self._axis, drop)),
                max(sign.height, words.height),
            )
        return stacked(((0, shifted(sign, self._margin)), (2 * self._gap, shifted(words, self._margin))))

    def _sign(self) -> Block:
        sign = self._screen.sign
        room = self._column if self._wide else self._measure
        height = round((_POSTER_SIGN if _is_poster(self._screen) else _SIGN) * self._short * self._scale.sign)
        width, _ = signs.size_of(sign, height)
        if width > room:
            height = height * room // width
        return Block((Drawing(sign, height, 0, 0),), height)

    def _footer(self, symbol: Block) -> Block:
        """What is read out to a help desk, the technician's table, and beside them what is for a phone.

        On a tall frame the table is below all that: it needs the width.
        """
        code, name = self._code(), self._name()
        if not self._wide:
            heads = stacked(((0, shifted(code, self._margin)), (self._gap, shifted(name, self._margin))))
            heads, self._right = beside(heads, symbol), self._width - self._margin
            return stacked(((0, heads), (self._gap, self._table())))
        beside_code = self._margin + width_of(code) + self._small.cap
        heads = beside(shifted(code, self._margin), shifted(name, max(self._axis, beside_code)))
        return beside(stacked(((0, heads), (self._gap, self._table()))), symbol)

    def _symbol(self) -> tuple[int, Block]:
        """The QR code at the right edge, below its label, and the width that it takes from the words."""
        if not self._scale.modules:
            return 0, Block()
        module = ceil(self._short / self._scale.modules)
        side = module * len(modules(self._screen.ticket))
        face = self._small
        lines = lines_of(self._screen.ticket_label, max(side, round(_LABEL * self._short)), face)
        label = written(lines, face, 1.5, "quiet")
        symbol = Block((Symbol(self._screen.ticket, module, 0, 0),), side)
        width = max(side, width_of(label))
        column = shifted(stacked(((0, label), (face.cap, symbol))), self._width - self._margin - width)
        return width + self._gap, column

    def _code(self) -> Block:
        if not self._screen.code:
            return Block()
        face = setting(Face.BOLD, ceil(self._short * STAFF * 1.5 * self._scale.words))
        return self._labelled(self._screen.code_label, written([self._screen.code], face, 1.5, "notice"))

    def _name(self) -> Block:
        """On one line where the measure allows it, else on two, beside a QR code on three, else smaller."""
        if not self._screen.name:
            return Block()
        largest = ceil(self._short * STAFF * self._scale.words)
        smallest = ceil(self._short * STAFF * min(1.0, self._scale.words))
        wishes = [(largest, 1), (smallest, 1), (largest, 2), (smallest, 2)]
        wishes += [(smallest, 3)] if self._code_width else []
        settings = ((setting(Face.LETTERS, cap), most) for cap, most in wishes)
        fitting = (
            written(lines, face, 1.8, "bright") for face, most in settings if len(lines := self._spelt(face)) <= most
        )
        small = setting(Face.LETTERS, self._small.cap)
        name = next(fitting, None)
        self._cramped = name is None
        name = name or written(self._spelt(small), small, 1.8, "bright")
        return self._labelled(self._screen.name_label, name)

    def _spelt(self, face: Setting) -> Sequence[str]:
        return lines_of(self._screen.name, self._measure - self._code_width, face)

    def _labelled(self, label: str, block: Block) -> Block:
        lines = lines_of(label, self._measure - self._code_width, self._small)
        return stacked(((0, written(lines, self._small, 1.5, "quiet")), (self._small.cap, block)))

    def _table(self) -> Block:
        """The labels in the left column, the facts on the words' axis."""
        facts = self._screen.technician[: self._scale.facts]
        room = Room(self._margin, self._axis, self._right)
        return table(facts, self._small, room, self._scale.air, paired=self._wide)

    def _paragraph(self, text: str, face: Setting, leading: float, ink: Ink, most: int = 10_000) -> Block:
        if not text:
            return Block()
        return written(lines_of(text, self._measure, face, most), face, leading, ink)


def _is_poster(screen: Screen) -> bool:
    """Whether the sign is the message: how to scan, until somebody did."""
    return screen.sign is Sign.SCAN and not screen.notice
