"""What happens at a lane, and what an operator asks of it: how long until the other end has it.

Four cargo lanes on their simulated wires, real daemons, a broker with mutual TLS, the dashboard over SQLite:

    a weight   from the last byte of its frame, written to the scale's line
    a loop     from its debounced level
    a card     from pcscd's change of state, as another PC/SC program has it
               -> the event committed in the dashboard's store -> the screen
    a click    in a lane's page -> the coil written at the simulated board

The store is looked at every millisecond by another process, and counts once that can read the event.  The
screen counts from the frame after the one that drew the event in the lane's time line: in a second run, with
a Chromium of two workplaces (the wall and one lane's page) beside the site on this machine, which a
workplace's browser never is at a crossing.  A lorry is held on each deck, so that every weight, loop and card
is told.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import async_playwright

from measures import Figure, Measurement, at_most, percentile, shown
from measures.rigs.busy_lane import TOLD_S, BusyLane, Way
from measures.rigs.scratch import ROOT, scratch
from measures.rigs.watchers import Stored, Watcher, store_events
from measures.rigs.workplaces import ARGUMENTS, Workplace
from simulators.kit import LaneKit
from simulators.site import Site
from tests.dashboard.conftest import CHROMIUM

LANES = ("cargo-1", "cargo-2", "cargo-3", "cargo-4")
OPERATOR = "border"
KIT = LaneKit(profile="cargo", readers=("mrz-swipe", "pcsc"))
RUNS = {False: 1, True: 3}
ROUNDS = 80
"""Of each stimulus in each lane: 320 of each kind, so that three lie beyond the 99th percentile; on the one
lane's page 80.  A passage keeps 300 readings at most, and a round makes three: a weight, a card in, a card
out."""
CLICKS = 60
"""Raises, and as many lowers."""
STORE_MS, SCREEN_MS, COIL_MS = 100.0, 250.0, 150.0
LAST_S = 3.0
"""For the last event, which a subscriber has already, to be committed."""


@dataclass
class Samples:
    """Of all runs: `ways` with nobody at a screen, `shown` beside a Chromium.  `clock_off_s`: how far a
    page's clock may be off.  What was `untold` or `unshown` counts as having taken all the time that one
    waited for it."""

    ways: list[Way] = field(default_factory=list[Way])
    shown: list[Way] = field(default_factory=list[Way])
    clicks: dict[str, list[float]] = field(default_factory=lambda: {"raise": [], "lower": []})
    clock_off_s: float = 0.0
    untold: Counter[str] = field(default_factory=Counter[str])
    unshown: Counter[str] = field(default_factory=Counter[str])


async def to_the_store(folder: Path, lanes: Collection[str], rounds: int, samples: Samples) -> None:
    """One run of these lanes, with nobody at a screen, added to `samples`."""
    async with AsyncExitStack() as stack:
        site, busy = await _site(stack, folder, lanes)
        stored = await _stimulated(stack, site, busy, rounds)
        for lane in busy.values():
            samples.ways += await lane.ways(stored)
            samples.untold += lane.untold


async def to_the_screen(
    folder: Path, lanes: Collection[str], rounds: int, clicks: int, samples: Samples
) -> None:
    """One run of these lanes, the wall and the first one's page open in a Chromium, added to `samples`."""
    async with AsyncExitStack() as stack:
        site, busy = await _site(stack, folder, lanes)
        assert site.dashboard is not None
        watched = next(iter(busy.values()))
        playwright = await stack.enter_async_context(async_playwright())
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        stack.push_async_callback(browser.close)
        wall = await Workplace.open(browser, site.dashboard, "auditor", "/")
        page = await Workplace.open(browser, site.dashboard, OPERATOR, f"/lanes/{watched.lane}")
        for workplace in (wall, page):
            samples.clock_off_s = max(samples.clock_off_s, await workplace.set_clock())
        for kind, seconds in (await watched.click(page, clicks)).items():
            samples.clicks[kind] += seconds
        stored = await _stimulated(stack, site, busy, rounds)
        weights = await wall.weights()
        for lane in busy.values():
            samples.shown += await lane.ways(stored, page if lane is watched else None, weights)
        samples.unshown += watched.untold


async def _site(
    stack: AsyncExitStack, folder: Path, names: Collection[str]
) -> tuple[Site, dict[str, BusyLane]]:
    site = Site(folder, dict.fromkeys(names, KIT), drives=ROOT / "var" / "drives")
    await site.start()
    stack.push_async_callback(site.stop)
    lanes = {name: BusyLane(site, name) for name in names}
    for lane in lanes.values():
        stack.callback(lane.stop)
    site.recorder.listeners.append(lambda lane, event: lanes[lane].hear(event))
    return site, lanes


async def _stimulated(
    stack: AsyncExitStack, site: Site, lanes: Mapping[str, BusyLane], rounds: int
) -> list[Stored]:
    """What the store has of it."""
    await asyncio.gather(*(lane.hold_a_lorry() for lane in lanes.values()))
    assert site.dashboard is not None
    store = Watcher(store_events, site.dashboard.store)
    stack.callback(store.stop)
    await store.start()
    await asyncio.gather(*(lane.stimulate(rounds) for lane in lanes.values()))
    await asyncio.sleep(LAST_S)
    return await store.seen()


def figures(samples: Samples) -> list[Figure]:
    found: list[Figure] = []
    for kind, before in BEFORE.items():
        ways = [way for way in samples.ways if way.kind == kind]
        stages = ", ".join(f"{name} {_ms([at(way) for way in ways])}" for name, at in STAGES.items())
        found += _figures(
            f"lane-{kind}-to-store",
            [*(way.store_s for way in ways), *[TOLD_S] * samples.untold[kind]],
            STORE_MS,
            f"before it: {before} {_ms([way.wait_s for way in ways])}; {len(ways)} events of "
            f"{len(LANES)} lanes{_untold(samples.untold[kind])}; on its way: {stages}",
        )
        of_kind = [way for way in samples.shown if way.kind == kind]
        pages = [way.page for way in of_kind if way.page is not None]
        wall = [way.wall.drawn_s for way in of_kind if way.wall is not None]
        on_wall = f"; {len(wall)} on the wall {_ms(wall)}" if wall else ""
        found += _figures(
            f"lane-{kind}-to-screen",
            [*(page.drawn_s for page in pages), *[TOLD_S] * samples.unshown[kind]],
            SCREEN_MS,
            f"in the page's document {_ms([page.changed_s for page in pages])}{on_wall}; {len(pages)} events"
            f"{_untold(samples.unshown[kind])}; in the store {_ms([way.store_s for way in of_kind])} beside "
            f"Chromium; a page's clock is known to {1e3 * samples.clock_off_s:.1f} ms",
        )
    clicks = [one for seconds in samples.clicks.values() for one in seconds]
    each = "; ".join(f"{len(seconds)} to {kind} {_ms(seconds)}" for kind, seconds in samples.clicks.items())
    return [*found, *_figures("lane-click-to-coil", clicks, COIL_MS, each)]


def _untold(count: int) -> str:
    return f", {count} not told" if count else ""


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


def _ms(seconds: list[float]) -> str:
    return f"{1e3 * percentile(seconds, 0.5):.0f} ms (p99 {1e3 * percentile(seconds, 0.99):.0f})"


def run(full: bool) -> list[Figure]:
    samples = Samples()
    for _ in range(RUNS[full]):
        with scratch() as folder:
            asyncio.run(to_the_store(folder, LANES, ROUNDS, samples))
        with scratch() as folder:
            asyncio.run(to_the_screen(folder, LANES, ROUNDS, CLICKS, samples))
    return figures(samples)


WAYS = ("click-to-coil", *(f"{kind}-to-{end}" for kind in BEFORE for end in ("store", "screen")))
MEASUREMENTS = [Measurement(tuple(f"lane-{way}-{share}" for way in WAYS for share in ("median", "p99")), run)]
