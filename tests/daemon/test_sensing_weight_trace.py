"""Beside a weight stands what the scale showed until then: whole enough to see each axle, never long."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lane_controller.daemon.sensing.weight_trace import Trace
from lane_controller.messages.events import WeightObserved
from lane_controller.messages.parts import TRACE_POINTS_MAX, WeightTrace
from tests.daemon.test_sensing_weighing import Deck

TEMPO_S = 0.05


def traced(shown: list[float]) -> WeightTrace:
    trace = Trace(400, 20)
    for number, kg in enumerate(shown):
        trace.take(100 + number * TEMPO_S, kg)
    told = trace.told()
    assert told is not None
    return told


def test_the_steps_of_the_axles_are_in_it_from_the_empty_deck_on() -> None:
    stairs = [float(kg) for kg in (7100, 15_300, 21_900, 28_400, 34_900) for _ in range(40)]
    told = traced([0.0, 20.0, 0.0] * 30 + stairs)
    assert told.gross_kg[0] == 0
    assert told.at_ms[0] == 0
    # A step is one reading wide, where it was: the reading before it is kept with it.
    held = dict(zip(told.at_ms, told.gross_kg, strict=True))
    for number, kg in enumerate((7100, 15_300, 21_900, 28_400, 34_900)):
        first_ms = 50 + number * 40 * 50
        assert held[first_ms] == kg
        assert held[first_ms - 50] < kg
    assert told.at_ms[-1] == 200 * 50
    assert len(told.at_ms) == 11, "what stands still takes no room"


@given(st.lists(st.floats(-500, 60_000), min_size=1, max_size=1500))
def test_it_is_never_long_and_ends_with_the_newest_reading(shown: list[float]) -> None:
    told = traced(shown)
    assert len(told.at_ms) == len(told.gross_kg) <= TRACE_POINTS_MAX
    assert list(told.at_ms) == sorted(told.at_ms)
    assert told.gross_kg[-1] == round(shown[-1], 1)


def test_a_lorry_that_rocks_for_an_hour_keeps_its_first_reading_and_few_others() -> None:
    told = traced([0.0, *(30_000 + 3_000 * (number % 7 - 3) for number in range(72_000))])
    assert len(told.at_ms) <= TRACE_POINTS_MAX
    assert (told.at_ms[0], told.gross_kg[0]) == (0, 0)


def test_a_settled_weight_brings_its_own_load_s_trace_alone() -> None:
    deck = Deck()
    deck.reads(0)
    deck.reads([9000, 18_000])
    (first,) = deck.reads(18_000)
    assert first.trace is not None
    assert first.trace.gross_kg[:3] == (0, 9000, 18_000)
    deck.reads(0)
    deck.reads([4000, 7000], stable=False)
    (second,) = deck.reads(7500)
    assert second.trace is not None
    # Readings that the indicator calls moving belong to the picture, though no weight rests on them.
    assert second.trace.gross_kg[:4] == (0, 4000, 7000, 7500)


def test_a_lost_indicator_leaves_no_trace_of_before() -> None:
    deck = Deck()
    deck.reads(0)
    deck.reads(18_000)
    deck.sense.forget()
    (told,) = deck.reads(18_000)
    assert told.trace is not None
    assert set(told.trace.gross_kg) == {18_000}


def test_an_event_of_a_lane_without_traces_is_read() -> None:
    old: dict[str, Any] = {"type": "passage.weight", "passage": 4, "weight": None}
    assert WeightObserved.model_validate(old).trace is None
