"""Lines that go on where their strip ends: the finder saw less of them, or took their cells for narrower.

A line that is seen from the side or fades out in a shadow is found short, and a pitch that is a fifth too
small makes every strip along it too short as well.  Its own cells tell the pitch better: from them the strip
is cut once more, longer.
"""

from __future__ import annotations

import numpy as np

from mrz.cells.frames import GAP, Frames, log_softmax
from mrz.cells.grid import STEP, Row, rows
from mrz.cells.recut import curve_of_cells
from mrz.cells.strips import Curve

READ_MIN = -0.5
"""Mean log probability of the cells of a row that says where the line runs: other print and print that is
upside down have less."""
PIECE_CELLS = 20
"""Where no whole row is read well, the best piece of so many cells says it."""
EXPLAINED = -0.02
"""A row with at least this score leaves nothing of its line unread."""
EDGE_PX = 8
"""So near a strip's end the network sees half a character."""
BLANK_PX = 30
"""Without a character over so many px a line has ended."""


def longer(curve: Curve, frames: Frames, found: dict[int, Row], cells: int) -> Curve | None:
    """A curve with room for `cells` cells, where no row explains the line and its print runs on to the end of
    the strip; None where the strip is long enough."""
    if max((row.score for row in found.values()), default=-np.inf) > EXPLAINED:
        return None
    row = _well_read(found) or _well_read(rows(frames, [PIECE_CELLS]))
    if row is None or len(row.columns) >= cells or not runs_on(frames, row):
        return None
    return curve_of_cells(curve.at(row.columns), more=cells - len(row.columns))


def runs_on(frames: Frames, row: Row) -> bool:
    """Whether print goes on without a break from the row to an end of the strip."""
    places = np.arange(EDGE_PX, frames.width - EDGE_PX, STEP, dtype=np.float32)
    printed = places[np.exp(log_softmax(frames.at(places))[:, GAP]) < 0.5]
    left = printed[printed < row.columns[0]]
    right = printed[printed > row.columns[-1]]
    return _unbroken([EDGE_PX, *left, row.columns[0]]) or _unbroken(
        [row.columns[-1], *right, frames.width - EDGE_PX]
    )


def _unbroken(columns: list[float]) -> bool:
    return bool(np.diff(columns).max() < BLANK_PX)


def _well_read(found: dict[int, Row]) -> Row | None:
    row = max(found.values(), key=lambda row: row.read, default=None)
    return row if row is not None and row.read > READ_MIN else None
