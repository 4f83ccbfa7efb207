"""The reader: find plates, recognise their characters, decode them against the format table, say how sure."""

from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

from anpr import formats
from anpr.answers import answered
from anpr.decoding import Decoder
from anpr.finding import find
from anpr.formats import Table
from anpr.looks import countries
from anpr.readings import FrameReading, PlateReading, Refused
from anpr.recognising import seen

Frame = npt.NDArray[np.uint8]

SIDE_MIN, SIDE_MAX, PIXELS_MAX = 16, 16_384, 50_000_000
LOOKED_AT_MAX = 6
"""Candidates of one frame that are read, the finder's surest: more plates than any lane shows."""


class Reader:
    """Reads against one format table: a site may have its own priors."""

    def __init__(self, table: Table) -> None:
        self._decoder = Decoder(table)

    def examine(self, frame: Frame) -> FrameReading:
        """See `anpr.examine`."""
        _check(frame)
        grey = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY).astype(np.uint8)
        plates: list[PlateReading] = []
        refused: list[Refused] = []
        for found in find(frame)[:LOOKED_AT_MAX]:
            explanations = self._decoder.explanations(seen(grey, found.corners, found.lines), found.lines)
            answer = answered(found, explanations, countries(frame, found.corners))
            if isinstance(answer, Refused):
                refused.append(answer)
            else:
                plates.append(answer)
        plates.sort(key=lambda plate: -plate.confidence)
        return FrameReading(tuple(plates), tuple(refused))


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
