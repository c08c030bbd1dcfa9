"""Connection codes as QR codes: in a terminal, as a picture, in a file that only its owner can read."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import segno

from crewcheck_agent.core.token import ConnectionToken
from crewcheck_agent.kiosk.files import write_atomically

KINDS = (".png", ".svg", ".json")
"""What a code can be written as, by the ending of the file's name."""

_QUIET = 4  # modules around the code (ISO/IEC 18004)
_SCALE = 8  # pixels a module
_BLACK_ON_WHITE = "\033[38;5;16;48;5;231m"  # of the fixed colours: the first sixteen are the theme's
_RESET = "\033[0m"
_HALVES = {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}


def drawn(token: ConnectionToken) -> list[str]:
    """The code in lines for a terminal, two modules a character, black on white whatever the theme."""
    rows = [list(row) for row in _code(token, "l").matrix_iter(border=_QUIET)]
    rows += [[0] * len(rows[0])] * (len(rows) % 2)
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return [f"{_BLACK_ON_WHITE}{''.join(_cells(upper, lower))}{_RESET}" for upper, lower in pairs]


def modules(token: ConnectionToken) -> list[list[int]]:
    """The code's modules in rows, 1 for a dark one, with the quiet zone around them."""
    return [[int(module > 0) for module in row] for row in _code(token, "m").matrix_iter(border=_QUIET)]


def write(token: ConnectionToken, path: Path) -> None:
    """Write the code as what the file's ending says, one of `KINDS`, with mode 0600: a code is a password.

    Raises:
        OSError: it cannot be written; nothing half-written is left behind.
    """
    if path.suffix.lower() == ".json":
        data = token.to_json().encode() + b"\n"
    else:
        file = io.BytesIO()
        kind = path.suffix.lower()[1:]
        _code(token, "m").save(file, kind=kind, scale=_SCALE, border=_QUIET, dark="#000", light="#fff")
        data = file.getvalue()
    write_atomically(path, data, 0o600)


def _cells(upper: list[int], lower: list[int]) -> Iterator[str]:
    return (_HALVES[int(up > 0), int(down > 0)] for up, down in zip(upper, lower, strict=True))


def _code(token: ConnectionToken, error: str) -> segno.QRCode:
    """The token as compact JSON: fewer modules, so that each is larger."""
    compact = json.dumps(json.loads(token.to_json()), ensure_ascii=False, separators=(",", ":"))
    return segno.make_qr(compact, error=error)
