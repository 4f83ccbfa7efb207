"""Which of the readers that pcscd knows is meant: by a pattern for its name, or by its USB id.

The same hardware has other names under other drivers, and pcscd appends ` [interface] (serial) NN MM`, so a
USB id is the surer choice.  Readers with several slots have one for the air (PICC, CL) beside contact and SAM
slots; that one is taken.  Source: docs/sources.md 49 and 50 (names and ids of libccid 1.5.2).
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

SYSFS = Path("/sys/bus/usb/devices")
_CONTACTLESS = re.compile(r"\b(PICC|CL|RF|RFID|NFC|contactless|prox|ePassport)\b", re.IGNORECASE)
_NOT_CONTACTLESS = re.compile(r"\b(SAM|ICC|contact)\b", re.IGNORECASE)


class NoReader(Exception):
    """None of the readers is meant; the message lists them."""


class TooManyReaders(Exception):
    """More than one is meant; the message lists them."""


def choose(
    names: Sequence[str], pattern: str = "", usb: str = "", usb_ids: Mapping[str, str] | None = None
) -> str:
    """The one slot that is meant.

    `pattern` is a regular expression searched in the name, without regard to case; `usb` is `VVVV:PPPP` in
    hexadecimal, compared with `usb_ids` (by name).  Raises NoReader, TooManyReaders.
    """
    ids = usb_ids or {}
    found = [name for name in names if re.search(pattern, name, re.IGNORECASE)]
    if usb:
        found = [name for name in found if ids.get(name, "").upper() == usb.upper()]
    there = ", ".join(f"{name} ({ids[name]})" if name in ids else name for name in names) or "none at all"
    wanted = " and ".join(
        part for part in (f'name like "{pattern}"' if pattern else "", f"USB id {usb}" if usb else "") if part
    )
    if not found:
        raise NoReader(f"no reader with {wanted}; there is: {there}" if wanted else "there is no reader")
    if len(found) > 1:
        found = (
            [name for name in found if _CONTACTLESS.search(name)]
            or [name for name in found if not _NOT_CONTACTLESS.search(name)]
            or found
        )
    if len(found) > 1:
        raise TooManyReaders(f"{len(found)} readers fit: {', '.join(found)}")
    return found[0]


def siblings(names: Sequence[str], reader: str) -> tuple[str, ...]:
    """The other slots of the same reader: pcscd numbers readers and slots at the end of the name."""
    stem = re.sub(r" [0-9A-F]{2}$", "", reader)
    return tuple(name for name in names if name != reader and re.sub(r" [0-9A-F]{2}$", "", name) == stem)


def is_contactless_atr(atr: bytes) -> bool:
    """Whether a reader made this ATR for a card in its field (PC/SC part 3, 3.1.3.2.3: 3B 8N 80 01).  A SAM
    that is built in has its own."""
    return len(atr) >= 4 and atr[0] == 0x3B and atr[1] >> 4 == 8 and atr[2:4] == b"\x80\x01"


def usb_id(channel: int, sysfs: Path = SYSFS) -> str | None:
    """`VVVV:PPPP` of the USB device at this SCARD_ATTR_CHANNEL_ID; None when it is not USB or not found.

    libccid packs 0x0020, the bus and the device's address there (PC/SC part 3, 3.1.4: channel type USB).
    """
    if channel >> 16 != 0x0020 or not sysfs.is_dir():
        return None
    bus, address = channel >> 8 & 0xFF, channel & 0xFF
    for device in sysfs.iterdir():
        try:
            place = int((device / "busnum").read_text()), int((device / "devnum").read_text())
            if place == (bus, address):
                ids = [(device / part).read_text().strip() for part in ("idVendor", "idProduct")]
                return ":".join(ids).upper()
        except (OSError, ValueError):
            continue  # an interface, or a device that is just being unplugged
    return None
