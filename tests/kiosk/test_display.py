"""The screen: only on a driver that somebody can see, with exactly the pixels that were painted."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pygame
import pytest

from crewcheck_agent.kiosk.display import Display, DisplayUnavailable


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without any display, until a test says otherwise."""
    hints = ("SDL_RENDER_DRIVER", "SDL_FRAMEBUFFER_ACCELERATION", "SDL_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", *hints):
        monkeypatch.setenv(name, "")  # so that it is afterwards as it was, whatever the display makes of it
        monkeypatch.delenv(name)
    monkeypatch.setenv("SDL_VIDEODRIVER", "")


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[tuple[int, int] | None], Display]]:
    """Opens displays that nobody sees."""
    monkeypatch.setenv("SDL_VIDEODRIVER", "offscreen")
    yield lambda size: Display(os.environ, size)
    pygame.display.quit()


@pytest.mark.parametrize("driver", ["dummy", "offscreen"])
def test_a_driver_without_a_screen_is_used_where_it_is_named(driver: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", driver)
    display = Display(os.environ, None)
    try:
        assert (display.driver, display.size, display.frames) == (driver, (1920, 1080), 0)
    finally:
        display.close()


NOWHERE = [
    ({}, "kmsdrm"),
    ({"DISPLAY": ":1234"}, "x11"),
    ({"WAYLAND_DISPLAY": "nowhere-0", "XDG_RUNTIME_DIR": "/nonexistent"}, "wayland"),
    ({"SDL_VIDEODRIVER": "no-such-driver"}, "no-such-driver"),
]


@pytest.mark.parametrize(("environ", "named"), NOWHERE)
def test_without_a_screen_there_is_none_and_it_is_said_what_was_tried(
    environ: Mapping[str, str], named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(DisplayUnavailable, match=f"{named}.*not available"):
        Display(os.environ, None)
    assert not pygame.display.get_init(), "nothing is left half open"
    with pytest.raises(DisplayUnavailable):
        Display(os.environ, (800, 480))


HINTS: list[tuple[str, Mapping[str, str], Mapping[str, str | None]]] = [
    ("a bare kiosk", {}, {"SDL_VIDEODRIVER": "kmsdrm", "SDL_FRAMEBUFFER_ACCELERATION": "opengles2",
                          "SDL_RENDER_DRIVER": "opengles2"}),
    ("X", {"DISPLAY": ":0"}, {"SDL_VIDEODRIVER": "x11", "SDL_FRAMEBUFFER_ACCELERATION": "0",
                              "SDL_RENDER_DRIVER": None}),
    ("Wayland", {"WAYLAND_DISPLAY": "w"}, {"SDL_VIDEODRIVER": "wayland", "SDL_FRAMEBUFFER_ACCELERATION": "opengles2"}),
    ("both", {"DISPLAY": ":0", "WAYLAND_DISPLAY": "w"}, {"SDL_VIDEODRIVER": "wayland,x11"}),
    ("a named driver", {"SDL_VIDEODRIVER": "offscreen", "DISPLAY": ":0"}, {"SDL_VIDEODRIVER": "offscreen",
                                                                           "SDL_FRAMEBUFFER_ACCELERATION": "0"}),
    ("a person's own choice", {"SDL_FRAMEBUFFER_ACCELERATION": "software", "SDL_RENDER_DRIVER": "opengl"},
     {"SDL_FRAMEBUFFER_ACCELERATION": "software", "SDL_RENDER_DRIVER": "opengl"}),
]  # fmt: skip


@pytest.mark.parametrize(("environ", "hints"), [each[1:] for each in HINTS], ids=[each[0] for each in HINTS])
def test_sdl_is_told_what_works(environ: Mapping[str, str], hints: Mapping[str, str | None]) -> None:
    program = (
        "import json, os\n"
        "from crewcheck_agent.kiosk.display import _prefer_what_works\n"
        "_prefer_what_works(dict(os.environ)); print(json.dumps(dict(os.environ)))"
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SDL_")}
    done = subprocess.run(
        (sys.executable, "-c", program), env={**kept, **environ}, capture_output=True, text=True, check=True
    )
    told = json.loads(done.stdout)
    assert {name: told.get(name) for name in hints} == hints


@pytest.mark.parametrize("size", [(800, 480), (33, 17), (1080, 1920)])
def test_what_was_painted_is_what_is_seen(
    opened: Callable[[tuple[int, int] | None], Display], size: tuple[int, int]
) -> None:
    display = opened(size)
    frame = pygame.Surface(size, depth=32)
    frame.fill((1, 2, 3))
    frame.fill((250, 128, 7), (5, 4, 3, 2))
    display.show(frame)
    assert (display.size, display.frames) == (size, 1)
    expected = bytearray(bytes((1, 2, 3)) * size[0] * size[1])
    for y in (4, 5):
        start = 3 * (y * size[0] + 5)
        expected[start : start + 9] = bytes((250, 128, 7)) * 3
    assert display.pixels() == bytes(expected)
    display.repaint()
    assert (display.pixels(), display.frames) == (bytes(expected), 1), "handing it over again paints nothing"


def test_only_what_the_daemon_wants_to_hear_is_told(opened: Callable[[tuple[int, int] | None], Display]) -> None:
    display = opened((80, 48))
    display.events()
    for kind in (pygame.MOUSEMOTION, pygame.WINDOWFOCUSGAINED, pygame.QUIT, pygame.KEYDOWN, pygame.KEYUP):
        pygame.event.post(pygame.event.Event(kind))
    assert [event.type for event in display.events()] == [pygame.QUIT, pygame.KEYDOWN, pygame.KEYUP]
    assert display.events() == []


def test_a_closed_display_can_be_opened_again(opened: Callable[[tuple[int, int] | None], Display]) -> None:
    opened((80, 48)).close()
    assert not pygame.display.get_init()
    assert opened((60, 40)).size == (60, 40)


def test_a_screen_too_large_to_be_is_told_as_unavailable(
    opened: Callable[[tuple[int, int] | None], Display],
) -> None:
    with pytest.raises(DisplayUnavailable):
        opened((99_999, 99_999))
    assert not pygame.display.get_init()


@pytest.mark.parametrize(
    ("address", "known"),
    [("\0{folder}/.X11-unix/X7", True), ("{folder}/.X11-unix/X7", True), ("{folder}/wayland-0", True),
     ("{folder}/control.sock", False)],
)  # fmt: skip
def test_a_display_server_is_known_by_its_address(
    opened: Callable[[tuple[int, int] | None], Display],
    tmp_path: Path,
    address: str,
    known: bool,  # noqa: FBT001 - as the table says
) -> None:
    (tmp_path / ".X11-unix").mkdir()
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as ours:
        server.bind(address.format(folder=tmp_path))
        server.listen()
        ours.connect(address.format(folder=tmp_path))
        assert opened((80, 48)).descriptors == ([ours.fileno()] if known else [])


def test_what_other_threads_have_open_is_no_display_server(
    opened: Callable[[tuple[int, int] | None], Display],
) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()),
        socket.socket(socket.AF_NETLINK, socket.SOCK_RAW) as kernel,
        open(os.devnull, "rb"),  # noqa: PTH123
    ):
        kernel.bind((0, 0))
        left, right = socket.socketpair()
        with left, right:
            display = opened((80, 48))
            before = os.listdir("/proc/self/fd")  # noqa: PTH208
            assert display.descriptors == []
            assert os.listdir("/proc/self/fd") == before, "nothing is left open, and nothing closed"  # noqa: PTH208
