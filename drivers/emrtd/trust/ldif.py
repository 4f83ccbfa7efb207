"""LDIF (RFC 2849) as the ICAO PKD publishes it: 10 to 100 MB, read as a stream, one entry at a time."""

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from drivers.emrtd.errors import MalformedError

LINE_MAX = 1 << 20
ENTRY_MAX = 64 << 20
"""Octets of one entry before decoding: the largest master lists in the PKD have about 1 MB."""
LINES_MAX = 4096
"""Lines of one entry after unfolding; those of the PKD have about ten."""

SIGNER, CA = "usercertificate", "cacertificate"
CRL, MASTER_LIST = "certificaterevocationlist", "pkdmasterlistcontent"
CONFORMANCE_CODE = "pkdconformancecode"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry.  `attributes` by name in lower case without options (`;binary`), in the order they came.

    `line` is where it begins.  `problems` are its lines that could not be read; the others are still good."""

    dn: str
    line: int
    attributes: Mapping[str, list[bytes]] = field(repr=False)
    problems: tuple[str, ...] = ()

    @property
    def conformant(self) -> bool:
        """False for what the PKD keeps apart as not conformant (`dc=nc-data`)."""
        return CONFORMANCE_CODE not in self.attributes and "dc=nc-data" not in self.dn.lower()


def entries(stream: BinaryIO) -> Iterator[Entry]:
    """The entries of an LDIF file.  Raises MalformedError where it is none or a bound is passed."""
    # One growing buffer: a list of short lines would take many times their octets.
    entry = bytearray()
    start, count = 1, 0
    for number, line in _lines(stream):
        if line.startswith(b" ") and entry:
            entry += line[1:]
        elif line.strip():
            start, count = (start, count + 1) if entry else (number, 1)
            entry += line if count == 1 else b"\n" + line
        elif entry:
            yield from _entry(bytes(entry), start)
            entry.clear()
        if len(entry) > ENTRY_MAX:
            raise MalformedError(f"LDIF line {number}: an entry of more than {ENTRY_MAX} octets")
        if count > LINES_MAX:
            raise MalformedError(f"LDIF line {number}: an entry of more than {LINES_MAX} lines")
    if entry:
        yield from _entry(bytes(entry), start)


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    number = 0
    while line := stream.readline(LINE_MAX + 1):
        number += 1
        if len(line) > LINE_MAX:
            raise MalformedError(f"LDIF line {number}: more than {LINE_MAX} octets")
        yield number, line.rstrip(b"\r\n")


def _entry(text: bytes, start: int) -> Iterator[Entry]:
    attributes: dict[str, list[bytes]] = {}
    problems: list[str] = []
    for line in text.split(b"\n"):
        name, colon, value = line.partition(b":")
        if line.startswith(b"#"):
            continue
        try:
            if not colon:
                raise ValueError("no colon")
            key = name.split(b";")[0].strip().decode("ascii").lower()
            attributes.setdefault(key, []).append(_value(value))
        except ValueError as error:
            problems.append(f"LDIF entry at line {start}: {name[:40]!r}: {error}")
    if not attributes and problems and start == 1:
        raise MalformedError(problems[0])
    dn = attributes.pop("dn", [b""])[0].decode("utf-8", "replace")
    attributes.pop("version", None)
    if attributes or problems:
        yield Entry(dn, start, attributes, tuple(problems))


def _value(value: bytes) -> bytes:
    if value.startswith(b":"):
        try:
            return base64.b64decode(value[1:].strip(), validate=True)
        except binascii.Error as error:
            raise ValueError(f"base64: {error}") from error
    if value.startswith(b"<"):
        raise ValueError("a value at an address is not fetched")
    return value.strip()
