"""What happened, kept and published.  `data` of an envelope is one of these.

`AUDIENCE` says for whom each type is unless the lane narrows it.
"""

from typing import Annotated, Literal

from pydantic import Field

from lane_controller.messages.parts import (
    AxleLoads,
    CheckResult,
    ChipReading,
    Document,
    ErasedJournal,
    Message,
    PageReading,
    Person,
    Plate,
    PlateVote,
    Reason,
    Weight,
    WeightTrace,
)
from lane_controller.messages.words import (
    Answer,
    Arm,
    Audience,
    CommandKind,
    DeviceRole,
    Health,
    Lamp,
    Mode,
    Outcome,
    PassageEnd,
    Place,
    Priority,
    Side,
)


class LaneStarted(Message):
    type: Literal["lane.started"] = "lane.started"
    version: str
    configuration: str = Field(description="SHA-256 of the configuration")
    held_passages: tuple[int, ...] = Field((), description="open passages turned to hold")
    permit_revoked: bool = False


class LaneFaulted(Message):
    """The rules raised on a fact: the row holds the fact and the error, the lane is in mode manual."""

    type: Literal["lane.faulted"] = "lane.faulted"
    error: str


class ModeChanged(Message):
    type: Literal["lane.mode_changed"] = "lane.mode_changed"
    mode: Mode
    before: Mode
    reason: Reason
    by: Person | None = None


class ShiftChanged(Message):
    """`responsible` None: nobody is."""

    type: Literal["lane.shift_changed"] = "lane.shift_changed"
    responsible: str | None
    before: str | None
    open_holds: tuple[int, ...] = ()


class ClockJumped(Message):
    type: Literal["lane.clock_jumped"] = "lane.clock_jumped"
    by_s: float


class LampChanged(Message):
    type: Literal["lane.lamp_changed"] = "lane.lamp_changed"
    lamp: Lamp


class PresenceChanged(Message):
    type: Literal["presence.changed"] = "presence.changed"
    place: Place
    device: str
    covered: bool


class DeviceChanged(Message):
    type: Literal["device.changed"] = "device.changed"
    device: str
    role: DeviceRole
    health: Health
    reason: Reason
    discarded: int = Field(0, description="readings cut off by the rate limit since the last such event")


class PassageArrived(Message):
    type: Literal["passage.arrived"] = "passage.arrived"
    passage: int


class PlateObserved(Message):
    """`plate` None in an unread attempt; `side` front or rear.  A `reason` beside a plate says why it is not
    sure.  `picture` is the frame that was read and `crop` the plate in it, by their SHA-256 under media/;
    `vote` says what else it may be and how the frames voted."""

    type: Literal["passage.plate"] = "passage.plate"
    passage: int
    side: Side
    plate: Plate | None
    picture: str | None = None
    crop: str | None = None
    reason: Reason | None = None
    vote: PlateVote | None = None


class DocumentObserved(Message):
    """`person` counts from 1; `document` None when nothing could be read.  Where it was read from a page's
    picture, `picture` is the very frame that was read, made smaller, and `crop` its zone with cells of one
    width, by their SHA-256 under media/; `page` says how it was read."""

    type: Literal["passage.document"] = "passage.document"
    passage: int
    person: int
    device: str
    document: Document | None
    reason: Reason | None = None
    picture: str | None = None
    crop: str | None = None
    page: PageReading | None = None


class CardObserved(Message):
    type: Literal["passage.card"] = "passage.card"
    passage: int
    device: str
    inserted: bool
    atr: str
    emrtd: bool | None


class ChipObserved(Message):
    """The chip of document `person` was read, or (reading None) was not: the reason says why.  `document` is
    what DG1 states, `portrait` the face in it, by its SHA-256 under media/."""

    type: Literal["passage.chip"] = "passage.chip"
    passage: int
    person: int
    device: str
    reading: ChipReading | None
    reason: Reason | None = None
    document: Document | None = None
    portrait: str | None = None


class WeightObserved(Message):
    """`weight` None when it did not settle; the reason says why.  `trace` is what the scale showed until
    then, `axles` what the trace's steps tell; both None from a lane that keeps none."""

    type: Literal["passage.weight"] = "passage.weight"
    passage: int
    weight: Weight | None
    reason: Reason | None = None
    trace: WeightTrace | None = None
    axles: AxleLoads | None = None


class PersonsStated(Message):
    type: Literal["passage.persons"] = "passage.persons"
    passage: int
    persons: int
    by: Person


class CheckConcluded(Message):
    type: Literal["passage.check"] = "passage.check"
    passage: int
    result: CheckResult
    names: tuple[str, ...] | None = Field(None, description="for second line: why a name matched")


class PassageDecided(Message):
    """`by` None: the machine.  `reasons` are those that the event's audience may see."""

    type: Literal["passage.decided"] = "passage.decided"
    passage: int
    decision: Outcome
    reasons: tuple[Reason, ...]
    by: Person | None = None
    second: Person | None = None
    settles: str | None = Field(None, description="the agency whose checks an operator's release settles")
    trust: str | None = Field(None, description="SHA-256 of the trust store that its chips were judged by")


class RegisterHit(Message):
    """For second line alone."""

    type: Literal["passage.hit"] = "passage.hit"
    passage: int
    register_kind: str
    hits: tuple[dict[str, str | int | float | bool | None], ...] | None
    as_of: str


class PassageEnded(Message):
    type: Literal["passage.ended"] = "passage.ended"
    passage: int
    end: PassageEnd
    reason: Reason
    lasted_s: float | None = Field(None, description="None when a start lies between")


class ArmMoved(Message):
    """`permit` names why it rose, None when nothing of ours ordered the movement."""

    type: Literal["barrier.moved"] = "barrier.moved"
    arm: Arm
    permit: str | None = None
    order: str | None = None


class ArmReversed(Message):
    """The barrier's own reopening within its travel time; the permit is spent."""

    type: Literal["barrier.reversed"] = "barrier.reversed"
    passage: int | None


class ArmWithheld(Message):
    """A movement that was wanted and may not be, with all reasons."""

    type: Literal["barrier.withheld"] = "barrier.withheld"
    movement: Literal["raise", "lower"]
    reasons: tuple[Reason, ...]
    passage: int | None


class PermitIssued(Message):
    type: Literal["barrier.permit"] = "barrier.permit"
    permit: str
    cause: Literal["decision", "command", "local"]
    passage: int | None


class PermitEnded(Message):
    type: Literal["barrier.permit_ended"] = "barrier.permit_ended"
    permit: str
    reason: Reason


class AlarmRaised(Message):
    """`alarm` names the occurrence."""

    type: Literal["alarm.raised"] = "alarm.raised"
    alarm: str
    kind: str
    priority: Priority
    act_within_s: int | None = Field(None, description="seconds within which a person should act")
    device: str | None = Field(None, description="the device it is about, where it is about one")
    reason: Reason
    passage: int | None = None


class AlarmAcknowledged(Message):
    type: Literal["alarm.acknowledged"] = "alarm.acknowledged"
    alarm: str
    by: Person


class AlarmCleared(Message):
    type: Literal["alarm.cleared"] = "alarm.cleared"
    alarm: str


class PictureTaken(Message):
    """A picture that an alarm asked for, by its SHA-256 under media/."""

    type: Literal["alarm.picture"] = "alarm.picture"
    alarm: str
    device: str
    picture: str | None


class CommandAnswered(Message):
    type: Literal["command.answered"] = "command.answered"
    command: str
    kind: CommandKind
    answer: Answer
    reasons: tuple[Reason, ...] = ()
    by: Person
    second: Person | None = None
    given: Reason = Field(description="the operator's own reason")
    passage: int | None = None


class PersonalErased(Message):
    """Personal data of these passages are gone from the journal; every store does the same."""

    type: Literal["journal.erased"] = "journal.erased"
    sequences_to: int = Field(description="events up to this sequence, of these passages (all when empty)")
    passages: tuple[int, ...] = ()
    reason: Reason
    set_aside: tuple[ErasedJournal, ...] = Field((), description="and of these older journals of the lane")


EventData = Annotated[
    LaneStarted
    | LaneFaulted
    | ModeChanged
    | ShiftChanged
    | ClockJumped
    | LampChanged
    | PresenceChanged
    | DeviceChanged
    | PassageArrived
    | PlateObserved
    | DocumentObserved
    | CardObserved
    | ChipObserved
    | WeightObserved
    | PersonsStated
    | CheckConcluded
    | PassageDecided
    | RegisterHit
    | PassageEnded
    | ArmMoved
    | ArmReversed
    | ArmWithheld
    | PermitIssued
    | PermitEnded
    | AlarmRaised
    | AlarmAcknowledged
    | AlarmCleared
    | PictureTaken
    | CommandAnswered
    | PersonalErased,
    Field(discriminator="type"),
]

AUDIENCE: dict[str, Audience] = {
    "passage.hit": Audience.SECOND_LINE,
    "journal.erased": Audience.AUDIT,
}
"""Types that are never for the ordinary screen; every other type is for `lane` unless the lane narrows it
(the check of a watchlist or of the draw is `second_line` when it passed or failed)."""
