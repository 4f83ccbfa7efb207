"""A whole lane on its real wires: simulators at the far ends, the daemon between."""

import cv2
import numpy as np

import anpr
from lane_controller.daemon.sensing.frozen import LEAD_S
from lane_controller.daemon.sensing.plates import FRAMES_MIN
from simulators.kit import LaneKit
from tests.daemon.rig import Rig, until


async def test_a_pedestrian_with_good_papers_is_let_through(tmp_path):
    rig = Rig(tmp_path, LaneKit(profile="pedestrian"), pace=3)
    async with rig.on_wires(), rig.running() as daemon:
        await until(lambda: daemon.loop.lane.mode == "open", "the lane opens by itself")
        await rig.send("walker")
        await until(lambda: rig.lane.departed == 1, "the traveller has gone")
        await until(
            lambda: daemon.loop.lane.arm == "lowered" and daemon.loop.lane.passage is None, "closed again"
        )


async def test_a_lorry_with_everything_in_order_is_weighed_and_let_through(tmp_path):
    rig = Rig(tmp_path, LaneKit(profile="cargo"), pace=1.5)
    async with rig.on_wires(), rig.running() as daemon:
        await until(lambda: daemon.loop.lane.mode == "open", "the lane opens by itself")
        lorry = await rig.send("rigid-3", gross_kg=21_000, declared_kg=21_000)
        await until(lambda: rig.lane.departed == 1, "the lorry has gone", 60)
        await until(
            lambda: daemon.loop.lane.arm == "lowered" and daemon.loop.lane.passage is None, "closed again"
        )
        axles = _weighed(daemon)["axles"]
        assert [len(group["steps"]) for group in axles["groups"]] == [1, 2]
        found = [step for group in axles["groups"] for step in group["steps"]]
        for step, axle in zip(found, lorry.axles, strict=True):
            assert abs(step["load_kg"] - axle.load_kg) <= step["uncertainty_kg"]


def _weighed(daemon):
    events = [event for row in daemon.journal.rows() for event in row.events]
    (told,) = [event["data"] for event in events if event["data"]["type"] == "passage.weight"]
    return told


async def test_the_evidence_of_a_plate_is_the_frame_in_which_it_was_read(tmp_path):
    rig = Rig(tmp_path, LaneKit(profile="car", camera="mjpeg"), pace=2)
    async with rig.on_wires(), rig.running() as daemon:
        await until(lambda: daemon.loop.lane.mode == "open", "the lane opens by itself")
        await rig.send("saloon")
        await until(lambda: _sure_plates(daemon), "the plate is read and sure", 60)
        (told,) = _sure_plates(daemon)
        pictures = [daemon.journal.media(told[key])[1] for key in ("picture", "crop")]
        seen = [cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR) for jpeg in pictures]
        assert [plate.text for plate in anpr.read(seen[0])] == [told["plate"]["text"]]
        assert seen[1].shape[1] < seen[0].shape[1] / 2, "the crop is the plate alone"
        assert told["plate"]["frames"] >= FRAMES_MIN


def _sure_plates(daemon):
    rows = daemon.journal.rows()
    facts = [row.fact for row in rows if row.fact["kind"] == "plate_read"]
    return [fact for fact in facts if fact["plate"] and not fact["reason"]]


async def test_a_camera_whose_picture_does_not_follow_the_vehicle_is_degraded_though_its_stamps_go_on(
    tmp_path,
):
    rig = Rig(tmp_path, LaneKit(profile="car", camera="mjpeg"), pace=2)
    async with rig.on_wires(), rig.running() as daemon:
        watch = daemon.equipment.watches["camera"]
        await until(lambda: daemon.loop.lane.mode == "open" and watch.health == "good", "all well")
        rig.bench.set_fault("camera", "frozen_picture", True)
        frozen_s = daemon.clock.mono_s()
        await until(lambda: daemon.clock.mono_s() > frozen_s + LEAD_S + 1, "no sight of what comes")
        await rig.send("saloon")
        await until(lambda: (watch.health, watch.reason.code) == ("degraded", "frozen"), "found out", 40)
        rig.bench.set_fault("camera", "frozen_picture", False)
        await until(lambda: watch.health == "good", "and well again when it moves")
