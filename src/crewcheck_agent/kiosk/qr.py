"""QR codes for the screen. Their library is imported when the first one is needed: a kiosk that is well shows none."""

from functools import lru_cache

QUIET = 4
"""Modules of light around the code (ISO/IEC 18004, 6.3.8)."""


@lru_cache(maxsize=2)
def modules(text: str) -> tuple[bytes, ...]:
    """The code's modules in rows, 1 for a dark one, with the quiet zone around them.

    At the lowest level of correction: nothing scratches a screen, and fewer modules are larger ones. In UTF-8 whatever
    the text holds, which is what phones expect.
    """
    from segno import make_qr  # noqa: PLC0415 - see above

    code = make_qr(text, error="l", encoding="utf-8")
    return tuple(bytes(row) for row in code.matrix_iter(border=QUIET))
