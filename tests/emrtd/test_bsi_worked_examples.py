"""BSI's EAC worked examples, the parts that the copy at hand has cut: what is left agrees with the whole.

The finite-field example is appendix G.2 of Doc 9303-11 besides, where private keys stand modulo the order.
"""

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from drivers.emrtd import card_verifiable, domain_parameters, libcrypto, modp_groups, terminal_key, tlv
from drivers.emrtd.card_verifiable import CvCertificate, Rights, Role
from drivers.emrtd.errors import MalformedError
from drivers.emrtd.keys import DhDomain, EcDomain
from drivers.emrtd.lds import security_infos
from drivers.emrtd.pace import mapping_generic
from drivers.emrtd.public_keys import RsaKey
from drivers.emrtd.terminal_authentication import message
from tests.emrtd.material import needs_data, vectors

pytestmark = needs_data

BSI = vectors("bsi_eac_worked_examples")
GROUP = DhDomain.of(modp_groups.GROUPS[0])
"""RFC 5114, 2.1: 1024 bits with an order of 160."""
OWN_MAPPING = 0x5265030F751F4AD18B08AC565FC7AC952E41618D
CHIP_MAPPING = 0x66DDAFEAC1609CB5B963BB0CB3FF8B3E047F336C
CHIP_EPHEMERAL = 0xA5B780126B7C980E9FCEA1D4539DA1D27C342DFA
"""Private keys of appendix G.2."""


def bsi(name: str) -> bytes:
    return bytes.fromhex(BSI[name])


def cut_of(reduced: int, name: str) -> bool:
    """Whether a private key of 1024 bits that begins like this copy can be `reduced` modulo the order.  Of
    one whose last 16 octets are cut that holds by chance once in 2^32."""
    missing = 8 * (128 - len(bsi(name)))
    rest = (reduced - (int.from_bytes(bsi(name), "big") << missing)) % GROUP.order
    return rest < 1 << missing


def test_generic_mapping_over_a_finite_field_from_both_mapping_keys() -> None:
    """Keys of step 3, the secret H, and the mapped generator g^s * H (TR-03110-3, A.3.4.1)."""
    own = GROUP.key_pair_of(OWN_MAPPING)
    assert cut_of(own.private, "tc_dh_map_pcd_priv_key")
    assert not cut_of(own.private ^ 1 << 130, "tc_dh_map_pcd_priv_key")
    assert own.encoded.startswith(bsi("tc_dh_map_pcd_pub_key"))
    chip = GROUP.key_pair_of(CHIP_MAPPING)
    assert chip.encoded == bsi("tc_dh_map_picc_pub_key")
    shared = GROUP.multiply(own.private, chip.public)
    assert shared == GROUP.multiply(chip.private, own.public)
    assert GROUP.encode(shared).startswith(bsi("tc_dh_map_shared_secret_h"))
    mapped = mapping_generic.map_dh(GROUP, bsi("tc_dh_nonce"), shared)
    assert mapped.encode(mapped.generator).startswith(bsi("tc_dh_map_generator"))


def test_the_chip_s_mapping_key_written_out() -> None:
    """Half of it is left in the copy: too little to tell it by."""
    whole = (
        "4ec025e40c6d10b2aaf6fcac98c4244f57481a4961f3adc372a95e40e0cc3555f73ccfc65e9db956dd61b143e0c7dc51"
        "9e7dd8edd8e3e46a094cf2264fd193d0bc4bc05cde6ca44319c2439fd04a46443c8d0494487f6f2fe9ac8be9b9ee16a3"
        "d242668cba4ffd42eeac36509e16b4d1e6e8ee0025ff8244b190f57d441ec328"
    )
    assert int(whole, 16) % GROUP.order == CHIP_MAPPING
    assert whole.startswith(BSI["tc_dh_map_picc_priv_key"])


def test_the_chip_s_ephemeral_key_over_the_mapped_generator() -> None:
    assert cut_of(CHIP_EPHEMERAL, "tc_dh_picc_priv_key")
    shared = GROUP.multiply(OWN_MAPPING, GROUP.decode(bsi("tc_dh_map_picc_pub_key")))
    mapped = mapping_generic.map_dh(GROUP, bsi("tc_dh_nonce"), shared)
    assert mapped.key_pair_of(CHIP_EPHEMERAL).encoded == bsi("tc_dh_picc_pub_key")


@pytest.mark.parametrize(("kind", "number"), [("ecdh", 13), ("dh", 0)])
def test_the_chip_s_static_key_of_chip_authentication(kind: str, number: int) -> None:
    """Version 2 over the domain that EF.CardAccess names; both sides come to the same secret."""
    domain = domain_parameters.standard(number)
    card_access = security_infos.parse(bsi(f"tc_{kind}_ef_cardaccess"))
    (named,) = security_infos.of_type(card_access, security_infos.ChipAuthenticationDomainParameterInfo)
    assert domain_parameters.read(named.parameters) == domain
    private = int.from_bytes(bsi(f"tc_{kind}_ca_picc_priv_key"), "big")
    assert domain.key_pair_of(private).encoded.startswith(bsi(f"tc_{kind}_ca_picc_pub_key"))
    secret = domain.agree(private, bsi(f"tc_{kind}_ca_pcd_pub_key"))
    assert secret.startswith(bsi(f"tc_{kind}_ca_shared_secret_k"))


def test_the_point_that_a_decoder_of_points_is_tried_on() -> None:
    """The terminal's key of appendix G.1, alone, with the PACEInfo that names its curve."""
    point = {entry["var"]: entry["hex"] for entry in vectors("icao_pace_worked_examples")["testPoint"]}
    info = bytes.fromhex(point["paceInfoBytes"])
    (way,) = security_infos.parse(tlv.build(0x31, info))
    assert isinstance(way, security_infos.PaceInfo)
    assert way.parameter_id == 13
    domain = domain_parameters.standard(way.parameter_id)
    assert isinstance(domain, EcDomain)
    octets = bytes.fromhex("04" + point["publicKeyPoint"] + point[""])
    decoded = domain.decode(octets)
    assert libcrypto.on_curve(domain.curve, decoded)
    assert domain.encode(decoded) == octets


SIGNATURES = {
    "tc_dh_dv_cert": (
        "6b950f1fa8fef861eea75765c2805d79bb5d0d60878e930a8c17d3f92dcc2be9547d31e4126b7510c35927e824bd0c64"
        "dc3396f5392aacf6f6499f1d88cafad94ca61624b6637c751bd035fc084bb89f50a900ecc18071258b316bdf3af9d610"
        "92a150056429e02d1a70dfc11e77d0fbba00cb700a63209805968dbd17d36e75"
    ),
    "tc_dh_ta_cert": (
        "8cb16126a1fdbb8248c88bdb1fb1199c3f253856fe10835f7bff62a30bd281b8a1f0fe0381a5b0a42651f77df7215221"
        "f0ede488e689ea45cee20b19c7b1d1edb6ac21f34088819f6fd5dc333109e15a15dff685a2b69d17d5e23dafe363a8e7"
        "6331cc25b913fb6ed830eb457ad0a67396a190cae39cc6c2e4671e6052d3c22d"
    ),
}
"""Signatures of the certificates, which the copies cut."""


def whole(name: str) -> CvCertificate:
    """The certificate whose copy ends within its signature, with the signature as it is printed."""
    body = tlv.read_first(bsi(name), bsi(name).index(b"\x7f\x4e"))
    data = tlv.build(0x7F21, body.raw, tlv.build(0x5F37, bytes.fromhex(SIGNATURES[name])))
    assert data.startswith(bsi(name))
    return card_verifiable.read(data)


def test_the_way_from_bsi_s_authority_to_its_terminal() -> None:
    """RSA and SHA-1.  The terminal is one of authentication terminals, which has no right to DG3 and DG4."""
    authority = card_verifiable.read(bsi("tc_dh_cvca"))
    verifier, terminal = whole("tc_dh_dv_cert"), whole("tc_dh_ta_cert")
    way = card_verifiable.chain([terminal, authority, verifier], ["DETESTCVCA00003"])
    assert [step.holder for step in way] == ["DETESTDVDE019", "DETESTATDE019"]
    assert [step.role for step in way] == [Role.DOMESTIC_VERIFIER, Role.TERMINAL]
    for issuer, step in ((authority, verifier), (verifier, terminal)):
        assert issuer.key.key is not None
        assert step.verify(issuer.key.key, issuer.key.scheme)
    assert not terminal.verify(authority.key.key or RsaKey(0, 0), authority.key.scheme)
    assert card_verifiable.effective_rights([authority, *way]) is Rights.NONE


def test_the_terminal_signs_as_in_bsi_s_example() -> None:
    """A signature of RSASSA-PKCS1-v1_5 is always the same.  The copy of the key ends after n, e and d."""
    data = bsi("tc_dh_ta_pcd_key")
    numbers = tlv.iterate(data[data.index(bytes.fromhex("028181009f7e")) :])
    n, e, d = (int.from_bytes(next(numbers).value, "big") for _ in range(3))
    p, q = rsa.rsa_recover_prime_factors(n, e, d)
    private = rsa.RSAPrivateNumbers(
        p, q, d, d % (p - 1), d % (q - 1), rsa.rsa_crt_iqmp(p, q), rsa.RSAPublicNumbers(e, n)
    ).private_key()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    certificate = whole("tc_dh_ta_cert")
    key = terminal_key.load(pem, [tlv.build(0x7F21, certificate.value)])
    chip, ephemeral = (GROUP.compress(bsi(name)) for name in ("tc_dh_picc_pub_key", "tc_dh_ca_pcd_pub_key"))
    signed = message(chip, bsi("tc_dh_ta_nonce"), ephemeral)
    assert key.sign(signed) == bsi("tc_dh_ta_pcd_signature")


@pytest.mark.parametrize("kind", ["dh", "ecdh"])
def test_a_terminal_s_key_file_that_is_cut_is_refused(kind: str) -> None:
    certificate = tlv.build(0x7F21, whole("tc_dh_ta_cert").value)
    with pytest.raises(MalformedError, match="not an unencrypted private key"):
        terminal_key.load(bsi(f"tc_{kind}_ta_pcd_key"), [certificate])
