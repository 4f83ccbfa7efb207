"""Figures that `make measure` prints, one module a subject; each names its figures before it runs."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value with its unit, the target it was held to, and a peer or limit of the same run."""

    name: str
    value: float
    unit: str
    target: str | None = None
    passed: bool | None = None
    beside: str = ""

    def entry(self) -> dict[str, Any]:
        return asdict(self)


def at_most(name: str, value: float, unit: str, limit: float, beside: str = "") -> Figure:
    """A figure that passes when it is not over `limit`."""
    return Figure(name, round(value, 4), unit, f"<= {limit:g}", value <= limit, beside)


def at_least(name: str, value: float, unit: str, limit: float, beside: str = "") -> Figure:
    """A figure that passes when it is not under `limit`."""
    return Figure(name, round(value, 4), unit, f">= {limit:g}", value >= limit, beside)


def shown(name: str, value: float, unit: str, beside: str = "") -> Figure:
    """A figure without a target."""
    return Figure(name, round(value, 4), unit, None, None, beside)


def percentile(values: Iterable[float], share: float) -> float:
    """The value below which `share` (0 to 1) of the values lie; the nearest one that was measured."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


@dataclass(frozen=True, slots=True)
class Measurement:
    """`names` are the figures that `run` returns; `run` gets whether everything is wanted (FULL=1)."""

    names: tuple[str, ...]
    run: Callable[[bool], list[Figure]]
