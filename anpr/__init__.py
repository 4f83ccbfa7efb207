"""Number plates: a camera frame in, plate readings out.

    readings = anpr.read(frame)            # frame: numpy uint8, height x width x 3, blue-green-red

`read` and `examine` load OpenCV and six networks when first called, not at import: the
whole process then takes some 350 MB (`make measure ONLY=^plate-real` prints it).  `anpr.formats`,
`anpr.canonical` and `Track` are pure and light.  One thread, whatever the machine has:
OpenCV is set to one for the process.
"""

from typing import TYPE_CHECKING

from anpr.readings import Agreed, Candidate, FrameReading, PlateReading, ReaderUnavailable, Reason, Refused
from anpr.track import Track

if TYPE_CHECKING:
    import numpy
    import numpy.typing

    Frame = numpy.typing.NDArray[numpy.uint8]

__all__ = [
    "Agreed", "Candidate", "FrameReading", "PlateReading", "ReaderUnavailable", "Reason", "Refused", "Track",
    "examine", "read",
]  # fmt: skip


def read(frame: "Frame") -> tuple[PlateReading, ...]:
    """The plates in a frame, best first; empty when there is none.

    `frame` is uint8, height x width x 3, blue-green-red.  Raises ValueError for an array of another shape,
    type or an absurd size, and `anpr.ReaderUnavailable` where a network is missing or does not load.
    """
    return examine(frame).plates


def examine(frame: "Frame") -> FrameReading:
    """As `read`, with the candidates that were refused and why."""
    from anpr.reader import shipped

    return shipped().examine(frame)
