"""Smart cameras that read by themselves and push each reading over HTTP, as JSON.

    POST /plates                                   and who the camera is: digest, basic or bearer
    Content-Type: application/json                 or multipart, JSON and pictures being its parts

    {"event": {"id": 4711, "time": "2026-01-31T10:15:05+05:00",
               "plate": {"text": "777ABC02", "score": 91, "country": "KAZ", "box": [812, 540, 160, 36]},
               "picture": "/9j/4AAQSkZJRgABAQ..."}}

    200 {"vehicles": 1}   taken, also when it came before   415  neither JSON nor multipart
    401  who are you      408, 413  too slow, over 12 MiB   422  no whole JSON, or no whole form
    404, 405  not POST /plates                              503  not now: send it again

Made after RFC 9112 (HTTP/1.1), RFC 8259 (JSON) and RFC 7578 (forms), and for no one maker: where each thing
stands in the JSON is said by the lane's file, as are the scale of confidences and of boxes.  A message
without a plate's text is a sign of life.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import ClassVar

from drivers.device import Grade, Options
from drivers.errors import DeviceRefused, DeviceTimeout, DeviceUnavailable, ProtocolError
from drivers.plate_camera.events import Told
from drivers.plate_camera.push_listener import PushListener
from drivers.plate_camera.push_options import PushOptions
from drivers.plate_camera.self_reading import SelfReadingCamera

WAITING_MAX = 8
"""Messages that wait, while pictures are made small; a further one is answered with 503."""
PICTURE_S = 30.0
"""For a vehicle to come: this camera can't be asked for a picture."""


class Driver(SelfReadingCamera):
    """Any camera that posts JSON."""

    model: ClassVar[str] = "smart camera, readings pushed over HTTP as JSON"
    grade: ClassVar[Grade] = Grade.SIMULATED
    options_type: ClassVar[type[Options]] = PushOptions

    def __init__(self, name: str, options: PushOptions) -> None:
        super().__init__(name, options)
        self._options = options
        self._listener: PushListener | None = None
        self._waiting: asyncio.Queue[Sequence[Told]] = asyncio.Queue(WAITING_MAX)
        self._asked: set[asyncio.Future[bytes]] = set()
        self._at = ""

    @property
    def silent_s(self) -> float | None:
        return self._options.silent_s

    @property
    def _where(self) -> str:
        return f"{self._options.listen}{self._options.path}"

    async def _connect(self) -> None:
        self._waiting = asyncio.Queue(WAITING_MAX)
        listener = PushListener(self.name, self._options, self._take_message)
        self._at = await listener.open(self._options)
        self._listener = listener

    async def _disconnect(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            await listener.stop()
        for asked in self._asked:
            if not asked.done():
                asked.set_exception(DeviceUnavailable(self.name, f"{self._where} was closed"))

    async def _signs(self) -> AsyncIterator[Told | None]:
        while True:
            vehicles = await self._waiting.get()
            for told in vehicles:
                yield told
            if not vehicles:
                yield None

    async def identify(self) -> str:
        known = await super().identify()
        return f"{known}, {self._at}" if known else ""

    async def picture(self) -> bytes:
        """The picture of the next vehicle.  DeviceTimeout when none came with one."""
        if self._listener is None:
            raise DeviceUnavailable(self.name, f"{self._where} is not open")
        asked: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._asked.add(asked)
        try:
            async with asyncio.timeout(PICTURE_S):
                whole = await asked
        except TimeoutError:
            raise DeviceTimeout(
                self.name,
                f"{self._where}: no picture for {PICTURE_S:g} s",
                hint="this camera can't be asked for one: it sends one with a vehicle",
            ) from None
        finally:
            self._asked.discard(asked)
        small = await self._pictures.small(whole, b"", None)
        if not small.picture:
            raise ProtocolError(self.name, f"{self._where}: the picture that came can't be decoded")
        return small.picture

    async def still(self, bytes_max: int) -> bytes:
        raise DeviceRefused(
            self.name,
            f"{self._where}: no picture of now",
            hint="this camera can't be asked for one: it sends one with a vehicle",
        )

    def _take_message(self, vehicles: Sequence[Told]) -> bool:
        try:
            self._waiting.put_nowait(vehicles)
        except asyncio.QueueFull:
            return False
        picture = next((told.picture for told in vehicles if told.picture), b"")
        for asked in self._asked:
            if picture and not asked.done():
                asked.set_result(picture)
        return True
