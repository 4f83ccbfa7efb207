"""SOAP 1.2 as ONVIF's services speak it: envelopes, WS-Addressing, WS-UsernameToken, faults.

    <s:Envelope>
      <s:Header>
        <a:Action/> <a:MessageID/> <a:ReplyTo/> <a:To/>     event services want to be addressed
        <Security><UsernameToken>                           who asks, where not HTTP says it
          <Username/> <Nonce/> <Created/>
          <Password Type="...#PasswordDigest"/>             Base64(SHA-1(nonce + created + password))
      <s:Body> one element

Sources: 111 and 115 in docs/sources.md.
"""

import base64
import hashlib
import secrets
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

from drivers.plate_camera.xml_tree import BadXml, Element, parse

ENVELOPE = "http://www.w3.org/2003/05/soap-envelope"
ADDRESSING = "http://www.w3.org/2005/08/addressing"
_SECURITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss"
_NAMESPACES = {
    "s": ENVELOPE,
    "a": ADDRESSING,
    "tds": "http://www.onvif.org/ver10/device/wsdl",
    "tev": "http://www.onvif.org/ver10/events/wsdl",
    "trt": "http://www.onvif.org/ver10/media/wsdl",
    "wsnt": "http://docs.oasis-open.org/wsn/b-2",
}
ANSWER_BYTES_MAX = 12 * 1024 * 1024
"""Events may bring their pictures as base64."""
REASON_MAX = 200


class SoapFault(ValueError):
    """The far end's refusal: `codes` are the names of its codes without prefixes."""

    def __init__(self, codes: frozenset[str], reason: str) -> None:
        super().__init__(f"{reason or 'it says no reason'} ({', '.join(sorted(codes)) or 'no code'})")
        self.codes = codes


@dataclass(frozen=True, slots=True)
class UsernameToken:
    """One user; the password never goes over the wire."""

    user: str
    password: str = field(repr=False)

    def header(self, now_s: float) -> str:
        """For a message made at `now_s`, seconds since 1970 by the far end's clock."""
        nonce = secrets.token_bytes(16)
        when = datetime.fromtimestamp(now_s, UTC).isoformat(timespec="milliseconds")
        created = when.replace("+00:00", "Z")
        digest = hashlib.sha1(
            nonce + created.encode() + self.password.encode(), usedforsecurity=False
        ).digest()
        return (
            f'<Security s:mustUnderstand="1" xmlns="{_SECURITY}-wssecurity-secext-1.0.xsd"><UsernameToken>'
            f"<Username>{escape(self.user)}</Username>"
            f'<Password Type="{_SECURITY}-username-token-profile-1.0#PasswordDigest">'
            f"{base64.b64encode(digest).decode()}</Password>"
            f'<Nonce EncodingType="{_SECURITY}-soap-message-security-1.0#Base64Binary">'
            f"{base64.b64encode(nonce).decode()}</Nonce>"
            f'<Created xmlns="{_SECURITY}-wssecurity-utility-1.0.xsd">{created}</Created>'
            "</UsernameToken></Security>"
        )


def envelope(body: str, headers: str = "") -> bytes:
    """A message; the prefixes s, a, tds, tev, trt and wsnt are bound."""
    bound = " ".join(f'xmlns:{prefix}="{namespace}"' for prefix, namespace in _NAMESPACES.items())
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<s:Envelope {bound}>'
        f"<s:Header>{headers}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def addressed(action: str, to: str) -> str:
    """The headers that name what is asked, and of whom."""
    return (
        f'<a:Action s:mustUnderstand="1">{escape(action)}</a:Action>'
        f"<a:MessageID>urn:uuid:{uuid.uuid4()}</a:MessageID>"
        f"<a:ReplyTo><a:Address>{ADDRESSING}/anonymous</a:Address></a:ReplyTo>"
        f'<a:To s:mustUnderstand="1">{escape(to)}</a:To>'
    )


def reference(parameter: Element) -> str:
    """A reference parameter as the header that must come with whatever is asked there."""
    return _written(parameter, ' a:IsReferenceParameter="true"')


def _written(element: Element, more: str = "") -> str:
    inside = "".join(_written(child) for child in element.children)
    name, namespace = element.name, quoteattr(element.namespace)
    return f"<{name} xmlns={namespace}{more}>{escape(element.text)}{inside}</{name}>"


def answer(data: bytes) -> Element:
    """The element in an answer's body.  Raises SoapFault, BadXml."""
    root = parse(data, ANSWER_BYTES_MAX)
    body = root.find("Body")
    if root.name != "Envelope" or body is None or not body.children:
        raise BadXml(f"it is no SOAP envelope with a body, but <{root.name[:40]}>")
    first = body.children[0]
    if first.name != "Fault":
        return first
    codes = (one.text.rpartition(":")[2] for one in first.walk() if one.name == "Value")
    reason = first.value("Text") or first.value("faultstring")
    raise SoapFault(frozenset(code for code in codes if code), " ".join(reason.split())[:REASON_MAX])
