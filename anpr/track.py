"""One vehicle's plate, agreed over the frames in which it was seen.

Each frame gives the texts it holds possible, with their probabilities; the logarithms are added over the
frames and the best text wins.  Frames of one vehicle err alike (the same dirt, the same light), so n frames
count as n / (1 + r (n - 1)): two independent ones at most.  Texts that look alike (O and 0, I and 1, one 7 or
two) are one in the vote: which of them it is, many frames say no surer than one.  A frame seen before (the
same fingerprint) counts for nothing: thirty copies of one picture are one picture.

Candidates of different frames are one plate's by their texts, and a few of another text by their place: what
was read where the plate must have been, and not beside it in one frame, is the plate read badly.  It votes as
well, and so makes the answer less sure, never another vehicle's number a part of it.  Two candidates of one
frame stay two plates, however alike, and whichever of them moves.
"""

import math
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from anpr.alphabet import PROVINCES
from anpr.paths import Seen, follows
from anpr.readings import Agreed, Ballot, Candidate

FRAMES_MAX = 60
"""Frames remembered; a vehicle that stands for hours is judged by its newest ones."""
CORRELATION = 0.5
"""r above: how much the errors of two frames of one vehicle have in common."""
OTHER_TEXTS = 10
"""Over how many texts the probability is spread that a frame gave to none of its alternatives."""
CONFIDENCE_MAX = 0.995
"""What no number of frames exceeds: a plate can be forged, and a table can lack a series."""
CALIBRATION = (-0.1, -0.15)
"""What is added to the log odds of an agreed text, a constant and by their size, for each frame's worth
beyond the first: frames that err alike agree more than they know.  Fitted by `tools/proof/fit_votes.py`."""
TWIN_MAX = 0.8
"""What a text does not exceed that only the priors tell from another one (O and 0, I and 1, both legal), or
that differs from another by its Chinese province or by a Mongolian Ү for У: no frame shows which of them it
is.  Of nine in 194 drives with seeds that no measure uses six were right."""
TWINS_LEAST = 0.01
"""Of the frames' shares; with less the other one is not legal, or a catch-all's.  Series of one country look
alike: the frequent one leaves the other little."""
PLATES_MAX = 24
"""Plates of one interval that are kept apart; beyond them the least supported one goes."""
SAME_PLATE_EDITS = 2
"""Texts that differ by more are two plates, unless their places make them one."""
BADLY_READ_MAX = 0.5
"""Of a plate's support: what has more at its place may be another vehicle's."""
FRAME_S = 0.4
"""Between two frames of which nobody says when they were taken."""


@dataclass(frozen=True, slots=True)
class _Frame:
    fingerprint: str
    at_s: float
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class _Voice:
    """A candidate, and the frame it was seen in."""

    frame: _Frame
    candidate: Candidate

    @property
    def seen(self) -> Seen:
        return Seen(self.frame.at_s, self.candidate.box)

    @property
    def ballot(self) -> Ballot:
        one = self.candidate
        return Ballot(self.frame.fingerprint, self.frame.at_s, one.text, one.confidence)

    @property
    def shares(self) -> dict[str, float]:
        """How probable the frame held each text."""
        one = self.candidate
        return dict(one.alternatives or ((one.text, one.confidence),))


@dataclass(slots=True)
class _Plate:
    """The candidates of different frames that are readings of one plate, and the surest of them."""

    best: Candidate
    voices: list[_Voice] = field(default_factory=list[_Voice])
    path: list[Seen] = field(default_factory=list[Seen])
    """Of those that are its own by their texts."""

    def add(self, voice: _Voice) -> None:
        self.voices.append(voice)
        self.path.append(voice.seen)
        if voice.candidate.confidence > self.best.confidence:
            self.best = voice.candidate

    def distance(self, text: str) -> int:
        """In characters; without looking closer where the lengths alone make it too far."""
        apart = abs(len(text) - len(self.best.text))
        return apart if apart > SAME_PLATE_EDITS else edits(text, self.best.text)

    def is_seen_in(self, other: "_Plate") -> bool:
        """Whether `other` was where this plate must have been, and never beside it in one frame."""
        frames = {voice.frame.fingerprint for voice in self.voices}
        return all(
            voice.frame.fingerprint not in frames and follows(self.path, voice.seen) for voice in other.voices
        )


class Track:
    """The vote over the frames of one vehicle; a new vehicle takes a new Track."""

    def __init__(self) -> None:
        self._frames: deque[_Frame] = deque(maxlen=FRAMES_MAX)

    def add(self, fingerprint: str, candidates: Iterable[Candidate], at_s: float | None = None) -> bool:
        """Add one frame; False when a frame with this fingerprint was already counted.  `at_s`: when it was
        taken, in seconds of any clock; without it, soon after the one before."""
        if any(fingerprint == known.fingerprint for known in self._frames):
            return False
        if at_s is None:
            at_s = self._frames[-1].at_s + FRAME_S if self._frames else 0.0
        self._frames.append(_Frame(fingerprint, at_s, tuple(candidates)))
        return True

    def plates(self) -> tuple[Agreed, ...]:
        """The plates seen, best supported first (frames times confidence).  More than one means that another
        vehicle, parked or passing, was in the picture, or that a sign was taken for a plate: the caller must
        not guess."""
        frames = sorted(self._frames, key=lambda frame: frame.at_s)
        plates = [_agree(plate.voices) for plate in _with_badly_read(_by_text(frames))]
        return tuple(sorted(plates, key=_support, reverse=True))


def _by_text(frames: Iterable[_Frame]) -> list[_Plate]:
    """Candidates of one frame are different plates; across frames the nearest text is the same plate, of two
    as near that at whose place it is."""
    plates: list[_Plate] = []
    for frame in frames:
        left = list(plates)
        for candidate in sorted(frame.candidates, key=lambda one: one.confidence, reverse=True):
            voice = _Voice(frame, candidate)
            near = [
                (distance, not follows(plate.path, voice.seen), index)
                for index, plate in enumerate(left)
                if (distance := plate.distance(candidate.text)) <= SAME_PLATE_EDITS
            ]
            if near:
                plate = left.pop(min(near)[2])
            else:
                plate = _Plate(candidate)
                plates.append(plate)
            plate.add(voice)
        if len(plates) > PLATES_MAX:
            plates.sort(key=lambda plate: len(plate.voices) * plate.best.confidence, reverse=True)
            del plates[PLATES_MAX:]
    return plates


def _with_badly_read(plates: Sequence[_Plate]) -> list[_Plate]:
    """Each plate with what was read of it in its bad frames; what may be of two plates stays alone."""
    support = {id(plate): _support(_agree(plate.voices)) for plate in plates}
    kept: list[_Plate] = []
    for plate in sorted(plates, key=lambda one: support[id(one)], reverse=True):
        least = support[id(plate)] / BADLY_READ_MAX
        takers = [one for one in kept if support[id(one)] >= least and one.is_seen_in(plate)]
        if len(takers) == 1:
            takers[0].voices.extend(plate.voices)
        else:
            kept.append(plate)
    return kept


def _support(plate: Agreed) -> float:
    return plate.frames * plate.confidence


def _agree(voices: Sequence[_Voice]) -> Agreed:
    seen = [voice.candidate for voice in voices]
    frames = [voice.shares for voice in voices]
    weight = 1 / (1 + CORRELATION * (len(frames) - 1))
    unsaid = [max(1e-6, 1 - sum(frame.values())) / OTHER_TEXTS for frame in frames]
    looks = [_sums(frame, _look) for frame in frames]
    scores = {
        look: weight
        * sum(math.log(max(frame.get(look, 0), rest)) for frame, rest in zip(looks, unsaid, strict=True))
        for look in sorted({look for frame in looks for look in frame})
    }
    none_of_them = weight * sum(map(math.log, unsaid)) + math.log(OTHER_TEXTS)
    top = max(none_of_them, *scores.values())
    total = sum(math.exp(score - top) for score in (*scores.values(), none_of_them))
    best_of_all = max(scores.values())
    raw = math.exp(best_of_all - top) / total
    # Never surer than the vote itself; the others keep their proportions.
    sure = min(CONFIDENCE_MAX, raw, _calibrated(raw, len(frames) * weight - 1))
    chances = {
        text: sure * math.exp(scores[_look(text)] - best_of_all) * share
        for text, share in _shares_among(frames, _look).items()
    }
    ranked = sorted(chances, key=lambda text: (-chances[text], text))
    if sure * (1 - _shares_among(frames, _kind)[ranked[0]]) > TWINS_LEAST:
        chances[ranked[0]] = min(chances[ranked[0]], TWIN_MAX)
    shares = tuple((text, chances[text]) for text in ranked[:5])
    text = ranked[0]
    spoke = [
        voice
        for voice in sorted(voices, key=lambda voice: voice.frame.at_s)
        if text in voice.shares or edits(text, voice.candidate.text) <= SAME_PLATE_EDITS
    ]
    speakers = [one for one in seen if one.text == text] or list(seen)
    shown = max(voices, key=lambda voice: (voice.shares.get(text, 0), voice.candidate.confidence))
    best = shown.candidate
    named = Counter(one.text for one in seen)
    countries = {one.country for one in speakers if one.country}
    return Agreed(
        text=text,
        display=max(speakers, key=lambda one: one.confidence).display if named[text] else text,
        country=countries.pop() if len(countries) == 1 else None,
        confidence=chances[text],
        alternatives=shares,
        box=best.box,
        frames=len(spoke),
        named=tuple(named[one] for one, _ in shares),
        corners=best.corners,
        lines=best.lines,
        country_confidence=best.country_confidence,
        frame=shown.frame.fingerprint,
        boxes=tuple(voice.candidate.box for voice in spoke),
        ballots=tuple(voice.ballot for voice in spoke),
    )


def _look(text: str) -> str:
    """What all texts have in common that a recogniser takes for each other in every frame alike: O and 0 are
    drawn the same, I and 1 too, and of two equal characters side by side one is easily lost."""
    drawn = _as_drawn(text)
    return "".join(one for one, before in zip(drawn, " " + drawn, strict=False) if one != before)


_DRAWN_ALIKE = str.maketrans("OI", "01")
_ALIKE_IN_SMALL = {ord("Ү"): "Y", **dict.fromkeys(map(ord, PROVINCES), PROVINCES[0])}


def _as_drawn(text: str) -> str:
    return text.translate(_DRAWN_ALIKE)


def _kind(text: str) -> str:
    """What all texts have in common that frames of one vehicle can't tell apart, however many: what is drawn
    the same, the Mongolian Ү and У (written Y), and in small pictures one Chinese province and another."""
    return _as_drawn(text).translate(_ALIKE_IN_SMALL)


def _sums(frame: Mapping[str, float], common: Callable[[str], str]) -> dict[str, float]:
    """The sum over the texts that have something in common."""
    sums: dict[str, float] = {}
    for text, share in frame.items():
        sums[common(text)] = sums.get(common(text), 0.0) + share
    return sums


def _shares_among(frames: Sequence[Mapping[str, float]], common: Callable[[str], str]) -> dict[str, float]:
    """Each text's part of those that have something in common with it, on average over the frames that hold
    one of them possible: more frames make it no surer."""
    texts = {text for frame in frames for text in frame}
    parts: dict[str, float] = dict.fromkeys(texts, 0.0)
    spoke = Counter(each for frame in frames for each in _sums(frame, common))
    for frame in frames:
        sums = _sums(frame, common)
        for text, share in frame.items():
            parts[text] += share / max(sums[common(text)], 1e-9) / spoke[common(text)]
    return parts


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
