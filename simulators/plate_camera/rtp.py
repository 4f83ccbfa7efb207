"""RTP packets of one stream (RFC 3550, 5.1), for the RTSP cameras.

V=2 P X CC | M, payload type | sequence number (2) | timestamp (4) | SSRC (4) | payload
"""

import random
import struct

CLOCK_HZ = 90_000
"""Of every payload that is sent here (RFC 2435, 3; RFC 6184, 8.2.1)."""


class Packets:
    """`ssrc`, `sequence` and `start` are chosen by whoever makes it."""

    def __init__(self, ssrc: int, sequence: int, start: int) -> None:
        self._ssrc, self._sequence, self._start = ssrc, sequence, start

    @property
    def next_sequence(self) -> int:
        """The sequence number of the next packet, for RTP-Info."""
        return self._sequence

    def timestamp(self, time_s: float) -> int:
        """The RTP time of a moment of the camera's clock."""
        return (self._start + round(time_s * CLOCK_HZ)) & 0xFFFFFFFF

    def packet(self, payload_type: int, payload: bytes, time_s: float, *, last: bool) -> bytes:
        """The next packet; `last` sets the marker bit, which ends a picture."""
        kind = payload_type | (0x80 if last else 0)
        header = struct.pack(">BBHII", 0x80, kind, self._sequence, self.timestamp(time_s), self._ssrc)
        self._sequence = (self._sequence + 1) & 0xFFFF
        return header + payload


def packets(chance: random.Random) -> Packets:
    """A stream that begins anywhere, as RFC 3550 wants it."""
    return Packets(chance.getrandbits(32), chance.getrandbits(16), chance.getrandbits(32))


class Loss:
    """A link or an encoder that drops packets: each with the same probability, by a seed."""

    def __init__(self, probability: float, seed: int = 0) -> None:
        self.probability = probability
        self.lost = 0
        self._chance = random.Random(seed)

    def left(self, sent: list[bytes]) -> list[bytes]:
        """What arrives of these packets."""
        arrive = [packet for packet in sent if self._chance.random() >= self.probability]
        self.lost += len(sent) - len(arrive)
        return arrive
