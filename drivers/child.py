"""The parent's side of a child process that does what blocks, hangs or crashes: started, heard, killed.

The child is a module of ours that reads orders on its standard input, one JSON text a line, and sends
messages (`framing.py`) on its standard output.  The end of its standard input is its own end.
"""

import asyncio
import contextlib
import json
import os
import re
import signal
import sys
from collections import deque
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

from drivers import framing
from drivers.framing import BrokenMessage

COMPLAINTS_MAX = 20
COMPLAINT_CHARACTERS_MAX = 300
_ENVIRONMENT = ("PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH", "TESSDATA_PREFIX", "PYTHONPATH")
"""What the child gets of ours: our environment may hold other devices' secrets."""


class Gone(Exception):
    """The child has ended, or broke its protocol; the message says how."""


class Child:
    """One child process.  `secrets` are struck out of what it complains."""

    def __init__(self, process: asyncio.subprocess.Process, secrets: tuple[str, ...]) -> None:
        self._process = process
        # One or two characters are no secret, and stand in every other word.
        self._secrets = tuple(secret for secret in secrets if len(secret) > 2)
        self.complaints: deque[str] = deque(maxlen=COMPLAINTS_MAX)
        self._listening = asyncio.create_task(self._collect_complaints())

    @classmethod
    async def start(cls, module: str, settings: dict[str, Any], secrets: tuple[str, ...] = ()) -> "Child":
        """Start `python -m module` and give it its settings, on its standard input.  Raises OSError, Gone."""
        environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        # One thread each: a lane's computer has other work.
        environment |= {"OMP_THREAD_LIMIT": "1", "OPENBLAS_NUM_THREADS": "1", "OPENCV_FFMPEG_THREADS": "1"}
        # Only so does FFmpeg tell the true cause of a failure and, at level 32, which pictures it mended.
        environment |= {"OPENCV_FFMPEG_DEBUG": "1", "OPENCV_FFMPEG_LOGLEVEL": "32"}
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-u", "-P", "-m", module),  # unbuffered: what C code prints is there at once
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment,
            start_new_session=True,
        )
        child = cls(process, secrets)
        await child.tell(settings)
        return child

    async def tell(self, order: dict[str, Any], blob: bytes = b"", within_s: float = 1.0) -> None:
        """Send one order, and `blob` right behind it; raises Gone when it is not taken in time."""
        pipe = self._process.stdin
        try:
            if pipe is None or pipe.is_closing():
                raise Gone("its pipe is closed")
            pipe.write(json.dumps(order).encode() + b"\n" + blob)
            await asyncio.wait_for(pipe.drain(), within_s)
        except (OSError, TimeoutError) as error:
            raise Gone(f"it does not listen ({error!r})") from None

    async def messages(self) -> AsyncIterator[tuple[dict[str, Any], bytes]]:
        """Header and bytes of each message; raises Gone at the end."""
        pipe = self._process.stdout
        if pipe is None:
            raise Gone("it has no standard output")
        while True:
            try:
                header, blob = framing.lengths(await pipe.readexactly(framing.PREFIX.size))
                yield framing.unpack(await pipe.readexactly(header)), await pipe.readexactly(blob)
            except asyncio.IncompleteReadError:
                await self.last_words()
                code = await self._process.wait()
                raise Gone(f"it ended with {_how(code)}") from None
            except BrokenMessage as error:
                raise Gone(f"it sent {error}") from None

    async def ended(self) -> str:
        """Wait for its end; says how it ended."""
        return f"it ended with {_how(await self._process.wait())}"

    def hang_up(self) -> None:
        """Close its standard input, as our own death would: it ends by itself."""
        if self._process.stdin is not None:
            self._process.stdin.close()

    async def last_words(self) -> None:
        """Wait until the complaints of a child that ends have come: they come on another pipe."""
        await asyncio.wait({self._listening}, timeout=0.5)

    async def kill(self) -> None:
        """End it and whatever it started, at once.  Idempotent."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), 0.8)
        self._listening.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._listening

    def scrub(self, text: str) -> str:
        """A text without credentials."""
        for secret in self._secrets:
            text = text.replace(secret, "***").replace(quote(secret, safe=""), "***")
        return re.sub(r"//[^/@\s]*@", "//", text)

    async def _collect_complaints(self) -> None:
        pipe = self._process.stderr
        while pipe is not None:
            try:
                line = await pipe.readuntil(b"\n")
            except asyncio.LimitOverrunError as error:
                line = await pipe.read(error.consumed)
            except (asyncio.IncompleteReadError, OSError):
                return
            text = self.scrub(line.decode("utf-8", "replace").strip())
            if text:
                self.complaints.append(text[:COMPLAINT_CHARACTERS_MAX])


def _how(code: int) -> str:
    if code < 0:
        with contextlib.suppress(ValueError):
            return f"signal {signal.Signals(-code).name}"
    return f"exit status {code}"
