"""What a lane looks like now: a retained convenience for the eye; the store is the truth."""

from typing import Literal

from pydantic import Field

from lane_controller.messages.parts import (
    CheckResult,
    Document,
    DocumentChip,
    DocumentPage,
    Message,
    Plate,
    PlateVote,
    Reason,
    Stamp,
    Weight,
)
from lane_controller.messages.words import (
    Arm,
    CommandKind,
    DeviceRole,
    Direction,
    Health,
    Lamp,
    Mode,
    Outcome,
    Place,
    Priority,
    Profile,
)


class DeviceState(Message):
    device: str
    role: DeviceRole
    health: Health
    reason: Reason | None = None
    age_s: float | None = Field(None, description="seconds since the last good reading, at the state's stamp")


class AlarmState(Message):
    """One standing alarm.  `alarm` names the occurrence: kind and sequence of the event that raised it."""

    alarm: str
    kind: str
    priority: Priority
    act_within_s: int | None = Field(None, description="seconds within which a person should act")
    device: str | None = Field(None, description="the device it is about, where it is about one")
    since: Stamp
    acknowledged_by: str | None = None
    passage: int | None = None
    reason: Reason


class PassageState(Message):
    passage: int
    phase: str = Field(description="a state of the passage table")
    since: Stamp
    plates: tuple[Plate, ...] = ()
    votes: tuple[PlateVote, ...] = Field(
        (), description="how the plate cameras' frames voted, in their order"
    )
    documents: tuple[Document, ...] = ()
    pages: tuple[DocumentPage | None, ...] = Field(
        (), description="the page of each of `documents`, None where it was not read from a picture"
    )
    chips: tuple[DocumentChip | None, ...] = Field(
        (),
        description="the chip of each of `documents`, None where none was asked for or it is not known yet",
    )
    persons: int | None = None
    weight: Weight | None = None
    checks: tuple[CheckResult, ...] = ()
    waiting_for: tuple[Reason, ...] = Field((), description="what would let it go")
    decision: Outcome | None = None
    reasons: tuple[Reason, ...] = ()
    hold_until_mono_s: float | None = Field(
        default=None,
        description="while held: when it becomes a referral unless somebody decides, by the lane's monotonic"
        " clock",
    )
    pictures: tuple[str, ...] = Field((), description="SHA-256 of pictures under media/")


class KeptJournal(Message):
    """A journal that the lane can still send from."""

    journal: str = Field(pattern=r"^[A-Za-z0-9_.:+=-]{1,64}$")
    first_sequence: int = Field(
        ge=1, le=2**53 - 1, description="the first event that is in it; those before were pruned"
    )


class LaneState(Message):
    """Snapshot for one audience.  `sequence` is the last event it includes."""

    site: str
    lane: str
    journal: str
    sequence: int
    at: Stamp
    profile: Profile
    direction: Direction
    mode: Mode
    arm: Arm
    lamp: Lamp
    passage: PassageState | None
    waiting: bool = Field(description="another vehicle stands on the arrival loop")
    covered: tuple[Place, ...] = ()
    devices: tuple[DeviceState, ...]
    alarms: tuple[AlarmState, ...]
    two_person_kinds: tuple[CommandKind, ...] = Field((), description="commands that need a second person")
    shift: str | None = Field(description="account name of the officer responsible, None when nobody is")
    backlog: int = Field(description="events in the journal that no store has acknowledged")
    kept: tuple[KeptJournal, ...] = Field(
        default=(), description="from these alone can events still come; none stated: not told"
    )
    version: str


class Status(Message):
    """`online` while the lane's connection lives; the last will says `offline`."""

    status: Literal["online", "offline"]
    at: Stamp | None = None
    boot: str | None = None
