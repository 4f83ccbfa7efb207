"""The finder: where the lines of a zone run in a picture, and that other print is left alone."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from mrz.finding import FoundLine, FoundZone, find
from mrz.finding.fields import Fields
from mrz.finding.lines import chained
from mrz.finding.strands import strands_of
from mrz.finding.zones import groups_of, zone_of

OCR_B = Path("/usr/share/fonts/opentype/ocr-b/OCRB.otf")
SERIF = Path("/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf")
MONO = Path("/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf")
TD3 = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
TD1 = ("I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<")
PX_PER_MM = 6.0
PITCH = 2.54 * PX_PER_MM

needs_fonts = pytest.mark.skipif(
    not all(font.exists() for font in (OCR_B, SERIF, MONO)),
    reason="fonts are missing (apt install fonts-ocr-b fonts-dejavu-core)",
)

Floats = NDArray[np.float64]


def document(lines: tuple[str, ...]) -> tuple[NDArray[np.uint8], Floats]:
    """A page by Doc 9303-3 and the ends of its lines: (line, first and last, x and y)."""
    wide, high, step = (125, 88, 6.35) if len(lines) == 2 else (85.6, 54, 4.23)
    page = Image.new("L", (round(wide * PX_PER_MM), round(high * PX_PER_MM)), 225)
    draw = ImageDraw.Draw(page)
    font = ImageFont.truetype(str(OCR_B), PITCH / (ImageFont.truetype(str(OCR_B), 100).getlength("0") / 100))
    label = ImageFont.truetype(str(SERIF), 18)
    for row, text in enumerate(
        ("Passport / Passeport", "ERIKSSON", "ANNA MARIA", "12 AUG 1974", "15 APR 2012")
    ):
        draw.text((250, 20 + 32 * row), text, font=label, fill=60)
    draw.rectangle((30, 40, 190, 220), fill=130)
    capitals = -font.getbbox("H", anchor="ls")[1]
    ends: list[list[tuple[float, float]]] = []
    for row, line in enumerate(lines):
        left, foot = 6 * PX_PER_MM, (high - 7 - step * (len(lines) - 1 - row)) * PX_PER_MM
        if len(lines) == 3:
            left = 4 * PX_PER_MM
        for column, character in enumerate(line):
            draw.text((left + (column + 0.5) * PITCH, foot), character, font=font, fill=25, anchor="ms")
        middle = foot - capitals / 2
        ends.append([(left, middle), (left + len(line) * PITCH, middle)])
    return np.asarray(page, np.uint8), np.array(ends, float)


def seen(
    page: NDArray[np.uint8],
    ends: Floats,
    homography: Floats,
    size: tuple[int, int],
    desk: NDArray[np.uint8] | None = None,
) -> tuple[NDArray[np.uint8], Floats]:
    """The page in a picture of `size`, and where its line ends come to lie."""
    under = np.full((size[1], size[0]), 70, np.uint8) if desk is None else desk.copy()
    cv2.warpPerspective(
        page, homography, size, dst=under, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_TRANSPARENT
    )
    places = cv2.perspectiveTransform(ends.reshape(-1, 1, 2), homography).reshape(ends.shape)
    return under, np.asarray(places, float)


def turned(page: NDArray[np.uint8], degrees: float, scale: float, size: tuple[int, int]) -> Floats:
    """The page's middle in the picture's middle, turned clockwise and scaled."""
    height, width = page.shape
    matrix = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, scale), (0, 0, 1)])
    matrix[:2, 2] += (size[0] - width) / 2, (size[1] - height) / 2
    return matrix


def distance_to(line: FoundLine, point: Floats) -> float:
    """From a point to the line's curve, in px."""
    starts, steps = line.centre[:-1], np.diff(line.centre, axis=0)
    part = np.clip(((point - starts) * steps).sum(1) / (steps**2).sum(1), 0, 1)
    return float(np.hypot(*(starts + part[:, None] * steps - point).T).min())


def shows(zone: FoundZone, truth: Floats) -> bool:
    """Each line where it is: its middle within a third of a capital's height, its ends within 1.2 cells, read
    from the right end."""
    if len(zone.lines) != len(truth):
        return False
    for line, (first, last) in zip(zone.lines, truth, strict=True):
        pitch = float(line.pitch.mean())
        on_it = all(
            distance_to(line, first + part * (last - first)) < 0.33 * pitch for part in (0.1, 0.5, 0.9)
        )
        flush = max(np.hypot(*(line.centre[0] - first)), np.hypot(*(line.centre[-1] - last))) < 1.2 * pitch
        if not (on_it and flush):
            return False
    return True


@needs_fonts
@pytest.mark.parametrize("degrees", [0, 90, 180, 270, 33])
@pytest.mark.parametrize("lines", [TD3, TD1], ids=["passport", "card"])
def test_a_zone_is_found_whichever_way_the_page_lies(lines: tuple[str, ...], degrees: float) -> None:
    page, ends = document(lines)
    picture, truth = seen(page, ends, turned(page, degrees, 0.9, (900, 900)), (900, 900))
    zones = find(picture)
    assert len(zones) == 1
    assert shows(zones[0], truth)


@needs_fonts
def test_a_zone_is_found_in_perspective() -> None:
    page, ends = document(TD3)
    height, width = page.shape
    flat = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    leaning = np.array([(190, 120), (700, 80), (860, 560), (60, 500)], np.float32)
    homography = np.asarray(cv2.getPerspectiveTransform(flat, leaning), float)
    picture, truth = seen(page, ends, homography, (920, 640))
    zones = find(picture)
    assert len(zones) == 1
    assert shows(zones[0], truth)


@needs_fonts
def test_the_lines_of_a_bent_page_are_followed() -> None:
    page, ends = document(TD3)
    height, width = page.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    bend = (1.2 * PITCH * np.sin(x * 1.4 * np.pi / width)).astype(np.float32)
    picture = cv2.remap(page, x, y - bend, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    zones = find(np.asarray(picture, np.uint8))
    assert len(zones) == 1
    assert len(zones[0].lines) == 2
    for line, (first, last) in zip(zones[0].lines, ends, strict=True):
        across = np.linspace(first[0] + PITCH, last[0] - PITCH, 12)
        for place in across:
            point = np.array([place, first[1] + 1.2 * PITCH * np.sin(place * 1.4 * np.pi / width)])
            assert distance_to(line, point) < 0.33 * PITCH


@needs_fonts
def test_two_documents_in_one_picture_are_both_found_the_larger_first() -> None:
    passport, passport_ends = document(TD3)
    card, card_ends = document(TD1)
    size = (1400, 1000)
    away = np.array([[1, 0, -330], [0, 1, -200], [0, 0, 1.0]])
    picture, first = seen(passport, passport_ends, away @ turned(passport, 5, 0.85, size), size)
    away = np.array([[1, 0, 380], [0, 1, 220], [0, 0, 1.0]])
    picture, second = seen(card, card_ends, away @ turned(card, 100, 0.8, size), size, picture)
    zones = find(picture)
    assert len(zones) == 2
    assert shows(zones[0], first)
    assert shows(zones[1], second)


@needs_fonts
def test_small_print_in_a_large_picture_is_found() -> None:
    page, ends = document(TD3)
    size = (2800, 2100)
    picture, truth = seen(page, ends, turned(page, 12, 1.0, size), size)
    zones = find(picture)
    assert len(zones) == 1
    assert shows(zones[0], truth)


@needs_fonts
@pytest.mark.parametrize("turn", [0, 115])
def test_a_small_card_beside_a_page_many_times_as_large_is_found(turn: float) -> None:
    passport, passport_ends = document(TD3)
    card, card_ends = document(TD1)
    size = (2000, 1500)
    away = np.array([[1, 0, -320], [0, 1, -100], [0, 0, 1.0]])
    picture, first = seen(passport, passport_ends, away @ turned(passport, 2, 1.7, size), size)
    away = np.array([[1, 0, 810], [0, 1, 400], [0, 0, 1.0]])
    small = cv2.GaussianBlur(card, (0, 0), 0.8).astype(np.uint8)
    picture, second = seen(small, card_ends, away @ turned(card, turn, 0.56, size), size, picture)
    zones = find(picture)
    assert len(zones) == 2
    assert shows(zones[0], first)
    assert shows(zones[1], second)


@needs_fonts
def test_a_line_whose_end_is_lost_in_glare_goes_as_far_as_its_neighbour() -> None:
    page, ends = document(TD3)
    glare = page.astype(np.float32)
    cv2.ellipse(glare, (int(ends[1, 1, 0]) - 40, int(ends[1, 1, 1]) + 10), (130, 22), 0, 0, 360, 255, -1)
    blown = np.maximum(cv2.GaussianBlur(glare, (0, 0), 2), page).astype(np.uint8)
    picture, truth = seen(blown, ends, turned(page, 0, 0.9, (900, 700)), (900, 700))
    zones = find(picture)
    assert len(zones) == 1
    assert shows(zones[0], truth)


def printed(font: Path, size: int, rows: list[str], step: float) -> NDArray[np.uint8]:
    page = Image.new("L", (900, 640), 235)
    draw = ImageDraw.Draw(page)
    for row, text in enumerate(rows):
        draw.text((30, 30 + row * step), text, font=ImageFont.truetype(str(font), size), fill=30)
    return np.asarray(page, np.uint8)


@needs_fonts
@pytest.mark.parametrize(
    "picture",
    [
        printed(SERIF, 20, ["The quick brown fox jumps over the lazy dog, and so on and on."] * 20, 28),
        printed(MONO, 20, ["for (int i = 0; i < count << 2; i++) { total >>= 1; }"] * 20, 28),
        printed(
            MONO,
            22,
            ["0123456789 4711 0815 2026 1984 3141 5926", "5358 9793 2384 6264 3383 2795 0288"] * 8,
            34,
        ),
        printed(SERIF, 24, ["<" * 40] * 10, 55),
        printed(OCR_B, 26, ["", "", "", "", "978-3-16-148410-0 4711 0815 2026"], 60),
        np.full((600, 800), 128, np.uint8),
        np.random.default_rng(7).integers(0, 256, (600, 800)).astype(np.uint8),
    ]
    if OCR_B.exists()
    else [],
    ids=["book", "listing", "numbers", "angles", "one line of OCR-B", "grey", "noise"],
)
def test_nothing_is_found_where_there_is_no_zone(picture: NDArray[np.uint8]) -> None:
    assert find(picture) == ()


@pytest.mark.parametrize("shape", [(1, 1), (3, 4000), (39, 39), (4000, 41), (41, 4000)])
def test_pictures_of_odd_shapes_hold_nothing_and_break_nothing(shape: tuple[int, int]) -> None:
    assert find(np.full(shape, 200, np.uint8)) == ()


def ideal(
    lines: list[tuple[Floats, Floats]], pitch: float, hole: tuple[float, float] | None = None
) -> Fields:
    """Fields as a perfect network gives them, on a page of 640 x 480, for straight lines (first, last)."""
    y, x = np.mgrid[0:240, 0:320] * 2 + 0.5
    core = np.zeros((240, 320), np.float32)
    direction = np.zeros((2, 120, 160), np.float32)
    for first, last in lines:
        length = float(np.hypot(*(last - first)))
        along = (last - first) / length
        t = (x - first[0]) * along[0] + (y - first[1]) * along[1]
        across = np.abs((y - first[1]) * along[0] - (x - first[0]) * along[1])
        inside = np.minimum(np.minimum(t, length - t), 0.31 * pitch - across)
        if hole:
            inside = np.where((t > hole[0] * length) & (t < hole[1] * length), -9, inside)
        core = np.maximum(core, np.clip(inside / 2 + 0.5, 0, 1)).astype(np.float32)
        near = (across < pitch)[::2, ::2]
        direction[:, near] = along[:, None]
    return Fields(core, direction, np.full((120, 160), pitch, np.float32))


@settings(max_examples=40, deadline=None)
@given(
    degrees=st.floats(0, 360),
    pitch=st.floats(6.0, 9.0),
    rows=st.sampled_from([2, 3]),
    hole=st.none() | st.floats(0.1, 0.8),
)
def test_ideal_fields_give_back_the_lines(
    degrees: float, pitch: float, rows: int, hole: float | None
) -> None:
    angle = np.radians(degrees)
    along = np.array([np.cos(angle), np.sin(angle)])
    down = np.array([-along[1], along[0]])
    columns, step = (44, 2.5) if rows == 2 else (30, 1.67)
    middles = [np.array([320, 240]) + down * pitch * step * (row - (rows - 1) / 2) for row in range(rows)]
    truth = [
        (middle - along * pitch * columns / 2, middle + along * pitch * columns / 2) for middle in middles
    ]
    fields = ideal(truth, pitch, None if hole is None else (hole, hole + 0.1))
    zones = [zone for group in groups_of(chained(strands_of(fields))) if (zone := zone_of(group))]
    assert len(zones) == 1
    assert zones[0].score > 0.6
    if abs(np.sin(angle)) * pitch * columns < 470:  # whole on the page
        assert shows(zones[0], np.array(truth))
