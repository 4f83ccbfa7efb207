"""All that the cameras of the demo and of shipped scenarios show, so that set-up can render it beforehand."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from simulators.album import Album
from simulators.books import Books
from simulators.cast import Cast, today_at
from simulators.demo_site import KITS
from simulators.equipment import albums
from simulators.fleet import Vehicle
from simulators.geometry import GEOMETRY
from simulators.kit import LaneKit
from simulators.scenario import load
from simulators.site import bench_seeds
from simulators.traffic import Traffic
from simulators.world import LaneWorld

Shown = tuple[Album, list[Vehicle]]
"""One camera, and the vehicles that come before it."""


def of_demo(cache: Path, seed: int) -> Iterator[Shown]:
    """The demo's cameras, with `cache` as the folder of what was rendered."""
    for lane, album in _albums(KITS, cache, seed):
        yield album, Traffic(lane, KITS[lane].profile, seed).pool()


def of_scenario(path: Path, cache: Path) -> Iterator[Shown]:
    """A scenario's cameras.  Raises ScenarioError, OSError when it can't be read."""
    scenario = load(path).scenario
    cast = Cast(scenario.seed, today_at(), Books(datetime.now(UTC)))
    visits = [(arrival.lane, cast.visit(arrival).vehicle) for arrival in scenario.arrives]
    for lane, album in _albums(scenario.lanes, cache, scenario.seed):
        yield album, [vehicle for name, vehicle in visits if name == lane]


def _albums(kits: Mapping[str, LaneKit], cache: Path, seed: int) -> Iterator[tuple[str, Album]]:
    for lane, bench_seed in bench_seeds(kits, seed).items():
        kit = kits[lane]
        if kit.camera_model:
            for album in albums(kit, LaneWorld(lane, GEOMETRY[kit.profile]), cache, bench_seed):
                yield lane, album
