"""Where this machine keeps things. On the way to the first picture: imports nothing but `os`."""

import os
from collections.abc import Mapping

_ROOTS = {"state": "/var/lib", "cache": "/var/cache", "runtime": "/run"}
_XDG = {
    "state": ("XDG_STATE_HOME", ".local/state"),
    "cache": ("XDG_CACHE_HOME", ".cache"),
    "runtime": ("XDG_RUNTIME_DIR", ".cache/run"),
}
_NAME = "crewcheck-agent"


def directory(kind: str, environ: Mapping[str, str]) -> str:
    """The directory for `state`, `cache` or `runtime`, unless the configuration names another.

    What systemd hands over first, then root's, then a person's (XDG Base Directory Specification).
    """
    from_systemd = environ.get(f"{kind.upper()}_DIRECTORY")
    if from_systemd:
        return from_systemd.split(":")[0]
    if os.geteuid() == 0:
        return of_service(kind)
    variable, below_home = _XDG[kind]
    root = environ.get(variable, "")
    if not root.startswith("/"):  # a relative one is to be ignored, says the specification
        root = os.path.join(environ.get("HOME") or "/nonexistent", below_home)  # noqa: PTH118
    return f"{root}/{_NAME}"


def of_service(kind: str) -> str:
    """The same, of the agent that the machine's service manager starts."""
    return f"{_ROOTS[kind]}/{_NAME}"


def configuration_file(environ: Mapping[str, str]) -> str:
    """The configuration file: `CREWCHECK_CONFIG`, or the machine's own."""
    return environ.get("CREWCHECK_CONFIG") or f"/etc/{_NAME}/agent.toml"
