"""Where pictures come from, inside the child process: HTTP multipart, or RTSP (`rtsp_source.py`).

A source blocks; it may hang for ever, and is then killed with the process it runs in.
"""

import socket
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import cv2
import numpy as np

from drivers.plate_camera.jpeg import BadJpeg, picture_size
from drivers.plate_camera.liveness import Arrived
from drivers.plate_camera.multipart import BrokenMultipart, MultipartReader, Part, boundary_of
from drivers.plate_camera.overheard import Overheard
from drivers.plate_camera.pictures import Picture

if TYPE_CHECKING:
    import httpx

RECEIVE_BYTES = 256 * 1024
"""Of the stream that wait in this computer while nobody takes them."""
SIDE_MIN = 32
"""In pixels: what is smaller is no view of a lane, and no plate reader takes it."""
BAD_PICTURES_MAX = 50
"""Damaged pictures in a row that are skipped before the stream counts as broken."""


class SourceError(Exception):
    """Why no pictures come; `kind` is `unavailable`, `timeout`, `torn`, `refused` or `protocol`."""

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
    priors: dict[str, float] = field(default_factory=dict[str, float])


class Taken(ABC):
    """A picture that has come."""

    time_s: float | None

    @abstractmethod
    def hold(self) -> None:
        """Make it last beyond the next picture that is asked for; without this it is gone by then."""

    @abstractmethod
    def decode(self) -> Picture | None:
        """The picture; None when it is damaged."""


def pictures(
    settings: Settings, arrived: Arrived | None = None, overheard: Overheard | None = None
) -> Iterator[Taken]:
    """Pictures as they come, newest last; raises SourceError when they end.  `arrived` counts them, and those
    that are torn; `overheard` tells which the decoder had to mend."""
    arrived = Arrived() if arrived is None else arrived
    if settings.scheme == "rtsp":
        from drivers.plate_camera import rtsp_source  # which makes these pictures, and knows this module

        return rtsp_source.pictures(settings, arrived, overheard)
    return _mjpeg(settings, arrived)


class _Jpeg(Taken):
    def __init__(self, part: Part) -> None:
        self.time_s = part.time_s
        self._data = part.data

    def hold(self) -> None:
        """It lasts."""

    def decode(self) -> Picture | None:
        decoded = cv2.imdecode(np.frombuffer(self._data, np.uint8), cv2.IMREAD_COLOR)
        return cast("Picture | None", decoded)


def _mjpeg(settings: Settings, arrived: Arrived) -> Iterator[Taken]:
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
            yield from _parts(response, arrived)
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


def _parts(response: "httpx.Response", arrived: Arrived) -> Iterator[Taken]:
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
                arrived.torn += 1
                if bad > BAD_PICTURES_MAX:
                    raise SourceError(
                        "protocol", f"{bad} damaged JPEGs in a row; the last: {error}"
                    ) from None
                continue
            bad = 0
            arrived.whole += 1
            yield _Jpeg(part)
