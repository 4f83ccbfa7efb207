"""Borderlane's own engine: zones found by one small network, their cells read by another, then the grammar.

Nothing in it knows words or people: `mrz.finding` says where lines of print are, `mrz.cells` what stands in
each cell and how sure that is, `mrz.decoding` what the format makes of it.  Mirrored print is told as no zone
or as unreadable, never as text.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import numpy as np

from mrz.cells import CHARACTERS, CellGrid, read_cells
from mrz.decoding import decode
from mrz.document import Status
from mrz.finding import FoundLine, FoundZone, find
from mrz.fusion import Fusion
from mrz.picture import Grey
from mrz.reading import Reading

TURN_BELOW = -0.7
"""A zone whose best score is below is looked at upside down too: the finder may have its direction wrong."""

KINDS_MIN = 10
"""So many different characters at least has a zone (of the barest ever seen 17); rows of angle brackets,
of one letter or of an ornament have up to 8, however many of their cells are surely read."""
KIND_LOG = float(np.log(0.7))
"""A character so probable counts as one."""


class Grid:
    name = "grid"

    def read(self, picture: Grey, reference: date | None) -> Reading:
        """See `mrz.reading.Engine`.  Takes some 100 ms of CPU for a page with one zone."""
        readings = [_judged(picture, grids, reference) for grids in zones_in(picture)]
        found = sorted((each for each in readings if each.found), key=_area, reverse=True)
        if not found:
            return Reading(self.name)
        return replace(found[0], others=tuple(found[1:]))

    def read_frames(self, pictures: Iterable[Grey], reference: date | None) -> Reading:
        """See `mrz.reading.Engine`: each document's zones of all frames added up, until all are sure."""
        fusion = Fusion()
        reading = Reading(self.name)
        added: list[tuple[int, CellGrid]] = []
        for place, picture in enumerate(pictures):
            zones = [grids for grids in zones_in(picture) if _is_told(picture, grids, reference)]
            if not zones:
                continue
            fusion.add_picture(zones)
            added += [(place, grid) for grids in zones for grid in grids]
            reading = fusion.reading(reference)
            if fusion.sure(reading):
                break
        others = tuple(replace(other, frame=_frame(other, added)) for other in reading.others)
        return replace(reading, frame=_frame(reading, added), others=others)


def _is_told(picture: Grey, grids: tuple[CellGrid, ...], reference: date | None) -> bool:
    """Whether a zone of one frame counts: there is print, and it is not seen from behind."""
    alone = decode(grids, reference)
    return alone.found and _holds_text(grids, alone) and not _from_behind(picture, grids, alone)


def _judged(picture: Grey, grids: tuple[CellGrid, ...], reference: date | None) -> Reading:
    """A zone's reading; of print that is seen from behind no text is told."""
    reading = decode(grids, reference)
    if not _holds_text(grids, reading):
        return Reading("grid")
    if _from_behind(picture, grids, reading):
        return Reading("grid", Status.UNREADABLE, zone=reading.zone)
    return reading


def _holds_text(grids: tuple[CellGrid, ...], reading: Reading) -> bool:
    """Whether a zone that is not surely read has as many kinds of characters as its readable part should."""
    if reading.status in (Status.VERIFIED, Status.CORRECTED):
        return True
    logs = np.concatenate([line.log_probabilities for line in grids[0].lines])
    sure = logs.max(axis=1) > KIND_LOG
    kinds = set(logs.argmax(axis=1)[sure].tolist()) - {CHARACTERS.index("<")}
    return len(kinds) >= max(2.0, KINDS_MIN * float(sure.mean()))


def _from_behind(picture: Grey, grids: tuple[CellGrid, ...], reading: Reading) -> bool:
    """Whether a zone that is not surely read is mirrored print, whose H, I, M, O and 8 read as themselves:
    its mirror reads better."""
    unsure = (Status.DOUBTFUL, Status.INCONSISTENT, Status.UNREADABLE)
    return reading.status in unsure and _score(_mirrored(picture, reading)) > _score(grids)


def _mirrored(picture: Grey, reading: Reading) -> tuple[CellGrid, ...]:
    """What stands in a reading's cells when one looks at them from behind."""
    lines: list[FoundLine] = []
    for cells in reading.cells:
        corners = np.asarray(cells, np.float32)
        middles, widths = corners.mean(axis=1), np.linalg.norm(corners[:, 1] - corners[:, 0], axis=1)
        middles[:, 0] = picture.shape[1] - 1 - middles[:, 0]
        lines.append(FoundLine(middles[::-1].copy(), widths[::-1].astype(np.float32)))
    flipped = np.ascontiguousarray(picture[:, ::-1])
    zone = FoundZone(tuple(lines), 1.0)
    return max(read_cells(flipped, zone), read_cells(flipped, turned(zone)), key=_score)


def zones_in(picture: Grey) -> list[tuple[CellGrid, ...]]:
    """The hypotheses of each zone in the picture, the largest zone first."""
    found: list[tuple[CellGrid, ...]] = []
    for zone in find(picture):
        grids = read_cells(picture, zone)
        if not grids or grids[0].score < TURN_BELOW:
            grids = max(grids, read_cells(picture, turned(zone)), key=_score)
        if grids:
            found.append(grids)
    return found


def _frame(reading: Reading, added: list[tuple[int, CellGrid]]) -> int:
    """The picture that a fused reading's cells are of: fusing takes one frame's corners as they are."""
    if not reading.cells:
        return 0
    cells = [np.asarray(line) for line in reading.cells]
    for place, grid in added:
        corners = [line.corners for line in grid.lines]
        if [len(line) for line in corners] == [len(line) for line in cells] and all(
            np.allclose(one, other, atol=0.01) for one, other in zip(corners, cells, strict=True)
        ):
            return place
    return 0


def turned(zone: FoundZone) -> FoundZone:
    """The same zone as if it were read the other way up."""
    lines = tuple(FoundLine(line.centre[::-1].copy(), line.pitch[::-1].copy()) for line in zone.lines[::-1])
    return FoundZone(lines, zone.score)


def _score(grids: tuple[CellGrid, ...]) -> float:
    return grids[0].score if grids else -np.inf


def _area(reading: Reading) -> float:
    """Of the zone's corners, by the shoelace formula."""
    points = reading.zone
    pairs = zip(points, points[1:] + points[:1], strict=True)
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs)) / 2
