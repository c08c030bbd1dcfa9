"""Recorded keys become the text that the scanner was shown."""

import ctypes
import ctypes.util
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crewcheck_agent.kiosk.scanner.decoder import Decoder
from crewcheck_agent.kiosk.scanner.layouts import KEYS, LAYOUTS, Layout

TOKEN = json.dumps({"deviceId": "kiosk-7", "apiKey": "aZ_09+/=~@#|\\", "environment": "https://app.example"})
SHIFT, ALTGR, CTRL, ALT, CAPS, SPACE = 42, 100, 29, 56, 58, 57


def decoded(layout: str, events: list[tuple[int, int]]) -> str:
    decoder = Decoder(layout)
    return "".join(decoder.key(code, value) for code, value in events)


def struck(code: int, *held: int) -> list[tuple[int, int]]:
    down = [(each, 1) for each in held]
    return [*down, (code, 1), (code, 0), *((each, 0) for each in reversed(held))]


def typed(text: str, layout: Layout, altgr: tuple[int, ...] = (ALTGR,)) -> list[tuple[int, int]]:
    """The keys that a scanner presses for a text."""
    events = []
    for character in text:
        if character == " ":
            events += struck(SPACE)
            continue
        rows = ((layout.plain, ()), (layout.shift, (SHIFT,)), (layout.altgr, altgr))
        row, held = next((row, held) for row, held in rows if character in row)
        events += struck(KEYS[row.index(character)], *held)
    return events


@pytest.mark.parametrize("altgr", [(ALTGR,), (CTRL, ALT)])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_code_arrives_as_it_was_printed(layout: str, altgr: tuple[int, ...]) -> None:
    assert decoded(layout, typed(TOKEN, LAYOUTS[layout], altgr)) == TOKEN


@pytest.mark.parametrize(
    ("layout", "events", "text"),
    [
        ("us", [(30, 1), (30, 2), (30, 2), (30, 0)], "a"),
        ("us", struck(CAPS) + struck(30) + struck(30, SHIFT) + struck(2) + struck(CAPS) + struck(30), "Aa1a"),
        ("us", [(SHIFT, 1), (30, 1), (SHIFT, 0), (30, 0), (30, 1)], "Aa"),
        ("us", [(ALT, 1), *struck(82), *struck(73), *struck(80), (ALT, 0)], "\\"),
        ("us", struck(30, CTRL) + struck(30, 125) + struck(113), ""),
        ("fr", struck(26) + struck(SPACE) + struck(26) + struck(18) + struck(26) + struck(26) + struck(45), "^ê^x"),
        ("de", struck(13) + struck(18) + struck(13, SHIFT) + struck(45), "é`x"),
    ],
)
def test_keys_mean_what_they_mean_there(layout: str, events: list[tuple[int, int]], text: str) -> None:
    assert decoded(layout, events) == text


@given(st.sampled_from(sorted(LAYOUTS)), st.lists(st.tuples(st.integers(0, 300), st.integers(0, 2))))
def test_no_keys_are_too_odd(layout: str, events: list[tuple[int, int]]) -> None:
    assert len(decoded(layout, events)) <= 2 * len(events)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_tables_agree_with_xkb_on_ascii(layout: str) -> None:
    name = ctypes.util.find_library("xkbcommon")
    if name is None:
        pytest.skip("there is no libxkbcommon to compare with")
    xkb = ctypes.CDLL(name)
    xkb.xkb_context_new.restype = xkb.xkb_keymap_new_from_names.restype = ctypes.c_void_p
    xkb.xkb_keymap_new_from_names.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int]
    xkb.xkb_keymap_key_get_syms_by_level.argtypes = [ctypes.c_void_p, *[ctypes.c_uint32] * 3, ctypes.c_void_p]
    names = (ctypes.c_char_p * 5)(b"evdev", b"pc105", layout.encode(), b"", b"")
    keymap = xkb.xkb_keymap_new_from_names(xkb.xkb_context_new(0), names, 0)
    for level, row in enumerate(LAYOUTS[layout]):
        for key, ours in zip(KEYS, row, strict=True):
            found = ctypes.POINTER(ctypes.c_uint32)()
            count = xkb.xkb_keymap_key_get_syms_by_level(keymap, key + 8, 0, level, ctypes.byref(found))
            theirs = chr(xkb.xkb_keysym_to_utf32(found[0]) or 32) if count else " "
            if (
                key != 86
                and "!" <= theirs <= "~"
                and not (level == 2 and (theirs.isalpha() or key not in range(2, 28)))
            ):
                assert (key, ours) == (key, theirs)
