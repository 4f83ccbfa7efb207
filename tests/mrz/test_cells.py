"""Found lines are read cell by cell: lines rendered by Pillow here, not by the renderer of the training."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from mrz.cells import CHARACTERS, CellGrid, read_cells
from mrz.cells.frames import Frames, recognised
from mrz.cells.grid import rows
from mrz.cells.strips import HEIGHT, MARGIN, PITCH, curve_along, cut, evened
from mrz.finding import FoundLine, FoundZone

FONT = "/usr/share/fonts/opentype/ocr-b/OCRB.otf"
TD3 = (
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
)
TD2 = ("I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6")
TD1 = (
    "I<UTOD231458907<<<<<<<<<<<<<<<",
    "7408122F1204159UTO<<<<<<<<<<<6",
    "ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
)

Floats = NDArray[np.float32]


def printed(lines: Sequence[str], pitch: int) -> tuple[NDArray[np.uint8], Floats, Floats]:
    """A page with a zone, and the start and the end of each line (lines, 2): middle of the capitals, half a
    cell outside the first and the last character."""
    font = ImageFont.truetype(FONT, 100)
    font = ImageFont.truetype(FONT, 100 * pitch / font.getlength("0"))
    spacing = pitch * (2.5 if len(lines) == 2 else 5 / 3)
    width, height = int(pitch * (len(lines[0]) + 8)), int(spacing * len(lines) + 5 * pitch)
    page = Image.new("L", (width, height), 225)
    draw = ImageDraw.Draw(page)
    top, foot = (font.getbbox("H", anchor="ls")[index] for index in (1, 3))
    starts: list[tuple[float, float]] = []
    for index, line in enumerate(lines):
        middle = 3 * pitch + spacing * index
        for cell, character in enumerate(line):
            place = ((4 + cell) * pitch, middle - (top + foot) / 2)
            draw.text(place, character, fill=30, font=font, anchor="ls")
        starts.append((4 * pitch, middle))
    begin = np.array(starts, np.float32)
    return np.asarray(page), begin, begin + np.array([len(lines[0]) * pitch, 0], np.float32)


def zone(starts: Floats, ends: Floats, pitch: float) -> FoundZone:
    return FoundZone(
        tuple(
            FoundLine(np.stack([start, end]), np.full(2, pitch, np.float32))
            for start, end in zip(starts, ends, strict=True)
        ),
        1.0,
    )


def text_of(grid: CellGrid) -> tuple[str, ...]:
    return tuple(line.text for line in grid.lines)


@pytest.mark.parametrize("lines", [TD3, TD2, TD1], ids=["TD3", "TD2", "TD1"])
@pytest.mark.parametrize("pitch", [9, 14, 30, 80])
def test_a_clean_zone_is_read_at_any_size_with_the_right_number_of_cells(
    lines: tuple[str, ...], pitch: int
) -> None:
    page, starts, ends = printed(lines, pitch)
    best = read_cells(page, zone(starts, ends, pitch))[0]
    assert text_of(best) == lines
    assert best.score > -0.1


@pytest.mark.parametrize("error", [0.88, 1.12])
def test_a_pitch_found_wrong_by_an_eighth_costs_nothing(error: float) -> None:
    page, starts, ends = printed(TD3, 20)
    assert text_of(read_cells(page, zone(starts, ends, 20 * error))[0]) == TD3


@pytest.mark.parametrize("lost", [(0, 8), (8, 0), (10, 10)], ids=["at the end", "at the start", "at both"])
@pytest.mark.parametrize("lines", [TD3, TD2, TD1], ids=["TD3", "TD2", "TD1"])
def test_a_line_found_short_and_narrow_is_followed_to_its_ends(
    lines: tuple[str, ...], lost: tuple[int, int]
) -> None:
    page, starts, ends = printed(lines, 20)
    first, last = (np.array([20 * cells, 0], np.float32) for cells in lost)
    short = zone(starts + first, ends - last, 20 * 0.8)
    assert text_of(read_cells(page, short)[0]) == lines


@pytest.mark.parametrize("turn", [90, 180, 270, 33])
def test_a_page_may_lie_in_any_direction_and_the_cells_are_where_the_print_is(turn: int) -> None:
    page, starts, ends = printed(TD3, 16)
    height, width = page.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), turn, 1.0)
    side = int(np.hypot(width, height)) + 20
    matrix[:, 2] += (side - width) / 2, (side - height) / 2
    turned = cv2.warpAffine(page, matrix, (side, side), borderValue=225).astype(np.uint8)

    def moved(points: Floats) -> Floats:
        return (points @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)

    best = read_cells(turned, zone(moved(starts), moved(ends), 16))[0]
    assert text_of(best) == TD3
    for line, start, end in zip(best.lines, starts, ends, strict=True):
        at = (np.arange(44) + 0.5) / 44
        wanted = moved((start + (end - start) * at[:, None]).astype(np.float32))
        off = np.abs(line.corners.mean(axis=1) - wanted).max()
        assert off < 16 * 0.25, f"cells are {off:.1f} px off a pitch of 16"
        # In order round the cell from top left: the first edge runs along the line.
        along = line.corners[:, 1] - line.corners[:, 0]
        assert np.allclose(
            along / 16, moved(end[None])[0] / (44 * 16) - moved(start[None])[0] / (44 * 16), atol=0.15
        )


def test_a_page_seen_at_a_slant_is_read() -> None:
    page, starts, ends = printed(TD3, 24)
    height, width = page.shape
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    seen = np.array(
        [[90, 30], [width * 0.9, 60], [width * 0.84, height * 0.66], [20, height * 0.72]], np.float32
    )
    matrix = cv2.getPerspectiveTransform(corners, seen)
    slanted = cv2.warpPerspective(page, matrix, (width, height), borderValue=225).astype(np.uint8)
    lines: list[FoundLine] = []
    for start, end in zip(starts, ends, strict=True):
        at = start + (end - start) * np.linspace(0, 1, 45, dtype=np.float32)[:, None]
        there = cv2.perspectiveTransform(at[None], matrix)[0]
        pitch = np.hypot(*np.diff(there, axis=0).T)
        lines.append(FoundLine(there[[0, 22, -1]], pitch[[0, 22, -1]].astype(np.float32)))
    assert text_of(read_cells(slanted, FoundZone(tuple(lines), 1.0))[0]) == TD3


def test_a_curved_line_is_followed() -> None:
    page, starts, ends = printed(TD3, 20)
    height, width = page.shape
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height + 40, dtype=np.float32))

    def sag(at: Floats) -> Floats:
        return (30 * np.sin(at / width * np.pi)).astype(np.float32)

    curved = cv2.remap(page, x, y - sag(x), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    lines: list[FoundLine] = []
    for start, end in zip(starts, ends, strict=True):
        across = np.linspace(start[0], end[0], 12, dtype=np.float32)
        points = np.stack([across, start[1] + sag(across)], axis=1)
        lines.append(FoundLine(points, np.full(12, 20, np.float32)))
    assert text_of(read_cells(curved.astype(np.uint8), FoundZone(tuple(lines), 1.0))[0]) == TD3


def test_a_third_line_that_was_not_found_is_looked_for() -> None:
    page, starts, ends = printed(TD1, 14)
    for kept in ([0, 1], [1, 2], [0, 2]):
        best = read_cells(page, zone(starts[kept], ends[kept], 14))[0]
        assert text_of(best) == TD1, f"of lines {kept}"


def test_other_print_found_as_a_third_line_does_not_spoil_two() -> None:
    page, starts, ends = printed(TD3, 20)
    above = np.array([[80, 10]], np.float32)
    starts, ends = np.concatenate([above, starts]), np.concatenate([above + np.array([880, 0]), ends])
    assert text_of(read_cells(page, zone(starts.astype(np.float32), ends.astype(np.float32), 20))[0]) == TD3


def test_upside_down_and_mirrored_print_scores_low() -> None:
    page, starts, ends = printed(TD3, 20)
    for line in (0, 1):
        points = np.stack([starts[line], ends[line]])
        straight, pitch = np.full(2, 20, np.float32), [36, 44]
        upright = recognised(evened(cut(page, curve_along(points, straight))))
        upside_down = recognised(evened(cut(page, curve_along(points[::-1], straight))))
        mirrored = recognised(evened(cut(page, curve_along(points, straight))[:, ::-1]))
        assert rows(upright, pitch)[44].score > -0.1
        assert all(row.score < -0.7 for row in rows(upside_down, pitch).values())
        assert all(row.score < -0.7 for row in rows(mirrored, pitch).values())


def test_a_zone_found_upside_down_is_read_the_right_way_round() -> None:
    page, starts, ends = printed(TD3, 20)
    best = read_cells(page, zone(ends[::-1], starts[::-1], 20))[0]
    assert text_of(best) == TD3
    assert best.lines[0].corners[0, 0, 0] < best.lines[0].corners[-1, 0, 0]


def test_a_mirrored_page_is_never_taken_for_text() -> None:
    page, starts, ends = printed(TD3, 20)
    mirrored = np.ascontiguousarray(page[:, ::-1])
    left, right = ends.copy(), starts.copy()
    left[:, 0], right[:, 0] = page.shape[1] - ends[:, 0], page.shape[1] - starts[:, 0]
    assert all(grid.score < -0.7 for grid in read_cells(mirrored, zone(left, right, 20)))


def test_a_second_line_that_was_not_found_is_looked_for() -> None:
    page, starts, ends = printed(TD3, 20)
    for kept, other in ((0, -1), (1, 1)):  # the other line found is empty paper
        beside = np.array([0, other * 45], np.float32)
        rows_found = [(starts[kept], ends[kept]), (starts[kept] + beside, ends[kept] + beside)][::other]
        first, last = (np.stack(each) for each in zip(*rows_found, strict=True))
        assert text_of(read_cells(page, zone(first, last, 20))[0]) == TD3, f"of lines {kept}"


def test_paper_without_print_gives_no_score_and_a_flat_picture_no_error() -> None:
    random = np.random.default_rng(1)
    for page in (
        np.full((200, 1000), 200, np.uint8),
        np.zeros((200, 1000), np.uint8),
        random.integers(0, 256, (200, 1000)).astype(np.uint8),
    ):
        starts = np.array([[50, 70], [50, 120]], np.float32)
        grids = read_cells(page, zone(starts, starts + np.array([880, 0], np.float32), 20))
        assert all(grid.score < -0.7 for grid in grids)


def test_a_found_line_that_is_no_line_is_passed_over() -> None:
    page, starts, ends = printed(TD3, 20)
    assert read_cells(page, zone(starts, starts, 20)) == ()
    assert read_cells(page, zone(starts, ends, 0.5)) == ()


def test_a_line_that_leaves_the_picture_is_read_as_far_as_it_is_there() -> None:
    page, starts, ends = printed(TD3, 20)
    best = read_cells(np.ascontiguousarray(page[:, : int(ends[0, 0]) - 60]), zone(starts, ends, 20))[0]
    assert [line[:40] for line in text_of(best)] == [line[:40] for line in TD3]


def test_every_row_of_a_line_is_a_probability_over_the_37_characters() -> None:
    page, starts, ends = printed(TD1, 12)
    for line in read_cells(page, zone(starts, ends, 12))[0].lines:
        assert line.log_probabilities.dtype == np.float32
        assert line.log_probabilities.shape == (30, len(CHARACTERS))
        assert np.allclose(np.exp(line.log_probabilities).sum(axis=1), 1, atol=1e-4)
        assert line.corners.shape == (30, 4, 2)


# The grid alone, on frames made up here.


def frames_of(middles: Sequence[float], characters: Sequence[int], width: int) -> Frames:
    at = np.arange(width // 4) * 4 + 1.5
    logits = np.zeros((len(at), 38), np.float32)
    far = np.abs(at[:, None] - np.array(middles)[None])
    near = far.min(axis=1) < 6  # as the network was taught: sure well beside the middle too
    logits[~near, 37] = 8
    logits[near, np.array(characters)[far.argmin(axis=1)][near]] = 8
    return Frames(logits)


@pytest.mark.parametrize("cells", [30, 36, 44])
@pytest.mark.parametrize("pitch", [17.5, 20.0, 22.5])
def test_the_number_of_cells_and_their_places_come_out_of_known_frames(cells: int, pitch: float) -> None:
    random = np.random.default_rng(cells)
    middles = 50 + pitch * np.arange(cells)
    characters = random.integers(0, 37, cells)
    width = 4 * int((middles[-1] + 60) / 4)
    found = rows(frames_of(middles.tolist(), characters.tolist(), width), [30, 36, 44])
    best = max(found, key=lambda count: found[count].score)
    assert best == cells
    assert np.abs(found[cells].columns - middles).max() < 0.15 * pitch


def test_cells_that_were_lost_are_placed_by_their_neighbours() -> None:
    middles = (50 + 20.0 * np.arange(44)).tolist()
    frames = frames_of(middles, [36] * 44, 1000)
    hidden = frames.logits.copy()
    for cell in (7, 8, 20, 40, 41, 42):
        frame = int((middles[cell] - 10) // 4)
        hidden[frame : frame + 6] = 0  # no opinion at all
    found = rows(Frames(hidden), [44])[44]
    assert np.abs(found.columns - middles).max() < 4


def test_a_strip_too_short_for_so_many_cells_has_no_row() -> None:
    assert rows(frames_of([50.0], [3], 400), [30, 44]) == {}


def test_a_strip_leads_back_to_the_picture() -> None:
    points = np.array([[100, 300], [300, 250], [500, 260], [700, 330]], np.float32)
    curve = curve_along(points, np.full(4, 30, np.float32))
    page = np.random.default_rng(3).integers(0, 256, (500, 900)).astype(np.uint8)
    page = cv2.GaussianBlur(page, (0, 0), 6).astype(np.uint8)
    strip = cut(page, curve)
    assert strip.shape == (HEIGHT, len(curve.centre))
    # A found point is MARGIN cells and its own way along into the strip.
    assert np.abs(curve.at(np.array([MARGIN * PITCH - 0.5], np.float32)) - points[0]).max() < 3
    columns = np.linspace(10, strip.shape[1] - 10, 25).astype(np.float32)
    for row in (5.0, 19.5, 34.0):
        places = curve.at(columns, row)
        seen = cv2.remap(page, places[:, :1], places[:, 1:], cv2.INTER_LINEAR)[:, 0]
        cut_out = cv2.remap(strip, columns[:, None], np.full((25, 1), row, np.float32), cv2.INTER_LINEAR)[
            :, 0
        ]
        assert np.abs(seen.astype(int) - cut_out.astype(int)).max() <= 6
