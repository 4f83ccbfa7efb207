"""Domain parameters as chips name them: by the standard's number, or written out (Doc 9303-11, section 9.5).

Written-out parameters are taken only if they are exactly those of a known group: the chip would otherwise
choose a group in which it, or whoever copied it, can compute our secrets.
"""

from drivers.emrtd import asn1, curves, modp_groups, public_keys
from drivers.emrtd.errors import MalformedError, UnsupportedError
from drivers.emrtd.keys import DhDomain, EcDomain

STANDARDIZED = "0.4.0.127.0.7.1.2"
"""standardizedDomainParameters of TR-03110-3, A.2.1.2: the parameter is the standard's number."""
_EC_PUBLIC_KEY = "1.2.840.10045.2.1"
_DH_PUBLIC_NUMBER = "1.2.840.10046.2.1"
_PKCS3_DH = "1.2.840.113549.1.3.1"
_KEY = "chip authentication key"

_CURVES = {
    8: "secp192r1",
    9: "brainpoolP192r1",
    10: "secp224r1",
    11: "brainpoolP224r1",
    12: "secp256r1",
    13: "brainpoolP256r1",
    14: "brainpoolP320r1",
    15: "secp384r1",
    16: "brainpoolP384r1",
    17: "brainpoolP512r1",
    18: "secp521r1",
}


def standard(parameter_id: int) -> EcDomain | DhDomain:
    """The group of that number in table 5 of Doc 9303-11.  Raises UnsupportedError for one that is free."""
    if parameter_id in _CURVES:
        return EcDomain.of(curves.by_name(_CURVES[parameter_id]))
    if 0 <= parameter_id < len(modp_groups.GROUPS):
        return DhDomain.of(modp_groups.GROUPS[parameter_id])
    raise UnsupportedError(f"domain parameters number {parameter_id}, which the standard does not define")


def read(algorithm: bytes) -> EcDomain | DhDomain:
    """The group of an encoded AlgorithmIdentifier.  Raises UnsupportedError and MalformedError."""
    return _of(asn1.read(algorithm, "domain parameters"))


def read_public_key(spki: bytes) -> tuple[EcDomain | DhDomain, bytes]:
    """Group and public key, as it goes over the line, of a SubjectPublicKeyInfo for key agreement.

    The key is not yet checked: `Domain.decode` does.  Raises UnsupportedError and MalformedError.
    """
    fields = asn1.read(spki, _KEY).fields(_KEY)
    domain = _of(fields.take(asn1.SEQUENCE))
    bits = fields.take(asn1.BIT_STRING).bits()
    if isinstance(domain, EcDomain):
        return domain, bits
    # The bit string holds an INTEGER (RFC 3279, section 2.3.3); its sign octet is not part of the key.
    value = asn1.read(bits, _KEY)
    if value.tag != asn1.INTEGER:
        raise MalformedError(f"{_KEY}: tag {value.tag:02X} where an integer should be")
    return domain, value.content.lstrip(b"\0")


def _of(algorithm: asn1.Element) -> EcDomain | DhDomain:
    fields = algorithm.fields("domain parameters")
    oid = fields.take(asn1.OID).oid()
    if oid == STANDARDIZED:
        return standard(fields.take(asn1.INTEGER).integer())
    if oid == _EC_PUBLIC_KEY:
        return EcDomain.of(public_keys.curve_of(fields.take()))
    if oid not in (_DH_PUBLIC_NUMBER, _PKCS3_DH):
        raise UnsupportedError(f"domain parameters of type {oid}")
    numbers = fields.take(asn1.SEQUENCE).fields("Diffie-Hellman parameters")
    p, g = (numbers.take(asn1.INTEGER).integer() for _ in range(2))
    # X9.42 has q next (RFC 3279, section 2.3.3); PKCS #3 at most the length of a private key.
    q = numbers.take(asn1.INTEGER).integer() if oid == _DH_PUBLIC_NUMBER else None
    return DhDomain.of(modp_groups.by_parameters(p, g, q))
