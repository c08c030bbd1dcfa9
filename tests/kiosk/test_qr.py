"""The QR code's modules, and what is imported for them, when."""

import subprocess
import sys

import pytest

from crewcheck_agent.core.ticket import MOST_BYTES
from crewcheck_agent.kiosk.qr import QUIET, modules


@pytest.mark.parametrize("text", ["x", "L’appareil : 3f2504e0\nÄÖÜ", "é" * (MOST_BYTES // 2)])  # noqa: RUF001
def test_around_the_code_it_is_light(text: str) -> None:
    rows = modules(text)
    assert {len(row) for row in rows} == {len(rows)}
    edges = [*rows[:QUIET], *rows[-QUIET:], *(row[:QUIET] + row[-QUIET:] for row in rows)]
    assert not any(any(each) for each in edges)
    assert rows[QUIET][QUIET] == 1, "the corner of the first finder pattern"


def test_the_longest_report_is_65_modules_wide() -> None:
    assert len(modules("x" * MOST_BYTES)) == 65 + 2 * QUIET


def test_its_library_is_imported_for_a_screen_that_needs_it_alone() -> None:
    script = (
        "import sys; from crewcheck_agent.tools.contact_sheet import SCENES;"
        "SCENES['setup'].painted('en', (800, 480)); SCENES['logo, offline'].painted('en', (800, 480));"
        "assert 'segno' not in sys.modules; SCENES['offline'].painted('en', (800, 480)); assert 'segno' in sys.modules"
    )
    subprocess.run((sys.executable, "-c", script), check=True, timeout=60)
