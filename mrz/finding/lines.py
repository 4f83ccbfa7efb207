"""Fields of the network to lines of print: core pixels are gathered into strands, strands into lines.

A strand is a connected patch of core pixels with a smooth curve through it.  Glare, perforation and stains
cut a line into several; they are joined where one runs on into the other.
"""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from mrz.finding.fields import Fields
from mrz.finding.types import FoundLine

Floats = NDArray[np.float32]

CORE_LOW, CORE_HIGH = 0.3, 0.55
"""A patch reaches as far as the low probability and must hold the high one somewhere."""
CORE_STEPS = (0.45, 0.6, 0.75, 0.88)
"""A patch wider than a line is two that touch: it is cut at rising probabilities."""
SPREAD_MAX = 0.32
"""Of a line's pixels about its curve, in pitches; the labelled band alone has 0.18."""
STRAND_CELLS_MIN = 1.2
AREA_MIN = 4
"""Core pixels; fewer are noise."""
GAP_CELLS_MAX = 14.0
"""Longest hole in a line that is bridged."""
DRIFT_MAX = 0.5
"""How far (in pitches) two pieces of one line may miss each other across the line."""
TURN_MAX = 0.3
"""Radians between two pieces of one line."""
STRANDS_MAX = 80
"""A page full of false patches costs no more than that."""
POINTS_CELLS = 2.0
"""Distance of the points of a found line, in pitches."""


@dataclass(frozen=True, slots=True)
class Strand:
    """Core pixels of one line, and the curve through them.

    `points` (n, 2) page px; `weights` (n,) probabilities; `headings` (n, 2) reading directions;
    `pitches` (n,) px.  The curve: `origin` + t * `axis` + bend(t) * `down`, with t from `first` to `last`
    px in reading direction, `bend` a polynomial (highest power first), `down` the axis turned a quarter
    towards the next line.
    """

    points: Floats
    weights: Floats
    headings: Floats
    pitches: Floats
    origin: Floats
    axis: Floats
    bend: NDArray[np.float64]
    first: float
    last: float
    spread: float
    """Root mean square distance of the pixels from the curve, px."""
    pitch: float
    agreement: float
    """-1 to 1: how well the pixels' reading directions agree with the axis."""
    start: Floats = field(default_factory=lambda: np.zeros(2, np.float32))
    end: Floats = field(default_factory=lambda: np.zeros(2, np.float32))

    @property
    def down(self) -> Floats:
        return np.array([-self.axis[1], self.axis[0]], np.float32)

    @property
    def cells(self) -> float:
        return (self.last - self.first) / self.pitch

    def at(self, t: float | Floats) -> Floats:
        """Points of the curve; beyond its ends it goes on straight."""
        t = np.atleast_1d(np.asarray(t, np.float32))
        held = np.clip(t, self.first, self.last)
        slope = np.polyval(np.polyder(self.bend), held)
        across = np.polyval(self.bend, held) + slope * (t - held)
        return (self.origin + t[:, None] * self.axis + across[:, None] * self.down).astype(np.float32)

    def heading_at(self, t: float) -> Floats:
        slope = float(np.polyval(np.polyder(self.bend), np.clip(t, self.first, self.last)))
        vector = self.axis + slope * self.down
        return (vector / np.hypot(*vector)).astype(np.float32)


def strands_of(fields: Fields) -> list[Strand]:
    """Patches of the core with their curves, longest first."""
    out = _patches(fields, CORE_LOW, np.s_[:, :], CORE_STEPS)
    out.sort(key=lambda strand: strand.first - strand.last)
    return out[:STRANDS_MAX]


def _patches(
    fields: Fields, level: float, window: tuple[slice, slice], steps: tuple[float, ...]
) -> list[Strand]:
    """Strands of the pixels over `level` in a window of the core; too wide ones are cut at the next step."""
    core = fields.core[window]
    _, labels, stats, _ = cv2.connectedComponentsWithStats((core > level).astype(np.uint8), connectivity=8)
    order = np.argsort(-stats[1:, cv2.CC_STAT_AREA])[:STRANDS_MAX] + 1
    row, column = window[0].start or 0, window[1].start or 0
    out: list[Strand] = []
    for label in order:
        left, top, width, height, area = stats[label]
        if area < AREA_MIN:
            break
        box = np.s_[top : top + height, left : left + width]
        rows, columns = np.nonzero(labels[box] == label)
        strand = _strand(fields, rows + row + top, columns + column + left)
        if strand is None:
            continue
        if strand.spread > SPREAD_MAX * strand.pitch and steps:
            inner = np.s_[row + top : row + top + height, column + left : column + left + width]
            out += _patches(fields, steps[0], inner, steps[1:])
        elif strand.cells >= STRAND_CELLS_MIN:
            out.append(strand)
    return out


def _strand(fields: Fields, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Strand | None:
    weights = fields.core[rows, columns]
    if weights.max() < CORE_HIGH:
        return None
    high, wide = fields.pitch.shape
    quarter = np.minimum(rows // 2, high - 1), np.minimum(columns // 2, wide - 1)
    return _fitted(
        np.stack([columns * 2 + 0.5, rows * 2 + 0.5], 1).astype(np.float32),
        weights.astype(np.float32),
        fields.direction[:, quarter[0], quarter[1]].T.astype(np.float32),
        fields.pitch[quarter].astype(np.float32),
    )


def _fitted(points: Floats, weights: Floats, headings: Floats, pitches: Floats) -> Strand:
    total = weights.sum()
    origin = (points * weights[:, None]).sum(0) / total
    centred = points - origin
    vote = (headings * weights[:, None]).sum(0) / total
    covariance = (centred * weights[:, None]).T @ centred / total
    variances, vectors = np.linalg.eigh(covariance)
    axis = vectors[:, 1].astype(np.float32)
    if variances[1] < 4 * variances[0] and np.hypot(*vote) > 0.1:
        axis = (vote / np.hypot(*vote)).astype(np.float32)  # a patch too round to say which way it runs
    if axis @ vote < 0:
        axis = -axis
    pitch = float(np.exp((np.log(pitches) * weights).sum() / total))
    along = centred @ axis
    across = centred @ np.array([-axis[1], axis[0]], np.float32)
    first, last = float(along.min()) - 1, float(along.max()) + 1
    degree = (
        0
        if last - first < 3 * pitch
        else 1
        if last - first < 8 * pitch
        else 2
        if last - first < 20 * pitch
        else 3
    )
    bend = np.polyfit(along, across, degree, w=weights)
    miss = across - np.polyval(bend, along)
    keep = np.abs(miss) < 0.6 * pitch
    if degree and 2 * keep.sum() > len(keep) and not keep.all():
        bend = np.polyfit(along[keep], across[keep], degree, w=weights[keep])
        miss = across - np.polyval(bend, along)
    agreement = float((headings @ axis * weights).sum() / total)
    spread = float(np.sqrt((miss**2 * weights).sum() / total))
    strand = Strand(
        points,
        weights,
        headings,
        pitches,
        origin.astype(np.float32),
        axis,
        bend,
        first,
        last,
        spread,
        pitch,
        agreement,
    )
    start, end = strand.at(np.array([first, last], np.float32))
    return replace(strand, start=start, end=end)


def chained(strands: list[Strand]) -> list[Strand]:
    """Joins strands that run on into each other, the best fitting ends first."""
    living = dict(enumerate(strands))
    pairs: list[tuple[float, int, int]] = []
    for place, strand in living.items():
        _add_pairs(pairs, living, place, strand, range(place))
    while pairs:
        _, i, j = heapq.heappop(pairs)
        if i not in living or j not in living:
            continue
        one, other = living.pop(i), living.pop(j)
        joined = _fitted(
            np.concatenate([one.points, other.points]),
            np.concatenate([one.weights, other.weights]),
            np.concatenate([one.headings, other.headings]),
            np.concatenate([one.pitches, other.pitches]),
        )
        place = max(i, j, *living, len(strands)) + 1
        _add_pairs(pairs, living, place, joined, list(living))
        living[place] = joined
    return sorted(living.values(), key=lambda strand: strand.first - strand.last)


def _add_pairs(
    pairs: list[tuple[float, int, int]],
    living: dict[int, Strand],
    place: int,
    strand: Strand,
    others: Iterable[int],
) -> None:
    for other in others:
        for i, j, one, two in ((place, other, strand, living[other]), (other, place, living[other], strand)):
            if (cost := _gap_cost(one, two)) is not None:
                heapq.heappush(pairs, (cost, i, j))


def _gap_cost(one: Strand, other: Strand) -> float | None:
    """How far `other` begins after the end of `one`, in pitches; None where it is no continuation."""
    pitch = max(one.pitch, other.pitch)
    if pitch > 1.5 * min(one.pitch, other.pitch):
        return None
    longer = one if one.last - one.first >= other.last - other.first else other
    end, start = one.end, other.start
    step = start - end
    if step @ step > (GAP_CELLS_MAX * pitch) ** 2:
        return None
    if min(one.cells, other.cells) > 3 and one.heading_at(one.last) @ other.heading_at(other.first) < np.cos(
        TURN_MAX
    ):
        return None
    heading = longer.heading_at(longer.last if longer is one else longer.first)
    gap = float(step @ heading) / pitch
    drift = abs(float(step @ (-heading[1], heading[0]))) / pitch
    if gap < -1.0 or drift > DRIFT_MAX + 0.04 * max(gap, 0.0):
        return None
    return max(gap, 0.0) + 2 * drift


def turned(strand: Strand) -> Strand:
    """The same pixels read the other way."""
    odd = np.where((len(strand.bend) - 1 - np.arange(len(strand.bend))) % 2 == 1, 1, -1)
    return replace(
        strand,
        axis=-strand.axis,
        bend=strand.bend * odd,
        first=-strand.last,
        last=-strand.first,
        agreement=-strand.agreement,
        start=strand.end,
        end=strand.start,
    )


def line_of(strand: Strand, first: float | None = None, last: float | None = None) -> FoundLine:
    """Points along the strand's curve in page px, from `first` to `last` (its own ends if not given)."""
    first = strand.first if first is None else first
    last = strand.last if last is None else last
    count = max(2, round((last - first) / (POINTS_CELLS * strand.pitch)) + 1)
    t = np.linspace(first, last, count, dtype=np.float32)
    own = (strand.points - strand.origin) @ strand.axis
    if strand.cells > 8:
        trend = np.polyfit(own, np.log(strand.pitches), 1, w=strand.weights)
        pitch = np.exp(np.polyval(trend, np.clip(t, strand.first, strand.last)))
    else:
        pitch = np.full(count, strand.pitch)
    return FoundLine(strand.at(t), pitch.astype(np.float32))
