"""Key events become characters, by a layout of ours and not the console's."""

import unicodedata

from crewcheck_agent.kiosk.scanner.layouts import KEYS, LAYOUTS

_CTRL, _SHIFT, _ALT, _ALTGR, _META = {29, 97}, {42, 54}, {56}, {100}, {125, 126}
_MODIFIERS = _CTRL | _SHIFT | _ALT | _ALTGR | _META
_CAPS_LOCK = 58
_PAD = dict(zip((82, 79, 80, 81, 75, 76, 77, 71, 72, 73), "0123456789", strict=True))
_ANYWHERE = {57: " ", 15: "\t", 28: "\n", 96: "\n", 98: "/", 55: "*", 74: "-", 78: "+", 83: ".", **_PAD}
_PLACES = {key: place for place, key in enumerate(KEYS)}
_ALONE = {"\u0300": "`", "\u0301": "\u00b4", "\u0302": "^", "\u0308": "\u00a8"}
"""What a dead key gives by itself, or before a space."""


class Decoder:
    """One keyboard, in one layout."""

    def __init__(self, layout: str) -> None:
        self._layout = LAYOUTS[layout]
        self._held: set[int] = set()
        self._caps = False
        self._dead = ""
        self._number = ""

    def key(self, code: int, value: int) -> str:
        """The characters that this event adds: `value` is the kernel's 1 for pressed, 0 for released, 2 for held."""
        if code in _MODIFIERS:
            return self._modifier(code, value)
        if value != 1:  # a scanner never holds a key: what repeats, repeats because the machine was busy
            return ""
        if code == _CAPS_LOCK:
            self._caps = not self._caps
        if self._held & _ALT and not self._held & _CTRL and code in _PAD:
            self._number = (self._number + _PAD[code])[-4:]
            return ""
        return self._composed(self._character(code))

    def _modifier(self, code: int, value: int) -> str:
        if value:
            self._held.add(code)
            return ""
        self._held.discard(code)
        number, self._number = (self._number, "") if code in _ALT else ("", self._number)
        return bytes([int(number)]).decode("cp1252", "ignore") if number and int(number) < 256 else ""

    def _character(self, code: int) -> str:
        if code in _ANYWHERE:
            return _ANYWHERE[code]
        place = _PLACES.get(code)
        held, layout = self._held, self._layout
        if place is None or held & _META:
            return ""
        if held & _ALTGR or (held & _CTRL and held & _ALT):  # Windows' other way to say AltGr
            return layout.altgr[place].strip()
        if held & (_CTRL | _ALT):
            return ""
        plain, shifted = layout.plain[place], layout.shift[place]
        letter = plain.upper() == shifted != plain
        return shifted if bool(held & _SHIFT) is not (self._caps and letter) else plain

    def _composed(self, character: str) -> str:
        if not character:
            return ""
        dead, self._dead = self._dead, ""
        if not dead:
            if character in _ALONE:
                self._dead = character
                return ""
            return character
        if character in {" ", dead}:
            return _ALONE[dead]
        whole = unicodedata.normalize("NFC", character + dead)
        return whole if len(whole) == 1 else _ALONE[dead] + self._composed(character)
