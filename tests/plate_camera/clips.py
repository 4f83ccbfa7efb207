"""Rendered drives as H.264, and the simulated camera that plays them on its port."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from drivers.plate_camera.pictures import fingerprint
from simulators.plate_camera.rtsp_h264 import Simulator
from simulators.render.drives import Films, Order
from simulators.render.looks import PROOF

FRAMES_PER_S = 10.0
FASTER = 6
"""The camera's clock against ours: a test is short."""
SIZE = (480, 272)


@dataclass(frozen=True)
class Clip:
    """`whole`: fingerprints of the pictures, decoded without any loss by the decoder that the driver has."""

    pieces: tuple[bytes, ...]
    whole: frozenset[str]


def encoded(films: Films, folder: Path, *, slices: int = 1, size: tuple[int, int] = SIZE) -> Clip:
    """One drive."""
    order = Order(12, "front", frames_per_s=FRAMES_PER_S, size=size)
    pieces = films.h264(order, PROOF, slices=slices)
    file = folder / "clip.h264"
    file.write_bytes(b"".join(pieces))
    capture = cv2.VideoCapture(str(file), cv2.CAP_FFMPEG)
    found: set[str] = set()
    while (read := capture.read())[0]:
        found.add(fingerprint(np.asarray(read[1], np.uint8)))
    assert len(found) == len(pieces)
    return Clip(pieces, frozenset(found))


@contextlib.asynccontextmanager
async def playing(clip: Clip, loss: float = 0.0) -> AsyncGenerator[Simulator]:
    """On a real port, its clock going."""
    simulated = Simulator("camera", clip.pieces, FRAMES_PER_S, seed=4, loss=loss)
    await simulated.start()

    async def clock() -> None:
        while True:
            await asyncio.sleep(0.02)
            simulated.step(0.02 * FASTER)

    going = asyncio.create_task(clock())
    try:
        yield simulated
    finally:
        going.cancel()
        await simulated.stop()
