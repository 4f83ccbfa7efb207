"""Whether a lane's daemon grows: resident memory over many passages fed at the drivers' boundary.

A whole cargo lane's daemon, with journal, uplink and a real broker, whose drivers are fed lorries one after
another at many times life's pace, and a store that acknowledges what comes.
"""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from simulators.kit import LaneKit
from tests.daemon.rig import Rig, until
from tests.daemon.site import Mosquitto, Store

ROOT = Path(__file__).parents[2]
SPEED = 100.0
LINE_S = 300.0
SETTLING = 1000
"""By then the caches are full that are bounded: pages of the journal, answers, what allocators keep."""
PATIENT = {name: 3600.0 for name in ("read_s", "register_s", "permit_s", "leave_s", "hold_s", "approach_s")}
"""What the lane waits for takes its time, the more so on a busy machine."""


@dataclass(frozen=True, slots=True)
class Sample:
    passages: int
    resident_mb: float
    events: int


class ForgetfulStore(Store):
    """Acknowledges like a store, and keeps nothing, so that it can do so for hours."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.taken: dict[str, int] = {}

    def contiguous(self, journal: str) -> int:
        known, sequence = self.events[journal], self.taken.get(journal, 0)
        while sequence + 1 in known:
            sequence += 1
        self.events[journal] = {key: value for key, value in known.items() if key > sequence}
        self.taken[journal] = sequence
        self.media.clear()
        self.batches.clear()
        self.wanted_media.clear()
        return sequence


async def written(folder: Path, broker_port: int | None = None) -> Path:
    """The configuration of a cargo lane whose drivers will be fed."""
    rig = Rig(folder, LaneKit(profile="cargo"), broker_port=broker_port)
    await rig.bench.start()
    try:
        return rig.write(clear_for_s=0.2, rise_s=600.0, lower_s=600.0, **PATIENT)
    finally:
        await rig.bench.stop()  # the wires are not used
        rig.bench.discard()


async def grown(folder: Path, passages: int, every: int) -> list[Sample]:
    """Samples of the daemon's memory, one for `every` passages."""
    broker = Mosquitto(folder)
    await broker.start()
    store = ForgetfulStore(broker.port)
    await store.start()
    file = await written(folder, broker.port)
    try:
        return await _fed(file, store, passages, every)
    finally:
        await store.stop()
        broker.kill()


async def _fed(file: Path, store: ForgetfulStore, passages: int, every: int) -> list[Sample]:
    samples: list[Sample] = []
    with file.with_name("lane.log").open("wb") as log:
        words = (str(file), str(passages), str(every), str(SPEED))
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.campaigns.fed_lane",
            *words,
            stdin=-1,
            stdout=-1,
            stderr=log,
            cwd=ROOT,
        )
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        while True:
            async with asyncio.timeout(LINE_S):
                line = (await process.stdout.readline()).decode().strip()
            if line == "done":
                break
            if not line:
                raise AssertionError(f"the lane ended: {file.with_name('lane.log').read_text()[-3000:]}")
            number, kb, events = line.split()
            samples.append(Sample(int(number), int(kb) / 1024, int(events)))
        # Before the lane is let go: an idle machine feeds faster than one lane's uplink sends.
        await until(lambda: sum(store.taken.values()) >= samples[-1].events, "the store has every event", 60)
        process.stdin.close()
        await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return samples


def settled(samples: Sequence[Sample]) -> Sequence[Sample]:
    """Those after SETTLING passages."""
    return [one for one in samples if one.passages >= SETTLING]


def slope(samples: Sequence[Sample]) -> float:
    """MB a passage, by least squares."""
    count = len(samples)
    mean_x = sum(one.passages for one in samples) / count
    mean_y = sum(one.resident_mb for one in samples) / count
    over = sum((one.passages - mean_x) * (one.resident_mb - mean_y) for one in samples)
    under = sum((one.passages - mean_x) ** 2 for one in samples)
    return over / under
