"""One board, several roles: it is polled once, and every role hears each poll.

The board is open while anybody holds it: `open` and `close` hold it for the board's own supervisor, `hold`
and `release` for a role.  When it is lost, everyone who listens gets the error at once, so that exactly the
roles on this board degrade; who comes back first opens it again for all.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

from drivers.boards import Board, BoardReading
from drivers.device import Device, Grade, Options
from drivers.errors import DeviceError, DeviceRefused, DeviceUnavailable

BEHIND_MAX = 8
"""Polls that a slow listener may be behind (at most 0.4 s); older ones are dropped, the newest never."""
ATTEMPT_S = 0.5
"""A failed attempt to open answers for everybody who asks within this time: one dead board with eight roles
is not tried eight times in a row."""


class SharedBoard(Device[BoardReading]):
    """Wraps a `Board`; to its supervisor it is a device like any other."""

    role = "board"
    model = "one board for several roles"
    grade = Grade.SIMULATED
    options_type = Options

    def __init__(self, board: Board) -> None:
        super().__init__(board.name, board.options)
        self.board = board
        self._holders: set[object] = set()
        self._listeners: set[asyncio.Queue[BoardReading | Exception]] = set()
        self._poll: asyncio.Task[None] | None = None
        self._changing = asyncio.Lock()
        self._outputs: dict[int, str] = {}
        self._failed: tuple[float, DeviceError] | None = None

    @property
    def silent_s(self) -> float | None:
        return self.board.silent_s

    async def identify(self) -> str:
        return await self.board.identify()

    # --- holding it open ----------------------------------------------------------------------------------

    async def open(self) -> None:
        await self.hold(self)

    async def close(self) -> None:
        await self.release(self)

    async def hold(self, holder: object) -> None:
        """Open the board unless it is open.  Raises what the board's `open` raises."""
        async with self._changing:
            if self._poll is None or self._poll.done():
                await self._open()
            self._holders.add(holder)

    async def _open(self) -> None:
        if self._failed and time.monotonic() - self._failed[0] < ATTEMPT_S:
            raise self._failed[1].retold(self.name)
        await self._end()
        try:
            await self.board.open()
        except DeviceError as error:
            self._failed = (time.monotonic(), error)
            raise
        self._failed = None
        self._poll = asyncio.create_task(self._run(), name=f"poll {self.name}")

    async def release(self, holder: object) -> None:
        """Let go; the last one closes the board.  Idempotent, never raises."""
        async with self._changing:
            self._holders.discard(holder)
            if not self._holders:
                await self._end()

    async def _end(self) -> None:
        poll, self._poll = self._poll, None
        if poll is not None:
            poll.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await poll
        await self.board.close()

    async def _run(self) -> None:
        ending: Exception = DeviceUnavailable(self.name, "the board was closed")
        try:
            async for reading in self.board.readings():
                for listener in self._listeners:
                    _put(listener, reading)
        except Exception as error:  # a bug in a driver, too, must reach those who listen
            ending = error
        finally:
            for listener in self._listeners:
                while not listener.empty():
                    listener.get_nowait()
                listener.put_nowait(ending)

    # --- what roles do ------------------------------------------------------------------------------------

    async def readings(self) -> AsyncIterator[BoardReading]:
        async for reading in self.subscribe():
            yield reading

    async def subscribe(self) -> AsyncIterator[BoardReading]:
        """Each poll from now on; raises the board's error when it is lost."""
        if self._poll is None or self._poll.done():
            raise DeviceUnavailable(self.name, "the board is not open")
        listener: asyncio.Queue[BoardReading | Exception] = asyncio.Queue(BEHIND_MAX)
        self._listeners.add(listener)
        try:
            while True:
                item = await listener.get()
                if isinstance(item, DeviceError):
                    raise item.retold(self.name)
                if isinstance(item, Exception):
                    raise item
                yield item
        finally:
            self._listeners.discard(listener)

    def claim(self, output: int, role: str) -> None:
        """Raises DeviceRefused when the board lacks the output or another role drives it: a light on the
        raise contact would open the lane."""
        if not 0 <= output < self.board.output_count:
            raise DeviceRefused(
                role, f"output {output}: board {self.name} has outputs 0 to {self.board.output_count - 1}"
            )
        if self._outputs.setdefault(output, role) != role:
            raise DeviceRefused(
                role, f"output {output} of board {self.name} already belongs to {self._outputs[output]}"
            )


def _put(listener: asyncio.Queue[BoardReading | Exception], reading: BoardReading) -> None:
    if listener.full():
        listener.get_nowait()
    listener.put_nowait(reading)
