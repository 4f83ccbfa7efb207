"""Pictures of an RTSP stream, decoded by OpenCV's FFmpeg behind a relay that lets only whole ones through."""

import os
from collections.abc import Iterator
from typing import cast
from urllib.parse import quote, urlsplit, urlunsplit

import cv2

from drivers.plate_camera.jpeg import PIXELS_MAX
from drivers.plate_camera.liveness import Arrived
from drivers.plate_camera.pictures import Picture
from drivers.plate_camera.rtsp_relay import Relay
from drivers.plate_camera.sources import SIDE_MIN, Settings, SourceError, Taken

RTSP_PORT = 554
GRABS_FAILED_MAX = 3
"""FFmpeg fails once on a picture that changes its size while it still probes the stream, and then goes on; at
the end of a stream it fails at once, and each time-out of a silent one is one failure."""
# TCP, because a lost UDP packet tears pictures.  What is read to find out about the stream is shown too (no
# `nobuffer`): it begins with a picture that stands for itself, and the next one may be seconds away.
_FFMPEG_OPTIONS = (
    "rtsp_transport;tcp|allowed_media_types;video|analyzeduration;100000|probesize;100000|flags;low_delay"
    "|threads;1"
)


class _Grabbed(Taken):
    def __init__(self, capture: cv2.VideoCapture) -> None:
        self._capture = capture
        self._picture: Picture | None = None
        self.time_s = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000

    def hold(self) -> None:
        good, picture = self._capture.retrieve()
        whole = good and picture.ndim == 3 and min(picture.shape[:2]) >= SIDE_MIN
        self._picture = cast(Picture, picture) if whole else None

    def decode(self) -> Picture | None:
        return self._picture


def pictures(settings: Settings, arrived: Arrived | None = None) -> Iterator[Taken]:
    """Pictures as they come, counted in `arrived` also when torn; raises SourceError when they end."""
    parts = urlsplit(settings.url)
    try:
        relay = Relay(parts.hostname or "", parts.port or RTSP_PORT, settings.open_timeout_s, arrived)
    except TimeoutError:
        raise SourceError("timeout", "nobody answers there") from None
    except OSError as error:
        raise SourceError("unavailable", f"{error.strerror or error}") from None
    try:
        yield from _played(settings, relay)
    finally:
        relay.close()


def _played(settings: Settings, relay: Relay) -> Iterator[Taken]:
    os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = _FFMPEG_OPTIONS
    who = f"{quote(settings.user, safe='')}:{quote(settings.password, safe='')}@" if settings.user else ""
    url = urlunsplit(urlsplit(settings.url)._replace(netloc=f"{who}127.0.0.1:{relay.port}"))
    open_ms, silent_ms = int(settings.open_timeout_s * 1000), int(settings.silent_s * 1000)
    timeouts = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, open_ms, cv2.CAP_PROP_READ_TIMEOUT_MSEC, silent_ms]
    capture = cv2.VideoCapture(url, cv2.CAP_FFMPEG, timeouts)
    if not capture.isOpened():
        raise _why_no_more(relay, "open", "the RTSP stream could not be opened")
    width, height = (int(capture.get(side)) for side in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT))
    if width * height > PIXELS_MAX or 0 < min(width, height) < SIDE_MIN:
        raise SourceError("protocol", f"pictures of {width} x {height} pixels")
    failed = torn = 0
    while failed <= GRABS_FAILED_MAX:
        if capture.grab():
            failed = 0
            yield _Grabbed(capture)
        elif relay.arrived.torn > torn:
            failed, torn = 0, relay.arrived.torn  # the parent tells for how long that is borne
        else:
            failed += 1
    raise _why_no_more(relay, "lost", "the RTSP stream ended, or nothing came for too long")


def _why_no_more(relay: Relay, kind: str, message: str) -> SourceError:
    """Why, if the relay knows it."""
    if relay.broken:
        return SourceError("protocol", relay.broken, relay.hint)
    if relay.arrived.torn:
        message += f"; {relay.arrived.torn} torn pictures were left out"
        if not relay.arrived.whole:
            kind = "torn"
    return SourceError(kind, message)
