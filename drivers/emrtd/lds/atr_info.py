"""EF.ATR/INFO: what lengths of commands and answers the chip takes.

9303-10, 3.11.1; ISO/IEC 7816-4.
"""

from dataclasses import dataclass

from drivers.emrtd.errors import MalformedError
from drivers.emrtd.lds.templates import elements

CARD_CAPABILITIES, EXTENDED_LENGTHS, NUMBER = 0x47, 0x7F66, 0x02
_EXTENDED = 0x40
"""Bit 7 of the third byte of the card capabilities: extended Lc and Le."""


@dataclass(frozen=True, slots=True)
class AtrInfo:
    """`extended` is None where the file says nothing of extended lengths; the greatest lengths of a command
    and of an answer are bytes of whole APDUs, None where not stated."""

    extended: bool | None
    command_bytes_max: int | None
    response_bytes_max: int | None


def parse(data: bytes) -> AtrInfo:
    """Whatever of the file can be read: nobody signs it, and it only helps to read faster.  Raises
    MalformedError for bytes in which nothing can."""
    nodes, rest = elements(data)
    if rest and not nodes:
        raise MalformedError("EF.ATR/INFO: no data objects")
    extended: bool | None = None
    lengths: tuple[int | None, int | None] = (None, None)
    for node in nodes:
        if node.tag == CARD_CAPABILITIES and len(node.value) == 3:
            extended = bool(node.value[2] & _EXTENDED)
        elif node.tag == EXTENDED_LENGTHS:
            numbers = [one for one in elements(node.value)[0] if one.tag == NUMBER and len(one.value) <= 4]
            if len(numbers) == 2:
                lengths = (_number(numbers[0].value), _number(numbers[1].value))
    return AtrInfo(extended, *lengths)


def _number(octets: bytes) -> int | None:
    return int.from_bytes(octets, "big") or None
