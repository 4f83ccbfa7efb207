"""EF.DIR: which applications a chip has (9303-10, 3.11.2; ISO/IEC 7816-4)."""

from dataclasses import dataclass

from drivers.emrtd.errors import MalformedError
from drivers.emrtd.lds.templates import elements, text_of

TAG = 0x61
AID, LABEL = 0x4F, 0x50
APPLICATIONS_MAX = 32

EMRTD = bytes.fromhex("A0000002471001")
LDS2 = {
    bytes.fromhex("A0000002472001"): "travel_records",
    bytes.fromhex("A0000002472002"): "visa_records",
    bytes.fromhex("A0000002472003"): "additional_biometrics",
}
"""The optional applications of LDS2; recognised, not read."""


@dataclass(frozen=True, slots=True)
class Application:
    """`label` is what the issuer calls it, empty where it says nothing."""

    aid: bytes
    label: str

    @property
    def name(self) -> str:
        """`emrtd`, one of LDS2's, or `other`."""
        return "emrtd" if self.aid == EMRTD else LDS2.get(self.aid, "other")


def parse(data: bytes) -> tuple[Application, ...]:
    """The applications in the file's order; padding behind them is left alone.  Raises MalformedError."""
    nodes, rest = elements(data)
    if (rest and not nodes) or len(nodes) > APPLICATIONS_MAX:
        raise MalformedError(f"EF.DIR: no applications, or over {APPLICATIONS_MAX}")
    found: list[Application] = []
    for node in nodes:
        if node.tag != TAG:
            raise MalformedError(f"EF.DIR: tag {node.tag:02X} where an application is expected")
        aid, label = node.get(AID), node.find(LABEL)
        found.append(Application(aid.value, text_of(label.value) if label else ""))
    return tuple(found)
