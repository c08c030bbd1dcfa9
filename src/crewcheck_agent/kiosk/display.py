"""The screen: opened on a driver that somebody can see, painted only when something changed.

On the way to the first picture: imports pygame's core and nothing slow.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property

import crewcheck_agent.kiosk.sdl  # noqa: F401 - before pygame: it decides how much of it is imported

import pygame  # isort: skip

_UNSEEN_DRIVERS = ("dummy", "offscreen")  # SDL's drivers without a screen


_SERVERS = ("/.X11-unix/X", "/wayland-")  # in the addresses of those on this machine
_X_PORTS = range(6000, 6100)  # of X servers on other machines, or forwarded from there
_DESKTOPS = {"wayland": "WAYLAND_DISPLAY", "x11": "DISPLAY"}


class DisplayUnavailable(Exception):  # noqa: N818 - told as what the display is
    """There is no screen to paint on now; the text is SDL's."""


class Display:
    """An open screen.

    Attributes:
        driver: SDL's name for what draws, e.g. `KMSDRM` or `x11`.
        size: width and height of the screen in pixels, before any rotation of ours.
        surface: the screen's pixels, to draw on before a `flip`.
        frames: how many frames were painted.
    """

    def __init__(self, environ: Mapping[str, str], wanted_size: tuple[int, int] | None) -> None:
        """Open the screen, on the whole monitor or as a window of `wanted_size`.

        Raises:
            DisplayUnavailable: there is none, or none that anybody can see.
        """
        _prefer_what_works(environ)
        try:
            pygame.display.init()
            self.driver = pygame.display.get_driver()
            self.surface = _window(self.driver, environ, wanted_size)
        except pygame.error as error:
            pygame.display.quit()
            raise DisplayUnavailable(str(error)) from None
        self.size = self.surface.get_size()
        self.frames = 0

    @cached_property
    def descriptors(self) -> Sequence[int]:
        """The connections to the display server, readable when it has something to say; none where there is none."""
        return [each for each in _descriptors() if _leads_to_a_display_server(each)]

    def show(self, frame: pygame.Surface) -> None:
        """Paint a frame of the screen's own size.

        Raises:
            DisplayUnavailable: the screen broke; `close` it.
        """
        with _told_if_broken():
            self.surface.blit(frame, (0, 0))
        self.flip()

    def flip(self) -> None:
        """Show what was drawn on `surface`.

        Raises:
            DisplayUnavailable: the screen broke; `close` it.
        """
        self.repaint()
        self.frames += 1

    def repaint(self) -> None:
        """Hand the frame that is there to the display server again, which may have lost it.

        Raises:
            DisplayUnavailable: the screen broke; `close` it.
        """
        with _told_if_broken():
            pygame.display.flip()

    def pixels(self) -> bytes:
        """What the screen shows: rows from the top, R G B, one byte each."""
        return pygame.image.tobytes(self.surface, "RGB")

    def events(self) -> list[pygame.event.Event]:
        """What the display server and its keyboard told since the last call.

        Raises:
            DisplayUnavailable: the screen broke; `close` it.
        """
        with _told_if_broken():
            return pygame.event.get()

    def close(self) -> None:
        """Give the screen back."""
        pygame.display.quit()


@contextmanager
def _told_if_broken() -> Iterator[None]:
    try:
        yield
    except pygame.error as error:
        raise DisplayUnavailable(str(error)) from None


def _prefer_what_works(environ: Mapping[str, str]) -> None:
    """Name the driver, since SDL left alone falls back in silence to one that nobody can see.

    Measured: SDL's own choice of renderer can be black on KMSDRM, and needs 90 MiB more on X11.
    """
    if not environ.get("SDL_VIDEODRIVER"):
        desktops = [name for name, variable in _DESKTOPS.items() if environ.get(variable)]
        os.environ["SDL_VIDEODRIVER"] = ",".join(desktops or ["kmsdrm"])
    os.environ["SDL_NO_SIGNAL_HANDLERS"] = "1"  # or SIGTERM becomes an event, lost if it comes before anybody reads any
    os.environ.setdefault("SDL_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR", "0")
    os.environ.setdefault("DBUS_SESSION_BUS_ADDRESS", "disabled:")  # or SDL starts a bus of its own, a process more
    if environ.get("DISPLAY") or environ.get("SDL_VIDEODRIVER") in {"x11", *_UNSEEN_DRIVERS}:
        os.environ.setdefault("SDL_FRAMEBUFFER_ACCELERATION", "0")
    else:
        os.environ.setdefault("SDL_FRAMEBUFFER_ACCELERATION", "opengles2")
        os.environ.setdefault("SDL_RENDER_DRIVER", "opengles2")


def _window(driver: str, environ: Mapping[str, str], wanted_size: tuple[int, int] | None) -> pygame.Surface:
    pygame.display.set_icon(pygame.Surface((1, 1)))  # measured: fetching pygame's own costs 130 ms
    if wanted_size:
        surface = pygame.display.set_mode(wanted_size)
    elif driver == "x11" and not environ.get("XDG_CURRENT_DESKTOP"):
        # Without a window manager this fills the screen as well, and is open 100 ms sooner.
        surface = pygame.display.set_mode((0, 0), pygame.NOFRAME)
    elif driver in _UNSEEN_DRIVERS:
        surface = pygame.display.set_mode((1920, 1080))
    else:
        surface = pygame.display.set_mode((0, 0), pygame.FULLSCREEN)
    pygame.display.set_caption("CrewCheck")
    pygame.mouse.set_visible(bool(wanted_size))
    pygame.event.set_blocked(None)
    pygame.event.set_allowed((pygame.QUIT, pygame.KEYDOWN, pygame.KEYUP, pygame.TEXTINPUT, pygame.WINDOWEXPOSED))
    return surface


def _descriptors() -> Sequence[int]:
    return sorted(int(name) for name in os.listdir("/proc/self/fd"))  # noqa: PTH208 - pathlib costs more


def _leads_to_a_display_server(descriptor: int) -> bool:
    """Told by the other end: what else was opened at the same time may be another thread's."""
    import socket  # noqa: PLC0415 - nobody listens before the first picture

    try:
        connection = socket.socket(fileno=descriptor)
    except OSError:  # no socket, or closed by now
        return False
    try:
        peer = connection.getpeername()
    except OSError:  # it has no other end
        return False
    finally:
        connection.detach()  # it stays its owner's
    if isinstance(peer, tuple):
        return connection.family != socket.AF_NETLINK and peer[1] in _X_PORTS
    address = os.fsdecode(peer)
    return any(part in address for part in _SERVERS)
