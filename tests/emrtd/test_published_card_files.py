"""EF.CardAccess and EF.CardSecurity of published cards, and SecurityInfos as another reader tests them (Doc
9303-10, 3.11; Doc 9303-11, 9.2; TR-03110-3, A.1.2)."""

import pytest

from drivers.emrtd import consistency, pace, signed_data, tlv
from drivers.emrtd.check import Outcome
from drivers.emrtd.elementary_files import CARD_ACCESS
from drivers.emrtd.errors import MalformedError
from drivers.emrtd.files import FileReader
from drivers.emrtd.lds import card_access, card_security, ef_dir, security_infos
from drivers.emrtd.lds.security_infos import (
    ActiveAuthenticationInfo,
    ChipAuthenticationInfo,
    ChipAuthenticationPublicKeyInfo,
    EfDirInfo,
    Mapping,
    PaceInfo,
    SecurityInfo,
    TerminalAuthenticationInfo,
    UnknownInfo,
    of_type,
)
from drivers.emrtd.read_policy import ReadPolicy
from tests.emrtd.material import DATA, hexadecimal, needs_data, vectors
from tests.emrtd.small_card import SmallCard

pytestmark = needs_data

BSI = vectors("bsi_eac_worked_examples")


def bsi(name: str) -> bytes:
    return bytes.fromhex(BSI[name])


PADDED = {
    "ef_cardaccess_new_testcard": (133, [(Mapping.GM, "brainpoolP256r1")]),
    "ef_cardaccess_slowenia": (93, []),
}
"""Files saved with what lay behind the set: bytes of the card's own; the status 6282 (end of the file).
Octets of the set, and the ways of PACE: the Slovenian card has none for us."""


@pytest.mark.parametrize("name", PADDED)
def test_what_lies_behind_the_set_in_a_saved_ef_card_access_is_left_alone(name: str) -> None:
    octets, ways = PADDED[name]
    infos = card_access.parse(bsi(name))
    assert infos == security_infos.parse(bsi(name)[:octets])
    assert not any(info.malformed for info in of_type(infos, UnknownInfo))
    assert [(offer.info.mapping, offer.domain.name) for offer in pace.offers(infos)] == ways
    with pytest.raises(MalformedError, match="followed by"):
        security_infos.parse(bsi(name), "DG14")


@pytest.mark.parametrize("name", PADDED)
def test_what_lies_behind_the_set_is_not_even_asked_for(name: str) -> None:
    card = SmallCard({0x011C: bsi(name)})
    read = FileReader(card.channel(None), ReadPolicy()).read(CARD_ACCESS)
    assert read == bsi(name)[: PADDED[name][0]]


def test_the_slovenian_card_says_where_its_authorities_lie() -> None:
    """Chip authentication of version 1 under key 3, and EF.CVCA moved to 011A (TR-03110-3, A.1.1.3)."""
    infos = card_access.parse(bsi("ef_cardaccess_slowenia"))
    (way,) = of_type(infos, ChipAuthenticationInfo)
    (terminal,) = of_type(infos, TerminalAuthenticationInfo)
    assert (way.version, way.key_id) == (1, 3)
    assert (terminal.version, terminal.cvca_fid, terminal.cvca_sfi) == (1, 0x011A, 0x1A)


CUT = {
    "tc_ecdh_ef_cardsecurity": (2027, "tc_ecdh_ef_cardaccess", [1]),
    "tc_dh_ef_cardsecurity": (2096, "tc_dh_ef_cardaccess", []),
    "ef_cardsecurity_dan": (1444, "ef_cardaccess_dan", [65]),
}
"""Copies of EF.CardSecurity that end early: octets announced, EF.CardAccess of the card, and the numbers of
the keys in what the file signs where that is whole."""


@pytest.mark.parametrize("name", CUT)
def test_an_ef_card_security_that_ends_early_is_refused(name: str) -> None:
    with pytest.raises(MalformedError, match=r"EF\.CardSecurity"):
        signed_data.read(bsi(name), "EF.CardSecurity")
    header = tlv.read_header(bsi(name))
    assert header is not None
    assert header.total == CUT[name][0] > len(bsi(name))


def signed_set(name: str) -> bytes:
    """From the start of what the file signs, under id-SecurityObject, to the end of the copy."""
    data = bsi(name)
    at = data.index(bytes.fromhex("04007F0007030201"))
    return data[data.index(b"\x31\x82", at) :]


@pytest.mark.parametrize("name", ["tc_ecdh_ef_cardsecurity", "ef_cardsecurity_dan"])
def test_what_is_signed_repeats_the_ways_of_pace_of_ef_card_access(name: str) -> None:
    """All that PACE rests on; EF.CardAccess alone has keys of other terminals, and BSI's the chip's of
    privileged terminals (TR-03110-3, A.1.1)."""
    signed = card_security.parse_content(tlv.read_first(signed_set(name)).raw)
    offered = card_access.parse(bsi(CUT[name][1]))
    assert [key.key_id for key in of_type(signed, ChipAuthenticationPublicKeyInfo)] == CUT[name][2]
    assert of_type(signed, PaceInfo) == of_type(offered, PaceInfo)
    assert card_access.missing_from(offered, signed) == ()
    assert {info.oid for info in offered if info not in signed}


def test_the_key_in_bsi_s_ef_card_security_is_that_of_its_chip_authentication() -> None:
    signed = card_security.parse_content(tlv.read_first(signed_set("tc_ecdh_ef_cardsecurity")).raw)
    (key,) = of_type(signed, ChipAuthenticationPublicKeyInfo)
    assert key.spki.endswith(bsi("tc_ecdh_ca_picc_pub_key"))


def test_the_set_that_bsi_s_finite_field_example_signs_begins_like_its_ef_card_access() -> None:
    """The copy ends within the chip's key, and has an octet 3E too many in it, from a comment beside the
    source's octets."""
    rest = signed_set("tc_dh_ef_cardsecurity")
    with pytest.raises(MalformedError, match="announces 380 bytes, but 315 follow"):
        card_security.parse_content(rest)
    elements = tlv.iterate(rest[4:])
    offered = card_access.parse(bsi("tc_dh_ef_cardaccess"))
    assert [next(elements).raw for _ in range(5)] == [info.raw for info in offered[:5]]
    key = rest[rest.index(bytes.fromhex("028180")) + 3 :]
    assert bsi("tc_dh_ca_picc_pub_key").startswith(key[:17] + key[18:])
    assert key[17] == 0x3E


def test_the_files_of_german_cards_with_chip_authentication_mapping_agree() -> None:
    """EF.CardAccess has another key, the card's description and what privileged terminals need besides; that
    a genuine card's signed file lacks those is no attempt at a weaker way."""
    file = (DATA / "sod" / "EF_CardSecurity_DE.bin").read_bytes()
    signed = card_security.parse_content(signed_data.read(file, "EF.CardSecurity").content)
    offered = bsi("ef_cardaccess_ca3")
    assert Mapping.CAM in {info.mapping for info in of_type(card_access.parse(offered), PaceInfo)}
    check = consistency.card_security(offered, signed)
    assert (check.outcome, check.reason) == (Outcome.PASSED, "offers_agree")
    weakened = tuple(info for info in signed if info.oid != "0.4.0.127.0.7.2.2.4.2.2")
    check = consistency.card_security(offered, weakened)
    assert (check.outcome, check.reason) == (Outcome.FAILED, "not_in_card_security")


TRACES = vectors("icao_and_chip_traces")
INFOS = hexadecimal(TRACES["security_infos"]) if TRACES else []
"""Sets of one element and, behind each good one twice, that element alone; then it spoilt."""


def only(at: int) -> SecurityInfo:
    """The one element of the set at this place."""
    (info,) = security_infos.parse(INFOS[at])
    assert INFOS[at] == INFOS[at + 1]
    assert info.raw == INFOS[at + 2]
    return info


def test_the_elements_that_another_reader_reads_are_read() -> None:
    way, active = only(0), only(5)
    assert isinstance(way, PaceInfo)
    assert (way.version, way.parameter_id, way.mapping) == (2, 13, Mapping.GM)
    assert isinstance(active, ActiveAuthenticationInfo)
    assert (active.version, active.hash_name) == (1, "sha512")
    without, numbered, terminal = only(9), only(12), only(16)
    assert isinstance(without, ChipAuthenticationInfo)
    assert isinstance(numbered, ChipAuthenticationInfo)
    assert isinstance(terminal, TerminalAuthenticationInfo)
    assert (without.version, without.key_id) == (1, None)
    assert (numbered.version, numbered.key_id) == (1, 0xC3)
    assert (terminal.version, terminal.cvca_fid) == (1, None)


def test_version_1_of_pace_is_read_and_not_offered() -> None:
    (way,) = security_infos.parse(INFOS[3])
    assert isinstance(way, PaceInfo)
    assert way.version == 1
    assert pace.offers((way,)) == ()


@pytest.mark.parametrize("at", [4, 8, 15, 19, 24])
def test_an_element_whose_last_field_is_longer_than_itself_spoils_the_set(at: int) -> None:
    with pytest.raises(MalformedError, match="announces"):
        security_infos.parse(INFOS[at])


def test_a_copy_of_ef_dir_under_another_identifier_is_kept_as_unknown() -> None:
    """The other reader has id-EFDIR under 1.3.27, the standard under 2.23.136 (9303-11, 9.2.10).  Nothing
    rests on the copy."""
    info = only(20)
    assert isinstance(info, UnknownInfo)
    assert (info.oid, info.malformed) == ("1.3.27.1.1.13", False)
    standard = tlv.build(0x30, bytes.fromhex("060667810801010D"), tlv.build(0x04, INFOS[23]))
    (copy,) = security_infos.parse(tlv.build(0x31, standard))
    assert isinstance(copy, EfDirInfo)
    applications = [application.name for application in ef_dir.parse(copy.ef_dir)]
    assert applications == ["emrtd", "travel_records", "visa_records", "additional_biometrics"]


def test_an_element_of_no_known_protocol_is_kept() -> None:
    info = only(25)
    assert isinstance(info, UnknownInfo)
    assert (info.oid, info.malformed) == ("2.23.136", False)
