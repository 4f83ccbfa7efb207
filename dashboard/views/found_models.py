"""The shapes of what a search gives."""

from pydantic import Field

from dashboard.views.language import Coded
from dashboard.views.tile_models import Moment, Shown


class FoundPlate(Shown):
    display: str
    alike: bool = Field(description="does not read as it was asked for, but looks like it")


class Found(Shown):
    """One passage in a search's answer."""

    lane: str
    journal: str
    passage: int
    arrived: Moment
    ended: Moment | None
    ending: Coded | None
    plates: tuple[FoundPlate, ...]
    documents: tuple[str, ...]
    decision: Coded | None
    reasons: tuple[Coded, ...]
    officers: tuple[str, ...] = Field(description="who decided or commanded")


class FoundPassages(Shown):
    passages: tuple[Found, ...]
    more: str | None = Field(description="give as `after` for the next page")


class HourCount(Shown):
    """`search` finds them as a list: the query of an address; None where one hour stands for several days."""

    count: int
    level: int = Field(description="0 for none, 1 to 5 by its share of the largest")
    search: str | None


class LaneHours(Shown):
    lane: str
    hours: tuple[HourCount, ...]
    total: int


class PassageHours(Shown):
    """How many passages arrived at each lane in each hour of the day, site time."""

    begin: Moment
    end: Moment
    days: int
    lanes: tuple[LaneHours, ...]
    totals: tuple[int, ...]
    total: int
    largest: int
