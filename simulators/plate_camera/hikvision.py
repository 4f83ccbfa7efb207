"""A Hikvision ANPR camera: ISAPI's event stream, in the words of public logs and the maker's guide.

    GET /ISAPI/Event/notification/alertStream       multipart/mixed; boundary=boundary
    GET /ISAPI/Streaming/channels/101/picture       image/jpeg

Its heartbeat is a `videoloss` alert that is inactive.  Sources: docs/smart-cameras.md.
"""

import asyncio
from datetime import datetime, timedelta, timezone
from xml.sax.saxutils import escape

from simulators.plate_camera.smart_eye import Passing
from simulators.plate_camera.smart_wired import SmartWired, answer

BOUNDARY = "boundary"
ZONE = timezone(timedelta(hours=5))


def part(kind: str, body: bytes, more: str = "") -> bytes:
    head = f"--{BOUNDARY}\r\n{more}Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body + b"\r\n"


def alert(time_s: float, kind: str, state: str, inside: str = "", count: int = 1) -> bytes:
    when = datetime.fromtimestamp(time_s, ZONE).isoformat(timespec="seconds")
    return (
        '<EventNotificationAlert version="2.0" xmlns="http://www.hikvision.com/ver20/XMLSchema">\n'
        "<ipAddress>192.0.2.64</ipAddress>\n<portNo>80</portNo>\n<protocol>HTTP</protocol>\n"
        f"<channelID>1</channelID>\n<dateTime>{when}</dateTime>\n<activePostCount>{count}</activePostCount>\n"
        f"<eventType>{kind}</eventType>\n<eventState>{state}</eventState>\n"
        f"<eventDescription>{kind} alarm</eventDescription>\n{inside}</EventNotificationAlert>\n"
    ).encode()


class Simulator(SmartWired):
    """The camera on its HTTP port."""

    def encode(self, sign: Passing | None) -> bytes:
        xml = 'application/xml; charset="UTF-8"'
        if sign is None:
            return part(xml, alert(self.eye.clock_s, "videoloss", "inactive", count=0))
        inside = (
            f"<ANPR>\n<country>{escape(sign.country)}</country>\n"
            f"<licensePlate>{escape(sign.text)}</licensePlate>\n<line>1</line>\n<direction>forward</direction>\n"
            f"<confidenceLevel>{sign.confidence}</confidenceLevel>\n</ANPR>\n"
        )
        data = part(xml, alert(sign.time_s, "ANPR", "active", inside))
        for name, picture in (("licensePlatePicture", sign.plate), ("detectionPicture", sign.scene)):
            told = f'Content-Disposition: form-data; name="{name}.jpg"; filename="{name}.jpg"\r\n'
            data += part("image/pjpeg", picture, f"{told}Content-ID: {name}\r\n")
        return data

    async def reply(self, method: str, target: str, body: bytes, writer: asyncio.StreamWriter) -> bool:
        if method != "GET":
            await answer(writer, "405 Method Not Allowed")
        elif target == "/ISAPI/Event/notification/alertStream":
            await self.listen(writer, f"multipart/mixed; boundary={BOUNDARY}")
            return False
        elif target == "/ISAPI/Streaming/channels/101/picture" and self.eye.scene:
            await answer(writer, "200 OK", self.eye.scene, kind="image/jpeg")
        else:
            await answer(writer, "404 Not Found")
        return True
