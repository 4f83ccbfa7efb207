"""What FFmpeg says while it decodes: the only way in which OpenCV tells that a picture was mended.

A decoder of H.264 that can't make out a slice fills its place with what was there before, and says so
(`concealing ...`, libavcodec/error_resilience.c, at level 32).  OpenCV prints that on standard output if its
environment wants it, at once where C's output is not buffered (`drivers/child.py` sees to both); here that is
turned into a pipe which this process reads itself.  A flood is cut off: the pipe never blocks.
"""

import fcntl
import os
import re

COMPLAINT_LEVEL = 24
"""Warnings and worse go on to whoever started this process."""
READ_BYTES = 256 * 1024
"""More than a pipe holds."""
_MENDED = re.compile(rb"\] concealing \d")
_CUT_OFF_BYTES = 60_000


class Overheard:
    """`fd` is the pipe's reading end."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        os.set_blocking(fd, False)

    def mended(self) -> bool:
        """Whether a picture was mended since the last time, or so much was said that it may have been."""
        try:
            said = os.read(self._fd, READ_BYTES)
        except BlockingIOError:
            return False
        for line in said.splitlines():
            level = re.match(rb"\[OPENCV:FFMPEG:(\d\d)\]", line)
            if level is None or int(level[1]) <= COMPLAINT_LEVEL:
                os.write(2, line[:500] + b"\n")
        return bool(_MENDED.search(said)) or len(said) > _CUT_OFF_BYTES


def standard_output() -> Overheard:
    """From now on nothing that is said on standard output leaves this process."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 64 * 1024)
    os.dup2(writing, 1)
    os.close(writing)
    return Overheard(reading)
