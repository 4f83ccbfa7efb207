"""What a plate reader says: plain values, safe to keep, compare and send.

Units everywhere in `anpr`: a frame is a numpy array of uint8, height x width x 3, blue-green-red; boxes and
corners are pixels of that frame, origin top left, x to the right, y down.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol

Box = tuple[int, int, int, int]
"""x, y, width, height."""
Corners = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]
"""Top left, top right, bottom right, bottom left of the plate as seen."""


class ReaderUnavailable(RuntimeError):
    """A network or its library is missing or broken; the message says what to do."""


class Candidate(Protocol):
    """One plate in one frame, as far as voting over frames needs it; a camera's own reader fits too.

    `alternatives` are (text, probability), best first, the first being `text` itself; their sum is at most 1
    and what is missing from 1 is the chance that none of them is right.  It may be empty: then `text` at
    `confidence` stands alone.  `corners` is None where the reader does not say them; `country_confidence` as
    in `PlateReading`.
    """

    @property
    def text(self) -> str: ...
    @property
    def display(self) -> str: ...
    @property
    def country(self) -> str | None: ...
    @property
    def confidence(self) -> float: ...
    @property
    def alternatives(self) -> Sequence[tuple[str, float]]: ...
    @property
    def box(self) -> Box: ...
    @property
    def corners(self) -> Corners | None: ...
    @property
    def lines(self) -> int: ...
    @property
    def country_confidence(self) -> float: ...


@dataclass(frozen=True, slots=True)
class PlateReading:
    """One plate, read in one frame or agreed over several.

    `text` is canonical (`anpr.canonical`), `display` as printed; `country` is a code of the format table,
    None where two remain; `confidence` is the probability (0 to 1) that `text` is right as a whole;
    `alternatives` as in `Candidate`.  `box` and `corners` are those of the frame read, or of the best frame;
    `lines` is 1 or 2, `frames` how many different frames spoke for this plate; `country_confidence` is how
    sure the likeliest country is, given the text.  `votes`: False where the text is told of a frame, and is
    too weak to be one of a vehicle's (`anpr.Track`).
    """

    text: str
    display: str
    country: str | None
    confidence: float
    alternatives: tuple[tuple[str, float], ...]
    box: Box
    corners: Corners
    lines: int
    frames: int = 1
    country_confidence: float = 0.0
    votes: bool = True

    @property
    def second(self) -> str | None:
        """The second-best text, None when there was no other."""
        return self.alternatives[1][0] if len(self.alternatives) > 1 else None


class Reason(StrEnum):
    """Why a candidate was refused."""

    EMPTY = "nothing is written there"
    FORMAT = "fits no plate format"
    MARKING = "marks a load, and is no plate"
    UNSURE = "too few characters are certain"


@dataclass(frozen=True, slots=True)
class Refused:
    """A candidate that looked like a plate and was not taken for one; `text` is what was read, canonical.
    `doubtful` is the reading that it would be: too weak alone, it votes over frames (`anpr.Track`)."""

    text: str
    reason: Reason
    box: Box
    doubtful: PlateReading | None = None


@dataclass(frozen=True, slots=True)
class FrameReading:
    """Everything that was found in one frame: `plates` best first."""

    plates: tuple[PlateReading, ...]
    refused: tuple[Refused, ...]

    @property
    def voting(self) -> tuple[PlateReading, ...]:
        """The plates that may be a vehicle's, best first."""
        return tuple(one for one in self.plates if one.votes)

    @property
    def left_out(self) -> tuple[tuple[str, str], ...]:
        """Texts that are no vehicle's, and why."""
        alone = [(one.text, Reason.FORMAT) for one in self.plates if not one.votes]
        return (*alone, *((one.text, one.reason) for one in self.refused))

    @property
    def doubtful(self) -> tuple[PlateReading, ...]:
        """What is too weak to be told of one frame and votes over several, best first."""
        weak = [one.doubtful for one in self.refused if one.doubtful is not None]
        return tuple(sorted(weak, key=lambda one: -one.confidence))

    @property
    def candidates(self) -> tuple[PlateReading, ...]:
        """All that votes over frames, best first."""
        return (*self.voting, *self.doubtful)


class Ballot(NamedTuple):
    """What one frame (its fingerprint) read of a plate: when it was taken (seconds of any clock), its best
    text, and how probable it held that."""

    fingerprint: str
    at_s: float
    text: str
    probability: float


@dataclass(frozen=True, slots=True)
class Agreed:
    """A plate agreed over frames: what `Track` says.  `frames` counts different frames that spoke for it (not
    those that were read badly at its place), `named` those that gave each of `alternatives` as their best
    text.  `frame` is the fingerprint of the one that was surest of `text`; `box`, `corners`, `lines` and
    `country_confidence` are its; `boxes` and `ballots` are those of all `frames`, as they were taken."""

    text: str
    display: str
    country: str | None
    confidence: float
    alternatives: tuple[tuple[str, float], ...]
    box: Box
    frames: int
    named: tuple[int, ...]
    corners: Corners | None = None
    lines: int = 1
    country_confidence: float = 0.0
    frame: str = ""
    boxes: tuple[Box, ...] = ()
    ballots: tuple[Ballot, ...] = ()

    @property
    def second(self) -> str | None:
        """The second-best text, None when there was no other."""
        return self.alternatives[1][0] if len(self.alternatives) > 1 else None
