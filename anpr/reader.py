"""The reader: find plates, recognise their characters, decode them against the format table, say how sure."""

from collections.abc import Sequence
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

from anpr import formats
from anpr.answers import answered
from anpr.decoding import Decoder, greedy
from anpr.finding import Found, find, overlap
from anpr.formats import Table
from anpr.looks import countries
from anpr.pieces import proposed
from anpr.readings import Box, FrameReading, PlateReading, Refused
from anpr.recognising import seen_by_pp_ocr, seen_by_us
from anpr.strips import strips

Frame = npt.NDArray[np.uint8]

SIDE_MIN, SIDE_MAX, PIXELS_MAX = 16, 16_384, 50_000_000
LOOKED_AT_MAX = 6
"""Candidates of one frame that are read, the finder's surest: more plates than any lane shows."""
CHARACTERS_MIN, WRITTEN_ON = 2, 0.6
"""Where our own networks see fewer characters and the finder is less sure, nothing is written.  Most
candidates of a frame are such places, and PP-OCR and the decoder would take most of its time."""
SAME_PLACE = 0.3
"""Overlap (of the smaller box) above which two candidates are one."""


class Reader:
    """Reads against one format table: a site may have its own priors.

    OpenCV is set to one thread for the whole process."""

    def __init__(self, table: Table) -> None:
        self._decoder = Decoder(table)
        cv2.setNumThreads(1)

    def examine(self, frame: Frame) -> FrameReading:
        """See `anpr.examine`."""
        _check(frame)
        grey = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY).astype(np.uint8)
        found = find(frame)[:LOOKED_AT_MAX]
        answers = [self._read(frame, grey, one) for one in found]
        if not any(isinstance(one, PlateReading) and one.votes for one in answers):
            answers += [self._read(frame, grey, one) for one in proposed(frame, found)]
            answers = _one_a_place(answers)
        plates = [one for one in answers if isinstance(one, PlateReading)]
        refused = [one for one in answers if isinstance(one, Refused)]
        plates.sort(key=lambda plate: -plate.confidence)
        return FrameReading(tuple(plates), tuple(refused))

    def _read(self, frame: Frame, grey: npt.NDArray[np.uint8], found: Found) -> PlateReading | Refused:
        cut = strips(grey, found.corners, found.lines)
        ours = seen_by_us(cut)
        if found.score < WRITTEN_ON and len(greedy(ours)) < CHARACTERS_MIN:
            return answered(found, ())
        seen = ours, seen_by_pp_ocr(cut, found.corners)
        explanations = self._decoder.explanations(seen, found.lines)
        return answered(found, explanations, countries(frame, found.corners))


def _one_a_place(answers: Sequence[PlateReading | Refused]) -> list[PlateReading | Refused]:
    """The surest of those that share a place, and rather one that votes: pieces are joined in more than one
    way."""
    kept: list[PlateReading | Refused] = []
    for one in sorted(answers, key=_worth, reverse=True):
        if not any(overlap(_edges(one.box), _edges(other.box)) > SAME_PLACE for other in kept):
            kept.append(one)
    return kept


def _worth(answer: PlateReading | Refused) -> tuple[bool, float]:
    reading = answer.doubtful if isinstance(answer, Refused) else answer
    return (reading.votes, reading.confidence) if reading else (False, 0.0)


def _edges(box: Box) -> tuple[float, float, float, float]:
    x, y, width, height = box
    return x, y, x + width, y + height


@cache
def shipped() -> Reader:
    """With the table that ships with the program."""
    return Reader(formats.table())


def _check(frame: Frame) -> None:
    if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] != 3:
        raise ValueError(
            f"a frame is uint8, height x width x 3 (blue, green, red); this is {frame.dtype}, {frame.shape}"
        )
    height, width = frame.shape[:2]
    if not SIDE_MIN <= min(height, width) <= max(height, width) <= SIDE_MAX or height * width > PIXELS_MAX:
        raise ValueError(f"a frame of {width} x {height} pixels is not read")
