"""A whole lane on its real wires: simulators at the far ends, the daemon between."""

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
        await rig.send("rigid-3", gross_kg=21_000, declared_kg=21_000)
        await until(lambda: rig.lane.departed == 1, "the lorry has gone", 60)
        await until(
            lambda: daemon.loop.lane.arm == "lowered" and daemon.loop.lane.passage is None, "closed again"
        )
