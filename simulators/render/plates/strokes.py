"""Characters as lines of one even stroke, as stamped plates have them (GOST R 50577, FE-Schrift, DIN 1451).

No free typeface has the proportions of stamped plates.  Each character is a few lines in a unit square; the
style says how round corners are and which of two usual forms a character has.
"""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.uint8]
HEIGHT = 128

# A line is points "x,y" in hundredths; "~" after one rounds it; "*" at the end closes the line.
_LINES: dict[str, str] = {
    "0": "0,0~ 100,0~ 100,100~ 0,100~ *",
    "1": "20,30 62,0 62,100",
    "1/serif": "20,25 56,0 56,100; 20,100 92,100",
    "2": "0,30 0,0~ 100,0~ 100,42~ 0,100 100,100",
    "3": "0,22 0,0~ 100,0~ 100,46~ 48,46; 70,46 100,46~ 100,100~ 0,100~ 0,76",
    "3/flat": "4,0 96,0 42,40 100,40~ 100,100~ 0,100~ 0,78",
    "4": "70,100 70,0 0,70 100,70",
    "4/open": "30,0 0,68 100,68; 70,36 70,100",
    "5": "94,0 8,0 4,42 100,38~ 100,100~ 0,100~ 0,78",
    "6": "96,18 96,0~ 0,0~ 0,100~ 100,100~ 100,42~ 2,42~",
    "6/straight": "76,0 4,54~ 0,100~ 100,100~ 100,44~ 12,44~",
    "7": "0,0 100,0 36,100",
    "8": "50,46 6,46~ 6,0~ 94,0~ 94,46~ 50,46 100,46~ 100,100~ 0,100~ 0,46~ 50,46",
    "9": "4,82 4,100~ 100,100~ 100,0~ 0,0~ 0,58~ 98,58~",
    "9/straight": "24,100 96,46~ 100,0~ 0,0~ 0,56~ 88,56~",
    "A": "0,100 50,0 100,100; 17,68 83,68",
    "A/flat": "0,100 38,0 62,0 100,100; 15,66 85,66",
    "B": "0,46 0,0 90,0~ 90,46~ 0,46 100,46~ 100,100~ 0,100 0,46",
    "C": "100,24 100,0~ 0,0~ 0,100~ 100,100~ 100,76",
    "D": "0,0 100,0~ 100,100~ 0,100 0,0",
    "E": "100,0 0,0 0,100 100,100; 0,48 84,48",
    "F": "100,0 0,0 0,100; 0,48 84,48",
    "G": "100,22 100,0~ 0,0~ 0,100~ 100,100~ 100,54 56,54",
    "H": "0,0 0,100; 100,0 100,100; 0,48 100,48",
    "I": "50,0 50,100",
    "I/serif": "50,0 50,100; 18,0 82,0; 18,100 82,100",
    "J": "92,0 92,100~ 4,100~ 4,72",
    "J/serif": "44,0 92,0 92,100~ 4,100~ 4,72",
    "K": "0,0 0,100; 100,0 2,58; 30,42 100,100",
    "L": "0,0 0,100 100,100",
    "M": "0,100 0,0 50,58 100,0 100,100",
    "N": "0,100 0,0 100,100 100,0",
    "O": "0,0~ 100,0~ 100,100~ 0,100~ *",
    "P": "0,100 0,0 100,0~ 100,54~ 0,54",
    "Q": "0,0~ 100,0~ 100,100~ 0,100~ *; 58,72 104,106",
    "R": "0,100 0,0 100,0~ 100,50~ 0,50; 48,50 100,100",
    "S": "98,22 98,0~ 2,0~ 2,46~ 100,46~ 100,100~ 0,100~ 0,78",
    "T": "0,0 100,0; 50,0 50,100",
    "U": "0,0 0,100~ 100,100~ 100,0",
    "V": "0,0 50,100 100,0",
    "W": "0,0 26,100 50,20 74,100 100,0",
    "X": "0,0 100,100; 100,0 0,100",
    "Y": "0,0 50,50 100,0; 50,50 50,100",
    "Z": "0,0 100,0 0,100 100,100",
}


@dataclass(frozen=True, slots=True)
class Style:
    """`round` of a corner in shares of the height; `stroke` likewise; `aspect` width by height; `forms`: the
    characters drawn in their second form; `ends` round or square."""

    round: float
    stroke: float
    aspect: float
    forms: str = ""
    ends: bool = True


STYLES: dict[str, Style] = {
    # As GOST has it: wide arcs, strokes of 9 to 11 mm on 76.
    "stroke-gost": Style(0.26, 0.145, 0.60, "469"),
    "stroke-gost-wide": Style(0.32, 0.155, 0.66, "4", ends=False),
    "stroke-din": Style(0.30, 0.145, 0.56, "", ends=False),
    "stroke-fe": Style(0.16, 0.15, 0.62, "I1J469"),
    "stroke-square": Style(0.10, 0.16, 0.62, "3A", ends=False),
    "stroke-narrow": Style(0.24, 0.125, 0.50, "I69"),
    "stroke-serif": Style(0.30, 0.13, 0.58, "1I3J"),
}


@cache
def mask(style_name: str, character: str) -> Mask | None:
    """The character, HEIGHT pixels high and cut tight; None for one that has no lines here."""
    style = STYLES[style_name]
    variants = [key for key in _LINES if key[0] == character and "/" in key]
    key = variants[0] if variants and character in style.forms else character
    if key not in _LINES:
        return None
    wide = 0.85 if character in "MW" else style.aspect
    stroke = style.stroke * HEIGHT
    width, inset = wide * HEIGHT - stroke, stroke / 2
    scale = np.array([width, HEIGHT - stroke])
    canvas = np.zeros((HEIGHT, round(wide * HEIGHT)), np.uint8)
    for line in _LINES[key].split(";"):
        points = _rounded(line.split(), scale, style.round * HEIGHT) + inset
        if style.ends:
            shifted = np.round(points * 16).astype(np.int32)
            cv2.polylines(canvas, [shifted], False, (255,), round(stroke), cv2.LINE_AA, 4)
        else:
            _square(canvas, points, stroke)
    filled = np.flatnonzero(canvas.max(axis=0) > 40)
    return canvas[:, filled[0] : filled[-1] + 1]


def _square(canvas: Mask, points: npt.NDArray[np.float64], stroke: float) -> None:
    """A line with flat ends and mitred inner joints."""
    for number, (start, end) in enumerate(pairwise(points)):
        along = (end - start) / max(float(np.hypot(*(end - start))), 1e-6)
        across = np.array([-along[1], along[0]]) * stroke / 2
        quad = np.array([start + across, end + across, end - across, start - across])
        cv2.fillConvexPoly(canvas, np.round(quad * 16).astype(np.int32), (255,), cv2.LINE_AA, 4)
        if number:
            at = np.round(start * 16).astype(int)
            cv2.circle(canvas, (int(at[0]), int(at[1])), round(stroke * 8), (255,), -1, cv2.LINE_AA, 4)


def _rounded(tokens: list[str], scale: npt.NDArray[np.float64], radius: float) -> npt.NDArray[np.float64]:
    closed = tokens[-1] == "*"
    spots: list[tuple[npt.NDArray[np.float64], bool]] = []
    for token in tokens[: -1 if closed else None]:
        x, y = token.rstrip("~").split(",")
        spots.append((np.array([int(x), int(y)]) / 100 * scale, token.endswith("~")))
    if closed:
        middle = (spots[0][0] + spots[1][0]) / 2
        spots = [(middle, False), *spots[1:], spots[0], (middle, False)]
    found: list[npt.NDArray[np.float64]] = []
    for number, (at, bent) in enumerate(spots):
        if not bent or number in (0, len(spots) - 1):
            found.append(at)
            continue
        before, after = spots[number - 1][0] - at, spots[number + 1][0] - at
        reach = min(radius, float(np.hypot(*before)) / 2, float(np.hypot(*after)) / 2)
        first = at + before / np.hypot(*before) * reach
        last = at + after / np.hypot(*after) * reach
        found += [(1 - t) ** 2 * first + 2 * t * (1 - t) * (at * 0.8 + (first + last) * 0.1) + t**2 * last
                  for t in np.linspace(0, 1, 7)]  # fmt: skip
    return np.array(found)
