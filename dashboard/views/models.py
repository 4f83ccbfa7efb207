"""The shapes of what is shown: the JSON twins of the pages.  Times are UTC in ISO 8601 beside their site
time; words are codes beside their text in the user's language."""

from typing import Literal

from pydantic import Field

from dashboard.views.language import Coded
from dashboard.views.shift_models import PastShift
from dashboard.views.tile_models import Alarm, Device, Moment, ShelfShown, Shown, Tile
from dashboard.views.weight_models import WeightShown


class Check(Shown):
    check: Coded
    agency: Coded
    outcome: Coded
    reason: Coded
    source: str
    subject: Coded | None


class PageMark(Shown):
    """One character that wants a look; line and column from 1, column 0 for a whole field."""

    kind: Literal["doubtful", "corrected", "inconsistent"]
    line: int
    column: int
    character: str
    candidates: tuple[str, ...]
    text: str


class PageRun(Shown):
    """Characters of a line, one after the other, with the same mark or none."""

    text: str
    mark: PageMark | None


class PageShown(Shown):
    """The page that a document was read from.  `crop` shows its zone: `lines` one under the other, all cells
    of one size."""

    picture: str | None = Field(description="address of the page's picture, width x height px")
    crop: str | None = Field(description="address of the zone's picture")
    width: int
    height: int
    outlines: tuple[str, ...] = Field(description="round each line in the page's picture: x,y x,y ... in px")
    columns: int
    lines: tuple[tuple[PageRun, ...], ...]
    marks: tuple[PageMark, ...]


class ChipTest(Shown):
    check: Coded
    outcome: Coded
    reason: Coded
    details: str


class ChipField(Shown):
    field: str
    printed: str
    chip: str
    differs: bool


class ChipRun(Shown):
    """Characters of a line of DG1, one after the other, all of them the page's or none."""

    text: str
    differs: bool


class ChipShown(Shown):
    """The chip of a document beside its page; `reason` says why there is no reading."""

    data: Coded | None
    chip: Coded | None
    reason: Coded | None
    portrait: str | None = Field(description="address of the face in the chip")
    fields: tuple[ChipField, ...]
    lines: tuple[tuple[ChipRun, ...], ...]
    differs: tuple[str, ...]
    checks: tuple[ChipTest, ...]
    trust: str
    took_ms: str


class DocumentShown(Shown):
    kind: str
    issuer: str
    number: str
    nationality: str
    surname: str
    given_names: str
    birth: str
    sex: str
    expiry: str | None
    status: Coded
    doubtful: tuple[str, ...]
    wrong_check_digits: tuple[str, ...]
    lines: tuple[str, ...]
    page: PageShown | None
    chip: ChipShown | None


class PlateShown(Shown):
    display: str
    country: str | None
    confidence: str
    frames: int


class SeenPlate(Shown):
    """What a side's last reading rests on: the frame that was read, and the plate cut out of it."""

    side: Coded
    display: str | None
    reason: Coded | None = Field(description="why it is not sure, or why there is none")
    picture: str | None = Field(description="address of the frame")
    crop: str | None = Field(description="address of the plate's picture")


class VotedShown(Shown):
    """A text that a plate may be, its `probability` (0 to 1) as `weight` in words."""

    text: str
    probability: float
    weight: str
    frames: int = Field(description="frames that gave it as their best text")


class FrameShown(Shown):
    """What one frame read, in words: `after` the first one, and how sure it was of its text by itself."""

    after: str
    text: str
    sure: str
    crop: str | None = Field(description="address of the plate's picture in this frame")


class VoteShown(Shown):
    """How one camera's frames voted on a plate, and what was decided."""

    side: Coded
    frames: int = Field(description="frames that voted")
    texts: tuple[VotedShown, ...] = Field(description="best first")
    others: tuple[VotedShown, ...] = Field(description="other plates of the same interval")
    parked: tuple[VotedShown, ...] = Field(description="plates of parked vehicles, left out")
    each: tuple[FrameShown, ...] = Field(description="the frames that voted, as they were taken")
    when: Coded
    why: Coded


class Picture(Shown):
    url: str
    sha256: str


class TimelineEvent(Shown):
    """`position` is the event's place in the store for its audience."""

    position: int
    audience: str
    time: Moment
    received: Moment
    late: bool = Field(description="came long after it happened")
    type: Coded
    text: str
    maintenance: bool


class Freeing(Shown):
    """What would let a passage go in spite of one check: other evidence, or a person's release."""

    check: Check
    settled: bool = Field(description="a release of its agency stands already")
    evidence: Coded | None = Field(description="what may still change the check's outcome by itself")
    release: Coded = Field(description="who may release in view of it")


class Passage(Shown):
    lane: str
    journal: str
    passage: int
    phase: Coded
    since: Moment
    ended: Moment | None
    ending: Coded | None
    plates: tuple[PlateShown, ...]
    seen_plates: tuple[SeenPlate, ...]
    votes: tuple[VoteShown, ...]
    documents: tuple[DocumentShown, ...]
    persons: int | None
    weight: WeightShown | None
    checks: tuple[Check, ...]
    waiting_for: tuple[Coded, ...]
    decision: Coded | None
    reasons: tuple[Coded, ...]
    decided_by: str | None
    pictures: tuple[Picture, ...]
    freeing: tuple[Freeing, ...]
    timeline: tuple[TimelineEvent, ...]


class Offer(Shown):
    """A command that makes sense for this role, or why it is withheld now."""

    kind: Coded
    offered: bool
    reasons: tuple[Coded, ...]


class LiveOffer(Shown):
    """A camera that this role may look through, or why not now."""

    camera: str
    offered: bool
    reasons: tuple[Coded, ...]


class SentCommand(Shown):
    """`answer` None: unknown, the lane has not answered yet."""

    id: str
    kind: Coded
    operator: str
    second: str | None
    reason: Coded
    sent: Moment
    answer: Coded
    reasons: tuple[Coded, ...]
    answered: Moment | None
    may_repeat: bool


class Lane(Shown):
    tile: Tile
    seen: str = Field(description="what is on this screen, for commands that rest on it")
    devices: tuple[Device, ...]
    covered: tuple[Coded, ...]
    passage: Passage | None
    timeline: tuple[TimelineEvent, ...]
    offers: tuple[Offer, ...]
    live: tuple[LiveOffer, ...]
    commands: tuple[SentCommand, ...]
    version: str
    backlog: int | None


class Flood(Shown):
    """More than ten alarms were announced to one person within ten minutes."""

    since: Moment
    count: int = Field(description="announced within the last ten minutes")


class Sounding(Shown):
    """One thing that calls for the user, by a name that stays the same while it does."""

    id: str
    priority: str


class Sound(Shown):
    """What a browser lets sound until it is acknowledged."""

    sounding: tuple[Sounding, ...]
    flood: Flood | None


class AlarmGroup(Shown):
    """Announced alarms of a flood that are shown together: of one kind, or of one lane."""

    id: str
    kind: Coded | None
    lane: str | None
    priority: Coded
    lanes: tuple[str, ...]
    since: Moment
    count: int


class Alarms(Shown):
    alarms: tuple[Alarm, ...]
    flood: Flood | None = None
    groups: tuple[AlarmGroup, ...] = ()
    shelves: tuple[ShelfShown, ...] = Field(
        default=(), description="all, also where the alarm stands no more"
    )


class ChatteringAlarm(Shown):
    """An alarm that came and went during the last day."""

    lane: str
    kind: Coded
    device: str | None
    times: int
    most_in_a_minute: int
    last: Moment


class ChatteringAlarms(Shown):
    alarms: tuple[ChatteringAlarm, ...]


class ShiftOffer(Shown):
    """A shift handed over by name, not taken over yet."""

    lane: str
    by: str
    to: str
    hand_over: str | None = Field(description="its page of open matters")
    at: Moment


class Shift(Shown):
    lane: str
    responsible: str | None
    open_passage: int | None
    situation: Coded
    open_alarms: int
    offer: ShiftOffer | None
    may_begin: bool
    may_end: bool
    withheld: tuple[Coded, ...]


class Shifts(Shown):
    shifts: tuple[Shift, ...]
    mine: tuple[str, ...] = Field(description="lanes that the user is responsible for")
    colleagues: tuple[str, ...] = Field(description="users who may take a shift over")
    past: tuple[PastShift, ...] | None = Field(description="of the last seven days; null unless one leads")


class UserShown(Shown):
    name: str
    role: Coded
    agency: Coded | None
    language: str
    demo: bool
    disabled: bool


class Users(Shown):
    users: tuple[UserShown, ...]


class AuditEvent(Shown):
    sequence: int
    time: Moment
    type: Coded
    text: str
    rowhash: str


class Audit(Shown):
    events: tuple[AuditEvent, ...]
    more: int | None = Field(description="give as `before` for the next page")
