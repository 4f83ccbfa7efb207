"""What happens at a lane, and what an operator asks of it: how long until the other end has it.

Four cargo lanes on their simulated wires, real daemons, a broker with mutual TLS, the dashboard over SQLite
and a Chromium with the pages of five workplaces (the wall and each lane), all on this machine:

    a weight   from the last byte of its frame, written to the scale's line
    a loop     from its debounced level
    a card     from pcscd's change of state, as another PC/SC program has it
               -> the event committed in the dashboard's store -> the screen
    a click    in a lane's page -> the coil written at the simulated board

The store is looked at every millisecond by another process, and counts once that can read the event.  The
screen counts from the frame after the one that drew the event in the lane's time line.  A lorry is held on
each deck, so that every weight, loop and card is told.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import async_playwright

from measures import Figure, Measurement, at_most, percentile, shown
from measures.rigs.busy_lane import TOLD_S, BusyLane, Way
from measures.rigs.scratch import ROOT, scratch
from measures.rigs.watchers import Watcher, store_events
from measures.rigs.workplaces import ARGUMENTS, CHROMIUM, Workplace
from simulators.kit import LaneKit
from simulators.site import Site

OPERATORS = {"cargo-1": "border", "cargo-2": "customs", "cargo-3": "transport", "cargo-4": "leader"}
KIT = LaneKit(profile="cargo", readers=("mrz-swipe", "pcsc"))
RUNS = {False: 1, True: 3}
ROUNDS = 80
"""Of each stimulus in each lane: 320 of each kind, so that three lie beyond the 99th percentile.  A passage
keeps 300 readings at most, and a round makes three: a weight, a card in, a card out."""
CLICKS = 40
"""Raises in each lane, and as many lowers."""
STORE_MS, SCREEN_MS, COIL_MS = 100.0, 250.0, 150.0
LAST_S = 3.0
"""For the last event, which a subscriber has already, to be committed."""


@dataclass
class Samples:
    """Of all lanes and runs.  `clock_off_s`: how far a page's clock may be off.  What was `untold` counts as
    having taken all the time that one waited for it."""

    ways: list[Way] = field(default_factory=list[Way])
    clicks: dict[str, list[float]] = field(default_factory=lambda: {"raise": [], "lower": []})
    clock_off_s: float = 0.0
    untold: Counter[str] = field(default_factory=Counter[str])


async def measured(
    folder: Path, operators: Mapping[str, str], rounds: int, clicks: int, samples: Samples
) -> None:
    """One run of these lanes, each with its operator, added to `samples`."""
    site = Site(folder, dict.fromkeys(operators, KIT), drives=ROOT / "var" / "drives")
    async with AsyncExitStack() as stack:
        await site.start()
        stack.push_async_callback(site.stop)
        assert site.dashboard is not None
        lanes = {name: BusyLane(site, name) for name in operators}
        for lane in lanes.values():
            stack.callback(lane.stop)
        site.recorder.listeners.append(lambda lane, event: lanes[lane].hear(event))
        playwright = await stack.enter_async_context(async_playwright())
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        stack.push_async_callback(browser.close)
        wall = await Workplace.open(browser, site.dashboard, "auditor", "/")
        pages = {
            name: await Workplace.open(browser, site.dashboard, user, f"/lanes/{name}")
            for name, user in operators.items()
        }
        for page in (wall, *pages.values()):
            samples.clock_off_s = max(samples.clock_off_s, await page.set_clock())

        clicked = await asyncio.gather(*(lanes[name].click(pages[name], clicks) for name in operators))
        for of_lane in clicked:
            for kind, seconds in of_lane.items():
                samples.clicks[kind] += seconds
        await asyncio.gather(*(lane.hold_a_lorry() for lane in lanes.values()))
        store = Watcher(store_events, site.dashboard.store)
        stack.callback(store.stop)
        await store.start()
        await asyncio.gather(*(lane.stimulate(rounds) for lane in lanes.values()))
        await asyncio.sleep(LAST_S)
        stored, weights = await store.seen(), await wall.weights()
        for name, lane in lanes.items():
            samples.ways += await lane.ways(stored, pages[name], weights)
            samples.untold += lane.untold


def figures(samples: Samples) -> list[Figure]:
    found: list[Figure] = []
    for kind, before in BEFORE.items():
        ways = [way for way in samples.ways if way.kind == kind]
        wait = f"{before} {_ms([way.wait_s for way in ways])}; {len(ways)} events of {len(OPERATORS)} lanes"
        untold = [TOLD_S] * samples.untold[kind]
        wait += f", {len(untold)} not told" if untold else ""
        stages = ", ".join(f"{name} {1e3 * _median(ways, at):.1f}" for name, at in STAGES.items())
        found += _figures(
            f"lane-{kind}-to-store",
            [*(way.store_s for way in ways), *untold],
            STORE_MS,
            f"before it: {wait}; on its way at the median (ms): {stages}",
        )
        wall = [way.wall_s for way in ways if way.wall_s is not None]
        on_wall = f"; on the wall {_ms(wall)}" if wall else ""
        found += _figures(
            f"lane-{kind}-to-screen",
            [*(way.screen_s for way in ways), *untold],
            SCREEN_MS,
            f"in the page's document {_ms([way.page_s for way in ways])}{on_wall}; before it: {wait}; "
            f"a page's clock is known to {1e3 * samples.clock_off_s:.1f} ms",
        )
    clicks = [one for seconds in samples.clicks.values() for one in seconds]
    each = "; ".join(f"{len(seconds)} to {kind} {_ms(seconds)}" for kind, seconds in samples.clicks.items())
    return [
        *found,
        *_figures("lane-click-to-coil", clicks, COIL_MS, f"{each}; {len(OPERATORS)} lanes at once"),
    ]


BEFORE = {
    "weight": "from the load to the frame that settled it (the scale's frames, 1 s of rest)",
    "loop": "from the contact to its debounced level (board's poll 50 ms, debounce 50 ms)",
    "card": "from the card in the slot to pcscd's change of state (its poll 400 ms)",
}
"""What a wait consists of."""
STAGES: dict[str, Callable[[Way], float]] = {
    "the lane's fact": lambda way: way.fact_s,
    "a subscriber at the broker": lambda way: way.broker_s,
    "the store's transaction": lambda way: way.taken_s,
}


def _figures(name: str, seconds: list[float], limit_ms: float, beside: str) -> list[Figure]:
    return [
        shown(f"{name}-median", 1e3 * percentile(seconds, 0.5), "ms", beside),
        at_most(f"{name}-p99", 1e3 * percentile(seconds, 0.99), "ms", limit_ms, beside),
    ]


def _median(ways: list[Way], at: Callable[[Way], float]) -> float:
    return percentile([at(way) for way in ways], 0.5)


def _ms(seconds: list[float]) -> str:
    return f"{1e3 * percentile(seconds, 0.5):.0f} ms (p99 {1e3 * percentile(seconds, 0.99):.0f})"


def run(full: bool) -> list[Figure]:
    samples = Samples()
    for _ in range(RUNS[full]):
        with scratch() as folder:
            asyncio.run(measured(folder, OPERATORS, ROUNDS, CLICKS, samples))
    return figures(samples)


WAYS = ("click-to-coil", *(f"{kind}-to-{end}" for kind in BEFORE for end in ("store", "screen")))
MEASUREMENTS = [Measurement(tuple(f"lane-{way}-{share}" for way in WAYS for share in ("median", "p99")), run)]
