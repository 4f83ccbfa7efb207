"""A lane's daemon that has seen thousands of vehicles is as large as one that has seen a few."""

import asyncio
import gc

import pytest

from lane_controller.daemon.service import Daemon
from tests.campaigns.fed_lane import Feeder, fed
from tests.campaigns.growth import SPEED, grown, settled, slope, written

KEPT_KB_MAX = 0.5
"""Of each passage, in which some 80 tasks, 25 facts and 43 events come and go."""


async def test_work_that_is_done_is_let_go(tmp_path):
    daemon = Daemon(fed(await written(tmp_path), SPEED))
    running = asyncio.create_task(daemon.run())
    try:
        await daemon.ready.wait()
        await Feeder(daemon).run(passages=5, every=100)
        gc.collect()
        tasks = [one for one in gc.get_objects() if isinstance(one, asyncio.Task)]
        loop = asyncio.get_running_loop()  # what other tests of this process left is theirs
        done = [one for one in tasks if one.done() and one.get_loop() is loop]
        assert len(done) < 10, done
    finally:
        daemon.stop()
        await running


@pytest.mark.long
async def test_memory_does_not_grow_with_the_passages(tmp_path):
    samples = settled(await grown(tmp_path, passages=2000, every=50))
    assert 1024 * slope(samples) < KEPT_KB_MAX, samples
