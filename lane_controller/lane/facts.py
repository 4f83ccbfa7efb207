"""The lane's vocabulary: all that a lane can be told, and nothing else.

Read it like a glossary, top to bottom.  Each fact carries its time (`at`); a lane has no clock of its own.
Facts are what the journal records: `FACTS` turns them into JSON and back.  Personal data stand only under
the keys of `messages.parts.PERSONAL_KEYS` and may be None after an erasure.
"""

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from lane_controller.lane.rules import LaneRules
from lane_controller.messages.command import Command
from lane_controller.messages.parts import (
    AxleSteps,
    ChipReading,
    Document,
    ErasedJournal,
    PageReading,
    Plate,
    PlateVote,
    Reason,
    Stamp,
    Weight,
    WeightTrace,
)
from lane_controller.messages.words import DeviceRole, Health, Place, Priority, Side


@dataclass(frozen=True, slots=True)
class Started:
    """The daemon started: after a power cut, a crash or an upgrade.  Revokes permits, turns open passages to
    hold, and makes the arm's position unknown until the end switches say."""

    at: Stamp
    rules: LaneRules
    version: str
    configuration: str
    kind: Literal["started"] = "started"


@dataclass(frozen=True, slots=True)
class ClockJumped:
    """Wall-clock time moved against the monotonic clock by `by_s` seconds."""

    at: Stamp
    by_s: float
    kind: Literal["clock_jumped"] = "clock_jumped"


@dataclass(frozen=True, slots=True)
class DeadlineReached:
    """The time of `next_deadline(lane)` has come; `deadline` is its name.  A stale one is ignored."""

    at: Stamp
    deadline: str
    kind: Literal["deadline_reached"] = "deadline_reached"


@dataclass(frozen=True, slots=True)
class DeviceChanged:
    """A device's health changed.  `places` are those a presence sensor (or a board under it) looks at."""

    at: Stamp
    device: str
    role: DeviceRole
    health: Health
    reason: Reason
    place: Place | None = None
    kind: Literal["device_changed"] = "device_changed"


@dataclass(frozen=True, slots=True)
class ReadingsDiscarded:
    """A role flooded and was cut to its rate; `count` readings were dropped since the last such fact."""

    at: Stamp
    device: str
    role: DeviceRole
    count: int
    kind: Literal["readings_discarded"] = "readings_discarded"


@dataclass(frozen=True, slots=True)
class PresenceChanged:
    """A debounced loop or photocell changed."""

    at: Stamp
    device: str
    place: Place
    covered: bool
    kind: Literal["presence_changed"] = "presence_changed"


@dataclass(frozen=True, slots=True)
class BarrierChanged:
    """Debounced end switches and fault input.  Both switches on is `fault` with neither believed."""

    at: Stamp
    device: str
    raised_switch: bool
    lowered_switch: bool
    fault: bool
    kind: Literal["barrier_changed"] = "barrier_changed"


@dataclass(frozen=True, slots=True)
class LocalKeyTurned:
    """The key switch at the lane: gives a permit `local`, with alarm and picture."""

    at: Stamp
    device: str
    on: bool
    kind: Literal["local_key_turned"] = "local_key_turned"


@dataclass(frozen=True, slots=True)
class PlateRead:
    """Frames of the presence interval agreed on a plate, or (plate None) the interval ended without.  A
    `reason` beside a plate says why it is not sure (`low_confidence`: too few frames spoke for it, or too
    weakly): it is shown and never relied on, and told again when it is sure.  `picture` is the SHA-256 of the
    very frame that was read, `crop` of the plate in it; `vote` says how its frames voted."""

    at: Stamp
    device: str
    side: Side
    plate: Plate | None
    picture: str | None = None
    reason: Reason | None = None
    crop: str | None = None
    vote: PlateVote | None = None
    kind: Literal["plate_read"] = "plate_read"


@dataclass(frozen=True, slots=True)
class DocumentRead:
    """A document was read, or (document None) was presented and could not be read.  Where it was read from
    a page's picture, `picture` is the SHA-256 of the frame that was read, `crop` of its zone, and `page` says
    how it was read."""

    at: Stamp
    device: str
    document: Document | None
    reason: Reason | None = None
    picture: str | None = None
    crop: str | None = None
    page: PageReading | None = None
    kind: Literal["document_read"] = "document_read"


@dataclass(frozen=True, slots=True)
class CardSeen:
    """A chip came into a reader's field or left it.  `emrtd` None: could not be told."""

    at: Stamp
    device: str
    inserted: bool
    atr: str
    emrtd: bool | None
    kind: Literal["card_seen"] = "card_seen"


@dataclass(frozen=True, slots=True)
class ChipRead:
    """What came of a request to read a document's chip: a reading, or (None) the reason why there is none.
    `document` is what DG1 states, `portrait` the SHA-256 of the face in it.  A late one to a request that is
    no longer open is ignored."""

    at: Stamp
    request: str
    device: str
    reading: ChipReading | None
    reason: Reason | None = None
    document: Document | None = None
    portrait: str | None = None
    kind: Literal["chip_read"] = "chip_read"


@dataclass(frozen=True, slots=True)
class WeightRead:
    """A weight settled, or (weight None) could not be had: the reason says why.  `trace` is what the scale
    showed until then, `axles` what its steps tell of a vehicle that settled."""

    at: Stamp
    device: str
    weight: Weight | None
    reason: Reason | None = None
    trace: WeightTrace | None = None
    axles: AxleSteps | None = None
    kind: Literal["weight_read"] = "weight_read"


@dataclass(frozen=True, slots=True)
class RegisterAnswered:
    """What came of a request to a register; `hits` may be empty, which is an answer.  Late answers to a
    request that is no longer open are ignored."""

    at: Stamp
    request: str
    hits: tuple[dict[str, Any], ...] | None
    as_of: str
    kind: Literal["register_answered"] = "register_answered"


@dataclass(frozen=True, slots=True)
class RequestFailed:
    """No answer in time, or an error: the check is not performed."""

    at: Stamp
    request: str
    reason: Reason
    kind: Literal["request_failed"] = "request_failed"


@dataclass(frozen=True, slots=True)
class PictureTaken:
    """What came of a request for an alarm's picture; `picture` is its SHA-256 under media/."""

    at: Stamp
    request: str
    device: str
    picture: str | None
    kind: Literal["picture_taken"] = "picture_taken"


@dataclass(frozen=True, slots=True)
class OrderDone:
    """What came of an order.  `done`: the board confirmed the pulse.  `refused`: certainly not carried out
    (a clearance sensor read just before said no).  `unknown`: sent, not confirmed; never sent again."""

    at: Stamp
    order: str
    result: Literal["done", "refused", "unknown"]
    reason: Reason | None = None
    kind: Literal["order_done"] = "order_done"


@dataclass(frozen=True, slots=True)
class CommandArrived:
    """A command whose signature, key, site, lane and journal the daemon has verified.  Whether it may be
    done is the lane's to say; it is answered once, and a repeat of its id is answered from the state."""

    at: Stamp
    command: Command
    kind: Literal["command_arrived"] = "command_arrived"


@dataclass(frozen=True, slots=True)
class PersonalErased:
    """An order of retention: personal data of these passages (all up to `sequences_to` when empty) go, and
    those of older journals of the lane that are named."""

    at: Stamp
    sequences_to: int
    passages: tuple[int, ...] = field(default=())
    reason: Reason = field(default_factory=lambda: Reason(code="retention"))
    set_aside: tuple[ErasedJournal, ...] = ()
    kind: Literal["personal_erased"] = "personal_erased"


@dataclass(frozen=True, slots=True)
class TroubleChanged:
    """The daemon's own trouble, which is no device's: disk_budget, certificate_ends, configuration_refused,
    journal_replaced, journal_tail_lost.  While `standing` it is one alarm of kind `trouble`; not standing
    clears it.  The same trouble standing again with another priority replaces the alarm."""

    at: Stamp
    trouble: str
    priority: Priority
    standing: bool
    reason: Reason
    kind: Literal["trouble_changed"] = "trouble_changed"


Fact = (
    Started
    | ClockJumped
    | DeadlineReached
    | DeviceChanged
    | ReadingsDiscarded
    | PresenceChanged
    | BarrierChanged
    | LocalKeyTurned
    | PlateRead
    | DocumentRead
    | CardSeen
    | ChipRead
    | WeightRead
    | RegisterAnswered
    | RequestFailed
    | PictureTaken
    | OrderDone
    | CommandArrived
    | PersonalErased
    | TroubleChanged
)

FACTS: TypeAdapter[Fact] = TypeAdapter(Annotated[Fact, Field(discriminator="kind")])
