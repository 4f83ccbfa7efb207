"""Charts as SVG made here: with presentation attributes alone, so that a strict page and a printed one show
the same.  What belongs to the ground is drawn in `currentColor`, so both themes and paper fit."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

WIDTH, HEIGHT = 420, 240
LEFT, RIGHT, TOP, BOTTOM = 58, 14, 22, 28
FONT = 'font-family="DejaVu Sans, Liberation Sans, sans-serif" font-size="13" fill="currentColor"'


@dataclass(frozen=True, slots=True)
class Level:
    """A line across the chart at a value, with its words."""

    value: float
    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment with its words; `level`, where there is one, is drawn from it to `until`."""

    at: float
    text: str
    until: float
    level: float | None


@dataclass(frozen=True, slots=True)
class Axis:
    """From 0 to the last of `ticks`, each with its words."""

    ticks: tuple[tuple[float, str], ...]

    @property
    def end(self) -> float:
        return self.ticks[-1][0]


def ticks(highest: float, about: int) -> tuple[float, ...]:
    """Round values (1, 2 or 5 times a power of ten) from 0 to at least `highest`, about so many steps."""
    rough = max(highest, 1e-9) / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * one for one in (1, 2, 5, 10) if power * one >= rough * 0.999)
    return tuple(step * number for number in range(math.ceil(highest / step - 1e-9) + 1))


def line_chart(
    label: str,
    points: Sequence[tuple[float, float]],
    across: Axis,
    up: Axis,
    levels: Sequence[Level],
    end: str,
    marks: Sequence[Mark] = (),
) -> Markup:
    """A line over time against levels.  `label` is what a screen reader says, `end` the words at the line's
    last point.  Values below 0 are drawn at 0."""
    place = _Place(across, up)
    drawn = " ".join(f"{place.x(at)},{place.y(value)}" for at, value in points)
    parts = [
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(label)}" '
        'width="100%">',
        *_axes(place),
        f'<polyline points="{drawn}" fill="none" stroke="currentColor" stroke-width="2" '
        'stroke-linejoin="round"/>',
        *(_level(place, one) for one in levels),
        *(_mark(place, one) for one in marks),
        _end(place, points[-1], end) if points else "",
        "</svg>",
    ]
    return Markup("".join(parts))  # noqa: S704  (every text in it was escaped)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a value stands in the drawing."""

    across: Axis
    up: Axis

    def x(self, value: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * value / self.across.end, 1)

    def y(self, value: float) -> float:
        share = min(1.0, max(0.0, value / self.up.end))
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share, 1)


def _axes(place: _Place) -> Iterator[str]:
    for value, text in place.up.ticks:
        y = place.y(value)
        yield (
            f'<line x1="{LEFT}" y1="{y}" x2="{WIDTH - RIGHT}" y2="{y}" stroke="currentColor" '
            'stroke-opacity="0.25"/>'
            f'<text x="{LEFT - 6}" y="{y + 4}" text-anchor="end" {FONT}>{escape(text)}</text>'
        )
    for value, text in place.across.ticks:
        anchor = "end" if value == place.across.end else "middle"
        yield (
            f'<text x="{place.x(value)}" y="{HEIGHT - 8}" text-anchor="{anchor}" {FONT}>{escape(text)}</text>'
        )


def _level(place: _Place, level: Level) -> str:
    y = place.y(level.value)
    return (
        f'<line x1="{LEFT}" y1="{y}" x2="{WIDTH - RIGHT}" y2="{y}" '
        'stroke="#d9483d" stroke-width="2.5" stroke-dasharray="9 5"/>'
        f'<text x="{LEFT + 6}" y="{y - 6}" {FONT} font-weight="700">{escape(level.text)}</text>'
    )


def _mark(place: _Place, mark: Mark) -> str:
    x = place.x(mark.at)
    drawn = (
        f'<line x1="{x}" y1="{TOP}" x2="{x}" y2="{HEIGHT - BOTTOM}" '
        'stroke="currentColor" stroke-opacity="0.45" stroke-dasharray="2 4"/>'
        f'<text x="{x}" y="{TOP - 7}" text-anchor="middle" {FONT}>{escape(mark.text)}</text>'
    )
    if mark.level is None:
        return drawn
    y = place.y(mark.level)
    return (
        f'{drawn}<line x1="{x}" y1="{y}" x2="{place.x(mark.until)}" y2="{y}" '
        'stroke="#d9483d" stroke-width="2"/>'
    )


def _end(place: _Place, point: tuple[float, float], text: str) -> str:
    """The line's last point, with its words to the side where there is room."""
    x, y = place.x(point[0]), place.y(point[1])
    left = x > WIDTH / 2
    return (
        f'<circle cx="{x}" cy="{y}" r="5" fill="currentColor"/>'
        f'<text x="{x + (-9 if left else 9)}" y="{y + 20}" '
        f'text-anchor="{"end" if left else "start"}" {FONT} font-weight="700">{escape(text)}</text>'
    )
