"""The words of Borderlane, one for one thing (see docs/architecture.md)."""

from enum import StrEnum
from typing import Literal

Side = Literal["front", "rear"]
"""Of a vehicle: whose plate a camera looks at."""


class Profile(StrEnum):
    CARGO = "cargo"
    CAR = "car"
    COACH = "coach"
    PEDESTRIAN = "pedestrian"


class Direction(StrEnum):
    ENTRY = "entry"
    EXIT = "exit"


class Mode(StrEnum):
    OPEN = "open"
    """Decides."""
    CLOSED = "closed"
    """Ends the open passage, shows red, starts none."""
    MANUAL = "manual"
    """Decides nothing, obeys named commands; all interlocks hold."""
    MAINTENANCE = "maintenance"
    """Drives nothing, marks its events, mutes movement alarms."""


class Agency(StrEnum):
    BORDER = "border"
    CUSTOMS = "customs"
    TRANSPORT = "transport"
    PLANT_HEALTH = "plant_health"


class UserRole(StrEnum):
    OPERATOR = "operator"
    SECOND_LINE = "second_line"
    SHIFT_LEADER = "shift_leader"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Audience(StrEnum):
    """For whom an event is.  A watchlist hit never reaches `lane` or `supervisor`."""

    LANE = "lane"
    SUPERVISOR = "supervisor"
    SECOND_LINE = "second_line"
    AUDIT = "audit"


class CheckOutcome(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"
    NOT_PERFORMED = "not_performed"


class Outcome(StrEnum):
    """A decision.  A machine never refuses entry: the worst it says is `refer`."""

    RELEASE = "release"
    HOLD = "hold"
    REFER = "refer"


class PassageEnd(StrEnum):
    DEPARTED = "departed"
    WITHDRAWN = "withdrawn"
    HANDED_OVER = "handed_over"
    ABANDONED = "abandoned"


class Place(StrEnum):
    """Where a presence sensor looks, in the order a vehicle meets them."""

    ARRIVAL = "arrival"
    DECK_ENTRY = "deck_entry"
    DECK_EXIT = "deck_exit"
    CLEARANCE = "clearance"
    EXIT = "exit"


class DeviceRole(StrEnum):
    DOCUMENT_READER = "document_reader"
    PLATE_CAMERA = "plate_camera"
    SCALE = "scale"
    BARRIER = "barrier"
    SIGNAL = "signal"
    PRESENCE = "presence"
    BOARD = "board"
    REGISTER = "register"


class Health(StrEnum):
    GOOD = "good"
    DEGRADED = "degraded"
    """Lost, silent, frozen or refused; the reason says which."""
    UNKNOWN = "unknown"
    """Since the start nothing was heard yet, or the device speaks only when used."""


class Arm(StrEnum):
    RAISED = "raised"
    LOWERED = "lowered"
    RISING = "rising"
    LOWERING = "lowering"
    UNKNOWN = "unknown"
    """After a start until an end switch says, or stuck between the ends."""


class Lamp(StrEnum):
    RED = "red"
    GREEN = "green"


class ClockQuality(StrEnum):
    SYNCHRONISED = "synchronised"
    FREE = "free"
    """No time source: right for durations, not for dates."""


class VoteWhen(StrEnum):
    """What ended the waiting for a plate."""

    SURE = "sure"
    PATIENCE_OVER = "patience_over"
    INTERVAL_OVER = "interval_over"
    """The vehicle left, or the lane wanted no plate any more."""


class VoteWhy(StrEnum):
    """Why a plate is sure or not."""

    FRAMES_AGREE = "frames_agree"
    CAMERA_AGREED = "camera_agreed"
    """A camera that reads by itself has agreed over its own frames."""
    TOO_FEW_FRAMES = "too_few_frames"
    TOO_WEAK = "too_weak"
    """Enough frames spoke, and contradict each other or are not sure themselves."""
    SEVERAL_PLATES = "several_plates"
    PARKED = "parked"
    """Only what stood there before the vehicle came: a parked vehicle's."""


class CommandKind(StrEnum):
    RELEASE = "release"
    REFER = "refer"
    HOLD = "hold"
    RAISE = "raise"
    LOWER = "lower"
    MODE = "mode"
    PERSONS = "persons"
    ACKNOWLEDGE = "acknowledge"
    SHIFT = "shift"


class Answer(StrEnum):
    """What a lane says to a command.  "Unknown" is the dashboard's word until it has one of these."""

    ACCEPTED = "accepted"
    DONE = "done"
    REFUSED = "refused"


class Priority(StrEnum):
    """Of an alarm (ISA-18.2): how soon a person must act."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
