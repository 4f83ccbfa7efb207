"""Only whole pictures go on to the decoder: what a lost packet tore is left out, and all that refers to it.

A decoder fills what is missing with what was there before, and passes it on from picture to picture until one
comes that stands for itself.  A plate in it would be half of one vehicle's and half of another's.  So a gap
in the sequence numbers (RFC 3550, 5.1) ends the trust until the next such picture, and a stream is not begun
in the middle.  Sequence numbers are written anew, else the decoder's side would see the gap once more.

What a fragment or a parameter set shows to be broken tears a picture too, whatever the numbers say; one that
announces absurd sizes, and parameter sets without end, are refused before a decoder sees them.

Of other encodings than H.264 and H.265 the torn picture alone is left out, which is right for JPEG (RFC 2435)
and the most that can be done for what is not known.
"""

from dataclasses import dataclass, field

from drivers.plate_camera import nal_units
from drivers.plate_camera.picture_sizes import AbsurdSize, Sizes, UnreadableSet

PICTURE_BYTES_MAX = 16 * 1024 * 1024
JPEG_TYPE = 26
SETS_MAX = 320
"""Parameter sets before a picture: H.264 numbers 32 and 256 of them (7.4.2), and cameras send a handful."""

NO_CAMERA = "is this the camera's RTSP port?"
TOO_LARGE = "set a smaller picture or a lower bit rate in the camera"
RESTART = "restart the camera; if that does not help, set another encoding there"


class BrokenRtp(ValueError):
    """These are no RTP packets, or a picture too large for any camera."""

    def __init__(self, message: str, hint: str = NO_CAMERA) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(slots=True)
class _Gathered:
    """The packets of one picture so far."""

    codec: str
    time: int
    packets: list[bytes] = field(default_factory=list[bytes])
    size: int = 0
    kinds: set[int] = field(default_factory=set[int])
    torn: bool = False

    @property
    def pictured(self) -> bool:
        """Whether there is more than what precedes a picture."""
        return nal_units.pictured(self.codec, self.kinds)

    def add(self, packet: bytes, kinds: tuple[int, ...], lost: bool) -> None:
        self.packets.append(packet)
        self.size += len(packet)
        if self.size > PICTURE_BYTES_MAX:
            raise BrokenRtp(f"a picture of more than {PICTURE_BYTES_MAX >> 20} MiB", TOO_LARGE)
        self.kinds.update(kinds)
        self.torn |= lost


class WholePictures:
    """One stream.  Packets in as they come, in order; those of whole pictures out, when they are complete."""

    def __init__(self, codecs: dict[int, str]) -> None:
        self._codecs = codecs
        self._expected: int | None = None
        self._next = 1
        self._gathered: _Gathered | None = None
        self._ended_time: int | None = None
        self._marks_end = True
        self._broken = True
        self._sets = 0
        self._sizes = Sizes()
        self._unit: int | None = None
        self._marks_units = False
        self.torn = 0
        """Pictures that were left out."""
        self.whole = 0
        """Pictures that went on."""

    @property
    def held(self) -> int:
        """Bytes of the picture that is not complete yet."""
        return 0 if self._gathered is None else self._gathered.size

    @property
    def resized(self) -> str:
        """The size before and the new one, once the pictures have changed theirs: none of them goes on."""
        return self._sizes.changed

    def feed(self, packet: bytes) -> list[bytes]:
        """Raises BrokenRtp."""
        if len(packet) < 12 or packet[0] >> 6 != 2:
            raise BrokenRtp(f"a packet of {len(packet)} bytes that is no RTP")
        sequence, time = int.from_bytes(packet[2:4], "big"), int.from_bytes(packet[4:8], "big")
        codec = self._codecs.get(packet[1] & 0x7F, "JPEG" if packet[1] & 0x7F == JPEG_TYPE else "")
        seen = nal_units.seen(codec, _payload(packet))
        kinds, begins = seen.kinds, seen.begins
        self._count_sets(codec, kinds)
        goes_on = nal_units.refers(codec) and nal_units.pictured(codec, kinds) and not begins
        lost = self._expected is not None and sequence != self._expected
        lost |= self._misses_fragment(seen.fragment)
        self._expected = (sequence + 1) & 0xFFFF
        left: list[bytes] = []
        if self._gathered is not None:
            # What is lost may have belonged to the picture before, to this one, or to both.
            self._gathered.torn |= lost
            if self._gathered.time != time or (begins and self._gathered.pictured):
                left = self._ended()
        elif lost:
            self._broken = True
        elif goes_on and time == self._ended_time:
            self._marks_end = False  # this camera marks each slice: only the next picture ends one
        gathered = self._gathered = self._gathered or _Gathered(codec, time)
        # At a stream's start no gap tells that its first picture had begun before.
        headless = goes_on and not gathered.pictured and time != self._ended_time
        gathered.add(packet, kinds, lost or headless)
        if packet[1] & 0x80 and gathered.pictured and self._marks_end:
            gathered.torn |= self._unit is not None and self._marks_units
            left += self._ended()
        return left

    def _count_sets(self, codec: str, kinds: tuple[int, ...]) -> None:
        self._sets += nal_units.parameters(codec, kinds)
        if self._sets > SETS_MAX:
            raise BrokenRtp(f"more than {SETS_MAX} parameter sets and no picture", RESTART)

    def _misses_fragment(self, fragment: nal_units.Fragment | None) -> bool:
        """Whether the unit before was cut off, or this one lacks its beginning.  There are cameras that never
        mark a unit's end: theirs are not judged by it."""
        before, self._unit = self._unit, None
        if fragment is None or fragment.starts:
            missed = before is not None and self._marks_units
        else:
            missed = fragment.kind != before
        if fragment is not None:
            self._unit = None if fragment.ends else fragment.kind
            self._marks_units |= fragment.ends
        return missed

    def _ended(self) -> list[bytes]:
        picture, self._gathered = self._gathered, None
        if picture is None:
            return []
        self._ended_time = picture.time
        refers = nal_units.refers(picture.codec)
        if picture.pictured:
            self._sets = 0
        if refers and not picture.torn and self._unreadable(picture):
            picture.torn = True
        if self.resized:
            return []
        if refers and picture.torn:
            self._broken = True
        elif nal_units.key(picture.codec, picture.kinds):
            self._broken = False
        if picture.torn or (refers and self._broken and picture.pictured):
            self.torn += 1
            return []
        self.whole += picture.pictured
        return [self._renumbered(packet) for packet in picture.packets]

    def _unreadable(self, picture: _Gathered) -> bool:
        """Whether the decoder could not read its parameter sets either."""
        payloads = (_payload(packet) for packet in picture.packets)
        try:
            self._sizes.announce(picture.codec, nal_units.sequence_sets(picture.codec, payloads))
        except UnreadableSet:
            return True
        except AbsurdSize as error:
            raise BrokenRtp(str(error), TOO_LARGE) from None
        return False

    def _renumbered(self, packet: bytes) -> bytes:
        number, self._next = self._next, (self._next + 1) & 0xFFFF
        return packet[:2] + number.to_bytes(2, "big") + packet[4:]


def _payload(packet: bytes) -> bytes:
    """What follows the header, its sources and its extension (RFC 3550, 5.1 and 5.3.1)."""
    start = 12 + 4 * (packet[0] & 15)
    if packet[0] & 0x10:
        start += 4 + 4 * int.from_bytes(packet[start + 2 : start + 4], "big")
    return packet[start:]
