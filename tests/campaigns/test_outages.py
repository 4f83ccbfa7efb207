"""Broker, dashboard and lane die, freeze and start again in any order: nothing is lost, nothing doubled.

At the end the lane's journal and the dashboard's store hold the same events with the same content, and no
command and no order was carried out twice."""

import pytest

from tests.campaigns.judging import judge
from tests.campaigns.outages import BROKER_OUTAGES, ORDERS, all_restarted
from tests.campaigns.trial import Trial, on_trial


async def settled(trial: Trial) -> None:
    await trial.settle()
    verdict = judge(trial)
    assert verdict.problems == ()
    assert verdict.repeated > 0, "nothing was sent again: nothing was ever in doubt"


@pytest.mark.long
@pytest.mark.parametrize("outage", BROKER_OUTAGES)
async def test_an_outage_of_the_broker_loses_and_doubles_nothing(tmp_path, outage):
    async with on_trial(tmp_path, seed=1) as trial:
        for _ in range(3):
            await trial.somebody_passes()
            await BROKER_OUTAGES[outage](trial)
        await settled(trial)


@pytest.mark.long
@pytest.mark.parametrize("killed", [False, True], ids=["stopped", "killed"])
async def test_broker_dashboard_and_lane_restarted_in_all_orders_lose_and_double_nothing(tmp_path, killed):
    async with on_trial(tmp_path, seed=2) as trial:
        for order in ORDERS:
            await trial.somebody_passes()
            await all_restarted(trial, order, killed=killed)
        await settled(trial)
