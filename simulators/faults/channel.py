"""One direction of a line with its faults: chunks in, pieces out in order, each at its time."""

import asyncio
import random
from collections import deque
from collections.abc import Callable, Sequence

import structlog

from simulators.faults.kinds import Direction, Fault, Piece

WAITING_BYTES_MAX = 64 * 1024
"""Bytes held back by delays; what comes on top is lost, as on any line whose buffer is full."""

log = structlog.get_logger()


class Channel:
    """`deliver` gets the bytes that come through, `cut` is called when a fault breaks the line."""

    def __init__(
        self,
        direction: Direction,
        faults: Sequence[Fault],
        deliver: Callable[[bytes], None],
        cut: Callable[[], None],
    ) -> None:
        self.lost_bytes = 0
        self._faults = [
            (fault, random.Random(fault.seed)) for fault in faults if fault.direction == direction
        ]
        self._deliver = deliver
        self._cut = cut
        self._waiting: deque[Piece] = deque()
        self.waiting_bytes = 0
        self._timer: asyncio.TimerHandle | None = None
        for fault, _ in self._faults:
            log.info("simulator.line_fault", fault=type(fault).__name__, direction=direction, seed=fault.seed)

    def send(self, chunk: bytes) -> None:
        """Put a chunk through the faults; without faults it comes out at once."""
        for piece in self._through(chunk):
            if self.waiting_bytes + len(piece.data) > WAITING_BYTES_MAX:
                self.lost_bytes += len(piece.data)
                continue
            self._waiting.append(piece)
            self.waiting_bytes += len(piece.data)
        if self._timer is None:
            self._next()

    def _through(self, chunk: bytes) -> list[Piece]:
        pieces = [Piece(chunk)]
        for fault, chance in self._faults:
            pieces = [out for piece in pieces for out in _apply(fault, chance, piece)]
        return pieces

    def _next(self) -> None:
        """Deliver what is due; wait for what is not."""
        self._timer = None
        while self._waiting:
            piece = self._waiting[0]
            if piece.after_s > 0:
                self._waiting[0] = Piece(piece.data, 0.0, piece.cut)
                self._timer = asyncio.get_running_loop().call_later(piece.after_s, self._next)
                return
            self._waiting.popleft()
            self.waiting_bytes -= len(piece.data)
            if piece.data:
                self._deliver(piece.data)
            if piece.cut:
                self.stop()
                self._cut()
                return

    @property
    def close_delay_s(self) -> float:
        return max((fault.close_delay_s for fault, _ in self._faults), default=0.0)

    def stop(self) -> None:
        """Forget what waits."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        self._waiting.clear()
        self.waiting_bytes = 0


def _apply(fault: Fault, chance: random.Random, piece: Piece) -> list[Piece]:
    if not piece.data or chance.random() >= fault.probability:
        return [piece]
    first, *rest = fault.pieces(piece.data, chance)
    first = Piece(first.data, piece.after_s + first.after_s, first.cut)
    made = [first, *rest]
    if piece.cut:
        made[-1] = Piece(made[-1].data, made[-1].after_s, cut=True)
    return made
