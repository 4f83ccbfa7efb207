"""Strands: connected patches of core pixels, each with a smooth curve through it.

A line of print is one strand, or several where glare, perforation or stains cut it (`lines` joins them).
"""

from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from mrz.finding.fields import Fields

Floats = NDArray[np.float32]

CORE_LOW, CORE_HIGH = 0.3, 0.55
"""A patch reaches as far as the low probability and must hold the high one somewhere."""
CORE_END = 0.5
"""A line ends where it is as likely as not."""
CORE_STEPS = (0.45, 0.6, 0.75, 0.88)
"""A patch wider than a line is two that touch: it is cut at rising probabilities."""
BEND_CELLS = {5: 26, 3: 16, 2: 8, 1: 3, 0: 0}
"""The highest power that a curve of so many cells may have: bound pages bend twice along a zone."""
PIECE_CELLS = 0.3
SPECK_MIN = 0.5
"""Pieces so many pitches beside the curve do not bend it."""
BEND_GAIN_MIN = 0.006
"""In pitches: what the next power must bring the curve nearer to its pixels."""
SPREAD_MAX = 0.32
"""Of a line's pixels about its curve, in pitches; the labelled band alone has 0.18."""
STRAND_CELLS_MIN = 1.2
AREA_MIN = 4
"""Core pixels; fewer are noise."""
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
    return fitted(
        np.stack([columns * 2 + 0.5, rows * 2 + 0.5], 1).astype(np.float32),
        weights.astype(np.float32),
        fields.direction[:, quarter[0], quarter[1]].T.astype(np.float32),
        fields.pitch[quarter].astype(np.float32),
    )


def fitted(points: Floats, weights: Floats, headings: Floats, pitches: Floats) -> Strand:
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
    sure = along[weights > CORE_END]
    first, last = float(sure.min()) - 1, float(sure.max()) + 1
    bend = _bend(along, across, weights, pitch)
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


def _bend(along: Floats, across: Floats, weights: Floats, pitch: float) -> NDArray[np.float64]:
    """The plainest polynomial that follows the pixels: straight unless a bend brings it clearly nearer."""
    # Means of short pieces: a line has thousands of pixels and a curve at most six coefficients.
    piece = ((along - along.min()) / (PIECE_CELLS * pitch)).astype(np.intp)
    mass = np.bincount(piece, weights)
    held = mass > 0
    x = np.bincount(piece, along * weights)[held] / mass[held]
    y = np.bincount(piece, across * weights)[held] / mass[held]
    mass = np.sqrt(mass[held])
    cells = float(np.ptp(along)) / pitch
    limit = next(degree for degree, least in BEND_CELLS.items() if cells >= least)
    best, nearest = np.zeros(1), np.inf
    for degree in range(limit + 1):
        bend = np.polyfit(x, y, degree, w=mass)
        distance = float(np.sqrt(np.average((y - np.polyval(bend, x)) ** 2, weights=mass)))
        if distance < nearest - BEND_GAIN_MIN * pitch:
            best, nearest = bend, distance
    near = np.abs(y - np.polyval(best, x)) < SPECK_MIN * pitch
    if near.all() or 2 * near.sum() < len(near):
        return best
    return np.polyfit(x[near], y[near], len(best) - 1, w=mass[near])


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


def places(strand: Strand, first: float, last: float) -> Floats:
    """Where a found line has its points: evenly from `first` to `last`, about two cells apart."""
    count = max(2, round((last - first) / (POINTS_CELLS * strand.pitch)) + 1)
    return np.linspace(first, last, count, dtype=np.float32)


def pitch_at(strand: Strand, t: Floats) -> Floats:
    """Widths of a cell at those places, a steady change along the line; px."""
    if strand.cells < 8:
        return np.full(len(t), strand.pitch, np.float32)
    own = (strand.points - strand.origin) @ strand.axis
    trend = np.polyfit(own, np.log(strand.pitches), 1, w=strand.weights)
    return np.exp(np.polyval(trend, np.clip(t, strand.first, strand.last))).astype(np.float32)
