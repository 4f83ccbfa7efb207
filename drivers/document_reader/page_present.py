"""Whether a page lies before a camera, still, and was not taken yet.

A page is taken when the view stands still, differs from the empty bed and holds print: fine edges, which a
hand, a sleeve, a shadow or a lamp that was switched on have not.  Each presentation is taken once; the next
one begins when something moves and what lies still then differs from what was taken.  Pure: views and times
come in, decisions go out.

    empty or moving  -- still for STILL_S, not the bed, print in it -->  collecting
    collecting       -- COLLECT_S over -->  taken                       (movement: begin again)
    taken            -- movement -->  moving
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

View = npt.NDArray[np.float32]
"""What the camera sees, grey, some 96 x 72 means of its picture, 0 to 255."""

STILL_S = 0.3
COLLECT_S = 0.4
"""For how long frames of a page that lies still are collected: one is sharper than the others."""
MOVED = 3.0
"""Mean difference of two views that is movement; a camera's noise is far below 1 in such means."""
SAME = 4.0
"""Mean difference to what was taken below which it is the same page, nudged."""
OTHER, OTHER_SHARE = 24.0, 0.08
"""A view in which so many of the means differ by so much from the bed's is not the bed."""
PRINT = 0.01
"""Share of fine edges in a picture that holds print, beyond the bed's own."""
ABSORB_S = 60.0
"""What has lain still for so long belongs to the bed."""
FOLLOW = 0.05
"""Of each empty view goes into the bed's: daylight wanders."""


class Verdict(StrEnum):
    """What to do with the picture that was looked at."""

    NOTHING = "nothing"
    COLLECT = "collect"
    """A page lies there: keep this picture."""
    DONE = "done"
    """The page was looked at for long enough: take the best of the collected."""
    DROP = "drop"
    """It moved: those collected are none."""


@dataclass(frozen=True, slots=True)
class Bed:
    """The empty bed: its view and its own share of fine edges."""

    view: View
    edges: float


class PagePresent:
    """One camera."""

    def __init__(self) -> None:
        self._bed: Bed | None = None
        self._before: View | None = None
        self._taken: View | None = None
        self._still_since_s = 0.0
        self._collecting_since_s: float | None = None
        self._settled = False
        """Nothing more is to be done until something moves."""

    def look(self, view: View, edges: float, at_s: float) -> Verdict:
        """Decide on a picture from its view and its share of fine edges, taken `at_s` (any clock, s)."""
        before, self._before = self._before, view
        if before is None or before.shape != view.shape or _apart(view, before) > MOVED:
            return self._moved(at_s)
        if self._collecting_since_s is not None:
            return self._collect(view, at_s)
        still_s = at_s - self._still_since_s
        if still_s < STILL_S:
            return Verdict.NOTHING
        if self._is_empty(view, edges):
            self._learn(view, edges)
            self._taken, self._settled = None, True
        elif still_s >= ABSORB_S:
            self._bed, self._settled = Bed(view, edges), True
        elif not self._settled:
            self._settled = True
            if self._taken is None or _apart(view, self._taken) > SAME:
                self._collecting_since_s = at_s
                return Verdict.COLLECT
        return Verdict.NOTHING

    def _moved(self, at_s: float) -> Verdict:
        collecting = self._collecting_since_s is not None
        self._still_since_s, self._collecting_since_s, self._settled = at_s, None, False
        return Verdict.DROP if collecting else Verdict.NOTHING

    def _collect(self, view: View, at_s: float) -> Verdict:
        assert self._collecting_since_s is not None
        if at_s - self._collecting_since_s < COLLECT_S:
            return Verdict.COLLECT
        self._collecting_since_s, self._taken = None, view
        return Verdict.DONE

    def _is_empty(self, view: View, edges: float) -> bool:
        bed = self._bed
        if edges < (0.0 if bed is None else bed.edges) + PRINT:
            return True
        if bed is None:
            return False
        return float(np.mean(np.abs(view - bed.view) > OTHER)) < OTHER_SHARE

    def _learn(self, view: View, edges: float) -> None:
        bed = self._bed
        if bed is None or bed.view.shape != view.shape:
            self._bed = Bed(view, edges)
        else:
            followed = (bed.view * (1 - FOLLOW) + view * FOLLOW).astype(np.float32)
            self._bed = Bed(followed, bed.edges * (1 - FOLLOW) + edges * FOLLOW)


def _apart(one: View, other: View) -> float:
    return float(np.mean(np.abs(one - other)))
