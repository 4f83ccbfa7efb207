"""What an I/O board promises (drivers/boards).

`[expect.NAME] spare_output` names an output that may be moved.
"""

import pytest

from drivers.boards import Board
from drivers.errors import DeviceRefused
from hil_tests.asking import opened, take
from hil_tests.bench import BenchDevice

ROLE = "board"


async def test_each_poll_has_a_level_for_every_input(device_under_test: BenchDevice) -> None:
    async with opened(device_under_test, Board) as board:
        for reading in await take(board, 10):
            assert len(reading.inputs) == board.input_count
        assert len(await board.read_inputs()) == board.input_count


async def test_a_pulse_is_timed_by_the_module_or_refused(device_under_test: BenchDevice) -> None:
    output = device_under_test.expect.get("spare_output")
    async with opened(device_under_test, Board) as board:
        if not board.times_pulses:
            with pytest.raises(DeviceRefused):
                await board.pulse(0, 0.5)
        elif output is None:
            pytest.skip("the bench names no spare_output to move")
        else:
            await board.pulse(output, 0.5)
            await take(board, 3)
