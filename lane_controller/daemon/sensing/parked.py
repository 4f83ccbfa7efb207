"""Plates that stand in a camera's picture while nobody is in the lane: parked vehicles'.

While the lane is empty a few frames are read now and then (a look).  A plate that looks found at one place
*stands* there, and where a vehicle drove through the lane between them it was *passed*.  In a vote a plate of
the same text that stays at that place is not told as the passage's.

A vehicle that waits before the loop, or whose loop has lost it, stands in the picture as well, and may be the
very one that comes next.  So of what only stands nothing is concluded but a hold: it is not told alone, and
another plate beside it not either.  Only what was passed is left out, for nobody drives through the one that
waits before the loop.  What is not seen in a look is forgotten, and a start forgets all.
"""

from dataclasses import dataclass

from anpr.paths import same_place
from anpr.readings import Agreed, Box
from anpr.track import SAME_PLATE_EDITS, Track, edits
from drivers.plate_camera import FrameRead

LOOK_FRAMES = 2
"""Frames that are read for a look."""
LOOK_EVERY_S = 120.0
"""Longest time between two looks at an empty lane; one is due as well when a vehicle has left it."""
LOOK_S = 10.0
"""A look that had no frames by then is over, until the next is due."""
APART_S = 60.0
"""Between the first and the last look that saw it, for a plate to stand."""
STILL = 0.5
"""Plate heights by which the place of a plate may differ that has not moved."""
STILL_SHARE = 0.75
"""Of the frames of a vote, in which a plate was there: a place found badly in one is no movement."""
CONFIDENCE_MIN = 0.25
"""What is agreed with less is likely no plate; it is not remembered."""
KNOWN_MAX = 12


@dataclass(slots=True)
class _Known:
    """One plate, where it was first seen, and the first and the last look that saw it: when, and how many
    vehicles had left the lane by then."""

    text: str
    box: Box
    first: tuple[float, int]
    last: tuple[float, int]

    def is_at(self, plate: Agreed) -> bool:
        near = [same_place(self.box, box, STILL) for box in plate.boxes]
        there = bool(near) and sum(near) >= STILL_SHARE * len(near)
        return there and edits(plate.text, self.text) <= SAME_PLATE_EDITS

    @property
    def was_passed(self) -> bool:
        return self.last[1] > self.first[1]

    @property
    def stands(self) -> bool:
        return self.was_passed or self.last[0] - self.first[0] >= APART_S


class Parked:
    """What one camera has seen of an empty lane."""

    def __init__(self) -> None:
        self._known: list[_Known] = []
        self._look: Track | None = None
        self._began_s = 0.0
        self._frames = 0
        self._due_s: float | None = None
        """None: at once."""
        self._departures = 0

    def departed(self) -> None:
        """A vehicle has left the lane under the arm."""
        self._departures += 1
        self._due_s = None

    def wants(self, empty: bool, at_s: float) -> bool:
        """Whether the camera should read for a look now; `empty`: nobody is in the lane."""
        if not empty:
            self._look = None
            return False
        if self._look is not None and at_s - self._began_s > LOOK_S:
            self._end(at_s)
        if self._look is None and (self._due_s is None or at_s >= self._due_s):
            self._look, self._began_s, self._frames = Track(), at_s, 0
        return self._look is not None

    def take(self, frame: FrameRead, taken_s: float, at_s: float) -> None:
        """One frame, of use while looking.  Cameras that read by themselves tell of vehicles that drive by,
        and of nothing that stands."""
        look = self._look
        if look is None or not frame.watched or frame.agreed or taken_s < self._began_s:
            return
        look.add(frame.fingerprint, frame.voters, taken_s)
        self._frames += 1
        if self._frames >= LOOK_FRAMES:
            self._remember(look.plates(), at_s)
            self._end(at_s)

    def _end(self, at_s: float) -> None:
        self._look, self._due_s = None, at_s + LOOK_EVERY_S

    def _remember(self, plates: tuple[Agreed, ...], at_s: float) -> None:
        now = at_s, self._departures
        new: list[_Known] = []
        for plate in plates:
            known = [one for one in self._known if one.is_at(plate)]
            for one in known:
                one.last = now
            still = all(same_place(plate.box, box, STILL) for box in plate.boxes)
            if not known and still and plate.confidence >= CONFIDENCE_MIN:
                new.append(_Known(plate.text, plate.box, now, now))
        self._known = [*(one for one in self._known if one.last == now), *new][:KNOWN_MAX]

    def stands(self, plate: Agreed) -> bool:
        """Whether this plate of a vote has not moved from where it stood before the vehicle came."""
        return any(one.stands and one.is_at(plate) for one in self._known)

    def was_passed(self, plate: Agreed) -> bool:
        """Whether it stood there while another vehicle drove through the lane."""
        return any(one.was_passed and one.is_at(plate) for one in self._known)
