"""A third line that was not found: where two lines hold 30 cells each, one more stands at the same distance.

A stamp, a glare or a border next to it hides a line from the finder more often than from the reader.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mrz.cells.recut import LINE_PITCH, curve_of_cells
from mrz.cells.strips import Curve, Floats


def third_lines(first: Floats, second: Floats) -> Iterator[tuple[int, Curve]]:
    """Where a third line may be, given the cells' middles of two (cells, 2): its place among the three (0 to
    2, from the top) and its curve."""
    apart = second - first
    pitch = float(np.median(np.hypot(*np.diff(first, axis=0).T)))
    distance = float(np.median(np.hypot(apart[:, 0], apart[:, 1]))) / max(pitch, 1e-6)
    if distance > 1.5 * LINE_PITCH[3]:
        yield 1, curve_of_cells((first + second) / 2)
    else:
        yield 0, curve_of_cells(first - apart)
        yield 2, curve_of_cells(second + apart)
