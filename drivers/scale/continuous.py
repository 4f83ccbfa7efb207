"""The driver of a continuous indicator: everything but the layout of its frames."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from drivers.device import Grade
from drivers.errors import DeviceUnavailable
from drivers.scale import Scale, WeightReading
from drivers.scale.frame_stream import FrameStream, Layout
from drivers.scale.plate import RatingPlate
from drivers.stream import StreamOptions, close_stream, open_stream, read_some

REFUSED_BYTES_MAX = 1024
"""Refused bytes without one good reading between them after which the stream counts as foreign: about one
second at 9600 baud."""


class ScaleOptions(StreamOptions):
    """`max_kg` and `division_kg` as on the scale's rating plate (Max and e, in kilograms)."""

    max_kg: Annotated[Decimal, Field(gt=0, le=1_000_000)]
    """Max on the scale's rating plate, in kilograms."""
    division_kg: Annotated[Decimal, Field(gt=0, le=1000)]
    """The division e on the rating plate, in kilograms."""
    silent_s: Annotated[float, Field(gt=0, le=60)] = 3.0
    """Seconds without a good reading after which the scale counts as lost."""

    @model_validator(mode="after")
    def _plate_makes_sense(self) -> "ScaleOptions":
        # OIML R 76-1, 3.2: no class allows more than 100,000 divisions; a swapped pair fails here.
        if not 100 <= self.max_kg / self.division_kg <= 100_000:
            raise ValueError(f"max_kg {self.max_kg} is not 100 to 100,000 divisions of {self.division_kg} kg")
        return self

    @property
    def plate(self) -> RatingPlate:
        return RatingPlate(self.max_kg, self.division_kg)


class ContinuousScale(Scale):
    """Listens; sends nothing.  `open` waits for the first good reading, so that a wrong port, speed or
    protocol shows there."""

    grade: ClassVar[Grade] = Grade.SIMULATED
    foreign_hint: ClassVar[str]
    """What to check when the bytes are none of this protocol's."""

    def __init__(self, name: str, options: ScaleOptions, layout: Layout) -> None:
        super().__init__(name, options)
        self._settings = options
        self._layout = layout
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._stream = FrameStream(layout, options.plate)

    @property
    def silent_s(self) -> float | None:
        return self._settings.silent_s

    @property
    def dropped_frames(self) -> int:
        return self._stream.belief.dropped_frames

    async def open(self) -> None:
        await self.close()
        options = self._settings
        self._stream = FrameStream(self._layout, options.plate)
        self._reader, self._writer = await open_stream(
            self.name,
            options.port,
            baud=options.baud,
            bytesize=options.bytesize,
            parity=options.parity,
            stopbits=options.stopbits,
        )
        try:
            async with aclosing(self.readings()) as readings:
                await anext(readings)
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        writer, self._reader, self._writer = self._writer, None, None
        if writer:
            await close_stream(writer)

    async def readings(self) -> AsyncGenerator[WeightReading, None]:
        reader = self._reader
        if reader is None:
            raise DeviceUnavailable(self.name, "is not open")
        loop = asyncio.get_running_loop()
        good_at = loop.time()
        while True:
            left_s = good_at + self._settings.silent_s - loop.time()
            data = await read_some(self.name, reader, within_s=left_s)
            found = self._stream.feed(data)
            for reading in found:
                yield reading
            if found:
                # Taken after the consumer's time, which is not the indicator's silence.
                good_at = loop.time()
                continue
            complaint = self._stream.belief.complaint
            if not data or complaint.refused_bytes > REFUSED_BYTES_MAX:
                raise complaint.error(
                    self.name,
                    silence=f"no byte for {self._settings.silent_s:g} s",
                    silence_hint="is the indicator on, its output continuous, the cable right?",
                    foreign_hint=self.foreign_hint,
                )
