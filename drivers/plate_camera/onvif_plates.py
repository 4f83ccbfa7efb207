"""Plates in ONVIF's notifications.

    <wsnt:NotificationMessage>
      <wsnt:Topic>tns1:RuleEngine/Recognition/LicensePlate</wsnt:Topic>
      <wsnt:Message><tt:Message UtcTime="2026-01-31T05:15:05Z">       PropertyOperation: Changed, or none
        <tt:Data>
          <tt:SimpleItem Name="Likelihood" Value="0.92"/>             0 to 1
          <tt:ElementItem Name="LicensePlateInfo"><tt:LicensePlateInfo>
            <tt:PlateNumber Likelihood="0.94">777ABC02</tt:PlateNumber>
            <tt:CountryCode>KAZ</tt:CountryCode>
          <tt:ElementItem Name="Image">...                            base64, of the plate
          <tt:SimpleItem Name="VehicleImageURI" Value="http://..."/>

    tns1:RuleEngine/VehicleDetector/tnshik:Vehicle      SimpleItems PlateNumber, Likelihood 0 to 100,
                                                        Country, PictureUri
    tnsaxis:CameraApplicationPlatform/ALPV.AllPlates    SimpleItems text, country, carID, carState (new,
    tnsaxis:CameraApplicationPlatform/LPR               update, lost), capture_timestamp in ms, lpConfidence
                                                        0 to 1

Topics are known by their names without prefixes, which are the sender's choice.  Sources: 108, 109 and 112 to
114 in docs/sources.md; what is left out stands in docs/smart-cameras.md.
"""

import binascii
import math
from dataclasses import dataclass, replace

from drivers.plate_camera.countries import country_of
from drivers.plate_camera.events import Told
from drivers.plate_camera.onvif_times import utc_seconds
from drivers.plate_camera.xml_tree import Element

STANDARD = "RuleEngine/Recognition/LicensePlate"
HIKVISION = "RuleEngine/VehicleDetector/Vehicle"
AXIS = ("CameraApplicationPlatform/ALPV.AllPlates", "CameraApplicationPlatform/LPR")


@dataclass(frozen=True, slots=True)
class Sighting:
    """One vehicle, and where its pictures are to be fetched that did not come along, "" for none."""

    told: Told
    picture_at: str = ""
    crop_at: str = ""


def sighting_in(notification: Element) -> Sighting | None:
    """The vehicle that a notification tells of; None for another event, and for one of the past: the state
    that a camera tells whoever begins to listen (`Initialized`), and a vehicle that has left (`lost`)."""
    topic = "/".join(step.rpartition(":")[2] for step in notification.value("Topic").split("/"))
    message = next((one for one in notification.walk() if "UtcTime" in one.attributes), None)
    if message is None or message.attributes.get("PropertyOperation", "Changed") != "Changed":
        return None
    data = message.find("Data")
    if data is None:
        return None
    when = message.attributes["UtcTime"]
    simple = {
        one.attributes.get("Name", "").casefold(): one.attributes.get("Value", "")
        for one in data.walk()
        if one.name == "SimpleItem"
    }
    if topic == STANDARD:
        return _standard(data, simple, when)
    if topic == HIKVISION and "platenumber" in simple:
        text = simple["platenumber"]
        told = Told(
            text=text,
            identity=f"{when} {text}",
            confidence=_share(simple.get("likelihood", ""), 100),
            country=country_of(simple.get("country", "")),
            clock_s=utc_seconds(when),
        )
        return Sighting(told, picture_at=simple.get("pictureuri", ""))
    if topic in AXIS and "text" in simple:
        return _axis(simple, when)
    return None


def _standard(data: Element, simple: dict[str, str], when: str) -> Sighting | None:
    elements = {
        one.attributes.get("Name", "").casefold(): one for one in data.walk() if one.name == "ElementItem"
    }
    info = elements.get("licenseplateinfo")
    number = info.find("PlateNumber") if info else None
    if info is None or number is None:
        return None
    shares = (number.attributes.get("Likelihood", ""), simple.get("likelihood", ""))
    told = Told(
        text=number.text,
        identity=f"{when} {number.text}",
        confidence=min((share for said in shares if (share := _share(said, 1)) is not None), default=None),
        country=country_of(info.value("CountryCode")),
        clock_s=utc_seconds(when),
        picture=_picture(elements.get("vehicleimage")),
        crop=_picture(elements.get("image")),
    )
    return Sighting(
        told,
        picture_at="" if told.picture else simple.get("vehicleimageuri", ""),
        crop_at="" if told.crop else simple.get("imageuri", ""),
    )


def _axis(simple: dict[str, str], when: str) -> Sighting | None:
    if simple.get("carstate", "").casefold() == "lost":
        return None
    text, car = simple["text"], simple.get("carid", "")
    stamp = simple.get("capture_timestamp", "")
    milliseconds = int(stamp) if stamp.isascii() and stamp.isdigit() and len(stamp) == 13 else None
    told = Told(
        text=text,
        identity=f"car {car} {text}" if car else f"{when} {text}",
        confidence=_share(simple.get("lpconfidence", ""), 1),
        country=country_of(simple.get("country", "")),
        clock_s=utc_seconds(when) if milliseconds is None else milliseconds / 1000,
    )
    return Sighting(told)


def with_pictures(sighting: Sighting, picture: bytes, crop: bytes) -> Told:
    """With what was fetched; b"" for what was not."""
    told = sighting.told
    return replace(told, picture=told.picture or picture, crop=told.crop or crop)


def _share(said: str, scale: int) -> float | None:
    try:
        share = float(said.replace("_", "?")) / scale
    except ValueError:
        return None
    return share if math.isfinite(share) and 0 <= share <= 1 else None


def _picture(item: Element | None) -> bytes:
    """Base64 in an element item, or in whatever element it holds; b"" for none that is whole."""
    if item is None:
        return b""
    text = "".join(one.text for one in item.walk())
    try:
        return binascii.a2b_base64("".join(text.split()), strict_mode=True)
    except ValueError:
        return b""
