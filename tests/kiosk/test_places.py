"""Where this machine keeps things."""

import os
from collections.abc import Iterator, Mapping

import pytest

from crewcheck_agent.kiosk.places import configuration_file, directory

KINDS = ("state", "cache", "runtime")
HOME = {"HOME": "/home/ada"}
XDG = {"XDG_STATE_HOME": "/xdg/state", "XDG_CACHE_HOME": "/xdg/cache", "XDG_RUNTIME_DIR": "/run/user/7"}

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="asks what root gets")


@pytest.fixture
def _a_person() -> Iterator[None]:
    """For root, the effective user is somebody else meanwhile."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    yield
    os.seteuid(before)


@as_root
def test_root_has_the_machines_places() -> None:
    found = [directory(kind, HOME | XDG) for kind in KINDS]
    assert found == ["/var/lib/crewcheck-agent", "/var/cache/crewcheck-agent", "/run/crewcheck-agent"]


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        (XDG | HOME, ["/xdg/state", "/xdg/cache", "/run/user/7"]),
        (HOME, ["/home/ada/.local/state", "/home/ada/.cache", "/home/ada/.cache/run"]),
        (HOME | dict.fromkeys(XDG, ""), ["/home/ada/.local/state", "/home/ada/.cache", "/home/ada/.cache/run"]),
        (HOME | dict.fromkeys(XDG, "here"), ["/home/ada/.local/state", "/home/ada/.cache", "/home/ada/.cache/run"]),
        ({}, ["/nonexistent/.local/state", "/nonexistent/.cache", "/nonexistent/.cache/run"]),
    ],
)
@pytest.mark.usefixtures("_a_person")
def test_a_person_has_their_own(environ: Mapping[str, str], expected: list[str]) -> None:
    assert [directory(kind, environ) for kind in KINDS] == [f"{each}/crewcheck-agent" for each in expected]


@pytest.mark.parametrize("kind", KINDS)
def test_what_systemd_hands_over_comes_first(kind: str) -> None:
    name = f"{kind.upper()}_DIRECTORY"
    assert directory(kind, {name: "/srv/a"} | XDG) == "/srv/a"
    assert directory(kind, {name: "/srv/a:/srv/b"}) == "/srv/a"
    assert directory(kind, {name: ""} | XDG) == directory(kind, XDG)


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, "/etc/crewcheck-agent/agent.toml"),
        ({"CREWCHECK_CONFIG": ""}, "/etc/crewcheck-agent/agent.toml"),
        ({"CREWCHECK_CONFIG": "/srv/other.toml"}, "/srv/other.toml"),
    ],
)
def test_the_configuration_file(environ: Mapping[str, str], expected: str) -> None:
    assert configuration_file(environ) == expected
