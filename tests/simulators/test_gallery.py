"""What set-up renders is what the cameras of the demo and of the shipped scenarios show."""

import os
import time
from pathlib import Path

import numpy as np
import pytest

from simulators.commands.demo import SEED
from simulators.demo_site import Demo
from simulators.gallery import Shown, of_demo, of_scenario
from simulators.render import plate
from simulators.render.drives import Cast
from simulators.render.drives.lane_camera import LaneShot
from simulators.render.drives.lane_drives import LaneDrives
from simulators.runner import Player
from simulators.scenario import load

GREY = np.full((16, 16, 3), 128, np.uint8)
SCENARIOS = sorted((Path(__file__).parents[2] / "scenarios").glob("*.toml"))


def files(shown: list[Shown]) -> set[Path]:
    return {file for album, vehicles in shown for vehicle in vehicles for file in album.files(vehicle)}


@pytest.fixture(autouse=True)
def nothing_is_rendered(monkeypatch):
    """Where the pictures would lie is all that is asked."""
    monkeypatch.setattr("simulators.album.Album.open", lambda _: None)


def test_everything_that_the_demo_shows_is_rendered_by_set_up(tmp_path):
    demo = Demo(tmp_path / "run", seed=SEED, drives=tmp_path, told=lambda _: None)
    wanted = {
        drive
        for lane, pool in demo.pools.items()
        for vehicle in pool
        for drive in demo.site.benches[lane].drives(vehicle)
    }
    assert wanted == files([*of_demo(tmp_path, SEED)])
    assert len(wanted) == 30


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_everything_that_a_shipped_scenario_shows_is_rendered_by_set_up(path, tmp_path, monkeypatch):
    monkeypatch.setattr("simulators.site.default_drives", lambda: tmp_path)
    player = Player(load(path), tmp_path / "run")
    wanted = {
        drive
        for arrival in player.scenario.arrives
        for drive in player.site.benches[arrival.lane].drives(player.site.cast.visit(arrival).vehicle)
    }
    assert wanted == files([*of_scenario(path, tmp_path)])


def test_the_oldest_drives_go_when_there_are_too_many(tmp_path, monkeypatch):
    monkeypatch.setattr("simulators.render.drives.lane_drives.KEPT_FILES", 2)
    monkeypatch.setattr("simulators.render.drives.lane_drives.shots", lambda *_: [LaneShot(0.0, GREY)])
    lane = LaneDrives(tmp_path, 1, "front")
    one, two, three = (Cast("car", shown, shown) for shown in (plate("KZ", f"12{n}ABC02") for n in (1, 2, 3)))
    for age_s, passing in ((20, one), (10, two)):
        lane.drive(passing)
        then_s = time.time() - age_s
        os.utime(lane.file(passing), (then_s, then_s))
    newest = lane.drive(three)
    assert {*tmp_path.iterdir()} == {lane.file(two), lane.file(three)}
    monkeypatch.setattr("simulators.render.drives.lane_drives.shots", None)
    assert lane.drive(three) == newest
