"""One vehicle's plate, agreed over the frames in which it was seen.

Each frame gives the texts it holds possible, with their probabilities; the logarithms are added over the
frames and the best text wins.  Frames of one vehicle err alike (the same dirt, the same light), so n frames
count as n / (1 + r (n - 1)): two independent ones at most.  A frame seen before (the same
fingerprint) counts for nothing: thirty copies of one picture are one picture.

A plate that stands still in the picture while another one moves is a parked vehicle's, and not told.
"""

import math
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from anpr.readings import Agreed, Candidate

FRAMES_MAX = 60
"""Frames remembered; a vehicle that stands for hours is judged by its newest ones."""
CORRELATION = 0.5
"""r above: how much the errors of two frames of one vehicle have in common."""
OTHER_TEXTS = 10
"""Over how many texts the probability is spread that a frame gave to none of its alternatives."""
CONFIDENCE_MAX = 0.995
"""What no number of frames exceeds: a plate can be forged, and a table can lack a series."""
CALIBRATION = (0.2, -0.3)
"""What is added to the log odds of an agreed text, a constant and by their size, for each frame's worth
beyond the first: frames that err alike agree more than they know.  Fitted by `tools/proof/fit_votes.py`."""
PLATES_MAX = 24
"""Plates of one interval that are kept apart; beyond them the least supported one goes."""
SAME_PLATE_EDITS = 2
"""Texts that differ by more are two plates, not two readings of one."""


@dataclass(slots=True)
class _Plate:
    """The candidates of different frames that are readings of one plate, and the surest of them."""

    best: Candidate
    seen: list[Candidate] = field(default_factory=list[Candidate])

    def add(self, candidate: Candidate) -> None:
        self.seen.append(candidate)
        if candidate.confidence > self.best.confidence:
            self.best = candidate

    def distance(self, text: str) -> int:
        """In characters; without looking closer where the lengths alone make it too far."""
        apart = abs(len(text) - len(self.best.text))
        return apart if apart > SAME_PLATE_EDITS else edits(text, self.best.text)


class Track:
    """The vote over the frames of one vehicle; a new vehicle takes a new Track."""

    def __init__(self) -> None:
        self._frames: deque[tuple[str, tuple[Candidate, ...]]] = deque(maxlen=FRAMES_MAX)

    def add(self, fingerprint: str, candidates: Iterable[Candidate]) -> bool:
        """Add one frame; False when a frame with this fingerprint was already counted."""
        if any(fingerprint == known for known, _ in self._frames):
            return False
        self._frames.append((fingerprint, tuple(candidates)))
        return True

    def plates(self) -> tuple[Agreed, ...]:
        """The plates seen, best supported first (frames times confidence).  More than one means that another
        vehicle, parked or passing, was in the picture, or that a sign was taken for a plate: the caller must
        not guess."""
        plates = [
            _agree(plate.seen) for plate in _sort_by_plate(candidates for _, candidates in self._frames)
        ]
        return tuple(sorted(plates, key=lambda plate: plate.frames * plate.confidence, reverse=True))


def _sort_by_plate(frames: Iterable[Sequence[Candidate]]) -> list[_Plate]:
    """Candidates of one frame are different plates; across frames the nearest text is the same plate."""
    plates: list[_Plate] = []
    for candidates in frames:
        left = list(plates)
        for candidate in sorted(candidates, key=lambda one: one.confidence, reverse=True):
            near = [
                (distance, index)
                for index, plate in enumerate(left)
                if (distance := plate.distance(candidate.text)) <= SAME_PLATE_EDITS
            ]
            if near:
                plate = left.pop(min(near)[1])
            else:
                plate = _Plate(candidate)
                plates.append(plate)
            plate.add(candidate)
        if len(plates) > PLATES_MAX:
            plates.sort(key=lambda plate: len(plate.seen) * plate.best.confidence, reverse=True)
            del plates[PLATES_MAX:]
    return plates


def _agree(seen: Sequence[Candidate]) -> Agreed:
    frames = [dict(one.alternatives or ((one.text, one.confidence),)) for one in seen]
    texts = sorted({text for frame in frames for text in frame})
    weight = 1 / (1 + CORRELATION * (len(frames) - 1))
    unsaid = [max(1e-6, 1 - sum(frame.values())) / OTHER_TEXTS for frame in frames]
    scores = {
        text: weight
        * sum(math.log(max(frame.get(text, 0), rest)) for frame, rest in zip(frames, unsaid, strict=True))
        for text in texts
    }
    none_of_them = weight * sum(map(math.log, unsaid)) + math.log(OTHER_TEXTS)
    top = max(none_of_them, *scores.values())
    total = sum(math.exp(score - top) for score in (*scores.values(), none_of_them))
    ranked = sorted(texts, key=lambda text: (-scores[text], text))
    raw = [math.exp(scores[text] - top) / total for text in ranked[:5]]
    # Never surer than the vote itself; the others keep their proportions.
    confidence = min(CONFIDENCE_MAX, raw[0], _calibrated(raw[0], len(frames) * weight - 1))
    shares = tuple((text, share * confidence / raw[0]) for text, share in zip(ranked[:5], raw, strict=True))
    text = ranked[0]
    speakers = [one for one in seen if one.text == text] or list(seen)
    best = max(speakers, key=lambda one: one.confidence)
    named = Counter(one.text for one in seen)
    countries = {one.country for one in speakers if one.country}
    return Agreed(
        text=text,
        display=best.display if best.text == text else text,
        country=countries.pop() if len(countries) == 1 else None,
        confidence=confidence,
        alternatives=shares,
        box=best.box,
        frames=len(seen),
        named=tuple(named[one] for one, _ in shares),
        corners=best.corners,
        lines=best.lines,
        country_confidence=best.country_confidence,
    )


def _calibrated(share: float, more: float) -> float:
    """How probable a text is that has this share; `more`: how many independent frames' worth spoke beyond
    one."""
    clipped = min(max(share, 1e-6), 1 - 1e-6)
    odds = math.log(clipped / (1 - clipped))
    odds += more * (CALIBRATION[0] + CALIBRATION[1] * odds)
    return 1 / (1 + math.exp(-odds))


def edits(one: str, other: str) -> int:
    """Levenshtein distance in characters."""
    if one == other:
        return 0
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        above, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (a != b))
    return row[-1]
