"""Card-verifiable certificates in use: German terminals of online identification (2010 to 2012), requests,
and copies that end early (TR-03110-3, C).

The reader's own terminal is an inspection system: these certificates must be read and must grant nothing.
"""

import hashlib

import pytest

from drivers.emrtd import card_verifiable, certificates, curves, names, object_identifiers, signatures, tlv
from drivers.emrtd.card_verifiable import Rights, Role, read
from drivers.emrtd.errors import MalformedError, UnsupportedError
from drivers.emrtd.public_keys import EcKey
from drivers.emrtd.signatures import Digest, Padding, Scheme
from tests.emrtd.material import needs_data, vectors

pytestmark = needs_data

EXAMPLES = vectors("bsi_eac_worked_examples")
BP256 = curves.by_name("brainpoolP256r1")
AUTHENTICATION_TERMINAL = "0.4.0.127.0.7.3.1.2.2"
DESCRIPTION = "0.4.0.127.0.7.3.1.3.1"


def material(name: str) -> bytes:
    return bytes.fromhex(EXAMPLES[name])


WHOLE = {
    "cvc1": ("ZZDVCAATA0003", "ZZDKB20000R", Role.TERMINAL),
    "kba_dvca_cert": ("DECVCAeID00102", "DEDVeIDDTR101201", Role.FOREIGN_VERIFIER),
    "schufa_dvcert": ("DECVCAeID00102", "DEDVeIDDTR101401", Role.FOREIGN_VERIFIER),
    "allianz_dvcert": ("DECVCAeID00102", "DEDVeIDDTR101401", Role.FOREIGN_VERIFIER),
    "mein_cockpit_dvcert": ("DECVCAeID00102", "DEDVeIDDTR101401", Role.FOREIGN_VERIFIER),
    "schufa_cert": ("DEDVeIDDTR101401", "DE0000025004FF", Role.TERMINAL),
    "allianz_cert": ("DEDVeIDDTR101401", "DE0000042004FQ", Role.TERMINAL),
    "mein_cockpit_cert": ("DEDVeIDDTR101401", "DE0000049004FN", Role.TERMINAL),
    "service_bw_cert": ("DEDVeIDDTR101401", "DE0000055000V1", Role.TERMINAL),
    "service_bw_cert_2": ("DEDVeIDDTR101401", "DE0000055000XI", Role.TERMINAL),
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_terminal_of_another_type_is_read_and_has_no_right_to_a_passport(name: str) -> None:
    certificate = read(material(name))
    assert (certificate.authority, certificate.holder, certificate.role) == WHOLE[name]
    assert certificate.type_oid == AUTHENTICATION_TERMINAL
    assert certificate.effective < certificate.expires
    assert card_verifiable.effective_rights([certificate]) is Rights.NONE


@pytest.mark.parametrize(
    "name", ["schufa_cert", "allianz_cert", "mein_cockpit_cert", "service_bw_cert", "service_bw_cert_2"]
)
def test_a_terminal_holds_under_the_verifier_of_its_time(name: str) -> None:
    """ECDSA with SHA-256, keys without parameters, on the authority's brainpoolP256r1."""
    verifier, terminal = read(material("schufa_dvcert")), read(material(name))
    issuer = verifier.key.on(EcKey(BP256, BP256.generator))
    assert terminal.verify(issuer, verifier.key.scheme)
    assert card_verifiable.chain([terminal, verifier], ["DECVCAeID00102"]) == (verifier, terminal)
    earlier = read(material("kba_dvca_cert"))
    assert not terminal.verify(earlier.key.on(issuer), earlier.key.scheme)


def test_a_terminal_without_its_verifier_s_certificate_leads_nowhere() -> None:
    with pytest.raises(UnsupportedError, match=r"\(ZZCVCAATA0001\).*ZZDVCAATA0003"):
        card_verifiable.chain([read(material("cvc1"))], ["ZZCVCAATA0001"])


def described(octets: bytes) -> bytes:
    """What stands of the hash in the extension 65{73{06 description, 80 hash}}, be it cut."""
    extension = tlv.build(0x06, object_identifiers.encode(DESCRIPTION)) + bytes.fromhex("8020")
    at = octets.index(extension) + len(extension)
    return octets[at : at + 32]


@pytest.mark.parametrize(
    ("description", "certificate"),
    [
        ("cvc1_desc", "cvc1"),
        ("schufa_desc", "schufa_cert"),
        ("allianz_desc", "allianz_cert"),
        ("mein_cockpit_desc", "mein_cockpit_cert"),
        ("kba_cert_desc", "kba_cert"),
        ("kba_cert_desc_2", "kba_cert_2"),
        ("kba_cert_desc_2", "kba_cert_3"),
        ("kba_cert_desc_2", "kba_cert_4"),
    ],
)
def test_a_description_is_that_of_its_certificate_and_no_certificate(
    description: str, certificate: str
) -> None:
    """The certificate has its SHA-256, of which the cut copies show a part."""
    hashed = described(material(certificate))
    assert len(hashed) >= 10
    assert hashlib.sha256(material(description)).digest().startswith(hashed)
    first = tlv.read(material(description)).children()[0]
    assert object_identifiers.decode(first.value) == f"{DESCRIPTION}.1"
    with pytest.raises(MalformedError, match="tag 30, expected 7F21"):
        read(material(description))


def test_terminals_of_one_service_have_one_description() -> None:
    names = ("service_bw_cert", "service_bw_cert_2", "service_bw_cert_4")
    assert len({described(material(name)) for name in names}) == 1


CUT = {
    "tc_ecdh_cvca_cert": (755, 91, "DECVCAAT00001"),
    "tc_ecdh_dv_cert": (358, 107, "DECVCAAT00001"),
    "tc_ecdh_ta_cert": (358, 75, "DETESTDVDE019"),
    "wrong_tc_ecdh_cvca": (436, 91, "DEATCVCA00001"),
    "tc_dh_dv_cert": (364, 283, "DETESTCVCA00003"),
    "tc_dh_ta_cert": (362, 283, "DETESTDVDE019"),
    "kba_cert": (328, 239, "DEDVeIDDTR101201"),
    "kba_cert_2": (328, 251, "DEDVeIDDTR101401"),
    "kba_cert_3": (328, 251, "DEDVeIDDTR101401"),
    "kba_cert_4": (328, 251, "DEDVeIDDTR101401"),
    "kba_dvca_cert_2": (231, 204, "DECVCAeID00102"),
    "service_bw_dvcert": (231, 204, "DECVCAeID00102"),
    "service_bw_cert_3": (328, 91, "DEDVeIDDTR101401"),
    "service_bw_cert_4": (328, 299, "DEDVeIDDTR101401"),
}
"""Octets that the outer object announces, those that follow, and the authority that stands in them."""


@pytest.mark.parametrize("name", CUT)
def test_a_certificate_that_ends_early_is_refused(name: str) -> None:
    announced, follow, authority = CUT[name]
    with pytest.raises(MalformedError, match=f"7F21 announces {announced} bytes, but {follow} follow"):
        read(material(name))
    body = material(name)[material(name).index(b"\x5f\x29") :]
    assert [tlv.read_first(body).tag, tlv.read_first(body, 4).tag] == [0x5F29, 0x42]
    assert tlv.read_first(body, 4).value.decode() == authority


@pytest.mark.parametrize("name", ["kba_dvca_cert_2", "service_bw_dvcert"])
def test_a_cut_verifier_is_the_one_that_other_terminals_came_with(name: str) -> None:
    assert material("schufa_dvcert").startswith(material(name))
    assert material("schufa_dvcert") == material("allianz_dvcert") == material("mein_cockpit_dvcert")


@pytest.mark.parametrize(
    ("name", "curve", "oid"),
    [
        ("tc_ecdh_cvca_cert", "brainpoolP512r1", "0.4.0.127.0.7.2.2.2.2.5"),
        ("wrong_tc_ecdh_cvca", "brainpoolP256r1", "0.4.0.127.0.7.2.2.2.2.3"),
    ],
)
def test_a_cut_authority_shows_its_curve(name: str, curve: str, oid: str) -> None:
    algorithm = tlv.build(0x06, object_identifiers.encode(oid))
    p = curves.by_name(curve).p
    prime = tlv.build(0x81, p.to_bytes((p.bit_length() + 7) // 8, "big"))
    _, found, rest = material(name).partition(algorithm)
    assert found
    assert rest[: len(prime)] == prime[: len(rest)]


def request(data: bytes) -> tuple[tlv.Node, tlv.Node]:
    """A request's body and its public key."""
    body = tlv.read_first(data, data.index(b"\x7f\x4e"))
    return body, body.get(0x7F49)


def test_a_request_is_no_certificate() -> None:
    """TR-03110-3, C.2: no rights and no dates, signed with the key itself; here with an outer signature about
    who asks."""
    outer = tlv.read(material("csr_with_outer_sig"))
    with pytest.raises(MalformedError, match="tag 67, expected 7F21"):
        read(outer.raw)
    inner = outer.get(0x7F21)
    with pytest.raises(MalformedError, match="7F4C is missing"):
        read(inner.raw)
    body, key = request(inner.raw)
    p, a, b, n, h = (int.from_bytes(key.get(tag).value, "big") for tag in (0x81, 0x82, 0x83, 0x85, 0x87))
    curve = curves.by_parameters(p, a, b, key.get(0x84).value, n, h)
    assert curve.name == "secp192r1"
    point = key.get(0x86).value
    own = EcKey(curve, (int.from_bytes(point[1:25], "big"), int.from_bytes(point[25:], "big")))
    scheme = Scheme(Padding.ECDSA_PLAIN, Digest.SHA256)
    assert signatures.verify(own, scheme, body.raw, inner.get(0x5F37).value)
    assert signatures.verify(own, scheme, inner.raw, outer.get(0x5F37).value), (
        "not over who asks, as it should"
    )


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("req_18102010_csr", "announces 341 bytes, but 139 follow"),
        ("MY_cvreq", "announces 583 bytes, but 507 follow"),
    ],
)
def test_a_request_that_ends_early_is_refused(name: str, why: str) -> None:
    with pytest.raises(MalformedError, match=why):
        read(material(name))


def test_what_is_left_of_the_cut_requests_is_a_request_s() -> None:
    """A key of RSA-2048 for Sweden's authority; explicit parameters of brainpoolP224r1."""
    body, key = request(material("MY_cvreq"))
    assert [node.tag for node in body.children()] == [0x5F29, 0x42, 0x7F49, 0x5F20]
    assert (body.get(0x42).value, body.get(0x5F20).value) == (b"SECVCAPK00001", b"CZDVTESTSE000")
    assert int.from_bytes(key.get(0x81).value, "big").bit_length() == 2048
    data = material("req_18102010_csr")
    prime = tlv.read_first(data, data.index(bytes.fromhex("811d00")))
    assert int.from_bytes(prime.value, "big") == curves.by_name("brainpoolP224r1").p


def test_a_national_certificate_that_ends_early_is_refused() -> None:
    """Germany's CSCA of 2008, number 013; the copy ends within the coefficients of its curve."""
    data = material("csca_germany_013_self_signed_cer")
    with pytest.raises(MalformedError, match="certificate"):
        certificates.read(data)
    fields = tlv.iterate(data[8:])
    _, serial, _, issuer, _, subject = (next(fields) for _ in range(6))
    assert int.from_bytes(serial.value, "big") == 285
    assert names.read(issuer.raw) == names.read(subject.raw)
    assert names.read(subject.raw).text == "C=DE, O=bund, OU=bsi, serialNumber=013, CN=csca-germany"
