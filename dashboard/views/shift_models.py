"""The shapes of shifts: who answers for which lane, and what is open when one is handed over."""

from pydantic import Field

from dashboard.views.language import Coded
from dashboard.views.tile_models import Device, Moment, Shown


class OpenHold(Shown):
    """A vehicle that waits for a person."""

    lane: str
    journal: str
    passage: int
    phase: Coded
    since: Moment
    waited: str = Field(description="until the page was made")
    plates: tuple[str, ...]
    reasons: tuple[Coded, ...]


class OpenAlarm(Shown):
    lane: str
    kind: Coded
    priority: Coded
    device: str | None
    since: Moment
    action: str
    acknowledged_by: str | None
    shelved_until: Moment | None
    shelved_by: str | None


class OpenDevice(Shown):
    lane: str
    device: Device


class OpenLane(Shown):
    """`unsent`: events that the lane has and the store has not; `live` False: the lane is not heard."""

    lane: str
    live: bool
    mode: Coded | None
    unsent: int
    heard: Moment | None


class OpenMatters(Shown):
    """What whoever takes a shift over has to know, as it was at `at`."""

    at: Moment
    by: str
    to: str
    lanes: tuple[OpenLane, ...]
    holds: tuple[OpenHold, ...]
    alarms: tuple[OpenAlarm, ...]
    devices: tuple[OpenDevice, ...]
    notes: str = ""


class PastShift(Shown):
    """One person's time with one lane that is over.  `begun` null: before the days that are shown."""

    lane: str
    responsible: str
    begun: Moment | None
    ended: Moment
    unanswered: int = Field(description="holds that became referrals meanwhile, because nobody answered")


class HandOverShown(Shown):
    id: str
    by: str
    to: str
    lanes: tuple[str, ...]
    offered: Moment
    taken: Moment | None
    may_take: bool


class HandOverPage(Shown):
    """One hand-over with its page as it was."""

    hand_over: HandOverShown
    page: OpenMatters


class HandOvers(Shown):
    """The last ones, the newest first: one's own, or for a shift leader or auditor all."""

    hand_overs: tuple[HandOverShown, ...]
