"""Axles are grouped by the times at which they climbed; each group stands beside the limits of the day."""

from datetime import date
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lane_controller.lane.axle_groups import axle_loads, grouped
from lane_controller.lane.axle_limits import axle_limit, axle_table
from lane_controller.lane.limits import table
from lane_controller.messages.parts import AxleStep, AxleSteps, Reason

TODAY = date(2026, 6, 1)


def climbed(*gaps_m: float, pace_m_s: float = 1.2, load_kg: float = 7000) -> AxleSteps:
    """Axles so many metres apart, at one pace."""
    places = accumulate((0.0, *gaps_m))
    return AxleSteps(
        steps=tuple(
            AxleStep(at_ms=round(1000 * place / pace_m_s), load_kg=load_kg, uncertainty_kg=300)
            for place in places
        )
    )


# Distances of types of vehicles in use; the groups are the law's.
TRAINS = {
    "two axles": ((4.5,), [1, 1]),
    "a lorry with a tandem": ((4.2, 1.35), [1, 2]),
    "a tractor with a tri-axle semi-trailer": ((3.7, 5.5, 1.31, 1.31), [1, 1, 3]),
    "a 6 x 4 tractor with the same": ((3.3, 1.35, 5.15, 1.31, 1.31), [1, 2, 3]),
    "a lorry with two steered axles": ((1.9, 4.6, 1.4), [2, 2]),
    "single axles all along": ((4.8, 4.7, 5.0), [1, 1, 1, 1]),
}


@pytest.mark.parametrize("name", TRAINS)
@given(pace_m_s=st.floats(0.3, 2.0))
def test_axles_that_stand_close_together_are_one_group_whatever_the_pace(name: str, pace_m_s: float) -> None:
    gaps_m, sizes = TRAINS[name]
    groups = grouped(climbed(*gaps_m, pace_m_s=pace_m_s).steps)
    assert groups is not None
    assert [len(group) for group in groups] == sizes


@pytest.mark.parametrize(
    "gaps_m",
    [
        (3.7, 5.5 + 20.0, 1.31, 1.31),  # stood in between
        (3.7, 2.4, 1.31),  # neither close nor apart
    ],
)
def test_times_that_fall_into_no_short_and_long_ones_make_no_groups_and_no_limits(
    gaps_m: tuple[float, ...],
) -> None:
    told = axle_loads(climbed(*gaps_m), "KZ", TODAY)
    assert told is not None
    assert not told.grouped
    assert [len(group.steps) for group in told.groups] == [1] * (len(gaps_m) + 1)
    assert {group.limit for group in told.groups} == {None}


def test_a_group_bears_the_sum_of_its_axles_and_has_the_limits_of_its_number_here_and_today() -> None:
    told = axle_loads(climbed(4.2, 1.35), "KZ", TODAY)
    assert told is not None
    front, tandem = told.groups
    assert (front.load_kg, tandem.load_kg) == (7000, 14_000)
    assert tandem.uncertainty_kg == pytest.approx(300 * 2**0.5, abs=1)
    assert front.limit is not None
    assert tandem.limit is not None
    assert (front.limit.lowest_kg, front.limit.highest_kg, front.limit.verified) == (10_000, 10_000, True)
    # By their distance 12, 14 or 16 t, the last from general knowledge.
    assert (tandem.limit.lowest_kg, tandem.limit.highest_kg) == (12_000, 16_000)
    assert not tandem.limit.verified
    assert "order 342" in tandem.limit.source


def test_without_a_date_or_a_rule_there_is_no_limit_and_without_steps_no_group() -> None:
    told = axle_loads(climbed(4.5), "KZ", None)
    assert told is not None
    assert [group.limit for group in told.groups] == [None, None]
    assert axle_limit("CN", 1, TODAY) is None
    assert axle_limit("KZ", 1, date(2010, 1, 1)) is None
    unknown = axle_loads(AxleSteps(reason=Reason(code="load_came_off")), "KZ", TODAY)
    assert unknown is not None
    assert (unknown.groups, unknown.reason) == ((), Reason(code="load_came_off"))
    assert axle_loads(None, "KZ", TODAY) is None


def test_every_line_of_the_table_says_where_it_was_read_and_is_of_a_state_with_gross_limits() -> None:
    states = {line.state for line in table()}
    for line in axle_table():
        assert line.source
        assert line.state in states
        assert 1 <= line.axles <= 3
        assert 5000 <= line.load_kg / line.axles <= 12_000 or line.load_kg / line.axles >= 5000
        assert line.verified or any(
            word in line.source for word in ("general knowledge", "superseded", "unnamed")
        )
