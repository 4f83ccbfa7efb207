"""The child process of one plate camera: grabs the newest picture, reads plates while told to watch.

OpenCV and FFmpeg block, hang and crash; here they do it alone.  The parent talks on standard input (first a
line of settings, then `{"watch": true}` or `{"picture": 7}`), messages go out on standard output
(`framing.py`), FFmpeg's complaints on standard error.  The end of standard input is the end of the process,
whatever else hangs.

One thread grabs, one reads plates, the main one listens.  Between them stands one slot: a picture that was
not read before a newer one came is never read.
"""

import hashlib
import json
import os
import resource
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO

import cv2
import numpy as np

import anpr
from drivers.plate_camera import framing
from drivers.plate_camera.sources import Picture, Settings, SourceError, Taken, pictures

MEMORY_BYTES = 2 * 1024**3
"""Address space, Tesseract's included: a stream that unpacks to more ends this process, not the machine."""
PULSE_S = 0.5
"""Longest time between two frames told while pictures come."""
READ_S = 0.4
"""From one picture read to the next: several lanes share a computer, and a vehicle stands for seconds."""
READ_KEPT = 16
"""Pictures whose plates are remembered: the same picture is not read twice."""
PICTURE_BYTES_MAX = 200_000
CROP_MARGIN = 0.25
"""Of the plate's box, on each side."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """One decoded picture on its way to the reader."""

    number: int
    time_s: float | None
    fingerprint: str
    picture: Picture


class Worker:
    """The state that the three threads share."""

    def __init__(self, settings: Settings, channel: BinaryIO) -> None:
        self._settings = settings
        self._channel = channel
        self._watching = threading.Event()
        self._pictures_asked: list[int] = []
        self._slot: Numbered | None = None
        self._changed = threading.Condition()
        self._reader_idle = True
        self._writing = threading.Lock()
        self._told_s = self._read_s = 0.0
        self._read_before: dict[str, tuple[anpr.PlateReading, ...]] = {}

    def run(self) -> None:
        """Listen to the parent until it goes."""
        for target in (self._grab, self._read):
            threading.Thread(target=self._guarded, args=(target,), daemon=True).start()
        for line in sys.stdin:
            order = json.loads(line)
            if "watch" in order:
                (self._watching.set if order["watch"] else self._watching.clear)()
            if "picture" in order and len(self._pictures_asked) < 8:
                self._pictures_asked.append(int(order["picture"]))
        os._exit(0)

    def _guarded(self, target: Callable[[], None]) -> None:
        """Whatever ends a thread ends the process, with the reason as its last message."""
        kind, message, hint = "fault", "the reader ended", ""
        try:
            target()
        except SourceError as error:
            kind, message, hint = error.kind, error.message, error.hint
        except MemoryError:
            kind, message = "protocol", f"a picture took more than {MEMORY_BYTES >> 20} MiB to decode"
        except BaseException as error:  # told to the parent, which logs it as this device's fault
            message = f"{type(error).__name__}: {error}"
        self._send({"kind": "error", "error": kind, "message": message[:500], "hint": hint})
        os._exit(1)

    def _send(self, header: dict[str, Any], blob: bytes = b"") -> None:
        message = framing.pack(header, blob)
        with self._writing:
            self._channel.write(message)
            self._channel.flush()

    # the grabbing thread

    def _grab(self) -> None:
        for number, taken in enumerate(pictures(self._settings), 1):
            now_s = time.monotonic()
            wanted = self._watching.is_set() and self._reader_idle and now_s - self._read_s >= READ_S
            if wanted or self._pictures_asked or now_s - self._told_s >= PULSE_S:
                self._look(number, taken, wanted)

    def _look(self, number: int, taken: Taken, wanted: bool) -> None:
        picture = taken.decode()
        if picture is None:
            return
        seen = Numbered(number, taken.time_s, fingerprint(picture), picture)
        if self._told_s == 0.0:
            height, width = picture.shape[:2]
            self._send({"kind": "opened", "width": width, "height": height})
        while self._pictures_asked:
            self._send({"kind": "picture", "id": self._pictures_asked.pop(0)}, small_jpeg(picture))
        if wanted:
            self._read_s = time.monotonic()
            with self._changed:
                self._slot, self._reader_idle = seen, False
                self._changed.notify()
        if time.monotonic() - self._told_s >= PULSE_S:
            self._tell(seen, watched=False)

    def _tell(self, seen: Numbered, *, watched: bool, plates: tuple[anpr.PlateReading, ...] = ()) -> None:
        self._told_s = time.monotonic()
        header = {
            "kind": "frame",
            "number": seen.number,
            "fingerprint": seen.fingerprint,
            "time_s": seen.time_s,
            "watched": watched,
            "plates": [
                [one.text, one.display, one.country, one.confidence, one.box, one.alternatives]
                for one in plates
            ],
        }
        self._send(header, crop(seen.picture, plates[0].box) if plates else b"")

    # the reading thread

    def _read(self) -> None:
        while True:
            with self._changed:
                while self._slot is None:
                    self._changed.wait()
                seen, self._slot = self._slot, None
            plates = self._plates(seen)
            self._tell(seen, watched=True, plates=plates)
            self._reader_idle = True

    def _plates(self, seen: Numbered) -> tuple[anpr.PlateReading, ...]:
        known = self._read_before
        if seen.fingerprint not in known:
            if len(known) >= READ_KEPT:
                del known[next(iter(known))]
            known[seen.fingerprint] = anpr.read(seen.picture)
        return known[seen.fingerprint]


def fingerprint(picture: Picture) -> str:
    """A hash of the decoded picture."""
    return hashlib.blake2b(np.ascontiguousarray(picture).data, digest_size=12).hexdigest()


def crop(picture: Picture, box: tuple[int, int, int, int]) -> bytes:
    """A plate with some margin, as JPEG."""
    x, y, width, height = box
    by = int(width * CROP_MARGIN)
    return small_jpeg(picture[max(0, y - by) : y + height + by, max(0, x - by) : x + width + by])


def small_jpeg(picture: Picture) -> bytes:
    """A JPEG of at most PICTURE_BYTES_MAX: less quality first, then fewer pixels."""
    quality = 88
    while True:
        data = bytes(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1])
        if len(data) <= PICTURE_BYTES_MAX:
            return data
        if quality > 50:
            quality -= 15
        else:
            half = cv2.resize(picture, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)
            picture = half.astype(np.uint8)


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    cv2.setNumThreads(1)
    # OpenCV prints FFmpeg's complaints on standard output: they must not stand between the messages.
    channel = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    Worker(Settings(**json.loads(sys.stdin.readline())), channel).run()


if __name__ == "__main__":
    main()
