"""Fact in to order or lamp out in the daemon, journal on, beside the bare synced commit on the same disk."""

import sqlite3
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from lane_controller.daemon.clock import Clock
from lane_controller.daemon.journal import Journal
from lane_controller.daemon.loop import Loop
from lane_controller.lane import views
from lane_controller.lane.facts import FACTS, Fact
from lane_controller.lane.state import Lane
from measures import Figure, Measurement, at_most, percentile, shown
from tests.lane.stories import Story

PASSAGES = {False: 60, True: 600}
STORY = Path(__file__).parents[2] / "tests" / "lane" / "clean_lorry.txt"


def facts(passages: int) -> list[Fact]:
    """Those of clean lorries, one after another."""
    story = Story()
    first, *rest = STORY.read_text("utf-8").split("arrival covered", 1)
    story.play(first)
    for _ in range(passages):
        story.play("arrival covered" + rest[0].rsplit("show", 1)[0])
        story.play("wait 60")
    return story.teller.facts


def run(full: bool) -> list[Figure]:
    # The journal and the bare database lie on the same disk: this checkout's.
    scratch = Path(__file__).parents[2] / ".measure"
    scratch.mkdir(exist_ok=True)
    with TemporaryDirectory(dir=scratch) as folder:
        ours, bare, steps = _interleaved(Path(folder), facts(PASSAGES[full]))
    overhead = [a - b for a, b in zip(ours, bare, strict=True)]
    beside = (
        f"bare synced commit of the same bytes: median {1e3 * percentile(bare, 0.5):.3f} ms, "
        f"p99 {1e3 * percentile(bare, 0.99):.3f} ms, {len(bare)} facts"
    )
    return [
        shown("lane-fact-to-order-median", 1e3 * percentile(ours, 0.5), "ms", beside),
        shown("lane-fact-to-order-p99", 1e3 * percentile(ours, 0.99), "ms", beside),
        at_most("lane-fact-overhead-median", 1e3 * percentile(overhead, 0.5), "ms", 0.5, beside),
        at_most(
            "lane-fact-overhead-p99",
            1e3 * (percentile(ours, 0.99) - percentile(bare, 0.99)),
            "ms",
            2.0,
            f"{beside}; p99 of the pairwise differences {1e3 * percentile(overhead, 0.99):.3f} ms",
        ),
        shown("lane-step-median", 1e3 * percentile(steps, 0.5), "ms", "the pure rules alone"),
    ]


def _interleaved(folder: Path, told: list[Fact]) -> tuple[list[float], list[float], list[float]]:
    acted: list[float] = []

    def act(lane: Lane, told: list[Fact]) -> None:
        for view in (views.lamp, views.order, views.requests, views.next_deadline):
            view(lane)
        acted.append(time.perf_counter())

    journal = Journal.create(folder / "lane.journal", "site", "lane")
    bare = sqlite3.connect(folder / "bare.sqlite", isolation_level=None)
    bare.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE row (data BLOB)")
    loop = Loop(journal, None, Clock(), act, lambda: None)
    ours: list[float] = []
    beside: list[float] = []
    steps: list[float] = []
    for fact in told:
        data = FACTS.dump_json(fact)
        started = time.perf_counter()
        loop.take([(fact, ())])
        ours.append(acted[-1] - started)
        started = time.perf_counter()
        bare.execute("BEGIN")
        bare.execute("INSERT INTO row VALUES (?)", (data,))
        bare.execute("COMMIT")
        beside.append(time.perf_counter() - started)
    journal.close()
    bare.close()
    story = Story()
    for fact in told:
        started = time.perf_counter()
        story.teller.tell(fact)
        steps.append(time.perf_counter() - started)
    return ours, beside, steps


MEASUREMENTS = [
    Measurement(
        (
            "lane-fact-to-order-median",
            "lane-fact-to-order-p99",
            "lane-fact-overhead-median",
            "lane-fact-overhead-p99",
            "lane-step-median",
        ),
        run,
    )
]
