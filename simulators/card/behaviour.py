"""How a chip behaves where the standard leaves a choice, and where chips were seen not to follow it.

Each setting is one habit, with who was seen to have it where that is known; the default is the common one.
Whole profiles by state are the personaliser's.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field

from simulators.card.apdu import (
    AUTHENTICATION_FAILED,
    FILE_NOT_FOUND,
    REFERENCED_DATA_NOT_FOUND,
    SECURITY_NOT_SATISFIED,
)
from simulators.card.personalisation import FileKey


def _octets(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return bytes.fromhex(value)
    except ValueError:
        raise ValueError(f"found {value!r}, expected hexadecimal digits in pairs") from None


_ATR = bytes.fromhex("3B80800101")
_ATS = bytes.fromhex("0578807002")

Hexadecimal = Annotated[bytes, BeforeValidator(_octets)]
StatusWord = Annotated[int, Field(ge=0x6000, le=0x9FFF)]
"""ISO/IEC 7816-4, 5.6: the first byte is 6X or 9X."""


class OverLength(StrEnum):
    """What READ BINARY does about more bytes than it can send at once."""

    FEWER = "fewer"
    """As many as fit, 9000."""
    EXACT = "exact"
    """6Cxx, the most it can send."""
    WRONG_LENGTH = "wrong length"
    """6700."""
    OUTSIDE = "outside"
    """6B00 (RU, for 256)."""


class MasterFileForm(StrEnum):
    """Ways to select the master file; chips differ in which they take (NZ, CN, AU, UA)."""

    BARE = "00A4000C"
    IDENTIFIER = "00A4000C023F00"
    ZERO = "00A40000"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One chip's habits.  Status words are numbers such as 0x6982."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    atr: Hexadecimal = _ATR
    ats: Hexadecimal = _ATS
    extended: bool = True
    """Takes commands of extended length; False: 6700."""
    read_max: Annotated[int, Field(ge=1, le=65536)] | None = None
    """The most bytes of one READ BINARY, whatever fits (UA 192)."""
    over_length: OverLength = OverLength.WRONG_LENGTH
    """For an exact Le beyond `read_max` or the frame; Le 00 is always cut to what fits."""
    loses_session_when_refusing: bool = False
    """The refusal of an over-long READ BINARY is the last of its session: 6988 to the next command (RU)."""
    loses_session_at_extended: bool = False
    """Any extended command throws the counter out of step (CN)."""
    exact_at_end: bool = False
    """A read past the end answers 6Cxx instead of the data with 6282."""
    get_response: bool = False
    """Answers with data come by 61xx and GET RESPONSE, as over T=0."""
    odd_read: bool = True
    """Knows READ BINARY with an odd instruction."""
    absent: StatusWord = FILE_NOT_FOUND
    """For files that are not there (UK 6A88)."""
    selects_locked: bool = False
    """Files that may not be read can be selected; False: 6982."""
    refuses_le_at_select: bool = False
    """SELECT with an Le is refused with 6700 (DE)."""
    master_file_forms: frozenset[MasterFileForm] = frozenset(MasterFileForm)
    short_identifiers_in_master_file: bool = True
    """READ BINARY by short identifier works in the master file (UK not)."""
    locked_directory: bool = False
    """EF.DIR reads only after access control (US)."""
    deactivated: frozenset[FileKey] = frozenset()
    """Files whose selection answers 6283 and that read all the same (MY, EF.CardAccess)."""
    application_needs_terminal: bool = False
    """The eMRTD application can be selected after terminal authentication only (DE, identity cards)."""
    wrong_key: StatusWord = AUTHENTICATION_FAILED
    """BAC's and PACE's answer to a wrong key; seen: 6300, 6982, 6985, 6988, 6A80."""
    bac_refused: StatusWord = SECURITY_NOT_SATISFIED
    """EXTERNAL AUTHENTICATE of a document that takes PACE only: 6982 or 6300."""
    missing_parameter: StatusWord = REFERENCED_DATA_NOT_FOUND
    """MSE:Set AT without 84 when several PACEInfos fit (UA 6A87)."""
    needs_parameter: bool = False
    """`missing_parameter` even when one PACEInfo fits."""
    can_tries: Annotated[int, Field(ge=0, le=15)] = 0
    """Wrong card access numbers before it is blocked, told by 63Cx; 0: no counter, 6300."""
    suspends_can: bool = False
    """Before the last of `can_tries` the CAN is suspended until PACE with the MRZ succeeded."""
    wrong_keys_max: Annotated[int, Field(ge=0)] = 0
    """So many wrong keys block the chip for good with 6983; 0: never."""
    pads_dh_keys: bool = False
    """DH public keys at full length, with leading zeros."""
    active_needs_extended: bool = False
    """INTERNAL AUTHENTICATE of short form is refused with 6700 (AU)."""
    active_empty_at_65536: bool = False
    """INTERNAL AUTHENTICATE with Le 65536 answers 9000 without data (CN)."""
