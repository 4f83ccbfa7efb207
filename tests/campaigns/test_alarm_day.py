"""A day of eight lanes calls one operator as seldom as ISA-18.2 holds for good (docs/sources.md 68)."""

import pytest

from tests.campaigns.alarm_day import LANES, load, played


@pytest.mark.long
def test_a_day_of_eight_lanes_announces_at_most_one_alarm_in_ten_minutes() -> None:
    lanes = played()
    found = load(lanes)
    assert len(lanes) == len(LANES) == 8
    # It was a day's work, with faults of all sorts in it.
    assert sum(lane.passed for lane in lanes) > 1000
    assert {"device_lost", "clearance_lost", "released_not_leaving"} <= set(found.kinds)
    assert found.per_ten_minutes <= 1.0, found
    assert found.flood_share < 0.01, found
    assert not found.chattering, found


def test_an_hour_of_it_repeats_by_its_seed() -> None:
    first, again = (load(played(seed=7, hours=0.2), 0.2) for _ in range(2))
    assert first == again
