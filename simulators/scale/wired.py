"""A simulated indicator on its wire; a protocol's file adds what it says."""

from abc import ABC, abstractmethod

from simulators.scale.indicator import Indicator
from simulators.serial_line import Line
from simulators.transcript import Transcript


class WiredIndicator(ABC):
    """Sends `frames_per_s` frames a simulated second and answers what it receives.  A `SimulatedDevice`."""

    def __init__(
        self, name: str, line: Line, indicator: Indicator | None = None, *, frames_per_s: float = 10
    ):
        self.name = name
        self.indicator = indicator or Indicator()
        self.transcript = Transcript()
        self._line = line
        self._frame_s = 1 / frames_per_s
        self._until_frame_s = self._frame_s

    @property
    def address(self) -> str:
        return self._line.address

    async def start(self) -> None:
        await self._line.start(self._received)

    async def stop(self) -> None:
        await self._line.stop()

    def faults(self) -> tuple[str, ...]:
        return self.indicator.FAULTS

    def set_fault(self, fault: str, on: bool) -> None:
        self.indicator.set_fault(fault, on)

    def step(self, seconds: float) -> None:
        # Frame by frame, so that each frame shows the weight of its own moment however long the step is.
        while seconds > 0:
            piece_s = min(seconds, self._until_frame_s)
            self.indicator.step(piece_s)
            seconds -= piece_s
            self._until_frame_s -= piece_s
            if self._until_frame_s <= 1e-9:
                self._until_frame_s = self._frame_s
                if self.indicator.powered:
                    self._send(self.due())

    def _send(self, data: bytes) -> None:
        if data:
            self.transcript.add("device", data)
            self._line.send(data)

    def _received(self, data: bytes) -> None:
        self.transcript.add("controller", data)
        if self.indicator.powered:
            self._send(self.answer(data))

    @abstractmethod
    def due(self) -> bytes:
        """What it sends by itself now; b"" if nothing."""

    def answer(self, data: bytes) -> bytes:
        """What it says to bytes received.  An output-only indicator says nothing."""
        del data
        return b""
