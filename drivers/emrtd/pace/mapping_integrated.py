"""Integrated mapping: both nonces make the generator by a pseudo-random function (Doc 9303-11, appendix B).

The field arithmetic works on a number that depends on the password, so all of it is libcrypto's, and both
results of the encoding are computed before one is taken (Brier, Coron, Icart et al., CRYPTO 2010).
"""

from drivers.emrtd import ciphers
from drivers.emrtd.ciphers import Cipher
from drivers.emrtd.curves import Curve, Point
from drivers.emrtd.errors import ProtocolError
from drivers.emrtd.keys import DhDomain, EcDomain
from drivers.emrtd.libcrypto import Field
from drivers.emrtd.pace import nonce

_EXTRA_BITS = 64
"""Bits beyond p, so that the remainder modulo p is even enough (appendix B.1.2)."""
# Appendix B.1.2: c0, c1 for nonces of 128 and of 256 bits.
_CONSTANTS = {
    16: ("a668892a7c41e3ca739f40b057d85904", "a4e136ac725f738b01c1f60217c188ad"),
    32: (
        "d463d65234124ef7897054986dca0a174e28df758cbaa03f240616414d5a1676",
        "54bd7255f0aaf831bec3423fcf39d69b6cbf066677d0faae5aadd99df8e53517",
    ),
}


def pseudo_random(cipher: Cipher, p: int, secret: bytes, public: bytes) -> int:
    """R_p(s, t) of appendix B.1.2: a number modulo p out of the decrypted nonce and the terminal's own.

    Raises ProtocolError for a nonce of another length than integrated mapping has."""
    if len(secret) != nonce.length(cipher):
        raise ProtocolError(f"a nonce of {len(secret)} bytes, expected {nonce.length(cipher)}")
    next_key, output = (bytes.fromhex(constant) for constant in _CONSTANTS[len(secret)])
    key = ciphers.encrypt_cbc(cipher, public, secret)[: cipher.key_length]
    stream = b""
    while 8 * len(stream) < p.bit_length() + _EXTRA_BITS:
        stream += ciphers.encrypt_cbc(cipher, key, output)
        key = ciphers.encrypt_cbc(cipher, key, next_key)[: cipher.key_length]
    return Field(p).reduce(int.from_bytes(stream, "big"))


def map_ec(domain: EcDomain, cipher: Cipher, secret: bytes, public: bytes) -> EcDomain:
    """G' = the point that encodes R_p(s, t)."""
    return domain.with_generator(
        encode_point(domain.curve, pseudo_random(cipher, domain.curve.p, secret, public))
    )


def map_dh(domain: DhDomain, cipher: Cipher, secret: bytes, public: bytes) -> DhDomain:
    """g' = R_p(s, t)^((p - 1) / q) (appendix B.3).  Raises ProtocolError if that is 1."""
    group = domain.group
    number = pseudo_random(cipher, group.p, secret, public)
    mapped = Field(group.p).power(number, (group.p - 1) // group.q)
    if mapped in (0, 1):
        raise ProtocolError("PACE: the mapped generator is 1")
    return domain.with_generator(mapped)


def encode_point(curve: Curve, x: int) -> Point:
    """The point of appendix B.2, affine form, for p = 3 mod 4 and cofactor 1.  Names as there, a for alpha.

    Raises ProtocolError for the three numbers (0, 1, -1) that encode nothing."""
    field, p = Field(curve.p), curve.p
    multiply = field.multiply
    square = multiply(x, x)
    a = field.subtract(0, square)
    a_and_square = field.add(a, multiply(a, a))
    if a_and_square == 0:
        raise ProtocolError("PACE: the nonces encode no point")
    factor = multiply(field.subtract(0, curve.b), field.inverse(curve.a))
    x2 = multiply(factor, field.add(1, field.inverse(a_and_square)))
    x3 = multiply(a, x2)
    h2 = field.add(field.add(multiply(x2, multiply(x2, x2)), multiply(curve.a, x2)), curve.b)
    u = multiply(multiply(square, x), h2)
    v = field.power(h2, p - 1 - (p + 1) // 4)
    both = (x3, multiply(v, u)), (x2, multiply(v, h2))
    return both[multiply(multiply(v, v), h2) == 1]
