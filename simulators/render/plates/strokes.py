"""Characters as lines of one even stroke, as stamped plates have them (GOST R 50577, FE-Schrift, DIN 1451).

No free typeface has the proportions of stamped plates.  Each character is a few lines in a unit square; the
style says how round corners are and which of its usual forms (`outlines.py`) a character has.
"""

import random
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from simulators.render.plates import outlines

Mask = npt.NDArray[np.uint8]
HEIGHT = 128
_SLIM = frozenset("EFLTJZ")


@dataclass(frozen=True, slots=True)
class Style:
    """`round` of a corner in shares of the height; `stroke` likewise; `aspect` width by height; `forms`: the
    characters drawn in another form than their first (`outlines.py`); `ends` round or square; `contrast`:
    horizontal strokes by vertical ones; `cut`: corners are cut off, not rounded; `slim`: how wide E F L and
    others are that need little room; `broad` likewise M and W (width by height)."""

    round: float
    stroke: float
    aspect: float
    forms: tuple[str, ...] = ()
    ends: bool = True
    contrast: float = 1.0
    cut: bool = False
    slim: float = 1.0
    broad: float = 0.85


_GIVEN: dict[str, Style] = {
    # As GOST has it: wide arcs, strokes of 9 to 11 mm on 76.
    "stroke-gost": Style(0.26, 0.145, 0.60, ("4/open", "6/straight", "9/straight")),
    "stroke-gost-wide": Style(0.32, 0.155, 0.66, ("4/open",), ends=False),
    "stroke-din": Style(0.30, 0.145, 0.56, ends=False),
    "stroke-fe": Style(
        0.16, 0.15, 0.62, ("1/serif", "4/open", "6/straight", "9/straight", "I/serif", "J/serif")
    ),
    "stroke-square": Style(0.10, 0.16, 0.62, ("3/flat", "A/flat"), ends=False),
    "stroke-narrow": Style(0.24, 0.125, 0.50, ("6/straight", "9/straight", "I/serif")),
    "stroke-serif": Style(0.30, 0.13, 0.58, ("1/serif", "3/flat", "I/serif", "J/serif")),
}
VARIED = tuple(f"stroke-varied-{number}" for number in range(48))
"""Styles with every parameter and form by chance: between them lie the faces of Europe's workshops."""


def _varied(number: int) -> Style:
    """Near none of the styles that have a name: some of those are for proof."""
    chance = random.Random(f"style {number}")
    while True:
        forms = (chance.choice(each) for each in _forms().values())
        style = Style(
            round=chance.uniform(0.13, 0.40),
            stroke=chance.uniform(0.095, 0.19),
            aspect=chance.uniform(0.44, 0.76),
            forms=tuple(form for form in forms if "/" in form),
            ends=chance.random() < 0.4,
            contrast=chance.choice((1.0, 1.0, chance.uniform(0.72, 1.1))),
            cut=chance.random() < 0.08,
            slim=chance.uniform(0.78, 1.0),
            broad=chance.uniform(0.66, 1.0),
        )
        if not any(_near(style, other) for other in _GIVEN.values()):
            return style


def _near(one: Style, other: Style) -> bool:
    return (
        abs(one.round - other.round) < 0.03
        and abs(one.stroke - other.stroke) < 0.012
        and abs(one.aspect - other.aspect) < 0.04
    )


@cache
def _forms() -> dict[str, list[str]]:
    """The forms of each character, the first one twice as often as all others together."""
    found: dict[str, list[str]] = {}
    for key in outlines.ALL:
        found.setdefault(key[0], []).append(key)
    return {key: each[:1] * max(1, 2 * len(each) - 2) + each[1:] for key, each in found.items()}


STYLES: dict[str, Style] = _GIVEN | {name: _varied(number) for number, name in enumerate(VARIED)}


def tall(character: str) -> float:
    """How high a character is by its digits: Persian nought is a small ring."""
    return 0.42 if character == "۰" else 1.0


def mask(style_name: str, character: str) -> Mask | None:
    """The character, HEIGHT pixels high and cut tight; None for one that has no lines here."""
    style = STYLES[style_name]
    key = next((form for form in style.forms if form[0] == character), character)
    if key not in outlines.ALL:
        return None
    wide = style.broad if character in "MW" else style.aspect
    wide *= style.slim if character in _SLIM else 1.1 if character in "۰۷۸" else 1.0
    stroke = style.stroke * HEIGHT / tall(character)
    # Drawn lower or higher and then pulled to height, so that strokes differ by their direction.
    high = HEIGHT * style.contrast**-1
    wide_px = wide * HEIGHT / tall(character)
    scale, inset = np.array([wide_px - stroke, high - stroke]), stroke / 2
    canvas = np.zeros((round(high), max(round(wide_px), round(stroke) + 2)), np.uint8)
    for line in outlines.ALL[key].split(";"):
        points = _rounded(line.split(), scale, style.round * HEIGHT, style.cut) + inset
        if style.ends:
            shifted = np.round(points * 16).astype(np.int32)
            cv2.polylines(canvas, [shifted], False, (255,), round(stroke), cv2.LINE_AA, 4)
        else:
            _square(canvas, points, stroke)
    filled = np.flatnonzero(canvas.max(axis=0) > 40)
    canvas = canvas[:, filled[0] : filled[-1] + 1]
    if style.contrast != 1.0:
        canvas = cv2.resize(canvas, (canvas.shape[1], HEIGHT), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(canvas, np.uint8)


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


def _rounded(
    tokens: list[str], scale: npt.NDArray[np.float64], radius: float, cut: bool
) -> npt.NDArray[np.float64]:
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
        if cut:
            found += [first, last]
            continue
        found += [(1 - t) ** 2 * first + 2 * t * (1 - t) * (at * 0.8 + (first + last) * 0.1) + t**2 * last
                  for t in np.linspace(0, 1, 7)]  # fmt: skip
    return np.array(found)
