"""Inspection of an ICAO Doc 9303 chip: access, authenticity of the data and of the chip, and what it holds.

A protocol library: the transport is one callable, randomness a parameter; no reader, no event loop and no
other part of the house is known here.  One module a protocol and one a data group, named as in Doc 9303 parts
10 to 12 and BSI TR-03110.
"""

from drivers.emrtd.check import Check, Outcome
from drivers.emrtd.errors import (
    AccessRefused,
    EmrtdError,
    LibraryMissing,
    MalformedError,
    ProtocolError,
    SessionLost,
    StatusError,
    TagLost,
    TerminalKeyError,
    UnsupportedError,
)

__all__ = [
    "AccessRefused",
    "Check",
    "EmrtdError",
    "LibraryMissing",
    "MalformedError",
    "Outcome",
    "ProtocolError",
    "SessionLost",
    "StatusError",
    "TagLost",
    "TerminalKeyError",
    "UnsupportedError",
]
