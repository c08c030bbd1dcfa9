"""The run's report: one page, with a picture of every step."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from PIL import Image

_HEAD = """<!doctype html><meta charset="utf-8"><title>The emulated kiosk</title>
<meta name="viewport" content="width=device-width"><style>
body { font: 16px/1.4 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #112029 }
article { display: grid; grid-template-columns: 22rem 1fr; gap: 1rem; padding: 1rem 0; border-top: 1px solid #ccd }
img { width: 100%; border: 1px solid #889 } h2 { font-size: 1rem; margin: 0 } p { margin: .3rem 0 }
.failed { color: #a00020; font-weight: bold } .left-out { color: #667 }
</style>
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One step of the run.

    Attributes:
        name: what happened.
        expected: what was then to be seen.
        complaint: what was seen instead; empty where all was well.
        seconds: how long it took until it was seen.
        picture: the wall at the end of it.
    """

    name: str
    expected: str
    complaint: str
    seconds: float
    picture: Image.Image | None


def write(file: Path, title: str, facts: Sequence[str], entries: Sequence[Entry]) -> None:
    """Write the page, pictures and all, into one file."""
    failed = sum(bool(entry.complaint) for entry in entries)
    verdict = f'<p class="failed">{failed} failed</p>' if failed else "<p>All as expected.</p>"
    lines = "".join(f"<p>{escape(fact)}</p>" for fact in facts)
    file.write_text(f"{_HEAD}<h1>{escape(title)}</h1>{verdict}{lines}{''.join(map(_article, entries))}\n")


def _article(entry: Entry) -> str:
    verdict = f'<p class="failed">✗ {escape(entry.complaint)}</p>' if entry.complaint else "<p>✓ seen</p>"
    picture = f'<img alt="" src="data:image/png;base64,{_png(entry.picture)}">' if entry.picture else "<span></span>"
    return (
        f"<article>{picture}<div><h2>{escape(entry.name)}</h2><p>{escape(entry.expected)}</p>{verdict}"
        f"<p>{entry.seconds:.1f} s</p></div></article>"
    )


def _png(picture: Image.Image) -> str:
    png = io.BytesIO()
    picture.save(png, "PNG", optimize=True)
    return base64.b64encode(png.getvalue()).decode()
