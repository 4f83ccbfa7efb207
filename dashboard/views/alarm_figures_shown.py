"""The shapes of the alarms' figures."""

from pydantic import Field

from dashboard.views.language import Coded
from dashboard.views.tile_models import Moment, Shown


class Judged(Shown):
    """One figure beside what is held for good; `met` None: shown, not judged."""

    figure: Coded
    value: str
    target: str
    met: bool | None


class ShiftLoad(Shown):
    """One person's shift.  `operator` None: what came while nobody had the lane."""

    operator: str | None
    lanes: tuple[str, ...]
    since: Moment | None
    hours: str | None
    announced: int
    per_ten_minutes: str | None
    busiest: int = Field(description="the most announced within any ten minutes")
    flood: str | None = Field(description="share of the time in flood")
    within: bool = Field(description="at most one in ten minutes")


class TopAlarm(Shown):
    lane: str
    kind: Coded
    device: str | None
    times: int
    share: str


class Bar(Shown):
    x: float
    y: float
    width: float
    height: float
    tone: str
    title: str


class Mark(Shown):
    """A line or a tick with what it says."""

    at: float
    text: str


class Chart(Shown):
    """A drawing in a box of `width` x `height`: bars, ticks below, lines across."""

    width: int
    height: int
    label: str
    bars: tuple[Bar, ...]
    ticks: tuple[Mark, ...]
    lines: tuple[Mark, ...]


class AlarmFigures(Shown):
    hours: int
    since: Moment
    until: Moment
    announced: int
    shelved: int = Field(description="raised while shelved: they made no sound and are counted nowhere else")
    judged: tuple[Judged, ...]
    shifts: tuple[ShiftLoad, ...]
    top: tuple[TopAlarm, ...]
    rate_chart: Chart
    top_chart: Chart
