"""Pictures of an RTSP stream, decoded by OpenCV's FFmpeg behind a relay that lets only whole ones through."""

import os
from collections.abc import Iterator
from typing import cast
from urllib.parse import quote, urlsplit, urlunsplit

import cv2

from drivers.plate_camera.jpeg import PIXELS_MAX
from drivers.plate_camera.liveness import Arrived
from drivers.plate_camera.overheard import Overheard
from drivers.plate_camera.pictures import Picture
from drivers.plate_camera.rtsp_relay import Relay
from drivers.plate_camera.sources import SIDE_MIN, Settings, SourceError, Taken
from drivers.plate_camera.whole_pictures import TOO_LARGE

RTSP_PORT = 554
STEADY_PICTURES = 25
"""Of one size after another, else the camera changes it all the time."""
RESTLESS_MAX = 4
"""Times in a row that fewer came."""
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


class _Trust:
    """Whether what the decoder gives out is what the camera encoded.  From a picture on that it had to mend,
    it is not, until one comes that stands for itself."""

    def __init__(self, overheard: Overheard | None) -> None:
        self._overheard = overheard
        self._broken = self._renewing = False

    def begin(self) -> None:
        """What was said of the pictures that were decoded to find out about the stream counts for nothing."""
        if self._overheard is not None:
            self._overheard.mended()

    def grabbed(self, capture: cv2.VideoCapture) -> bool:
        """Whether the picture that was just grabbed can be trusted."""
        if self._overheard is not None and self._overheard.mended():
            self._broken, self._renewing = True, False
        elif self._broken:
            self._renewing |= capture.get(cv2.CAP_PROP_LRF_HAS_KEY_FRAME) == 1
            # With pictures that are given out in another order than they come, older ones follow the key.
            self._broken = not (self._renewing and chr(int(capture.get(cv2.CAP_PROP_FRAME_TYPE))) == "I")
        return not self._broken

    def failed(self) -> None:
        """The decoder gave nothing out of a whole picture."""
        self._broken, self._renewing = True, False


def pictures(
    settings: Settings, arrived: Arrived | None = None, overheard: Overheard | None = None
) -> Iterator[Taken]:
    """Pictures as they come, counted in `arrived` also when torn; raises SourceError when they end.  If they
    change their size the stream is opened anew: OpenCV would go on with the size before."""
    restless = 0
    while True:
        relay = _connected(settings, arrived)
        taken = 0
        try:
            for one in _played(settings, relay, _Trust(overheard)):
                taken += 1
                yield one
        finally:
            relay.close()
        restless = restless + 1 if taken < STEADY_PICTURES else 0
        if restless > RESTLESS_MAX:
            raise SourceError(
                "protocol",
                f"its pictures change their size all the time ({relay.resized})",
                "set one fixed picture size in the camera",
            )


def _connected(settings: Settings, arrived: Arrived | None) -> Relay:
    parts = urlsplit(settings.url)
    try:
        return Relay(parts.hostname or "", parts.port or RTSP_PORT, settings.open_timeout_s, arrived)
    except TimeoutError:
        raise SourceError("timeout", "nobody answers there") from None
    except OSError as error:
        raise SourceError("unavailable", f"{error.strerror or error}") from None


def _played(settings: Settings, relay: Relay, trust: _Trust) -> Iterator[Taken]:
    """Until the pictures change their size; raises SourceError for any other end."""
    capture = _opened(settings, relay)
    trust.begin()
    try:
        if relay.resized:
            return
        if not capture.isOpened():
            raise _why_no_more(relay, "open", "the RTSP stream could not be opened")
        sides = (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT)
        width, height = (int(capture.get(side)) for side in sides)
        if width * height > PIXELS_MAX or 0 < min(width, height) < SIDE_MIN:
            raise SourceError("protocol", f"pictures of {width} x {height} pixels", TOO_LARGE)
        yield from _grabbed(capture, relay, trust)
    finally:
        capture.release()


def _opened(settings: Settings, relay: Relay) -> cv2.VideoCapture:
    os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = _FFMPEG_OPTIONS
    who = f"{quote(settings.user, safe='')}:{quote(settings.password, safe='')}@" if settings.user else ""
    url = urlunsplit(urlsplit(settings.url)._replace(netloc=f"{who}127.0.0.1:{relay.port}"))
    open_ms, silent_ms = int(settings.open_timeout_s * 1000), int(settings.silent_s * 1000)
    timeouts = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, open_ms, cv2.CAP_PROP_READ_TIMEOUT_MSEC, silent_ms]
    return cv2.VideoCapture(url, cv2.CAP_FFMPEG, timeouts)


def _grabbed(capture: cv2.VideoCapture, relay: Relay, trust: _Trust) -> Iterator[Taken]:
    arrived, failed = relay.arrived, 0
    whole, torn = arrived.whole, arrived.torn
    while failed <= GRABS_FAILED_MAX:
        if capture.grab():
            failed = 0
            if trust.grabbed(capture):
                yield _Grabbed(capture)
            else:
                arrived.damaged += 1
        elif relay.resized:
            return
        elif arrived.torn > torn:
            failed = 0  # the parent tells for how long that is borne
        elif arrived.whole > whole:
            failed = 0
            arrived.damaged += 1
            trust.failed()
        else:
            failed += 1
        whole, torn = arrived.whole, arrived.torn
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
