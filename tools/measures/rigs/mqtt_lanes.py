"""Many lanes' connections to a broker, cheap enough not to be what is measured (MQTT 3.1.1, OASIS 2014).

Each lane publishes with QoS 1 and reads the store's acknowledgements of its own journal.
"""

import asyncio
import re
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from simulators.pki import Identity

SITE = "measured"
UNANSWERED_MAX = 2_000
"""Messages that the broker has not taken yet; a lane waits for it, as aiomqtt's own window does."""
_CONTIGUOUS = re.compile(rb'"contiguous":(\d+)')


def lane_name(number: int) -> str:
    return f"lane-{number:03}"


def journal_name(number: int) -> str:
    return f"{number:032x}"


def access_list(user: str, dashboard: str) -> str:
    """All lanes under one certificate: what is measured is not the broker's look-up of names."""
    return (
        f"user {user}\ntopic write borderlane/v1/{SITE}/+/event/#\n"
        f"topic write borderlane/v1/{SITE}/+/status\ntopic read borderlane/v1/{SITE}/+/ack\n"
        f"user {dashboard}\ntopic read borderlane/v1/#\ntopic write borderlane/v1/{SITE}/+/ack\n"
    )


def _text(value: str) -> bytes:
    data = value.encode()
    return len(data).to_bytes(2, "big") + data


def _packet(kind: int, body: bytes) -> bytes:
    length, digits = len(body), bytearray()
    while True:
        length, digit = divmod(length, 128)
        digits.append(digit | (128 if length else 0))
        if not length:
            return bytes([kind]) + bytes(digits) + body


def publish_packet(topic: str, payload: bytes, packet_id: int) -> bytes:
    return _packet(0x32, _text(topic) + packet_id.to_bytes(2, "big") + payload)


@dataclass(frozen=True, slots=True)
class Message:
    """A payload for `event/<audience>`; `up_to` is the highest sequence sent once it is."""

    audience: str
    payload: bytes
    up_to: int


class LaneConnection(asyncio.Protocol):
    def __init__(self, number: int, moved: asyncio.Event) -> None:
        """`moved` is set when the store's acknowledgement or the broker's answer came."""
        self.lane, self._moved = lane_name(number), moved
        self.contiguous = 0
        self.acknowledged_s = 0.0
        """When the store's acknowledgement last moved (seconds, monotonic)."""
        self.unanswered = 0
        self.subscribed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._packet_id = 1
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(_packet(0x10, _text("MQTT") + b"\x04\x02\x00\x00" + _text(f"{SITE}-{self.lane}")))
        ack = f"borderlane/v1/{SITE}/{self.lane}/ack"
        transport.write(_packet(0x82, b"\x00\x01" + _text(ack) + b"\x00"))

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.subscribed.done():
            self.subscribed.set_exception(ConnectionError(f"{self.lane}: the broker hung up ({exc})"))

    def publish(self, audience: str, payload: bytes) -> None:
        self.publish_to(f"event/{audience}", payload)

    def publish_to(self, what: str, payload: bytes) -> None:
        """`what`: the topic below the lane's own."""
        self._packet_id = self._packet_id % 65_535 + 1
        self.unanswered += 1
        topic = f"borderlane/v1/{SITE}/{self.lane}/{what}"
        assert self._transport is not None
        self._transport.write(publish_packet(topic, payload, self._packet_id))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while len(self._buffer) >= 2:
            length, at, shift = 0, 1, 0
            while True:
                if at >= len(self._buffer):
                    return
                length |= (self._buffer[at] & 127) << shift
                at, shift = at + 1, shift + 7
                if not self._buffer[at - 1] & 128:
                    break
            if len(self._buffer) < at + length:
                return
            self._take(self._buffer[0] >> 4, self._buffer[at : at + length])
            self._buffer = self._buffer[at + length :]

    def _take(self, kind: int, body: bytes) -> None:
        if kind == 4:
            self.unanswered -= 1
            self._moved.set()
        elif kind == 9 and not self.subscribed.done():
            self.subscribed.set_result(None)
        elif kind == 3 and (found := _CONTIGUOUS.search(body)) and int(found[1]) > self.contiguous:
            self.contiguous, self.acknowledged_s = int(found[1]), time.monotonic()
            self._moved.set()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()


class Lanes:
    """The connections of `count` lanes; use as an async context."""

    def __init__(self, count: int, port: int, identity: Identity) -> None:
        self._count, self._port = count, port
        self._tls = ssl.create_default_context(cafile=str(identity.ca))
        self._tls.load_cert_chain(identity.certificate, identity.key)
        self.connections: list[LaneConnection] = []
        self._moved = asyncio.Event()

    async def __aenter__(self) -> "Lanes":
        loop = asyncio.get_running_loop()
        for number in range(self._count):

            def connection(number: int = number) -> LaneConnection:
                return LaneConnection(number, self._moved)

            _, made = await loop.create_connection(connection, "127.0.0.1", self._port, ssl=self._tls)
            await made.subscribed
            self.connections.append(made)
        return self

    async def __aexit__(self, *_: object) -> None:
        for connection in self.connections:
            connection.close()

    async def publish(
        self, messages: Sequence[Message], *, window: int | None, repeat_every: int = 0
    ) -> float:
        """Every message (made for lane 0) from each lane; each `repeat_every`th twice, as after a lost
        connection.  A lane has at most `window` events without the store's acknowledgement (None: whoever
        listens acknowledges nothing).  The time it began (monotonic)."""
        began = time.monotonic()
        names = [(lane_name(n).encode(), journal_name(n).encode()) for n in range(self._count)]
        following = [0] * self._count
        waiting = list(range(self._count))
        while waiting:
            self._moved.clear()
            sent_before = sum(following)
            for number in waiting:
                connection, index = self.connections[number], following[number]
                sent = messages[index - 1].up_to if index else 0
                if window is not None and sent - connection.contiguous >= window:
                    continue
                mine = messages[index].payload.replace(names[0][0], names[number][0])
                mine = mine.replace(names[0][1], names[number][1])
                following[number] += 1
                for _ in range(2 if repeat_every and (index + 1) % repeat_every == 0 else 1):
                    connection.publish(messages[index].audience, mine)
            waiting = [number for number in waiting if following[number] < len(messages)]
            await asyncio.sleep(0)
            if waiting and sum(following) == sent_before:
                await self._moved.wait()
            while sum(one.unanswered for one in self.connections) > UNANSWERED_MAX:
                self._moved.clear()
                await self._moved.wait()
        return began

    async def acknowledged(self, sequence: int, seconds: float) -> float:
        """When the store had acknowledged `sequence` to every lane (monotonic).  Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while any(one.contiguous < sequence for one in self.connections):
                await asyncio.sleep(0.005)
        return max(one.acknowledged_s for one in self.connections)


def site_toml(folder: Path, url: str, port: int, identity: Identity, signing_key: Path) -> Path:
    """The dashboard's configuration."""
    file = folder / "site.toml"
    file.write_text(
        f'site = "{SITE}"\ntime_zone = "Asia/Almaty"\n'
        f'[listen]\naddress = "127.0.0.1"\nport = 0\n[store]\nurl = "{url}"\n'
        f'[broker]\naddress = "127.0.0.1"\nport = {port}\nca = "{identity.ca}"\n'
        f'certificate = "{identity.certificate}"\nkey = "{identity.key}"\n'
        f'[signing]\nkey = "{signing_key}"\nkey_id = "measured-1"\n'
    )
    return file
