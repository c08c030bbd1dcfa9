"""Connection codes on paper: one page a kiosk, to be taken to it, scanned, and destroyed."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from gettext import gettext as _
from pathlib import Path
from typing import TYPE_CHECKING

from crewcheck_agent.core.problem import printable
from crewcheck_agent.core.token import ConnectionToken
from crewcheck_agent.kiosk.files import write_atomically
from crewcheck_agent.tools.codes import modules

if TYPE_CHECKING:
    from fpdf import FPDF

_MARGIN = 22.0  # millimetres, as all lengths here
_CODE = 92.0  # a scanner's aimer covers it at arm's length
_INK, _GREY, _LINE = (0x16, 0x1D, 0x26), (0x55, 0x5F, 0x6B), (0xC9, 0xCF, 0xD6)
_FONTS = Path("/usr/share/fonts/truetype")  # Debian's fonts-lato and fonts-dejavu-core
_FACES = {"": "lato/Lato-Regular.ttf", "B": "lato/Lato-Bold.ttf"}
_OTHER_SCRIPTS = "dejavu/DejaVuSans.ttf"


class CannotPrint(Exception):  # noqa: N818 - told as what cannot be done
    """Something that pages are made with is missing; the text says what to install."""


@dataclass(frozen=True, slots=True)
class Page:
    """One kiosk's page. `name` is the operator's for it, and may be empty."""

    token: ConnectionToken
    name: str


def check_printing() -> None:
    """Find out whether pages can be made, before any code is issued.

    Raises:
        CannotPrint: they cannot.
    """
    with _document():
        pass


def write(pages: Sequence[Page], today: date, path: Path) -> None:
    """Write the pages as a PDF (A4) with mode 0600: each is a password.

    Raises:
        OSError: it cannot be written; an earlier version of the file is still there then.
        CannotPrint: something to make it with is missing.
    """
    with _document() as document:
        for page in pages:
            document.add_page()
            _draw(document, page, today)
        write_atomically(path, bytes(document.output()), 0o600)


@contextmanager
def _document() -> Iterator["FPDF"]:
    """An empty one; its fonts' files stay open until the end."""
    try:
        from fpdf import FPDF  # noqa: PLC0415 - an operator's machine alone has it
    except ImportError:
        raise CannotPrint(_("Pages need the package python3-fpdf (fpdf2): install it, and try again.")) from None
    logging.getLogger("fontTools").setLevel(logging.ERROR)  # it wonders at the day on which a font was made
    document = FPDF(format="A4")
    document.set_margin(_MARGIN)
    document.set_auto_page_break(auto=False)
    try:
        for style, file in _FACES.items():
            document.add_font("words", style, _FONTS / file)
        document.add_font("others", "", _FONTS / _OTHER_SCRIPTS)
    except OSError:
        raise CannotPrint(_("Pages need the packages fonts-lato and fonts-dejavu-core: install them.")) from None
    document.set_fallback_fonts(["others"], exact_match=False)
    document.set_title(_("Connection codes"))
    try:
        yield document
    finally:
        for font in document.fonts.values():
            font.close()


def _draw(document: "FPDF", page: Page, today: date) -> None:
    identity = page.token.identity
    _say(document, _("Connection code"), 12, colour=_GREY)
    if page.name.strip():
        _say(document, printable(page.name, 60), 26, bold=True)
    _say(document, printable(identity.device_id, 90), 11, colour=_GREY)
    _code(document, page.token)
    _say(document, _("This code is a password: whoever has it, or a photo of it, can be this kiosk."), 13, bold=True)
    _say(document, _("Keep it closed away, and destroy this page once the kiosk shows its logo."), 11)
    document.ln(5)
    for number, step in enumerate(_steps(), 1):
        _say(document, f"{number}.  {step}", 11)
    document.ln(5)
    _say(document, _("It works until the next code is issued for the same kiosk: an older page is worthless."), 11)
    facts = (_("Issued on {date}").format(date=today.isoformat()), printable(identity.tenant_id), identity.environment)
    document.set_y(-_MARGIN - 6)
    document.set_draw_color(*_LINE)
    document.line(_MARGIN, document.get_y() - 3, document.w - _MARGIN, document.get_y() - 3)
    _say(document, "   ·   ".join(map(printable, facts)), 9, colour=_GREY)


def _steps() -> Sequence[str]:
    return (
        _("Switch the kiosk on and wait for “This kiosk is being set up”."),
        _("Hold this code in front of its scanner; the screen says that it was read."),
        _("Wait for the logo. If a help code such as CC-22 appears instead, read the text beside it."),
    )


def _say(document: "FPDF", text: str, size: float, *, bold: bool = False, colour: tuple[int, int, int] = _INK) -> None:
    """One paragraph across the page; `size` in points."""
    document.set_font("words", "B" if bold else "", size)
    document.set_text_color(*colour)
    document.multi_cell(0, size * 0.5, text, align="L", new_x="LMARGIN", new_y="NEXT")


def _code(document: "FPDF", token: ConnectionToken) -> None:
    """The code as vectors: sharp on every printer."""
    rows = modules(token)
    size = _CODE / len(rows)
    left, top = (document.w - _CODE) / 2, document.get_y() + 6
    document.set_fill_color(0)
    for row, line in enumerate(rows):
        for start, length in _runs(line):
            document.rect(left + start * size, top + row * size, length * size, size, style="F")
    document.set_y(top + _CODE + 6)


def _runs(line: Sequence[int]) -> Sequence[tuple[int, int]]:
    """Where dark modules begin, and how many follow each other: in one piece no hairlines show between them."""
    runs: list[tuple[int, int]] = []
    for at, dark in enumerate(line):
        if not dark:
            continue
        if runs and sum(runs[-1]) == at:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((at, 1))
    return runs
