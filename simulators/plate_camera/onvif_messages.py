"""What a simulated ONVIF camera says: SOAP answers, and a vehicle in the words of each maker.

Sources: 108 to 116 in docs/sources.md.
"""

import base64
from datetime import UTC, datetime
from typing import Literal
from xml.sax.saxutils import escape, quoteattr

from simulators.plate_camera.smart_eye import Passing

Words = Literal["standard", "hikvision", "axis"]
_NAMESPACES = {
    "env": "http://www.w3.org/2003/05/soap-envelope",
    "wsa": "http://www.w3.org/2005/08/addressing",
    "wsnt": "http://docs.oasis-open.org/wsn/b-2",
    "tt": "http://www.onvif.org/ver10/schema",
    "tds": "http://www.onvif.org/ver10/device/wsdl",
    "tev": "http://www.onvif.org/ver10/events/wsdl",
    "trt": "http://www.onvif.org/ver10/media/wsdl",
    "ter": "http://www.onvif.org/ver10/error",
    "tns1": "http://www.onvif.org/ver10/topics",
    "tnshik": "http://www.hikvision.com/2011/event/topics",
    "tnsaxis": "http://www.axis.com/2009/event/topics",
}


def envelope(body: str) -> bytes:
    bound = " ".join(f'xmlns:{prefix}="{namespace}"' for prefix, namespace in _NAMESPACES.items())
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return f"{head}<env:Envelope {bound}><env:Body>{body}</env:Body></env:Envelope>".encode()


def fault(subcode: str, reason: str) -> bytes:
    return envelope(
        "<env:Fault><env:Code><env:Value>env:Sender</env:Value><env:Subcode>"
        f"<env:Value>ter:{subcode}</env:Value></env:Subcode></env:Code>"
        f'<env:Reason><env:Text xml:lang="en">{escape(reason)}</env:Text></env:Reason></env:Fault>'
    )


def moment(time_s: float) -> str:
    return datetime.fromtimestamp(time_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def date_and_time(time_s: float) -> bytes:
    now = datetime.fromtimestamp(time_s, UTC)
    return envelope(
        "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>Manual</tt:DateTimeType>"
        "<tt:DaylightSavings>false</tt:DaylightSavings><tt:UTCDateTime>"
        f"<tt:Time><tt:Hour>{now.hour}</tt:Hour><tt:Minute>{now.minute}</tt:Minute>"
        f"<tt:Second>{now.second}</tt:Second></tt:Time>"
        f"<tt:Date><tt:Year>{now.year}</tt:Year><tt:Month>{now.month}</tt:Month><tt:Day>{now.day}</tt:Day>"
        "</tt:Date></tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
    )


def times(now_s: float, until_s: float, prefix: str) -> str:
    return (
        f"<{prefix}:CurrentTime>{moment(now_s)}</{prefix}:CurrentTime>"
        f"<{prefix}:TerminationTime>{moment(until_s)}</{prefix}:TerminationTime>"
    )


SERVICES = {"events": "event_service", "media": "media_service"}


def services(own: str) -> bytes:
    """Where each service is, at a camera that takes `own` for its address."""
    told = "".join(
        f"<tds:Service><tds:Namespace>http://www.onvif.org/ver10/{kind}/wsdl</tds:Namespace>"
        f"<tds:XAddr>{own}/onvif/{path}</tds:XAddr></tds:Service>"
        for kind, path in SERVICES.items()
    )
    return envelope(f"<tds:GetServicesResponse>{told}</tds:GetServicesResponse>")


def capabilities(own: str) -> bytes:
    """The same in answer to the older question."""
    told = "".join(
        f"<tt:{kind.title()}><tt:XAddr>{own}/onvif/{path}</tt:XAddr></tt:{kind.title()}>"
        for kind, path in SERVICES.items()
    )
    return envelope(
        f"<tds:GetCapabilitiesResponse><tds:Capabilities>{told}</tds:Capabilities></tds:GetCapabilitiesResponse>"
    )


def subscribed(where: str, parameter: str, now_s: float, until_s: float) -> bytes:
    """A pull point's address, and the reference parameter that must come along, "" for none."""
    reference = f"<wsa:Address>{where}</wsa:Address>"
    if parameter:
        reference += (
            '<wsa:ReferenceParameters><dom0:SubscriptionId xmlns:dom0="http://www.axis.com/2009/event">'
            f"{parameter}</dom0:SubscriptionId></wsa:ReferenceParameters>"
        )
    return envelope(
        "<tev:CreatePullPointSubscriptionResponse><tev:SubscriptionReference>"
        f"{reference}</tev:SubscriptionReference>{times(now_s, until_s, 'wsnt')}"
        "</tev:CreatePullPointSubscriptionResponse>"
    )


def items(values: dict[str, object]) -> str:
    return "".join(
        f'<tt:SimpleItem Name="{name}" Value={quoteattr(str(value))}/>' for name, value in values.items()
    )


def notification(topic: str, time_s: float, data: str, operation: str = "") -> str:
    told = f' PropertyOperation="{operation}"' if operation else ""
    return (
        '<wsnt:NotificationMessage><wsnt:Topic Dialect="http://www.onvif.org/ver10/tev/topicExpression/'
        f'ConcreteSet">{topic}</wsnt:Topic><wsnt:Message><tt:Message UtcTime="{moment(time_s)}"{told}>'
        f"<tt:Source>{items({'Rule': 'LaneRule'})}</tt:Source><tt:Data>{data}</tt:Data>"
        "</tt:Message></wsnt:Message></wsnt:NotificationMessage>"
    )


def vehicle(seen: Passing, words: Words, pictures_at: str) -> str:
    """One vehicle; pictures are embedded, or with `pictures_at` to be fetched there."""
    share = seen.confidence / 100
    if words == "hikvision":
        told: dict[str, object] = {
            "PlateNumber": seen.text,
            "Likelihood": seen.confidence,
            "Nation": "CIS",
            "Country": seen.country,
            "VehicleLaneNumber": 1,
            "VehicleDirection": "forward",
        }
        if pictures_at and seen.scene:
            told["PictureUri"] = f"{pictures_at}/scene.jpg"
        topic = "tns1:RuleEngine/VehicleDetector/tnshik:Vehicle"
        return notification(topic, seen.time_s, items(told), "Changed")
    if words == "axis":
        told = {
            "carState": "new",
            "carID": 1_087_000 + seen.number,
            "capture_timestamp": int(seen.time_s * 1000),
            "carMoveDirection": "unknown",
            "text": seen.text,
            "country": seen.country,
            "lpConfidence": f"{share:.6f}",
            "left": 539,
            "top": 354,
            "width": 168,
            "height": 28,
        }
        return notification("tnsaxis:CameraApplicationPlatform/ALPV.AllPlates", seen.time_s, items(told))
    told = {"Likelihood": share}
    elements = (
        '<tt:ElementItem Name="LicensePlateInfo"><tt:LicensePlateInfo>'
        f'<tt:PlateNumber Likelihood="{share}">{escape(seen.text)}</tt:PlateNumber>'
        f"<tt:CountryCode>{escape(seen.country)}</tt:CountryCode></tt:LicensePlateInfo></tt:ElementItem>"
    )
    for name, path, picture in (("VehicleImage", "scene", seen.scene), ("Image", "plate", seen.plate)):
        if picture and pictures_at:
            told[f"{name}URI"] = f"{pictures_at}/{path}.jpg"
        elif picture:
            data = base64.b64encode(picture).decode()
            elements += f'<tt:ElementItem Name="{name}"><tt:Image>{data}</tt:Image></tt:ElementItem>'
    return notification("tns1:RuleEngine/Recognition/LicensePlate", seen.time_s, items(told) + elements)
