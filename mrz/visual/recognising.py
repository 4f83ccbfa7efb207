"""Words of the print above a zone: the page turned as its zone is read, cut to the document, recognised."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from mrz.errors import EngineError
from mrz.picture import Grey
from mrz.reading import Reading

LANGUAGES = {
    "KAZ": ("kaz", "rus"),
    "KGZ": ("kir", "rus"),
    "UZB": ("uzb", "uzb_cyrl"),
    "TJK": ("tgk", "rus"),
    "TKM": (),  # Turkmen has no data of its own: read as English, unverified
    "RUS": ("rus",),
    "BLR": ("rus",),
}
"""Tesseract's languages by issuer, beside English, which every travel document has."""
PITCH_PX = 22
"""Of the zone's characters, to which the page is scaled: print above it is of a like size."""
SIDE_MAX_PX = 2400
LIMIT_S = 10
"""For recognising one page."""
_ABOVE_CELLS, _ASIDE_CELLS = 34, 4
"""How far above and beside its zone a document reaches: 86 and 10 mm at a pitch of 2.54 mm."""


@dataclass(frozen=True, slots=True)
class Word:
    """`line` numbers the line of print that it stands in; `sure` is the recogniser's own figure, 0 to 100."""

    text: str
    line: int
    sure: float


def languages_of(issuer: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Languages to read a document of this issuer with, and those that are missing here.

    Raises EngineError without tesseract or its Python package.
    """
    pytesseract = _pytesseract()
    try:
        installed = set(pytesseract.get_languages())
    except pytesseract.TesseractNotFoundError as error:
        raise EngineError("tesseract is not installed; on Debian: apt install tesseract-ocr") from error
    wanted = ("eng", *LANGUAGES.get(issuer, ()))
    found = tuple(language for language in wanted if language in installed)
    if not found:
        raise EngineError("tesseract has no English data; on Debian: apt install tesseract-ocr-eng")
    return found, tuple(language for language in wanted if language not in installed)


def words_above(picture: Grey, reading: Reading, languages: tuple[str, ...]) -> tuple[Word, ...]:
    """Words of the document's print without its zone; () where recognising took too long.

    Raises EngineError when tesseract fails.
    """
    pytesseract = _pytesseract()
    page = upright(picture, reading)
    try:
        found = pytesseract.image_to_data(
            page,
            lang="+".join(languages),
            config="--psm 11",  # sparse text in any order: labels and values stand all over a page
            output_type=pytesseract.Output.DICT,
            timeout=LIMIT_S,
        )
    except pytesseract.TesseractError as error:
        raise EngineError(f"tesseract failed: {error}") from error
    except RuntimeError:  # how pytesseract tells that the time is over
        return ()
    lines: dict[tuple[int, int, int], int] = {}
    words: list[Word] = []
    for text, sure, *place in zip(
        found["text"], found["conf"], found["block_num"], found["par_num"], found["line_num"], strict=True
    ):
        if str(text).strip() and float(sure) >= 0:
            block, paragraph, line = (int(part) for part in place)
            words.append(
                Word(str(text).strip(), lines.setdefault((block, paragraph, line), len(lines)), float(sure))
            )
    return tuple(words)


def upright(picture: Grey, reading: Reading) -> Pillow.Image:
    """The document above its zone, turned so that the zone reads from left to right, the zone painted over.

    Without cells (an engine that gives none) the picture is taken to be upright, and all of it is kept.
    """
    page = Pillow.fromarray(picture)
    if not reading.cells or len(reading.cells[0]) < 2:
        return _within(_without_zone(page, np.array(reading.zone)), 1.0)
    first, last = (np.mean(reading.cells[0][column], axis=0) for column in (0, -1))
    along = last - first
    pitch = float(np.hypot(*along)) / (len(reading.cells[0]) - 1)
    angle = math.atan2(along[1], along[0])
    corners = np.array([corner for row in reading.cells for cell in row for corner in cell])
    turned = page.rotate(math.degrees(angle), Pillow.Resampling.BILINEAR, expand=True, fillcolor=255)
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    zone = (corners - np.array(page.size) / 2) @ turn.T + np.array(turned.size) / 2
    turned = _without_zone(turned, zone)
    left, top = zone.min(axis=0) - pitch * np.array([_ASIDE_CELLS, _ABOVE_CELLS])
    right, bottom = zone.max(axis=0) + pitch * np.array([_ASIDE_CELLS, 0])
    box = (
        max(0, int(left)),
        max(0, int(top)),
        min(turned.width, int(right)),
        min(turned.height, int(bottom)),
    )
    return _within(turned.crop(box), PITCH_PX / pitch)


def _without_zone(page: Pillow.Image, points: NDArray[np.float64]) -> Pillow.Image:
    if len(points):
        low, high = points.min(axis=0), points.max(axis=0)
        page = page.copy()
        page.paste(255, (int(low[0]), int(low[1]), math.ceil(high[0]), math.ceil(high[1])))
    return page


def _within(page: Pillow.Image, scale: float) -> Pillow.Image:
    scale = min(3.0, scale, SIDE_MAX_PX / max(page.size))
    size = max(1, round(page.width * scale)), max(1, round(page.height * scale))
    return page.resize(size, Pillow.Resampling.LANCZOS)


def _pytesseract() -> Any:
    try:
        import pytesseract
    except ImportError as error:
        raise EngineError("the visual zone needs its extra: pip install 'borderlane[visual-zone]'") from error
    return pytesseract
