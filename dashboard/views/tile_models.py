"""The shapes of the wall: tiles, their alarms, and what stands at the foot of every page; and of the small
parts that all pages have."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from dashboard.views.language import Coded


class Shown(BaseModel):
    model_config = ConfigDict(frozen=True)


class Moment(Shown):
    """`at` for machines, `clock` and `text` in site time."""

    at: str
    clock: str
    text: str


class Device(Shown):
    device: str
    role: Coded
    health: Coded
    reason: Coded | None
    heard: Moment | None = Field(description="last good reading")


class ShelfShown(Shown):
    """An alarm put aside.  `alarm` set: this occurrence alone."""

    id: str
    lane: str
    kind: Coded
    device: str | None
    alarm: str | None
    by: str
    reason: Coded
    until: Moment
    may_take_back: bool


class Alarm(Shown):
    """One occurrence, with what ISA-18.2 wants said about it."""

    lane: str
    journal: str
    alarm: str
    kind: Coded
    priority: Coded
    since: Moment
    reason: Coded
    cause: str
    consequence: str
    action: str
    act_within_s: int | None
    device: str | None
    passage: int | None
    acknowledged_by: str | None
    may_acknowledge: bool
    announced: bool = Field(description="it calls for somebody: not acknowledged, not shelved")
    shelved: ShelfShown | None
    may_shelve: bool
    marks: tuple[Coded, ...] = Field(
        default=(), description="first_out (of a flood), stale, chattering; in lists of alarms"
    )
    group: str | None = Field(default=None, description="the group of a flood that it is shown in")


class StripAlarm(Shown):
    """An alarm that nobody has seen, with where to go."""

    lane: str
    alarm: str
    kind: Coded
    priority: Coded
    since: Moment
    lane_url: str | None = Field(description="none for an alarm of the dashboard itself")
    alarm_url: str


class AlarmStrip(Shown):
    """What every page shows of the alarms: `unseen` in all, and the first few."""

    unseen: int
    alarms: tuple[StripAlarm, ...]


class Usual(Shown):
    """How long the lane's last passages took: half of them at most `median_s`, nine of ten `p90_s`."""

    median_s: int
    p90_s: int
    text: str


class TilePassage(Shown):
    passage: int
    journal: str
    since: Moment
    plates: tuple[str, ...]
    plates_at: Moment | None = Field(description="when the last of the plates was read")
    weight: str | None
    weight_at: Moment | None
    decision: Coded | None
    reasons: tuple[Coded, ...]


class Tile(Shown):
    """One lane on the wall.  `rank` orders: the lower, the sooner a person is needed."""

    lane: str
    kind: str = Field(description="the lane's name up to its number")
    number: str = Field(description="the number at its end; the whole name of a lane without one")
    rank: int
    order: str = Field(description="the tiles stand in the order of this text")
    situation: Coded
    shape: str = Field(description="the drawing that stands for what matters most")
    since: Moment | None = Field(description="since when the situation is so")
    usual: Usual | None = Field(description="what the waiting time is held against")
    need: Coded
    tone: Literal["calm", "notice", "attention", "alarm"]
    live: bool
    profile: Coded | None
    direction: Coded | None
    mode: Coded | None
    arm: Coded
    arm_at: Moment | None = Field(description="when the arm came to be so")
    lamp: Coded | None
    shift: str | None
    passage: TilePassage | None
    stale: tuple[Literal["arm", "plate", "weight"], ...] = Field(
        description="what can be no news: its device is lost"
    )
    waiting: bool = Field(description="another vehicle waits on the arrival loop")
    devices_good: int
    devices_bad: tuple[Device, ...]
    alarms: tuple[Alarm, ...]
    behind: bool = Field(description="the lane has many events that have not reached the store")
    heard: Moment | None = Field(description="when the shown state came; set for a lane that is not live")


WALL_SIZES = {"one": 1, "few": 4, "six": 6, "some": 12, "more": 20, "thirty": 30, "many": 42}
"""Up to so many lanes; tiles.js has the same."""


class Wall(Shown):
    site: str
    now: Moment
    connected: bool = Field(description="the dashboard has its connection to the broker")
    position: str = Field(description="where the stream goes on from")
    lanes: tuple[Tile, ...]

    @property
    def size(self) -> str:
        """How large the tiles of so many lanes are; wall.css gives each size its letters and columns."""
        return next((name for name, most in WALL_SIZES.items() if len(self.lanes) <= most), "crowd")
