"""Dahua cameras that read plates (and makers that sell them): snapshots with their events, over CGI.

    GET /cgi-bin/snapManager.cgi?action=attachFileProc&channel=1&heartbeat=5
                                 &Flags[0]=Event&Events=[TrafficJunction]
    GET /cgi-bin/snapshot.cgi?channel=1             a picture now

    --myboundary
    Content-Type: text/plain
    Content-Length: 4388

    Events[0].EventBaseInfo.Code=TrafficJunction    with older ones Events[0].Code
    Events[0].TrafficCar.PlateNumber=777ABC02
    Events[0].Object.BoundingBox[0]=5954            left, top, right, bottom of the plate, 0 to 8191
    Events[0].CommInfo.Country=KAZ
    Events[0].GroupID=41                            the same for all snapshots of one vehicle
    Events[0].UTC=1706625295                        the camera's clock
    --myboundary
    Content-Type: image/jpeg                        one or more of them

Between events the text `Heartbeat` comes every 5 s, as asked for.  The scale of `Object.Confidence` stands in
no source that we read, so it is not taken: a plate counts what `confidence_untold` says.  `UTC` was seen to
be the camera's local time, so a clock that is off by whole hours may be right.  More: docs/smart-cameras.md.
"""

import re
from typing import ClassVar

from pydantic import Field

from drivers.device import Grade, Options
from drivers.plate_camera.countries import country_of
from drivers.plate_camera.event_stream import EventStreamCamera, EventStreamOptions
from drivers.plate_camera.events import Told
from drivers.plate_camera.multipart import Part

HEARTBEAT_S = 5
CODE = "TrafficJunction"
SCALE = 8191.0
"""The far end of both axes of a box."""
LINES_MAX = 4000

_LINE = re.compile(r"Events\[(\d{1,3})\]\.([^=\s]{1,120})=(.{0,400})")


class DahuaOptions(EventStreamOptions):
    """As of any camera with an event stream."""

    silent_s: float = Field(16.0, ge=2, le=600)
    """Seconds without an event or a heartbeat after which the camera counts as lost; one comes every 5 s."""


class Driver(EventStreamCamera):
    """A Dahua ANPR camera."""

    model: ClassVar[str] = "Dahua ANPR camera, CGI snapshot events"
    grade: ClassVar[Grade] = Grade.SIMULATED
    options_type: ClassVar[type[Options]] = DahuaOptions

    @property
    def stream_path(self) -> str:
        return (
            f"/cgi-bin/snapManager.cgi?action=attachFileProc&channel={self._options.channel}"
            f"&heartbeat={HEARTBEAT_S}&Flags[0]=Event&Events=[{CODE}]"
        )

    @property
    def picture_path(self) -> str:
        return f"/cgi-bin/snapshot.cgi?channel={self._options.channel}"

    def read(self, part: Part) -> list[Told]:
        if part.data.strip() == b"Heartbeat":
            return []
        return told_in(part.data)


def told_in(data: bytes) -> list[Told]:
    """The vehicles that a text tells of.  Raises ValueError for a text that is none."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")  # the plate, where it is hit, is then none
    events: dict[str, dict[str, str]] = {}
    for line in text.splitlines()[:LINES_MAX]:
        if found := _LINE.fullmatch(line.strip().strip("\0")):
            events.setdefault(found[1], {})[found[2]] = found[3].strip()
    if not events:
        raise ValueError(f"no line Events[N].KEY=VALUE in {text[:40]!r}")
    return [told for fields in events.values() if (told := _told(fields))]


def _told(fields: dict[str, str]) -> Told | None:
    code = fields.get("EventBaseInfo.Code") or fields.get("Code", "")
    action = fields.get("EventBaseInfo.Action") or fields.get("Action", "")
    if code != CODE or action == "Stop":
        return None
    text = fields.get("TrafficCar.PlateNumber") or fields.get("Object.Text", "")
    seconds, group = fields.get("RealUTC") or fields.get("UTC", ""), fields.get("GroupID", "")
    mark = f"group {group}" if group.strip("0") else f"{seconds}.{fields.get('UTCMS', '')}"
    countries = (fields.get(f"{key}.Country", "") for key in ("Object", "CommInfo", "TrafficCar"))
    return Told(
        text=text,
        identity=f"{mark} {text}",
        country=next((code for told in countries if (code := country_of(told))), None),
        clock_s=float(seconds) if re.fullmatch(r"[1-9]\d{8,9}", seconds) else None,
        box=_box([fields.get(f"Object.BoundingBox[{side}]", "") for side in range(4)]),
    )


def _box(sides: list[str]) -> tuple[float, float, float, float] | None:
    if not all(re.fullmatch(r"\d{1,4}", side) for side in sides):
        return None
    left, top, right, bottom = (int(side) / SCALE for side in sides)
    if not (left < right <= 1.0 and top < bottom <= 1.0):
        return None
    return left, top, right - left, bottom - top
