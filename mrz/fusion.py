"""Several pictures of one document read as one: log probabilities added cell by cell, discounted.

The model.  A frame's deviation in a cell is what it says minus the sure reading of the character that all
frames together hold most probable there.  Frames that err alike (the same picture again, the same glare, the
same blur) deviate alike and know hardly more than one of them; frames that err apart confirm each other.  So

    agreement of two frames  = inner product of their deviations over all cells, by their mean square, 0 to 1;
                               drawn towards 1 where they hardly deviate: what is unknown counts as a copy
    weight of a frame        = 1 / sum of its agreements with all frames, itself included; frames that agree
                               nearly wholly share the weight of one and count as one against others
    in one cell              : a frame counts against another only as far as it is as sure there, so that
                               frames blinded by glare take nothing from the one that sees

Thirty copies weigh a thirtieth each, and together say what one says, with one picture's confidence.  Print
that is itself damaged deviates in every frame alike: `PRINT_SHARED` is the least agreement between any two.

Frames of another document are kept apart: two grids that differ surely in a few cells are not one print.
Documents that lie beside each other in one picture are fused each by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from mrz.cells.types import CHARACTERS, CellGrid, CellLine
from mrz.decoding.characters import Matrix
from mrz.document import Status
from mrz.reading import Reading

PRINT_SHARED = 0.1
_UNKNOWN_WEIGHT = 0.02
"""Squared deviation, summed over a zone, up to which agreement is taken as 1: two per cent of one cell."""
_COPY = 8
"""Power by which agreement counts as being a copy: 0.99 does, 0.8 hardly."""
_FLOOR = -16.0
"""Log probabilities below are all the same to the sum: one frame can't veto what all others see."""
_SURE = 0.9
DIFFERENT_MIN = 4
"""So many cells that two grids read surely and differently are two documents: siblings' passports differ in
five and more (number, given name, birth, check digits), two readings of one page in none to two."""
SAME_MIN = 10.0
"""Natural logarithm of the odds for one document against two by which a frame is taken in: a frame that shows
next to nothing is not, and adds nothing either."""
FRAMES_MAX = 40
"""Of more frames of a document the best are kept: what they say together hardly grows any more."""
DOCUMENTS_MAX = 8


@dataclass(slots=True)
class _Seen:
    """One document's frames, each its hypotheses by shape."""

    frames: list[dict[tuple[int, ...], CellGrid]] = field(
        default_factory=list[dict[tuple[int, ...], CellGrid]]
    )
    best: dict[tuple[int, ...], CellGrid] = field(default_factory=dict[tuple[int, ...], CellGrid])
    pictures: set[int] = field(default_factory=set[int])
    """In which pictures, counted as they came, it was seen."""

    def score(self) -> float:
        return _score(self.best)

    def corners(self) -> Matrix:
        """(4, 2) corners of its zone, where it is read best."""
        lines = max(self.best.values(), key=lambda grid: grid.score).lines
        first, last = lines[0].corners, lines[-1].corners
        return np.array([first[0, 0], first[-1, 1], last[-1, 2], last[0, 3]], float)

    def area(self) -> float:
        (a, b), (c, d) = np.diff(self.corners()[[0, 2, 1, 3]].reshape(2, 2, 2), axis=1)[:, 0]
        return abs(float(a * d - b * c)) / 2

    def distinct(self) -> float:
        """How many frames say something of their own, 1 and more: of copies only the first does."""
        shape = max(self.best, key=lambda each: self.best[each].score)
        logs = np.array([_logs(frame[shape]) for frame in self.frames if shape in frame])
        return float((1 / _copies(_agreement(np.maximum(logs, _FLOOR)))).sum())

    def covers(self, other: _Seen) -> bool:
        """Whether the other's zone has its middle where this one's is."""
        corners, middle = self.corners(), other.corners().mean(axis=0)
        return bool(((middle >= corners.min(axis=0)) & (middle <= corners.max(axis=0))).all())


@dataclass(slots=True)
class Fusion:
    """Frames of a document as they come, until it is sure."""

    documents: list[_Seen] = field(default_factory=list[_Seen])
    _pictures: int = 0

    def add(self, grids: Sequence[CellGrid]) -> bool:
        """Take a frame's hypotheses; False where it shows another document than the frames before, or none.

        A frame of another document is kept with its like: the document that most frames show is the one.
        """
        first = not self.documents
        (home,) = self.add_picture([grids])
        return home is not None and (first or home is self._leading())

    def add_picture(self, zones: Sequence[Sequence[CellGrid]]) -> list[_Seen | None]:
        """Take the hypotheses of each zone in a picture: two zones in one picture are two documents.

        Gives the document that each was taken for, None for a zone without hypotheses.
        """
        self._pictures += 1
        homes: list[_Seen | None] = []
        for grids in zones:
            by_shape: dict[tuple[int, ...], CellGrid] = {}
            for grid in grids:
                shape = _shape(grid)
                if shape not in by_shape or grid.score > by_shape[shape].score:
                    by_shape[shape] = grid
            homes.append(self._taken(by_shape) if by_shape else None)
        return homes

    def _taken(self, by_shape: dict[tuple[int, ...], CellGrid]) -> _Seen:
        free = (seen for seen in self.documents if self._pictures not in seen.pictures)
        home = next((seen for seen in free if _same(seen.best, by_shape)), None)
        if home is None:
            home = _Seen()
            if len(self.documents) == DOCUMENTS_MAX:
                ranks = [_rank(seen) for seen in self.documents]
                self.documents.pop(ranks.index(min(ranks)))
            self.documents.append(home)
        home.pictures.add(self._pictures)
        home.frames.append(by_shape)
        if len(home.frames) > FRAMES_MAX:
            home.frames.pop(min(range(len(home.frames)), key=lambda at: _score(home.frames[at])))
        home.best = {
            shape: _fused([frame[shape] for frame in home.frames if shape in frame])
            for shape in {shape for frame in home.frames for shape in frame}
        }
        return home

    @property
    def frames(self) -> int:
        """How many frames the leading document was fused of."""
        return len(self._leading().frames) if self.documents else 0

    @property
    def distinct(self) -> int:
        """How many of these say something of their own."""
        return round(self._leading().distinct()) if self.documents else 0

    def grids(self) -> tuple[CellGrid, ...]:
        """The leading document's fused hypotheses, best first: each shape over the frames that have it, with
        the corners of the frame that scores best."""
        return _ranked(self._leading()) if self.documents else ()

    def reading(self, reference: date | None) -> Reading:
        """The leading document as all its frames together state it; in `others` those that lay beside it in
        some picture, the largest first."""
        from mrz.decoding import decode

        if not self.documents:
            return decode((), reference)
        told = [self._leading(), *self._beside(self._leading())]
        first, *others = [decode(_ranked(seen), reference, round(seen.distinct())) for seen in told]
        return replace(first, others=tuple(other for other in others if other.found))

    @staticmethod
    def sure(reading: Reading) -> bool:
        """Whether further frames can't better this reading and those beside it enough to be worth their time:
        verified or corrected, with every field above the threshold of doubt.  A print that is inconsistent is
        looked at again, as far as there are frames."""
        sure = (Status.VERIFIED, Status.CORRECTED)
        return all(each.status in sure for each in (reading, *reading.others))

    def _leading(self) -> _Seen:
        """The document that most frames show; the largest of those that lie beside it nearly as often."""
        most = max(self.documents, key=_rank)
        often = [seen for seen in self._beside(most) if 2 * len(seen.pictures) >= len(most.pictures)]
        return max([most, *often], key=lambda seen: seen.area()) if often else most

    def _beside(self, one: _Seen) -> list[_Seen]:
        """Documents seen in one picture with `one`.  What stands where another of them does and was never
        seen together with it is a picture of it that shows too little to tell."""
        seen_with = [seen for seen in self.documents if seen is not one and seen.pictures & one.pictures]
        kept = [one]
        for seen in sorted(seen_with, key=_rank, reverse=True):
            if not any(other.covers(seen) and not other.pictures & seen.pictures for other in kept):
                kept.append(seen)
        return sorted(kept[1:], key=lambda seen: -seen.area())


def _ranked(seen: _Seen) -> tuple[CellGrid, ...]:
    """A document's fused hypotheses, best first."""
    missing = {
        shape: sum(shape not in frame for frame in seen.frames) / len(seen.frames) for shape in seen.best
    }
    ranked = [CellGrid(grid.lines, grid.score - missing[shape]) for shape, grid in seen.best.items()]
    return tuple(sorted(ranked, key=lambda grid: -grid.score))


def _rank(seen: _Seen) -> tuple[int, float]:
    return len(seen.frames), seen.score()


def _score(by_shape: dict[tuple[int, ...], CellGrid]) -> float:
    return max(grid.score for grid in by_shape.values())


def _shape(grid: CellGrid) -> tuple[int, ...]:
    return tuple(len(line.log_probabilities) for line in grid.lines)


def _logs(grid: CellGrid) -> Matrix:
    return np.concatenate([line.log_probabilities for line in grid.lines]).astype(float)


def _same(known: dict[tuple[int, ...], CellGrid], new: dict[tuple[int, ...], CellGrid]) -> bool:
    """Whether a frame shows the document that others showed, by the shape that both have and read best."""
    shared = [shape for shape in new if shape in known]
    if not shared:
        return False
    shape = max(shared, key=lambda each: known[each].score + new[each].score)
    one, other = (np.exp(np.maximum(_logs(grids[shape]), np.log(1e-4))) for grids in (known, new))
    sure = (one.max(axis=1) > _SURE) & (other.max(axis=1) > _SURE)
    if int((one.argmax(axis=1) != other.argmax(axis=1))[sure].sum()) >= DIFFERENT_MIN:
        return False
    # Both frames show one character, or each some character of its own.
    odds = np.log((one * other) @ _COMMON) - np.log((one @ _COMMON) * (other @ _COMMON))
    return float(odds.sum()) > SAME_MIN


_COMMON = np.array([0.6 / (len(CHARACTERS) - 1)] * (len(CHARACTERS) - 1) + [0.4])
"""How often each character stands in a zone; fillers agree easily."""


def _fused(grids: list[CellGrid]) -> CellGrid:
    """One grid of grids of one shape."""
    if len(grids) == 1:
        return grids[0]
    logs = np.maximum(np.array([_logs(grid) for grid in grids]), _FLOOR)
    total = np.einsum("fc,fck->ck", _weights(logs), logs)
    total -= total.max(axis=1, keepdims=True)
    total -= np.log(np.exp(total).sum(axis=1, keepdims=True))
    best = max(grids, key=lambda grid: grid.score)
    # What a frame's score holds beside its cells' probabilities (print outside the grid) stays as it was.
    outside = float(np.mean([grid.score - _logs(grid).max(axis=1).mean() for grid in grids]))
    lines: list[CellLine] = []
    first = 0
    for line in best.lines:
        after = first + len(line.log_probabilities)
        lines.append(CellLine(total[first:after].astype(np.float32), line.corners))
        first = after
    return CellGrid(tuple(lines), float(total.max(axis=1).mean()) + outside)


def _weights(logs: Matrix) -> Matrix:
    """(frames, cells) from (frames, cells, 37) log probabilities."""
    agreement, chances = _agreement(logs), np.exp(logs)
    # How much each frame says in each cell: 0 where all characters are alike, 1 where one is sure.
    says = 1 + (chances * logs).sum(axis=2) / np.log(logs.shape[2])
    says = np.clip(says, 0.01, 1)
    against = np.minimum(1, says[None, :, :] / says[:, None, :])
    # Copies share one frame's weight, and count against others as one.
    copies = _copies(agreement)
    return 1 / (copies[:, None] * np.einsum("fg,fgc->fc", agreement / copies, against))


def _agreement(logs: Matrix) -> Matrix:
    """(frames, frames) from (frames, cells, 37): how far each two deviate alike, `PRINT_SHARED` to 1."""
    together = logs.mean(axis=0).argmax(axis=1)
    deviations = np.exp(logs) - np.eye(logs.shape[2])[together]
    flat = deviations.reshape(len(logs), -1)
    products = flat @ flat.T
    squares = np.diag(products)
    means = (squares[:, None] + squares[None, :]) / 2
    return np.clip((products + _UNKNOWN_WEIGHT) / (means + _UNKNOWN_WEIGHT), PRINT_SHARED, 1)


def _copies(agreement: Matrix) -> Matrix:
    """(frames,): as how many each counts, itself included."""
    return (agreement**_COPY).sum(axis=1)
