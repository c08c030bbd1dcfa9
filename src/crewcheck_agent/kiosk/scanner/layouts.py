"""What the keys of a keyboard mean in each country; the facts are those of XKB, which a test compares.

A combining accent is a dead key; a space means that the key gives nothing.
"""

from collections.abc import Mapping
from typing import NamedTuple

KEYS = (41, *range(2, 14), *range(16, 28), *range(30, 41), 43, 86, *range(44, 54))
"""The kernel's codes of the keys in each row below (linux/input-event-codes.h): grave to equal, Q to the right
bracket, A to the apostrophe, backslash, the key that only Europe has, Z to the slash."""


class Layout(NamedTuple):
    """One layout: the characters of `KEYS` by themselves, with Shift, and with AltGr."""

    plain: str
    shift: str
    altgr: str


LAYOUTS: Mapping[str, Layout] = {
    "us": Layout(
        "`1234567890-=qwertyuiop[]asdfghjkl;'\\<zxcvbnm,./",
        '~!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:"|>ZXCVBNM<>?',
        " " * 48,
    ),
    "fr": Layout(
        "²&é\"'(-è_çà)=azertyuiop\u0302$qsdfghjklmù*<wxcvbn,;:!",
        "~1234567890°+AZERTYUIOP\u0308£QSDFGHJKLM%µ>WXCVBN?./§",
        "  ~#{[|`\\^@]}  €        ¤                       ",
    ),
    "de": Layout(
        "\u03021234567890ß\u0301qwertzuiopü+asdfghjklöä#<yxcvbnm,.-",
        "°!\"§$%&/()=?\u0300QWERTZUIOPÜ*ASDFGHJKLÖÄ'>YXCVBNM;:_",
        "  ²³   {[]}\\ @ €        ~            |      µ   ",
    ),
}
