"""How well a lorry's axles are read from a scale's staircase (docs/measurements.md)."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from lane_controller.daemon.sensing.axle_steps import axle_steps
from lane_controller.daemon.sensing.weight_record import WeightRecord
from lane_controller.messages.parts import AxleSteps
from measures import Figure, Measurement, at_least, at_most, percentile, shown
from simulators.fleet import MODELS, Axle, Vehicle, vehicle
from simulators.geometry import GEOMETRY
from simulators.scale.indicator import Indicator
from simulators.world import Visit, World
from tests.daemon.staircase import Deck, Drive, Lorry
from tests.daemon.staircase import shown as staircase

LORRIES, LORRIES_FULL = 60, 400
STEP_S, EVERY, RESTED_S = 0.05, 2, 8.0
MINIMUM_KG = 400.0
SWAYS_M_S2 = 0.5
LOADS = (0.0, 1.3)
"""Of the model's full load: empty to overloaded."""
OTHERS_M = {"rigid-4": (1.4, 3.3, 7.1, 8.45)}
"""Axles of a lorry of four, which the simulators' fleet has not: from its three-axle one."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A lorry, what was told of its axles, and the most that pull and brake moved on an axle meanwhile."""

    lorry: Vehicle
    told: AxleSteps
    moved_kg: float


def run(full: bool) -> list[Figure]:
    count = LORRIES_FULL if full else LORRIES
    walked = [_weighed(draw, draw.uniform(0.8, 1.6)) for draw in _draws("walk", count)]
    hurried = [_weighed(draw, draw.uniform(2.0, 5.0)) for draw in _draws("hurry", count)]
    told = [one for one in walked if one.told.steps]
    errors = [error for one in told if _right(one) for error in _errors(one)]
    moved = percentile([one.moved_kg for one in walked], 0.95)
    unsure = [step.uncertainty_kg for one in told for step in one.told.steps]
    beside = f"division 20 kg, moved by pull and brake p95 {moved:.0f} kg"
    stated = f"{beside}; stated p50 {percentile(unsure, 0.5):.0f} kg, {len(errors)} axles"
    wrong = sum(bool(one.told.steps) and not _right(one) for one in (*walked, *hurried))
    quick = sum(bool(one.told.steps) for one in hurried)
    swayed, most = _swaying(count)
    swaying = (
        f"pulled and braked by turns at {SWAYS_M_S2} m/s²: moved up to {most:.0f} kg; {len(swayed)} axles"
    )
    return [
        shown("lane-axles-error-p50", percentile(errors, 0.5), "kg", stated),
        shown("lane-axles-error-p95", percentile(errors, 0.95), "kg", stated),
        shown("lane-axles-swaying-error-p95", percentile(swayed, 0.95), "kg", swaying),
        at_least("lane-axles-told", 100 * len(told) / count, "% at a walk", 90, f"{count} lorries"),
        at_most(
            "lane-axles-wrong", wrong, "lorries", 0, f"of {len(told) + quick} told, {quick} of them hurried"
        ),
    ]


def _swaying(count: int) -> tuple[list[float], float]:
    """Errors of lorries whose pace sways on the deck, by the tests' own physics, and the most that moved."""
    errors: list[float] = []
    most_kg = 0.0
    for draw in _draws("sway", count):
        axles = _lorry(draw).axles
        lorry = Lorry(
            tuple(one.behind_m - axles[0].behind_m for one in axles), tuple(one.load_kg for one in axles)
        )
        deck = Deck(draw.uniform(0.8, 2.0), draw.uniform(0.15, 0.4))
        readings = staircase(lorry, Drive(draw.uniform(0.8, 1.6), SWAYS_M_S2), deck, draw.randrange(10**6))
        bears = zip(lorry.bears_kg(SWAYS_M_S2, 1.5), lorry.loads_kg, strict=True)
        most_kg = max(most_kg, *(abs(kg - rest_kg) for kg, rest_kg in bears))
        steps = _told(readings, readings[-1][1], deck.division_kg).steps
        if len(steps) == len(axles):
            errors += [abs(one.load_kg - kg) for one, kg in zip(steps, lorry.loads_kg, strict=True)]
    return errors, most_kg


def _told(readings: Sequence[tuple[float, float]], gross_kg: float, division_kg: float) -> AxleSteps:
    record = WeightRecord(MINIMUM_KG)
    for at_s, kg in readings:
        record.take(at_s, kg)
    return axle_steps(record.readings(), gross_kg, division_kg, record.empty_until_s)


def _right(one: Weighed) -> bool:
    steps = one.told.steps
    if len(steps) != len(one.lorry.axles):
        return False
    return all(error <= step.uncertainty_kg for error, step in zip(_errors(one), steps, strict=True))


def _errors(one: Weighed) -> Iterator[float]:
    for step, axle in zip(one.told.steps, one.lorry.axles, strict=True):
        yield abs(step.load_kg - axle.load_kg)


def _draws(what: str, count: int) -> Iterator[random.Random]:
    return (random.Random(f"{what}/{number}") for number in range(count))


def _lorry(draw: random.Random) -> Vehicle:
    models = [model for model in MODELS.values() if model.profile == "cargo"]
    model = draw.choice([*models, None])
    share = draw.uniform(*LOADS)
    if model is None:
        base = vehicle(draw, "rigid-3")
        kg = 4500 + share * 4000
        return replace(base, axles=tuple(Axle(behind_m, kg) for behind_m in OTHERS_M["rigid-4"]))
    empty, full = sum(model.empty_kg), sum(model.full_kg)
    return vehicle(draw, model.name, gross_kg=empty + share * (full - empty))


def _weighed(draw: random.Random, speed_m_s: float) -> Weighed:
    """Driven onto the deck and read at rest."""
    lorry = _lorry(draw)
    world = World({"lane": replace(GEOMETRY["cargo"], deck_speed_m_s=speed_m_s, speed_m_s=5.0)})
    lane = world.lanes["lane"]
    lane.send(Visit(1, lorry, ()), 0.0)
    indicator = Indicator(seed=draw.randrange(10**6))
    readings: list[tuple[float, float]] = []
    moved_kg = gross_kg = rested_s = 0.0
    ticks = 0
    while rested_s < RESTED_S:
        world.step(STEP_S)
        indicator.load_kg = lane.deck_load_kg
        indicator.step(STEP_S)
        ticks += 1
        moving = lane.vehicles[0] if lane.vehicles else None
        rested_s = moving.phase_s if moving is not None and moving.phase == "standing" else 0.0
        if moving is not None and 0 < lane.deck_load_kg < 0.999 * lorry.gross_kg:
            shifts = zip(lorry.loads_kg(moving.pull_m_s2), lorry.axles, strict=True)
            moved_kg = max(moved_kg, *(abs(kg - axle.load_kg) for kg, axle in shifts))
        if ticks % EVERY == 0:
            gross_kg = indicator.indication().displayed_kg or 0.0
            readings.append((ticks * STEP_S, gross_kg))
    return Weighed(lorry, _told(readings, gross_kg, indicator.division_kg), moved_kg)


NAMES = ("error-p50", "error-p95", "swaying-error-p95", "told", "wrong")
MEASUREMENTS = [Measurement(tuple(f"lane-axles-{name}" for name in NAMES), run)]
