"""A Dahua ANPR camera: snapshots with their events over CGI, in the words of the maker's API and public logs.

    GET /cgi-bin/snapManager.cgi?action=attachFileProc&...      multipart/x-mixed-replace; boundary=myboundary
    GET /cgi-bin/snapshot.cgi?channel=1                         image/jpeg

Sources: docs/smart-cameras.md.
"""

import asyncio
from urllib.parse import parse_qs, unquote, urlsplit

from simulators.plate_camera.smart_eye import Passing
from simulators.plate_camera.smart_wired import SmartWired, answer

BOUNDARY = "myboundary"
FAR = 8191


def part(kind: str, body: bytes) -> bytes:
    head = f"--{BOUNDARY}\r\nContent-Type: {kind}\r\nContent-Length:{len(body)}\r\n\r\n"
    return head.encode() + body + b"\r\n"


def event(seen: Passing) -> dict[str, object]:
    """The keys of one event, without `Events[0].`."""
    box = [round(side * FAR) for side in seen.box or (0, 0, 0, 0)]
    return {
        "CommInfo.Country": seen.country,
        "CountInGroup": 1,
        "EventBaseInfo.Action": "Pulse",
        "EventBaseInfo.Code": "TrafficJunction",
        "EventBaseInfo.Index": 0,
        "GroupID": 175706653 + seen.number,
        "IndexInGroup": 1,
        "JunctionDirection": "Obverse",
        "Lane": 1,
        **{f"Object.BoundingBox[{place}]": side for place, side in enumerate(box)},
        "Object.Confidence": 0,
        "Object.ObjectType": "Plate",
        "Object.Text": seen.text,
        "PTS": "42949485818.0",
        "TrafficCar.PlateNumber": seen.text,
        "TrafficCar.PlateType": "Normal" if seen.text else "Unknown",
        "UTC": int(seen.time_s),
        "UTCMS": 305,
    }


class Simulator(SmartWired):
    """The camera on its HTTP port."""

    def encode(self, sign: Passing | None) -> bytes:
        if sign is None:
            return part("text/plain", b"Heartbeat")
        lines = "".join(f"Events[0].{key}={value}\r\n" for key, value in event(sign).items())
        pictures = [picture for picture in (sign.scene, sign.plate) if picture]
        return part("text/plain", lines.encode()) + b"".join(part("image/jpeg", one) for one in pictures)

    async def reply(self, method: str, target: str, body: bytes, writer: asyncio.StreamWriter) -> bool:
        where = urlsplit(target)
        asked = {key: values[0] for key, values in parse_qs(where.query).items()}
        if method != "GET":
            await answer(writer, "405 Method Not Allowed")
        elif where.path == "/cgi-bin/snapshot.cgi" and self.eye.scene:
            await answer(writer, "200 OK", self.eye.scene, kind="image/jpeg")
        elif where.path != "/cgi-bin/snapManager.cgi":
            await answer(writer, "404 Not Found")
        elif (
            asked.get("action") != "attachFileProc"
            or asked.get("Flags[0]") != "Event"
            or "TrafficJunction" not in unquote(asked.get("Events", ""))
        ):
            await answer(writer, "400 Bad Request", b"Error\r\nBad Request!\r\n")
        else:
            await self.listen(writer, f"multipart/x-mixed-replace; boundary={BOUNDARY}")
            return False
        return True
