"""The built-in logo: the mark of SOLVARA, a company that does not exist.

A fan of feathers, as a rising sun, over two waves and the name. Only outlines and plain colours, nothing but what
the simplest of SVG renderers can draw: no fonts, no filters, no style sheets, no links.
"""

from itertools import accumulate

_WIDTH, _HEIGHT = 1200, 800
_FEATHERS = (
    (-78, 250, "#3d5af1"),
    (-52, 300, "#22a5e8"),
    (-26, 340, "#12b8a0"),
    (0, 360, "#5fc13a"),
    (26, 340, "#ffb814"),
    (52, 300, "#ff7a2f"),
    (78, 250, "#f2396b"),
)
_LETTERS = {  # outlines in a box 100 high, and how far each one reaches
    "S": (
        80,
        "M68 20C60 7 50 2 40 2C24 2 12 12 12 26C12 43 28 47 40 50C54 54 70 58 70 75C70 90 56 98 40 98C26 98 15 92 9 79",
    ),
    "O": (100, "M50 2C76 2 98 24 98 50C98 76 76 98 50 98C24 98 2 76 2 50C2 24 24 2 50 2Z"),
    "L": (50, "M8 2V98H62"),
    "V": (76, "M4 2L44 98L84 2"),
    "A": (80, "M4 98L44 2L84 98"),
    "R": (74, "M8 98V2H42C60 2 68 14 68 28C68 44 58 54 42 54H8M40 54L70 98"),
}
_NAME = "SOLVARA"
_GAP = 44


def demo_logo() -> bytes:
    """An SVG, 1200 by 800, on a transparent ground."""
    name_style = 'fill="none" stroke="#5367d9" stroke-width="17" stroke-linecap="round" stroke-linejoin="round"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}" '
        f'viewBox="0 0 {_WIDTH} {_HEIGHT}">'
        f'<g transform="translate({_WIDTH // 2} 416)">{_sun()}{_waves()}</g>'
        f'<g transform="translate(0 650)" {name_style}>{_name()}</g>'
        "</svg>"
    ).encode()


def _sun() -> str:
    return "".join(
        f'<path transform="rotate({angle})" fill="{colour}" fill-opacity="0.92" '
        f'd="M0 -52C{length * 0.24:g} {-length * 0.42:g} {length * 0.21:g} {-length * 0.8:g} 0 {-length}'
        f'C{-length * 0.21:g} {-length * 0.8:g} {-length * 0.24:g} {-length * 0.42:g} 0 -52Z"/>'
        for angle, length, colour in _FEATHERS
    )


def _waves() -> str:
    return "".join(
        f'<path fill="none" stroke="{colour}" stroke-width="17" stroke-linecap="round" '
        f'd="M{-reach} {y}C{-reach * 0.6:g} {y - 46} {-reach * 0.35:g} {y - 46} 0 {y}'
        f'C{reach * 0.35:g} {y + 46} {reach * 0.6:g} {y + 46} {reach} {y}"/>'
        for y, reach, colour in ((66, 300, "#22a5e8"), (126, 210, "#3d5af1"))
    )


def _name() -> str:
    widths = [_LETTERS[letter][0] for letter in _NAME]
    starts = list(accumulate((width + _GAP for width in widths), initial=0))
    margin = (_WIDTH - (starts[-1] - _GAP)) / 2
    return "".join(
        f'<path transform="translate({margin + start:g} 0)" d="{_LETTERS[letter][1]}"/>'
        for letter, start in zip(_NAME, starts, strict=False)
    )
