"""Smart cameras that tell plates by ONVIF's events, whoever made them.

    GetSystemDateAndTime          first, as anybody: a password's proof holds the camera's time
    GetServices                   where events and pictures are
    CreatePullPointSubscription   then PullMessages again and again: `onvif_pull.py`
    GetProfiles, GetSnapshotUri   a picture now

Which topics and fields are taken stands in `onvif_plates.py`.  Who asks is proved by HTTP digest (RFC 7616),
or with `username_token` in each message.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import ClassVar
from xml.sax.saxutils import escape

import structlog

from drivers.device import OPEN_S, Grade, Options
from drivers.errors import DeviceError, DeviceTimeout, DeviceUnavailable, ProtocolError
from drivers.plate_camera.events import Told
from drivers.plate_camera.onvif_plates import Sighting, sighting_in, with_pictures
from drivers.plate_camera.onvif_pull import PullPoint
from drivers.plate_camera.onvif_service import MEDIA, OnvifOptions, OnvifService
from drivers.plate_camera.self_reading import SelfReadingCamera

PULL_S = 5
"""A pull waits so long for an event."""
PAUSE_S = 0.25
"""Between pulls, for cameras that don't wait."""
FETCH_S = 3.0
"""For an event's pictures, both."""
END_S = 0.5
ANSWERS_MAX = 6
"""Waited for one after the other while opening: three questions, each of them proved after a challenge."""

log = structlog.get_logger()


class Driver(SelfReadingCamera):
    """An ONVIF camera with license plate recognition."""

    model: ClassVar[str] = "smart camera, ONVIF events (Profile M; Hikvision's and Axis's topics)"
    grade: ClassVar[Grade] = Grade.SIMULATED
    options_type: ClassVar[type[Options]] = OnvifOptions

    def __init__(self, name: str, options: OnvifOptions) -> None:
        super().__init__(name, options)
        self._options = options
        self._service = OnvifService(name, options)
        self._point = PullPoint(name, self._service)
        self._snapshot = ""

    @property
    def open_s(self) -> float:
        return max(OPEN_S, ANSWERS_MAX * self._options.open_timeout_s)

    @property
    def silent_s(self) -> float | None:
        return self._options.silent_s

    @property
    def _where(self) -> str:
        return self._service.camera.base

    async def _connect(self) -> None:
        self._snapshot = ""
        await self._service.open()
        await self._point.create()
        if self._service.ahead_s is not None:
            self.clock(time.time() + self._service.ahead_s)

    async def _disconnect(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(END_S):
                await self._point.end()
        await self._service.close()

    async def _signs(self) -> AsyncIterator[Told | None]:
        wait_s = max(1, min(PULL_S, int(self._options.silent_s / 3)))
        while True:
            began_s = time.monotonic()
            notifications = await self._point.pull(wait_s)
            sightings = [found for one in notifications if (found := sighting_in(one))]
            for sighting in sightings:
                yield await self._whole(sighting)
            if not sightings:
                yield None
            await self._point.renew_where_due()
            if not notifications:
                await asyncio.sleep(max(0.0, PAUSE_S - (time.monotonic() - began_s)))

    async def _whole(self, sighting: Sighting) -> Told:
        """With the pictures that are to be fetched, where somebody looks and they come in time."""
        if not self._watching:
            return sighting.told
        fetched = {"picture": b"", "crop": b""}
        try:
            async with asyncio.timeout(FETCH_S):
                for name, address in (("picture", sighting.picture_at), ("crop", sighting.crop_at)):
                    if address:
                        fetched[name] = await self._service.camera.picture(self._service.path(address))
        except (DeviceError, TimeoutError) as error:
            said = str(error) or f"nothing for {FETCH_S:g} s"
            log.warning("plate_camera.picture_lost", device=self.name, error=said)
        return with_pictures(sighting, **fetched)

    async def picture(self) -> bytes:
        return await self._picture()

    async def still(self, bytes_max: int) -> bytes:
        return await self._picture(bytes_max)

    async def _picture(self, still_bytes: int | None = None) -> bytes:
        try:
            async with asyncio.timeout(self._options.open_timeout_s):
                self._snapshot = self._snapshot or await self._ask_snapshot()
                whole = await self._service.camera.picture(self._snapshot)
        except TimeoutError:
            raise DeviceTimeout(self.name, f"{self._where}: no picture in time") from None
        small = await self._pictures.small(whole, b"", None, still_bytes)
        if not small.picture:
            raise ProtocolError(self.name, f"{self._where}{self._snapshot} can't be decoded")
        return small.picture

    async def _ask_snapshot(self) -> str:
        """Path of the first profile's picture."""
        if self._listening is None:
            raise DeviceUnavailable(self.name, f"{self._where} is not open")
        media = self._service.address(MEDIA)
        profiles = await self._service.ask(media, "<trt:GetProfiles/>")
        first = next((one for one in profiles.children if one.name == "Profiles"), None)
        if first is None or "token" not in first.attributes:
            raise ProtocolError(self.name, f"{self._where} has no media profile")
        token = escape(first.attributes["token"])
        answer = await self._service.ask(
            media, f"<trt:GetSnapshotUri><trt:ProfileToken>{token}</trt:ProfileToken></trt:GetSnapshotUri>"
        )
        if not (address := answer.value("Uri")):
            raise ProtocolError(self.name, f"{self._where} tells no address of a picture")
        return self._service.path(address)
