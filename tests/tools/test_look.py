"""`look`: the screen's real pixels, as a file or in a terminal's half blocks."""

import io
import math
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageStat
from tests.kiosk.hosting import hosting
from tests.kiosk.reading import BLACK, WHITE, image_of
from tests.tools.machine import Machine

from crewcheck_agent.kiosk.control import Conversation, Reply
from crewcheck_agent.kiosk.painter import GROUND
from crewcheck_agent.tools.cli import main
from crewcheck_agent.tools.contact_sheet import SCENES
from crewcheck_agent.tools.look import Depth, drawn

RED, GREEN, BLUE, GREY = (255, 0, 0), (0, 255, 0), (0, 0, 255), (128, 128, 128)
Cell = tuple[tuple[int, ...], tuple[int, ...]]


def chequered() -> Image.Image:
    """Four fields: red and green above, blue and grey below."""
    picture = Image.new("RGB", (64, 32))
    for place, colour in (((0, 0), RED), ((32, 0), GREEN), ((0, 16), BLUE), ((32, 16), GREY)):
        picture.paste(colour, (*place, place[0] + 32, place[1] + 16))
    return picture


def reply() -> Reply:
    return Reply({"width": 64, "height": 32}, chequered().tobytes())


@pytest.fixture
def here(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.setenv("CREWCHECK_RUNTIME_DIR", str(machine.socket.parent))
    monkeypatch.delenv("COLORTERM", raising=False)
    return machine


def cells(line: str) -> list[Cell]:
    """The two colours of each half block on a line."""
    assert line.endswith("\033[0m"), "no colour runs over into the next line"
    colour = r"(2;\d+;\d+;\d+|5;\d+)"
    found = re.findall(rf"\033\[38;{colour};48;{colour}m▀", line)
    assert "".join(f"\033[38;{up};48;{down}m▀" for up, down in found) + "\033[0m" == line
    halves = [(up.split(";"), down.split(";")) for up, down in found]
    return [(tuple(map(int, up[1:])), tuple(map(int, down[1:]))) for up, down in halves]


def test_a_file_gets_the_very_pixels(here: Machine, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "screen.png"
    with here.agent(reply()):
        assert main(("look", "--output", str(file))) == 0
    assert capsys.readouterr().out == f"{file}: 64 x 32 pixels\n"
    with Image.open(file) as picture:
        assert (picture.format, picture.mode, picture.size) == ("PNG", "RGB", (64, 32))
        assert picture.tobytes() == chequered().tobytes()


def test_a_dash_sends_the_picture_to_standard_output(machine: Machine) -> None:
    with machine.agent(reply()):
        done = machine.tool("look", "--output", "-")
    with Image.open(io.BytesIO(done.stdout)) as picture:
        assert picture.tobytes() == chequered().tobytes()


@pytest.mark.parametrize("name", ["screen.jpg", "screen", ".png"])
def test_a_name_that_promises_another_kind_of_file_is_refused(
    here: Machine, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    with here.agent(reply()):
        assert main(("look", "--output", str(tmp_path / name))) == 2
    assert "must end in one of .png" in capsys.readouterr().err
    assert not (tmp_path / name).exists()


def test_a_file_that_cannot_be_written_is_told(here: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    with here.agent(reply()):
        assert main(("look", "--output", "/nonexistent/screen.png")) == 1
    assert capsys.readouterr().err == "crewcheck-agent: /nonexistent/screen.png: No such file or directory\n"


@pytest.mark.parametrize(
    ("arguments", "asked"), [((), [60.0]), (("0",), [0.0]), (("600",), [600.0]), (("2.5",), [2.5])]
)
def test_the_overlay_is_asked_for_before_the_look(
    here: Machine, arguments: tuple[str, ...], asked: list[float], tmp_path: Path
) -> None:
    requests: list[Mapping[str, Any]] = []

    def handle(conversation: Conversation) -> None:
        requests.append(conversation.request)
        conversation.reply(Reply({"overlay": True}) if conversation.request["do"] == "overlay" else reply())

    with hosting(here.socket, handle):
        assert main(("look", "--overlay", *arguments, "--output", str(tmp_path / "screen.png"))) == 0
    assert requests == [*({"do": "overlay", "seconds": each} for each in asked), {"do": "look"}]


@pytest.mark.parametrize("seconds", ["601", "-1", "nan", "inf", "soon"])
def test_an_overlay_for_ever_is_refused(here: Machine, seconds: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        main(("look", f"--overlay={seconds}"))
    assert refused.value.code == 2
    assert f"'{seconds}' is not a number of seconds from 0 to 600" in capsys.readouterr().err


def test_an_agent_that_knows_no_overlay_is_told_as_a_failure(here: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    with here.agent(Reply({"error": "this agent does not know that request"})):
        assert main(("look", "--overlay")) == 1
    assert capsys.readouterr().err == "crewcheck-agent: the running agent does not know this: restart it\n"


def test_an_agent_without_a_picture_is_told_as_a_failure(here: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    with here.agent(Reply({"error": "there is no picture: no display is open"})):
        assert main(("look",)) == 1
    assert capsys.readouterr().err == "crewcheck-agent: there is no picture: no display is open\n"


SIZES = [
    # picture, columns, lines: columns and lines of the drawing
    ((64, 32), 80, 24, (80, 20)),
    ((64, 32), 40, 24, (40, 10)),
    ((64, 32), 200, 10, (40, 10)),
    ((1920, 1080), 80, 22, (78, 22)),
    ((1080, 1920), 80, 22, (25, 22)),
    ((1920, 1080), 1, 1, (1, 1)),
    ((1920, 1080), 80, -1, (1, 1)),
    ((3000, 10), 80, 24, (80, 1)),
]


@pytest.mark.parametrize(("size", "columns", "lines", "expected"), SIZES)
def test_the_drawing_fits_the_terminal_in_its_own_proportions(
    size: tuple[int, int], columns: int, lines: int, expected: tuple[int, int]
) -> None:
    picture = [*drawn(Image.new("RGB", size, RED), columns, lines, Depth.TRUE)]
    assert ({len(cells(line)) for line in picture}, len(picture)) == ({expected[0]}, expected[1])


@pytest.mark.parametrize(
    ("environ", "depth"),
    [
        ({"COLORTERM": "truecolor"}, Depth.TRUE),
        ({"COLORTERM": "24bit"}, Depth.TRUE),
        ({"TERM": "xterm-direct"}, Depth.TRUE),
        ({"COLORTERM": "yes"}, Depth.OF_256),
        ({}, Depth.OF_256),
        ({"TERM": "dumb", "COLORTERM": "truecolor"}, Depth.NONE),
        ({"NO_COLOR": "1", "COLORTERM": "truecolor"}, Depth.NONE),
    ],
)
def test_a_terminal_gets_the_colours_it_can_show(machine: Machine, environ: Mapping[str, str], depth: Depth) -> None:
    with machine.agent(reply()):
        machine.environ |= {"PYTHONIOENCODING": "utf-8", "COLUMNS": "4", "LINES": "4", "TERM": "xterm", **environ}
        code, shown = machine.on_terminal("look")
    assert (code, shown.splitlines()) == (0, list(drawn(chequered(), 4, 2, depth)))


@pytest.mark.parametrize("environ", [{}, {"COLORTERM": "truecolor", "TERM": "xterm"}])
def test_what_is_no_terminal_gets_no_colours_and_the_usual_width(machine: Machine, environ: Mapping[str, str]) -> None:
    with machine.agent(reply()):
        machine.environ |= {"PYTHONIOENCODING": "utf-8", **environ}
        done = machine.tool("look")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().splitlines() == list(drawn(chequered(), 80, 22, Depth.NONE))


def test_each_depth_has_its_colours() -> None:
    fields = ((RED, GREEN, BLUE, GREY), ((196,), (46,), (21,), (244,)))
    for depth, (red, green, blue, grey) in zip((Depth.TRUE, Depth.OF_256), fields, strict=True):
        assert [cells(line) for line in drawn(chequered(), 4, 9, depth)] == [[(red, blue)] * 2 + [(green, grey)] * 2]
        assert [cells(line) for line in drawn(chequered(), 2, 9, depth)] == [[(red, blue), (green, grey)]]


def test_without_colours_it_is_drawn_what_differs_from_the_ground() -> None:
    for ground, ink in ((WHITE, BLACK), (BLACK, WHITE), (GROUND, WHITE)):
        picture = Image.new("RGB", (40, 20), ground)
        picture.paste(ink, (10, 5, 20, 15))
        picture.paste(ink, (30, 0, 40, 10))
        assert list(drawn(picture, 8, 9, Depth.NONE)) == ["  ▄▄  ██", "  ▀▀"]


# What the drawing looks like to whoever has a terminal: xterm's palette (256colres.pl), two pixels a character.
STEPS = (0, 95, 135, 175, 215, 255)
XTERM = {
    **{16 + 36 * r + 6 * g + b: (STEPS[r], STEPS[g], STEPS[b]) for r in range(6) for g in range(6) for b in range(6)},
    **{232 + step: (8 + 10 * step,) * 3 for step in range(24)},
}


def seen(lines: Iterable[str]) -> Image.Image:
    """The picture that a terminal shows."""
    rows = [cells(line) for line in lines]
    picture = Image.new("RGB", (len(rows[0]), 2 * len(rows)))
    for down, row in enumerate(rows):
        for across, pair in enumerate(row):
            for half, colour in enumerate(pair):
                red, green, blue = colour if len(colour) == 3 else XTERM[colour[0]]
                picture.putpixel((across, 2 * down + half), (red, green, blue))
    return picture


@pytest.mark.parametrize(("columns", "lines"), [(80, 22), (132, 50), (30, 60)])
@pytest.mark.parametrize("name", ["setup", "offline", "disabled", "logo, dark", "logo, photo, offline", "overlay"])
def test_the_terminal_shows_the_picture_that_the_screen_shows(name: str, columns: int, lines: int) -> None:
    picture = image_of(SCENES[name].painted("en", (800, 480)))
    shown = seen(drawn(picture, columns, lines, Depth.TRUE))
    small = picture.resize(shown.size, Image.Resampling.BOX)
    assert shown.tobytes() == small.tobytes(), "true colour is true"
    rough = seen(drawn(picture, columns, lines, Depth.OF_256))
    off = ImageStat.Stat(ImageChops.difference(small, rough)).mean
    assert max(off) < 15, "of 255, on average: nobody mixes two screens up"


def test_no_colour_of_the_palette_is_nearer_than_the_one_taken() -> None:
    for red in range(0, 256, 36):
        for green in range(0, 256, 36):
            for blue in range(0, 256, 36):
                (line,) = drawn(Image.new("RGB", (2, 2), (red, green, blue)), 1, 1, Depth.OF_256)
                taken = XTERM[cells(line)[0][0][0]]
                nearest = min(math.dist((red, green, blue), each) for each in XTERM.values())
                assert math.dist((red, green, blue), taken) <= nearest + 1.0


PALETTE = [
    ((0, 0, 0), 16),
    ((4, 4, 4), 16),
    ((8, 8, 8), 232),
    ((238, 238, 238), 255),
    ((255, 255, 255), 231),
    ((250, 250, 250), 231),
    ((95, 135, 175), 67),
    ((100, 130, 180), 67),
    ((200, 30, 30), 160),
    ((120, 125, 128), 244),
    ((120, 125, 130), 244),
    ((120, 145, 130), 102),
    ((17, 32, 41), 234),
]


@pytest.mark.parametrize(("colour", "index"), PALETTE)
def test_each_colour_becomes_its_nearest_of_256(colour: tuple[int, int, int], index: int) -> None:
    (line,) = drawn(Image.new("RGB", (2, 2), colour), 1, 1, Depth.OF_256)
    assert cells(line) == [((index,), (index,))]
