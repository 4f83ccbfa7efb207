"""systemd is told what is so: ready, alive for as long as the daemon does its work, stopping."""

import asyncio
import os

import pytest

from lane_controller.daemon import liveness, notify
from lane_controller.daemon.liveness import Liveness
from lane_controller.lane.facts import ClockJumped
from simulators.kit import LaneKit
from tests.daemon.child import daemon, systemd
from tests.daemon.rig import Rig, until

PEDESTRIAN = LaneKit(profile="pedestrian")


async def test_a_real_daemon_says_ready_then_signs_of_life_then_stopping(tmp_path):
    rig = Rig(tmp_path, PEDESTRIAN)
    async with rig.on_wires(), systemd(tmp_path) as listening:
        async with daemon(rig.file, listening, WATCHDOG_USEC="200000") as process:
            await until(lambda: listening.count("WATCHDOG=1") >= 3, "signs of life")
            assert listening.said[:2] == ["READY=1", "STATUS=running"]
            assert "STOPPING=1" not in listening.said
            process.terminate()
            assert await asyncio.wait_for(process.wait(), 20) == 0
        # At the beginning of its end, and no sign of life after it.
        assert listening.said[-1] == "STOPPING=1"


@pytest.mark.parametrize(
    ("watchdog", "seconds"),
    [
        ({"WATCHDOG_USEC": "20000000", "WATCHDOG_PID": str(os.getpid())}, 10.0),
        ({"WATCHDOG_USEC": "20000000"}, 10.0),
        ({"WATCHDOG_USEC": "20000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_signs_of_life_come_twice_as_often_as_systemd_asks(
    watchdog: dict[str, str], seconds: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("WATCHDOG_USEC", "WATCHDOG_PID"):
        monkeypatch.delenv(name, raising=False)
    for name, value in watchdog.items():
        monkeypatch.setenv(name, value)
    assert notify.watchdog_s() == seconds


async def test_outside_systemd_nothing_is_said_and_nothing_fails(tmp_path, monkeypatch):
    for address in ("", str(tmp_path / "nobody"), "@borderlane-nobody"):
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        assert notify.notify("READY=1") is False


@pytest.mark.parametrize("trouble", ["a task ended", "nothing is committed"])
async def test_a_daemon_that_does_not_work_is_not_fed(trouble, tmp_path, monkeypatch):
    """Its event loop turns, and it would look well from outside."""
    monkeypatch.setattr(liveness, "COMMIT_S", 0.3)
    rig = Rig(tmp_path, PEDESTRIAN)
    async with rig.on_wires(), systemd(tmp_path) as listening:
        monkeypatch.setenv("NOTIFY_SOCKET", str(listening.path))
        monkeypatch.setenv("WATCHDOG_USEC", "100000")
        async with rig.running() as running:
            await until(lambda: listening.count("WATCHDOG=1") >= 2, "fed while all is well")
            if trouble == "a task ended":
                (task,) = [task for task in asyncio.all_tasks() if task.get_name() == "watch swipe"]
                task.cancel()
                said = "STATUS=the task 'watch swipe' has ended"
            else:
                monkeypatch.setattr(running.loop, "take", lambda told: None)
                monkeypatch.setattr(running.loop, "_woken", asyncio.Event())
                running.loop.post(ClockJumped(running.clock.stamp(), 2.0))
                said = "STATUS=facts wait and are not committed"
            await until(lambda: said in listening.said, said)
            fed = listening.count("WATCHDOG=1")
            assert listening.said[-1] == said
            began_s = running.clock.mono_s()
            await until(lambda: running.clock.mono_s() > began_s + 0.5, "ten more turns")
            assert listening.count("WATCHDOG=1") == fed, "systemd will end it"


async def test_what_was_in_the_way_and_is_gone_feeds_again():
    waits_s, told = [0.0], list[str]()
    alive = Liveness(lambda: waits_s[0], told.append)
    alive.endless(asyncio.current_task())
    assert alive.alive()
    waits_s[0] = liveness.COMMIT_S + 1
    assert not alive.alive()
    assert not alive.alive()
    waits_s[0] = 0.0
    assert alive.alive()
    assert told == ["facts wait and are not committed", ""], "each told once"
