"""ONVIF's messages of discovery: WS-Discovery of April 2005, SOAP in one UDP datagram each way.

    Probe          to 239.255.255.250 port 3702: `Types` is what is looked for, `MessageID` names the question
    ProbeMatches   to the port that asked: `RelatesTo` names the question, one `ProbeMatch` a device:

    <d:ProbeMatch>
      <a:EndpointReference><a:Address>urn:uuid:...</a:Address></a:EndpointReference>   the device, for ever
      <d:Types>dn:NetworkVideoTransmitter tds:Device</d:Types>
      <d:Scopes>onvif://www.onvif.org/name/Lane%201 onvif://www.onvif.org/hardware/X1 ...</d:Scopes>
      <d:XAddrs>http://192.0.2.64/onvif/device_service</d:XAddrs>                      or several, with blanks
    </d:ProbeMatch>

Anybody on the network may answer, with anything: what can't be used is dropped and says why.  Sources: 100 to
107 in docs/sources.md.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import SplitResult, unquote, urlsplit

from drivers.plate_camera.xml_tree import BadXml, Element, parse

GROUP = ("239.255.255.250", 3702)
TYPES = {
    "dn:NetworkVideoTransmitter": "http://www.onvif.org/ver10/network/wsdl",
    "tds:Device": "http://www.onvif.org/ver10/device/wsdl",
}
"""What is asked for, each in a question of its own: one that names both wants devices that are both, and some
cameras answer to one alone."""
BYTES_MAX = 32 * 1024
"""Of an answer; those seen have up to 5 kB."""
TEXT_MAX, XADDRS_MAX, SCOPES_MAX = 512, 16, 64

_NETWORK_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")


class Dropped(StrEnum):
    """Why an answer, or a part of one, was not used."""

    OTHER_INTERFACE = "other_interface"
    TOO_LARGE = "too_large"
    NOT_XML = "not_xml"
    NO_MATCH = "no_match"
    OTHER_QUESTION = "other_question"
    NOT_ONVIF = "not_onvif"
    NO_ENDPOINT = "no_endpoint"
    NO_ADDRESS = "no_address"
    TOO_MANY = "too_many"
    BAD_XADDR = "bad_xaddr"
    BAD_SCOPE = "bad_scope"


@dataclass(frozen=True, slots=True)
class Match:
    """One device's answer, all of it printable; `types` without prefixes, `xaddrs` http and https alone."""

    endpoint: str
    types: tuple[str, ...]
    xaddrs: tuple[str, ...]
    scopes: tuple[str, ...]

    def told(self, category: str) -> str:
        """What its scopes say under `name`, `hardware` or `location`; "" where they say nothing."""
        return ", ".join(dict.fromkeys(value for kind, value in map(_scope, self.scopes) if kind == category))


def probe(kind: str, message: str) -> bytes:
    """The question for devices of `kind`, a key of TYPES; `message` is a UUID.

    The prefixes are bound once more on `Types`: there is a camera that looks for them only there."""
    discovery, addressing = (
        f"http://schemas.xmlsoap.org/ws/{one}" for one in ("2005/04/discovery", "2004/08/addressing")
    )
    prefix = kind.partition(":")[0]
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
        f'xmlns:a="{addressing}" xmlns:d="{discovery}">'
        f'<s:Header><a:Action s:mustUnderstand="true">{discovery}/Probe</a:Action>'
        f"<a:MessageID>uuid:{message}</a:MessageID>"
        f"<a:ReplyTo><a:Address>{addressing}/role/anonymous</a:Address></a:ReplyTo>"
        '<a:To s:mustUnderstand="true">urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To></s:Header>'
        f'<s:Body><d:Probe><d:Types xmlns:d="{discovery}" xmlns:{prefix}="{TYPES[kind]}">{kind}</d:Types>'
        "</d:Probe></s:Body></s:Envelope>"
    ).encode()


def read(data: bytes, asked: Collection[str]) -> tuple[list[Match], list[Dropped]]:
    """The devices that a datagram tells of in answer to the questions `asked` (UUIDs), and what of it was
    dropped.  Any bytes may stand in it."""
    if len(data) > BYTES_MAX:
        return [], [Dropped.TOO_LARGE]
    try:
        envelope = parse(data)
    except BadXml:
        return [], [Dropped.NOT_XML]
    head, body = envelope.find("Header"), envelope.find("ProbeMatches")
    if envelope.name != "Envelope" or head is None or body is None:
        return [], [Dropped.NO_MATCH]
    question = _UUID.search(head.value("RelatesTo").lower())
    if question is None or question[0] not in asked:
        return [], [Dropped.OTHER_QUESTION]
    matches: list[Match] = []
    dropped: list[Dropped] = []
    for one in body.children:
        if one.name == "ProbeMatch":
            found = _match(one, dropped)
            matches += [found] if isinstance(found, Match) else []
            dropped += [found] if isinstance(found, Dropped) else []
    return matches, dropped if matches or dropped else [Dropped.NO_MATCH]


def _match(one: Element, dropped: list[Dropped]) -> Match | Dropped:
    """A device, or why it is none; parts that were left out of it go to `dropped`."""
    reference = one.find("EndpointReference")
    endpoint = reference.value("Address") if reference else ""
    types = tuple(kind.rpartition(":")[2] for kind in _words(one, "Types", SCOPES_MAX) if _shown(kind))
    scopes = tuple(_words(one, "Scopes", SCOPES_MAX))
    if "NetworkVideoTransmitter" not in types and not any(scope.startswith("onvif:") for scope in scopes):
        return Dropped.NOT_ONVIF  # a printer or a computer: Windows answers to any question
    if not _shown(endpoint):
        return Dropped.NO_ENDPOINT
    xaddrs = tuple(_words(one, "XAddrs", XADDRS_MAX))
    good = tuple(xaddr for xaddr in xaddrs if host_of(xaddr))
    well = tuple(scope for scope in scopes if _shown(scope) and _shown(unquote(scope)))
    dropped += [Dropped.BAD_XADDR] * (len(xaddrs) - len(good)) + [Dropped.BAD_SCOPE] * (
        len(scopes) - len(well)
    )
    return Match(endpoint, types, good, well) if good else Dropped.NO_ADDRESS


def _words(one: Element, name: str, at_most: int) -> Iterator[str]:
    yield from dict.fromkeys(one.value(name).split()[:at_most])


def _shown(text: str) -> bool:
    """Whether a terminal may be given it as it is: control and bidirectional characters are none of that."""
    return 0 < len(text) <= TEXT_MAX and text.isprintable()


def _scope(scope: str) -> tuple[str, str]:
    """`onvif://www.onvif.org/location/country/china` is (location, country/china)."""
    kind, _, value = (
        urlsplit(scope).path.lstrip("/").partition("/") if scope.startswith("onvif:") else ("", "", "")
    )
    return kind.lower(), unquote(value).strip("/ ")


def host_of(xaddr: str) -> str:
    """The host of an address that can be used, as it stands in a URL, with its port where it names one; ""
    for one that is no http or https, names a user, or is damaged."""
    try:
        parts = urlsplit(xaddr) if _shown(xaddr) and xaddr.isascii() else SplitResult("", "", "", "", "")
        host, port = parts.hostname or "", parts.port
        if parts.scheme not in ("http", "https") or "@" in parts.netloc or not host:
            return ""
        if ":" in host:
            host = f"[{ip_address(host.partition('%')[0])}]"
        elif not _NETWORK_NAME.fullmatch(host):
            return ""
    except ValueError:
        return ""
    return host if port is None else f"{host}:{port}"
