"""A camera that tells plates by ONVIF's events, on its HTTP port.

POST /onvif/device_service    GetSystemDateAndTime (to anybody), GetServices, GetCapabilities
POST /onvif/event_service     CreatePullPointSubscription
POST /onvif/pull/N            PullMessages, Renew, Unsubscribe; in Axis's words at /onvif/pull for all, told
                              apart by a header, the reference parameter SubscriptionId
POST /onvif/media_service     GetProfiles, GetSnapshotUri
GET  /snapshot.jpg, /pictures/N/scene.jpg
"""

import asyncio
import contextlib
import itertools
from collections import deque
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

from simulators.plate_camera import onvif_messages as messages
from simulators.plate_camera.onvif_messages import Words, envelope, fault
from simulators.plate_camera.smart_eye import Passing, SmartEye
from simulators.plate_camera.smart_wired import SmartWired, answer
from simulators.plate_camera.username_token import TokenGuard

LIFE_S = 60.0
POINTS_MAX = 2
"""Cameras have few."""
KIND = "application/soap+xml; charset=utf-8"


@dataclass(slots=True)
class Point:
    """One pull point; `until_s` by the camera's clock."""

    until_s: float
    waiting: deque[str] = field(default_factory=deque[str])
    news: asyncio.Event = field(default_factory=asyncio.Event)


class Simulator(SmartWired):
    """`words` are whose topics it tells, `token` takes WS-UsernameToken in place of HTTP's digest, `fetched`
    tells where pictures are instead of embedding them, `host` is what it takes its own address for, `old`
    knows no GetServices, `tight` is not kept alive by pulling, `strict` tells its time to nobody else,
    `hasty` answers a pull at once."""

    def __init__(
        self,
        name: str,
        eye: SmartEye,
        *,
        words: Words = "standard",
        token: TokenGuard | None = None,
        fetched: bool = False,
        host: str = "",
        old: bool = False,
        tight: bool = False,
        strict: bool = False,
        hasty: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(name, eye, **options)
        self.words: Words = words
        self.token, self.fetched, self.host = token, fetched, host
        self.old, self.tight, self.strict, self.hasty = old, tight, strict, hasty
        self.points: dict[str, Point] = {}
        self.said: deque[str] = deque(maxlen=200)
        """The names of the last requests."""
        self._numbers = itertools.count(1)
        self._pictures: dict[str, bytes] = {}

    @property
    def _own(self) -> str:
        return f"http://{self.host}" if self.host else self.address

    def step(self, seconds: float) -> None:
        for sign in self.eye.step(seconds):
            if sign is not None:
                self.told.append(self.encode(sign))
                self.tell(self.told[-1].decode())

    def tell(self, notification: str) -> None:
        """A notification to all who have subscribed."""
        for point in self.points.values():
            point.waiting.append(notification)
            point.news.set()

    def encode(self, sign: Passing | None) -> bytes:
        assert sign is not None
        at = f"/pictures/{sign.number}"
        self._pictures |= {f"{at}/scene.jpg": sign.scene, f"{at}/plate.jpg": sign.plate}
        return messages.vehicle(sign, self.words, self._own + at if self.fetched else "").encode()

    def open_to_all(self, body: bytes) -> bool:
        return b"GetSystemDateAndTime" in body and not self.strict

    async def reply(self, method: str, target: str, body: bytes, writer: asyncio.StreamWriter) -> bool:
        if method == "GET":
            picture = self.eye.scene if target == "/snapshot.jpg" else self._pictures.get(target, b"")
            if picture:
                await answer(writer, "200 OK", picture, kind="image/jpeg")
            else:
                await answer(writer, "404 Not Found")
            return True
        try:
            message = ElementTree.fromstring(body)  # noqa: S314
            asked = next(one for one in message.iter() if one.tag.endswith("}Body"))[0]
        except (ElementTree.ParseError, StopIteration, IndexError):
            await answer(writer, "400 Bad Request", fault("WellFormed", "no SOAP"), kind=KIND)
            return True
        name = asked.tag.rpartition("}")[2]
        self.said.append(name)
        wanted = self.token is not None and not self.open_to_all(body)
        if wanted and self.token is not None and not self.token.admits(message, self.eye.clock_s):
            await answer(writer, "400 Bad Request", fault("NotAuthorized", self.token.refused), kind=KIND)
            return True
        if name == "PullMessages":
            return await self._pull(target, message, writer)
        found = self._found(name, target, message)
        refused = b"<env:Fault>" in found
        await answer(writer, "400 Bad Request" if refused else "200 OK", found, kind=KIND)
        return True

    def _found(self, name: str, target: str, message: ElementTree.Element) -> bytes:
        now_s = self.eye.clock_s
        if name == "GetSystemDateAndTime":
            return messages.date_and_time(now_s)
        if name == "GetServices" and not self.old:
            return messages.services(self._own)
        if name == "GetCapabilities":
            return messages.capabilities(self._own)
        if name == "GetProfiles":
            return envelope(
                '<trt:GetProfilesResponse><trt:Profiles token="P &amp; 1"/></trt:GetProfilesResponse>'
            )
        if name == "GetSnapshotUri":
            return envelope(
                f"<trt:GetSnapshotUriResponse><trt:MediaUri><tt:Uri>{self._own}/snapshot.jpg</tt:Uri>"
                "</trt:MediaUri></trt:GetSnapshotUriResponse>"
            )
        if name == "CreatePullPointSubscription":
            return self._subscribed()
        point = self.points.get(self._number(target, message))
        if point is None or name not in ("Renew", "Unsubscribe"):
            return fault("ActionNotSupported", f"{name} at {target}")
        if name == "Unsubscribe":
            del self.points[self._number(target, message)]
            return envelope("<wsnt:UnsubscribeResponse/>")
        point.until_s = now_s + LIFE_S
        return envelope(
            f"<wsnt:RenewResponse>{messages.times(now_s, point.until_s, 'wsnt')}</wsnt:RenewResponse>"
        )

    def _subscribed(self) -> bytes:
        now_s = self.eye.clock_s
        self.points = {number: one for number, one in self.points.items() if one.until_s > now_s}
        if len(self.points) >= POINTS_MAX:
            return fault("MaxPullPoints", "no pull point is free")
        number = str(next(self._numbers))
        self.points[number] = Point(now_s + LIFE_S)
        axis = self.words == "axis"
        where = f"{self._own}/onvif/pull" + ("" if axis else f"/{number}")
        return messages.subscribed(where, number if axis else "", now_s, now_s + LIFE_S)

    def _number(self, target: str, message: ElementTree.Element) -> str:
        if self.words != "axis":
            return target.rpartition("/")[2]
        told = (
            one.text for one in message.iter() if one.tag == "{http://www.axis.com/2009/event}SubscriptionId"
        )
        return next(told, None) or ""

    async def _pull(self, target: str, message: ElementTree.Element, writer: asyncio.StreamWriter) -> bool:
        point = self.points.get(self._number(target, message))
        if point is None or point.until_s <= self.eye.clock_s:
            await answer(writer, "400 Bad Request", fault("ResourceUnknown", "no such pull point"), kind=KIND)
            return True
        limits = {one.tag.rpartition("}")[2]: one.text or "" for one in message.iter()}
        self.listeners.add(writer)
        wait_s = 0.0 if self.hasty else float(limits["Timeout"].strip("PTS"))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(point.news.wait(), wait_s)
        while "stall" in self.eye.faults_set:
            await asyncio.sleep(0.02)
        several = [
            point.waiting.popleft() for _ in range(min(len(point.waiting), int(limits["MessageLimit"])))
        ]
        if not point.waiting:
            point.news.clear()
        now_s = self.eye.clock_s
        if not self.tight:
            point.until_s = max(point.until_s, now_s + LIFE_S)
        told = messages.times(now_s, point.until_s, "tev") + "".join(several)
        data = envelope(f"<tev:PullMessagesResponse>{told}</tev:PullMessagesResponse>")
        if several and "half_part" in self.eye.faults_set:
            head = f"HTTP/1.1 200 OK\r\nContent-Type: {KIND}\r\nContent-Length: {len(data)}\r\n\r\n"
            writer.write(head.encode() + data[: len(data) // 2])
            return False
        await answer(writer, "200 OK", data, kind=KIND)
        return True
