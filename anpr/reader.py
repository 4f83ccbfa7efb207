"""The reader: find lines, set them, recognise them, decode them against the format table.

The first one of its kind here: classical vision and Tesseract, one-line plates.  It is made to be replaced
behind `anpr.read`; the types and the format table stay.
"""

import cv2
import numpy as np
import numpy.typing as npt

from anpr.decode import Decoded, cells_from, decode
from anpr.detect import find_lines
from anpr.readings import Box, Corners, FrameReading, PlateReading, Refused
from anpr.recognise import recognise
from anpr.rectify import SetLine, set_line

Frame = npt.NDArray[np.uint8]

SIDE_MIN, SIDE_MAX, PIXELS_MAX = 32, 16_384, 50_000_000
WORKING_WIDTH = 1600
"""Wider frames are read scaled down to this; a plate is then still 100 pixels and more."""


def examine(frame: Frame) -> FrameReading:
    """See `anpr.examine`."""
    _check(frame)
    scale = min(1.0, WORKING_WIDTH / frame.shape[1])
    if scale < 1:
        frame = cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.uint8)
    gray = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY).astype(np.uint8)
    found = [(line, set_line(gray, line)) for line in find_lines(gray)]
    set_lines = [(line.inverse, one) for line, one in found if one is not None]
    symbols = recognise([one.image for _, one in set_lines])
    plates: list[PlateReading] = []
    refused: list[Refused] = []
    for (inverse, line), read in zip(set_lines, symbols, strict=True):
        cells, unread = cells_from(read, line)
        decoded = decode(cells, ground_colour(frame, line, inverse), unread)
        corners = _scaled(line.corners, 1 / scale)
        if isinstance(decoded, Decoded):
            plates.append(_reading(decoded, corners))
        else:
            refused.append(Refused("".join(one.character for one in read), decoded, _box(corners)))
    return FrameReading(_distinct(plates), tuple(refused))


def _check(frame: Frame) -> None:
    if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] != 3:
        raise ValueError(
            f"a frame is uint8, height x width x 3 (blue, green, red); this is {frame.dtype}, {frame.shape}"
        )
    height, width = frame.shape[:2]
    if not SIDE_MIN <= min(height, width) <= max(height, width) <= SIDE_MAX or height * width > PIXELS_MAX:
        raise ValueError(f"a frame of {width} x {height} pixels is not read")


def ground_colour(frame: Frame, line: SetLine, inverse: bool) -> str | None:
    """The colour of a plate's ground; None where light or an infrared lamp leaves no colour to tell."""
    height, width = frame.shape[:2]
    x, y = line.ground.T
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    if not inside.any():
        return None
    pixels = frame[y[inside], x[inside]]
    middle = np.median(pixels, axis=0).astype(np.uint8).reshape(1, 1, 3)
    hue, saturation, value = (int(part) for part in cv2.cvtColor(middle, cv2.COLOR_BGR2HSV)[0, 0])
    if saturation < 70:
        if inverse:
            return "black" if value < 90 else None
        return "white"
    # OpenCV's hue is in units of two degrees.
    for name, low, high in (("yellow", 14, 38), ("green", 38, 90), ("blue", 90, 135)):
        if low <= hue < high:
            return name
    return "red"


def _reading(decoded: Decoded, corners: Corners) -> PlateReading:
    text, confidence = decoded.alternatives[0]
    return PlateReading(
        text=text,
        display=decoded.display,
        country=decoded.country,
        confidence=round(confidence, 4),
        alternatives=tuple((other, round(share, 4)) for other, share in decoded.alternatives),
        box=_box(corners),
        corners=corners,
        lines=1,
    )


def _scaled(corners: Corners, factor: float) -> Corners:
    a, b, c, d = ((round(x * factor, 1), round(y * factor, 1)) for x, y in corners)
    return a, b, c, d


def _box(corners: Corners) -> Box:
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return int(min(xs)), int(min(ys)), int(max(xs) - min(xs)) + 1, int(max(ys) - min(ys)) + 1


def _distinct(plates: list[PlateReading]) -> tuple[PlateReading, ...]:
    """Best first; of two that overlap (the same plate found twice) the better one."""
    kept: list[PlateReading] = []
    for plate in sorted(plates, key=lambda one: one.confidence, reverse=True):
        if not any(_overlap(plate.box, other.box) for other in kept):
            kept.append(plate)
    return tuple(kept)


def _overlap(one: Box, other: Box) -> bool:
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    return width > 0 and height > 0 and width * height > 0.3 * min(one[2] * one[3], other[2] * other[3])
