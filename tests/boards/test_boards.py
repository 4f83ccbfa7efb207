"""Each board's driver against its simulator, on real TCP and a real pty."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from drivers.boards import BoardReading
from drivers.errors import (
    DeviceError,
    DeviceFault,
    DeviceRefused,
    DeviceTimeout,
    DeviceUnavailable,
)
from simulators.boards.adam_6060 import Adam6060
from simulators.boards.module import SimulatedBoard
from simulators.boards.moxa_e1214 import MoxaE1214
from simulators.boards.waveshare_relay import WaveshareRelay
from tests.boards.bench import PULSE_S, SIMULATORS, driver_for, opened, running, take, until

EVERY = pytest.mark.parametrize("kind", SIMULATORS)
TIMING = pytest.mark.parametrize("kind", ["moxa", "waveshare"])


@EVERY
async def test_every_input_is_seen_at_its_own_channel(kind: str):
    async with running(SIMULATORS[kind]()) as simulator, opened(driver_for(simulator)) as board:
        for channel in range(board.input_count):
            simulator.module.set_input(channel, True)
            expected = tuple(at == channel for at in range(board.input_count))
            assert await board.read_inputs() == expected
            simulator.module.set_input(channel, False)


@EVERY
async def test_every_relay_moves_alone(kind: str):
    async with running(SIMULATORS[kind]()) as simulator, opened(driver_for(simulator)) as board:
        for channel in range(board.output_count):
            if kind == "moxa" and channel in PULSE_S:
                continue
            await board.set_output(channel, True)
            assert [at for at, on in enumerate(simulator.module.outputs) if on] == [channel]
            await board.set_output(channel, False)
            assert not any(simulator.module.outputs)


@TIMING
async def test_a_pulse_closes_once_and_the_module_ends_it(kind: str):
    async with running(SIMULATORS[kind]()) as simulator, opened(driver_for(simulator)) as board:
        await board.pulse(1, 0.5)
        assert simulator.module.outputs[1]
        await until(lambda: not simulator.module.outputs[1])
        assert simulator.module.closings == [0, 1, *[0] * (board.output_count - 2)]


@TIMING
async def test_a_lamp_stays_lit_while_refreshed_and_goes_out_when_put_out(kind: str):
    simulator = SIMULATORS[kind]()
    await simulator.start()
    async with opened(driver_for(simulator)) as board:
        await board.on_for(4, 3.0)
        simulator.step(2.5)
        await board.on_for(4, 3.0)
        simulator.step(2.5)
        assert simulator.module.outputs[4]
        await board.set_output(4, False)
        assert not simulator.module.outputs[4]
        await board.on_for(4, 3.0)
        simulator.step(3.01)
        assert not simulator.module.outputs[4]
    await simulator.stop()


@EVERY
async def test_a_lost_board_is_unavailable_and_comes_back_on_the_same_address(kind: str, tmp_path: Path):
    from simulators.serial_line import PtyLine

    simulator: SimulatedBoard = (
        WaveshareRelay("io", line=PtyLine(tmp_path / "relay")) if kind == "waveshare" else SIMULATORS[kind]()
    )
    async with running(simulator), opened(driver_for(simulator)) as board:
        await board.read_inputs()
        await simulator.stop()
        with pytest.raises((DeviceUnavailable, DeviceTimeout)):
            await take(board, 1000)
        await board.close()
        with pytest.raises(DeviceUnavailable) as missing:
            await board.open()
        assert "could not connect" in str(missing.value)
        await simulator.start()
        await board.open()
        assert len(await take(board, 3)) == 3


@EVERY
async def test_an_exception_answer_is_a_fault_that_names_its_code(kind: str):
    async with running(SIMULATORS[kind]()) as simulator, opened(driver_for(simulator)) as board:
        simulator.set_fault("failed", True)
        with pytest.raises(DeviceFault, match="exception 0x04"):
            await board.set_output(3, True)
        assert len(await board.read_inputs()) == board.input_count
        simulator.set_fault("busy", True)
        with pytest.raises(DeviceFault, match="busy"):
            await take(board, 1)


@EVERY
async def test_a_module_that_refuses_the_first_question_is_refused(kind: str):
    async with running(SIMULATORS[kind]()) as simulator:
        simulator.set_fault("busy", True)
        board = driver_for(simulator)
        with pytest.raises(DeviceRefused, match="address map"):
            await board.open()
        assert simulator.module.closings == [0] * board.output_count


@EVERY
async def test_a_silent_board_is_a_timeout_within_its_tempo(kind: str):
    async with running(SIMULATORS[kind]()) as simulator, opened(driver_for(simulator)) as board:
        simulator.set_fault("silent", True)
        with pytest.raises(DeviceTimeout, match="no whole answer"):
            await take(board, 1)


@EVERY
async def test_one_lost_poll_costs_no_role_its_board(kind: str):
    async with running(SIMULATORS[kind]()) as simulator, opened(driver_for(simulator)) as board:
        polls = board.readings()
        await anext(polls)
        simulator.set_fault("silent", True)
        next_poll = asyncio.ensure_future(anext(polls))
        asked = len(simulator.server.transcript.entries())
        await until(lambda: len(simulator.server.transcript.entries()) > asked)
        simulator.set_fault("silent", False)
        assert await next_poll == BoardReading((False,) * board.input_count)


@EVERY
async def test_a_write_that_was_not_answered_is_not_sent_again(kind: str):
    async with running(SIMULATORS[kind]()) as simulator, opened(driver_for(simulator)) as board:
        simulator.set_fault("silent", True)
        before = len(simulator.server.transcript.entries())
        with pytest.raises(DeviceTimeout):
            await board.set_output(3, True)
        sent = simulator.server.transcript.entries()[before:]
        assert [entry.sender for entry in sent] == ["controller"]


@EVERY
async def test_a_write_waits_for_one_poll_at_most(kind: str):
    async with running(SIMULATORS[kind]()) as simulator, opened(driver_for(simulator, poll_s=0.02)) as board:
        transcript = simulator.server.transcript

        async def poll() -> None:
            async for _ in board.readings():
                pass

        polling = asyncio.create_task(poll())
        for on in (True, False) * 5:
            before = len(transcript.entries())
            await board.set_output(3, on)
            sent = [e.data for e in transcript.entries()[before:] if e.sender == "controller"]
            writes = [at for at, data in enumerate(sent) if is_write(kind, data)]
            assert writes, sent
            assert writes[0] <= 1, sent
        polling.cancel()


def is_write(kind: str, data: bytes) -> bool:
    return data[1 if kind == "waveshare" else 7] == 5


@EVERY
async def test_an_order_given_up_while_it_waited_is_never_sent(kind: str):
    async with running(SIMULATORS[kind]()) as simulator, opened(driver_for(simulator)) as board:
        simulator.set_fault("silent", True)
        polling = asyncio.create_task(board.read_inputs())
        await until(lambda: simulator.server.transcript.entries()[-1].sender == "controller")
        waiting = asyncio.create_task(board.set_output(3, True))
        await asyncio.sleep(0.01)
        waiting.cancel()
        simulator.set_fault("silent", False)
        with pytest.raises(DeviceTimeout):
            await polling
        await board.read_inputs()
        assert simulator.module.closings[3] == 0


@pytest.mark.parametrize("given_up", [False, True])
async def test_an_rtu_answer_is_never_taken_for_the_next_questions(given_up: bool):
    """Whether the first question timed out or its asker gave up: its answer, with the old level, comes while
    the next question waits."""
    simulator = WaveshareRelay("io")
    await simulator.start()
    async with opened(driver_for(simulator)) as board:
        simulator.module.set_input(0, True)
        simulator.set_fault("slow", True)
        asked = len(simulator.server.transcript.entries())
        first = asyncio.create_task(board.read_inputs())
        await until(lambda: len(simulator.server.transcript.entries()) > asked)
        if given_up:
            first.cancel()
        with pytest.raises((DeviceTimeout, asyncio.CancelledError)):
            await first
        simulator.module.set_input(0, False)
        second = asyncio.create_task(board.read_inputs())
        await asyncio.sleep(0.05)
        simulator.step(2.0)
        simulator.set_fault("slow", False)
        assert not (await second)[0]
    await simulator.stop()


@TIMING
async def test_a_board_refuses_a_time_that_it_can_not_keep(kind: str):
    async with running(SIMULATORS[kind]()) as simulator, opened(driver_for(simulator)) as board:
        for output, seconds in ((1, 0.37), (1, 0.0), (1, -1.0), (1, 1e9), (99, 0.5), (-1, 0.5)):
            with pytest.raises(DeviceRefused):
                await board.pulse(output, seconds)
        with pytest.raises(DeviceRefused):
            await board.set_output(board.output_count, True)
        assert sum(simulator.module.closings) == 0


# --- Moxa ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("widths_s", "stated_s"), [({0: 5.0}, {0: 0.5}), ({0: 0.5}, {0: 1.5}), ({}, {0: 0.5})]
)
async def test_a_moxa_whose_pulse_is_set_otherwise_is_refused(
    widths_s: dict[int, float], stated_s: dict[int, float]
):
    async with running(MoxaE1214("io", pulse_s=widths_s)) as simulator:
        with pytest.raises(DeviceRefused, match="pulse_s says once for"):
            await driver_for(simulator, pulse_s=stated_s).open()


@pytest.mark.parametrize("count", [0, 2, 1 << 16])
async def test_a_moxa_that_pulses_more_than_once_is_refused(count: int):
    async with running(SIMULATORS["moxa"]()) as simulator:
        simulator.memory.counts[1] = count
        with pytest.raises(DeviceRefused, match=f"relay 1 .* pulses {count} times"):
            await driver_for(simulator).open()


async def test_a_moxa_relay_in_pulse_mode_can_not_be_held():
    async with running(SIMULATORS["moxa"]()) as simulator, opened(driver_for(simulator)) as board:
        with pytest.raises(DeviceRefused, match="held"):
            await board.set_output(0, True)
        with pytest.raises(DeviceRefused, match="not in pulse_s"):
            await board.pulse(3, 0.5)
        assert sum(simulator.module.closings) == 0


# --- ADAM ---------------------------------------------------------------------------------------------------

WATCHDOG = {
    "enable_register": 100,
    "timeout_register": 101,
    "timeout_unit_s": 0.1,
    "safe_values_register": 110,
}


async def test_an_adam_never_pulses():
    async with running(Adam6060("io")) as simulator, opened(driver_for(simulator)) as board:
        with pytest.raises(DeviceRefused, match="does not time pulses"):
            await board.pulse(0, 0.5)
        with pytest.raises(DeviceRefused, match="without a verified host watchdog"):
            await board.on_for(0, 3.0)
        assert sum(simulator.module.closings) == 0


async def test_an_adam_with_its_watchdog_armed_takes_a_lamp_back():
    simulator = Adam6060("io")
    simulator.arm_watchdog(2.0, enable=100, timeout=101, safe_values=110)
    async with running(simulator), opened(driver_for(simulator, watchdog=WATCHDOG)) as board:
        polling = asyncio.create_task(take(board, 10_000))
        await board.on_for(0, 0.3)
        assert simulator.module.outputs[0]
        await until(lambda: not simulator.module.outputs[0])
        polling.cancel()


async def test_an_adams_watchdog_takes_the_lamp_back_when_we_are_dead():
    simulator = Adam6060("io")
    simulator.arm_watchdog(2.0, enable=100, timeout=101, safe_values=110)
    await simulator.start()
    board = driver_for(simulator, watchdog=WATCHDOG)
    await board.open()
    await board.on_for(0, 3.0)
    await board.close()
    simulator.step(1.9)
    assert simulator.module.outputs[0]
    simulator.step(0.2)
    assert not simulator.module.outputs[0]
    await simulator.stop()


@pytest.mark.parametrize(
    ("register", "value", "why"),
    [(100, 0, "it is off"), (101, 0, "it waits 0 s"), (101, 600, "it waits 60 s"), (113, 1, "safe values")],
)
async def test_an_adam_whose_watchdog_is_not_armed_is_refused(register: int, value: int, why: str):
    simulator = Adam6060("io")
    simulator.arm_watchdog(2.0, enable=100, timeout=101, safe_values=110)
    simulator.memory.holding[register] = value
    async with running(simulator):
        with pytest.raises(DeviceRefused, match=why):
            await driver_for(simulator, watchdog=WATCHDOG).open()


async def test_an_adam_without_the_watchdogs_registers_is_refused():
    async with running(Adam6060("io")) as simulator:
        with pytest.raises(DeviceRefused, match="exception 0x02"):
            await driver_for(simulator, watchdog=WATCHDOG).open()


@pytest.mark.parametrize(("dry", "wiring"), [(True, "dry"), (False, "wet")])
@pytest.mark.parametrize("inputs_by", ["FC02", "FC01"])
async def test_an_adams_level_means_a_closed_contact_in_either_wiring(dry: bool, wiring: str, inputs_by: str):
    options = {"wiring": wiring, "inputs_by": inputs_by}
    async with (
        running(Adam6060("io", dry=dry)) as simulator,
        opened(driver_for(simulator, **options)) as board,
    ):
        simulator.module.set_input(4, True)
        assert await board.read_inputs() == (False, False, False, False, True, False)


# --- our own death ------------------------------------------------------------------------------------------

CLIENT = """
    import asyncio, sys
    sys.path.insert(0, {root!r})
    from tests.boards.bench import driver_for
    from simulators.boards.{module} import {simulator}

    class There({simulator}):
        address = {address!r}

    async def main():
        board = driver_for(There("io"))
        await board.open()
        await board.pulse(0, 0.5)
        await board.on_for(4, 3.0)
        print("ordered", flush=True)
        await asyncio.Event().wait()

    asyncio.run(main())
"""


@TIMING
async def test_the_module_ends_pulse_and_green_when_the_daemon_is_killed_between(kind: str, tmp_path: Path):
    module, simulator_name = {
        "moxa": ("moxa_e1214", "MoxaE1214"),
        "waveshare": ("waveshare_relay", "WaveshareRelay"),
    }[kind]
    simulator = SIMULATORS[kind]()
    await simulator.start()
    program = tmp_path / "client.py"
    root = str(Path(__file__).parents[2])
    program.write_text(
        textwrap.dedent(
            CLIENT.format(root=root, module=module, simulator=simulator_name, address=simulator.address)
        )
    )
    client = await asyncio.create_subprocess_exec(sys.executable, str(program), stdout=subprocess.PIPE)
    assert client.stdout is not None
    async with asyncio.timeout(20):
        assert await client.stdout.readline() == b"ordered\n"
    os.kill(client.pid, signal.SIGKILL)
    await client.wait()
    assert simulator.module.outputs[0]
    assert simulator.module.outputs[4]
    simulator.step(0.6)
    assert not simulator.module.outputs[0]
    simulator.step(2.5)
    assert not any(simulator.module.outputs)
    assert sum(simulator.module.closings) == 2
    await simulator.stop()


@EVERY
async def test_closing_is_idempotent_and_a_closed_board_says_so(kind: str):
    async with running(SIMULATORS[kind]()) as simulator:
        board = driver_for(simulator)
        await board.close()
        await board.open()
        await board.close()
        await board.close()
        for call in (board.read_inputs(), board.set_output(3, True)):
            with pytest.raises(DeviceError, match="not open"):
                await call
