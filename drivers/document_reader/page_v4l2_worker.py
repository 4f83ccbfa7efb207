"""The child process of one page camera: looks, and sends the best frames of each page that lies still.

OpenCV and the kernel's driver block and hang; here they do it alone.  Standard input: one line of settings,
then nothing; its end is the end of the process.  Standard output (drivers/framing.py): `opened` with width
and height, `alive` twice a second, `frame` with `left` (how many more of this page follow) and a JPEG, and
`error`.
"""

import json
import os
import resource
import stat
import sys
import threading
import time
from typing import Any, BinaryIO, NoReturn, cast

import cv2
import numpy as np
import numpy.typing as npt

from drivers import framing
from drivers.document_reader.page_frames import PIXELS_MAX
from drivers.document_reader.page_present import PagePresent, Verdict, View

MEMORY_BYTES = 2 * 1024**3
VIEW_SIZE = (96, 72)
FRAMES_TOLD = 3
"""Of one page, the sharpest first."""
EDGE = 40
"""Of the Laplacian of a picture of LOOKED_WIDTH: print, where noise stays below."""
LOOKED_WIDTH = 800
ALIVE_S = 0.5
LOOK_EVERY_S = 0.09
"""Pictures between are not decoded: several lanes share a computer."""
FAILED_MAX = 5
"""Pictures in a row that could not be had."""

Picture = npt.NDArray[np.uint8]


class Lost(Exception):
    """No more pictures come; `kind` is `unavailable` or `refused`."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def capture(settings: dict[str, Any]) -> cv2.VideoCapture:
    """The open camera.  A FIFO with motion JPEG stands for one in tests, read by FFmpeg.  Raises Lost."""
    path = str(settings["path"])
    try:
        kind = os.stat(path).st_mode
    except OSError as error:
        refused = isinstance(error, PermissionError)
        raise Lost("refused" if refused else "unavailable", f"{error.strerror}") from None
    if not stat.S_ISCHR(kind):
        if not (stat.S_ISFIFO(kind) or stat.S_ISREG(kind)):
            raise Lost("refused", "no camera")
        # Named, for the stream may begin in the middle of a picture, by which no format is known.
        os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = (
            "input_format;mjpeg|fflags;nobuffer|probesize;32768|threads;1"
        )
        opened = cv2.VideoCapture(path, cv2.CAP_FFMPEG)
    elif not os.access(path, os.R_OK | os.W_OK):
        raise Lost("refused", "no permission")
    else:
        opened = cv2.VideoCapture(path, cv2.CAP_V4L2)
        # Motion JPEG: raw pictures of a page's size come through USB 2 once a second at best.
        opened.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        opened.set(cv2.CAP_PROP_FRAME_WIDTH, settings["width"])
        opened.set(cv2.CAP_PROP_FRAME_HEIGHT, settings["height"])
        opened.set(cv2.CAP_PROP_BUFFERSIZE, 1)
    if not opened.isOpened():
        raise Lost("unavailable", "it can't be opened; another program may have it")
    return opened


def _decoded(camera: cv2.VideoCapture) -> Picture | None:
    """The picture that was grabbed; None when it is damaged.  Raises Lost."""
    good, picture = camera.retrieve()
    if not good:
        return None
    if picture.shape[0] * picture.shape[1] > PIXELS_MAX:
        raise Lost("refused", f"pictures of {picture.shape[1]} x {picture.shape[0]}")
    return cast(Picture, picture)


def seen(picture: Picture) -> tuple[View, float, float]:
    """The view, the share of fine edges, and the sharpness of a picture."""
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY) if picture.ndim == 3 else picture
    height, width = grey.shape
    if width > LOOKED_WIDTH:
        size = (LOOKED_WIDTH, max(1, height * LOOKED_WIDTH // width))
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    edges = np.abs(cv2.Laplacian(grey, cv2.CV_16S))
    view = cv2.resize(grey, VIEW_SIZE, interpolation=cv2.INTER_AREA).astype(np.float32)
    return view, float(np.mean(edges > EDGE)), float(np.mean(edges))


def jpeg(picture: Picture) -> bytes:
    """A picture as JPEG that fits into a message: less quality first, then fewer pixels."""
    for quality in (92, 80, 65):
        data = bytes(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1])
        if len(data) <= framing.BLOB_BYTES_MAX:
            return data
    half = cv2.resize(picture, None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA)
    return jpeg(cast(Picture, half))


class Worker:
    """One camera, until it is lost."""

    def __init__(self, settings: dict[str, Any], channel: BinaryIO) -> None:
        self._settings, self._channel = settings, channel
        self._present = PagePresent()
        self._collected: list[tuple[float, Picture]] = []

    def send(self, header: dict[str, Any], blob: bytes = b"") -> None:
        self._channel.write(framing.pack(header, blob))
        self._channel.flush()

    def run(self) -> NoReturn:
        """Look until the camera is lost.  Raises Lost."""
        camera = capture(self._settings)
        alive_s = looked_s = 0.0
        opened = False
        while True:
            self._grab(camera)
            now_s = time.monotonic()
            if now_s - looked_s < LOOK_EVERY_S:
                continue
            looked_s = now_s
            picture = _decoded(camera)
            if picture is None:
                continue
            if not opened:
                opened = True
                self.send({"kind": "opened", "width": picture.shape[1], "height": picture.shape[0]})
            if now_s - alive_s >= ALIVE_S:
                alive_s = now_s
                self.send({"kind": "alive"})
            self._look(picture, now_s)

    def _grab(self, camera: cv2.VideoCapture) -> None:
        """Wait for the next picture, which is not decoded yet."""
        if not any(camera.grab() for _ in range(FAILED_MAX)):
            raise Lost("unavailable", "no picture comes any more")

    def _look(self, picture: Picture, now_s: float) -> None:
        view, edges, sharpness = seen(picture)
        verdict = self._present.look(view, edges, now_s)
        if verdict in (Verdict.COLLECT, Verdict.DONE):
            best = sorted([*self._collected, (sharpness, picture)], key=lambda pair: -pair[0])
            self._collected = best[:FRAMES_TOLD]
        if verdict is Verdict.DONE:
            told = [jpeg(one) for _, one in self._collected]
            for left, data in zip(reversed(range(len(told))), told, strict=True):
                self.send({"kind": "frame", "left": left}, data)
        if verdict in (Verdict.DONE, Verdict.DROP):
            self._collected.clear()


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    cv2.setNumThreads(1)
    # OpenCV prints on standard output: that must not stand between the messages.
    channel = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    settings = json.loads(sys.stdin.buffer.readline())

    def listen() -> None:
        sys.stdin.buffer.read()
        os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    worker = Worker(settings, channel)
    kind, message = "fault", "it ended"
    try:
        worker.run()
    except Lost as error:
        kind, message = error.kind, str(error)
    except BaseException as error:  # told to the parent as this device's fault; its text holds no picture
        message = f"{type(error).__name__}: {error}"[:300]
    worker.send({"kind": "error", "error": kind, "message": message})
    os._exit(1)


if __name__ == "__main__":
    main()
