"""The first frame: the logo, if the files allow it; the same pixels as the daemon paints; nothing slow on the way."""

import hashlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import pygame
import pytest

from crewcheck_agent.core.kiosk import Logo, Verdict, Word
from crewcheck_agent.core.picture import Box, Colour, Picture
from crewcheck_agent.core.screen import Screen, Showing
from crewcheck_agent.core.token import ConnectionToken, Identity, Secret
from crewcheck_agent.kiosk import first_frame
from crewcheck_agent.kiosk.display import Display
from crewcheck_agent.kiosk.first_frame import already_running, open_with_logo
from crewcheck_agent.kiosk.frame import logical_size
from crewcheck_agent.kiosk.pictures import Pictures
from crewcheck_agent.kiosk.store import Store
from crewcheck_agent.kiosk.wall import Hanging, Wall

CLOUD = "https://app.neostore.cloud"
IDENTITY = Identity("tenant", "device", CLOUD)
ORIGINAL = b"what was fetched"
SHA256 = hashlib.sha256(ORIGINAL).hexdigest()
NOON = datetime(2026, 6, 2, 12, tzinfo=UTC)
LOGO = Logo("https://cdn.example.com/l.png", SHA256, NOON)
VERDICT = Verdict(IDENTITY, Word.CONNECTED, NOON, "", LOGO.url, LOGO)
SCREEN = (240, 160)
GROUND = (10, 60, 20)


def picture(box: tuple[int, int] = SCREEN) -> Picture:
    """A logo that looks different from every side: a red corner, a blue rest with a half transparent strip."""
    width, height = 60, 40
    pixels = b"".join(
        b"\xff\x00\x00\xff" if x < 20 and y < 10 else b"\x00\x00\xff\x80" if y > 30 else b"\x00\x00\xff\xff"
        for y in range(height)
        for x in range(width)
    )
    return Picture(width, height, Colour(*GROUND), Box(*box), SHA256, pixels)


@dataclass
class Machine:
    """The files and the environment that a start finds."""

    folder: Path
    environ: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.environ = {
            "SDL_VIDEODRIVER": "offscreen",
            "STATE_DIRECTORY": str(self.state),
            "CACHE_DIRECTORY": str(self.folder / "cache"),
            "CREWCHECK_CONFIG": str(self.configuration),
            "CREWCHECK_DISPLAY_SIZE": "{}x{}".format(*SCREEN),
        }
        self.pictures = Pictures(self.folder / "cache")
        self.store = Store(self.state, (CLOUD,))
        self.store.keep_token(ConnectionToken(IDENTITY, Secret("key")))
        self.store.keep_verdict(VERDICT)
        self.pictures.save(picture(), ORIGINAL)

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def configuration(self) -> Path:
        return self.folder / "agent.toml"

    def cached(self) -> Path:
        return self.folder / "cache" / f"{SHA256}-{SCREEN[0]}x{SCREEN[1]}.picture"


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    monkeypatch.setenv("SDL_VIDEODRIVER", "offscreen")
    for name in ("SDL_FRAMEBUFFER_ACCELERATION", "SDL_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR"):
        monkeypatch.setenv(name, "0")
    yield Machine(tmp_path)
    pygame.display.quit()


def first(machine: Machine) -> Display:
    display = open_with_logo(machine.environ)
    assert display is not None
    return display


def colours(display: Display) -> set[bytes]:
    pixels = display.pixels()
    return {pixels[at : at + 3] for at in range(0, len(pixels), 3)}


def shows_the_logo(display: Display) -> bool:
    assert display.frames == (1 if b"\x00\x00\xff" in colours(display) else 0), "nothing is painted but the logo"
    return display.frames == 1


def upright(display: Display, rotation: int) -> pygame.Surface:
    """What the public sees on a monitor that hangs so."""
    frame = pygame.image.frombytes(display.pixels(), display.size, "RGB")
    return pygame.transform.rotate(frame, rotation)


def daemons(machine: Machine, hanging: Hanging) -> bytes:
    """The pixels that the daemon's wall shows in the same state."""
    display = Display(machine.environ, hanging.size)
    wall = Wall(machine.environ, hanging, display)
    at_hand = machine.pictures.load(SHA256, wall.box())
    assert at_hand is not None
    wall.show(Screen(Showing.LOGO), at_hand)
    return display.pixels()


@pytest.mark.parametrize("background", [None, Colour(200, 210, 220)])
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("made_for", [SCREEN, (160, 240), (1920, 1080)])
def test_it_is_the_frame_that_the_daemon_paints_later(
    machine: Machine, rotation: Literal[0, 90, 180, 270], background: Colour | None, made_for: tuple[int, int]
) -> None:
    machine.pictures.prune(None)
    machine.pictures.save(picture(made_for), ORIGINAL)
    machine.environ["CREWCHECK_ROTATION"] = str(rotation)
    if background:
        machine.environ["CREWCHECK_BACKGROUND"] = "#{:02x}{:02x}{:02x}".format(*background)
    display = first(machine)
    assert shows_the_logo(display)
    painted = display.pixels()
    frame = upright(display, rotation)
    assert frame.get_size() == logical_size(SCREEN, rotation)
    assert tuple(frame.get_at((0, 0)))[:3] == (background or GROUND)
    reds = [(x, y) for x in range(frame.get_width()) for y in range(frame.get_height()) if frame.get_at((x, y)).r > 250]
    middle = frame.get_rect().center
    assert reds, "the logo's red corner"
    assert all(x < middle[0] and y < middle[1] for x, y in reds), "and it is where it belongs, for whoever looks at it"
    display.close()
    assert daemons(machine, Hanging(rotation, background, SCREEN)) == painted


Change = Callable[[Machine], Any]

NOT_OURS = [
    replace(IDENTITY, tenant_id="other"),
    replace(IDENTITY, device_id="other"),
    replace(IDENTITY, environment="https://x"),
]
DEEP = "[" * 100_000


def after_a_mebibyte_of_nothing(machine: Machine) -> None:
    machine.store.verdict_file.write_bytes(b" " * (1 << 20) + machine.store.verdict_file.read_bytes())


def with_another_colour_by_a_bit(machine: Machine) -> None:
    content = machine.cached().read_bytes()
    assert b"[10, 60, 20]" in content
    machine.cached().write_bytes(content.replace(b"[10, 60, 20]", b"[11, 60, 20]"))


def with_a_folder_as_verdict(machine: Machine) -> None:
    machine.store.verdict_file.unlink()
    machine.store.verdict_file.mkdir()


FORBIDDEN: list[tuple[str, Change]] = [
    ("no verdict", lambda machine: machine.store.verdict_file.unlink()),
    ("no token", lambda machine: machine.store.token_file.unlink()),
    *(
        (f"the word {word.value}", lambda machine, word=word: machine.store.keep_verdict(replace(VERDICT, word=word)))
        for word in Word
        if word is not Word.CONNECTED
    ),
    *(
        (f"the verdict of {who}", lambda machine, who=who: machine.store.keep_verdict(replace(VERDICT, identity=who)))
        for who in NOT_OURS
    ),
    *(
        (f"the token of {who}", lambda machine, who=who: machine.store.keep_token(ConnectionToken(who, Secret("key"))))
        for who in NOT_OURS
    ),
    ("no logo", lambda machine: machine.store.keep_verdict(replace(VERDICT, logo=None))),
    ("another logo", lambda machine: machine.store.keep_verdict(replace(VERDICT, logo=replace(LOGO, sha256="0" * 64)))),
    *(
        (f"{garbage[:9]!r} as verdict", lambda machine, garbage=garbage: machine.store.verdict_file.write_text(garbage))
        for garbage in ("", "{", "null", "[]", '"connected"', DEEP, '{"word": "connected", "logo": 5}', "\0" * 99)
    ),
    *(
        (f"{garbage[:9]!r} as token", lambda machine, garbage=garbage: machine.store.token_file.write_text(garbage))
        for garbage in ("", "{", "null", "[]", DEEP)
    ),
    ("bytes that are no text", lambda machine: machine.store.verdict_file.write_bytes(b"\xff\xfe\x80")),
    ("more than a file of ours holds", after_a_mebibyte_of_nothing),
    ("a folder as verdict", with_a_folder_as_verdict),
    ("no cache", lambda machine: machine.pictures.prune(None)),
    ("a damaged picture", lambda machine: machine.cached().write_bytes(machine.cached().read_bytes()[:-1])),
    ("a picture damaged by one bit", with_another_colour_by_a_bit),
    ("an empty picture", lambda machine: machine.cached().write_bytes(b"")),
    ("another's picture", lambda machine: machine.cached().write_bytes(b"crewcheck-picture-2 00000000 {}\n")),
]  # fmt: skip


@pytest.mark.parametrize("change", [each[1] for each in FORBIDDEN], ids=[each[0] for each in FORBIDDEN])
def test_no_logo_is_shown_that_the_files_do_not_allow(machine: Machine, change: Change) -> None:
    assert shows_the_logo(first(machine)), "it is the change that forbids it"
    pygame.display.quit()
    change(machine)
    display = first(machine)
    assert not shows_the_logo(display)
    assert colours(display) == {b"\0\0\0"}


def test_a_damaged_picture_gives_way_to_one_made_for_another_screen(machine: Machine) -> None:
    machine.pictures.save(picture((300, 200)), ORIGINAL)
    machine.cached().write_bytes(b"")
    assert shows_the_logo(first(machine))


def test_a_token_that_systemd_hands_over_counts_where_none_was_accepted(machine: Machine) -> None:
    accepted = machine.store.token_file
    credentials = machine.folder / "credentials"
    credentials.mkdir()
    machine.environ["CREDENTIALS_DIRECTORY"] = str(credentials)
    accepted.rename(credentials / "connection-token")
    assert shows_the_logo(first(machine))
    pygame.display.quit()
    accepted.write_text("{")
    assert not shows_the_logo(first(machine)), "a damaged one is no reason to be somebody else"


@dataclass(frozen=True)
class Found:
    """What a first frame shows of the configuration."""

    size: tuple[int, int] = SCREEN
    rotation: int = 0
    ground: tuple[int, int, int] = GROUND


CONFIGURATIONS: list[tuple[str, str, Mapping[str, str], Found]] = [
    ("a file", 'rotation = 90\nbackground = "#0a141e"', {}, Found(rotation=90, ground=(10, 20, 30))),
    ("text in the file", 'rotation = "180"', {}, Found(rotation=180)),
    ("the environment before the file", "rotation = 90", {"CREWCHECK_ROTATION": "270"}, Found(rotation=270)),
    ("capital letters in a colour", 'background = "#0A141E"', {}, Found(ground=(10, 20, 30))),
    ("the picture's own ground", 'background = "auto"', {}, Found()),
    ("a window's size", "rotation = 0", {"CREWCHECK_DISPLAY_SIZE": "300x200"}, Found(size=(300, 200))),
    ("no size", "", {"CREWCHECK_DISPLAY_SIZE": ""}, Found(size=(1920, 1080))),
    # What the daemon refuses a moment later, in words; here it must only do no harm.
    ("a rotation that is none", "rotation = 45", {}, Found()),
    ("a colour that is none", 'background = "#12345g"', {}, Found()),
    ("a colour too short", 'background = "#123"', {}, Found()),
    ("a colour with gaps", 'background = "#1a 2b "', {}, Found()),
    ("a size that is none", "", {"CREWCHECK_DISPLAY_SIZE": "wide"}, Found(size=(1920, 1080))),
    ("a size of odd digits", "", {"CREWCHECK_DISPLAY_SIZE": "3²x4"}, Found(size=(1920, 1080))),
    ("a file that is no TOML", "rotation = = 90", {}, Found()),
    ("a file that is no text", "\udcff", {}, Found()),
    ("a file that nests too deep", "rotation = " + DEEP, {}, Found()),
    ("a list", "rotation = [90]", {}, Found()),
]


@pytest.mark.parametrize(
    ("file", "environ", "found"), [each[1:] for each in CONFIGURATIONS], ids=[each[0] for each in CONFIGURATIONS]
)
def test_the_configuration_is_obeyed_as_far_as_it_goes(
    machine: Machine, file: str, environ: Mapping[str, str], found: Found
) -> None:
    machine.configuration.write_bytes(file.encode(errors="surrogateescape"))
    machine.environ.update(environ)
    display = first(machine)
    assert (display.size, display.frames) == (found.size, 1)
    frame = upright(display, found.rotation)
    assert tuple(frame.get_at((0, 0)))[:3] == found.ground
    red = pygame.mask.from_threshold(frame, (255, 0, 0), (40, 40, 40))
    x, y = red.centroid()
    assert red.count(), "the red corner"
    assert x < frame.get_width() // 2
    assert y < frame.get_height() // 2


@pytest.mark.parametrize("size", ["99999x99999", "99999999999999x480"])
def test_a_size_that_no_screen_has_is_no_display_yet(machine: Machine, size: str) -> None:
    machine.environ["CREWCHECK_DISPLAY_SIZE"] = size
    assert open_with_logo(machine.environ) is None


@pytest.mark.parametrize("where", ["the file", "the environment"])
def test_directories_are_found_where_the_configuration_puts_them(machine: Machine, tmp_path: Path, where: str) -> None:
    state, cache = machine.environ.pop("STATE_DIRECTORY"), machine.environ.pop("CACHE_DIRECTORY")
    if where == "the file":
        machine.configuration.write_text(f'state_dir = "{state}"\ncache_dir = "{cache}"\n')
    else:
        machine.environ.update({"CREWCHECK_STATE_DIR": state, "CREWCHECK_CACHE_DIR": cache})
    assert shows_the_logo(first(machine))


def test_where_there_is_no_display_nothing_happens(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.environ["SDL_VIDEODRIVER"] = "no-such-driver"
    monkeypatch.setenv("SDL_VIDEODRIVER", "no-such-driver")
    assert open_with_logo(machine.environ) is None


@pytest.mark.parametrize(
    ("there", "running"), [("nothing", False), ("a socket left behind", False), ("a file", False), ("an agent", True)]
)
def test_another_agent_is_noticed_before_the_screen_is_touched(machine: Machine, *, there: str, running: bool) -> None:
    machine.environ["RUNTIME_DIRECTORY"] = str(machine.folder)
    path = machine.folder / "control.sock"
    with socket.socket(socket.AF_UNIX) as agent:
        if there == "a file":
            path.touch()
        elif there != "nothing":
            agent.bind(str(path))
        if there == "an agent":
            agent.listen()
        assert already_running(machine.environ) == (str(path) if running else "")


WEIGHED = """
import json, os, sys
sys.path += json.loads(sys.argv[1])
from crewcheck_agent.kiosk.first_frame import open_with_logo
display = open_with_logo(os.environ)
print(json.dumps([display.frames, [name for name, module in sys.modules.items() if module is not None]]))
"""
SLOW = {
    "asyncio", "concurrent", "crewcheck_agent.core", "ctypes", "dataclasses", "datetime", "email", "httpx",
    "importlib.metadata", "importlib.resources", "inspect", "logging", "numpy", "pathlib", "PIL", "pkg_resources",
    "pydantic", "pygame.font", "pygame.mixer", "random", "shutil", "socket", "ssl", "subprocess", "tempfile",
    "tenacity", "threading", "tomllib", "typing", "unittest", "urllib", "xml",
}  # fmt: skip


def test_nothing_slow_is_imported_on_the_way(machine: Machine) -> None:
    """Without site-packages' start-up files, which are an environment's own affair, and so without measuring."""
    places = [str(Path(first_frame.__file__).parents[2]), str(Path(pygame.__file__).parents[1])]
    environ = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LD_LIBRARY_PATH"}}
    done = subprocess.run(
        (sys.executable, "-I", "-S", "-c", WEIGHED, json.dumps(places)),
        env={**environ, **machine.environ},
        capture_output=True,
        text=True,
        check=True,
    )
    frames, loaded = json.loads(done.stdout)
    assert frames == 1
    assert sorted(SLOW & set(loaded)) == []
