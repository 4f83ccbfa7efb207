"""Linux input events (`linux/input.h`) from a keyboard wedge, as characters.  No I/O.

    struct input_event { long seconds, microseconds; u16 type, code; s32 value; }

One key is EV_KEY (1) with its code and value 1 pressed, 0 released, 2 repeated by the kernel, then EV_SYN.
The key map is fixed to the US layout, on which `<` is Shift and comma.  A reader set to another country's
layout types other keys (a German one swaps Y and Z, which no check digit over names would notice); all of
them have `<` on the ISO key 102, so that key betrays the wrong setting and spoils the swipe.
"""

import struct

RECORD = struct.Struct("@llHHi")
EV_SYN, EV_KEY, EV_MAX = 0x00, 0x01, 0x1F
SYN_DROPPED = 3
_SHIFTS = (42, 54)
_KEY_102ND = 86

LOST = b"\x00"
"""Stands where keys were lost: the kernel's buffer ran over, or the records make no sense."""
WRONG_LAYOUT = b"\x1a"
"""Stands where a key was typed that the US layout does not have."""
UNKNOWN = b"\x15"
"""Stands where a key without a character was typed."""

_PLAIN = {28: "\r", 96: "\r", 15: "\t", 57: " "}
_SHIFTED = dict(_PLAIN)
for _first, _plain, _shifted in (
    (2, "1234567890-=", "!@#$%^&*()_+"),
    (16, "QWERTYUIOP[]", "QWERTYUIOP{}"),
    (30, "ASDFGHJKL;'`", 'ASDFGHJKL:"~'),
    (43, "\\ZXCVBNM,./", "|ZXCVBNM<>?"),
):
    # Letters are upper case either way: a zone has no others, and Caps Lock inverts the case of some readers.
    _PLAIN.update(enumerate(_plain, _first))
    _SHIFTED.update(enumerate(_shifted, _first))
for _first, _keypad in ((71, "789"), (75, "456"), (79, "1230")):
    _PLAIN.update(enumerate(_keypad, _first))

_SILENT = {*_SHIFTS, 29, 97, 56, 100, 58, 69, 70}
"""Modifiers and locks: no character of their own."""


class KeyDecoder:
    """Records in, characters out.  Holds less than one record."""

    def __init__(self) -> None:
        self._rest = b""
        self._shifts: set[int] = set()

    @property
    def pending(self) -> bool:
        """Whether a record is cut: `reset` forgets it."""
        return bool(self._rest)

    def feed(self, data: bytes) -> bytes:
        """The characters that were typed; `LOST`, `WRONG_LAYOUT` or `UNKNOWN` where one is missing."""
        data = self._rest + data
        whole = len(data) - len(data) % RECORD.size
        self._rest = data[whole:]
        typed = bytearray()
        for _, _, kind, code, value in RECORD.iter_unpack(data[:whole]):
            if kind > EV_MAX or (kind == EV_KEY and value not in (0, 1, 2)):
                # Out of step with the records: nothing after this can be trusted until the next silence.
                self.reset()
                return bytes(typed) + LOST
            if kind == EV_SYN and code == SYN_DROPPED:
                self._shifts.clear()
                typed += LOST
            elif kind == EV_KEY:
                typed += self._key(code, value)
        return bytes(typed)

    def reset(self) -> None:
        """After a silence: a cut record is forgotten and no key is held."""
        self._rest = b""
        self._shifts.clear()

    def _key(self, code: int, value: int) -> bytes:
        if code in _SHIFTS:
            self._shifts.discard(code)
            if value:
                self._shifts.add(code)
        if value != 1 or code in _SILENT:
            return b""
        if code == _KEY_102ND:
            return WRONG_LAYOUT
        character = (_SHIFTED if self._shifts else _PLAIN).get(code)
        return character.encode("ascii") if character else UNKNOWN
