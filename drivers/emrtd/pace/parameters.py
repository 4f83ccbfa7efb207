"""Which way of PACE to take of those that the chip offers (Doc 9303-11, sections 4.4.3 and 9.5)."""

from collections.abc import Sequence
from dataclasses import dataclass

from drivers.emrtd import domain_parameters
from drivers.emrtd.ciphers import Cipher
from drivers.emrtd.errors import MalformedError, UnsupportedError
from drivers.emrtd.keys import DhDomain, EcDomain
from drivers.emrtd.lds.security_infos import (
    KeyAgreement,
    Mapping,
    PaceDomainParameterInfo,
    PaceInfo,
    SecurityInfo,
    of_type,
)

_VERSION = 2
# What breaking each costs, as the logarithm of the work (NIST SP 800-57 part 1, table 2).
_CIPHER_STRENGTH = {Cipher.DES3: 112, Cipher.AES128: 128, Cipher.AES192: 192, Cipher.AES256: 256}
_MODP_STRENGTH = {1024: 80, 2048: 112}


@dataclass(frozen=True, slots=True)
class Offer:
    """One way that the chip offers and we can go, with its domain parameters."""

    info: PaceInfo
    domain: EcDomain | DhDomain


def choose(infos: Sequence[SecurityInfo]) -> Offer | None:
    """The way to take: chip authentication mapping before all, as it proves the chip besides, then the
    strongest.

    None if the chip offers no PACE, or none that is known here.
    """
    return next(iter(offers(infos)), None)


def offers(infos: Sequence[SecurityInfo]) -> tuple[Offer, ...]:
    """All usable ways, the best first; the chip's own order decides among equals."""
    found: list[Offer] = []
    for info in of_type(infos, PaceInfo):
        try:
            found.append(offer_of(info, infos))
        except (UnsupportedError, MalformedError):
            continue
    return tuple(sorted(found, key=_rank, reverse=True))


def offer_of(info: PaceInfo, infos: Sequence[SecurityInfo] = ()) -> Offer:
    """This way with its domain parameters, which may be written out in another of `infos`.

    Raises UnsupportedError for what the standard does not have, MalformedError for parameters that are none.
    """
    if info.version != _VERSION:
        raise UnsupportedError(f"PACE version {info.version}, expected {_VERSION}")
    if info.mapping is Mapping.CAM and info.cipher is Cipher.DES3:
        raise UnsupportedError("PACE with chip authentication mapping and 3DES")
    domain = _domain(info, infos)
    if isinstance(domain, EcDomain) != (info.key_agreement is KeyAgreement.ECDH):
        raise UnsupportedError(f"PACE with {info.key_agreement} over {domain.name}")
    # The encoding of a number as a point needs square roots by one power: p = 3 mod 4 (9303-11, B.2).
    if isinstance(domain, EcDomain) and info.mapping is Mapping.IM and domain.curve.p % 4 != 3:
        raise UnsupportedError(f"PACE with integrated mapping over {domain.name}")
    return Offer(info, domain)


def _domain(info: PaceInfo, infos: Sequence[SecurityInfo]) -> EcDomain | DhDomain:
    if info.parameter_id is not None and info.parameter_id < 32:
        return domain_parameters.standard(info.parameter_id)
    for explicit in of_type(infos, PaceDomainParameterInfo):
        same_way = (explicit.key_agreement, explicit.mapping) == (info.key_agreement, info.mapping)
        if same_way and explicit.parameter_id == info.parameter_id:
            return domain_parameters.read(explicit.parameters)
    raise UnsupportedError(f"PACE with domain parameters {info.parameter_id}, which are nowhere defined")


def _rank(offer: Offer) -> tuple[bool, int, int, int]:
    if isinstance(offer.domain, EcDomain):
        group = offer.domain.curve.n.bit_length() // 2
    else:
        group = _MODP_STRENGTH[offer.domain.group.p.bit_length()]
    cipher = _CIPHER_STRENGTH[offer.info.cipher]
    return offer.info.mapping is Mapping.CAM, min(group, cipher), group, cipher
