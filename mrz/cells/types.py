"""What a grid of read cells is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<"
"""The order of the 37 columns everywhere."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class CellLine:
    """One line of cells.

    `log_probabilities`: (cells, 37), natural logarithm, a row's probabilities sum to 1: given that a
    character stands there, which.  `corners`: (cells, 4, 2) corners (x, y) of each cell in picture pixels,
    one pitch wide and as high as capitals are, round it from top left as read.
    """

    log_probabilities: Floats
    corners: Floats

    @property
    def text(self) -> str:
        """The best character of each cell."""
        return "".join(CHARACTERS[index] for index in self.log_probabilities.argmax(axis=1))


@dataclass(frozen=True, slots=True)
class CellGrid:
    """One hypothesis about a zone: two lines of 44, two of 36 or three of 30 cells.

    `score` is the mean over the cells of the best log probability that this character, and no gap, stands
    there, minus what print lay outside the grid: comparable between hypotheses, 0 at best; upright text of
    a zone has more than -0.7 even where it is hard to read, other print and mirrored text have less.
    """

    lines: tuple[CellLine, ...]
    score: float
