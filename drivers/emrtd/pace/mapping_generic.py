"""Generic mapping: the nonce and a first, anonymous key agreement make the generator (Doc 9303-11,
4.4.3.3.1)."""

from drivers.emrtd import libcrypto
from drivers.emrtd.curves import Point
from drivers.emrtd.errors import ProtocolError
from drivers.emrtd.keys import DhDomain, EcDomain
from drivers.emrtd.libcrypto import Field


def map_ec(domain: EcDomain, nonce: bytes, shared: Point) -> EcDomain:
    """G' = s·G + H.  Raises ProtocolError if that is infinity."""
    number = int.from_bytes(nonce, "big")
    mapped = libcrypto.multiply_add(domain.curve, number, domain.generator, shared)
    if mapped is None:
        raise ProtocolError("PACE: the mapped generator is the point at infinity")
    return domain.with_generator(mapped)


def map_dh(domain: DhDomain, nonce: bytes, shared: int) -> DhDomain:
    """g' = g^s · h.  Raises ProtocolError if that is 1."""
    field = Field(domain.group.p)
    mapped = field.multiply(field.power(domain.generator, int.from_bytes(nonce, "big")), shared)
    if mapped == 1:
        raise ProtocolError("PACE: the mapped generator is 1")
    return domain.with_generator(mapped)
