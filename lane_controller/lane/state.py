"""The lane's state: frozen, complete, and all that the next step may depend on besides the fact.

Times in the state are seconds of the monotonic clock (`..._s`) of the boot `boot` alone; a start re-bases
them.  A snapshot is the state as JSON under a schema version.
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from lane_controller.lane.evidence import Answered, Question
from lane_controller.lane.facts import ChipRead, DocumentRead, PlateRead, WeightRead
from lane_controller.lane.passage import Phase
from lane_controller.lane.rules import LaneRules
from lane_controller.messages.command import Command
from lane_controller.messages.events import EventData
from lane_controller.messages.parts import CheckResult, Reason, Stamp
from lane_controller.messages.words import (
    Agency,
    Answer,
    Arm,
    Audience,
    DeviceRole,
    Health,
    Lamp,
    Mode,
    Outcome,
    Place,
    Priority,
)

SCHEMA = 1
"""Of a snapshot.  Raised when a change of the state can't be read by the version before or after."""

Movement = Literal["raise", "lower"]
Cause = Literal["decision", "command", "local"]


class Position(StrEnum):
    """How far into the cell a vehicle was seen."""

    APPROACH = "approach"
    DECK = "deck"
    ARM = "arm"


@dataclass(frozen=True, slots=True)
class Permit:
    """The reason the arm may rise now.  It lets it rise once and ends at the rise, at an obstruction, at its
    expiry or at a start."""

    id: str
    cause: Cause
    passage: int | None
    expires_s: float
    seen_clear: bool = False
    """The named command stated that somebody looked: lets the arm rise from an unknown position."""
    command: str | None = None
    """The command that asked for it."""
    ordered: bool = False
    """Its one order was sent; it gives no second."""


@dataclass(frozen=True, slots=True)
class Order:
    """One movement of the arm, carried out at most once.  A raise names its permit."""

    id: str
    movement: Movement
    permit: str | None = None


@dataclass(frozen=True, slots=True)
class Travel:
    """The arm is on its way, or was told to be: it must be at the other end by `until_s`."""

    movement: Movement
    order: str | None
    until_s: float


@dataclass(frozen=True, slots=True)
class Rise:
    """Why the arm is up: kept from the rise until it is down again."""

    permit: str
    cause: Cause
    passage: int | None
    used: bool = False
    """A vehicle went under it."""


@dataclass(frozen=True, slots=True)
class Sensor:
    """One presence sensor.  `covered` None: not known since the start or since it was lost."""

    device: str
    place: Place
    covered: bool | None = None
    health: Health = Health.UNKNOWN


@dataclass(frozen=True, slots=True)
class Device:
    name: str
    role: DeviceRole
    health: Health
    reason: Reason


@dataclass(frozen=True, slots=True)
class Asked:
    """A register's question of a passage; `answered` None while it is open."""

    id: str
    question: Question
    deadline_s: float
    serial: int = 1
    """Counts the questions about this subject: another reading is another question."""
    answered: Answered | None = None


@dataclass(frozen=True, slots=True)
class ChipAsked:
    """The request to read one document's chip; `key` is the document's issuer and number, `lines` its zone as
    it was when it was asked.  `read` None while it is open."""

    id: str
    key: tuple[str, str]
    lines: tuple[str, ...]
    doubtful: tuple[str, ...]
    deadline_s: float
    serial: int = 1
    read: ChipRead | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture wanted because of an alarm."""

    id: str
    alarm: str
    deadline_s: float


@dataclass(frozen=True, slots=True)
class Request:
    """A question asked once.  `kind` is a register's kind, `picture` (then `subject` is the alarm), or `chip`
    (then `values` are the document's `lines`, one under the other, and its `doubtful` fields)."""

    id: str
    kind: str
    subject: str
    values: tuple[tuple[str, str | int], ...]
    deadline_s: float


@dataclass(frozen=True, slots=True)
class Settlement:
    """An agency's release: it covers what was there to be seen, nothing that came later."""

    agency: Agency
    second_line: bool
    results: tuple[CheckResult, ...]
    caveats: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stop:
    """A hold or referral that stands apart from the checks: an operator's, an expired hold, and every
    referral once it was made."""

    agency: Agency
    outcome: Outcome
    reason: Reason
    confidential: bool = False


@dataclass(frozen=True)  # no slots: see changed.py
class Passage:
    number: int
    phase: Phase
    arrived: Stamp
    arrived_sequence: int
    since: Stamp
    """When the phase began."""
    since_s: float
    read_since_s: float
    """Since when readings have been waited for."""
    held_since_s: float | None = None
    position: Position = Position.APPROACH
    left_arrival: bool = False
    moved_back: bool = False
    """Seen at the deck's entry again after it was on the deck."""
    exit_seen: bool = False
    empty_since_s: float | None = None
    """Since when no sensor has seen it, while it was on the approach."""
    plates: tuple[PlateRead, ...] = ()
    documents: tuple[DocumentRead, ...] = ()
    weight: WeightRead | None = None
    readings: int = 0
    persons: int | None = None
    asked: tuple[Asked, ...] = ()
    chips: tuple[ChipAsked, ...] = ()
    given_up: tuple[str, ...] = ()
    clock_doubt: bool = False
    """The clock jumped meanwhile: no date is trusted for this passage."""
    plate_confirmed: bool = False
    """A front plate was read since it arrived or since the last start."""
    caveats: tuple[Reason, ...] = ()
    """Why it must be held besides its checks, whatever comes; each needs every owning agency's release."""
    results: tuple[CheckResult, ...] = ()
    settlements: tuple[Settlement, ...] = ()
    stops: tuple[Stop, ...] = ()
    decision: Outcome | None = None
    reasons: tuple[Reason, ...] = ()
    shown_reasons: tuple[Reason, ...] = ()
    """`reasons` as the ordinary screen may know them."""
    flips: int = 0
    """How often the machine changed its mind; bounded, see deciding.py."""
    seen_lane: int = 0
    """The last event of its evidence or decision for the audience `lane`; what a click must have seen."""
    seen_second_line: int = 0
    rose: bool = False
    """The arm rose for it: its evidence counts no more, and another rise takes a named command."""
    leave_alarmed: bool = False


@dataclass(frozen=True, slots=True)
class Alarm:
    """A standing alarm.  `occurrence` is kind and sequence of the event that raised it."""

    occurrence: str
    kind: str
    subject: str
    priority: Priority
    since: Stamp
    reason: Reason
    passage: int | None = None
    acknowledged_by: str | None = None


@dataclass(frozen=True, slots=True)
class CommandAnswer:
    """What was said to a command: a repeat of its id gets the same."""

    id: str
    answer: Answer
    reasons: tuple[Reason, ...]
    sequence: int
    expires_s: float


@dataclass(frozen=True, slots=True)
class Chatter:
    """How often a device's events came lately: a chattering input must not fill the journal's events."""

    device: str
    window_s: float
    count: int
    last_s: float
    muted: bool = False


@dataclass(frozen=True, slots=True)
class Loss:
    """A device that was lost, until it has been good for long enough.  `told`: its alarm was raised."""

    device: str
    since_s: float
    patience_s: float
    reason: Reason
    good_since_s: float | None = None
    told: bool = False


@dataclass(frozen=True)  # no slots: see changed.py
class Lane:
    """Everything.  `sequence` is the number of the last event emitted."""

    rules: LaneRules
    version: str
    configuration: str
    boot: str
    now: Stamp
    now_s: float
    sequence: int = 0
    mode: Mode = Mode.MANUAL
    pending_mode: Mode | None = None
    """What the lane will go to by itself when a start is complete."""
    arm: Arm = Arm.UNKNOWN
    last_end: Arm | None = None
    """The end at which the arm was last seen since the start, until it leaves it in sight: an arm that was
    down and is found up has risen."""
    barrier_fault: bool = False
    raised_since_s: float | None = None
    """Since when the arm is up with nobody's turn; None once that was told."""
    permit: Permit | None = None
    order: Order | None = None
    orders: int = 0
    last_order: Order | None = None
    """The order last sent or dropped, for its late result."""
    travel: Travel | None = None
    rise: Rise | None = None
    self_lowering: bool = False
    """The arm may be lowered without a command: it rose by a permit since the start."""
    lower_refusals: int = 0
    lower_command: str | None = None
    clear_since_s: float | None = None
    """Since when every clearance sensor has been good and clear."""
    withheld: tuple[str, ...] = ()
    """The last withheld movement that was told, so that it is told once."""
    key_on: bool = False
    passage: Passage | None = None
    waiting: Passage | None = None
    passages: int = 0
    """Passage numbers given so far."""
    sensors: tuple[Sensor, ...] = ()
    devices: tuple[Device, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    pictures: tuple[Picture, ...] = ()
    chatter: tuple[Chatter, ...] = ()
    losses: tuple[Loss, ...] = ()
    answers: tuple[CommandAnswer, ...] = ()
    pending: tuple[Command, ...] = ()
    """Commands accepted and not yet done: at most one raise and one lower."""
    shift: str | None = None
    lamp: Lamp = Lamp.RED
    arm_unknown_since_s: float | None = None
    """None once it was told, or while the arm is known."""


@dataclass(frozen=True, slots=True)
class Emitted:
    """One event to be kept and published.  `maintenance`: recorded in mode maintenance."""

    data: EventData
    audience: Audience
    passage: int | None = None
    maintenance: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """What came of a fact.  Event i has the sequence `lane before.sequence + 1 + i`.  Nothing of it may be
    acted on or published before the fact's row is committed."""

    lane: Lane
    events: tuple[Emitted, ...] = ()


class SnapshotError(ValueError):
    """A snapshot that this version can't read; the message says what to do."""


_LANE: TypeAdapter[Lane] = TypeAdapter(Lane)


def dump(lane: Lane) -> bytes:
    """The state as JSON, with the schema's version."""
    return b'{"schema":%d,"lane":%s}' % (SCHEMA, _LANE.dump_json(lane))


def load(snapshot: bytes) -> Lane:
    """The state of a snapshot.  Raises SnapshotError for another schema or a damaged text."""
    try:
        text = json.loads(snapshot)
    except ValueError as error:
        raise SnapshotError(f"the snapshot is no JSON ({error}): start from an older one") from error
    found = text.get("schema") if isinstance(text, dict) else None
    if found != SCHEMA:
        raise SnapshotError(
            f"the snapshot has schema {found!r}, this version reads {SCHEMA}: run the version that wrote it, "
            "or replay the journal with this one"
        )
    try:
        return _LANE.validate_json(json.dumps(text["lane"]))
    except (ValidationError, KeyError) as error:
        raise SnapshotError(f"the snapshot is damaged ({error}): start from an older one") from error
