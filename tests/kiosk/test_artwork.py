"""Each kind of sound picture comes out upright, in its right colours and size; everything else is refused."""

import io
import random
import shutil
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms, ImageDraw

from crewcheck_agent.core.picture import MOST_BYTES, NEAR_BLACK, WHITE, Box, Colour, PictureRefused, Reason, room
from crewcheck_agent.kiosk import artwork, vector

SCREEN = Box(1920, 1080)
ROOM = room(SCREEN)
RED, GREEN, BLUE, BLACK = (255, 0, 0), (0, 255, 0), (0, 0, 255), (0, 0, 0)
CORNERS = (RED, GREEN, BLUE, BLACK)

needs_rsvg = pytest.mark.skipif(shutil.which("rsvg-convert") is None, reason="rsvg-convert is not installed")


def made(data: bytes, box: Box = SCREEN) -> artwork.Made:
    return artwork.made(data, box, lambda: None)


def refusal(data: bytes) -> Reason:
    with pytest.raises(PictureRefused) as refused:
        made(data)
    return refused.value.reason


def at(picture: artwork.Made, across: float, down: float) -> tuple[int, ...]:
    start = 4 * (int(picture.height * down) * picture.width + int(picture.width * across))
    return tuple(picture.pixels[start : start + 4])


def corners(picture: artwork.Made) -> list[tuple[int, ...]]:
    return [at(picture, across, down) for down in (0.2, 0.8) for across in (0.2, 0.8)]


def near(one: tuple[int, ...], other: tuple[int, ...], most: int = 6) -> bool:
    return all(abs(a - b) <= most for a, b in zip(one, other, strict=True))


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def quarters(mode: str = "RGB", size: tuple[int, int] = (400, 200)) -> Image.Image:
    """Red and green above, blue and black below."""
    image = Image.new("RGB", (2, 2))
    for place, colour in zip(((0, 0), (1, 0), (0, 1), (1, 1)), CORNERS, strict=True):
        image.putpixel(place, colour)
    return image.resize(size, Image.Resampling.NEAREST).convert(mode)


def disc(colour: tuple[int, int, int], size: tuple[int, int] = (400, 400), share: float = 0.8) -> Image.Image:
    """On transparent ground, filling `share` of the canvas."""
    image = Image.new("RGBA", size, (*colour, 0))
    width, height = size
    margin = (1 - share) / 2
    area = (width * margin, height * margin, width * (1 - margin), height * (1 - margin))
    ImageDraw.Draw(image).ellipse(area, fill=(*colour, 255))
    return image


def svg(content: str, attributes: str = 'viewBox="0 0 200 100"') -> bytes:
    xlink = 'xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {xlink} {attributes}>{content}</svg>'.encode()


def png(header: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG file from raw chunks."""
    out = b"\x89PNG\r\n\x1a\n"
    for name, content in ((b"IHDR", header), *chunks, (b"IEND", b"")):
        out += struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
    return out


def ihdr(width: int, height: int, depth: int = 8, kind: int = 2) -> bytes:
    return struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)


# Kinds and colours


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("PNG", {}),
        ("JPEG", {"quality": 95}),
        ("JPEG", {"quality": 95, "progressive": True}),
        ("WEBP", {"lossless": True}),
        ("WEBP", {"quality": 95}),
        ("GIF", {}),
        ("BMP", {}),
    ],
)
def test_each_kind_is_known_by_its_content(kind: str, options: dict[str, object]) -> None:
    picture = made(saved(quarters(), kind, **options))
    assert (picture.width, picture.height) == (800, 400)  # twice, no further
    assert len(picture.pixels) == 800 * 400 * 4
    assert all(near(seen, (*colour, 255)) for seen, colour in zip(corners(picture), CORNERS, strict=True))


def test_cmyk_jpeg_has_its_right_colours() -> None:
    ink = [(0, 255, 255, 0), (255, 0, 255, 0), (255, 255, 0, 0), (0, 0, 0, 255)]
    channels = []
    for channel in range(4):
        each = Image.new("L", (2, 2))
        each.putdata([colour[channel] for colour in ink])
        channels.append(each.resize((400, 200), Image.Resampling.NEAREST))
    picture = made(saved(Image.merge("CMYK", channels), "JPEG", quality=95))
    assert all(near(seen, (*colour, 255)) for seen, colour in zip(corners(picture), CORNERS, strict=True))


def test_ycck_jpeg_has_its_right_colours() -> None:
    """With Adobe's transform 2 the first three stored channels are luma and chroma: here, neutral and black."""
    data = saved(Image.new("CMYK", (200, 100), (0, 127, 127, 0)), "JPEG", quality=100)
    adobe = data.index(b"Adobe")
    data = data[: adobe + 11] + b"\2" + data[adobe + 12 :]
    assert near(at(made(data), 0.5, 0.5), (0, 0, 0, 255))


def swapped_profile() -> bytes:
    """The profile of a made-up screen on which red and green have changed places."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile.replace(b"rXYZ", b"####", 1).replace(b"gXYZ", b"rXYZ", 1).replace(b"####", b"gXYZ", 1)


def test_a_colour_profile_is_honoured() -> None:
    for image in (quarters(), quarters("RGBA")):
        picture = made(saved(image, "PNG", icc_profile=swapped_profile()))
        assert near(at(picture, 0.2, 0.2), (0, 255, 0, 255))
        assert near(at(picture, 0.8, 0.2), (255, 0, 0, 255))


@pytest.mark.parametrize("profile", [b"garbled" * 100, swapped_profile()[:-200], swapped_profile()[:128]])
def test_a_colour_profile_that_makes_no_sense_is_left_out(profile: bytes) -> None:
    assert near(at(made(saved(quarters(), "PNG", icc_profile=profile)), 0.2, 0.8), (0, 0, 255, 255), 60)


def test_a_colour_profile_for_another_kind_of_colours_is_left_out() -> None:
    picture = made(saved(quarters("L"), "JPEG", icc_profile=swapped_profile()))
    assert near(at(picture, 0.2, 0.2), (76, 76, 76, 255))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_is_turned_upright(orientation: int) -> None:
    stored = {
        1: quarters(),
        2: quarters().transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        3: quarters().transpose(Image.Transpose.ROTATE_180),
        4: quarters().transpose(Image.Transpose.FLIP_TOP_BOTTOM),
        5: quarters().transpose(Image.Transpose.TRANSPOSE),
        6: quarters().transpose(Image.Transpose.ROTATE_90),  # shown turned clockwise
        7: quarters().transpose(Image.Transpose.TRANSVERSE),
        8: quarters().transpose(Image.Transpose.ROTATE_270),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = made(saved(stored, "JPEG", quality=95, exif=exif))
    assert (picture.width, picture.height) == (800, 400)
    assert all(near(seen, (*colour, 255)) for seen, colour in zip(corners(picture), CORNERS, strict=True))


@pytest.mark.parametrize(
    "exif", [b"Exif\0\0garbled", b"Exif\0\0MM\0*\xff\xff\xff\xff", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff"]
)
def test_garbled_exif_does_not_spoil_a_sound_picture(exif: bytes) -> None:
    assert near(at(made(saved(quarters(), "JPEG", exif=exif)), 0.2, 0.2), (255, 0, 0, 255))


def test_an_orientation_that_is_no_number_does_not_spoil_a_sound_picture() -> None:
    exif = b"Exif\0\0MM\0*\0\0\0\x08" + struct.pack(">HHHI4sI", 1, 0x0112, 2, 4, b"six\0", 0)
    assert near(at(made(saved(quarters(), "JPEG", exif=exif)), 0.2, 0.2), (255, 0, 0, 255))


def test_sixteen_bits_become_eight() -> None:
    grey = Image.new("I;16", (100, 100), 0x8040)
    assert near(at(made(saved(grey, "PNG")), 0.5, 0.5), (128, 128, 128, 255), 1)
    rows = zlib.compress((b"\0" + struct.pack(">HHH", 0xFFFF, 0x8000, 0) * 50) * 50)
    assert near(at(made(png(ihdr(50, 50, depth=16), (b"IDAT", rows))), 0.5, 0.5), (255, 128, 0, 255), 1)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB"])
def test_opaque_modes_are_opaque(mode: str) -> None:
    picture = made(saved(Image.new("RGB", (60, 60), "white").convert(mode), "PNG"))
    assert at(picture, 0.5, 0.5) == (255, 255, 255, 255)


def test_transparent_palette_and_grey() -> None:
    palette = quarters("P")
    transparent = palette.getpixel((399, 199))  # black
    for kind in ("PNG", "GIF"):
        picture = made(saved(palette, kind, transparency=transparent))
        assert corners(picture)[0] == (255, 0, 0, 255)
        assert corners(picture)[3][3] == 0
    grey = Image.merge("LA", (Image.new("L", (100, 100), 200), Image.linear_gradient("L").resize((100, 100))))
    assert at(made(saved(grey, "PNG")), 0.5, 0.9)[:3] == (200, 200, 200)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_an_animation_the_first_frame_is_shown(kind: str) -> None:
    frames = [Image.new("RGB", (100, 50), colour) for colour in (RED, GREEN, BLUE)]
    data = saved(
        frames[0], kind, save_all=True, append_images=frames[1:], **({"lossless": True} if kind == "WEBP" else {})
    )
    assert near(at(made(data), 0.5, 0.5), (255, 0, 0, 255))


# Size, place and background


def test_invisible_margins_are_trimmed() -> None:
    image = Image.new("RGBA", (1000, 1000), (0, 0, 0, 3))
    image.paste((0, 0, 0, 255), (50, 700, 350, 850))
    picture = made(saved(image, "PNG"))
    assert (picture.width, picture.height) == (600, 300)
    assert {picture.pixels[index] for index in range(3, len(picture.pixels), 4)} == {255}


def test_margins_in_the_tenants_own_background_are_trimmed() -> None:
    image = Image.new("RGB", (1000, 1000), (0, 40, 90))
    ImageDraw.Draw(image).rectangle((50, 700, 349, 849), fill="white", outline="yellow")
    picture = made(saved(image, "PNG"))
    assert (picture.width, picture.height) == (600, 300)
    assert picture.background == (0, 40, 90)


def test_a_picture_of_one_colour_fills_the_screen_with_it() -> None:
    picture = made(saved(Image.new("RGB", (300, 200), (0, 40, 90)), "PNG"))
    assert (picture.width, picture.height, picture.background) == (600, 400, (0, 40, 90))


@pytest.mark.parametrize(
    ("colour", "ground"),
    [((255, 255, 255), NEAR_BLACK), (BLACK, WHITE), ((0, 30, 120), WHITE), ((255, 210, 0), NEAR_BLACK)],
)
def test_a_cutout_stands_out_from_its_background(colour: tuple[int, int, int], ground: Colour) -> None:
    assert made(saved(disc(colour), "PNG")).background == ground


def test_a_hole_is_an_edge_too() -> None:
    image = Image.new("RGBA", (300, 300), "white")
    image.paste((0, 0, 0, 0), (100, 100, 200, 200))
    assert made(saved(image, "PNG")).background == NEAR_BLACK


def test_a_faint_picture_has_an_edge_too() -> None:
    image = disc((255, 255, 255))
    image.putalpha(image.getchannel("A").point(lambda alpha: alpha // 4))
    assert made(saved(image, "PNG")).background == NEAR_BLACK


def test_large_pictures_are_shrunk_without_dark_fringes() -> None:
    image = disc((255, 255, 255), (4000, 4000))
    image.paste((0, 0, 0, 0), mask=image.getchannel("A").point(lambda alpha: 255 - alpha))  # black where invisible
    picture = made(saved(image, "PNG"))
    assert (picture.width, picture.height) == (648, 648)
    seen = (picture.pixels[start : start + 4] for start in range(0, len(picture.pixels), 4))
    assert min(min(pixel[:3]) for pixel in seen if pixel[3] > 32) >= 250


def test_a_large_photo_is_fitted() -> None:
    picture = made(saved(quarters(size=(6000, 1500)), "JPEG"))
    assert (picture.width, picture.height) == (ROOM.width, 346)
    assert all(near(seen, (*colour, 255)) for seen, colour in zip(corners(picture), CORNERS, strict=True))


def test_the_thinnest_photo_is_not_lost() -> None:
    assert (made(saved(Image.new("RGB", (20_000, 3), "red"), "JPEG"))).height == 1


# Refusals


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 1000,
        b"<!doctype html><html><body><svg></svg></body></html>",
        b"<html><svg/></html>",
        b"<?xml version='1.0'?><rss/>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
        b"%PDF-1.7\n",
        b"8BPS" + bytes(100),
        b"II*\0" + bytes(100),
        b"RIFF\0\0\0\0WAVEfmt ",
        b"P6 10 10 255 " + bytes(300),
        b"<svgfoo/>",
        b"<!--" * 20_000,
        b"<!---->" * 9000,
    ],
)
def test_what_is_no_picture_we_know_is_refused(data: bytes) -> None:
    assert refusal(data) is Reason.NOT_A_PICTURE


def test_too_many_bytes_are_refused() -> None:
    assert refusal(saved(quarters(), "PNG") + bytes(MOST_BYTES)) is Reason.TOO_LARGE


def webp_header(kind: bytes, content: bytes) -> bytes:
    chunk = kind + struct.pack("<I", len(content)) + content
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


@pytest.mark.parametrize(
    "data",
    [
        png(ihdr(20_000, 20_000), (b"IDAT", zlib.compress(bytes(1000)))),
        png(ihdr(2**31 - 1, 2**31 - 1), (b"IDAT", zlib.compress(bytes(1000)))),
        png(ihdr(40_000, 1), (b"IDAT", zlib.compress(bytes(1000)))),
        b"GIF89a"
        + struct.pack("<HHBBB", 65_535, 65_535, 0, 0, 0)
        + b","
        + struct.pack("<HHHHB", 0, 0, 1, 1, 0)
        + b"\2\2D\1\0;",
        webp_header(b"VP8X", bytes(4) + (16_383).to_bytes(3, "little") * 2),
        webp_header(b"VP8L", b"\x2f" + (16_383 | 16_383 << 14).to_bytes(4, "little") + bytes(5)),
        webp_header(b"VP8 ", bytes(3) + b"\x9d\x01\x2a" + (16_383).to_bytes(2, "little") * 2),
    ],
)
def test_a_header_that_announces_too_many_pixels_is_enough_to_refuse(data: bytes) -> None:
    assert refusal(data) is Reason.TOO_MANY_PIXELS


@pytest.mark.parametrize(
    ("kind", "share"),
    [("PNG", 0.5), ("JPEG", 0.5), ("JPEG", 0.9), ("WEBP", 0.5), ("WEBP", 0.9), ("GIF", 0.5), ("BMP", 0.5)],
)
def test_a_picture_broken_off_is_refused(kind: str, share: float) -> None:
    noisy = Image.frombytes("RGB", (200, 100), random.Random(1).randbytes(60_000))
    data = saved(noisy, kind)
    assert refusal(data[: int(len(data) * share)]) is Reason.DAMAGED


def test_a_picture_with_less_in_it_than_its_header_says_is_refused() -> None:
    assert refusal(png(ihdr(6000, 6000), (b"IDAT", zlib.compress(bytes(1000))))) is Reason.DAMAGED


@pytest.mark.parametrize(
    "chunk",
    [(b"iCCP", b"icc\0\0"), (b"zTXt", b"Comment\0\0"), (b"iTXt", b"Comment\0\1\0\0\0")],
    ids=lambda chunk: str(chunk[0]),
)
def test_a_bomb_beside_the_pixels_does_not_go_off(chunk: tuple[bytes, bytes]) -> None:
    name, prefix = chunk
    bomb = prefix + zlib.compress(bytes(200_000_000), 1)
    pixels = zlib.compress((b"\0" + b"\xff\0\0" * 50) * 50)
    assert refusal(png(ihdr(50, 50), (name, bomb), (b"IDAT", pixels))) is Reason.DAMAGED


@pytest.mark.parametrize("alpha", [0, 5])
def test_a_picture_with_nothing_to_see_is_refused(alpha: int) -> None:
    assert refusal(saved(Image.new("RGBA", (50, 50), (255, 0, 0, alpha)), "PNG")) is Reason.EMPTY


def mutants(count: int) -> list[bytes]:
    chance = random.Random(20)
    seeds = [saved(quarters(size=(60, 40)), kind) for kind in ("PNG", "JPEG", "WEBP", "GIF", "BMP")] + [
        saved(disc(RED, (60, 60)), kind) for kind in ("PNG", "WEBP")
    ]
    found = []
    for _ in range(count):
        data = bytearray(chance.choice(seeds))
        for _ in range(chance.randint(1, 6)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        found.append(bytes(data[: chance.randint(len(data) // 2, len(data) * 2)]))
    return found


def test_garbled_pictures_are_refused_or_shown_and_nothing_else() -> None:
    outcomes: set[Reason | None] = set()
    for data in mutants(150):
        try:
            picture = made(data)
        except PictureRefused as refused:
            outcomes.add(refused.reason)
        else:
            outcomes.add(None)
            assert len(picture.pixels) == picture.width * picture.height * 4
            assert picture.width <= ROOM.width
            assert picture.height <= ROOM.height
    assert {None, Reason.DAMAGED} <= outcomes


def test_rights_are_given_up_before_a_foreign_byte_is_decoded() -> None:
    given_up: list[str] = []
    with pytest.raises(PictureRefused):
        artwork.made(b"\xff\xd8\xff", SCREEN, lambda: given_up.append("now"))
    assert given_up == ["now"]


def test_memory_that_runs_out_is_told_from_damage() -> None:
    def run_out() -> None:
        raise MemoryError

    with pytest.raises(PictureRefused) as refused:
        artwork.made(saved(quarters(), "PNG"), SCREEN, run_out)
    assert refused.value.reason is Reason.TOO_MUCH_MEMORY


# Vector pictures

PATTERN = '<pattern id="p" width="1e-9" height="1e-9"><rect fill="red"/></pattern><rect width="9" fill="url(#p)"/>'


@pytest.mark.parametrize(
    "data",
    [
        b"<svg/>",
        b"\xef\xbb\xbf <?xml version='1.0'?>\n<!-- <html> -->\n<!DOCTYPE svg PUBLIC 'a' 'b'>\n<svg xmlns='x'>",
        b"<!DOCTYPE svg [<!ENTITY a ']>'> ]>\n<s:svg xmlns:s='x'/>",
        '<?xml version="1.0" encoding="UTF-16"?><svg />'.encode("utf-16"),
        b"<!---->" * 9000 + b"<svg>",
    ],
)
def test_a_drawing_is_known_by_its_root_element(data: bytes) -> None:
    assert vector.is_svg(data)


@needs_rsvg
@pytest.mark.parametrize(
    "attributes",
    [
        'viewBox="0 0 200 100"',
        'viewBox="0 0 200 100" width="20" height="10"',
        'viewBox="0 0 200 100" width="1000000000" height="500000000"',
        'viewBox="0 0 200 100" width="100%" height="100%"',
        'viewBox="-400 -400 1000 1000"',  # wide margins
        'viewBox="0 0 200 100" width="-5" height="-5"',
        'width="200" height="100"',
        "",
    ],
)
def test_a_drawing_is_rendered_crisp_at_the_size_needed(attributes: str) -> None:
    shape = '<path d="M0 0 H200 V100 H0 Z M60 30 H140 V70 H60 Z" fill="#003060" fill-rule="evenodd"/>'
    picture = made(svg(shape, attributes))
    assert ROOM.height - 12 <= picture.height <= ROOM.height
    assert abs(picture.width - 2 * picture.height) <= 4
    assert picture.background == WHITE
    assert at(picture, 0.1, 0.5) == (0, 48, 96, 255)
    row = picture.pixels[picture.width * 4 * (picture.height // 2) :][: picture.width * 4]
    assert sum(0 < alpha < 255 for alpha in row[3::4]) <= 4  # at each edge, one pixel at most


@needs_rsvg
@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (svg("", 'width="0" height="0"'), Reason.DAMAGED),
        (svg("<rect"), Reason.DAMAGED),
        (svg(""), Reason.EMPTY),
        (svg(PATTERN), Reason.EMPTY),
    ],
)
def test_a_drawing_with_nothing_in_it_is_refused(data: bytes, expected: Reason) -> None:
    assert refusal(data) is expected


@needs_rsvg
def test_a_speck_in_a_wide_drawing_is_enlarged_within_limits() -> None:
    picture = made(svg('<rect x="5" y="5" width="1" height="1"/>', 'viewBox="0 0 1000 1000"'))
    assert picture.height < ROOM.height


@needs_rsvg
@pytest.mark.parametrize("place", ["file://{}", "{}", "secret.png", "data/../secret.png", "http://127.0.0.1:9/a.png"])
@pytest.mark.parametrize(
    "content",
    [
        '<image href="{}" width="100" height="100"/>',
        '<image xlink:href="{}" width="100" height="100"/>',
        '<use href="{}#a"/>',
        '<filter id="f"><feImage href="{}"/></filter><g filter="url(#f)"><rect width="9" height="9" fill="none"/></g>',
        '<style>@import url("{}"); rect {{ fill: none }}</style><rect width="9" height="9"/>',
        '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{}" parse="text"/>',
    ],
)
def test_a_drawing_cannot_fetch_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, place: str
) -> None:
    (tmp_path / "secret.png").write_bytes(saved(quarters(), "PNG"))
    monkeypatch.chdir(tmp_path)
    assert refusal(svg(content.format(place.format(tmp_path / "secret.png")))) is Reason.EMPTY


@needs_rsvg
def test_entities_neither_read_files_nor_explode() -> None:
    foreign = b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + svg('<text y="50">&x;</text>')
    assert refusal(foreign) in {Reason.DAMAGED, Reason.EMPTY}
    laughs = "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    bomb = f'<!DOCTYPE svg [<!ENTITY a "ha">{laughs}]>'.encode() + svg('<text y="50">&j;</text>')
    assert refusal(bomb) in {Reason.DAMAGED, Reason.EMPTY}


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("kill -XCPU $$", Reason.TOOK_TOO_LONG),
        ("exit 1", Reason.DAMAGED),
        ("kill -KILL $$", Reason.DAMAGED),
        ("cat >/dev/null", Reason.DAMAGED),
    ],
)
def test_a_renderer_that_fails_is_a_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, expected: Reason
) -> None:
    renderer = tmp_path / "rsvg-convert"
    renderer.write_text(f"#!/bin/sh\n{script}\n")
    renderer.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert refusal(svg("<rect/>")) is expected


def test_without_a_renderer_only_drawings_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert refusal(svg("<rect/>")) is Reason.NO_SVG_RENDERER
    made(saved(quarters(), "PNG"))
