"""Where pictures come from, inside the child process: HTTP multipart, or RTSP through OpenCV's FFmpeg.

A source blocks; it may hang for ever, and is then killed with the process it runs in.
"""

import os
import socket
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote, urlsplit, urlunsplit

import cv2
import numpy as np

from drivers.plate_camera.jpeg import PIXELS_MAX, BadJpeg, picture_size
from drivers.plate_camera.multipart import BrokenMultipart, MultipartReader, Part, boundary_of
from drivers.plate_camera.pictures import Picture

if TYPE_CHECKING:
    import httpx

RECEIVE_BYTES = 256 * 1024
"""Of the stream that wait in this computer while nobody takes them."""
SIDE_MIN = 32
"""In pixels: what is smaller is no view of a lane, and no plate reader takes it."""
BAD_PICTURES_MAX = 50
"""Damaged pictures in a row that are skipped before the stream counts as broken."""
GRABS_FAILED_MAX = 3
"""FFmpeg fails once on a picture that changes its size while it still probes the stream, and then goes on; at
the end of a stream it fails at once, and each time-out of a silent one is one failure."""


class SourceError(Exception):
    """Why no pictures come; `kind` is `unavailable`, `timeout`, `refused` or `protocol`."""

    def __init__(self, kind: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.kind, self.message, self.hint = kind, message, hint


@dataclass(frozen=True, slots=True)
class Settings:
    """What the child is told at its start, on its standard input: never on its command line."""

    scheme: str
    url: str
    user: str
    password: str
    authentication: str
    ca: str
    open_timeout_s: float
    silent_s: float


class Taken(ABC):
    """A picture that has come."""

    time_s: float | None

    @abstractmethod
    def hold(self) -> None:
        """Make it last beyond the next picture that is asked for; without this it is gone by then."""

    @abstractmethod
    def decode(self) -> Picture | None:
        """The picture; None when it is damaged."""


def pictures(settings: Settings) -> Iterator[Taken]:
    """Pictures as they come, newest last; raises SourceError when they end."""
    return _rtsp(settings) if settings.scheme == "rtsp" else _mjpeg(settings)


class _Jpeg(Taken):
    def __init__(self, part: Part) -> None:
        self.time_s = part.time_s
        self._data = part.data

    def hold(self) -> None:
        """It lasts."""

    def decode(self) -> Picture | None:
        decoded = cv2.imdecode(np.frombuffer(self._data, np.uint8), cv2.IMREAD_COLOR)
        return cast("Picture | None", decoded)


def _mjpeg(settings: Settings) -> Iterator[Taken]:
    import httpx  # a third of a second and ten megabytes that an RTSP camera does not need

    # A small buffer: what does not fit waits in the camera, which drops it for newer pictures.
    options = [(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)]
    transport = httpx.HTTPTransport(verify=_trust(settings.ca), trust_env=False, socket_options=options)
    credentials = (settings.user, settings.password)
    authentication = httpx.BasicAuth if settings.authentication == "basic" else httpx.DigestAuth
    try:
        with (
            httpx.Client(
                auth=authentication(*credentials) if settings.user else None,
                timeout=httpx.Timeout(settings.silent_s, connect=settings.open_timeout_s),
                transport=transport,
                trust_env=False,
            ) as client,
            client.stream("GET", settings.url) as response,
        ):
            yield from _parts(response)
    except httpx.TimeoutException as error:
        raise SourceError("timeout", f"no answer in time ({type(error).__name__})") from None
    except httpx.RemoteProtocolError as error:
        raise SourceError("protocol", f"it does not speak HTTP: {error}") from None
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
        raise SourceError("unavailable", f"{error}") from None
    raise SourceError("unavailable", "the camera ended the stream")


def _trust(ca: str) -> Any:
    import ssl

    return ssl.create_default_context(cafile=ca) if ca else True


def _parts(response: "httpx.Response") -> Iterator[Taken]:
    if response.status_code in (401, 403):
        asked = response.headers.get("www-authenticate", "nothing").split(" ")[0]
        raise SourceError(
            "refused",
            f"HTTP {response.status_code}; it asks for {asked} authentication",
            "check `user`, `password` and `authentication`",
        )
    if response.status_code == 404:
        raise SourceError("refused", "HTTP 404", "check the path in `url`")
    if response.status_code != 200:
        raise SourceError("unavailable", f"HTTP {response.status_code}")
    kind = response.headers.get("content-type", "")
    boundary = boundary_of(kind)
    if boundary is None:
        raise SourceError(
            "refused",
            f"it sends {kind[:60] or 'no Content-Type'!r}, not multipart",
            "check the path in `url`",
        )
    reader, bad = MultipartReader(boundary), 0
    for chunk in response.iter_raw():
        try:
            parts = reader.feed(chunk)
        except BrokenMultipart as error:
            raise SourceError("protocol", f"{error}") from None
        for part in parts:
            try:
                picture_size(part.data, side_min=SIDE_MIN)
            except BadJpeg as error:
                bad += 1
                if bad > BAD_PICTURES_MAX:
                    raise SourceError(
                        "protocol", f"{bad} damaged JPEGs in a row; the last: {error}"
                    ) from None
                continue
            bad = 0
            yield _Jpeg(part)


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


# TCP, because a lost UDP packet tears pictures; no buffering, because the newest picture is the wanted one.
_FFMPEG_OPTIONS = (
    "rtsp_transport;tcp|analyzeduration;100000|probesize;100000|fflags;nobuffer|flags;low_delay|threads;1"
)


def _rtsp(settings: Settings) -> Iterator[Taken]:
    os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = _FFMPEG_OPTIONS
    url = settings.url
    if settings.user:
        parts = urlsplit(url)
        credentials = f"{quote(settings.user, safe='')}:{quote(settings.password, safe='')}@"
        url = urlunsplit(parts._replace(netloc=credentials + parts.netloc))
    open_ms, silent_ms = int(settings.open_timeout_s * 1000), int(settings.silent_s * 1000)
    timeouts = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, open_ms, cv2.CAP_PROP_READ_TIMEOUT_MSEC, silent_ms]
    capture = cv2.VideoCapture(url, cv2.CAP_FFMPEG, timeouts)
    if not capture.isOpened():
        raise SourceError("open", "the RTSP stream could not be opened")
    width, height = (int(capture.get(side)) for side in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT))
    if width * height > PIXELS_MAX or 0 < min(width, height) < SIDE_MIN:
        raise SourceError("protocol", f"pictures of {width} x {height} pixels")
    failed = 0
    while failed <= GRABS_FAILED_MAX:
        if capture.grab():
            failed = 0
            yield _Grabbed(capture)
        else:
            failed += 1
    raise SourceError("lost", "the RTSP stream ended, or nothing came for too long")
