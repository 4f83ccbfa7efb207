"""A weight in words, and what the scale showed until it settled against the limits that a check named."""

from collections.abc import Iterable

from markupsafe import Markup

from dashboard.store.fold import Registers
from dashboard.views.axles import axles_shown
from dashboard.views.charts import Axis, Level, Mark, line_chart, ticks
from dashboard.views.facts import PassageFacts, read_as
from dashboard.views.language import Speaker
from dashboard.views.weight_models import AxlesShown, LimitShown, TracePoint, TraceShown, WeightShown
from lane_controller.messages.parts import CheckResult, WeightTrace


def weight_shown(speaker: Speaker, facts: PassageFacts, registers: Registers) -> WeightShown | None:
    """`registers` have the trace, which the lane's state does not repeat."""
    measured = facts.weight
    if measured is None:
        return None
    limits = tuple(_limits(speaker, facts.checks))
    limit_kg = limits[0].limit_kg if limits else None
    return WeightShown(
        gross_kg=measured.gross_kg,
        gross=speaker.kilograms(measured.gross_kg),
        limit_kg=limit_kg,
        limit=limits[0].limit if limits else None,
        limits=limits,
        over=limit_kg is not None and measured.gross_kg > limit_kg,
        settled_s=speaker.number(measured.settled_s, 1),
        zero_seen=measured.zero_seen,
        wholly_on_deck=measured.wholly_on_deck,
        scale=measured.scale,
        verification=measured.verification,
        verified_until=measured.verified_until,
        trace=_trace(speaker, registers),
        axles=axles_shown(speaker, registers),
    )


def _limits(speaker: Speaker, checks: Iterable[CheckResult]) -> Iterable[LimitShown]:
    """Each limit that a check of the weight compared with, with the rule's source."""
    for result in checks:
        value = result.reason.parameters.get("limit_kg")
        if result.check == "weight_limit" and isinstance(value, int | float):
            yield LimitShown(
                limit_kg=float(value), limit=speaker.kilograms(float(value)), source=result.source
            )


def _trace(speaker: Speaker, registers: Registers) -> TraceShown | None:
    told = registers["weight"][1].get("trace") if "weight" in registers else None
    trace = read_as(WeightTrace, told)
    if trace is None or len(trace.at_ms) != len(trace.gross_kg) or len(trace.at_ms) < 2:
        return None
    points = tuple(
        TracePoint(
            at_s=at_ms / 1000,
            gross_kg=kg,
            text=f"{speaker.number(at_ms / 1000, 1)} {speaker.say('s')}: {speaker.kilograms(kg)}",
        )
        for at_ms, kg in zip(trace.at_ms, trace.gross_kg, strict=True)
    )
    said = speaker.say(
        "{seconds} s from the empty deck, highest {highest}",
        seconds=speaker.number(points[-1].at_s, 1),
        highest=speaker.kilograms(max(one.gross_kg for one in points)),
    )
    return TraceShown(points=points, said=said)


def weight_chart(speaker: Speaker, weight: WeightShown) -> Markup:
    """The trace against the limits; nothing for a lane that keeps none.  Where axles were told, a number
    stands where each climbed, and a line over each group what the law allows on top of what stood there."""
    trace = weight.trace
    if trace is None:
        return Markup("")
    limits = [Level(one.limit_kg, f"{speaker.say('limit')} {one.limit}") for one in weight.limits]
    end_s = trace.points[-1].at_s
    marks = _marks(weight.axles, end_s)
    drawn = [one.gross_kg for one in trace.points] + [one.value for one in limits]
    highest = max([*drawn, *(one.level for one in marks if one.level is not None), 1000.0])
    across = ticks(max(end_s, 0.1), 5)
    label = ", ".join([weight.gross, *(one.text for one in limits), trace.said])
    return line_chart(
        f"{speaker.say('Weight over time')}: {label}",
        [(one.at_s, one.gross_kg) for one in trace.points],
        Axis(tuple((value, f"{speaker.number(value, 1)} {speaker.say('s')}") for value in across)),
        Axis(tuple((value, speaker.number(value, 0)) for value in ticks(highest * 1.08, 5))),
        limits,
        weight.gross,
        marks,
    )


def _marks(axles: AxlesShown | None, end_s: float) -> list[Mark]:
    groups = axles.groups if axles is not None else ()
    marks: list[Mark] = []
    before_kg = 0.0
    for place, group in enumerate(groups, 1):
        until_s = groups[place].at_s[0] if place < len(groups) else end_s
        level = before_kg + group.limit_kg if group.limit_kg is not None else None
        first = len(marks) + 1
        marks += [
            Mark(at_s, str(number), until_s, level if number == first else None)
            for number, at_s in enumerate(group.at_s, first)
        ]
        before_kg += group.load_kg
    return marks
