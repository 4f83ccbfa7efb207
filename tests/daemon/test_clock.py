"""The daemon's clock: durations count within one boot, and a simulated clock's boot is its process."""

import time
from pathlib import Path

import pytest

from lane_controller.daemon import clock
from lane_controller.daemon.clock import BOOT_ID, Clock, boot_id


def test_daemons_of_one_boot_agree_on_it_and_on_their_seconds() -> None:
    first, second = Clock(), Clock()
    assert first.boot == second.boot == BOOT_ID.read_text().strip()
    before = first.mono_s()
    assert before <= second.mono_s() <= first.mono_s(), "one monotonic clock over a restart"


def test_a_simulated_clock_that_ran_ahead_never_runs_backwards_within_a_boot(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """At speed 60 a daemon of ten minutes was ten hours ahead; the next one starts at the machine's time."""
    now = [5000.0]
    monkeypatch.setattr(clock.time, "monotonic", lambda: now[0])
    first = Clock(speed=60)
    now[0] += 600
    ahead = first.stamp()
    second = Clock(speed=60)
    restarted = second.stamp()
    assert ahead.mono_s == pytest.approx(5000 + 36_000)
    assert restarted.mono_s < ahead.mono_s
    assert restarted.boot != ahead.boot, "so what the first one measured does not count"
    assert BOOT_ID.read_text().strip() not in (ahead.boot, restarted.boot)


def test_a_drivers_time_is_the_clocks_time_at_any_speed() -> None:
    for speed in (1.0, 10.0):
        made = Clock(speed=speed)
        monotonic_s = time.monotonic()
        assert made.mono_of(monotonic_s) <= made.mono_s()
        assert made.mono_of(monotonic_s + 1) - made.mono_of(monotonic_s) == pytest.approx(speed)


def test_where_the_boot_can_not_be_told_durations_count_within_the_process(tmp_path: Path) -> None:
    assert boot_id(tmp_path / "nothing") != boot_id(tmp_path / "nothing")


def test_a_wall_clock_that_is_set_is_a_jump_and_one_that_is_slewed_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wall, mono = [1_000_000.0], [50.0]
    monkeypatch.setattr(clock.time, "time", lambda: wall[0])
    monkeypatch.setattr(clock.time, "monotonic", lambda: mono[0])
    made = Clock()
    for _ in range(100):
        wall[0], mono[0] = wall[0] + 1.05, mono[0] + 1.0
        assert made.jump_s() is None
    wall[0] -= 86_400
    assert made.jump_s() == pytest.approx(-86_400)
    assert made.jump_s() is None, "told once"
