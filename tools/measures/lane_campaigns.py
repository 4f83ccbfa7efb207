"""What is lost when a lane's daemon is killed, its power cut, its broker or dashboard gone; whether it grows.

The campaigns are those of tests/campaigns, on real processes: `borderlane run`, mosquitto with mutual TLS,
the dashboard with its SQLite store.  Lost is what happened without a row, or is not in the store at the end.
"""

import asyncio
from pathlib import Path

from measures import Figure, Measurement, at_most, percentile, shown
from measures.rigs.scratch import scratch
from tests.campaigns.growth import grown, settled, slope
from tests.campaigns.judging import Verdict, judge
from tests.campaigns.kills import Kills
from tests.campaigns.outages import BROKER_OUTAGES, ORDERS, all_restarted
from tests.campaigns.power_cut import cut, damage, write
from tests.campaigns.trial import on_trial

KILLS = {False: 30, True: 200}
START_S = 1.5
OUTAGES = {False: 1, True: 3}
TRAVELLERS = {False: 3, True: 20}
RANDOM_CUTS = {False: 200, True: 1000}
DAMAGES = {False: 100, True: 500}
PASSAGES = {False: 2000, True: 10_000}
GROWTH_MB = 1.0
"""Over 8,000 passages; 130 bytes kept of each would be more."""


def zero(name: str, count: int, unit: str, beside: str) -> Figure:
    """A count that must be 0."""
    return Figure(name, count, unit, "0", count == 0, beside)


def said(verdict: Verdict) -> str:
    """What a trial tried, and the first things that were wrong."""
    found = (
        f"{verdict.events} events, {verdict.pulses} orders to the arm, {verdict.commands} commands answered, "
        f"{verdict.repeated} events sent again"
    )
    return "; ".join((found, *verdict.problems[:3]))


def kills(full: bool) -> list[Figure]:
    with scratch() as folder:
        return asyncio.run(_kills(folder, KILLS[full]))


async def _kills(folder: Path, times: int) -> list[Figure]:
    async with on_trial(folder, seed=1) as trial:
        await trial.daemon.stop()
        lives = Kills(trial, START_S)
        await lives.kill(times)
        await lives.start()
        await trial.settle()
        verdict = judge(trial)
        decisions = lives.first_decisions()
    beside = f"{lives.killed} kills; {said(verdict)}"
    broken = len(verdict.problems) - verdict.lost - verdict.doubled - verdict.without_permit
    in_lane, in_store = [one for one, _ in decisions], [one for _, one in decisions]
    of_decisions = (
        f"{len(decisions)} starts with somebody in the lane, who is held; in the store: median "
        f"{percentile(in_store, 0.5):.2f} s, p99 {percentile(in_store, 0.99):.2f} s"
    )
    return [
        zero("lane-kill-facts-lost", verdict.lost + broken, "facts", beside),
        zero("lane-kill-orders-without-permit", verdict.without_permit, "orders", beside),
        zero("lane-kill-events-doubled", verdict.doubled, "events", beside),
        shown("lane-kill-first-decision-median", percentile(in_lane, 0.5), "s", of_decisions),
        shown("lane-kill-first-decision-p99", percentile(in_lane, 0.99), "s", of_decisions),
    ]


def power_cuts(full: bool) -> list[Figure]:
    with scratch() as folder:
        written = write(folder, TRAVELLERS[full])
        cuts = cut(written, folder / "cut", RANDOM_CUTS[full], seed=1)
        damages = damage(written, folder / "cut", DAMAGES[full], seed=2)
    failures = [*cuts.failures, *damages.failures]
    beside = "; ".join(
        (
            f"log of {max(written.ends)} bytes, {len(written.states) - 1} commits: cut at each frame and at "
            f"random bytes {cuts.cases} times, damaged {damages.cases} times; each opened, verified, folded",
            *failures[:3],
        )
    )
    return [zero("lane-power-cut-failures", len(failures), "cases", beside)]


def broker(full: bool) -> list[Figure]:
    with scratch() as folder:
        verdict = asyncio.run(_broker(folder, OUTAGES[full]))
    times = f"{OUTAGES[full]} x {', '.join(BROKER_OUTAGES)}"
    return _lost_and_doubled("lane-broker", verdict, times)


async def _broker(folder: Path, times: int) -> Verdict:
    async with on_trial(folder, seed=2) as trial:
        for outage in [*BROKER_OUTAGES.values()] * times:
            await trial.somebody_passes()
            await outage(trial)
        await trial.settle()
        return judge(trial)


def restarts(full: bool) -> list[Figure]:
    endings = (False, True) if full else (True,)
    with scratch() as folder:
        verdict = asyncio.run(_restarts(folder, endings))
    how = " and ".join("killed" if killed else "stopped" for killed in endings)
    return _lost_and_doubled("lane-restarts", verdict, f"all six orders of {', '.join(ORDERS[0])}, {how}")


async def _restarts(folder: Path, endings: tuple[bool, ...]) -> Verdict:
    async with on_trial(folder, seed=3) as trial:
        for killed in endings:
            for order in ORDERS:
                await trial.somebody_passes()
                await all_restarted(trial, order, killed=killed)
        await trial.settle()
        return judge(trial)


def _lost_and_doubled(name: str, verdict: Verdict, tried: str) -> list[Figure]:
    beside = f"{tried}; {said(verdict)}"
    wrong = len(verdict.problems) - verdict.doubled
    return [
        zero(f"{name}-events-lost", wrong, "events", beside),
        zero(f"{name}-events-doubled", verdict.doubled, "events", beside),
    ]


def growth(full: bool) -> list[Figure]:
    passages = PASSAGES[full]
    with scratch() as folder:
        samples = asyncio.run(grown(folder, passages, every=passages // 50))
    judged = settled(samples)
    per_8000 = 8000 * slope(judged)
    beside = (
        f"slope by least squares between passage {judged[0].passages} and {judged[-1].passages}, told for "
        f"8,000 passages; resident {judged[0].resident_mb:.1f} MB there, {judged[-1].resident_mb:.1f} MB at "
        f"the end; {judged[-1].events} events"
    )
    return [at_most("lane-growth", per_8000, "MB", GROWTH_MB, beside)]


KILL_NAMES = (
    "facts-lost",
    "orders-without-permit",
    "events-doubled",
    "first-decision-median",
    "first-decision-p99",
)
MEASUREMENTS = [
    Measurement(tuple(f"lane-kill-{name}" for name in KILL_NAMES), kills),
    Measurement(("lane-power-cut-failures",), power_cuts),
    Measurement(("lane-broker-events-lost", "lane-broker-events-doubled"), broker),
    Measurement(("lane-restarts-events-lost", "lane-restarts-events-doubled"), restarts),
    Measurement(("lane-growth",), growth),
]
