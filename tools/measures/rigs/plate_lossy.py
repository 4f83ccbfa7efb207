"""Drives as H.264, played over RTSP by a camera that loses packets: what the driver takes of them, read at a
lane's pace and voted on."""

import asyncio
import contextlib
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from drivers.plate_camera import rtsp_source
from drivers.plate_camera.pictures import Picture, fingerprint
from drivers.plate_camera.sources import Settings
from drivers.plate_camera.worker import READ_S
from measures.rigs import plate_drives
from measures.rigs.kept_answers import FOLDER, KeptAnswers, state, state_of
from measures.rigs.plate_driven import Driven
from measures.rigs.scratch import scratch
from simulators.plate_camera.rtsp_h264 import Simulator
from simulators.render import kept, looks
from simulators.render.drives import Film, Films, Order

LOSS = 0.01
STEP_S, FASTER = 0.02, 4
"""The camera's clock against ours."""
_SOURCES = ("drivers/plate_camera", "simulators/plate_camera")


@dataclass(frozen=True, slots=True)
class Play:
    """One drive, played once: pictures sent, those of them that the driver took, and of those the ones that
    are not as they were encoded."""

    driven: Driven
    sent: int
    taken: int
    torn: int


@dataclass(frozen=True, slots=True)
class Clip:
    """A film as H.264; `marks` are fingerprints of its pictures, decoded without any loss by the decoder that
    the driver has."""

    pieces: tuple[bytes, ...]
    marks: tuple[str, ...]
    frames_per_s: float


@dataclass(slots=True)
class Taken:
    """What the driver took; `read` are the pictures that a lane would read, by their number in the film."""

    count: int = 0
    torn: int = 0
    read: dict[int, Picture] = field(default_factory=dict[int, Picture])


def plays(wanted: int, keep: bool = False) -> Iterator[tuple[Play, Play]]:
    """The first so many drives of `plate_drives.drives`, each without loss and with it; `keep` as there."""
    for row in plate_drives.rows(wanted, KeptAnswers(_store() if keep else None), _read):
        clean, lossy = (_play({**row, **played}) for played in row["played"])
        yield clean, lossy


def _store() -> Path:
    sources = (state_of(package) for package in _SOURCES)
    rendered = state(kept.recipe((), "drives"))
    return FOLDER / "plates" / f"drives-h264-{state_of('anpr', rendered, *sources)}.jsonl"


def _read(order: Order, film: Film, within: list[int]) -> dict[str, Any]:
    clip = clip_of(Films(plate_drives.DRIVES).h264(order, looks.PROOF), order.frames_per_s)
    played: list[dict[str, Any]] = []
    for loss in (0.0, LOSS):
        taken = asyncio.run(played_once(clip, within, loss, order.seed))
        seen = [
            plate_drives.header(number, number / film.frames_per_s, picture)
            for number, picture in taken.read.items()
        ]
        played.append({"sent": len(clip.pieces), "taken": taken.count, "torn": taken.torn, "seen": seen})
    return {**plate_drives.truth_of(order, film), "cpu_s": 0.0, "shots": [], "played": played}


def _play(row: dict[str, Any]) -> Play:
    return Play(plate_drives.driven_of(row), row["sent"], row["taken"], row["torn"])


def clip_of(pieces: tuple[bytes, ...], frames_per_s: float) -> Clip:
    marks: list[str] = []
    with scratch() as folder:
        file = folder / "clip.h264"
        file.write_bytes(b"".join(pieces))
        capture = cv2.VideoCapture(str(file), cv2.CAP_FFMPEG)
        while (read := capture.read())[0]:
            marks.append(fingerprint(np.asarray(read[1], np.uint8)))
    assert len(marks) == len(pieces), "each piece is a picture"
    return Clip(pieces, tuple(marks), frames_per_s)


async def played_once(clip: Clip, within: list[int], loss: float, seed: int) -> Taken:
    """What the driver takes of it; the same seed loses the same packets of it."""
    simulated = Simulator("camera", clip.pieces, clip.frames_per_s, seed=seed, loss=loss)
    await simulated.start()

    async def clock() -> None:
        while True:
            await asyncio.sleep(STEP_S)
            if simulated.viewers:  # so that the film begins with whoever looks
                simulated.step(STEP_S * FASTER)

    going = asyncio.create_task(clock())
    try:
        return await asyncio.to_thread(_looked, simulated.address, clip, within)
    finally:
        going.cancel()
        await simulated.stop()


def _looked(address: str, clip: Clip, within: list[int]) -> Taken:
    """Until the film begins again."""
    settings = Settings("rtsp", address, "", "", "digest", "", open_timeout_s=10, silent_s=10)
    found, next_read = Taken(), within[0]
    first, before_s = None, math.inf
    with contextlib.closing(rtsp_source.pictures(settings)) as stream:  # type: ignore[type-var]
        for one in stream:
            one.hold()
            picture = one.decode()
            assert picture is not None
            assert one.time_s is not None
            mark, at = fingerprint(picture), one.time_s * clip.frames_per_s
            if one.time_s < before_s:
                first = None  # FFmpeg's time stamps begin anew, after those by which it probes the stream
            before_s = one.time_s
            if first is None and mark in clip.marks:
                first = clip.marks.index(mark) - at
            number = None if first is None else round(first + at)
            if number is not None and number >= len(clip.marks):
                break
            found.count += 1
            found.torn += number is None or mark != clip.marks[number]
            if number in within and number >= next_read:
                found.read[number] = picture
                next_read = number + math.ceil(READ_S * clip.frames_per_s)
    return found
