"""PassportEye 2.2 (MIT) with tesseract: the first engine.

It finds upright, well-lit zones and reads them as running text.  It gives no confidence, so this engine can't
tell a misread print from one that does not hold its own check digits: where any fails, the zone is
`unreadable` and no text comes out.  Names and all else that no check digit covers are `doubtful`.  Importing
it costs 1.5 s and 160 MB, a picture one to many seconds (its own source says that some pictures nearly hang
tesseract): call it in a process that may be killed.
"""

import warnings
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytesseract
from passporteye.mrz.image import MRZPipeline
from PIL import Image as Pillow

from mrz import codes
from mrz.document import Document, Status
from mrz.engines.ocr_text import zone_lines
from mrz.errors import EngineError, ImageError
from mrz.layouts import Format
from mrz.parsing import parse
from mrz.picture import Grey
from mrz.reading import Doubt, Point, Reading

SIDE_MAX_PX = 2500
"""Larger pictures are scaled down: tesseract reads no better above 30 px a character."""
SIDE_MIN_PX = 100
CONTRAST_MIN = 20
"""Grey levels between the darkest and the lightest hundredth of a page that can hold print."""

_BLIND = {"G": "6", "S": "8", "L": "1"}
"""Letters in a number that may be misread digits which no check digit can see (`mrz.check_digits.sees`)."""


class PassportEye:
    name = "passporteye"

    def read(self, picture: Grey, reference: date | None) -> Reading:
        small, scale = _scaled(picture)
        if min(small.shape) < SIDE_MIN_PX or np.ptp(np.percentile(small, (1, 99))) < CONTRAST_MIN:
            return Reading(self.name)
        pipeline = _run(small)
        zones = [zone for zone in pipeline["__data__"].get("__debug__mrz", ()) if zone[1]]
        best: Reading | None = None
        for place, (_, text, _) in enumerate(zones):
            corners = _corners(pipeline, place, scale)
            for lines, corrections in zone_lines(text):
                document = parse(lines, reference=reference)
                if not document.wrong_check_digits:
                    return Reading(
                        self.name,
                        Status.DOUBTFUL,
                        document,
                        corrections=corrections,
                        doubtful=_doubts(document),
                        zone=corners,
                    )
                best = best or Reading(self.name, Status.UNREADABLE, zone=corners)
            if best is None and text.count("<") >= 8:
                best = Reading(self.name, Status.UNREADABLE, zone=corners)
        return best or Reading(self.name)

    def read_frames(self, pictures: Iterable[Grey], reference: date | None) -> Reading:
        """The first picture's reading that has a document, else the best there is: without probabilities
        there is nothing to add up."""
        best = Reading(self.name)
        for place, picture in enumerate(pictures):
            try:
                reading = replace(self.read(picture, reference), frame=place)
            except ImageError:
                continue  # another frame may do
            if reading.document:
                return reading
            best = reading if reading.found else best
        return best


def _scaled(picture: Grey) -> tuple[Grey, float]:
    scale = min(1.0, SIDE_MAX_PX / max(picture.shape))
    if scale == 1.0:
        return picture, 1.0
    size = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
    return np.asarray(Pillow.fromarray(picture).resize(size, Pillow.Resampling.LANCZOS)), scale


def _run(picture: Grey) -> Any:
    """PassportEye's pipeline over a picture that is already decoded and checked."""
    pipeline: Any = MRZPipeline(None)
    pipeline.replace_component("loader", lambda: picture / 255.0, ["img"], [])
    try:
        with warnings.catch_warnings():
            # PassportEye calls functions that scikit-image is about to rename; the lock file holds it back.
            warnings.simplefilter("ignore", FutureWarning)
            _ = pipeline["mrz_final"]
    except pytesseract.TesseractNotFoundError as error:
        raise EngineError("tesseract is not installed; on Debian: apt install tesseract-ocr") from error
    except pytesseract.TesseractError as error:
        raise EngineError(f"tesseract failed: {error}") from error
    except (ValueError, IndexError, ZeroDivisionError, ArithmeticError) as error:
        raise ImageError(f"passporteye can't work on this picture: {type(error).__name__}") from error
    return pipeline


def _corners(pipeline: Any, place: int, scale: float) -> tuple[Point, ...]:
    """The zone's corners in pixels of the picture that was given; PassportEye's points are (row, column)."""
    factor = 1.0 / (pipeline["scale_factor"] * scale)
    rows_and_columns = pipeline["boxes"][place].as_poly() * factor
    return tuple((float(column), float(row)) for row, column in rows_and_columns)


def _doubts(document: Document) -> tuple[Doubt, ...]:
    """What no check digit proves, and letters in the number that one can't tell from a digit."""
    doubts = [Doubt("names")]
    for field, code in (("issuer", document.issuer.value), ("nationality", document.nationality.value)):
        if codes.state_name(code) is None:
            doubts.append(Doubt(field))
    if codes.document_name(document.code.value) is None:
        doubts.append(Doubt("code"))
    if document.format in (Format.MRV_A, Format.MRV_B) and document.optional[0].value:
        doubts.append(Doubt("optional_1"))
    line = 1 if document.format is Format.TD1 else 2
    first = 6 if document.format is Format.TD1 else 1
    for column, character in enumerate(document.number.printed[:9], first):
        if character in _BLIND:
            doubts.append(Doubt("number", line, column, (character, _BLIND[character])))
    known = {doubt.field for doubt in doubts}
    doubts += [Doubt(field) for field in document.doubtful if field not in known]
    return tuple(doubts)
