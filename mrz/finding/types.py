"""What the finder says: lines of print and the zones they make."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class FoundLine:
    """One line of print in reading direction.

    `centre`: (n, 2) points (x to the right, y down) in picture pixels along the middle of the capitals, from
    just before the first to just after the last character.  `pitch`: (n,) width of a cell in pixels at each
    point, good to 15 %.  n is at least 2; curved lines have more points.
    """

    centre: Floats
    pitch: Floats

    @property
    def length(self) -> float:
        """Along the line, in pixels."""
        return float(np.hypot(*np.diff(self.centre, axis=0).T).sum())

    @property
    def cells(self) -> float:
        """About how many characters the line holds."""
        steps = np.hypot(*np.diff(self.centre, axis=0).T)
        return float((steps / ((self.pitch[1:] + self.pitch[:-1]) / 2)).sum())


@dataclass(frozen=True, slots=True)
class FoundZone:
    """`lines`: 2 or 3, top to bottom as read.  `score`: 0 to 1, how sure that it is a zone."""

    lines: tuple[FoundLine, ...]
    score: float

    @property
    def area(self) -> float:
        """Rough area of the print in square pixels, to order zones by."""
        return sum(line.length * float(line.pitch.mean()) for line in self.lines)
