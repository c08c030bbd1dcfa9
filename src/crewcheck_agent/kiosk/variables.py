"""The environment variables that shape an agent, and what of them may be told."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

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


def sign_ins(environ: Mapping[str, str]) -> list[str]:
    """The passwords of the environment's proxies."""
    found = []
    for name, value in environ.items():
        if name.upper() in _PROXIES:
            try:
                password = urlsplit(value if "://" in value else f"http://{value}").password
            except ValueError:
                password = None
            found += [password] if password else []
    return found


def _counts(name: str) -> bool:
    upper = name.upper()
    ours = upper.startswith("CREWCHECK_") and not upper.startswith("CREWCHECK_ADMIN_") and not _SECRET.search(name)
    return ours or upper in _PLAIN | _PROXIES
