"""The one clock of a daemon: wall-clock time, boot id, monotonic time, and whether the wall clock can be
believed.  Nothing else in the daemon reads a clock."""

import asyncio
import ctypes
import math
import secrets
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from lane_controller.messages.parts import Stamp
from lane_controller.messages.words import ClockQuality

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
QUALITY_FOR_S = 10.0
"""The kernel is asked again this often."""
JUMP_S = 1.0
"""A wall clock that moved further than this against the monotonic clock has jumped; less is being slewed."""

STA_UNSYNC = 0x0040
TIME_ERROR = 5
TIMEX_BYTES = 256
"""struct timex is 208 bytes on 64-bit Linux (linux/timex.h): the kernel writes into it."""


def kernel_quality() -> ClockQuality:
    """Whether the kernel's clock is disciplined: adjtimex(2) says TIME_ERROR while it is not."""
    try:
        adjtimex = ctypes.CDLL(None).adjtimex
    except (OSError, AttributeError):
        return ClockQuality.FREE
    timex = ctypes.create_string_buffer(TIMEX_BYTES)  # modes = 0: only read
    return ClockQuality.FREE if adjtimex(timex) in (-1, TIME_ERROR) else ClockQuality.SYNCHRONISED


def boot_id(path: Path = BOOT_ID) -> str:
    """The kernel's random id of this boot.  Where it can't be read, one of this process: durations then count
    within the process alone, which is the safe side."""
    try:
        return path.read_text().strip()
    except OSError:
        return process_id()


def process_id() -> str:
    """A boot id of this process alone."""
    return f"process-{secrets.token_hex(8)}"


class Clock:
    """Times of one daemon.  `speed` other than 1 is for simulated lanes alone: all durations then pass that
    much faster, the wall clock too, beginning at the true time.  Such a clock starts anew with each process,
    and what the one before it measured is of another boot: it had run ahead of the machine's."""

    def __init__(
        self, *, speed: float = 1.0, source: Literal["system", "trusted"] = "system", boot: str = ""
    ) -> None:
        self.speed = speed
        self.boot = boot or (boot_id() if speed == 1.0 else process_id())
        self._trusted = source == "trusted"
        self._mono_began, self._utc_began = time.monotonic(), time.time()
        self._quality = ClockQuality.FREE
        self._asked_s = -math.inf
        self._offset_s = self._offset_now_s()

    def mono_s(self) -> float:
        """Seconds of the monotonic clock, in microseconds' steps (as the journal keeps them)."""
        return self.mono_of(time.monotonic())

    def mono_of(self, monotonic_s: float) -> float:
        """This clock's seconds at a moment of `time.monotonic()`, which is what drivers stamp with."""
        elapsed = (monotonic_s - self._mono_began) * self.speed
        return round(self._mono_began + elapsed, 6)

    def utc(self) -> datetime:
        if self.speed == 1.0:
            return datetime.now(UTC)
        began = datetime.fromtimestamp(self._utc_began, UTC)
        return began + timedelta(seconds=(time.time() - self._utc_began) * self.speed)

    def quality(self) -> ClockQuality:
        if self._trusted:
            return ClockQuality.SYNCHRONISED
        now = time.monotonic()
        if now - self._asked_s > QUALITY_FOR_S:
            self._quality, self._asked_s = kernel_quality(), now
        return self._quality

    def stamp(self) -> Stamp:
        return Stamp.model_construct(
            utc=self.utc(), boot=self.boot, mono_s=self.mono_s(), clock=self.quality()
        )

    def jump_s(self) -> float | None:
        """Seconds by which the wall clock has jumped since the last time this said so; None when it has not.
        Slewing by a time service is followed silently."""
        offset = self._offset_now_s()
        by, self._offset_s = offset - self._offset_s, offset
        return by if abs(by) > JUMP_S else None

    def _offset_now_s(self) -> float:
        return time.time() - time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Sleep for seconds of this clock."""
        await asyncio.sleep(max(seconds, 0.0) / self.speed)
