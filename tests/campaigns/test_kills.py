"""kill -9 of a real daemon at random instants: no fact lost, no order without a permit, no event doubled.

A fact is lost when something was done, published or answered because of it and no row holds it."""

from pathlib import Path

import pytest

from tests.campaigns.judging import judge
from tests.campaigns.kills import Kills, forked
from tests.campaigns.outages import Outage, broker_restarted_without_its_memory
from tests.campaigns.trial import on_trial

FORKED_START_S = 0.6


async def campaign(folder: Path, kills: int, seed: int, *outages: Outage) -> None:
    async with on_trial(folder, seed) as trial, forked(trial.file) as daemon:
        await trial.daemon.stop()
        trial.daemon = daemon
        lives = Kills(trial, FORKED_START_S)
        await lives.kill(kills)
        # An arm that the last kill left raised stays up, and the lane shut, until somebody lowers it by hand.
        await trial.crank_down()
        await lives.start()
        for outage in outages:
            await trial.somebody_passes()
            await outage(trial)
        await trial.settle()
        verdict = judge(trial)
        assert verdict.problems == ()
        assert verdict.pulses > 0, "the arm was never ordered up: the campaign tried nothing"
        assert verdict.commands > 0, "no command was answered: the campaign tried nothing"


async def test_five_kills_and_a_broker_that_forgets_lose_nothing(tmp_path):
    await campaign(tmp_path, 5, 1, broker_restarted_without_its_memory)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 6))
async def test_two_hundred_kills_at_random_instants_lose_nothing(tmp_path, seed):
    await campaign(tmp_path, 50, seed)
