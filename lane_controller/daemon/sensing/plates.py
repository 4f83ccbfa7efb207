"""A plate agreed over the frames of one presence interval.

The interval is that of one vehicle: it begins when the lane wants plates and ends when it no longer does.
Frames that were taken before it show another vehicle, or none, and are not used, however late they come.  A
plate never carries over into the next interval, and two plates in one interval are not guessed at: not
either when one of them stays longer, as a vehicle that comes close behind does.

A camera that reads by itself has agreed before it speaks: its one frame is as good as several.

A plate that stood in the picture before the vehicle came is not told as its (`parked.py`).

A plate for which too few frames spoke is told as such (`low_confidence`) when the patience is over or the
interval ends, and told again when it becomes sure.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from anpr.readings import Agreed
from anpr.track import SAME_PLATE_EDITS, Track, edits
from drivers.plate_camera import FrameRead
from lane_controller.daemon.sensing.parked import Parked
from lane_controller.daemon.sensing.votes import ballots_told, vote_of
from lane_controller.lane.facts import PlateRead
from lane_controller.messages.parts import Plate, Reason, Stamp
from lane_controller.messages.words import Side, VoteWhen, VoteWhy

FRAMES_MIN = 3
"""Different frames that must have spoken for a plate."""
CONFIDENCE_MIN = 0.6
LEAST = 0.1
"""What is agreed with less is likely no plate, however many frames looked at it."""
SECOND_SHARE_MAX = 0.5
"""Another plate with more than this share of the first one's frames, or of its support (frames times
confidence), makes the reading ambiguous."""
THERE_CONFIDENCE_MIN = 0.9
"""With which a plate was there, in one frame even, however many more frames show another: a camera that
begins late sees little of the one and much of the next."""
PATIENCE_S = 6.0
"""An interval that gave nothing sure for this long tells what it has, or that it has nothing; then it goes on
looking."""
NOTHING = "no_plate_seen"
SHOWN_MAX = 6
"""Texts whose best frame is kept as evidence: those that the vote holds likeliest."""
CROPS_MAX = 32
"""Plates of the newest frames that are kept to be shown beside their votes, some kilobytes each."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A fact, the frame that shows it (None where none was read), the plate in it (b"" for none), and the
    plate in each frame that its vote tells of."""

    fact: PlateRead
    frame: FrameRead | None
    crop: bytes = b""
    crops: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class _Shown:
    """The frame that was surest of a text, how sure, and the plate in it that it was read from."""

    share: float
    frame: FrameRead
    crop: bytes


@dataclass(frozen=True, slots=True)
class _Found:
    """Plates that may be this vehicle's, parked vehicles' that were left out, and why none may be told: a
    reason's code, None when the first may."""

    plates: tuple[Agreed, ...]
    parked: tuple[Agreed, ...]
    hold: str | None


class PlateSense:
    """One camera's vote."""

    def __init__(self, device: str, side: Side) -> None:
        self.device = device
        self.side: Side = side
        self.parked = Parked()
        self._track: Track | None = None
        self._began_s = 0.0
        self._told: str | None = None
        self._told_sure = self._gave_up = self._several = False
        self._newest: FrameRead | None = None
        self._best: dict[str, _Shown] = {}
        self._crops: dict[tuple[str, str], bytes] = {}
        """By frame and text."""
        self._agreed: set[str] = set()
        """Texts that the camera itself agreed on."""

    def want(self, wanted: bool, at: Stamp) -> Seen | None:
        """The lane begins or ends an interval; one that ends without a word tells the best it has."""
        track = self._track
        if wanted and track is None:
            self._begin(at.mono_s)
        elif not wanted and track is not None:
            self._track = None
            found = self._found(likely(track.plates()))
            if self._told is None and found.hold is None:
                return self._read(found, at, VoteWhen.INTERVAL_OVER)
            if self._told is None and not self._gave_up:
                return self._give_up(found, at, VoteWhen.INTERVAL_OVER)
        return None

    def _begin(self, at_s: float) -> None:
        self._track, self._began_s = Track(), at_s
        self._told, self._told_sure, self._gave_up, self._several = None, False, False, False
        self._newest, self._best, self._crops = None, {}, {}
        self._agreed.clear()

    def take(self, frame: FrameRead, taken_s: float, at: Stamp) -> Seen | None:
        """One frame that was taken at `taken_s`; says a plate when enough frames agree on one, and it was not
        said yet or not as sure."""
        track = self._track
        if track is None or not frame.watched or taken_s < self._began_s:
            return None
        self._keep(frame)
        if frame.voters:
            track.add(frame.fingerprint, frame.voters, taken_s)
            self._agreed.update(plate.text for plate in frame.plates if frame.agreed)
        every = track.plates()
        self._keep_best_of(every)
        found = self._found(likely(every))
        late = at.mono_s - self._began_s >= PATIENCE_S and not self._gave_up
        if found.hold is not None:
            nothing = late and (found.hold != NOTHING or self._told is None)
            return self._give_up(found, at, VoteWhen.PATIENCE_OVER) if nothing else None
        best = found.plates[0]
        if best.text == self._told and self._told_sure:
            return None
        sure = self._is_sure(best)
        if not sure and (not late or self._told is not None):
            return None
        # With a plate told for sure it looks on: another vehicle's may still come beside it.
        self._gave_up = not sure and (self._gave_up or late)
        return self._read(found, at, VoteWhen.SURE if sure else VoteWhen.PATIENCE_OVER)

    def _keep(self, frame: FrameRead) -> None:
        """Remember a frame as evidence: the newest, and the best of each text that it holds possible."""
        self._newest = frame
        crops = frame.crops + (b"",) * len(frame.voters)
        for voter, crop in zip(frame.voters, crops, strict=False):
            if crop:
                self._crops[frame.fingerprint, voter.text] = crop
            for text, share in voter.alternatives or ((voter.text, voter.confidence),):
                known = self._best.get(text)
                if known is None or known.share < share:
                    self._best[text] = _Shown(share, frame, crop)
        for oldest in list(self._crops)[:-CROPS_MAX]:
            del self._crops[oldest]

    def _keep_best_of(self, plates: tuple[Agreed, ...]) -> None:
        """Forget the best frames of all but the likeliest texts."""
        texts = [text for plate in plates[:1] for text, _ in plate.alternatives[:3]]
        kept = list(dict.fromkeys((*texts, *(plate.text for plate in plates))))[:SHOWN_MAX]
        self._best = {text: self._best[text] for text in kept if text in self._best}

    def _shown(self, text: str) -> _Shown | None:
        """The frame that was surest of `text`, or of one that differs by a character or two."""
        near = [(edits(other, text), -best.share, other) for other, best in self._best.items()]
        distance, _, other = min(near, default=(SAME_PLATE_EDITS + 1, 0.0, ""))
        return self._best[other] if distance <= SAME_PLATE_EDITS else None

    def _found(self, plates: tuple[Agreed, ...]) -> _Found:
        """What may be told of them.  Where a plate has only stood there, nobody knows whether its vehicle
        waited for its turn: then another plate is not told either."""
        standing = tuple(plate for plate in plates if self.parked.stands(plate))
        passed = tuple(plate for plate in standing if self.parked.was_passed(plate))
        left = tuple(plate for plate in plates if plate not in passed)
        if not plates:
            return _Found((), (), NOTHING)
        if all(plate in standing for plate in left):
            return _Found((*left, *passed), (), VoteWhy.PARKED)
        two = are_several(left) or (not self._told_sure and sum(map(_is_surely_there, left)) > 1)
        several = two or left[0] in standing or self._is_of_another(left[0])
        return _Found(left, passed, VoteWhy.SEVERAL_PLATES if several else None)

    def _is_of_another(self, plate: Agreed) -> bool:
        """Whether two vehicles' plates were told of already, or another one, sure or not."""
        before = self._told
        return self._several or (before is not None and edits(plate.text, before) > SAME_PLATE_EDITS)

    def _read(self, found: _Found, at: Stamp, when: VoteWhen) -> Seen:
        best = found.plates[0]
        self._told, self._told_sure = best.text, self._is_sure(best)
        plate = Plate(
            text=best.text,
            display=best.display,
            country=best.country,
            confidence=round(best.confidence, 4),
            frames=best.frames,
        )
        fact = PlateRead(
            at,
            self.device,
            self.side,
            plate,
            reason=None if self._told_sure else Reason(code="low_confidence"),
            vote=vote_of(self.side, found.plates, when, self._why(best), found.parked),
        )
        shown, crops = self._shown(best.text), self._crops_of(found)
        if shown is None:
            return Seen(fact, self._newest, crops=crops)
        return Seen(fact, shown.frame, shown.crop, crops)

    def _give_up(self, found: _Found, at: Stamp, when: VoteWhen) -> Seen:
        """No plate was seen, or none that is surely this vehicle's."""
        assert found.hold is not None
        self._gave_up = True
        self._several = found.hold == VoteWhy.SEVERAL_PLATES
        why = VoteWhy.PARKED if found.hold == VoteWhy.PARKED else VoteWhy.SEVERAL_PLATES
        vote = vote_of(self.side, found.plates, when, why, found.parked)
        fact = PlateRead(at, self.device, self.side, None, reason=Reason(code=found.hold), vote=vote)
        return Seen(fact, self._newest, crops=self._crops_of(found))

    def _crops_of(self, found: _Found) -> tuple[bytes, ...]:
        """The plate in each frame that the vote on the first one tells of."""
        ballots = ballots_told(found.plates[0]) if found.plates else ()
        return tuple(self._crops.get((one.fingerprint, one.text), b"") for one in ballots)

    def _is_sure(self, plate: Agreed) -> bool:
        return self._why(plate) in (VoteWhy.FRAMES_AGREE, VoteWhy.CAMERA_AGREED)

    def _why(self, plate: Agreed) -> VoteWhy:
        agreed = plate.text in self._agreed
        if plate.frames < FRAMES_MIN and not agreed:
            return VoteWhy.TOO_FEW_FRAMES
        if plate.confidence < CONFIDENCE_MIN:
            return VoteWhy.TOO_WEAK
        return VoteWhy.CAMERA_AGREED if agreed else VoteWhy.FRAMES_AGREE

    def forget(self) -> None:
        """The camera was lost: an interval under way begins again with what it sees then."""
        if self._track is not None:
            self._track = Track()
            self._agreed.clear()


def likely(plates: tuple[Agreed, ...]) -> tuple[Agreed, ...]:
    """Without what is likely no plate."""
    return tuple(plate for plate in plates if plate.confidence >= LEAST)


def _is_surely_there(plate: Agreed) -> bool:
    return plate.confidence >= THERE_CONFIDENCE_MIN


def are_several(plates: Sequence[Agreed]) -> bool:
    """Whether a second plate was there so often, or has so much support, that nobody can say whose is whose.
    How sure its text is does not matter to that: the passage's own may be the one that is hard to read."""
    frames = sorted((plate.frames for plate in plates), reverse=True)
    support = sorted((plate.frames * plate.confidence for plate in plates), reverse=True)
    return any(len(each) > 1 and each[1] > SECOND_SHARE_MAX * each[0] for each in (frames, support))
