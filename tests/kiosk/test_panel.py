"""The technician's panel: legible at arm's length in every language, on the lower part of the screen alone."""

from math import ceil

import pygame
import pytest
from tests.kiosk.reading import box, drawn_cap

from crewcheck_agent.core.facts import Fact
from crewcheck_agent.core.picture import Colour, contrast
from crewcheck_agent.kiosk.blocks import Text
from crewcheck_agent.kiosk.painter import GROUND, paint_overlay
from crewcheck_agent.kiosk.panel import Panel, panel
from crewcheck_agent.languages import LANGUAGES
from crewcheck_agent.tools.contact_sheet import SCENES, SIZES

OVERLAYS = [name for name in SCENES if name.startswith("overlay")]
ALL_SIZES = [*SIZES, (480, 800), (1024, 768), (640, 360)]
WHITE, MAGENTA = (255, 255, 255), (255, 0, 255)


def lines(place: Panel) -> list[Text]:
    return [item for item in place.items if isinstance(item, Text)]


@pytest.mark.parametrize("size", ALL_SIZES)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", OVERLAYS)
def test_every_line_is_legible_and_on_the_panel(name: str, language: str, size: tuple[int, int]) -> None:
    place = panel(SCENES[name].screen(language).overlay, size)
    area = pygame.Rect(place.x, place.y, place.width, place.height)
    assert all(drawn_cap(line.setting) >= max(9, min(size) / 42) for line in lines(place))
    boxes = [box(line) for line in lines(place)]
    assert all(area.contains(each) for each in boxes)
    assert all(each.collidelist(boxes[number + 1 :]) == -1 for number, each in enumerate(boxes))
    assert place.height <= 0.45 * size[1]
    assert pygame.Rect(0, 0, *size).inflate(-0.06 * size[0], -0.06 * size[1]).contains(area), "clear of the overscan"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [name for name in OVERLAYS if "long" not in name])
def test_no_fact_is_left_out_at_a_usual_size(name: str, language: str, size: tuple[int, int]) -> None:
    facts = SCENES[name].screen(language).overlay
    written = "".join(line.text for line in lines(panel(facts, size))).replace(" ", "")
    assert all(fact.text.replace(" ", "") in written for fact in facts)


def test_where_there_is_no_room_the_last_facts_go() -> None:
    facts = tuple(Fact(f"Label {number}", "a word or two " * 9) for number in range(30))
    shown = [line.text for line in lines(panel(facts, (800, 480))) if line.text.startswith("Label")]
    assert shown == [fact.label for fact in facts][: len(shown)]
    assert 2 < len(shown) < 9
    assert lines(panel(facts, (60, 40))), "one is always there"


@pytest.mark.parametrize("ground", [WHITE, GROUND, MAGENTA])
def test_whatever_lies_below_the_words_stand_out_and_the_rest_is_left_as_it_was(ground: tuple[int, int, int]) -> None:
    frame = pygame.Surface((800, 480), depth=32)
    frame.fill(ground)
    facts = SCENES["overlay"].screen("en").overlay
    paint_overlay(frame, facts)
    place = panel(facts, (800, 480))
    area = pygame.Rect(place.x, place.y, place.width, place.height)
    inner = frame.subsurface(area.inflate(-4, -4))
    counted: dict[tuple[int, ...], int] = {}
    for x in range(inner.get_width()):
        for y in range(inner.get_height()):
            colour = tuple(inner.get_at((x, y)))[:3]
            counted[colour] = counted.get(colour, 0) + 1
    below, *inks = sorted(counted, key=lambda colour: -counted[colour])[:3]
    assert below == GROUND
    assert all(contrast(Colour(*ink[:3]), Colour(*GROUND)) >= 7 for ink in inks), "the two inks, not their edges"
    frame.fill(ground, area)
    assert pygame.mask.from_threshold(frame, ground, (1, 1, 1)).count() == 800 * 480


def test_a_screen_with_words_leaves_its_own_table_to_the_panel() -> None:
    name = "overlay, words"
    frame = SCENES[name].painted("en", (800, 480))
    place = panel(SCENES[name].screen("en").overlay, (800, 480))
    between = frame.subsurface(pygame.Rect(0, place.y - ceil(480 / 42), 800, ceil(480 / 42)))
    assert pygame.mask.from_threshold(between, GROUND, (1, 1, 1)).count() == between.get_width() * between.get_height()
