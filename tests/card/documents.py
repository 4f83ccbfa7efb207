"""Small chips for tests of the chip alone: files of a few bytes, keys that are numbers."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from simulators.card.der import oid, oid_value, sequence, set_of, tlv
from simulators.card.personalisation import (
    EF_CARD_ACCESS,
    EF_CARD_SECURITY,
    EF_COM,
    EF_SOD,
    AccessSecrets,
    FileKey,
    PaceOffer,
    Personalisation,
    data_group,
)

ERIKSSON = AccessSecrets("L898902C", "690806", "940623")
"""Doc 9303-11, appendix D."""
EXAMPLE_G = AccessSecrets("T22000129", "640812", "101031", can="123456")
"""Doc 9303-11, appendix G."""


def card_access(offers: Iterable[PaceOffer]) -> bytes:
    """EF.CardAccess with these PACEInfos."""
    return set_of(
        *(sequence(oid(each.oid), b"\x02\x01\x02", tlv(0x02, bytes([each.parameter_id]))) for each in offers)
    )


def files(*offers: PaceOffer) -> dict[FileKey, bytes]:
    """COM, SOD, DG1, DG2 of 1000 bytes, DG3, DG14, and in the master file what PACE needs."""
    found = {
        EF_COM: bytes.fromhex("600E5F0104303130375F3606303430303030"),
        EF_SOD: tlv(0x77, bytes(range(200))),
        data_group(1): tlv(0x61, tlv(0x5F1F, b"P<UTO".ljust(88, b"<"))),
        data_group(2): tlv(0x75, bytes(each % 251 for each in range(996))),
        data_group(3): tlv(0x63, b"fingers"),
        data_group(14): tlv(0x6E, set_of()),
    }
    if offers:
        found[EF_CARD_ACCESS] = card_access(offers)
        found[EF_CARD_SECURITY] = tlv(0x30, b"card security")
    return found


def document(*offers: PaceOffer, secrets: AccessSecrets = EXAMPLE_G, **others: Any) -> Personalisation:
    """A document that takes BAC, and PACE by these offers."""
    settings: Mapping[str, Any] = {"files": files(*offers), "pace": offers, **others}
    return Personalisation(secrets=secrets, **settings)


def script(*values: bytes) -> Callable[[int], bytes]:
    """A random source that gives these values in order, and fails on any other."""
    left = list(values)

    def random(size: int) -> bytes:
        value = left.pop(0)
        assert len(value) == size, f"{size} bytes asked for, {len(value)} scripted"
        return value

    return random


def protocol(offer: PaceOffer) -> bytes:
    """The octets of an offer's OID in MSE:Set AT."""
    return oid_value(offer.oid)
