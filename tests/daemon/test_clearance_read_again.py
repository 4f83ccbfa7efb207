"""Just before the arm is lowered every clearance sensor is read again, on the board's own wire."""

import pytest

from lane_controller.daemon.actions import Actions
from simulators.kit import LaneKit
from simulators.wiring import LOWER
from tests.daemon.rig import Rig, until

BOARDS = ("moxa-e1214", "waveshare-relay")


def orders(daemon):
    """What came of each order, with why."""
    facts = [row.fact for row in daemon.journal.rows() if row.fact["kind"] == "order_done"]
    return [(fact["result"], (fact["reason"] or {}).get("code")) for fact in facts]


@pytest.mark.parametrize("board", BOARDS)
async def test_who_steps_under_the_arm_in_the_last_moment_is_seen(board, tmp_path, monkeypatch):
    rig = Rig(tmp_path, LaneKit(profile="pedestrian", boards=(board, "adam-6060")), pace=2)
    fresh, stepped_in = Actions._not_clear, list[str]()

    async def somebody_steps_in(actions: Actions) -> str:
        """Between the last polled level, which was clear, and the reading before the coil is written."""
        if not stepped_in:
            rig.bench.wiring.sensors["cell-clearance"].set_fault("dirty", True)
            rig.bench.wiring.step(0, 0)
            assert rig.daemon._senses._presence["cell-clearance"].covered is False, "polled as clear"
            stepped_in.append(await fresh(actions))
            return stepped_in[0]
        return await fresh(actions)

    monkeypatch.setattr(Actions, "_not_clear", somebody_steps_in)
    async with rig.on_wires(), rig.running() as daemon:
        relays = rig.bench.wiring.boards["board-1"].module
        await until(lambda: daemon.loop.lane.mode == "open", "the lane opens by itself")
        await rig.send("walker")
        await until(lambda: stepped_in, "the arm is to be lowered", 60)
        assert stepped_in == ["clearance_covered"]
        await until(lambda: ("refused", "clearance_covered") in orders(daemon), "and is not")
        assert relays.closings[LOWER] == 0
        assert rig.bench.wiring.arm.raised_switch
        rig.bench.wiring.sensors["cell-clearance"].set_fault("dirty", False)
        await until(lambda: daemon.loop.lane.arm == "lowered", "when it is clear again", 60)
        assert relays.closings[LOWER] == 1


async def test_a_clearance_sensor_that_does_not_answer_leaves_the_arm(tmp_path, monkeypatch):
    rig = Rig(tmp_path, LaneKit(profile="pedestrian"), pace=2)
    fresh, found = Actions._not_clear, list[str]()

    async def board_falls_silent(actions: Actions) -> str:
        rig.bench.set_fault("board-1", "silent", True)
        found.append(await fresh(actions))
        return found[-1]

    monkeypatch.setattr(Actions, "_not_clear", board_falls_silent)
    async with rig.on_wires(), rig.running() as daemon:
        await until(lambda: daemon.loop.lane.mode == "open", "the lane opens by itself")
        await rig.send("walker")
        await until(lambda: found, "the arm is to be lowered", 60)
        assert found == ["clearance_lost"]
        await until(lambda: daemon.loop.lane.mode == "manual", "a person is needed")
        assert rig.bench.wiring.boards["board-1"].module.closings[LOWER] == 0
        await until(lambda: not rig.lane.green, "red")
