"""Security print: waves of fine lines in two colours, a rosette, rows of tiny words; and labels."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from simulators.render.page.zone import FORMS, PX_PER_MM, face, pixels

DESIGNS = 6
"""As many designs are told apart by colour and curve."""
TITLES = {"passport": "PASSPORT", "card": "IDENTITY CARD", "visa": "VISA"}
LABELS = ("Surname", "Given names", "Nationality", "Date of birth", "Sex", "Date of expiry", "No.")
_PAPER = (
    (244, 240, 230),
    (236, 243, 238),
    (240, 238, 246),
    (246, 241, 236),
    (234, 241, 246),
    (245, 243, 232),
)
_LINES = (
    (150, 178, 196),
    (196, 160, 150),
    (150, 190, 160),
    (176, 158, 190),
    (190, 178, 140),
    (150, 186, 190),
)


@lru_cache(maxsize=32)
def ground(form: str, kind: str, design: int) -> Image.Image:
    """The page before anybody's data are printed on it.  Do not draw on it: copy it."""
    width, height = pixels(FORMS[form])
    x, y = np.meshgrid(
        np.arange(width, dtype=np.float32) / PX_PER_MM, np.arange(height, dtype=np.float32) / PX_PER_MM
    )
    paper = np.array(_PAPER[design], np.float32)
    print_ = paper - _waves(x, y, design)[:, :, None] * (paper - np.array(_LINES[design], np.float32))
    other = np.array(_LINES[(design + 3) % DESIGNS], np.float32)
    print_ -= _rosette(x, y, width / PX_PER_MM * 0.62, design)[:, :, None] * (print_ - other) * 0.8
    image = Image.fromarray(np.clip(print_, 0, 255).astype(np.uint8), "RGB")
    pen = ImageDraw.Draw(image)
    tiny = face("sans", 1.1 * PX_PER_MM)
    for row in range(6, height, round(7.7 * PX_PER_MM)):
        pen.text(
            (row % 40 - 40, row), "SIMULATED DOCUMENT  " * 14, font=tiny, fill=_LINES[(design + 1) % DESIGNS]
        )
    pen.text(
        (4 * PX_PER_MM, 2.6 * PX_PER_MM),
        f"{TITLES[kind]}   SPECIMEN",
        font=face("sans", 3.2 * PX_PER_MM),
        fill=(60, 60, 90),
    )
    small = face("sans", 1.7 * PX_PER_MM)
    for label, at in zip(LABELS, places(form), strict=True):
        pen.text((at[0], at[1] - 2.1 * PX_PER_MM), label, font=small, fill=(110, 110, 120))
    return image


def places(form: str) -> tuple[tuple[float, float], ...]:
    """Where the values of the labels stand, in pixels: one under another, right of the portrait; the number
    at the right edge."""
    shape = FORMS[form]
    left = shape.width_mm * 0.36
    apart = (shape.height_mm - (28.0 if form != "TD1" else 12.0)) / 6.4
    rows = tuple((left * PX_PER_MM, (9.0 + row * apart) * PX_PER_MM) for row in range(6))
    return (*rows, (shape.width_mm * 0.7 * PX_PER_MM, 9.0 * PX_PER_MM))


def _waves(x: npt.NDArray[np.float32], y: npt.NDArray[np.float32], design: int) -> npt.NDArray[np.float32]:
    """Two families of lines that cross at a low angle, 0 (paper) to 1 (ink)."""
    bend = 2.2 * np.sin(x / (7.0 + design) + design) + 1.1 * np.sin(x / 3.1 + y / 11.0)
    one = np.cos(2 * np.pi * (y + bend) / 1.05)
    two = np.cos(2 * np.pi * (y - 0.8 * bend + x * 0.12) / 1.35)
    return (0.75 * np.clip(one * 2 - 1.0, 0, 1) + 0.6 * np.clip(two * 2 - 1.1, 0, 1)).astype(np.float32)


def _rosette(
    x: npt.NDArray[np.float32], y: npt.NDArray[np.float32], across_mm: float, design: int
) -> npt.NDArray[np.float32]:
    """A wheel of loops."""
    away = np.hypot(x - across_mm, y - 30.0)
    turn = np.arctan2(y - 30.0, x - across_mm)
    loops = np.cos(2 * np.pi * (away + 1.6 * np.sin((7 + design) * turn)) / 1.6)
    return (np.clip(loops * 2 - 1.0, 0, 1) * (away < 24.0)).astype(np.float32)
