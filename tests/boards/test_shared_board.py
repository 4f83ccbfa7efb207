"""One board under several roles: one poll for all, one loss for all, and no role beside them is touched."""

import asyncio
from typing import Any

import pytest

from drivers.barrier import Barrier
from drivers.barrier.contacts import ContactsOptions as BarrierOptions
from drivers.barrier.contacts import Driver as ContactsBarrier
from drivers.boards import BoardReading
from drivers.boards.contacts import Contact
from drivers.boards.shared import BEHIND_MAX, SharedBoard
from drivers.errors import DeviceError, DeviceRefused, DeviceUnavailable
from drivers.presence.contacts import ContactsOptions as PresenceOptions
from drivers.presence.contacts import Driver as ContactsPresence
from drivers.signal.contacts import ContactsOptions as SignalOptions
from drivers.signal.contacts import Driver as ContactsSignal
from simulators.boards.moxa_e1214 import MoxaE1214
from tests.boards.bench import SIMULATORS, driver_for, opened, running, take, until


def closed(channel: int) -> Contact:
    return Contact(channel=channel, active="closed")


def roles_on(board: SharedBoard) -> tuple[Barrier, ContactsSignal, ContactsPresence]:
    return (
        ContactsBarrier(
            "arm",
            BarrierOptions(raise_output=0, lower_output=1, raised_switch=closed(0), lowered_switch=closed(1)),
            board,
        ),
        ContactsSignal("light", SignalOptions(green_output=4), board),
        ContactsPresence("loop", PresenceOptions(place="clearance", input=closed(3)), board),
    )


def polls(simulator: Any) -> int:
    return sum(entry.sender == "controller" for entry in simulator.server.transcript.entries())


async def loss_of(device: Any) -> DeviceError:
    with pytest.raises(DeviceError) as lost:
        await take(device, 100_000)
    return lost.value


async def test_roles_share_one_poll():
    async with running(SIMULATORS["moxa"]()) as simulator:
        board = SharedBoard(driver_for(simulator))
        arm, light, loop = roles_on(board)
        async with opened(board), opened(arm), opened(light), opened(loop):
            before = polls(simulator)
            await asyncio.gather(*(take(device, 10) for device in (board, arm, light, loop)))
            assert polls(simulator) - before <= 15
            assert simulator.server.connections == 1


async def test_the_loss_of_a_board_reaches_exactly_its_roles_and_at_once():
    async with running(SIMULATORS["moxa"]()) as lost, running(SIMULATORS["waveshare"]()) as kept:
        board, other = SharedBoard(driver_for(lost)), SharedBoard(driver_for(kept))
        arm, light, loop = roles_on(board)
        beside = ContactsPresence("beside", PresenceOptions(place="exit", input=closed(0)), other)
        async with opened(board), opened(arm), opened(light), opened(loop), opened(beside):
            losses = [asyncio.create_task(loss_of(device)) for device in (board, arm, light, loop)]
            alive = beside.readings()
            await anext(alive)
            await lost.stop()
            told = await asyncio.gather(*losses)
            assert [error.device for error in told] == ["io", "arm", "light", "loop"]
            assert all(isinstance(error, DeviceUnavailable) for error in told)
            assert str(told[1]).startswith("arm: board io: Modbus TCP 127.0.0.1:")
            for call in (arm.raise_arm(), loop.read()):
                with pytest.raises(DeviceError, match="board io"):
                    await call
            for _ in range(3):
                await anext(alive)
            await lost.start()
            for device in (arm, light, loop):
                await device.close()
                await device.open()
                await take(device, 2)


async def test_whoever_comes_back_first_opens_the_board_for_all_and_the_last_one_closes_it():
    async with running(SIMULATORS["moxa"]()) as simulator:
        board = SharedBoard(driver_for(simulator))
        arm, light, _ = roles_on(board)
        await arm.open()
        await light.open()
        await arm.close()
        await arm.close()
        await take(light, 2)
        assert simulator.server.connections == 1
        await light.close()
        await until(lambda: simulator.server.connections == 0)
        with pytest.raises(DeviceUnavailable, match="not open"):
            await take(light, 1)


async def test_a_role_that_still_holds_a_lost_board_does_not_keep_the_others_out():
    async with running(SIMULATORS["moxa"]()) as simulator:
        board = SharedBoard(driver_for(simulator))
        arm, light, _ = roles_on(board)
        await arm.open()
        await light.open()
        loss = asyncio.create_task(loss_of(light))
        await simulator.stop()
        await loss
        await simulator.start()
        await light.close()
        await light.open()
        assert len(await take(light, 2)) == 2
        await arm.close()
        assert len(await take(light, 2)) == 2
        await light.close()


async def test_a_dead_board_is_not_tried_once_for_each_of_its_roles(monkeypatch: pytest.MonkeyPatch):
    simulator = SIMULATORS["moxa"]()
    await simulator.start()
    board = SharedBoard(driver_for(simulator))
    await simulator.stop()
    tried = 0
    really_open = board.board.open

    async def counted() -> None:
        nonlocal tried
        tried += 1
        await really_open()

    monkeypatch.setattr(board.board, "open", counted)
    results = await asyncio.gather(
        *(role.open() for role in roles_on(board)), board.open(), return_exceptions=True
    )
    assert all(isinstance(result, DeviceUnavailable) for result in results)
    assert tried == 1


async def test_a_slow_listener_costs_a_bounded_backlog_and_misses_no_newest_level():
    async with running(SIMULATORS["moxa"]()) as simulator:
        board = SharedBoard(driver_for(simulator, poll_s=0.02))
        async with opened(board):
            slow = board.subscribe()
            await anext(slow)
            before = polls(simulator)
            simulator.module.set_input(0, True)
            await until(lambda: polls(simulator) > before + 3 * BEHIND_MAX)
            simulator.module.set_input(0, False)
            await until(lambda: polls(simulator) > before + 4 * BEHIND_MAX)
            backlog = [await anext(slow) for _ in range(BEHIND_MAX)]
            assert backlog[-1] == BoardReading((False,) * 6)


async def test_a_listener_who_is_behind_hears_of_the_loss_first():
    async with running(SIMULATORS["moxa"]()) as simulator:
        board = SharedBoard(driver_for(simulator, poll_s=0.02))
        async with opened(board):
            slow = board.subscribe()
            await anext(slow)
            before = polls(simulator)
            await until(lambda: polls(simulator) > before + 2 * BEHIND_MAX)
            other = asyncio.create_task(loss_of(board))
            await simulator.stop()
            await other
            with pytest.raises(DeviceUnavailable):
                await anext(slow)


async def test_a_bug_in_a_driver_reaches_those_who_listen(monkeypatch: pytest.MonkeyPatch):
    async with running(SIMULATORS["moxa"]()) as simulator:
        board = SharedBoard(driver_for(simulator))

        async def broken() -> tuple[bool, ...]:
            raise ZeroDivisionError("a bug")

        async with opened(board):
            listening = asyncio.create_task(take(board, 10_000))
            await asyncio.sleep(0)
            monkeypatch.setattr(board.board, "read_inputs", broken)
            with pytest.raises(ZeroDivisionError):
                await listening


@pytest.mark.parametrize("kind", ["moxa", "waveshare"])
async def test_a_role_is_killed_a_hundred_times_and_the_others_lose_no_reading(kind: str):
    async with running(SIMULATORS[kind]()) as simulator:
        board = SharedBoard(driver_for(simulator))
        arm, light, loop = roles_on(board)
        async with opened(board), opened(arm), opened(light), opened(loop):
            kept = asyncio.create_task(take(loop, 20))
            for _ in range(100):
                victim = asyncio.create_task(take(light, 1000))
                await asyncio.sleep(0)
                victim.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await victim
            assert len(await kept) == 20


# --- what is refused before anything is opened --------------------------------------------------------------


def moxa_board(**options: Any) -> SharedBoard:
    class There(MoxaE1214):
        address = "127.0.0.1:502"

    return SharedBoard(driver_for(There("io"), **options))


def test_a_light_on_the_raise_contact_is_refused():
    board = moxa_board()
    roles_on(board)
    with pytest.raises(DeviceRefused, match=r"output 0 .* already belongs to arm"):
        ContactsSignal("second", SignalOptions(green_output=0), board)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"raise_output": 9}, "outputs 0 to 5"),
        ({"raise_output": 1}, "same output"),
        ({"raise_output": 3}, "not in pulse_s"),
        ({"pulse_s": 0.9}, "pulses for 0.5 s"),
        ({"raised_switch": closed(6)}, "inputs 0 to 5"),
        ({"fault": closed(200)}, "fault.channel 200"),
    ],
)
def test_a_barrier_that_its_board_can_not_carry_is_refused(change: dict[str, Any], says: str):
    options = {
        "raise_output": 0,
        "lower_output": 1,
        "raised_switch": closed(0),
        "lowered_switch": closed(1),
    } | change
    with pytest.raises(DeviceRefused, match=says):
        ContactsBarrier("arm", BarrierOptions(**options), moxa_board())


@pytest.mark.parametrize("pulse_s", [0.0, 0.1, 2.1, 3600.0])
def test_a_held_contact_is_no_pulse(pulse_s: float):
    with pytest.raises(ValueError, match="pulse_s"):
        BarrierOptions(
            raise_output=0, lower_output=1, raised_switch=closed(0), lowered_switch=closed(1), pulse_s=pulse_s
        )


def test_green_that_would_outlive_us_is_refused():
    with pytest.raises(DeviceRefused, match=r"pulses for 0\.5 s"):
        ContactsSignal("light", SignalOptions(green_output=0), moxa_board())


async def test_a_barrier_or_a_green_light_on_a_board_that_times_nothing_is_refused():
    async with running(SIMULATORS["adam"]()) as simulator:
        board = SharedBoard(driver_for(simulator))
        with pytest.raises(DeviceRefused, match="does not end a pulse by itself"):
            roles_on(board)
        with pytest.raises(DeviceRefused, match="watchdog"):
            ContactsSignal("light", SignalOptions(green_output=0), board)
        ContactsPresence("loop", PresenceOptions(place="exit", input=closed(0)), board)
