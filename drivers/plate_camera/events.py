"""What a camera that reads by itself tells of one vehicle, and what may be believed of it."""

import time
from collections import OrderedDict
from dataclasses import dataclass, field

from anpr.canonical import TEXT_MAX, canonical

PLATE_MIN, PLATE_MAX = 4, 10
"""Characters of a canonical plate of the format table."""
SAME_S = 600.0
"""An event that comes again within this time is the same one, sent again."""
KNOWN_MAX = 256

NO_PLATE = frozenset(
    {"", "-", "--", "0", "NA", "N/A", "NONE", "NULL", "UNKNOWN", "UNKNOW", "NOPLATE", "UNLICENSED", "无车牌"}
)
"""What cameras write where they saw a vehicle and read no plate, upper case without blanks and brackets."""


@dataclass(frozen=True, slots=True)
class Told:
    """One vehicle as the camera told it.

    `text` is its plate as sent; `confidence` 0 to 1, None where the camera does not tell it; `country` a code
    of the format table or None.  `identity` is what two events of one reading have in common.  `clock_s` is
    the camera's own clock, seconds since 1970, for comparison only.  `box` is left, top, width, height of the
    plate as shares of the picture; `picture` and `crop` are what came with it, b"" for none.
    """

    text: str
    identity: str
    confidence: float | None = None
    country: str | None = None
    clock_s: float | None = None
    box: tuple[float, float, float, float] | None = None
    picture: bytes = field(default=b"", repr=False)
    crop: bytes = field(default=b"", repr=False)


def plate_in(text: str) -> str:
    """The canonical plate in what a camera wrote; "" for a marker of none, and for what can't be a plate.

    A text with characters that were damaged on their way is none: what is left of it may look like another.
    """
    bare = "".join(text.split()).strip("<>[]()").upper()
    if bare in NO_PLATE or len(text) > TEXT_MAX or not text.replace("\N{ZERO WIDTH SPACE}", "").isprintable():
        return ""
    if "\N{REPLACEMENT CHARACTER}" in text or "?" in text or "*" in text:
        return ""
    plate = canonical(text)
    sane = PLATE_MIN <= len(plate) <= PLATE_MAX and any(character.isdigit() for character in plate)
    return plate if sane else ""


class Known:
    """The events of one camera that were told before, over its reconnections too."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, float] = OrderedDict()

    def again(self, identity: str) -> bool:
        """Whether this event was told before; remembers it."""
        now_s = time.monotonic()
        seen_s = self._seen.pop(identity, None)
        again = seen_s is not None and now_s - seen_s < SAME_S
        self._seen[identity] = seen_s if again and seen_s is not None else now_s
        while len(self._seen) > KNOWN_MAX:
            self._seen.popitem(last=False)
        return again
