"""A scale's staircase is read step by step within the stated uncertainty, or nothing is said of any axle."""

import math
import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lane_controller.daemon.sensing.axle_steps import axle_steps
from lane_controller.daemon.sensing.weight_record import READINGS_MAX, WeightRecord
from lane_controller.messages.parts import AxleSteps
from tests.daemon.staircase import TYRE_M, Deck, Drive, Lorry, shown

LORRIES = {
    2: Lorry((0, 4.5), (6000, 10_000)),
    3: Lorry((0, 4.2, 5.55), (6500, 8500, 8500)),
    4: Lorry((0, 1.9, 5.5, 6.9), (6500, 6500, 9000, 9000)),
    5: Lorry((0, 3.7, 9.2, 10.51, 11.82), (7000, 11_000, 7300, 7300, 7400)),
    6: Lorry((0, 3.3, 4.65, 9.8, 11.11, 12.42), (7000, 7600, 7600, 5900, 5900, 6000)),
}
EMPTY = Lorry((0, 3.7, 9.2, 10.51, 11.82), (5600, 3700, 1700, 1700, 1800))
lorries = st.sampled_from([*LORRIES.values(), EMPTY])


def steps_of(readings: list[tuple[float, float]], within_kg: float = 20) -> AxleSteps:
    record = WeightRecord(20 * within_kg)
    for at_s, kg in readings:
        record.take(at_s, kg)
    return axle_steps(record.readings(), readings[-1][1], within_kg, record.empty_until_s)


def reason_of(readings: list[tuple[float, float]]) -> str | None:
    told = steps_of(readings)
    assert not told.steps
    return told.reason and told.reason.code


def at_ten_a_second(kg: Callable[[float], float], seconds: float = 20.0) -> list[tuple[float, float]]:
    """Empty for two seconds, then `kg` of the time, which comes to rest at its last."""
    count = round(seconds * 10)
    return [(number / 10, 0.0) for number in range(20)] + [
        (2 + number / 10, 20 * round(kg(number / 10) / 20)) for number in range(count)
    ]


@given(
    lorry=lorries,
    speed_m_s=st.floats(0.7, 1.3),
    swing_hz=st.floats(1.2, 1.8),
    damping=st.floats(0.2, 0.35),
    division_kg=st.sampled_from([10, 20]),
    seed=st.integers(0, 999),
)
@settings(max_examples=12, deadline=None)
def test_at_a_steady_walk_every_axle_of_two_to_six_is_found(
    lorry: Lorry, speed_m_s: float, swing_hz: float, damping: float, division_kg: float, seed: int
) -> None:
    deck = Deck(swing_hz, damping, division_kg=division_kg, noise_kg=0.1 * division_kg)
    told = steps_of(shown(lorry, Drive(speed_m_s), deck, seed), division_kg)
    assert [
        abs(step.load_kg - kg) <= step.uncertainty_kg
        for step, kg in zip(told.steps, lorry.loads_kg, strict=True)
    ] == [True] * len(lorry.loads_kg)
    # When they climbed is told too: each as long after the one before as the way between them takes.
    for step, place_m in zip(told.steps, lorry.axles_m, strict=True):
        way_ms = 1000 * place_m / speed_m_s
        assert step.at_ms - told.steps[0].at_ms == pytest.approx(way_ms, abs=350)


@given(
    lorry=lorries,
    drive=st.builds(Drive, speed_m_s=st.floats(2.0, 5.0), pull_m_s2=st.sampled_from([0.0, 0.3, 0.5]))
    | st.builds(
        Drive,
        speed_m_s=st.floats(0.4, 2.0),
        pull_m_s2=st.sampled_from([0.0, 0.3, 0.5]),
        wait_m=st.floats(0, 12),
        waits_s=st.sampled_from([0.0, 0.0, 6.0]),
    ),
    deck=st.builds(
        Deck,
        swing_hz=st.floats(0.5, 2.5),
        damping=st.floats(0.05, 0.7),
        softer=st.floats(0, 0.4),
        noise_kg=st.floats(0, 40),
        tempo_s=st.sampled_from([0.02, 0.05, 0.1, 0.2]),
        jitter_s=st.floats(0, 0.08),
        lost=st.sampled_from([0.0, 0.02]),
    ),
    seed=st.integers(0, 999),
)
@settings(max_examples=15, deadline=None)
def test_however_it_is_driven_and_whatever_the_deck_no_axle_is_told_wrong(
    lorry: Lorry, drive: Drive, deck: Deck, seed: int
) -> None:
    # A tyre left standing on the very edge bears half its load for as long: no reading tells it from an axle.
    if any(abs(drive.wait_m - place_m) < TYRE_M for place_m in lorry.axles_m):
        drive = Drive(drive.speed_m_s, drive.pull_m_s2)
    told = steps_of(shown(lorry, drive, deck, seed))
    if not told.steps:
        assert told.reason is not None
        return
    assert len(told.steps) == len(lorry.loads_kg)
    for step, kg in zip(told.steps, lorry.loads_kg, strict=True):
        assert abs(step.load_kg - kg) <= step.uncertainty_kg


@given(st.integers(0, 10_000))
@settings(max_examples=40)
def test_noise_has_no_axles(seed: int) -> None:
    draw = random.Random(seed)
    walk = [0.0]
    for _ in range(200):
        walk.append(max(0.0, walk[-1] + draw.gauss(80, 600)))
    told = steps_of(at_ten_a_second(lambda second: walk[round(second * 10)], 19))
    assert not told.steps


def test_what_is_no_staircase_has_no_axles_and_says_why() -> None:
    def stairs(*rises: tuple[float, float]) -> Callable[[float], float]:
        return lambda second: sum(kg for from_s, kg in rises if second >= from_s)

    two = stairs((1, 6000), (5, 9000))
    assert len(steps_of(at_ten_a_second(two)).steps) == 2
    assert reason_of(at_ten_a_second(stairs((1, 15_000)))) == "axles_not_told_apart", "put down by a crane"
    ramp = at_ten_a_second(lambda second: min(second, 8) * 2000)
    assert reason_of(ramp) == "axles_not_told_apart", "poured"
    back = stairs((1, 6000), (4, 9000), (7, -9000), (11, 9000))
    assert reason_of(at_ten_a_second(back)) == "load_came_off"
    assert reason_of(at_ten_a_second(lambda second: two(second) + 5000)[20:]) == "deck_not_empty"
    gap = [one for one in at_ten_a_second(two) if not 4.0 < one[0] < 4.5]
    assert reason_of(gap) == "readings_sparse"
    assert reason_of([(0.0, 0.0), (0.1, 15_000.0)]) == "readings_sparse"
    sway = at_ten_a_second(lambda second: two(second) + 1500 * math.sin(7 * second) * (second < 15))
    assert not steps_of(sway).steps


def test_a_load_that_never_comes_to_rest_costs_no_more_memory_than_two_minutes() -> None:
    record = WeightRecord(400)
    record.take(0.0, 0.0)
    for number in range(2 * READINGS_MAX):
        record.take(number / 50, 9000.0)
    assert record.readings() == []
    record.take(1e6, 0.0)
    record.take(1e6 + 0.1, 9000.0)
    assert record.readings() == [(1e6, 0.0), (1e6 + 0.1, 9000.0)]
