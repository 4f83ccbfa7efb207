"""Gross weight limits as dated data: which line of `data/weight_limits.toml` holds for a vehicle on a day.

A vehicle's configuration is written as in the international vehicle weight certificate (Harmonization
Convention 1982, annex 8): `A3` a motor vehicle with 3 axles, `A3 T2` one with a trailer, `A2 C3` one with a
semi-trailer.
"""

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

AXLES_ANY = (1, 99)
TOWED_ANY = (0, 99)
SKETCH = re.compile(r"^A(?P<motor>[1-9])(?:\s*(?P<coupling>[TC])(?P<towed>[1-9]))?$")


@dataclass(frozen=True, slots=True)
class Configuration:
    """Axles of the motor vehicle and of what it tows; `coupling` is none, trailer or semi."""

    motor: int
    coupling: str
    towed: int

    @property
    def total(self) -> int:
        return self.motor + self.towed


@dataclass(frozen=True, slots=True)
class Limit:
    """One line of the table; ranges are inclusive."""

    state: str
    motor: tuple[int, int]
    coupling: str | None
    towed: tuple[int, int]
    total: tuple[int, int]
    gross_kg: int
    first: date
    last: date
    source: str
    verified: bool

    def covers(self, vehicle: Configuration) -> bool:
        return (
            self.motor[0] <= vehicle.motor <= self.motor[1]
            and self.coupling in (None, vehicle.coupling)
            and self.towed[0] <= vehicle.towed <= self.towed[1]
            and self.total[0] <= vehicle.total <= self.total[1]
        )

    @property
    def specific(self) -> tuple[bool, bool, bool]:
        """How closely the line describes a vehicle: the larger counts."""
        return (self.motor != AXLES_ANY, self.towed != TOWED_ANY, self.coupling is not None)


def configuration(sketch: str) -> Configuration | None:
    """The configuration of a sketch code; None when it is not one."""
    match = SKETCH.match(sketch.strip().upper())
    if match is None:
        return None
    coupling = {"T": "trailer", "C": "semi", None: "none"}[match["coupling"]]
    return Configuration(int(match["motor"]), coupling, int(match["towed"] or 0))


def _range(value: Any, every: tuple[int, int]) -> tuple[int, int]:
    if value is None:
        return every
    if isinstance(value, int):
        return (value, value)
    return (int(value[0]), int(value[1]))


@cache
def weight_limits() -> dict[str, Any]:
    """The data file that ships with this version: `limit` lines for whole vehicles, `axle` for groups."""
    return tomllib.loads((files("lane_controller.lane") / "data" / "weight_limits.toml").read_text("utf-8"))


@cache
def table() -> tuple[Limit, ...]:
    """All lines for whole vehicles."""
    return tuple(
        Limit(
            state=line["state"],
            motor=_range(line.get("motor"), AXLES_ANY),
            coupling=line.get("coupling"),
            towed=_range(line.get("towed"), TOWED_ANY),
            total=_range(line.get("total"), AXLES_ANY),
            gross_kg=line["gross_kg"],
            first=line["from"],
            last=line.get("until", date.max),
            source=line["source"],
            verified=line["verified"],
        )
        for line in weight_limits()["limit"]
    )


def limit_for(state: str, vehicle: Configuration, day: date) -> Limit | None:
    """The most specific limit of `state` for `vehicle` on `day`; None where the table has none."""
    lines = [line for line in table() if line.state == state and line.first <= day <= line.last]
    fitting = [line for line in lines if line.covers(vehicle)]
    return max(fitting, key=lambda line: (line.specific, line.first), default=None)


def extremes(state: str, day: date) -> tuple[Limit, Limit] | None:
    """The lowest and the highest limit of `state` on `day`: what can be said of a vehicle whose
    configuration nobody knows."""
    lines = [line for line in table() if line.state == state and line.first <= day <= line.last]
    if not lines:
        return None
    return min(lines, key=lambda line: line.gross_kg), max(lines, key=lambda line: line.gross_kg)
