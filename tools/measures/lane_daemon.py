"""The daemon as a process: how fast it starts and stops, what it costs idle, when a lost device shows.

A whole cargo lane on its simulated wires, under a real broker with mutual TLS; vision is a process of its own
and counted apart.  Beside the start stands the bare interpreter that imports the same libraries.
"""

import asyncio
import subprocess
import sys
import time
from pathlib import Path

import psutil

from measures import Figure, Measurement, at_most, percentile, shown
from measures.rigs.notified import READY_S, NotifiedLane, rss_mb
from measures.rigs.scratch import ROOT, scratch
from simulators.kit import LaneKit
from simulators.site import Site

STARTS = {False: 5, True: 20}
IDLE_S = {False: 10.0, True: 60.0}
LANE = "lane-1"
LIBRARIES = "asyncio, sqlite3, ssl, aiomqtt, pydantic, structlog, click, cryptography.x509"
BARE = f"import {LIBRARIES}; print(next(l.split()[1] for l in open('/proc/self/status') if l[:5] == 'VmRSS'))"
LOST_S = 2.0
"""Beyond a device's own tempo."""


def run(full: bool) -> list[Figure]:
    with scratch() as folder:
        return asyncio.run(_measured(folder, full))


async def _measured(folder: Path, full: bool) -> list[Figure]:
    site = Site(folder, {LANE: LaneKit(profile="cargo")}, dashboard=False, drives=ROOT / "var" / "drives")
    await site.start()
    try:
        await site.lanes[LANE].child.stop()
        lane = NotifiedLane(site.lanes[LANE], site.benches[LANE].environment)
        starts, stops, bare_s, bare_mb = await _starts(lane, STARTS[full])
        await lane.start()
        try:
            await _open(site)
            return [
                *_of_starts(starts, stops, bare_s),
                *await _idle(lane, IDLE_S[full], bare_mb),
                *await _lost(site),
            ]
        finally:
            await lane.stop()
    finally:
        await site.stop()


async def _open(site: Site) -> None:
    record = site.recorder.lanes[LANE]
    await site.recorder.until(
        lambda: record.status == "online" and record.state.get("mode") == "open", READY_S
    )


async def _starts(lane: NotifiedLane, count: int) -> tuple[list[float], list[float], list[float], float]:
    """Starts and stops, with the bare interpreter's between them."""
    starts: list[float] = []
    stops: list[float] = []
    bare_s: list[float] = []
    bare_mb = 0.0
    for _ in range(count):
        began = time.monotonic()
        bare = await asyncio.to_thread(
            subprocess.run, [sys.executable, "-c", BARE], capture_output=True, text=True, check=True
        )
        bare_s.append(time.monotonic() - began)
        bare_mb = int(bare.stdout) / 1024
        await lane.start()
        starts.append(lane.ready_s)
        await asyncio.sleep(1.0)  # a lane that has opened its devices has more to close
        stops.append(await lane.stop())
    return starts, stops, bare_s, bare_mb


def _of_starts(starts: list[float], stops: list[float], bare_s: list[float]) -> list[Figure]:
    beside = f"bare interpreter with the same libraries {percentile(bare_s, 0.5):.2f} s; {len(starts)} starts"
    return [
        at_most("lane-start-median", percentile(starts, 0.5), "s", 1.5, beside),
        shown("lane-start-longest", max(starts), "s", beside),
        at_most("lane-stop-median", percentile(stops, 0.5), "s", 5.0, f"{len(stops)} stops by SIGTERM"),
        at_most("lane-stop-longest", max(stops), "s", 5.0, f"{len(stops)} stops by SIGTERM"),
    ]


async def _idle(lane: NotifiedLane, seconds: float, bare_mb: float) -> list[Figure]:
    process = psutil.Process(lane.child.pid)
    await asyncio.sleep(2.0)
    vision = sum(rss_mb(child.pid) for child in process.children(recursive=True))
    before, began = process.cpu_times(), time.monotonic()
    await asyncio.sleep(seconds)
    after, lasted = process.cpu_times(), time.monotonic() - began
    used = after.user + after.system - before.user - before.system
    return [
        at_most(
            "lane-memory",
            rss_mb(lane.child.pid),
            "MB",
            80.0,
            f"bare interpreter with the same libraries {bare_mb:.0f} MB; vision's processes {vision:.0f} MB",
        ),
        shown(
            "lane-idle-cpu",
            100 * used / lasted,
            "% of a core",
            f"over {lasted:.0f} s: two boards polled 20 times a second, a scale of 10 frames a second, "
            "a camera watched by its own process",
        ),
    ]


async def _lost(site: Site) -> list[Figure]:
    """From the fault to the event of the device's loss at the store, beside the device's own tempo."""
    bench = site.benches[LANE]
    figures: list[Figure] = []
    for figure, device, fault, tempo_s in (
        ("board-cable", "board-2", "", 0.05),
        ("scale-cable", "scale", "", 0.1),
        ("scale-silent", "scale", "stall", 3.0),
        ("reader-cable", "swipe", "", 0.0),
        ("camera-cable", "camera", "", 0.1),
    ):
        began = time.monotonic()
        if fault:
            bench.set_fault(device, fault, True)
        else:
            await bench.pull(device)
        lost = await _changed(site, device, "degraded", 15.0)
        if fault:
            bench.set_fault(device, fault, False)
        else:
            await bench.put_back(device)
        back = time.monotonic()
        returned = await _changed(site, device, ("good", "unknown"), 30.0)
        beside = f"the device's tempo {tempo_s:g} s; back {returned - back:.2f} s after its cable"
        figures.append(at_most(f"lane-lost-{figure}", lost - began, "s", tempo_s + LOST_S, beside))
    return figures


async def _changed(site: Site, device: str, healths: str | tuple[str, ...], seconds: float) -> float:
    """When the store heard that the device's health is so now (monotonic)."""
    record = site.recorder.lanes[LANE]

    def now() -> bool:
        changes = [event["data"] for event in record.of_type("device.changed")]
        of_device = [change["health"] for change in changes if change["device"] == device]
        return bool(of_device) and of_device[-1] in healths

    if not await site.recorder.until(now, seconds):
        raise TimeoutError(f"{device} was not told {healths} within {seconds:g} s")
    return time.monotonic()


NAMES = ("start-median", "start-longest", "stop-median", "stop-longest", "memory", "idle-cpu")
LOST = ("board-cable", "scale-cable", "scale-silent", "reader-cable", "camera-cable")
MEASUREMENTS = [
    Measurement((*(f"lane-{name}" for name in NAMES), *(f"lane-lost-{name}" for name in LOST)), run)
]
