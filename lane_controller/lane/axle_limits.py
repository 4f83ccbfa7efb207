"""Limits by axle group as dated data: the `[[axle]]` lines of `data/weight_limits.toml`.

A line holds for a number of axles, some only for a distance between them, a driven axle or twin tyres, which
no sensor of a lane tells: what is answered is the lowest and the highest that may hold.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache

from lane_controller.lane.limits import weight_limits
from lane_controller.messages.parts import AxleLimit


@dataclass(frozen=True, slots=True)
class AxleLine:
    """One line of the table.  `where` says, in the rule's words, when it holds; "" is always."""

    state: str
    axles: int
    where: str
    load_kg: int
    first: date
    last: date
    source: str
    verified: bool


@cache
def axle_table() -> tuple[AxleLine, ...]:
    """All lines for axle groups."""
    return tuple(
        AxleLine(
            state=line["state"],
            axles=line["axles"],
            where=line.get("where", ""),
            load_kg=line["load_kg"],
            first=line["from"],
            last=line.get("until", date.max),
            source=line["source"],
            verified=line["verified"],
        )
        for line in weight_limits()["axle"]
    )


def axle_limit(state: str, axles: int, day: date) -> AxleLimit | None:
    """What may hold in `state` for a group of so many axles on `day`; None where the table has nothing."""
    lines = [
        line
        for line in axle_table()
        if (line.state, line.axles) == (state, axles) and line.first <= day <= line.last
    ]
    if not lines:
        return None
    ends = (min(lines, key=lambda line: line.load_kg), max(lines, key=lambda line: line.load_kg))
    return AxleLimit(
        lowest_kg=ends[0].load_kg,
        highest_kg=ends[1].load_kg,
        source=f"{state}: " + "; ".join(dict.fromkeys(line.source for line in ends)),
        verified=all(line.verified for line in lines),
    )
