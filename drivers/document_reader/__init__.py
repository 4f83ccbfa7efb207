"""The role `document_reader`: anything that takes a traveller's document.

A swipe reader yields MRZ lines; a page reader yields a page's picture; a PC/SC reader yields the card's
coming and going and what it could select.  All of them speak only when used.
"""

from dataclasses import dataclass, field
from typing import ClassVar

from drivers.device import Device


@dataclass(frozen=True, slots=True)
class MrzRead:
    """Lines of an MRZ as the device sent them, without terminators, upper case."""

    lines: tuple[str, ...]
    raw: bytes


PAGE_BYTES_MAX = 16 * 1024 * 1024
FRAMES_MAX = 4


@dataclass(frozen=True, slots=True)
class PageRead:
    """A page's picture: encoded bytes (JPEG or PNG) as the device gave them.

    `image` is the frame to read first: the infrared one where the device has one, else the sharpest.
    `others` are further frames of the same page, for where the first is not enough: those under white light
    best first, then infrared ones.  At most FRAMES_MAX frames and PAGE_BYTES_MAX bytes in all."""

    image: bytes = field(repr=False)
    infrared: bool
    others: tuple[bytes, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class CardInserted:
    """A chip came into a reader's field.  `emrtd` says whether the eMRTD application (ICAO Doc 9303-10,
    AID A0000002471001) could be selected; None when selecting failed for a technical reason."""

    reader: str
    atr: bytes
    emrtd: bool | None


@dataclass(frozen=True, slots=True)
class CardRemoved:
    reader: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something was presented that could not be read; `reason` is a code: `too_short`, `bad_lines`,
    `timeout`, `bad_bytes`, `card_mute`, ..."""

    reason: str
    raw: bytes


DocumentReading = MrzRead | PageRead | CardInserted | CardRemoved | Unreadable


class DocumentReader(Device[DocumentReading]):
    """`silent_s` is None: no news is normal.  A vanished port or a dead pcscd raises DeviceUnavailable
    within 2 s.  A driver whose readings hold `PageRead` says so: pages are read in a process of the daemon's,
    which then is ready before the first one comes, and whose loss degrades this device."""

    role: ClassVar[str] = "document_reader"
    gives_pages: ClassVar[bool] = False
