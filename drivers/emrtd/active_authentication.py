"""Active authentication: the chip signs a challenge of ours with the key of DG15 (Doc 9303-11, section
6.1).

It shows that the private key is somewhere near, not where, and it is worth what the hash of DG15 in a
verified EF.SOD is worth.
"""

import hashlib
from collections.abc import Sequence

from drivers.emrtd import asn1, libcrypto, public_keys
from drivers.emrtd.apdu import SHORT_LE_MAX, CommandApdu, Random
from drivers.emrtd.channel import Channel
from drivers.emrtd.check import Check, Outcome
from drivers.emrtd.errors import MalformedError, StatusError, UnsupportedError
from drivers.emrtd.lds.security_infos import ActiveAuthenticationInfo, SecurityInfo, of_type
from drivers.emrtd.public_keys import EcKey, ForbiddenKey, PublicKey, RsaKey

NAME = "active_authentication"
CHALLENGE_LENGTH = 8

# Trailers of ISO/IEC 9796-2 (section 6.1.2.1 of 9303-11): one octet BC, or a hash's number of ISO/IEC 10118
# and CC.
_SHA1_TRAILER, _TRAILER_END = 0xBC, 0xCC
_HASHES = {0x33: "sha1", 0x34: "sha256", 0x35: "sha512", 0x36: "sha384", 0x38: "sha224"}
_ECDSA_HASHES = ("sha256", "sha1", "sha384", "sha512", "sha224")
"""Those of section 6.1.2.3, the commonest first."""
_HEADER = 0x6A
"""Partial recovery, no padding: the recoverable part fills the modulus (ISO/IEC 9796-2, section 8)."""


def run(channel: Channel, spki: bytes, infos: Sequence[SecurityInfo], random: Random) -> Check:
    """Challenge the chip and judge its signature; `spki` is the content of DG15, `infos` that of DG14, if
    any.

    A chip that holds DG15 but does not sign has failed.  Raises what ends the session: TagLost,
    ProtocolError.
    """
    challenge = random(CHALLENGE_LENGTH)
    try:
        key = public_keys.read(spki)
        signature = sign(channel, key, challenge)
    except StatusError as error:
        return Check(NAME, Outcome.FAILED, "chip_refuses", {"status": f"{error.status:04X}"})
    except (MalformedError, UnsupportedError) as error:
        return _unusable(error)
    return verify(key, infos, challenge, signature)


def sign(channel: Channel, key: PublicKey, challenge: bytes) -> bytes:
    """INTERNAL AUTHENTICATE: the chip's signature of the challenge, not yet judged.

    A signature that no short answer holds is asked for by its exact length, in the extended form: chips exist
    that answer nothing to the largest Le, and others that need extended length here alone.
    """
    size = key.size if isinstance(key, RsaKey) else 2 * key.curve.order_size
    fits = size <= channel.data_max
    command = CommandApdu(0x00, 0x88, 0x00, 0x00, challenge, SHORT_LE_MAX if fits else size, wide=not fits)
    return channel.expect(command, what="active authentication: INTERNAL AUTHENTICATE").data


def verify(key: PublicKey, infos: Sequence[SecurityInfo], challenge: bytes, signature: bytes) -> Check:
    """Whether `signature` is the key's over the challenge."""
    if isinstance(key, RsaKey):
        return _verify_rsa(key, challenge, signature)
    return _verify_ecdsa(key, infos, challenge, signature)


def recover(key: RsaKey, signature: bytes) -> bytes | None:
    """F of ISO/IEC 9796-2 scheme 1: S^e mod n, or n less that, whichever ends in the digit C; None if
    neither."""
    number = int.from_bytes(signature, "big")
    if len(signature) != key.size or number >= key.n:
        return None
    opened = pow(number, key.e, key.n)
    for representative in (opened, key.n - opened):
        if representative & 0xF == 0xC:
            return representative.to_bytes(key.size, "big")
    return None


def split(representative: bytes) -> tuple[str, bytes, bytes] | None:
    """Name of the hash, M1 and the hash's value in F; None if F is not built as the standard says."""
    if representative[0] != _HEADER:
        return None
    if representative[-1] == _SHA1_TRAILER:
        name, trailer = "sha1", 1
    elif representative[-1] == _TRAILER_END and representative[-2] in _HASHES:
        name, trailer = _HASHES[representative[-2]], 2
    else:
        return None
    end = len(representative) - trailer
    begin = end - hashlib.new(name).digest_size
    return (name, representative[1:begin], representative[begin:end]) if begin > 1 else None


def _verify_rsa(key: RsaKey, challenge: bytes, signature: bytes) -> Check:
    details: dict[str, object] = {"algorithm": "RSA, ISO/IEC 9796-2", "bits": key.n.bit_length()}
    representative = recover(key, signature)
    parts = split(representative) if representative is not None else None
    if parts is None:
        return Check(NAME, Outcome.FAILED, "signature_malformed", details | {"length": len(signature)})
    name, recovered, hashed = parts
    details["hash"] = name
    if hashlib.new(name, recovered + challenge).digest() != hashed:
        return Check(NAME, Outcome.FAILED, "signature_wrong", details)
    return Check(NAME, Outcome.PASSED, "chip_proved_its_key", details)


def _verify_ecdsa(key: EcKey, infos: Sequence[SecurityInfo], challenge: bytes, signature: bytes) -> Check:
    details: dict[str, object] = {"algorithm": "ECDSA", "curve": key.curve.name}
    pairs = _pairs(key, signature)
    if not pairs:
        return Check(NAME, Outcome.FAILED, "signature_malformed", details | {"length": len(signature)})
    named = [info.hash_name for info in of_type(infos, ActiveAuthenticationInfo)]
    named = [name for name in named if name in _ECDSA_HASHES]
    # DG14 must name the hash; where it does not (Portuguese cards), the one that fits is reported as
    # inferred.
    for name in dict.fromkeys(named or _ECDSA_HASHES):
        digest = hashlib.new(name, challenge).digest()
        if any(libcrypto.ecdsa_verify(key.curve, key.point, digest, r, s) for r, s in pairs):
            return Check(
                NAME,
                Outcome.PASSED,
                "chip_proved_its_key",
                details | {"hash": name, "hash_inferred": not named},
            )
    return Check(NAME, Outcome.FAILED, "signature_wrong", details)


def _pairs(key: EcKey, signature: bytes) -> list[tuple[int, int]]:
    """(r, s) by each form the octets can have: plain, as the standard says (TR-03111), or DER, as some
    chips do."""
    pairs: list[tuple[int, int]] = []
    half = key.curve.order_size
    if len(signature) == 2 * half:
        pairs.append((int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")))
    try:
        fields = asn1.read(signature, "ECDSA signature").fields("ECDSA signature")
        r, s = (fields.take(asn1.INTEGER).integer() for _ in range(2))
        fields.end()
        pairs.append((r, s))
    except MalformedError:
        pass
    return pairs


def _unusable(error: MalformedError | UnsupportedError) -> Check:
    if isinstance(error, ForbiddenKey):
        return Check(NAME, Outcome.FAILED, "forbidden_key", {"problem": str(error)})
    if isinstance(error, MalformedError):
        return Check(NAME, Outcome.FAILED, "malformed_key", {"problem": str(error)})
    return Check(NAME, Outcome.INCONCLUSIVE, "unsupported_key", {"problem": str(error)})
