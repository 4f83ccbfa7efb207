"""Broker, dashboard and lane go and come back, in traffic: killed, frozen, stopped, in any order.

Each outage lasts until the lane has recorded something that could not be delivered; afterwards the next one
begins at once, so that parts come back into a site that is still catching up.
"""

import itertools
import signal
from collections.abc import Awaitable, Callable
from typing import Literal

from simulators.children import Child, listens
from tests.campaigns.trial import Trial

Part = Literal["broker", "dashboard", "lane"]
Outage = Callable[[Trial], Awaitable[None]]
PARTS: tuple[Part, ...] = ("broker", "dashboard", "lane")
ORDERS = tuple(itertools.permutations(PARTS))
UP_S = 60.0


async def broker_killed(trial: Trial) -> None:
    """SIGKILL: what it held in memory is gone, what it kept on its disk is as old as its last saving."""
    await trial.site.broker.child.kill()
    await trial.something_happens()
    await trial.site.broker.start()


async def broker_frozen(trial: Trial) -> None:
    """SIGSTOP until the lane and the dashboard have noticed; then SIGCONT: it still holds its connections."""
    trial.site.broker.child.signal(signal.SIGSTOP)
    try:
        await trial.something_happens()
        await trial.lane_until(lambda status: not status["broker"]["connected"], "the lane notices")
        await trial.something_happens()
    finally:
        trial.site.broker.child.signal(signal.SIGCONT)
    await trial.ready()


async def broker_restarted(trial: Trial) -> None:
    """Stopped and started again with what it kept."""
    await trial.site.broker.stop()
    await trial.something_happens()
    await trial.site.broker.start()


async def broker_restarted_without_its_memory(trial: Trial) -> None:
    """Stopped, its persistence removed, started again: sessions and retained messages are gone."""
    await trial.site.broker.stop()
    await trial.something_happens()
    (trial.site.folder / "broker" / "mosquitto.db").unlink(missing_ok=True)
    await trial.site.broker.start()


BROKER_OUTAGES: dict[str, Outage] = {
    "killed": broker_killed,
    "frozen": broker_frozen,
    "restarted": broker_restarted,
    "restarted-without-its-memory": broker_restarted_without_its_memory,
}


async def restarted(trial: Trial, part: Part, *, killed: bool) -> None:
    """One part ends, asked or killed; something happens in the lane; the part is started again."""
    match part:
        case "broker":
            await _end(trial.site.broker.child, killed=killed)
            await trial.something_happens()
            await trial.site.broker.start()
        case "dashboard":
            dashboard = trial.site.dashboard
            assert dashboard is not None
            await _end(dashboard.child, killed=killed)
            await trial.something_happens()
            await dashboard.child.start()
            await dashboard.child.until(lambda: listens(dashboard.port), UP_S)
        case "lane":
            await (trial.daemon.kill() if killed else trial.daemon.stop())
            await trial.crank_down()
            await trial.daemon.start()


async def _end(child: Child, *, killed: bool) -> None:
    await (child.kill() if killed else child.stop())


async def all_restarted(trial: Trial, order: tuple[Part, ...], *, killed: bool) -> None:
    """Each part after the other, without waiting for the site to have caught up."""
    for part in order:
        await restarted(trial, part, killed=killed)
        if part == "lane":
            await trial.lane_until(lambda status: True, "the lane answers")
