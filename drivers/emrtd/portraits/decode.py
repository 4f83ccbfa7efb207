"""Makes a picture of a portrait's bytes, in a child process: what decodes them may be made to crash, hang or
grow.

The child holds no secret, opens no file and gives back a fresh JPEG: nothing of what a document said reaches
a screen undecoded.  One that fails costs its portrait; the next one finds a new child.  Who reads documents
gives each a child of its own (`renew`).
"""

import contextlib
import os
import select
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from drivers.emrtd.errors import EmrtdError, MalformedError
from drivers.emrtd.portraits.face import FaceImage, ImageFormat, sniff

WORKER = "drivers.emrtd.portraits.worker"
IMAGE_BYTES_MAX = 512 * 1024
"""Of one undecoded portrait: the greatest file that is read from a chip."""
PIXELS_MAX = 4_000_000
"""Decoded: eighteen times the portraits of the specimens."""
MEMORY_BYTES = 512 * 1024 * 1024
"""Address space of the child: interpreter, libraries, and the greatest picture in its decoder's own form."""
DECODE_S = 5.0
"""Wall time for one portrait, and as much processor time; a usual one takes 30 ms."""
START_S = 20.0
"""For a child to come up, on a slow and busy machine."""
JPEG_BYTES_MAX = 8 * 1024 * 1024

LENGTH = struct.Struct(">I")
ANSWER = struct.Struct(">BHHI")
"""Kind (READY, PICTURE, REFUSED), width, height, length of the bytes behind it."""
READY, PICTURE, REFUSED = 0, 1, 2
_ENVIRONMENT = ("PATH", "LANG", "LD_LIBRARY_PATH", "PYTHONPATH")


class DecoderFailed(EmrtdError):
    """No portrait can be decoded: the child process does not start or its libraries are missing."""


class PortraitRefused(MalformedError):
    """These bytes give no picture within the limits; says why."""


@dataclass(frozen=True, slots=True)
class Portrait:
    """A decoded portrait: `jpeg` is encoded anew (RGB or grey), width and height are its pixels."""

    width: int
    height: int
    format: ImageFormat
    jpeg: bytes = field(repr=False)


class Decoder:
    """Decodes one portrait after another, `with`.  Blocking; may be shared by threads, which then wait."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._ready = False
        self._lock = threading.Lock()

    def __enter__(self) -> "Decoder":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def warm_up(self) -> None:
        """Start the child ahead of the first portrait: it takes longer than decoding.  DecoderFailed."""
        with self._lock:
            self._started()

    def decode(self, image: bytes) -> Portrait:
        """The picture in `image` (JPEG, JPEG 2000 or its bare code stream).  PortraitRefused,
        DecoderFailed."""
        found = sniff(image)
        if found is None:
            raise PortraitRefused("portrait: its first bytes are those of neither JPEG nor JPEG 2000")
        if len(image) > IMAGE_BYTES_MAX:
            raise PortraitRefused(f"portrait: {len(image)} bytes, more than {IMAGE_BYTES_MAX}")
        with self._lock:
            child = self._started()
            try:
                kind, width, height, blob = _exchange(child, image)
            except _Broken as broken:
                self._end()
                raise PortraitRefused(f"portrait: the decoder {broken}") from None
        if kind == REFUSED:
            raise PortraitRefused(f"portrait: {blob.decode('utf-8', 'replace')}")
        return Portrait(width, height, found, blob)

    def first(self, faces: Iterable[FaceImage]) -> Portrait:
        """The first face that decodes.  PortraitRefused with the last reason if none does, DecoderFailed."""
        last = PortraitRefused("portrait: there is no picture")
        for face in faces:
            try:
                return self.decode(face.image)
            except PortraitRefused as refused:
                last = refused
        raise last

    def renew(self) -> None:
        """A document is done with: its child ends, and the next one begins without being waited for.  What
        one document's bytes may have made of a child never sees another's face."""
        with self._lock:
            if self._child is None:
                return  # closed, or broken by the document's bytes: the next portrait finds a new one
            self._end()
            with contextlib.suppress(OSError):  # the next portrait says so
                self._begin()

    def close(self) -> None:
        """End the child.  Idempotent; another `decode` starts a new one."""
        with self._lock:
            self._end()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self._end()
        try:
            child = self._child or self._begin()
            if not self._ready:
                kind, *_, why = _answer(child, time.monotonic() + START_S)
                if kind != READY:
                    raise _Broken(f"says: {why.decode('utf-8', 'replace')}")
                self._ready = True
        except (OSError, _Broken) as error:
            self._end()
            raise DecoderFailed(f"the portraits' decoder does not start: {error}") from None
        return child

    def _begin(self) -> subprocess.Popen[bytes]:
        environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        child = self._child = subprocess.Popen(
            [sys.executable, "-P", "-m", WORKER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment | {"OMP_NUM_THREADS": "1", "OMP_THREAD_LIMIT": "1"},
            start_new_session=True,
            bufsize=0,
        )
        if child.stdin is not None:
            os.set_blocking(child.stdin.fileno(), False)
        return child

    def _end(self) -> None:
        child, self._child, self._ready = self._child, None, False
        if child is None:
            return
        child.kill()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        child.wait()


class _Broken(Exception):
    """The child died, hung or broke the protocol; the message goes on from "the decoder"."""


def _exchange(child: subprocess.Popen[bytes], image: bytes) -> tuple[int, int, int, bytes]:
    until = time.monotonic() + DECODE_S
    _send(child, LENGTH.pack(len(image)) + image, until)
    kind, width, height, blob = _answer(child, until)
    if kind == READY:
        raise _Broken("sent what is no answer")
    return kind, width, height, blob


def _send(child: subprocess.Popen[bytes], order: bytes, until: float) -> None:
    """The order to the child, which may have stopped reading: _Broken when it has not taken it by then."""
    pipe = child.stdin
    if pipe is None:
        raise _Broken("has no standard input")
    left = memoryview(order)
    poll = select.poll()
    poll.register(pipe, select.POLLOUT)
    try:
        while left:
            wait_s = until - time.monotonic()
            if wait_s <= 0 or not poll.poll(wait_s * 1000):
                raise _Broken("took too long and was ended")
            left = left[os.write(pipe.fileno(), left) :]
    except OSError:
        raise _Broken("ended before it took the picture") from None


def _answer(child: subprocess.Popen[bytes], until: float) -> tuple[int, int, int, bytes]:
    kind, width, height, length = ANSWER.unpack(_exactly(child, ANSWER.size, until))
    if kind not in (READY, PICTURE, REFUSED) or length > JPEG_BYTES_MAX:
        raise _Broken("sent what is no answer")
    return kind, width, height, _exactly(child, length, until)


def _exactly(child: subprocess.Popen[bytes], size: int, until: float) -> bytes:
    """So many bytes from the child, or _Broken when they have not come by then."""
    pipe = child.stdout
    if pipe is None:
        raise _Broken("has no standard output")
    got = bytearray()
    poll = select.poll()  # select.select fails in a process with over 1,024 open files
    poll.register(pipe, select.POLLIN)
    while len(got) < size:
        left = until - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            raise _Broken("took too long and was ended")
        piece = os.read(pipe.fileno(), size - len(got))
        if not piece:
            raise _Broken("broke down on it")
        got += piece
    return bytes(got)
