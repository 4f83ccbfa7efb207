"""What barrier, presence and signal promise at rest (drivers/barrier, drivers/presence, drivers/signal).

Movements are tried by the commissioning walk with a person beside the arm (`borderlane check --walk`), never
by a suite.
"""

from drivers.barrier import ArmPosition, Barrier
from drivers.presence import PLACES, Presence
from drivers.signal import Lamp, Signal
from hil_tests.asking import opened, take
from hil_tests.bench import BenchDevice


async def test_an_arm_at_rest_never_contradicts_itself(barrier_under_test: BenchDevice) -> None:
    async with opened(barrier_under_test, Barrier) as barrier:
        positions = {reading.position for reading in await take(barrier, 10)}
        assert ArmPosition.CONTRADICTORY not in positions
        assert len(positions) == 1, "the arm was to stand still"


async def test_a_sensor_says_the_same_when_asked_afresh(presence_under_test: BenchDevice) -> None:
    async with opened(presence_under_test, Presence) as sensor:
        assert sensor.place in PLACES
        readings = await take(sensor, 5)
        assert await sensor.read() == readings[-1].covered


async def test_the_light_takes_red_and_says_that_it_lives(signal_under_test: BenchDevice) -> None:
    async with opened(signal_under_test, Signal) as light:
        await light.show(Lamp.RED)
        await take(light, 2)
