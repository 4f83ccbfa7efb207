"""A day of eight lanes under faults at the rate of the field, and what it announces to an operator.

The rates are general knowledge, not measured anywhere: on the pessimistic side of what the issue trackers of
neighbouring systems tell.  A register, the site's switch and the mains fail for all lanes at once.
"""

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dashboard.views.alarm_load import WINDOW_US, busiest, chatters, floods, within
from lane_controller.messages.words import Place, Profile
from simulators.world import Manners
from tests.campaigns.day_lane import REGISTERS, DayLane, Raised

HOUR_S = 3600.0
DAY_S = 24 * HOUR_S
LANES = {
    "cargo-1": Profile.CARGO, "cargo-2": Profile.CARGO, "cargo-3": Profile.CARGO,
    "car-1": Profile.CAR, "car-2": Profile.CAR, "car-3": Profile.CAR,
    "coach-1": Profile.COACH, "walk-1": Profile.PEDESTRIAN,
}  # fmt: skip
EVERY_S = {Profile.CARGO: 480.0, Profile.CAR: 240.0, Profile.COACH: 1800.0, Profile.PEDESTRIAN: 150.0}
"""Mean seconds between two arrivals."""
SLOW = 0.01
"""Released drivers who don't set off within a minute: papers to stow, an engine that does not start."""
TAILGATERS = 0.003


@dataclass(frozen=True, slots=True)
class Fault:
    """`a_day` of one lane (of the site, where `shared`), each for `mean_s` (exponentially distributed)."""

    what: str
    a_day: float
    mean_s: float
    shared: bool = False


FAULTS = (
    Fault("camera", 4, 20),
    Fault("reader", 2, 15),
    Fault("scale", 1, 60),
    Fault("barrier", 2, 5),
    Fault("clearance", 0.5, 10),
    Fault("arrival", 0.5, 10),
    Fault("flicker", 1, 20),
    Fault("loose_plug", 0.2, 600),
    Fault("arm_reverses", 0.5, 0),
    Fault("arm_fails", 0.1, 0),
    Fault("booking", 3, 120, shared=True),
    Fault("watchlist", 2, 120, shared=True),
    Fault("lost_documents", 1, 120, shared=True),
    Fault("network", 0.5, 90, shared=True),
    Fault("power", 1, 0, shared=True),
)


def played(seed: int = 1, hours: float = 24.0) -> list[DayLane]:
    """The lanes after their day."""
    lanes = [DayLane(name, profile, seed) for name, profile in LANES.items()]
    until_s = hours * HOUR_S
    shared = random.Random(f"{seed}/site")
    of_site = [
        (fault, *moment) for fault in FAULTS if fault.shared for moment in _moments(fault, until_s, shared)
    ]
    for lane in lanes:
        for fault, at_s, for_s in of_site:
            _arrange(lane, fault.what, at_s, for_s)
        for fault in FAULTS:
            if not fault.shared:
                for at_s, for_s in _moments(fault, until_s, lane.draw):
                    _arrange(lane, fault.what, at_s, for_s)
        _traffic(lane, until_s)
        lane.run(until_s)
    return lanes


def _moments(fault: Fault, until_s: float, draw: random.Random) -> Iterable[tuple[float, float]]:
    at_s = draw.expovariate(fault.a_day / DAY_S)
    while at_s < until_s:
        yield at_s, draw.expovariate(1 / fault.mean_s) if fault.mean_s else 0.0
        at_s += draw.expovariate(fault.a_day / DAY_S)


def _arrange(lane: DayLane, what: str, at_s: float, for_s: float) -> None:
    match what:
        case "flicker":
            for number in range(12):
                lane.at(at_s + number * for_s / 12, lambda: lane.flicker(Place.ARRIVAL))
        case "loose_plug":
            for number in range(int(for_s / 10)):
                lane.at(at_s + 10 * number, lambda: lane.lose("reader", 4.0))
        case "arm_reverses":
            lane.at(at_s, lambda: setattr(lane, "arm_reverses", True))
        case "arm_fails":
            lane.at(at_s, lambda: setattr(lane, "arm_fails", True))
        case "power":
            lane.at(at_s, lane.power_cut)
        case "network":
            for device in ("camera", *REGISTERS):
                lane.at(at_s, lambda device=device: lane.lose(device, for_s))
        case "scale" if lane.profile is not Profile.CARGO:
            pass
        case device:
            lane.at(at_s, lambda: lane.lose(device, for_s))


def _traffic(lane: DayLane, until_s: float) -> None:
    at_s, number = 0.0, 0
    while (at_s := at_s + lane.draw.expovariate(1 / EVERY_S[lane.profile])) < until_s - 600:
        number += 1
        slow = 90.0 if lane.draw.random() < SLOW else 0.6
        lane.send(number, at_s, Manners(reaction_s=slow))
        if lane.draw.random() < TAILGATERS and lane.profile is not Profile.PEDESTRIAN:
            number += 1
            lane.send(number, at_s + 2.0, Manners(follows=True))


@dataclass(frozen=True, slots=True)
class Load:
    """What the day of one operator with all these lanes was like (docs/sources.md 68)."""

    announced: int
    per_ten_minutes: float
    busiest: int
    flood_share: float
    chattering: tuple[str, ...]
    kinds: Counter[str]

    def __str__(self) -> str:
        kinds = ", ".join(f"{kind} {count}" for kind, count in self.kinds.most_common())
        return f"{self.announced} announced, {self.busiest} in the busiest ten minutes: {kinds}"


def load(lanes: Iterable[DayLane], hours: float = 24.0) -> Load:
    raised = sorted((one for lane in lanes for one in lane.raised.values()), key=lambda one: one.at_s)
    times = [round(one.at_s * 1e6) for one in raised]
    whole_us = round(hours * HOUR_S * 1e6)
    return Load(
        announced=len(times),
        per_ten_minutes=len(times) * WINDOW_US / whole_us,
        busiest=busiest(times),
        flood_share=within(floods(times), [(0, whole_us)]) / whole_us,
        chattering=tuple(sorted(_chattering(raised))),
        kinds=Counter(one.kind for one in raised),
    )


def _chattering(raised: Sequence[Raised]) -> Iterable[str]:
    times: dict[tuple[str, str, str], list[int]] = {}
    for one in raised:
        times.setdefault((one.lane, one.kind, one.device), []).append(round(one.at_s * 1e6))
    return (" ".join(key).strip() for key, found in times.items() if chatters(found))
