"""The child process of one plate camera: receives pictures, reads plates in the newest while told to watch.

OpenCV and FFmpeg block, hang and crash; here they do it alone.  The parent talks on standard input (first a
line of settings, then `{"watch": true}`, `{"picture": 7}` or, for a still of at most so many bytes,
`{"picture": 8, "bytes": 40000}`), messages go out on standard output (drivers/framing.py), FFmpeg's
complaints on standard error.  The end of standard input is the end of the process, whatever else hangs.

One thread receives, one tells how many came, one looks, one reads plates, the main one listens.  Between
them stands room for one picture, given only to who waits for it: nothing queues, so what is looked at and
read is the newest, and the wire is drained whatever the others do.
"""

import json
import os
import resource
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO, Generic, TypeVar

import cv2

import anpr
from anpr import formats
from anpr.reader import Reader
from drivers import framing
from drivers.plate_camera.arrivals import Arrivals
from drivers.plate_camera.liveness import Arrived
from drivers.plate_camera.overheard import Overheard, standard_output
from drivers.plate_camera.pictures import Picture, crop, fingerprint, small_jpeg, still_jpeg
from drivers.plate_camera.sources import Settings, SourceError, Taken, pictures
from drivers.plate_camera.whole_pictures import TOO_LARGE

MEMORY_BYTES = 2 * 1024**3
"""Address space, the reader's networks included: a stream that unpacks to more ends this process alone."""
STALE_S = 0.3
"""A picture that was held up for longer has newer ones behind it, at hand in milliseconds."""
PULSE_S = 0.5
"""Longest time between two frames told while pictures come."""
ARRIVED_S = 0.2
"""Between two tellings of what has arrived."""
READ_S = 0.4
"""From one picture read to the next: several lanes share a computer, and a vehicle stands for seconds."""
AGAIN_S = 0.1
"""The same when it had been read before, which costs nothing and brings nothing new."""
READ_KEPT = 16
"""Pictures whose plates are remembered: the same picture is not read twice."""


@dataclass(frozen=True, slots=True)
class Come:
    """A picture that has come, not yet decoded; `fresh` when nothing newer can be at hand."""

    number: int
    taken_s: float
    fresh: bool
    taken: Taken


@dataclass(frozen=True, slots=True)
class Numbered:
    """One decoded picture on its way to the reader; `taken_s` in monotonic seconds."""

    number: int
    taken_s: float
    time_s: float | None
    fingerprint: str
    picture: Picture


Item = TypeVar("Item")


class Slot(Generic[Item]):
    """Room for one item, which is given only to a thread that waits for it."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting = False
        self._item: Item | None = None

    @property
    def waited_for(self) -> bool:
        return self._waiting

    def give(self, item: Item) -> None:
        """To the one that waits; nobody else gives here."""
        with self._changed:
            self._item, self._waiting = item, False
            self._changed.notify()

    def take(self) -> Item:
        """Wait for the next item."""
        with self._changed:
            self._waiting = True
            while self._item is None:
                self._changed.wait()
            item, self._item = self._item, None
            return item


class Worker:
    """The state that the threads share."""

    def __init__(self, settings: Settings, channel: BinaryIO, overheard: Overheard) -> None:
        self._settings = settings
        self._overheard = overheard
        self._reader = Reader(formats.table().with_priors(settings.priors))
        self._channel = channel
        self._arrived = Arrived()
        self._watching = threading.Event()
        self._pictures_asked: list[tuple[int, int | None]] = []
        self._to_look = Slot[Come]()
        self._to_read = Slot[Numbered]()
        self._writing = threading.Lock()
        self._told_s = self._read_s = 0.0
        self._size = (0, 0)
        self._read_before: dict[str, anpr.FrameReading] = {}

    def run(self) -> None:
        """Listen to the parent until it goes."""
        for target in (self._receive, self._count, self._look, self._read):
            threading.Thread(target=self._guarded, args=(target,), daemon=True).start()
        for line in sys.stdin:
            order = json.loads(line)
            if "watch" in order:
                (self._watching.set if order["watch"] else self._watching.clear)()
            if "picture" in order and len(self._pictures_asked) < 8:
                self._pictures_asked.append((int(order["picture"]), order.get("bytes")))
        os._exit(0)

    def _guarded(self, target: Callable[[], None]) -> None:
        """Whatever ends a thread ends the process, with the reason as its last message."""
        kind, message, hint = "fault", "the reader ended", ""
        try:
            target()
        except SourceError as error:
            kind, message, hint = error.kind, error.message, error.hint
        except (MemoryError, cv2.error) as error:
            if isinstance(error, MemoryError) or error.code == cv2.Error.StsNoMem:
                kind, hint = "protocol", TOO_LARGE
                message = f"a picture took more than {MEMORY_BYTES >> 20} MiB to decode"
            else:
                message = f"{type(error).__name__}: {error}"
        except BaseException as error:  # told to the parent, which logs it as this device's fault
            message = f"{type(error).__name__}: {error}"
        self._send({"kind": "error", "error": kind, "message": message[:500], "hint": hint})
        os._exit(1)

    def _send(self, header: dict[str, Any], blob: bytes = b"") -> None:
        message = framing.pack(header, blob)
        with self._writing:
            self._channel.write(message)
            self._channel.flush()

    # the receiving thread

    def _receive(self) -> None:
        arrivals = Arrivals()
        for number, taken in enumerate(pictures(self._settings, self._arrived, self._overheard), 1):
            came_s = time.monotonic()
            lag_s = arrivals.lag_s(taken.time_s, came_s)
            fresh = lag_s < STALE_S
            if self._to_look.waited_for and self._wanted(fresh):
                taken.hold()
                self._to_look.give(Come(number, came_s - lag_s, fresh, taken))

    def _wanted(self, fresh: bool) -> bool:
        """Whether a picture that comes now is to be looked at."""
        pulse = time.monotonic() - self._told_s >= PULSE_S
        return pulse or (fresh and (bool(self._pictures_asked) or self._wanted_to_read()))

    def _wanted_to_read(self) -> bool:
        waited_for = self._watching.is_set() and self._to_read.waited_for
        return waited_for and time.monotonic() >= self._read_s

    # the counting thread: the receiving one sleeps in FFmpeg while pictures come torn

    def _count(self) -> None:
        before: dict[str, int] = {}
        while True:
            counts = asdict(self._arrived)
            if counts != before:
                before = counts
                self._send({"kind": "arrived", **counts})
            time.sleep(ARRIVED_S)

    # the looking thread

    def _look(self) -> None:
        while True:
            come = self._to_look.take()
            picture = come.taken.decode()
            if picture is None:
                continue
            seen = Numbered(come.number, come.taken_s, come.taken.time_s, fingerprint(picture), picture)
            height, width = picture.shape[:2]
            if (width, height) != self._size:
                self._size = (width, height)
                self._send({"kind": "opened", "width": width, "height": height})
            while come.fresh and self._pictures_asked:
                number, most = self._pictures_asked.pop(0)
                small = small_jpeg(picture) if most is None else still_jpeg(picture, most)
                self._send({"kind": "picture", "id": number}, small)
            if come.fresh and self._wanted_to_read():
                again = seen.fingerprint in self._read_before
                self._read_s = time.monotonic() + (AGAIN_S if again else READ_S)
                self._to_read.give(seen)
            if time.monotonic() - self._told_s >= PULSE_S:
                self._tell(seen)

    def _tell(self, seen: Numbered, read: anpr.FrameReading | None = None) -> None:
        """Tell a picture, and when it was read show it."""
        self._told_s = time.monotonic()
        plates = read.candidates if read else ()
        whole = b"" if read is None else small_jpeg(seen.picture)
        crops = [crop(seen.picture, one.box) for one in plates]
        height, width = seen.picture.shape[:2]
        header = {
            "kind": "frame",
            "number": seen.number,
            "taken_s": seen.taken_s,
            "fingerprint": seen.fingerprint,
            "time_s": seen.time_s,
            "size": (width, height),
            "watched": read is not None,
            "plates": [asdict(one) for one in (read.voting if read else ())],
            "doubtful": [asdict(one) for one in (read.doubtful if read else ())],
            "refused": read.left_out if read else (),
            "picture_bytes": len(whole),
            "crop_bytes": [len(one) for one in crops],
        }
        self._send(header, b"".join((whole, *crops)))

    # the reading thread

    def _read(self) -> None:
        while True:
            seen = self._to_read.take()
            self._tell(seen, self._examined(seen))

    def _examined(self, seen: Numbered) -> anpr.FrameReading:
        known = self._read_before
        if seen.fingerprint not in known:
            if len(known) >= READ_KEPT:
                del known[next(iter(known))]
            known[seen.fingerprint] = self._reader.examine(seen.picture)
        return known[seen.fingerprint]


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    cv2.setNumThreads(1)
    # OpenCV prints FFmpeg's complaints on standard output: they must not stand between the messages.
    channel = os.fdopen(os.dup(1), "wb")
    Worker(Settings(**json.loads(sys.stdin.readline())), channel, standard_output()).run()


if __name__ == "__main__":
    main()
