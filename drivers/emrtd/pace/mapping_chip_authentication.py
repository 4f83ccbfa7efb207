"""Chip authentication mapping: PACE that also proves the chip's static key (Doc 9303-11, section 4.4.3.5).

The chip's mapping key is its static key times a number that only the owner of the static private key can
give; that number, CA_IC, comes encrypted under the new session key with the last message.
"""

from collections.abc import Sequence

from drivers.emrtd import ciphers, domain_parameters, libcrypto
from drivers.emrtd.check import Check, Outcome
from drivers.emrtd.ciphers import Cipher
from drivers.emrtd.curves import Point
from drivers.emrtd.errors import EmrtdError, LibraryMissing, ProtocolError
from drivers.emrtd.keys import EcDomain
from drivers.emrtd.lds.security_infos import ChipAuthenticationPublicKeyInfo, SecurityInfo, of_type

NAME = "chip_authentication_mapping"


def decrypt(cipher: Cipher, ks_enc: bytes, encrypted: bytes) -> bytes:
    """CA_IC of data object 8A (section 4.4.3.5.2).  Raises ProtocolError if it was not padded whole
    blocks."""
    if not encrypted or len(encrypted) % cipher.block:
        raise ProtocolError(f"encrypted chip authentication data of {len(encrypted)} bytes")
    iv = ciphers.encrypt_block(cipher, ks_enc, b"\xff" * cipher.block)
    return ciphers.unpad(ciphers.decrypt_cbc(cipher, ks_enc, encrypted, iv), cipher.block)


def verify(domain: EcDomain, mapping_key: Point, data: bytes, infos: Sequence[SecurityInfo]) -> Check:
    """Whether CA_IC times a key of EF.CardSecurity is the key that the chip mapped with.

    `infos` are what EF.CardSecurity holds; the check is worth what its signature is worth.
    """
    number = int.from_bytes(data, "big")
    if not 0 < number < domain.curve.n:
        return Check(NAME, Outcome.FAILED, "chip_authentication_data_out_of_range")
    tried = 0
    for info in of_type(infos, ChipAuthenticationPublicKeyInfo):
        try:
            static, octets = domain_parameters.read_public_key(info.spki)
            if static != domain:
                continue
            tried += 1
            if libcrypto.multiply(domain.curve, number, domain.decode(octets)) == mapping_key:
                return Check(NAME, Outcome.PASSED, "chip_proved_its_key", {"curve": domain.name})
        except LibraryMissing:
            raise
        except EmrtdError:
            continue
    return Check(NAME, Outcome.FAILED, "no_key_fits" if tried else "no_key_on_this_curve", {"keys": tried})
