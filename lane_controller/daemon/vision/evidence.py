"""What is kept of a page that was read: its picture made smaller, and its zone cut out cell by cell.

In the zone's picture each line of print is one row and each cell as wide as any other, however the page lay:
whoever compares a character with the print needs no coordinates.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

import mrz
from lane_controller.messages.parts import (
    CorrectedCharacter,
    DoubtfulCharacter,
    PageReading,
    WrongCheckDigit,
)
from mrz.picture import Grey
from mrz.reading import Point, Quad

PAGE_SIDE_PX = 1000
JPEG_BYTES_MAX = 250_000
"""Stores take pictures of 256 KiB."""
CELL_PX = (24, 40)
"""Width and height of a cell in the zone's picture."""
BEYOND = 0.38
"""So much of the capitals' height is shown above and below them: with it a cell keeps its proportions."""
QUALITIES = (80, 60, 40, 20)
OUTLINE_EVERY = 11
"""Cells from one corner of a line's outline to the next: a bent page bends it."""
PLACES_MAX = 30
"""Characters of each kind that are told of one document; one with more is no reading."""


def reduced(picture: Grey) -> tuple[bytes, float]:
    """The page as a JPEG, and how much smaller it is; b"" where no store would take it."""
    scale = min(1.0, PAGE_SIDE_PX / max(picture.shape))
    size = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
    return _encoded(np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)), scale


def zone_picture(picture: Grey, reading: mrz.Reading) -> bytes:
    """The zone as a JPEG of lines x columns cells of `CELL_PX`; b"" where the engine gives no cells."""
    rows = [_row(picture, np.asarray(line, np.float32)) for line in reading.cells]
    if not rows or len({row.shape for row in rows}) > 1:
        return b""
    return _encoded(np.vstack(rows))


def page_reading(picture: Grey, reading: mrz.Reading, scale: float) -> PageReading:
    """How `reading` came from `picture`, for the picture made smaller by `scale`."""
    outlines = [_outline(line) for line in reading.cells] or [list(reading.zone)] * bool(reading.zone)
    return PageReading(
        width=max(1, round(picture.shape[1] * scale)),
        height=max(1, round(picture.shape[0] * scale)),
        outlines=tuple(tuple(round(scale * value) for point in line for value in point) for line in outlines),
        doubtful=tuple(
            DoubtfulCharacter(field=one.field, line=one.line, column=one.column, candidates=one.candidates)
            for one in reading.doubtful[:PLACES_MAX]
        ),
        corrections=tuple(
            CorrectedCharacter(
                line=one.line, column=one.column, read=one.read, taken=one.taken, reason=one.reason
            )
            for one in reading.corrections[:PLACES_MAX]
        ),
        inconsistent=tuple(
            WrongCheckDigit(
                field=one.field, line=one.line, column=one.column, expected=one.expected, found=one.found
            )
            for one in reading.inconsistent[:PLACES_MAX]
        ),
    )


def _outline(line: tuple[Quad, ...]) -> list[Point]:
    """Along the top to the right, along the bottom back."""
    some = [*line[:-1:OUTLINE_EVERY]]
    top = [cell[0] for cell in some] + [line[-1][1]]
    bottom = [cell[3] for cell in some] + [line[-1][2]]
    return top + bottom[::-1]


def _row(picture: Grey, cells: NDArray[np.float32]) -> Grey:
    """One line, its cells side by side; `cells` are (columns, 4, 2) corners round each from top left."""
    width, height = CELL_PX
    across = ((np.arange(width, dtype=np.float32) + 0.5) / width)[None, None, :, None]
    down = (np.arange(height, dtype=np.float32) + 0.5) / height * (1 + 2 * BEYOND) - BEYOND
    down = down[None, :, None, None].astype(np.float32)
    top_left, top_right, bottom_right, bottom_left = (cells[:, corner][:, None, None] for corner in range(4))
    top = top_left + (top_right - top_left) * across
    bottom = bottom_left + (bottom_right - bottom_left) * across
    places = top + (bottom - top) * down  # (columns, height, width, 2)
    places = places.transpose(1, 0, 2, 3).reshape(height, -1, 2)
    return np.asarray(
        cv2.remap(picture, places, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE),  # type: ignore[call-overload]
        np.uint8,
    )


def smaller(jpeg: bytes) -> bytes:
    """The picture at a size and quality that stores take; b"" where there is none."""
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        return b""
    scale = min(1.0, PAGE_SIDE_PX / max(picture.shape[:2]))
    if scale < 1.0:
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return _encoded(np.asarray(picture, np.uint8))


def _encoded(picture: NDArray[np.uint8]) -> bytes:
    for quality in QUALITIES:
        done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
        if done and len(data) <= JPEG_BYTES_MAX:
            return data.tobytes()
    return b""
