"""A weight in words, and what the scale showed until it settled against the limits that a check named."""

from collections.abc import Iterable

from markupsafe import Markup

from dashboard.store.fold import Registers
from dashboard.views.charts import Axis, Level, line_chart, ticks
from dashboard.views.facts import PassageFacts, read_as
from dashboard.views.language import Speaker
from dashboard.views.models import LimitShown, TracePoint, TraceShown, WeightShown
from lane_controller.messages.parts import CheckResult, WeightTrace


def kilograms(speaker: Speaker, value: float) -> str:
    return f"{speaker.number(value, 0)} {speaker.say('kg')}"


def weight_shown(speaker: Speaker, facts: PassageFacts, registers: Registers) -> WeightShown | None:
    """`registers` have the trace, which the lane's state does not repeat."""
    measured = facts.weight
    if measured is None:
        return None
    limits = tuple(_limits(speaker, facts.checks))
    limit_kg = limits[0].limit_kg if limits else None
    return WeightShown(
        gross_kg=measured.gross_kg,
        gross=kilograms(speaker, measured.gross_kg),
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
    )


def _limits(speaker: Speaker, checks: Iterable[CheckResult]) -> Iterable[LimitShown]:
    """Each limit that a check of the weight compared with, with the rule's source."""
    for result in checks:
        value = result.reason.parameters.get("limit_kg")
        if result.check == "weight_limit" and isinstance(value, int | float):
            yield LimitShown(
                limit_kg=float(value), limit=kilograms(speaker, float(value)), source=result.source
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
            text=f"{speaker.number(at_ms / 1000, 1)} {speaker.say('s')}: {kilograms(speaker, kg)}",
        )
        for at_ms, kg in zip(trace.at_ms, trace.gross_kg, strict=True)
    )
    said = speaker.say(
        "{seconds} s from the empty deck, highest {highest}",
        seconds=speaker.number(points[-1].at_s, 1),
        highest=kilograms(speaker, max(one.gross_kg for one in points)),
    )
    return TraceShown(points=points, said=said)


def weight_chart(speaker: Speaker, weight: WeightShown) -> Markup:
    """The trace against the limits; nothing for a lane that keeps none."""
    trace = weight.trace
    if trace is None:
        return Markup("")
    limits = [Level(one.limit_kg, f"{speaker.say('limit')} {one.limit}") for one in weight.limits]
    highest = max([one.gross_kg for one in trace.points] + [one.value for one in limits] + [1000.0])
    across = ticks(max(trace.points[-1].at_s, 0.1), 5)
    label = ", ".join([weight.gross, *(one.text for one in limits), trace.said])
    return line_chart(
        f"{speaker.say('Weight over time')}: {label}",
        [(one.at_s, one.gross_kg) for one in trace.points],
        Axis(tuple((value, f"{speaker.number(value, 1)} {speaker.say('s')}") for value in across)),
        Axis(tuple((value, speaker.number(value, 0)) for value in ticks(highest * 1.08, 5))),
        limits,
        weight.gross,
    )
