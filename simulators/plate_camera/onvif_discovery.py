"""A camera that can be found: the answering end of WS-Discovery (April 2005) as ONVIF wants it.

It hears the group 239.255.255.250 port 3702 on the interface of its own address.  A Probe whose types it has
it answers with a ProbeMatches to where the Probe came from, within half a second and twice, since a datagram
may get lost; a Probe heard before is not answered again.  Sources: 100 to 103 in docs/sources.md.
"""

import asyncio
import random
import socket
import uuid
from collections import deque
from dataclasses import dataclass, replace
from xml.parsers import expat
from xml.sax.saxutils import escape

GROUP, PORT = "239.255.255.250", 3702
SOAP = "http://www.w3.org/2003/05/soap-envelope"
ADDRESSING = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
DISCOVERY = "http://schemas.xmlsoap.org/ws/2005/04/discovery"
NETWORK = "http://www.onvif.org/ver10/network/wsdl"
DEVICE = "http://www.onvif.org/ver10/device/wsdl"
PREFIXES = {NETWORK: "dn", DEVICE: "tds"}
VIDEO_TRANSMITTER, ONVIF_DEVICE = (NETWORK, "NetworkVideoTransmitter"), (DEVICE, "Device")
APP_MAX_DELAY_S, UDP_MIN_DELAY_S, UDP_MAX_DELAY_S = 0.5, 0.05, 0.25
PROBE_BYTES_MAX = 16 * 1024
HUGE_BYTES = 40_000
ESCAPES = ("onvif://www.onvif.org/name/%1B%5B2J%0Aroot%3A", "onvif://www.onvif.org/location/\u202e\u009b31m")
NO_HTTP = ("ftp://192.0.2.9/", "javascript:alert(1)", "http://a:b@192.0.2.9/")
_IP_MULTICAST_ALL = 49
"""linux/in.h: 0 keeps out what other programs joined on other interfaces."""

Type = tuple[str, str]
"""A namespace and a name within it."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A question: its `MessageID`, and what is looked for; nothing looked for is everything."""

    message: str
    types: tuple[Type, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """What a camera says of itself."""

    endpoint: str
    xaddrs: tuple[str, ...]
    scopes: tuple[str, ...]
    types: tuple[Type, ...] = (VIDEO_TRANSMITTER, ONVIF_DEVICE)


def probe_in(data: bytes) -> Probe | None:
    """The question in a datagram; None for anything else."""
    path: list[str] = []
    texts: dict[str, str] = {}
    bound: dict[str, list[str]] = {}
    types: list[Type] = []

    def bind(prefix: str | None, uri: str) -> None:
        bound.setdefault(prefix or "", []).append(uri)

    def unbind(prefix: str | None) -> None:
        bound[prefix or ""].pop()

    def begin(name: str, _: object) -> None:
        path.append(name)

    def text(more: str) -> None:
        place = " ".join(path)
        texts[place] = texts.get(place, "") + more

    def end(_: str) -> None:
        if path == types_path:
            for word in texts.get(" ".join(path), "").split():
                prefix, _, name = word.rpartition(":")
                types.append((bound.get(prefix, [""])[-1], name))
        path.pop()

    def refuse(*_: object) -> None:
        raise ValueError("a document type")

    header, body = [f"{SOAP}|Envelope", f"{SOAP}|Header"], [f"{SOAP}|Envelope", f"{SOAP}|Body"]
    types_path = [*body, f"{DISCOVERY}|Probe", f"{DISCOVERY}|Types"]
    parser = expat.ParserCreate(namespace_separator="|")
    parser.StartNamespaceDeclHandler, parser.EndNamespaceDeclHandler = bind, unbind
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = text, refuse
    try:
        parser.Parse(data[:PROBE_BYTES_MAX], True)
    except (expat.ExpatError, ValueError, LookupError):
        return None
    action, message = (
        texts.get(" ".join([*header, f"{ADDRESSING}|{one}"]), "").strip() for one in ("Action", "MessageID")
    )
    return Probe(message, tuple(types)) if action == f"{DISCOVERY}/Probe" and message else None


def matches(card: Card, relates_to: str, message: str, number: int, instance: int = 1) -> bytes:
    """The answer to a question: `message` is its own UUID, `number` counts what the camera sent."""
    types = " ".join(f"{PREFIXES[space]}:{name}" for space, name in card.types)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<SOAP-ENV:Envelope xmlns:SOAP-ENV="{SOAP}" xmlns:wsa="{ADDRESSING}" xmlns:d="{DISCOVERY}" '
        f'xmlns:tds="{DEVICE}" xmlns:dn="{NETWORK}">'
        f"<SOAP-ENV:Header><wsa:MessageID>uuid:{message}</wsa:MessageID>"
        f"<wsa:RelatesTo>{escape(relates_to)}</wsa:RelatesTo>"
        f'<wsa:To SOAP-ENV:mustUnderstand="true">{ADDRESSING}/role/anonymous</wsa:To>'
        f'<wsa:Action SOAP-ENV:mustUnderstand="true">{DISCOVERY}/ProbeMatches</wsa:Action>'
        f'<d:AppSequence SOAP-ENV:mustUnderstand="true" MessageNumber="{number}" InstanceId="{instance}"/>'
        "</SOAP-ENV:Header><SOAP-ENV:Body><d:ProbeMatches><d:ProbeMatch>"
        f"<wsa:EndpointReference><wsa:Address>{escape(card.endpoint)}</wsa:Address></wsa:EndpointReference>"
        f"<d:Types>{types}</d:Types><d:Scopes>{escape(' '.join(card.scopes))}</d:Scopes>"
        f"<d:XAddrs>{escape(' '.join(card.xaddrs))}</d:XAddrs><d:MetadataVersion>10</d:MetadataVersion>"
        "</d:ProbeMatch></d:ProbeMatches></SOAP-ENV:Body></SOAP-ENV:Envelope>"
    ).encode()


class Simulator(asyncio.DatagramProtocol):
    """One camera at `own`, an IPv4 address of this machine.  `asked` keeps the last questions that it heard,
    `sent` counts its datagrams.  `astray` are the address and the interface that it answers by where these
    are not its own.  A `SimulatedDevice`.

    Faults: `hidden` (discovery is switched off), and what somebody else at the wire may say: `huge`, `bomb`
    (entities that unfold), `torn` (the answer breaks off), `other_question`, `no_http` (addresses of other
    kinds), `escapes` (control characters in a name and in a place).
    """

    FAULTS = ("hidden", "huge", "bomb", "torn", "other_question", "no_http", "escapes")

    def __init__(
        self, name: str, own: str, card: Card, *, astray: tuple[str, str] | None = None, seed: int = 1
    ) -> None:
        self.name = name
        self.own = own
        self.astray = astray
        self.card = card
        self.faults_set: set[str] = set()
        self.asked: deque[Probe] = deque(maxlen=100)
        self.sent = 0
        self._random = random.Random(seed)
        self._heard: deque[str] = deque(maxlen=100)
        self._passed_s = 0.0
        self._due: list[tuple[float, bytes, tuple[str, int]]] = []
        self._hearing: asyncio.DatagramTransport | None = None
        self._saying: socket.socket | None = None

    @property
    def address(self) -> str:
        return f"{self.own}:{PORT}"

    async def start(self) -> None:
        await self.stop()
        hearing = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        hearing.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        hearing.setsockopt(socket.IPPROTO_IP, _IP_MULTICAST_ALL, 0)
        hearing.bind((GROUP, PORT))
        group = socket.inet_aton(GROUP) + socket.inet_aton(self.own)
        hearing.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
        hearing.setblocking(False)
        self._saying = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        address, interface = self.astray or (self.own, "")
        self._saying.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
        self._saying.bind((address, 0))
        self._saying.setblocking(False)
        self._hearing, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: self, sock=hearing
        )

    async def stop(self) -> None:
        if self._hearing is not None:
            self._hearing.close()
        if self._saying is not None:
            self._saying.close()
        self._hearing = self._saying = None
        self._due.clear()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        probe = probe_in(data)
        if probe is None or probe.message in self._heard:
            return
        self._heard.append(probe.message)
        self.asked.append(probe)
        if "hidden" in self.faults_set or not set(probe.types) <= set(self.card.types):
            return
        answer = self._answer(probe)
        first_s = self._passed_s + self._random.uniform(0, APP_MAX_DELAY_S)
        again_s = first_s + self._random.uniform(UDP_MIN_DELAY_S, UDP_MAX_DELAY_S)
        self._due += [(first_s, answer, addr), (again_s, answer, addr)]

    def _answer(self, probe: Probe) -> bytes:
        card, faults = self.card, self.faults_set
        if "escapes" in faults:
            card = replace(card, scopes=(*card.scopes, *ESCAPES))
        if "no_http" in faults:
            card = replace(card, xaddrs=NO_HTTP)
        if "huge" in faults:
            card = replace(card, scopes=(*card.scopes, "onvif://www.onvif.org/name/" + "A" * HUGE_BYTES))
        relates_to = f"uuid:{self._uuid()}" if "other_question" in faults else probe.message
        answer = matches(card, relates_to, self._uuid(), len(self._heard))
        if "bomb" in faults:
            entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
            bomb = f'<!DOCTYPE d [<!ENTITY e0 "aaaaaaaaaa">{entities}]>\n<SOAP-ENV:Envelope'.encode()
            answer = answer.replace(b"<SOAP-ENV:Envelope", bomb, 1).replace(
                b"<d:Scopes>", b"<d:Scopes>&e11;", 1
            )
        return answer[: len(answer) // 2] if "torn" in faults else answer

    def _uuid(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def step(self, seconds: float) -> None:
        self._passed_s += seconds
        due = [one for one in self._due if one[0] <= self._passed_s]
        self._due = [one for one in self._due if one[0] > self._passed_s]
        for _, answer, asker in due:
            if self._saying is not None:
                self._saying.sendto(answer, asker)
                self.sent += 1

    def faults(self) -> tuple[str, ...]:
        return self.FAULTS

    def set_fault(self, fault: str, on: bool) -> None:
        if fault not in self.FAULTS:
            raise KeyError(f"no fault {fault!r}: {', '.join(self.FAULTS)}")
        (self.faults_set.add if on else self.faults_set.discard)(fault)
