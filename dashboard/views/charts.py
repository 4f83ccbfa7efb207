"""Charts as SVG made here: with presentation attributes alone, so that a strict page and a printed one show
the same.  What belongs to the ground is drawn in `currentColor`, so both themes and paper fit."""

import math
from collections.abc import Sequence
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

    def x(value: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * value / across.end, 1)

    def y(value: float) -> float:
        share = min(1.0, max(0.0, value / up.end))
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share, 1)

    parts = [
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(label)}" '
        'width="100%">'
    ]
    for value, text in up.ticks:
        parts.append(
            f'<line x1="{LEFT}" y1="{y(value)}" x2="{WIDTH - RIGHT}" y2="{y(value)}" stroke="currentColor" '
            'stroke-opacity="0.25"/>'
            f'<text x="{LEFT - 6}" y="{y(value) + 4}" text-anchor="end" {FONT}>{escape(text)}</text>'
        )
    for value, text in across.ticks:
        anchor = "end" if value == across.end else "middle"
        parts.append(
            f'<text x="{x(value)}" y="{HEIGHT - 8}" text-anchor="{anchor}" {FONT}>{escape(text)}</text>'
        )
    drawn = " ".join(f"{x(at)},{y(value)}" for at, value in points)
    parts.append(
        f'<polyline points="{drawn}" fill="none" stroke="currentColor" stroke-width="2" '
        'stroke-linejoin="round"/>'
    )
    for level in levels:
        parts.append(
            f'<line x1="{LEFT}" y1="{y(level.value)}" x2="{WIDTH - RIGHT}" y2="{y(level.value)}" '
            'stroke="#d9483d" stroke-width="2.5" stroke-dasharray="9 5"/>'
            f'<text x="{LEFT + 6}" y="{y(level.value) - 6}" {FONT} font-weight="700">'
            f"{escape(level.text)}</text>"
        )
    for mark in marks:
        parts.append(
            f'<line x1="{x(mark.at)}" y1="{TOP}" x2="{x(mark.at)}" y2="{HEIGHT - BOTTOM}" '
            'stroke="currentColor" stroke-opacity="0.45" stroke-dasharray="2 4"/>'
            f'<text x="{x(mark.at)}" y="{TOP - 7}" text-anchor="middle" {FONT}>{escape(mark.text)}</text>'
        )
        if mark.level is not None:
            parts.append(
                f'<line x1="{x(mark.at)}" y1="{y(mark.level)}" x2="{x(mark.until)}" y2="{y(mark.level)}" '
                'stroke="#d9483d" stroke-width="2"/>'
            )
    if points:
        at, value = points[-1]
        left = x(at) > WIDTH / 2
        parts.append(
            f'<circle cx="{x(at)}" cy="{y(value)}" r="5" fill="currentColor"/>'
            f'<text x="{x(at) + (-9 if left else 9)}" y="{y(value) + 20}" '
            f'text-anchor="{"end" if left else "start"}" {FONT} font-weight="700">{escape(end)}</text>'
        )
    return Markup("".join([*parts, "</svg>"]))  # noqa: S704  (every text in it was escaped)
