"""The wire to vpcd, the virtual reader of vsmartcard 3.3: frames over TCP, and one connection that serves.

    u16 length, big endian | payload

A payload of one byte is a control: 00 power off, 01 power on, 02 reset, 04 tell the ATR (the only one that
is answered).  Anything longer is a command APDU; its answer goes back in one frame.  A command APDU has at
least four bytes (ISO/IEC 7816-4, 5.1), so the two can't be confused.  Written from vsmartcard's documentation
of the protocol; the card is the client, the reader (inside pcscd) listens.
"""

import asyncio
import contextlib
import socket
from collections.abc import Callable
from typing import Protocol

POWER_OFF, POWER_ON, RESET, TELL_ATR = 0x00, 0x01, 0x02, 0x04
FRAME_BYTES_MAX = 0xFFFF


class Card(Protocol):
    """What a card is to its reader."""

    @property
    def atr(self) -> bytes: ...

    answer_delay_s: float
    """What the last answer takes before it goes out, seconds."""

    def power(self, on: bool) -> None:
        """Power came or went, or the reader reset the card (then twice, off and on)."""
        ...

    def answer(self, command: bytes) -> bytes | None:
        """The response to a command APDU; None for a card that falls silent."""
        ...


def frame(payload: bytes) -> bytes:
    """One frame.  Raises ValueError when the payload does not fit."""
    if len(payload) > FRAME_BYTES_MAX:
        raise ValueError(f"{len(payload)} bytes do not fit into a frame of vpcd")
    return len(payload).to_bytes(2, "big") + payload


class Deframer:
    """Bytes in, payloads out.  Holds less than one frame, at most 64 KiB."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        self._buffer += data
        payloads: list[bytes] = []
        while len(self._buffer) >= 2:
            end = 2 + int.from_bytes(self._buffer[:2], "big")
            if len(self._buffer) < end:
                break
            payloads.append(bytes(self._buffer[2:end]))
            del self._buffer[:end]
        return payloads


def respond(card: Card, payload: bytes) -> bytes | None:
    """What the card does about one payload, and what goes back; None for nothing."""
    if len(payload) != 1:
        return card.answer(payload)
    match payload[0]:
        case 0x04:
            return card.atr
        case 0x00:
            card.power(False)
        case 0x01:
            card.power(True)
        case 0x02:
            card.power(False)
            card.power(True)
        case _:
            pass
    return None


class Link:
    """One card in one reader: a connection, from insertion to removal."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    @classmethod
    async def connect(cls, host: str, port: int) -> "Link":
        """Put the card into the reader.  Raises OSError when no reader is there."""
        connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        connection.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(connection, (host, port))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except BaseException:
            connection.close()
            raise
        return cls(connection)

    async def serve(
        self, respond_to: Callable[[bytes], bytes | None], answer_delay_s: Callable[[], float] = lambda: 0.0
    ) -> None:
        """Answer until the reader closes or the card is torn out.  Raises OSError when the line breaks.

        `answer_delay_s` is asked after each answer for what it takes.
        """
        loop = asyncio.get_running_loop()
        deframer = Deframer()
        while data := await loop.sock_recv(self._connection, 4096):
            # vpcd sends a frame's length and its body apart and without TCP_NODELAY, so its second part waits
            # for our acknowledgement, which the kernel delays by 40 ms.  The option does not stick.
            self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            for payload in deframer.feed(data):
                answer = respond_to(payload)
                if answer is not None:
                    if len(payload) > 1 and (seconds := answer_delay_s()):
                        await asyncio.sleep(seconds)
                    await loop.sock_sendall(self._connection, frame(answer))

    def tear(self) -> None:
        """Tear the card out: `serve` ends, an answer on its way may be cut."""
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Once `serve` has ended."""
        self._connection.close()
