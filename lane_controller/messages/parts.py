"""Parts that several messages share.

Personal data stand only under the keys in PERSONAL_KEYS, wherever they occur in a fact or an event, and may
be null: the journal and the store keep them beside the row, so that erasing them leaves the chain whole.
"""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from lane_controller.messages.words import (
    Agency,
    CheckOutcome,
    ClockQuality,
)

PICTURE_KEYS = frozenset({"picture", "crop", "portrait"})
"""What names a picture under media/ by its SHA-256: a frame or page, the plate or zone cut out of it, the
portrait in a chip."""
PERSONAL_KEYS = frozenset({"document", "page", "plate", "vote", "hits", "names"}) | PICTURE_KEYS
"""A traveller's document, what was doubtful in its page, a plate, what it may be instead, a register's hits,
matched names, a picture's hash."""


class Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Stamp(Message):
    """When something was so.  Durations are differences of `mono_s` within one `boot` only."""

    utc: datetime
    boot: str
    mono_s: float = Field(description="seconds of the monotonic clock since the machine's boot")
    clock: ClockQuality


class Reason(Message):
    """A coded reason with its parameters; the dashboard has the languages, so no sentence travels."""

    code: str
    parameters: dict[str, str | int | float | bool | None] = Field(default_factory=dict)


class ErasedJournal(Message):
    """The part of an order of erasure that is about an older journal of the lane, which gets no row any more:
    where a card was cloned, the other machine may still write it."""

    journal: str
    sequences_to: int = Field(ge=0, description="events up to this sequence")
    passages: tuple[int, ...] = Field((), description="of these passages, all when empty")


class Document(Message):
    """What a lane needs to know of one document (ICAO Doc 9303-3).  Dates are ISO 8601 with unknown parts as
    `XX`; names are primary and secondary identifier in Latin letters, as the MRZ prints them (but the digit
    code of a Russian internal passport is turned back), the lines as printed."""

    kind: str = Field(description="document code, e.g. P, I, V, PN")
    format: str = Field(description="TD1, TD2, TD3, MRV-A, MRV-B, FR-ID")
    issuer: str
    number: str
    nationality: str
    surname: str
    given_names: str
    birth: str
    sex: str
    expiry: str | None = Field(description="None where the document states none (Russian internal passport)")
    status: str = Field(description="verified, corrected, doubtful, inconsistent, unreadable")
    wrong_check_digits: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = Field((), description="names of fields that are not sure")
    lines: tuple[str, ...] = ()
    visual_zone: dict[str, str] = Field(
        default_factory=dict[str, str],
        description="by field: agrees, differs or not_read; empty where the print was not compared",
    )


class DoubtfulCharacter(Message):
    """Line and column from 1; column 0: the whole field.  `candidates` are the characters it may be, the best
    first; empty where the engine can't say."""

    field: str
    line: int = 0
    column: int = 0
    candidates: tuple[str, ...] = ()


class CorrectedCharacter(Message):
    """`taken` stands in the lines in place of `read`; `reason` is a code (mrz.reading.REASONS)."""

    line: int
    column: int
    read: str
    taken: str
    reason: str


class WrongCheckDigit(Message):
    """A check digit that a surely read print does not hold."""

    field: str
    line: int
    column: int
    expected: str
    found: str


class PageReading(Message):
    """How a document was read from its page's picture, which is `width` x `height` px.

    Lines and columns are those of the document's `lines`.  Beside the page there may be a picture of the zone
    alone: its lines one under the other, each cell as wide as any other, so that it needs no coordinates.
    """

    width: int
    height: int
    outlines: tuple[tuple[int, ...], ...] = Field(
        (), description="round each line of the zone in the page's picture: x, y, x, y ... in px"
    )
    doubtful: tuple[DoubtfulCharacter, ...] = ()
    corrections: tuple[CorrectedCharacter, ...] = ()
    inconsistent: tuple[WrongCheckDigit, ...] = ()


class DocumentPage(Message):
    """The page that a document was read from: its picture and its zone's, by their SHA-256 under media/."""

    picture: str | None = None
    crop: str | None = None
    page: PageReading | None = None


class ChipCheck(Message):
    """One test of a chip's inspection.  Its reason is a code; parameters name algorithms, files, states and
    never anybody."""

    name: str
    outcome: CheckOutcome
    reason: Reason


class ChipReading(Message):
    """What a chip's inspection came to (ICAO Doc 9303-11, table 1)."""

    data: str = Field(description="verified, failed or not_verifiable: whether a state signed the data")
    chip: str = Field(description="genuine, failed or not_proved: whether it is the chip that the state made")
    checks: tuple[ChipCheck, ...] = Field((), description="every test, in its order")
    differs: tuple[str, ...] = Field((), description="fields in which DG1 is not what the page prints")
    trust: str = Field(description="SHA-256 of the trust store that it was judged by")
    duration_ms: float
    apdus: int


class DocumentChip(Message):
    """The chip of a document: its reading, or the reason why there is none.  `document` is what DG1 states,
    verified or not, `portrait` the face in it, by its SHA-256 under media/."""

    reading: ChipReading | None = None
    reason: Reason | None = None
    document: Document | None = None
    portrait: str | None = None


class Plate(Message):
    """`text` is canonical, `display` as printed; `country` None when ambiguous."""

    text: str
    display: str
    country: str | None
    confidence: float = Field(ge=0, le=1)
    frames: int = Field(description="frames that agreed")


class VotedText(Message):
    """One text that a plate may be."""

    text: str
    probability: float = Field(ge=0, le=1, description="fused over the frames that spoke")
    frames: int = Field(ge=0, description="different frames that gave it as their best text")


class FrameVote(Message):
    """What one frame read of a plate."""

    after_s: float = Field(ge=0, description="seconds after the first frame that voted")
    text: str = Field(description="its best text")
    probability: float = Field(ge=0, le=1, description="of that text, by this frame alone")
    crop: str | None = Field(
        default=None,
        description="its plate's picture under media/, by SHA-256; null where none came",
    )


class PlateVote(Message):
    """How the frames of one interval voted, when the plate was told or given up."""

    side: str = Field(description="front or rear")
    frames: int = Field(ge=0, description="different frames that spoke for the plate")
    texts: tuple[VotedText, ...] = Field(description="what it may be, at most 5, best first")
    others: tuple[VotedText, ...] = Field(
        (), description="other plates of the same interval, at most 3: best text, best supported first"
    )
    parked: tuple[VotedText, ...] = Field(
        (), description="plates of parked vehicles in the picture, left out, at most 3"
    )
    each: tuple[FrameVote, ...] = Field(
        (), description="the frames that voted, as they were taken; of many the last 8"
    )
    when: str = Field(description="a word of VoteWhen: what ended the waiting")
    why: str = Field(description="a word of VoteWhy: why the plate is sure or not")

    def pictured(self, crops: Sequence[str | None]) -> "PlateVote":
        """With these pictures of `each` frame, in its order."""
        each = zip(self.each, crops, strict=True)
        return self.model_copy(
            update={"each": tuple(one.model_copy(update={"crop": crop}) for one, crop in each)}
        )


class Weight(Message):
    """A settled weight and the evidence kept with it (facts of OIML R 76-1)."""

    gross_kg: float
    settled_s: float = Field(description="seconds the value stood within tolerance before it counted")
    zero_seen: bool = Field(description="a zero was read before this vehicle came onto the deck")
    wholly_on_deck: bool | None = Field(description="None where no sensor can tell")
    scale: str
    verification: str = Field(description="number of the verification seal")
    verified_until: str = Field(description="ISO 8601 date; an expired scale's weight is information only")
    raw: str = Field(description="the indicator's frame, hexadecimal")


TRACE_POINTS_MAX = 200


class WeightTrace(Message):
    """What the indicator showed from the last empty deck on, up to the weight that it stands beside: the
    first of `at_ms` is 0, both lists are as long.  Readings that stayed within a band of the one before are
    left out, at most TRACE_POINTS_MAX are kept."""

    at_ms: tuple[int, ...]
    gross_kg: tuple[float, ...]


class AxleStep(Message):
    """What one axle added to the weight as it climbed onto the deck: indicative, since a scale verified for
    whole vehicles at rest is not verified for axles."""

    at_ms: int = Field(description="when it climbed, after the first point of the trace")
    load_kg: float
    uncertainty_kg: float = Field(description="expanded (k = 2)")


class AxleSteps(Message):
    """Axle by axle in the order they climbed; empty where they can't be told apart: the reason says why."""

    steps: tuple[AxleStep, ...] = ()
    reason: Reason | None = None


class AxleLimit(Message):
    """What the law allows an axle group here and today.  It hangs on what no sensor of a lane tells (the
    distance between the axles, driven or not, twin tyres or not): `lowest_kg` and `highest_kg` of all that
    may hold."""

    lowest_kg: int
    highest_kg: int
    source: str
    verified: bool


class AxleGroup(Message):
    """Axles that stand close together bear as one.  `uncertainty_kg` is expanded (k = 2)."""

    steps: tuple[AxleStep, ...]
    load_kg: float
    uncertainty_kg: float
    limit: AxleLimit | None = Field(None, description="None where the state has none, or no date is known")


class AxleLoads(Message):
    """Indicative loads by axle group, for the eye: no check rests on them.  `groups` is empty where the axles
    can't be told apart (`reason`); `grouped` False where they were counted, but not which stand close
    together: then each is a group of its own, without a limit."""

    groups: tuple[AxleGroup, ...] = ()
    grouped: bool = True
    reason: Reason | None = None


class CheckResult(Message):
    """One named test on the evidence."""

    check: str
    agency: Agency
    outcome: CheckOutcome
    reason: Reason
    source: str = Field(description="the rule's source: standard, law or data file with entry")
    subject: str = Field("", description="what it was about when there may be several: person-1, plate-front")
    confidential: bool = Field(
        False, description="its passed and failed are for second line alone (watchlists, draw)"
    )


class Person(Message):
    """Who asked.  `operator` is an account name of the dashboard."""

    operator: str
    role: str
    agency: Agency | None
    workplace: str = Field(default="", description="name of the enrolled work place; empty anywhere else")
