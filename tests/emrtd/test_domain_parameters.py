"""Domain parameters and static keys as chips write them (Doc 9303-11, 9.5; RFC 3279, 2.3.3 and 2.3.5)."""

import pytest

from drivers.emrtd import domain_parameters, object_identifiers, signed_data, tlv
from drivers.emrtd.curves import CURVES, Curve, by_name
from drivers.emrtd.errors import MalformedError, ProtocolError, UnsupportedError
from drivers.emrtd.keys import DhDomain, EcDomain
from drivers.emrtd.lds import card_security, security_infos
from drivers.emrtd.modp_groups import GROUPS, ModpGroup
from tests.emrtd.material import DATA, needs_data, vectors

STANDARDIZED, EC_KEY = "0.4.0.127.0.7.1.2", "1.2.840.10045.2.1"
X942, PKCS3 = "1.2.840.10046.2.1", "1.2.840.113549.1.3.1"


def integer(value: int) -> bytes:
    return tlv.build(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def algorithm(oid: str, *parameters: bytes) -> bytes:
    return tlv.build(0x30, tlv.build(0x06, object_identifiers.encode(oid)), *parameters)


def spki(of: bytes, bits: bytes) -> bytes:
    return tlv.build(0x30, of, tlv.build(0x03, b"\0", bits))


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (0, "RFC 5114 2.1, 1024 bits with q of 160"),
        (1, "RFC 5114 2.2, 2048 bits with q of 224"),
        (2, "RFC 5114 2.3, 2048 bits with q of 256"),
        (8, "secp192r1"),
        (9, "brainpoolP192r1"),
        (10, "secp224r1"),
        (11, "brainpoolP224r1"),
        (12, "secp256r1"),
        (13, "brainpoolP256r1"),
        (14, "brainpoolP320r1"),
        (15, "secp384r1"),
        (16, "brainpoolP384r1"),
        (17, "brainpoolP512r1"),
        (18, "secp521r1"),
    ],
)
def test_the_standards_numbers(number: int, name: str) -> None:
    """Table 6 of Doc 9303-11; standardizedDomainParameters of TR-03110-3, A.2.1.1, say the same."""
    domain = domain_parameters.standard(number)
    assert domain.name == name
    assert domain_parameters.read(algorithm(STANDARDIZED, integer(number))) == domain


@pytest.mark.parametrize("number", [-1, 3, 7, 19, 31, 32, 1 << 40])
def test_the_standards_free_numbers_are_none(number: int) -> None:
    with pytest.raises(UnsupportedError, match="does not define"):
        domain_parameters.standard(number)


def explicit(curve: Curve, generator: bytes | None = None) -> bytes:
    def field(value: int) -> bytes:
        return tlv.build(0x04, value.to_bytes(curve.size, "big"))

    octets = generator or EcDomain.of(curve).encode(curve.generator)
    prime = tlv.build(0x06, object_identifiers.encode("1.2.840.10045.1.1"))
    parameters = (
        integer(1),
        tlv.build(0x30, prime, integer(curve.p)),
        tlv.build(0x30, field(curve.a), field(curve.b)),
        tlv.build(0x04, octets),
        integer(curve.n),
        integer(1),
    )
    return algorithm(EC_KEY, tlv.build(0x30, *parameters))


@pytest.mark.parametrize("curve", CURVES, ids=lambda curve: curve.name)
def test_a_curve_by_name_and_by_its_parameters_is_the_same(curve: Curve) -> None:
    named = algorithm(EC_KEY, tlv.build(0x06, object_identifiers.encode(curve.oid)))
    domain = EcDomain.of(curve)
    public = domain.key_pair_of(4711).encoded
    for way in (named, explicit(curve)):
        assert domain_parameters.read_public_key(spki(way, public)) == (domain, public)


def test_explicit_parameters_with_another_generator_are_refused() -> None:
    curve = by_name("brainpoolP256r1")
    other = EcDomain.of(curve).key_pair_of(2).encoded
    with pytest.raises(UnsupportedError, match="another generator"):
        domain_parameters.read(explicit(curve, other))


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.name)
def test_a_finite_field_key_in_both_forms(group: ModpGroup) -> None:
    """X9.42 states q, PKCS #3 the length of private keys; the key is an INTEGER, its sign octet no part of
    it."""
    domain = DhDomain.of(group)
    public = domain.key_pair_of(4711)
    numbers = integer(group.p), integer(group.g)
    x942 = algorithm(X942, tlv.build(0x30, *numbers, integer(group.q)))
    pkcs3 = algorithm(PKCS3, tlv.build(0x30, *numbers, integer(160)))
    for way in (x942, pkcs3):
        found = domain_parameters.read_public_key(spki(way, integer(public.public)))
        assert found == (domain, public.encoded)
    with pytest.raises(UnsupportedError):
        domain_parameters.read(algorithm(X942, tlv.build(0x30, *numbers, integer(group.q + 2))))


@pytest.mark.parametrize(
    ("octets", "error"),
    [
        (b"", MalformedError),
        (b"\x30\0", MalformedError),
        (spki(algorithm(STANDARDIZED), b"\4"), MalformedError),
        (spki(algorithm(STANDARDIZED, integer(99)), b"\4"), UnsupportedError),
        (spki(algorithm("1.2.840.113549.1.1.1", b"\5\0"), b"\4"), UnsupportedError),
        (spki(algorithm(STANDARDIZED, integer(0)), b"\4\1\1"), MalformedError),
        (spki(algorithm(STANDARDIZED, integer(0)), b""), MalformedError),
    ],
)
def test_what_is_no_key_says_so(octets: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        domain_parameters.read_public_key(octets)


def test_an_empty_finite_field_key_is_found_when_it_is_used() -> None:
    domain, octets = domain_parameters.read_public_key(spki(algorithm(STANDARDIZED, integer(0)), integer(0)))
    with pytest.raises(ProtocolError):
        domain.agree(5, octets)


@needs_data
@pytest.mark.parametrize(("kind", "number"), [("ecdh", 13), ("dh", 0)])
def test_the_domain_parameters_of_the_bsi_examples(kind: str, number: int) -> None:
    infos = security_infos.parse(
        bytes.fromhex(vectors("bsi_eac_worked_examples")[f"tc_{kind}_ef_cardaccess"])
    )
    (info,) = security_infos.of_type(infos, security_infos.ChipAuthenticationDomainParameterInfo)
    assert domain_parameters.read(info.parameters) == domain_parameters.standard(number)


@needs_data
def test_the_keys_of_a_genuine_card_security_are_points() -> None:
    """A German card's, one for chip authentication mapping; asn1crypto does not read them."""
    content = signed_data.read(
        (DATA / "sod" / "EF_CardSecurity_DE.bin").read_bytes(), "EF.CardSecurity"
    ).content
    keys = security_infos.of_type(
        card_security.parse_content(content), security_infos.ChipAuthenticationPublicKeyInfo
    )
    assert len(keys) == 2
    for key in keys:
        domain, octets = domain_parameters.read_public_key(key.spki)
        assert domain.name == "brainpoolP256r1"
        assert domain.decode(octets)
