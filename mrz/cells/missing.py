"""Lines that were not found: where one or two lines of a zone are sure, the others stand at known distances.

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


def second_lines(one: Floats) -> Iterator[tuple[int, Curve]]:
    """Where the other line of two may be, given the cells' middles of one (cells, 2): its place among the
    two (0 or 1, from the top) and its curve."""
    along = np.gradient(one, axis=0)
    down = np.stack([-along[:, 1], along[:, 0]], axis=1) * LINE_PITCH[2]
    yield 1, curve_of_cells(one + down)
    yield 0, curve_of_cells(one - down)
