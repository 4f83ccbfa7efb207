"""The simulated weighbridge settles, repeats under a seed and refuses what a verified one must."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.scale.indicator import SETUPS, Indicator

LORRY = [7_000, 11_000, 7_300, 7_300, 7_400]


def shown(indicator: Indicator) -> float | None:
    return indicator.indication().displayed_kg


def history(indicator: Indicator, step_s: float, seconds: float) -> list[object]:
    seen: list[object] = []
    for _ in range(round(seconds / step_s)):
        indicator.step(step_s)
        seen.append(indicator.indication())
    return seen


@pytest.mark.parametrize("load_kg", [60, 7_000, 40_000])
def test_a_load_swings_and_settles_within_two_to_six_seconds(load_kg):
    indicator = Indicator(seed=3)
    indicator.load_kg = load_kg
    seen = history(indicator, 0.05, 10)
    assert max(one.displayed_kg or 0 for one in seen) > load_kg, "it never overshot"
    settled_s = max(number for number, one in enumerate(seen) if abs(one.displayed_kg - load_kg) > 20) * 0.05
    assert settled_s < 6
    if load_kg > 1_000:
        assert settled_s > 2
    assert not any(one.motion for one in seen[-20:])


def test_a_lorry_climbs_as_a_staircase():
    indicator = Indicator(seed=3)
    indicator.drive_on(LORRY, over_s=40)
    plateaus = [one.displayed_kg for one in history(indicator, 0.05, 60) if not one.motion]
    for number in range(len(LORRY) + 1):
        step_kg = sum(LORRY[:number])
        assert any(abs(plateau - step_kg) <= 20 for plateau in plateaus), step_kg


def test_standing_noise_stays_within_one_division():
    indicator = Indicator(seed=5)
    indicator.rest(38_250)
    assert {one.displayed_kg for one in history(indicator, 0.05, 120)} <= {38_240, 38_260}


@given(seed=st.integers(0, 2**32), cuts=st.lists(st.floats(0.001, 3.0), min_size=1, max_size=20))
def test_a_seed_repeats_a_run_however_the_steps_are_cut(seed, cuts):
    whole, cut = Indicator(seed=seed), Indicator(seed=seed)
    for indicator in (whole, cut):
        indicator.drive_on(LORRY, over_s=10)
    for piece_s in cuts:
        cut.step(piece_s)
    whole.step(sum(cuts))
    # A sample exactly at the end may fall on either side of it.
    assert abs(shown(whole) - shown(cut)) <= 20 or whole.indication().motion


def test_another_seed_is_another_run():
    runs = []
    for seed in (1, 2):
        indicator = Indicator(seed=seed)
        indicator.rest(38_250)
        runs.append([one.displayed_kg for one in history(indicator, 0.05, 20)])
    assert runs[0] != runs[1]


def test_above_max_and_nine_divisions_nothing_is_shown():
    indicator = Indicator()
    indicator.rest(60_180)
    assert shown(indicator) == 60_180
    indicator.rest(60_300)
    assert (shown(indicator), indicator.indication().over) == (None, True)


def test_zero_is_tracked_for_weather_and_not_for_a_light_load():
    indicator = Indicator()
    indicator.step(4 * 3600)
    assert shown(indicator) == 0
    indicator.rest(60)
    indicator.step(600)
    assert shown(indicator) == 60


def test_zero_is_set_only_at_rest_near_zero_and_untared():
    indicator = Indicator()
    indicator.rest(2_000)
    assert indicator.zero()
    assert shown(indicator) == 0
    indicator.rest(12_000)
    assert not indicator.zero()
    assert indicator.tare()
    assert not indicator.zero()
    indicator.clear_tare()
    indicator.load_kg = 2_000
    indicator.step(0.3)
    assert not indicator.zero(), "in motion"


def test_power_up_under_a_lorry_captures_no_zero_and_under_a_light_one_weighs_it_away():
    indicator = Indicator()
    indicator.set_up("powered_up_loaded")
    assert not indicator.indication().zero_captured
    assert abs(shown(indicator) - 38_250) <= 20
    light = Indicator()
    light.rest(8_000)
    light.power(False)
    light.power(True)
    light.step(0.5)
    assert light.indication().zero_captured
    assert shown(light) == 0


@pytest.mark.parametrize(
    ("fault", "changed"),
    [
        ("drifting_cell", lambda before, after: after.displayed_kg > before.displayed_kg + 100),
        ("setup_mode", lambda before, after: after.displayed_kg is None and not after.over),
        ("stuck_motion", lambda before, after: after.motion and not before.motion),
        ("mud_on_deck", lambda before, after: abs(after.displayed_kg - before.displayed_kg - 300) <= 20),
    ],
)
def test_a_fault_shows_and_clears(fault, changed):
    indicator = Indicator()
    indicator.rest(20_000)
    before = indicator.indication()
    indicator.set_fault(fault, True)
    indicator.step(5)
    assert changed(before, indicator.indication())
    indicator.set_fault(fault, False)
    indicator.set_fault(fault, False)
    assert indicator.faults() == ()


def test_a_frozen_stream_shows_no_noise_and_no_lorry():
    indicator = Indicator()
    indicator.rest(20_010)
    indicator.set_fault("frozen", True)
    indicator.drive_on(LORRY)
    assert len(set(history(indicator, 0.1, 30))) == 1
    indicator.set_fault("frozen", False)
    assert shown(indicator) > 50_000


def test_unknown_faults_and_setups_name_the_known_ones():
    with pytest.raises(KeyError, match="drifting_cell"):
        Indicator().set_fault("haunted", True)
    with pytest.raises(KeyError, match="powered_up_loaded"):
        Indicator().set_up("haunted")


@pytest.mark.parametrize("setup", SETUPS)
def test_every_setup_stands_still(setup):
    indicator = Indicator()
    indicator.set_up(setup)
    assert not indicator.indication().motion
