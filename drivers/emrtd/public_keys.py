"""Public keys as certificates carry them: SubjectPublicKeyInfo (RFC 5280; Doc 9303-12, section 4.4)."""

from dataclasses import dataclass

from drivers.emrtd import asn1, curves, libcrypto
from drivers.emrtd.curves import Curve, Point
from drivers.emrtd.errors import MalformedError, UnsupportedError

RSA_BITS = range(1024, 8193)
"""Moduli that are used: below, a key can be factored; above, a hostile key costs time."""
RSA_EXPONENT_MAX = 1 << 64

_RSA = {"1.2.840.113549.1.1.1", "1.2.840.113549.1.1.10"}
"""rsaEncryption and id-RSASSA-PSS: the key is the same; the signature says how it was used (quirk TR)."""
_EC = "1.2.840.10045.2.1"
_PRIME_FIELD = "1.2.840.10045.1.1"


class ForbiddenKey(UnsupportedError):
    """A key that must not be used: unknown explicit curve parameters, off its curve, short, exponent 1."""


@dataclass(frozen=True, slots=True)
class RsaKey:
    n: int
    e: int

    @property
    def size(self) -> int:
        """Octets of a signature."""
        return (self.n.bit_length() + 7) // 8


@dataclass(frozen=True, slots=True)
class EcKey:
    """`moved`: the point is not on the curve that the key names but on this one of the same length (LTU)."""

    curve: Curve
    point: Point
    moved: bool = False


PublicKey = RsaKey | EcKey


def read(spki: bytes, vouched: bool = False) -> PublicKey:
    """The key of an encoded SubjectPublicKeyInfo.

    `vouched`: the certificate is of our trust store or signed by one of it; only then may a point that is off
    its named curve be looked for on the known curves of the same length.  Raises MalformedError, ForbiddenKey
    (never to be used) and UnsupportedError (an algorithm or named curve that is not known here).
    """
    fields = asn1.read(spki, "public key").fields("public key")
    algorithm = fields.take(asn1.SEQUENCE).fields("public key: algorithm")
    oid = algorithm.take(asn1.OID).oid()
    bits = fields.take(asn1.BIT_STRING).bits()
    if oid in _RSA:
        return _rsa(bits)
    if oid == _EC:
        return _ec(algorithm.take(), bits, vouched)
    raise UnsupportedError(f"public key algorithm {oid}")


def curve_of(parameters: asn1.Element) -> Curve:
    """The known curve of ECParameters: by name, or explicit and exactly equal to one (RFC 3279, 2.3.5)."""
    if parameters.tag == asn1.OID:
        return curves.by_oid(parameters.oid())
    fields = parameters.fields("curve parameters")
    fields.take(asn1.INTEGER)
    field = fields.take(asn1.SEQUENCE).fields("curve parameters: field")
    if (kind := field.take(asn1.OID).oid()) != _PRIME_FIELD:
        raise ForbiddenKey(f"a curve over a field of type {kind}")
    prime = field.take(asn1.INTEGER).integer()
    curve = fields.take(asn1.SEQUENCE).fields("curve parameters: curve")
    a, b = (int.from_bytes(curve.take(asn1.OCTET_STRING).content, "big") for _ in range(2))
    generator = fields.take(asn1.OCTET_STRING).content
    order = fields.take(asn1.INTEGER).integer()
    cofactor = fields.optional(asn1.INTEGER)
    try:
        return curves.by_parameters(prime, a, b, generator, order, cofactor and cofactor.integer())
    except UnsupportedError as error:
        raise ForbiddenKey(str(error)) from error


def _rsa(bits: bytes) -> RsaKey:
    fields = asn1.read(bits, "RSA key").fields("RSA key")
    # Some encoders leave the sign octet out: both numbers are positive whatever their first bit says.
    n, e = (int.from_bytes(fields.take(asn1.INTEGER).content, "big") for _ in range(2))
    if n.bit_length() not in RSA_BITS or not n & 1:
        raise ForbiddenKey(f"an RSA modulus of {n.bit_length()} bits")
    if not 3 <= e < RSA_EXPONENT_MAX or not e & 1:
        raise ForbiddenKey("an RSA exponent that is 1, even or too large")
    return RsaKey(n, e)


def _ec(parameters: asn1.Element, bits: bytes, vouched: bool) -> EcKey:
    named = curve_of(parameters)
    for curve in (named, *(_alike(named) if vouched else ())):
        point = _point(curve, bits)
        if point is not None:
            return EcKey(curve, point, moved=curve is not named)
    raise ForbiddenKey(f"a public point that is not on {named.name}")


def _alike(named: Curve) -> list[Curve]:
    return [curve for curve in curves.CURVES if curve.size == named.size and curve is not named]


def _point(curve: Curve, bits: bytes) -> Point | None:
    """The point of its octets (SEC 1, 2.3.4), None if it is not on the curve."""
    size = curve.size
    if not bits or bits[0] not in (2, 3, 4, 6, 7) or len(bits) != 1 + size * (2 if bits[0] >= 4 else 1):
        raise MalformedError(f"a point of {len(bits)} octets for {curve.name}")
    x = int.from_bytes(bits[1 : 1 + size], "big")
    if bits[0] >= 4:
        point = (x, int.from_bytes(bits[1 + size :], "big"))
        return point if libcrypto.on_curve(curve, point) else None
    # Compressed.  Every prime here but that of secp224r1 is 3 mod 4: a square root is one power.
    if curve.p % 4 != 3:
        raise UnsupportedError(f"a compressed point on {curve.name}")
    root = pow(x**3 + curve.a * x + curve.b, (curve.p + 1) // 4, curve.p)
    point = (x, root if root & 1 == bits[0] & 1 else curve.p - root)
    return point if libcrypto.on_curve(curve, point) else None
