"""Where a plate's characters stand apart: `O 5264 TB` and `05 264 TB` have the same shapes and other gaps.

Our own network says at which step of the strip each character is read.  A gap is the way from one character's
middle to the next one's, over the median way of the plate: about 1 within a group, about 1.4 where the series
prints a space (a region's box, a flag).
"""

import re
from collections.abc import Sequence
from functools import cache
from typing import Literal

import numpy as np

from anpr.ctc import Probabilities
from anpr.formats import Format

EVEN, STEEPNESS = 1.14, 10.0
"""The gap that speaks neither for a space nor against one, and how fast the logarithm of their ratio grows
beyond.  A logistic fit over 4,727 gaps of 732 lesson plates gives 13 and tells 93 of 100 apart; the gaps of
one plate err together, so each counts less."""
SAID_MAX = 2.0
"""What one gap counts at most, for or against."""
Gaps = tuple[float | None, ...]


def gaps(rows: Probabilities, lines: Literal[1, 2]) -> Gaps:
    """The gaps between the characters that are read plainly, in reading order, None from line to line; none
    where under three are read.  Both lines' rows are as long, with one between them."""
    best = rows.argmax(axis=1)
    starts = np.flatnonzero(np.concatenate([[True], best[1:] != best[:-1]]))
    middles: list[float] = []
    for start, end in zip(starts, [*starts[1:], len(best)], strict=True):
        if best[start]:
            weights = rows[start:end, best[start]]
            middles.append(float((np.arange(start, end) * weights).sum() / weights.sum()))
    first = sum(middle < len(rows) / 2 for middle in middles) if lines == 2 else len(middles)
    ways = [None if place == first - 1 else way for place, way in enumerate(np.diff(middles).tolist())]
    known = [way for way in ways if way is not None]
    return tuple(way and way / float(np.median(known)) for way in ways) if len(known) > 1 else ()


def fit(form: Format, text: str, order: Sequence[int], seen: Gaps) -> float:
    """How much better the gaps fit the groups of a text in a series than none would: a logarithm; 0 where
    another number of characters was seen.  `order` is where each character of the canonical text stands in
    reading order.  Groups that are written without a space may stand apart all the same (`A123BC 77`)."""
    if len(seen) != len(text) - 1 or not (written := form.pattern.fullmatch(text)):
        return 0.0
    said = 0.0
    for group in range(1, form.pattern.groups + 1):
        place = order[written.end(group) - 1] if written.group(group) else len(seen)
        if place < len(seen) and (gap := seen[place]) is not None:
            here = min(SAID_MAX, max(-SAID_MAX, STEEPNESS * (gap - EVEN)))
            said += here if group in _before_spaces(form) else max(0.0, here)
    return said


@cache
def _before_spaces(form: Format) -> tuple[int, ...]:
    """The groups after which the series prints a space."""
    return tuple(int(group) for group in re.findall(r"\\(\d)[^\\]", form.display))
