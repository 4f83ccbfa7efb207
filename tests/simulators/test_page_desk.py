"""A lane's page reader: what a traveller hands over is laid on its bed, and its table is the lane's."""

import asyncio
import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from simulators.kit import LaneKit
from simulators.page_desk import MODELS
from simulators.scenario import Arrival
from tests.simulators.test_bench import Rig


@pytest.mark.parametrize("model", MODELS)
async def test_a_lane_with_a_page_reader_starts_stops_and_starts_again_at_the_same_address(
    tmp_path: Path, model: str
):
    rig = Rig(tmp_path, LaneKit.model_validate({"profile": "pedestrian", "readers": (model,)}))
    await rig.bench.start()
    tables = rig.bench.device_tables()
    await rig.bench.stop()
    await rig.bench.start()
    await rig.bench.stop()
    assert rig.bench.device_tables() == tables
    assert tables["page"]["driver"] == model
    assert "dark_lens" in rig.bench.known_faults("page")
    for value in tables["page"].values():
        if str(value).startswith("file:"):
            assert os.stat(str(value)[5:]).st_mode & 0o777 == 0o600


async def test_a_traveller_s_document_is_laid_on_the_lane_s_page_reader(tmp_path: Path):
    rig = Rig(tmp_path, LaneKit(profile="pedestrian", readers=("page-folder", "mrz-swipe")))
    await rig.bench.start()
    try:
        rig.send(Arrival(lane="lane-1", at_s=0, vehicle="walker"))
        rig.play_until("standing")
        rig.play(3)
        folder = str(rig.bench.device_tables()["page"]["folder"])
        while sorted(os.listdir(folder)) != [".borderlane-pages", "0001_ir.jpg", "0001_white.jpg"]:
            await asyncio.sleep(0.01)
        assert not rig.bench.parts["swipe"].device.transcript.entries(), "the first reader gets it, no other"
    finally:
        await rig.bench.stop()


def test_a_lane_has_one_page_reader_at_most():
    with pytest.raises(ValidationError, match="one page reader at most, found page-folder, page-v4l2"):
        LaneKit(profile="car", readers=("page-folder", "page-v4l2"))
