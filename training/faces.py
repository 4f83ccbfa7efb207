"""Other cuts of OCR-B: issuers' prints differ in widths, in the foot of the 1, in how round the O is.

Made from the font's distance fields by scaling, warping and strokes added; no second font is used.
"""

import cv2
import numpy as np
from ink import CELL, CHARACTERS, FACES, Glyphs, glyphs_of
from numpy.random import Generator
from numpy.typing import NDArray

STROKE = 0.07 * CELL
"""Half of it, in px of the masters."""


def cut_of(rng: Generator) -> Glyphs:
    """A face that an issuer might use; the same glyph is alike wherever it stands."""
    base = glyphs_of(FACES[0 if rng.random() < 0.8 else 1])
    letters, digits = rng.uniform(0.82, 1.08), rng.uniform(0.9, 1.08)
    tall = rng.uniform(0.93, 1.02) if rng.random() < 0.4 else 1.0
    fields = np.empty_like(base.fields)
    flat_o, footed, barred = (rng.random() < share for share in (0.45, 0.4, 0.25))
    for index, character in enumerate(CHARACTERS):
        wide = (digits if character.isdigit() else letters) * float(np.clip(rng.normal(1, 0.05), 0.85, 1.15))
        high = (tall if character.isdigit() else 1.0) * float(np.clip(rng.normal(1, 0.012), 0.96, 1.04))
        field = base.fields[index]
        if character == "O" and flat_o:  # straight sides, as low as the other capitals
            field, high, wide = (
                base.fields[0],
                high * rng.uniform(0.88, 0.95),
                digits * rng.uniform(0.95, 1.2),
            )
        if character == "1" and footed:
            field = _with_foot(rng, field, base.capitals)
        if character == "J" and barred:
            field = _with_bar(rng, field)
        fields[index] = _warped(rng, field, wide, high)
    return Glyphs(fields, base.capitals)


def _with_bar(rng: Generator, field: NDArray[np.float32]) -> NDArray[np.float32]:
    """The J with a stroke to the left at its top."""
    rows, columns = np.nonzero(field > 0)
    top = rows.min() + STROKE
    right = float(columns[rows < top + STROKE].max()) - STROKE
    return _with_stroke(field, right - rng.uniform(0.2, 0.45) * CELL, right, top)


def _with_foot(rng: Generator, field: NDArray[np.float32], capitals: float) -> NDArray[np.float32]:
    rows, columns = np.nonzero(field > 0)
    foot = rows.max() - STROKE
    stem = float(columns[rows > foot - 0.2 * capitals].mean())
    half = rng.uniform(0.16, 0.3) * CELL
    return _with_stroke(field, stem - half, stem + half, foot)


def _with_stroke(field: NDArray[np.float32], left: float, right: float, height: float) -> NDArray[np.float32]:
    y, x = np.mgrid[0 : 2 * CELL, 0 : 2 * CELL].astype(np.float32)
    beside = np.maximum(np.maximum(left - x, x - right), 0)
    return np.maximum(field, STROKE - np.hypot(beside, y - height)).astype(np.float32)


def _warped(rng: Generator, field: NDArray[np.float32], wide: float, high: float) -> NDArray[np.float32]:
    """Scaled about the middle, and bent a little as a whole."""
    y, x = np.mgrid[0 : 2 * CELL, 0 : 2 * CELL].astype(np.float32)
    across, down = (
        cv2.resize(
            rng.standard_normal((5, 5)).astype(np.float32),
            (2 * CELL, 2 * CELL),
            interpolation=cv2.INTER_CUBIC,
        )
        * float(abs(rng.normal(0, 0.012)) * CELL)
        for _ in range(2)
    )
    middle = CELL - 0.5
    u = (x - middle) / wide + middle + across
    v = (y - middle) / high + middle + down
    return cv2.remap(field, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=-float(CELL))
