"""SecurityInfos in EF.CardAccess, EF.CardSecurity and DG14 (Doc 9303-11, 9.2)."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.emrtd import object_identifiers, tlv
from drivers.emrtd.ciphers import Cipher
from drivers.emrtd.errors import MalformedError
from drivers.emrtd.lds.security_infos import (
    ActiveAuthenticationInfo,
    ChipAuthenticationDomainParameterInfo,
    ChipAuthenticationInfo,
    ChipAuthenticationPublicKeyInfo,
    EfDirInfo,
    KeyAgreement,
    Mapping,
    PaceDomainParameterInfo,
    PaceInfo,
    TerminalAuthenticationInfo,
    UnknownInfo,
    of_type,
    parse,
)

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "emrtd"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"the real files ({DATA}) are not here")


def info(oid: str, *fields: bytes) -> bytes:
    return tlv.build(0x30, tlv.build(0x06, object_identifiers.encode(oid)), *fields)


def integer(value: int) -> bytes:
    return tlv.build(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def test_a_pace_info_of_the_standard_is_read() -> None:
    """Doc 9303-11, appendix G.1: SecurityInfos with one PACEInfo, ECDH, generic mapping, AES-128."""
    (found,) = parse(bytes.fromhex("31143012060A04007F0007020204020202010202010D"))
    assert isinstance(found, PaceInfo)
    assert (found.key_agreement, found.mapping, found.cipher) == (
        KeyAgreement.ECDH,
        Mapping.GM,
        Cipher.AES128,
    )
    assert (found.version, found.parameter_id) == (2, 13)
    assert found.oid == "0.4.0.127.0.7.2.2.4.2.2"
    assert found.oid_octets == bytes.fromhex("04007F00070202040202")


@pytest.mark.parametrize(
    ("arcs", "agreement", "mapping", "cipher"),
    [
        ("1.1", KeyAgreement.DH, Mapping.GM, Cipher.DES3),
        ("3.4", KeyAgreement.DH, Mapping.IM, Cipher.AES256),
        ("4.3", KeyAgreement.ECDH, Mapping.IM, Cipher.AES192),
        ("6.2", KeyAgreement.ECDH, Mapping.CAM, Cipher.AES128),
    ],
)
def test_the_identifier_names_mapping_and_cipher(
    arcs: str, agreement: KeyAgreement, mapping: Mapping, cipher: Cipher
) -> None:
    (found,) = parse(tlv.build(0x31, info(f"0.4.0.127.0.7.2.2.4.{arcs}", integer(2), integer(12))))
    assert isinstance(found, PaceInfo)
    assert (found.key_agreement, found.mapping, found.cipher) == (agreement, mapping, cipher)


def test_a_key_number_is_an_integer_and_not_text() -> None:
    """One reader took the key number of Malta's documents in another base and asked for no key."""
    (found,) = parse(tlv.build(0x31, info("0.4.0.127.0.7.2.2.3.2.4", integer(1), integer(0x0118))))
    assert isinstance(found, ChipAuthenticationInfo)
    assert found.key_id == 0x0118


def test_what_is_unknown_or_malformed_hides_nothing_else() -> None:
    strange = info("1.2.3.4", tlv.build(0x0C, b"x"))
    draft = info("0.4.0.127.0.7.2.2.4.5.2", integer(2), integer(13))
    broken = info("0.4.0.127.0.7.2.2.4.2.2", tlv.build(0x02, b"\xff"))
    empty = info("0.4.0.127.0.7.2.2.1.2")
    good = info("0.4.0.127.0.7.2.2.4.2.4", integer(2), integer(16))
    found = parse(tlv.build(0x31, strange, draft, broken, empty, good))
    assert [type(one) for one in found] == [UnknownInfo, UnknownInfo, UnknownInfo, UnknownInfo, PaceInfo]
    assert [one.malformed for one in of_type(found, UnknownInfo)] == [False, False, True, True]
    assert found[0].raw == strange


def test_the_place_of_ef_cvca_and_the_hash_of_active_authentication_are_told() -> None:
    place = tlv.build(0x30, tlv.build(0x04, b"\x01\x1d"), tlv.build(0x04, b"\x1d"))
    wrong_place = tlv.build(0x30, tlv.build(0x04, b"\x01\x1d\x1d"))
    plain_sha384 = tlv.build(0x06, object_identifiers.encode("0.4.0.127.0.7.1.1.4.1.4"))
    other = tlv.build(0x06, object_identifiers.encode("1.2.840.10045.4.3.2"))
    found = parse(
        tlv.build(
            0x31,
            info("0.4.0.127.0.7.2.2.2", integer(1), place),
            info("0.4.0.127.0.7.2.2.2", integer(1), wrong_place),
            info("2.23.136.1.1.5", integer(1), plain_sha384),
            info("2.23.136.1.1.5", integer(1), other),
            info("2.23.136.1.1.13", tlv.build(0x04, b"\x61\x02\x4f\x00")),
        )
    )
    terminal = found[0]
    assert isinstance(terminal, TerminalAuthenticationInfo)
    assert (terminal.cvca_fid, terminal.cvca_sfi) == (0x011D, 0x1D)
    assert isinstance(found[1], UnknownInfo)
    hashes = [one.hash_name for one in of_type(found, ActiveAuthenticationInfo)]
    assert hashes == ["sha384", None]
    assert of_type(found, EfDirInfo)[0].ef_dir == b"\x61\x02\x4f\x00"


def test_explicit_pace_parameters_are_kept_whole() -> None:
    parameters = info("0.4.0.127.0.7.1.2", integer(13))
    (found,) = parse(tlv.build(0x31, info("0.4.0.127.0.7.2.2.4.2", parameters, integer(40))))
    assert isinstance(found, PaceDomainParameterInfo)
    assert (found.parameters, found.parameter_id) == (parameters, 40)


@needs_data
@pytest.mark.parametrize(("name", "parameter_id"), [("ecdh", 13), ("dh", 0)])
def test_a_card_access_of_an_identity_card_is_read(name: str, parameter_id: int) -> None:
    found = parse((DATA / "cardaccess" / f"vsmartcard_npa_{name}_ef_cardaccess").read_bytes())
    (pace,) = of_type(found, PaceInfo)
    assert (pace.parameter_id, pace.cipher, pace.mapping) == (parameter_id, Cipher.AES128, Mapping.GM)
    assert [one.version for one in of_type(found, ChipAuthenticationInfo)] == [2]
    assert len(of_type(found, ChipAuthenticationDomainParameterInfo)) == 1
    assert not any(one.malformed for one in of_type(found, UnknownInfo))


@needs_data
def test_the_standards_sample_of_dg14_is_read() -> None:
    data = (DATA / "cardaccess" / "doc9303_spec_sample_dg14.bin").read_bytes()
    found = parse(tlv.read(data).value)
    assert [type(one) for one in found] == [
        ChipAuthenticationPublicKeyInfo,
        ChipAuthenticationInfo,
        TerminalAuthenticationInfo,
    ]
    (key,) = of_type(found, ChipAuthenticationPublicKeyInfo)
    assert key.key_agreement is KeyAgreement.DH
    assert tlv.read(key.spki).tag == 0x30


@pytest.mark.parametrize(
    "dotted", ["0.4.0.127.0.7.2.2.4.6.4", "2.23.136.1.1.5", "1.2.840.113549.1.7.1", "2.999"]
)
def test_an_object_identifier_survives_its_encoding(dotted: str) -> None:
    assert object_identifiers.decode(object_identifiers.encode(dotted)) == dotted


@pytest.mark.parametrize("octets", ["", "80", "8001", "2A80", "2A808001", "2A" * 65])
def test_octets_that_are_no_object_identifier_are_refused(octets: str) -> None:
    with pytest.raises(MalformedError):
        object_identifiers.decode(bytes.fromhex(octets))


@given(st.binary(max_size=300))
def test_no_bytes_end_otherwise_than_in_infos_or_our_error(data: bytes) -> None:
    for octets in (data, tlv.build(0x31, data), tlv.build(0x31, info("0.4.0.127.0.7.2.2.4.2.2", data))):
        with contextlib.suppress(MalformedError):
            parse(octets)
