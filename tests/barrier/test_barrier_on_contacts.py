"""Barrier, light and sensors through a real board's wire, against an arm that moves."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from drivers.barrier import ArmPosition
from drivers.barrier.contacts import ContactsOptions as BarrierOptions
from drivers.barrier.contacts import Driver as ContactsBarrier
from drivers.boards.contacts import Contact
from drivers.boards.shared import SharedBoard
from drivers.errors import DeviceError, DeviceRefused
from drivers.presence.contacts import ContactsOptions as PresenceOptions
from drivers.presence.contacts import Driver as ContactsPresence
from drivers.signal import Lamp
from drivers.signal.contacts import ContactsOptions as SignalOptions
from drivers.signal.contacts import Driver as ContactsSignal
from simulators.barrier.arm import Arm
from simulators.boards.module import SimulatedBoard
from simulators.presence.sensor import Photocell
from simulators.signal.light import Light
from tests.boards.bench import SIMULATORS, driver_for, opened, running, take, until

KINDS = pytest.mark.parametrize("kind", ["moxa", "waveshare"])


@dataclass
class Lane:
    board: SimulatedBoard
    arm: Arm
    light: Light
    photocell: Photocell
    barrier: ContactsBarrier
    signal: ContactsSignal
    presence: ContactsPresence

    @property
    def name(self) -> str:
        return self.board.name

    @property
    def address(self) -> str:
        return self.board.address

    async def start(self) -> None:
        await self.board.start()

    async def stop(self) -> None:
        await self.board.stop()

    def step(self, seconds: float) -> None:
        for part in (self.board, self.arm, self.light, self.photocell):
            part.step(seconds)


@contextlib.asynccontextmanager
async def lane(kind: str, *, open: float = 0.0, inverted: bool = False) -> AsyncIterator[Lane]:
    """An arm of 0.4 s travel, wired to outputs 0 to 2 and inputs 0 to 3; the light on 4; a photocell on 4."""
    simulator = SIMULATORS[kind]()
    arm, light = Arm("arm", travel_s=0.4, open=open), Light("light")
    photocell = Photocell("photocell", closed_when_covered=not inverted)
    module = simulator.module
    for output, load in enumerate((arm.raise_contact, arm.lower_contact, arm.stop_contact)):
        module.wire_output(output, load)
    module.wire_output(4, light.green_contact)
    for channel, source in enumerate(
        (lambda: arm.raised_switch, lambda: arm.lowered_switch, lambda: arm.fault, lambda: arm.key)
    ):
        module.wire_input(channel, (lambda of=source: not of()) if inverted else source)
    module.wire_input(4, photocell.contact)

    def wired(channel: int) -> Contact:
        return Contact(channel=channel, active="open" if inverted else "closed")

    await simulator.start()
    board = SharedBoard(driver_for(simulator))
    options = BarrierOptions(
        raise_output=0,
        lower_output=1,
        stop_output=2,
        raised_switch=wired(0),
        lowered_switch=wired(1),
        fault=wired(2),
        local_key=wired(3),
    )
    barrier = ContactsBarrier("barrier", options, board)
    signal = ContactsSignal("signal", SignalOptions(green_output=4), board)
    presence = ContactsPresence("presence", PresenceOptions(place="clearance", input=wired(4)), board)
    whole = Lane(simulator, arm, light, photocell, barrier, signal, presence)
    async with running(whole), opened(barrier), opened(signal), opened(presence):
        yield whole


async def settled(barrier: ContactsBarrier, position: ArmPosition) -> None:
    async with asyncio.timeout(10), contextlib.aclosing(barrier.readings()) as readings:
        async for reading in readings:
            if reading.position is position:
                return


@KINDS
@pytest.mark.parametrize("inverted", [False, True])
async def test_the_arm_rises_and_falls_and_its_switches_are_read(kind: str, inverted: bool):
    async with lane(kind, inverted=inverted) as it:
        await settled(it.barrier, ArmPosition.LOWERED)
        await it.barrier.raise_arm()
        await settled(it.barrier, ArmPosition.RAISED)
        await until(lambda: not it.board.module.outputs[0])
        await it.barrier.lower_arm()
        await settled(it.barrier, ArmPosition.LOWERED)
        assert it.board.module.closings[:3] == [1, 1, 0]


@KINDS
async def test_both_end_switches_are_a_contradiction(kind: str):
    async with lane(kind) as it:
        it.arm.set_fault("both_switches", True)
        await settled(it.barrier, ArmPosition.CONTRADICTORY)


@KINDS
async def test_fault_and_key_are_read_apart(kind: str):
    async with lane(kind) as it:
        (reading,) = await take(it.barrier, 1)
        assert (reading.fault, reading.local_key) == (False, False)
        it.arm.key = True
        await until(lambda: it.board.module.inputs[3])
        *_, reading = await take(it.barrier, 3)
        assert (reading.fault, reading.local_key) == (False, True)
        it.arm.set_fault("stuck", True)
        await until(lambda: it.board.module.inputs[2])
        *_, reading = await take(it.barrier, 3)
        assert (reading.fault, reading.local_key) == (True, True)


@KINDS
async def test_stop_holds_the_arm_where_it_is(kind: str):
    async with lane(kind) as it:
        it.arm.travel_s = 30.0
        await it.barrier.raise_arm()
        await until(lambda: it.arm.open > 0.02 and not it.board.module.outputs[0])
        await it.barrier.stop_arm()
        stood = it.arm.open
        await take(it.barrier, 5)
        assert it.arm.open == stood


@KINDS
async def test_the_clearance_is_read_afresh_before_an_order(kind: str):
    async with lane(kind) as it:
        assert not await it.presence.read()
        it.photocell.there = lambda: True
        await until(lambda: it.board.module.inputs[4])
        assert await it.presence.read()
        *_, reading = await take(it.presence, 3)
        assert reading.covered


@KINDS
async def test_green_is_shown_at_once_and_red_ends_it_at_once(kind: str):
    async with lane(kind) as it:
        assert it.light.shows == "red"
        await it.signal.show(Lamp.GREEN)
        assert it.light.shows == "green"
        await it.signal.show(Lamp.GREEN)
        await it.signal.show(Lamp.RED)
        assert it.light.shows == "red"
        await take(it.signal, 2)


@KINDS
async def test_an_order_that_the_board_did_not_confirm_is_an_error_and_is_never_repeated(kind: str):
    async with lane(kind) as it:
        it.board.set_fault("failed", True)
        with pytest.raises(DeviceError, match=r"barrier: board io: .*exception 0x04"):
            await it.barrier.raise_arm()
        it.board.set_fault("failed", False)
        await take(it.barrier, 5)
        assert it.board.module.closings[0] == 0
        assert it.arm.open == 0.0


async def test_an_arm_without_a_stop_contact_refuses_to_be_stopped():
    async with lane("moxa") as it:
        options = it.barrier.options.model_copy(update={"stop_output": None})
        board: Any = it.barrier.board
        with pytest.raises(DeviceRefused, match="no stop contact"):
            await ContactsBarrier("barrier", options, board).stop_arm()
