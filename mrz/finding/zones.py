"""Lines to zones: two or three parallel lines of one pitch, one below the other, as Doc 9303 spaces them.

Two lines stand 6.35 mm apart (2.5 pitches), three 4.23 mm (1.67); perspective changes both, so that the
spacing alone tells no format.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from mrz.finding.lines import Strand, line_of, turned
from mrz.finding.types import FoundLine, FoundZone

SPACING_MIN, SPACING_MAX = 1.05, 3.7
"""Between neighbouring lines, in pitches: 1.67 and 2.5 seen under 40 degrees."""
TILT_MAX = 0.26
"""Radians between lines of one zone: perspective makes parallels meet."""
PITCH_RATIO_MAX = 1.45
OVERLAP_MIN = 0.5
CELLS_MIN = 9.0
"""Shorter strands are not looked at: dates, numbers, stray patches."""
LINES_MAX = 3


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Of a line seen from another: `spacing` across in pitches, `overlap` in parts of the shorter."""

    spacing: float
    overlap: float


def neighbours(one: Strand, other: Strand) -> Neighbours | None:
    """How `other` lies to `one`, whatever way each is read; None where they belong to no common zone."""
    if abs(one.axis @ other.axis) < np.cos(TILT_MAX):
        return None
    if max(one.pitch, other.pitch) > PITCH_RATIO_MAX * min(one.pitch, other.pitch):
        return None
    ends = sorted(float(end @ one.axis - one.origin @ one.axis) for end in (other.start, other.end))
    left, right = max(ends[0], one.first), min(ends[1], one.last)
    overlap = (right - left) / max(min(one.last - one.first, other.last - other.first), 1e-3)
    if overlap < OVERLAP_MIN:
        return None
    here = one.at((left + right) / 2)[0]
    there = other.at(float((here - other.origin) @ other.axis))[0]
    spacing = float((there - here) @ one.down) / ((one.pitch + other.pitch) / 2)
    return Neighbours(spacing, overlap)


def groups_of(strands: list[Strand]) -> list[list[Strand]]:
    """Strands that may be lines of one zone, read the same way, top to bottom; single ones too."""
    long = [strand for strand in strands if strand.cells >= CELLS_MIN]
    left = set(range(len(long)))
    out: list[list[Strand]] = []
    while left:
        group, pending = [], [left.pop()]
        while pending:
            place = pending.pop()
            group.append(long[place])
            for other in list(left):
                between = neighbours(long[place], long[other])
                if between and SPACING_MIN <= abs(between.spacing) <= SPACING_MAX:
                    left.discard(other)
                    pending.append(other)
        out.append(_read_alike(group))
    return out


def _read_alike(group: list[Strand]) -> list[Strand]:
    """One reading direction for all, by the vote of all their pixels; then top to bottom."""
    lead = max(group, key=lambda strand: strand.last - strand.first)
    same = [strand if strand.axis @ lead.axis > 0 else turned(strand) for strand in group]
    vote = sum(strand.agreement * float(strand.weights.sum()) for strand in same)
    if vote < 0:
        same = [turned(strand) for strand in same]
    down = same[0].down
    middles = [float((strand.start + strand.end) @ down) for strand in same]
    return [same[place] for place in np.argsort(middles)]


def zone_of(group: list[Strand]) -> FoundZone | None:
    """The zone that a group of lines makes, None if it is none: a single line, or a whole column of them."""
    best: tuple[float, list[Strand]] | None = None
    for run in _runs(group):
        score = _score(run)
        if best is None or score > best[0]:
            best = score, run
    if best is None:
        return None
    score, run = best
    return FoundZone(_aligned(run), score)


def _runs(group: list[Strand]) -> list[list[Strand]]:
    """Consecutive lines with spacings alike, two or three; a longer column is a listing, not a zone."""
    runs: list[list[Strand]] = [[group[0]]] if group else []
    spacings: list[float] = []
    for one, other in pairwise(group):
        between = neighbours(one, other)
        fits = between is not None and SPACING_MIN <= between.spacing <= SPACING_MAX
        if fits and between and spacings and abs(np.log(between.spacing / spacings[-1])) > 0.4:
            fits = False
        if fits and between:
            runs[-1].append(other)
            spacings.append(between.spacing)
        else:
            runs.append([other])
            spacings = []
    return [run for run in runs if 2 <= len(run) <= LINES_MAX]


def _score(run: list[Strand]) -> float:
    """How sure the pixels are, how well they agree on the direction, and whether the length is a zone's."""
    total = sum(float(strand.weights.sum()) for strand in run)
    sure = sum(float((strand.weights**2).sum()) for strand in run) / total
    agreement = sum(strand.agreement * float(strand.weights.sum()) for strand in run) / total
    cells = max(strand.cells for strand in run)
    length = np.clip((cells - 10) / 12, 0, 1) * np.clip((62 - cells) / 10, 0, 1)
    return float(np.clip(sure * np.clip(agreement + 0.2, 0, 1) * length, 0, 1))


def _aligned(run: list[Strand]) -> tuple[FoundLine, ...]:
    """Lines of a zone are equally long: a line whose end was lost in glare goes as far as its neighbours."""
    out: list[FoundLine] = []
    for strand in run:
        first, last = strand.first, strand.last
        for other in run:
            first = min(first, float((other.start - strand.origin) @ strand.axis))
            last = max(last, float((other.end - strand.origin) @ strand.axis))
        # Print is never quite flush; only a real lack is filled.
        slack = 1.5 * strand.pitch
        out.append(
            line_of(
                strand,
                first if strand.first - first > slack else None,
                last if last - strand.last > slack else None,
            )
        )
    return tuple(out)
