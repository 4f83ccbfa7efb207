"""Hikvision cameras that read plates: the event stream of ISAPI.

    GET /ISAPI/Event/notification/alertStream       multipart, one event or picture a part
    GET /ISAPI/Streaming/channels/<N>01/picture     a picture now

    --boundary
    Content-Type: application/xml; charset="UTF-8"
    Content-Length: 842

    <EventNotificationAlert version="2.0" xmlns="http://www.hikvision.com/ver20/XMLSchema">
      <dateTime>2026-01-31T10:15:05+05:00</dateTime>    the camera's clock
      <eventType>ANPR</eventType>                       another one is a sign of life
      <eventState>active</eventState>
      <ANPR>
        <licensePlate>777ABC02</licensePlate>           "unknown" where none was read
        <confidenceLevel>97</confidenceLevel>           0 to 100
        <country>30</country>                           a number, or a name
      </ANPR>
    </EventNotificationAlert>
    --boundary
    Content-Disposition: form-data; name="detectionPicture.jpg"; ...
    Content-Type: image/jpeg

Where each field was read, and what is left out for want of a source, stands in docs/smart-cameras.md.
"""

from datetime import datetime
from typing import ClassVar

from drivers.device import Grade, Options
from drivers.plate_camera.countries import country_of
from drivers.plate_camera.event_stream import EventStreamCamera, EventStreamOptions
from drivers.plate_camera.events import Told
from drivers.plate_camera.multipart import Part
from drivers.plate_camera.xml_tree import parse


class Driver(EventStreamCamera):
    """A Hikvision ANPR camera."""

    model: ClassVar[str] = "Hikvision ANPR camera, ISAPI event stream"
    grade: ClassVar[Grade] = Grade.SIMULATED
    options_type: ClassVar[type[Options]] = EventStreamOptions

    @property
    def stream_path(self) -> str:
        return "/ISAPI/Event/notification/alertStream"

    @property
    def picture_path(self) -> str:
        return f"/ISAPI/Streaming/channels/{self._options.channel}01/picture"

    def read(self, part: Part) -> list[Told]:
        if "xml" not in part.fields.get("content-type", "").lower() and not part.data.lstrip().startswith(
            b"<"
        ):
            return []
        told = told_in(part.data, self._options.channel)
        return [told] if told else []


def told_in(data: bytes, channel: int) -> Told | None:
    """The vehicle that an alert tells of; None for another alert.  Raises ValueError (BadXml)."""
    alert = parse(data)
    if alert.name != "EventNotificationAlert" or alert.value("eventType").upper() != "ANPR":
        return None
    found = alert.find("ANPR")
    if found is None or alert.value("eventState").lower() == "inactive":
        return None
    if (of := alert.value("channelID")) and of != str(channel):
        return None
    if alert.value("alarmDataType") == "1":
        return None  # a vehicle of the past, sent after a connection was lost
    text, when = found.value("licensePlate"), alert.value("dateTime")
    return Told(
        text=text,
        identity=f"{when} {text}",
        confidence=_share(found.value("confidenceLevel")),
        country=country_of(found.value("country")),
        clock_s=_seconds(when),
    )


def _share(level: str) -> float | None:
    sane = level.isascii() and level.isdigit() and len(level) <= 4 and int(level) <= 100
    return int(level) / 100 if sane else None


def _seconds(when: str) -> float | None:
    """Seconds since 1970; None for a time without zone, which is no time to compare with."""
    try:
        at = datetime.fromisoformat(when)
        return at.timestamp() if at.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
