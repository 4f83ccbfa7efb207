"""One misreading in several cells at once: print whose O looks like a 0 is misread wherever it stands.

Where the weights of the cells that would change together cancel out (7 and 3 of two O's for two 0's), the
sums hold either way, and what seems proved by check digits is not.  So that other text is weighed by the
recogniser alone, as two characters of one value are: what numbers look like must not settle it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import prod

import numpy as np

from mrz.decoding.characters import FILLER, VALUE, Indices, Matrix
from mrz.decoding.sums import Sums

_LEAST = 1e-3
"""Below it no other character is weighed: what follows from it is under every threshold of doubt."""
_CELLS_MAX = 8


@dataclass(frozen=True, slots=True)
class Hidden:
    """`cells` may all hold `other` with probability `chance`, and every check digit holds all the same."""

    chance: float = 0.0
    cells: tuple[int, ...] = ()
    other: int = FILLER


def hidden(text: Indices, alone: Matrix, sums: Sums, cells: Sequence[int]) -> Hidden:
    """The likeliest such misreading among `cells`.  `alone`: (all cells, 37) probabilities by the recogniser
    alone."""
    effects = np.array([each.weights for each in sums.sums])
    worst = Hidden()
    for taken in {int(text[cell]) for cell in cells} - {FILLER}:
        same = [cell for cell in cells if text[cell] == taken]
        if len(same) < 2:
            continue
        rows = alone[same] / (alone[same] + alone[same, taken][:, None])
        for other in np.flatnonzero((rows > _LEAST).sum(axis=0) >= 2):
            if other in (taken, FILLER) or VALUE[other] % 10 == VALUE[taken] % 10:
                continue
            chances = sorted(((float(row[other]), cell) for row, cell in zip(rows, same, strict=True)))
            likely = [each for each in reversed(chances) if each[0] > _LEAST][:_CELLS_MAX]
            step = int(VALUE[other]) - int(VALUE[taken])
            for size in range(2, len(likely) + 1):
                for some in combinations(likely, size):
                    chance, places = prod(one for one, _ in some), tuple(cell for _, cell in some)
                    unseen = not (effects[:, places].sum(axis=1) * step % 10).any()
                    if unseen and chance > worst.chance:
                        worst = Hidden(chance, places, int(other))
    return worst
