"""The shapes of what is shown of a weight: its limits, its trace, its axles."""

from pydantic import Field

from dashboard.views.language import Coded
from dashboard.views.tile_models import Shown


class LimitShown(Shown):
    """A legal limit that a check compared with; `source` is the rule."""

    limit_kg: float
    limit: str
    source: str


class TracePoint(Shown):
    at_s: float = Field(description="seconds from the first point, when the deck was last empty")
    gross_kg: float
    text: str


class TraceShown(Shown):
    """What the scale showed until the weight counted; `said` is the same in a few words."""

    points: tuple[TracePoint, ...]
    said: str


class AxleGroupShown(Shown):
    """One axle or axles that stand close together, as the scale's trace tells them: indicative.  `limit_kg`
    is the highest that may hold, None where none is given; `verdict` is over, within, close (the uncertainty
    reaches over the limit) or open (it hangs on what no sensor tells: spacing, driven axle, tyres)."""

    axles: str = Field(description="numbers of its axles from the front, such as 3–5")
    at_s: tuple[float, ...] = Field(description="when each climbed, in seconds of the trace")
    load_kg: float
    load: str
    limit_kg: float | None
    limit: str | None
    source: str | None
    verdict: Coded | None


class AxlesShown(Shown):
    """`groups` is empty where the axles can't be told apart: `reason` says why."""

    groups: tuple[AxleGroupShown, ...]
    grouped: bool
    reason: Coded | None
    sources: tuple[str, ...] = Field(description="of all limits, each once")


class WeightShown(Shown):
    """`limit_kg` is the first of `limits`; `trace` None for a lane that keeps none, `axles` for one that
    reads none from it."""

    gross_kg: float
    gross: str
    limit_kg: float | None
    limit: str | None
    limits: tuple[LimitShown, ...]
    over: bool
    settled_s: str
    zero_seen: bool
    wholly_on_deck: bool | None
    scale: str
    verification: str
    verified_until: str
    trace: TraceShown | None
    axles: AxlesShown | None = None
