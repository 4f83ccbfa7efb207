"""Lines to zones: two or three parallel lines of one pitch, one below the other, as Doc 9303 spaces them.

Two lines stand 6.35 mm apart (2.5 pitches), three 4.23 mm (1.67); perspective changes both, so that the
spacing alone tells no format.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from mrz.finding.strands import Strand, pitch_at, places, turned
from mrz.finding.types import FoundLine, FoundZone

Floats = NDArray[np.float32]

SPACING_MIN, SPACING_MAX = 1.05, 3.7
"""Between neighbouring lines, in pitches: 1.67 and 2.5 seen under 40 degrees."""
TILT_MAX = 0.26
"""Radians between lines of one zone: perspective makes parallels meet."""
THREE_SPACING_MAX = 2.5
"""Between the lines of a card of three; wider ones with a third line have a stranger among them."""
THREE_PART = 0.6
"""Of the score of two lines alone: with so much a third belongs to them."""
PITCH_RATIO_MAX = 1.45
OVERLAP_MIN = 0.5
SHIFT_MAX = 1.2
"""Of one line against the next along the line, in pitches, by a view from the side."""
LACK_MIN = 1.0
"""Pitches that a line must be short of its neighbour to be drawn out."""
CELLS_MIN = 9.0
"""Shorter strands are not looked at: dates, numbers, stray patches."""
LINES_MAX = 3
LENGTH_MIN = 0.4
"""Of a line against the longest of its group."""
COLUMN_LINES = 6
"""So many lines below each other are a listing, however much they look like a zone's."""


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


def groups_of(strands: list[Strand], cells_min: float = CELLS_MIN) -> list[list[Strand]]:
    """Strands that may be lines of one zone, read the same way, top to bottom; single ones too."""
    long = [strand for strand in strands if strand.cells >= cells_min]
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
        out.append(read_alike(group))
    return out


def read_alike(group: list[Strand]) -> list[Strand]:
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
    scored = [(_score(run), run) for run in _runs(group)]
    if not scored:
        return None
    score, run = max(scored, key=lambda each: each[0])
    if len(run) == 2:
        # Two of a card's lines are often surer than all three.
        threes = [each for each in scored if len(each[1]) == 3 and each[0] > THREE_PART * score]
        _, run = max(threes, key=lambda each: each[0], default=(score, run))
    return FoundZone(_aligned(run), score)


def _runs(group: list[Strand]) -> list[list[Strand]]:
    """Lines of a group that fit together, two or three of them; strangers beside or between are left out."""
    longest = max(strand.last - strand.first for strand in group)
    long = [strand for strand in group if strand.last - strand.first > LENGTH_MIN * longest]
    if len(long) >= COLUMN_LINES:
        return []
    steps = {(i, j): _step(long[i], long[j]) for i, j in combinations(range(len(long)), 2)}
    runs = [[long[i], long[j]] for (i, j), step in steps.items() if step]
    for i, j, k in combinations(range(len(long)), 3):
        one, other = steps[i, j], steps[j, k]
        if one and other and max(one, other) < THREE_SPACING_MAX and abs(np.log(one / other)) < 0.35:
            runs.append([long[i], long[j], long[k]])
    return runs


def _step(one: Strand, other: Strand) -> float | None:
    """How far `other` stands below, in pitches, where that can be the next line but one at most."""
    between = neighbours(one, other)
    fits = between is not None and SPACING_MIN <= between.spacing <= SPACING_MAX
    return between.spacing if fits and between else None


def _score(run: list[Strand]) -> float:
    """How sure the pixels are, how well they agree on the direction, whether the length is a zone's, and
    whether the lines are alike; the weakest line counts most, so that other print beside a zone stays out."""
    total = sum(float(strand.weights.sum()) for strand in run)
    sure = [float((strand.weights**2).sum() / strand.weights.sum()) for strand in run]
    agreement = sum(strand.agreement * float(strand.weights.sum()) for strand in run) / total
    cells = max(strand.cells for strand in run)
    shortest, longest = (22.0, 46.0) if len(run) == 3 else (26.0, 66.0)
    lengths = [strand.last - strand.first for strand in run]
    pitches = [strand.pitch for strand in run]
    factors = (
        (min(sure) + float(np.mean(sure))) / 2,
        agreement + 0.35,
        (cells - shortest + 10) / 10,
        (longest - cells) / 10,
        0.7 + 0.3 * min(lengths) / max(lengths),
        1.24 - 2 * float(np.log(max(pitches) / min(pitches))),
    )
    return float(np.prod(np.clip(factors, 0, 1)))


def _aligned(run: list[Strand]) -> tuple[FoundLine, ...]:
    """Lines of a zone are equally long: a line whose end was lost in glare goes as far as its neighbours."""
    out: list[FoundLine] = []
    for strand in run:
        first, last = strand.first, strand.last
        for other in run:
            start = float((other.start - strand.origin) @ strand.axis)
            end = float((other.end - strand.origin) @ strand.axis)
            # Seen from the side, both ends of the other line are shifted alike; the smaller shift is no lack.
            shifts = start - strand.first, end - strand.last
            shift = min(shifts, key=abs) if shifts[0] * shifts[1] > 0 else 0.0
            shift = float(np.clip(shift, -SHIFT_MAX * strand.pitch, SHIFT_MAX * strand.pitch))
            first, last = min(first, start - shift), max(last, end - shift)
        lack = LACK_MIN * strand.pitch
        first = first if strand.first - first > lack else strand.first
        last = last if last - strand.last > lack else strand.last
        guide = max(
            (other for other in run if other is not strand), key=lambda other: other.last - other.first
        )
        out.append(_drawn_out(strand, guide, first, last))
    return tuple(out)


def _drawn_out(strand: Strand, guide: Strand, first: float, last: float) -> FoundLine:
    """The strand from `first` to `last`; beyond its own ends it runs beside its neighbour, which is seen
    there, at the distance that both keep where both are seen."""
    t = places(strand, first, last)
    centre = strand.at(t)
    lost = (t < strand.first) | (t > strand.last)
    if lost.any():
        shared = np.linspace(strand.first, strand.last, 9, dtype=np.float32)
        apart = (strand.at(shared) - _beside(strand, guide, shared)) @ strand.down
        trend = np.polyfit(shared, apart, 1)
        centre[lost] = _beside(strand, guide, t[lost]) + np.polyval(trend, t[lost])[:, None] * strand.down
    return FoundLine(centre.astype(np.float32), pitch_at(strand, t))


def _beside(strand: Strand, guide: Strand, t: Floats) -> Floats:
    """Points of the guide that lie across from the strand's places `t`."""
    straight = strand.origin + t[:, None] * strand.axis
    on_guide = guide.at(((straight - guide.origin) @ guide.axis).astype(np.float32))
    # Where the guide is not parallel, its foot lies a little along: put it back across from `t`.
    along = ((on_guide - straight) @ strand.axis)[:, None] * strand.axis
    return (on_guide - along).astype(np.float32)
