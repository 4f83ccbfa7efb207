"""Without its journal a lane stops, safely: it says why, shows red, begins nothing, and moves nothing."""

import asyncio
import contextlib
import re

import psutil

from lane_controller.daemon.journal import reading
from simulators.kit import LaneKit
from simulators.wiring import LOWER
from tests.daemon.child import daemon, systemd
from tests.daemon.rig import Rig, until


async def test_a_full_disk_stops_the_lane_with_the_arm_left_and_a_red_light(tmp_path):
    rig = Rig(tmp_path, LaneKit(profile="pedestrian"), pace=2)
    async with rig.on_wires(), systemd(tmp_path) as listening, daemon(rig.file, listening) as process:
        await rig.send("walker")
        await until(lambda: rig.lane.green and rig.bench.wiring.arm.raised_switch, "let through", 60)
        relays = rig.bench.wiring.boards["board-1"].module
        lowered = relays.closings[LOWER]
        # From now on no file of the daemon's can grow, as on a full disk: the next row can't be written.
        psutil.Process(process.pid).rlimit(psutil.RLIMIT_FSIZE, (1, 1))
        said = (await process.communicate())[1].decode()
        assert process.returncode == 3
        await until(lambda: not rig.lane.green, "red")
        assert relays.closings[LOWER] == lowered, "nothing was lowered without a row"
        assert rig.bench.wiring.arm.raised_switch
    last = said.strip().splitlines()[-1]
    assert re.match(rf"{tmp_path}/journal.sqlite: a row could not be committed: .+", last)
    assert "Traceback" not in said
    assert "STOPPING=1" in listening.said
    assert any(line.startswith("STATUS=stopped: ") for line in listening.said)
    with contextlib.closing(reading.open_for_reading(tmp_path / "journal.sqlite")) as connection:
        verdict = reading.verify(connection)
    assert verdict.problem == "", "what was committed stands"


async def test_after_it_the_lane_starts_again_and_lowers_nothing_by_itself(tmp_path):
    rig = Rig(tmp_path, LaneKit(profile="pedestrian"), pace=2)
    async with rig.on_wires(), systemd(tmp_path) as listening:
        async with daemon(rig.file, listening) as process:
            await rig.send("walker")
            await until(lambda: rig.bench.wiring.arm.raised_switch, "let through", 60)
            psutil.Process(process.pid).rlimit(psutil.RLIMIT_FSIZE, (1, 1))
            await process.communicate()
        lowered = rig.bench.wiring.boards["board-1"].module.closings[LOWER]
        async with rig.running() as again:
            await until(lambda: again.loop.lane.arm == "raised", "the switches say")
            await until(lambda: again.equipment.watches["arm"].health == "good", "all well")
            assert again.loop.lane.mode == "manual"
            assert rig.bench.wiring.boards["board-1"].module.closings[LOWER] == lowered


async def test_a_journal_that_can_not_be_used_is_said_in_one_line(tmp_path):
    rig = Rig(tmp_path, LaneKit(profile="pedestrian"))
    async with rig.on_wires(), systemd(tmp_path) as listening:
        (tmp_path / "journal.sqlite").write_bytes(b"a poem, and no journal at all" * 100)
        async with daemon(rig.file, listening) as process:
            said = (await process.communicate())[1].decode()
        assert process.returncode == 3
        assert said.startswith(f"{tmp_path}/journal.sqlite: ")
        assert "Traceback" not in said
        assert listening.said == []


async def test_two_daemons_never_run_one_lane(tmp_path):
    rig = Rig(tmp_path, LaneKit(profile="pedestrian"))
    async with rig.on_wires(), rig.running(), systemd(tmp_path) as listening:
        async with daemon(rig.file, listening) as process:
            said = (await asyncio.wait_for(process.communicate(), 60))[1].decode()
        assert process.returncode == 3
        assert "journal.sqlite" in said
        assert rig.daemon.configuration.socket.is_socket(), "and the first one's socket is still its own"
