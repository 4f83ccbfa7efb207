"""The simulated arm, light and sensors as plain state, and debounce as a plain function."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.barrier import ArmPosition, BarrierReading
from drivers.debounce import Debounce
from simulators.barrier.arm import BOUNCE_S, Arm
from simulators.presence.sensor import Loop, Photocell, Sensor
from simulators.signal.light import Light


def pulse(contact: object) -> None:
    assert callable(contact)
    contact(True)
    contact(False)


def moving_down(under: bool = False) -> Arm:
    arm = Arm("arm", open=1.0, travel_s=4.0)
    pulse(arm.lower_contact)
    arm.step(2.5)
    arm.under = lambda: under
    return arm


def position(arm: Arm) -> ArmPosition:
    return BarrierReading(arm.raised_switch, arm.lowered_switch, arm.fault, arm.key).position


def test_a_pulse_raises_the_arm_in_its_travel_time_and_the_switches_follow():
    arm = Arm("arm", travel_s=4.0)
    assert position(arm) is ArmPosition.LOWERED
    pulse(arm.raise_contact)
    arm.step(2.0)
    assert position(arm) is ArmPosition.BETWEEN
    arm.step(2.1)
    assert position(arm) is ArmPosition.RAISED
    pulse(arm.lower_contact)
    arm.step(4.1)
    assert position(arm) is ArmPosition.LOWERED


def test_an_arm_that_meets_something_reopens_and_needs_a_new_command():
    arm = moving_down(under=True)
    arm.step(5.0)
    assert arm.raised_switch
    assert (arm.reversals, arm.struck) == (1, 0)
    arm.under = lambda: False
    arm.step(30.0)
    assert arm.raised_switch, "lowered again by itself"
    pulse(arm.lower_contact)
    arm.step(4.1)
    assert arm.lowered_switch


def test_an_arm_does_not_begin_to_close_over_something():
    arm = Arm("arm", open=1.0)
    arm.under = lambda: True
    pulse(arm.lower_contact)
    arm.step(10.0)
    assert arm.open == 1.0


def test_a_blind_arm_strikes():
    arm = Arm("arm", open=1.0)
    arm.set_fault("safety_blind", True)
    arm.under = lambda: True
    pulse(arm.lower_contact)
    arm.step(10.0)
    assert (arm.struck, arm.lowered_switch) == (1, True)


def test_a_held_raise_contact_is_permanently_open():
    arm = Arm("arm")
    arm.raise_contact(True)
    arm.step(5.0)
    pulse(arm.lower_contact)
    pulse(arm.stop_contact)
    arm.step(5.0)
    assert arm.raised_switch
    arm.raise_contact(False)
    pulse(arm.lower_contact)
    arm.step(5.0)
    assert arm.lowered_switch


def test_a_stopped_arm_stands_between():
    arm = moving_down()
    pulse(arm.stop_contact)
    arm.step(10.0)
    assert position(arm) is ArmPosition.BETWEEN


def test_a_broken_arm_hangs_half_open_and_says_so():
    arm = Arm("arm")
    arm.set_fault("hit", True)
    pulse(arm.raise_contact)
    arm.step(10.0)
    assert position(arm) is ArmPosition.BETWEEN
    assert arm.fault


def test_an_arm_may_rise_without_an_order():
    arm = Arm("arm")
    arm.set_fault("creeps", True)
    arm.step(10.0)
    assert arm.raised_switch


@pytest.mark.parametrize(
    ("fault", "up", "expected"),
    [
        ("both_switches", False, ArmPosition.CONTRADICTORY),
        ("raised_switch_dead", True, ArmPosition.BETWEEN),
        ("lowered_switch_dead", False, ArmPosition.BETWEEN),
        ("stuck", True, ArmPosition.LOWERED),
    ],
)
def test_each_fault_shows_at_the_switches(fault: str, up: bool, expected: ArmPosition):
    arm = Arm("arm")
    arm.set_fault(fault, True)
    if up:
        pulse(arm.raise_contact)
    arm.step(10.0)
    assert position(arm) is expected


def test_bounce_is_gone_after_debounce():
    arm = Arm("arm", travel_s=1.0)
    arm.set_fault("bounce", True)
    pulse(arm.raise_contact)
    raw: list[bool] = []
    debounce = Debounce[bool](0.05)
    changes: list[bool] = []
    for at in range(150):
        arm.step(0.01)
        raw.append(arm.raised_switch)
        if debounce.update(arm.raised_switch, at / 100):
            changes.append(bool(debounce.value))
    assert sum(a != b for a, b in itertools.pairwise(raw)) > 2, "it did not bounce"
    assert changes == [False, True]


def test_a_contradiction_shorter_than_the_debounce_is_none():
    """While the arm leaves one end, that end's switch may still bounce: each switch is debounced alone."""
    raised, lowered = Debounce[bool](0.05), Debounce[bool](0.05)
    seen: set[ArmPosition] = set()
    for at in range(200):
        now_s = at / 100
        lowered.update(now_s < 0.5 or 1.0 <= now_s < 1.03, now_s)
        raised.update(now_s >= 1.0, now_s)
        if raised.value is not None and lowered.value is not None:
            seen.add(BarrierReading(raised.value, lowered.value, False, False).position)
    assert seen == {ArmPosition.LOWERED, ArmPosition.BETWEEN, ArmPosition.RAISED}


@given(st.lists(st.tuples(st.floats(0.001, 0.2), st.booleans()), max_size=60), st.floats(0.03, 0.1))
def test_a_value_counts_exactly_when_it_has_stood(steps: list[tuple[float, bool]], debounce_s: float):
    debounce = Debounce[bool](debounce_s)
    history: list[tuple[float, bool]] = []
    now_s = 0.0
    for wait_s, level in steps:
        now_s += wait_s
        history.append((now_s, level))
        before = debounce.value
        changed = debounce.update(level, now_s)
        assert changed == (debounce.value != before)
        since_s = now_s
        for at_s, earlier in reversed(history):
            if earlier != level:
                break
            since_s = at_s
        if now_s - since_s >= debounce_s:
            assert debounce.value == level
        elif changed:
            raise AssertionError("changed to a level that had not stood")


def test_what_a_lost_device_said_proves_nothing_afterwards():
    debounce = Debounce[bool](0.05)
    debounce.update(True, 0.0)
    debounce.update(True, 0.1)
    debounce.forget()
    assert debounce.value is None
    debounce.update(True, 9.0)
    assert debounce.value is None


# --- light and sensors --------------------------------------------------------------------------------------


def test_a_light_without_current_in_its_relay_is_red():
    light = Light("light")
    assert light.shows == "red"
    light.green_contact(True)
    assert light.shows == "green"
    light.set_fault("green_dead", True)
    assert light.shows == "dark"
    light.green_contact(False)
    assert light.shows == "red"


def test_a_broken_loop_reads_covered_and_a_welded_one_never_does():
    loop = Loop("loop")
    loop.set_fault("dead", True)
    assert loop.covered
    loop.set_fault("dead", False)
    loop.there = lambda: True
    loop.set_fault("stuck_clear", True)
    assert not loop.covered


def test_a_high_trailer_drops_out_over_a_loop_but_not_before_a_photocell():
    loop, photocell = Loop("loop", lambda: True), Photocell("photocell", lambda: True)
    loop.set_fault("dropout", True)
    for sensor in (loop, photocell):
        sensor.step(0.5)
        assert sensor.covered
        sensor.step(1.0)
    assert (loop.covered, photocell.covered) == (False, True)


def test_low_sun_blinds_a_photocell_and_dirt_covers_it():
    photocell = Photocell("photocell", lambda: True)
    photocell.set_fault("blinded", True)
    assert not photocell.covered
    photocell.set_fault("blinded", False)
    photocell.there = lambda: False
    photocell.set_fault("dirty", True)
    assert photocell.covered


@pytest.mark.parametrize("closed_when_covered", [True, False])
def test_a_sensors_contact_follows_its_wiring(closed_when_covered: bool):
    sensor = Sensor("loop", lambda: True, closed_when_covered=closed_when_covered)
    assert sensor.contact() is closed_when_covered


def test_a_chattering_sensor_never_passes_debounce_as_more_than_one_change():
    sensor = Sensor("loop", lambda: True)
    sensor.set_fault("chatter", True)
    debounce = Debounce[bool](0.05)
    changes = 0
    for at in range(500):
        sensor.step(0.01)
        changes += debounce.update(sensor.contact(), at / 100)
    assert changes == 0


@pytest.mark.parametrize("device", [Arm("a"), Light("l"), Loop("o"), Photocell("p")])
def test_an_unknown_fault_lists_the_known_ones(device: Arm | Light | Sensor):
    with pytest.raises(KeyError, match=device.faults()[0]):
        device.set_fault("rust", True)


def test_bounce_lasts_as_long_as_it_says():
    arm = Arm("arm", travel_s=1.0)
    arm.set_fault("bounce", True)
    pulse(arm.raise_contact)
    arm.step(1.0 + BOUNCE_S + 0.05)
    assert all(arm.raised_switch for _ in range(20) if arm.step(0.01) is None)
