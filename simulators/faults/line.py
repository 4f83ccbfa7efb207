"""A line with faults in it."""

import asyncio
from collections.abc import Callable, Sequence

from simulators.faults.channel import Channel
from simulators.faults.kinds import Direction, Fault
from simulators.serial_line import Line


class FaultedLine:
    """A `Line` that passes another one's bytes through faults.

    A cut closes the inner line, as a pulled cable would; `start` plugs it in again.
    """

    def __init__(self, line: Line, faults: Sequence[Fault] = ()) -> None:
        self._line = line
        self._received: Callable[[bytes], None] = _nobody
        self._closing: set[asyncio.Task[None]] = set()
        self._lost_before = 0
        self._out, self._in = self._channels(faults)

    def _channels(self, faults: Sequence[Fault]) -> tuple[Channel, Channel]:
        return (
            Channel(Direction.TO_CONTROLLER, faults, self._line.send, self._cut),
            Channel(Direction.TO_DEVICE, faults, lambda data: self._received(data), self._cut),
        )

    def set_faults(self, faults: Sequence[Fault]) -> None:
        """Replace all faults, while it runs too; what the old ones held back is lost."""
        self._out.stop()
        self._in.stop()
        self._lost_before += self._out.lost_bytes + self._in.lost_bytes
        self._out, self._in = self._channels(faults)

    @property
    def lost_bytes(self) -> int:
        return self._line.lost_bytes + self._lost_before + self._out.lost_bytes + self._in.lost_bytes

    @property
    def address(self) -> str:
        return self._line.address

    async def start(self, received: Callable[[bytes], None]) -> None:
        self._received = received
        await self._settled()
        await self._line.start(lambda data: self._in.send(data))

    async def stop(self) -> None:
        delay_s = max(self._out.close_delay_s, self._in.close_delay_s)
        self._out.stop()
        self._in.stop()
        await self._settled()
        await asyncio.sleep(delay_s)
        await self._line.stop()

    def send(self, data: bytes) -> None:
        self._out.send(data)

    def _cut(self) -> None:
        task = asyncio.get_running_loop().create_task(self._line.stop())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _settled(self) -> None:
        await asyncio.gather(*self._closing)


def _nobody(data: bytes) -> None:
    del data
