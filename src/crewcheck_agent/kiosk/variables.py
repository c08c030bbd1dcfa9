"""The environment variables that shape an agent, and what of them may be told."""

import re
import shlex
from collections.abc import Mapping
from urllib.parse import unquote

_PLAIN = {
    *("STATE_DIRECTORY", "CACHE_DIRECTORY", "RUNTIME_DIRECTORY", "CREDENTIALS_DIRECTORY"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "NO_PROXY"),
    *("SDL_VIDEODRIVER", "DISPLAY", "WAYLAND_DISPLAY"),
}
_PROXIES = {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"}
_SECRET = re.compile("key|token|secret|bearer|pass|credential", re.IGNORECASE)


def shaping(environ: Mapping[str, str]) -> dict[str, str]:
    """Those of these variables that an agent goes by; a proxy's may hold a password."""
    return {name: value for name, value in environ.items() if _counts(name)}


def tellable(environ: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The same without passwords, and the names of the proxies from which a sign-in was taken out."""
    told = shaping(environ)
    hidden = []
    for name in told:
        if name.upper() in _PROXIES and "@" in told[name]:
            told[name] = without_sign_in(told[name])
            hidden.append(name)
    return told, sorted(hidden)


def without_sign_in(proxy: str) -> str:
    """A proxy's address without user name and password."""
    return re.sub(r"^([A-Za-z][A-Za-z0-9+.-]*://)?.*@", r"\1", proxy)


def without_sign_ins(text: str) -> str:
    """A text without the user names and passwords of the addresses in it."""
    return re.sub(r"//[^\s\"']*@", "//…@", text)


def secrets_in(environ: Mapping[str, str], unit_environment: str = "") -> list[str]:
    """What these variables hold that is nobody else's business: proxies' sign-ins, and ours that are called a secret.

    `unit_environment`: `Environment` as systemctl(1) shows it.
    """
    listed = [word.partition("=")[::2] for word in words_of(unit_environment)]
    found: list[str] = []
    for name, value in (*environ.items(), *listed):
        if name.upper() in _PROXIES and "@" in value:
            sign_in = value.rpartition("@")[0].rpartition("//")[2]
            password = sign_in.partition(":")[2] or sign_in
            found += [sign_in, password, unquote(password)]
        elif name.upper().startswith("CREWCHECK_") and _SECRET.search(name):
            found.append(value)
    return list(dict.fromkeys(found))


def words_of(text: str) -> list[str]:
    """The assignments in `Environment` as systemctl(1) shows it."""
    try:
        return shlex.split(text)
    except ValueError:  # an open quote
        return text.split()


def _counts(name: str) -> bool:
    upper = name.upper()
    ours = upper.startswith("CREWCHECK_") and not upper.startswith("CREWCHECK_ADMIN_") and not _SECRET.search(name)
    return ours or upper in _PLAIN | _PROXIES
