"""Messages from a child process: a JSON header and, for pictures, bytes.

    length of the header (4, big endian), length of the bytes (4, big endian), header, bytes

To the child go JSON texts, one a line.
"""

import json
import struct
from typing import Any

HEADER_BYTES_MAX = 64 * 1024
BLOB_BYTES_MAX = 1024 * 1024
PREFIX = struct.Struct(">II")


class BrokenMessage(ValueError):
    """The child said something that is no message: its memory or its pipe is damaged."""


def pack(header: dict[str, Any], blob: bytes = b"") -> bytes:
    """One message; raises BrokenMessage when it is over the limits."""
    text = json.dumps(header).encode()
    _check(len(text), len(blob))
    return PREFIX.pack(len(text), len(blob)) + text + blob


def lengths(prefix: bytes) -> tuple[int, int]:
    """Lengths of header and bytes from a prefix; raises BrokenMessage when they are over the limits."""
    header, blob = PREFIX.unpack(prefix)
    _check(header, blob)
    return header, blob


def unpack(header: bytes) -> dict[str, Any]:
    """A header; raises BrokenMessage."""
    try:
        message = json.loads(header)
    except ValueError as error:
        raise BrokenMessage(f"a header that is not JSON: {error}") from None
    if not isinstance(message, dict) or not isinstance(message.get("kind"), str):
        raise BrokenMessage("a header without its kind")
    return message


def _check(header: int, blob: int) -> None:
    if not 0 < header <= HEADER_BYTES_MAX or not 0 <= blob <= BLOB_BYTES_MAX:
        raise BrokenMessage(f"a message of {header} + {blob} bytes")
