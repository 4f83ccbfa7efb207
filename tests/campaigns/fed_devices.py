"""Drivers that yield what they are fed, by device name: whole passages without wires, at any speed."""

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any, ClassVar

from drivers.barrier import Barrier, BarrierReading
from drivers.device import Device, Grade, Options
from drivers.document_reader import DocumentReader, DocumentReading
from drivers.plate_camera import FrameRead, PlateCamera
from drivers.presence import Presence, PresenceReading
from drivers.registers import Register, RegisterAnswer
from drivers.scale import Scale, WeightReading
from drivers.signal import Lamp, Signal

PICTURE_BYTES = 2000
AS_OF = "2026-03-01T08:00:00Z"


class Fed(Device[Any]):
    """Yields whatever is put into `queue`; `devices` are all that were built."""

    model = "fed by a test"
    grade = Grade.SIMULATED
    options_type = Options
    devices: ClassVar[dict[str, Any]] = {}

    def __init__(self, name: str, options: Any, board: object = None) -> None:
        super().__init__(name, options)
        self.queue: asyncio.Queue[Any] = asyncio.Queue()
        self.devices[name] = self

    @property
    def silent_s(self) -> float | None:
        return None

    async def open(self) -> None:
        pass

    async def close(self) -> None:
        pass

    async def readings(self) -> AsyncIterator[Any]:
        while True:
            yield await self.queue.get()


class FedPresence(Fed, Presence):
    def __init__(self, name: str, options: Any, board: object = None) -> None:
        super().__init__(name, options)
        self.place, self.debounce_s = options.place, options.debounce_s
        self.covered = False

    def see(self, covered: bool) -> None:
        self.covered = covered
        self.queue.put_nowait(PresenceReading(covered))

    async def read(self) -> bool:
        return self.covered


class FedBarrier(Fed, Barrier):
    """An arm that stands where its last order sent it; `moves` wakes whoever reads its switches."""

    def __init__(self, name: str, options: Any, board: object = None) -> None:
        super().__init__(name, options)
        self.debounce_s = options.debounce_s
        self.raised = False
        self.moves = asyncio.Event()

    def tell(self, between: bool = False) -> None:
        raised, lowered = self.raised and not between, not self.raised and not between
        self.queue.put_nowait(BarrierReading(raised, lowered, fault=False, local_key=False))

    async def raise_arm(self) -> None:
        self.raised = True
        self.moves.set()

    async def lower_arm(self) -> None:
        self.raised = False
        self.moves.set()

    async def stop_arm(self) -> None:
        pass


class FedSignal(Fed, Signal):
    async def show(self, lamp: Lamp) -> None:
        self.queue.put_nowait(None)


class FedScale(Fed, Scale):
    @property
    def dropped_frames(self) -> int:
        return 0

    def weigh(self, kg: float) -> None:
        raw = f"+{kg:08.0f}".encode()
        self.queue.put_nowait(WeightReading(kg, kg, 0.0, True, True, True, raw))


class FedCamera(Fed, PlateCamera):
    def __init__(self, name: str, options: Any, board: object = None) -> None:
        super().__init__(name, options)
        self.watched = False
        self._chance = random.Random(name)

    def see(self, frame: FrameRead) -> None:
        self.queue.put_nowait(frame)

    async def watch(self, on: bool) -> None:
        self.watched = on

    async def picture(self) -> bytes:
        return b"\xff\xd8" + self._chance.randbytes(PICTURE_BYTES)


class FedReader(Fed, DocumentReader):
    def show(self, reading: DocumentReading) -> None:
        self.queue.put_nowait(reading)


class FedRegister(Fed, Register):
    """Knows nothing bad of anybody, and of every plate a booking and a declaration."""

    async def readings(self) -> AsyncIterator[None]:
        await asyncio.Event().wait()
        yield None

    async def ask(self, kind: str, question: dict[str, Any]) -> RegisterAnswer:
        plate = question.get("plate", "")
        hits: dict[str, tuple[dict[str, Any], ...]] = {
            "booking": (
                {"plate": plate, "valid_from": AS_OF, "valid_to": "2099-01-01T00:00:00Z", "class": ""},
            ),
            "declaration": (
                {"reference": "D", "plate": plate, "gross_kg": 38000, "axles": 5, "vehicle": "A2C3"},
            ),
            "draw": ({"selected": False, "proof": "0"},),
        }
        return RegisterAnswer(hits.get(kind, ()), AS_OF)


class FedBoard(Fed):
    role = "board"
    times_pulses = True
    input_count = output_count = 16

    async def read_inputs(self) -> tuple[bool, ...]:
        return (False,) * 16


BY_ROLE: dict[str, type[Fed]] = {
    "board": FedBoard,
    "presence": FedPresence,
    "barrier": FedBarrier,
    "signal": FedSignal,
    "scale": FedScale,
    "plate_camera": FedCamera,
    "document_reader": FedReader,
    "register": FedRegister,
}
