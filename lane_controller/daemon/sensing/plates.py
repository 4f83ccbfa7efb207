"""A plate agreed over the frames of one presence interval.

The interval is that of one vehicle: it begins when the lane wants plates and ends when it no longer does.  A
plate never carries over into the next interval, and two plates in one interval are not guessed at.
"""

from typing import Literal

from anpr.readings import Agreed
from anpr.track import Track
from drivers.plate_camera import FrameRead
from lane_controller.lane.facts import PlateRead
from lane_controller.messages.parts import Plate, Reason, Stamp

FRAMES_MIN = 3
"""Different frames that must have spoken for a plate."""
CONFIDENCE_MIN = 0.6
SECOND_SHARE_MAX = 0.5
"""Another plate with more than this share of the first one's support makes the reading ambiguous."""
PATIENCE_S = 6.0
"""An interval that gave nothing sure for this long tells what it has, or that it has nothing; then it goes on
looking."""


class PlateSense:
    """One camera's vote."""

    def __init__(self, device: str, side: Literal["front", "rear"]) -> None:
        self.device = device
        self.side: Literal["front", "rear"] = side
        self._track: Track | None = None
        self._began_s = 0.0
        self._told: str | None = None
        self._gave_up = False

    def want(self, wanted: bool, at: Stamp) -> PlateRead | None:
        """The lane begins or ends an interval; one that ends without a word tells the best it has."""
        track = self._track
        if wanted and track is None:
            self._track, self._began_s = Track(), at.mono_s
            self._told, self._gave_up = None, False
        elif not wanted and track is not None:
            self._track = None
            if self._told is None and not self._gave_up:
                plates = track.plates()
                return self._read(plates[0], at) if plates else self._give_up(at, "no_plate_seen")
        return None

    def take(self, frame: FrameRead, at: Stamp) -> PlateRead | None:
        """One frame; says a plate when enough frames agree on one that was not said yet."""
        track = self._track
        if track is None or not frame.watched:
            return None
        if frame.plates:
            track.add(frame.fingerprint, frame.plates)
        plates = track.plates()
        late = at.mono_s - self._began_s >= PATIENCE_S and not self._gave_up
        if not plates:
            return self._give_up(at, "no_plate_seen") if late and self._told is None else None
        best = plates[0]
        if len(plates) > 1 and plates[1].frames * plates[1].confidence > SECOND_SHARE_MAX * (
            best.frames * best.confidence
        ):
            return self._give_up(at, "several_plates") if late else None
        if best.text == self._told:
            return None
        sure = best.frames >= FRAMES_MIN and best.confidence >= CONFIDENCE_MIN
        if not sure and not late:
            return None
        self._gave_up = late
        return self._read(best, at)

    def _read(self, best: Agreed, at: Stamp) -> PlateRead:
        self._told = best.text
        plate = Plate(
            text=best.text,
            display=best.display,
            country=best.country,
            confidence=round(best.confidence, 4),
            frames=best.frames,
        )
        return PlateRead(at, self.device, self.side, plate)

    def _give_up(self, at: Stamp, code: str) -> PlateRead:
        self._gave_up = True
        return PlateRead(at, self.device, self.side, None, reason=Reason(code=code))

    def forget(self) -> None:
        """The camera was lost: an interval under way begins again with what it sees then."""
        if self._track is not None:
            self._track = Track()
