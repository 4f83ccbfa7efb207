"""The files of the logical data structure (Doc 9303-10), the specimens, and what issuers made of them."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.emrtd import object_identifiers, signed_data, tlv
from drivers.emrtd.errors import EmrtdError, MalformedError
from drivers.emrtd.lds import (
    atr_info,
    card_access,
    card_security,
    com,
    cvca,
    dg1,
    dg2,
    dg3,
    dg4,
    dg5,
    dg7,
    dg11,
    dg12,
    dg13,
    dg14,
    dg15,
    dg16,
    ef_dir,
)
from drivers.emrtd.lds.security_infos import (
    ChipAuthenticationPublicKeyInfo,
    PaceInfo,
    UnknownInfo,
    of_type,
)
from tests.emrtd.material import DATA, needs_data

BSI, NL = DATA / "bsi_tr03105_5", DATA / "nl_specimen_2006"


@needs_data
def test_the_german_specimens_files_say_what_is_known_of_them() -> None:
    assert com.parse((BSI / "EF_COM.bin").read_bytes()) == com.Com("1.7", "4.0.0", (1, 2, 3, 4, 14), ())
    zone = dg1.parse((BSI / "Datagroup1.bin").read_bytes())
    assert (zone.document_format, zone.document_code, zone.issuer, zone.expiry) == ("TD3", "P", "D", "231031")
    assert zone.lines[0] == "P<D<<MUSTERMANN<<ERIKA<<<<<<<<<<<<<<<<<<<<<<"
    fingers = dg3.parse((BSI / "Datagroup3.bin").read_bytes())
    irises = dg4.parse((BSI / "Datagroup4.bin").read_bytes())
    assert [kind for kind, _ in fingers.records] == [7, 7]
    assert [kind for kind, _ in irises.records] == [9, 9]
    keys = of_type(dg14.parse((BSI / "Datagroup14.bin").read_bytes()), ChipAuthenticationPublicKeyInfo)
    assert len(keys) == 1
    assert len(dg15.parse((BSI / "Datagroup15.bin").read_bytes())) == 162


@needs_data
def test_the_dutch_specimens_files_say_what_is_known_of_them() -> None:
    assert com.parse((NL / "ef011E.bin").read_bytes()).groups == (1, 2, 15)
    zone = dg1.parse((NL / "ef0101.bin").read_bytes())
    assert (zone.document_format, zone.issuer, zone.expiry) == ("TD3", "NLD", "111001")
    assert len(dg15.parse((NL / "ef010F.bin").read_bytes())) == 162


@needs_data
def test_the_samples_of_ef_card_access_are_read() -> None:
    for name in ("ecdh", "dh"):
        data = (DATA / "cardaccess" / f"vsmartcard_npa_{name}_ef_cardaccess").read_bytes()
        assert len(card_access.parse(data)) == 6


@needs_data
def test_the_security_infos_that_a_genuine_card_security_signs_are_read() -> None:
    signed = signed_data.read((DATA / "sod" / "EF_CardSecurity_DE.bin").read_bytes(), "EF.CardSecurity")
    found = card_security.parse_content(signed.content)
    assert signed.content_type == card_security.CONTENT_TYPE
    assert not any(one.malformed for one in of_type(found, UnknownInfo))
    assert of_type(found, ChipAuthenticationPublicKeyInfo)
    assert of_type(found, PaceInfo)


def test_a_file_with_another_tag_or_bytes_behind_it_is_refused_by_name() -> None:
    with pytest.raises(MalformedError, match="DG1: begins with tag 75, expected 61"):
        dg1.parse(tlv.build(0x75, b""))
    with pytest.raises(MalformedError, match="COM: "):
        com.parse(tlv.build(0x60, tlv.build(0x5C, b"\x61")) + b"\0")
    with pytest.raises(MalformedError, match="DG14"):
        dg14.parse(b"\x6e\x82\xff\xff\x31\x00")


def test_unknown_tags_in_ef_com_are_told_apart() -> None:
    """Chinese documents list tags that name no data group."""
    versions = bytes.fromhex("5F0104303130385F3606303430303030")
    found = com.parse(
        tlv.build(0x60, versions, tlv.build(0x5C, bytes.fromhex("6175 77 5F30 6F".replace(" ", ""))))
    )
    assert (found.lds_version, found.groups, found.unknown_tags) == ("1.8", (1, 2, 15), (0x77, 0x5F30))


def test_ef_com_without_versions_is_read_and_without_a_list_is_not() -> None:
    assert com.parse(tlv.build(0x60, tlv.build(0x5C, b"\x61\x75"))) == com.Com(None, None, (1, 2), ())
    with pytest.raises(MalformedError, match="no list"):
        com.parse(tlv.build(0x60, bytes.fromhex("5F010430313037")))


def group1(mrz: str) -> bytes:
    return tlv.build(0x61, tlv.build(0x5F1F, mrz.encode("latin-1")))


@pytest.mark.parametrize(
    ("mrz", "expected"),
    [
        (
            "I<UTOD231458907<<<<<<<<<<<<<<<7408122F1204159UTO<<<<<<<<<<<6ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
            ("TD1", "I", "UTO", "120415"),
        ),
        (
            "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<D231458907UTO7408122F1204159<<<<<<<6",
            ("TD2", "I", "UTO", "120415"),
        ),
        (
            "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F1204159ZE184226B<<<<<10",
            ("TD3", "P", "UTO", "120415"),
        ),
    ],
)
def test_the_worked_examples_of_each_format_are_read(mrz: str, expected: tuple[str, ...]) -> None:
    """Doc 9303-4, -5 and -6, appendices with examples."""
    found = dg1.parse(group1(mrz))
    assert (found.document_format, found.document_code, found.issuer, found.expiry) == expected
    assert "".join(found.lines) == mrz


def test_a_turkish_identity_card_may_begin_its_number_with_a_filler() -> None:
    mrz = "I<TUR<12345678<<<<<<<<<<<<<<<<7408122F1204159TUR<<<<<<<<<<<6SURNAME<<GIVEN<<<<<<<<<<<<<<<<"
    assert dg1.parse(group1(mrz)).lines[0][5:7] == "<1"


@pytest.mark.parametrize("mrz", ["", "P<UTO" + "<" * 82, "p" + "<" * 87, "\xc4" + "<" * 87, "P\n" + "<" * 86])
def test_a_zone_of_another_length_or_other_characters_is_refused(mrz: str) -> None:
    with pytest.raises(MalformedError, match="DG1"):
        dg1.parse(group1(mrz))


def test_what_a_file_holds_is_in_no_message_and_no_repr() -> None:
    mrz = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F1204159ZE184226B<<<<<10"
    person = dg11.parse(tlv.build(0x6B, tlv.build(0x5F0E, b"ERIKSSON<<ANNA")))
    document = dg12.parse(tlv.build(0x6C, tlv.build(0x5F1B, b"ERIKSSON")))
    notify = dg16.parse(tlv.build(0x70, tlv.build(0xA1, tlv.build(0x5F51, b"ERIKSSON"))))
    for told in (
        repr(dg1.parse(group1(mrz))),
        repr(person),
        repr(person.details),
        repr(document),
        repr(notify),
    ):
        assert "ERIKSSON" not in told
    with pytest.raises(MalformedError) as refused:
        dg1.parse(group1(mrz.replace("ANNA", "anna")))
    assert "ERIKSSON" not in str(refused.value)


def group11(*fields: tuple[int, bytes], listed: bytes = b"") -> bytes:
    return tlv.build(0x6B, tlv.build(0x5C, listed), *(tlv.build(tag, value) for tag, value in fields))


def test_the_holders_details_are_read() -> None:
    others = (
        tlv.build(0x02, b"\x02") + tlv.build(0x5F0F, b"ERIKSSON<<MIA") + tlv.build(0x5F0F, b"SMITH<<ANNA")
    )
    found = dg11.parse(
        group11(
            (0x5F0E, b"ERIKSSON<<ANNA<MARIA"),
            (0xA0, others),
            (0x5F10, b"123456-7890"),
            (0x5F2B, b"19740812"),
            (0x5F11, "ŌTEPOTI<NZL".encode()),
            (0x5F42, b"1 HIGH STREET<TOWN<STATE<99999"),
            (0x5F17, b"AB12345<CD67890"),
            listed=bytes.fromhex("5F0EA05F105F2B5F115F425F175F0F"),
        )
    )
    assert (found.full_name, found.other_names) == (
        "ERIKSSON<<ANNA<MARIA",
        ("ERIKSSON<<MIA", "SMITH<<ANNA"),
    )
    assert (found.personal_number, found.birth_date) == ("123456-7890", "19740812")
    assert found.birth_place == ("ŌTEPOTI", "NZL")
    assert found.address == ("1 HIGH STREET", "TOWN", "STATE", "99999")
    assert found.other_documents == ("AB12345", "CD67890")
    assert not found.details.list_differs


@pytest.mark.parametrize(
    ("octets", "date"),
    [
        (b"19740812", "19740812"),
        (bytes.fromhex("19740812"), "19740812"),  # packed, as some issuers write it
        (b"1974", "1974"),  # a year alone, not a packed date of the year 3139
        (b"1974<<<<", None),
        (bytes.fromhex("1974AA12"), None),
        (b"", None),
        (b"\xff" * 8, None),
    ],
)
def test_a_birth_date_is_digits_or_packed_digits_or_kept_raw(octets: bytes, date: str | None) -> None:
    found = dg11.parse(group11((0x5F2B, octets)))
    assert found.birth_date == date
    assert found.details.first(0x5F2B) == octets


def test_latin_1_of_old_issuers_is_text() -> None:
    found = dg11.parse(group11((0x5F0E, "MÜLLER<<JÖRG".encode("latin-1"))))
    assert found.full_name == "MÜLLER<<JÖRG"


def test_empty_elements_and_a_list_that_differs_never_fail_the_read() -> None:
    """Belgian and French documents hold elements of length 0, or list what they do not hold."""
    found = dg11.parse(
        group11((0x5F0E, b""), (0x5F10, b""), (0x5F14, b"DR"), listed=bytes.fromhex("5F0E5F42"))
    )
    assert (found.full_name, found.personal_number, found.address, found.title) == ("", "", (), "DR")
    assert found.details.listed == (0x5F0E, 0x5F42)
    assert found.details.present == (0x5F0E, 0x5F10, 0x5F14)
    assert found.details.list_differs


def test_unknown_elements_and_what_is_no_tlv_are_kept_as_they_came() -> None:
    data = tlv.build(0x6B, tlv.build(0x5F0E, b"A"), tlv.build(0xDF01, b"own"), b"\0\0\0")
    found = dg11.parse(data)
    assert found.full_name == "A"
    assert found.details.unknown == ((0xDF01, b"own"),)
    assert found.details.rest == b"\0\0\0"


@pytest.mark.parametrize(
    ("octets", "stamp"),
    [
        (b"20240131235959", "20240131235959"),
        (bytes.fromhex("20240131235959"), "20240131235959"),  # Bosnian documents pack it
        (b"2024-01-31", None),
    ],
)
def test_the_time_of_personalisation_is_digits_or_packed_digits(octets: bytes, stamp: str | None) -> None:
    fields = (
        tlv.build(0x5F19, b"MINISTRY"),
        tlv.build(0x5F26, bytes.fromhex("20240130")),
        tlv.build(0x5F55, octets),
    )
    found = dg12.parse(tlv.build(0x6C, tlv.build(0x5C, bytes.fromhex("5F195F265F55")), *fields))
    assert (found.authority, found.issue_date, found.personalised) == ("MINISTRY", "20240130", stamp)


def test_a_group_of_free_content_need_not_be_tlv() -> None:
    """Documents of Singapore hold in DG13 what is no TLV: its length comes from the outer tag alone."""
    assert dg13.parse(bytes.fromhex("6D 05 00 FF FF FF 7F")) == bytes.fromhex("00 FF FF FF 7F")


def test_persons_to_notify_are_read_with_what_is_empty() -> None:
    first = tlv.build(
        0xA1, tlv.build(0x5F50, b"20240131"), tlv.build(0x5F51, b"SMITH<<JOHN"), tlv.build(0x5F53, b"A<B")
    )
    second = tlv.build(0xA2, tlv.build(0x5F51, b""), tlv.build(0x5F52, b"+123"))
    found = dg16.parse(tlv.build(0x70, tlv.build(0x02, b"\x02"), first, second))
    assert (found[0].recorded, found[0].name, found[0].address) == ("20240131", "SMITH<<JOHN", ("A", "B"))
    assert (found[1].recorded, found[1].name, found[1].telephone) == (None, "", "+123")


def test_displayed_portrait_and_signature_are_pictures_without_the_empty_ones() -> None:
    value = (
        tlv.build(0x02, b"\x02")
        + tlv.build(0x5F40, b"one")
        + tlv.build(0x5F40, b"")
        + tlv.build(0x5F43, b"ink")
    )
    assert dg5.parse(tlv.build(0x65, value)) == (b"one",)
    assert dg7.parse(tlv.build(0x67, value)) == (b"ink",)


def test_fingers_that_could_not_be_taken_make_an_empty_group() -> None:
    value = tlv.build(0x7F61, bytes.fromhex("020100"), tlv.build(0x53, bytes(8)))
    assert dg3.parse(tlv.build(0x63, value)).records == ()


def test_a_public_key_of_active_authentication_is_one_whole_sequence() -> None:
    assert dg15.parse(bytes.fromhex("6F02 3000".replace(" ", ""))) == b"\x30\x00"
    for wrong in ("6F00", "6F023100", "6F0430003000"):
        with pytest.raises(MalformedError):
            dg15.parse(bytes.fromhex(wrong))


def test_the_applications_of_a_chip_are_recognised() -> None:
    data = b"".join(
        tlv.build(0x61, tlv.build(0x4F, bytes.fromhex(aid)))
        for aid in (
            "A0000002471001",
            "A0000002472001",
            "A0000002472002",
            "A0000002472003",
            "E80704007F00070302",
        )
    )
    names = ["emrtd", "travel_records", "visa_records", "additional_biometrics", "other"]
    for padding in (0, 5):
        assert [one.name for one in ef_dir.parse(data + bytes(padding))] == names


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("7F660802020400020204009000", (None, 1024, 1024)),
        ("4703000040 7F6608 02020100 02020400", (True, 256, 1024)),
        ("470394018000", (False, None, None)),
        ("4301B8 7F660402020100 00000000", (None, None, None)),
    ],
)
def test_the_lengths_that_a_chip_takes_are_read_from_ef_atr_info(
    file: str, expected: tuple[bool | None, int | None, int | None]
) -> None:
    found = atr_info.parse(bytes.fromhex(file))
    assert (found.extended, found.command_bytes_max, found.response_bytes_max) == expected


def test_the_authorities_of_terminals_are_read_with_their_padding() -> None:
    first, second = tlv.build(0x42, b"UTCVCA00002"), tlv.build(0x42, b"UTCVCA00001")
    assert cvca.parse((first + second).ljust(36, b"\0")) == ("UTCVCA00002", "UTCVCA00001")
    assert cvca.parse(first.ljust(36, b"\0")) == ("UTCVCA00002",)
    for wrong in (b"", bytes(36), first * 3, first.ljust(36, b"\0") + b"\1", first.ljust(30, b"\0") + b"\1"):
        with pytest.raises(MalformedError):
            cvca.parse(wrong)


def pace_info(arcs: str, parameter_id: int) -> bytes:
    oid = tlv.build(0x06, object_identifiers.encode(f"0.4.0.127.0.7.2.2.4.{arcs}"))
    return tlv.build(0x30, oid, bytes.fromhex("020102"), tlv.build(0x02, bytes([parameter_id])))


def test_a_weaker_way_of_pace_in_ef_card_access_than_in_dg14_shows() -> None:
    strong, weak = pace_info("6.4", 16), pace_info("2.1", 8)
    signed = dg14.parse(tlv.build(0x6E, tlv.build(0x31, strong, weak)))
    honest = card_access.parse(tlv.build(0x31, weak, strong))
    stripped = card_access.parse(tlv.build(0x31, weak))
    swapped = card_access.parse(tlv.build(0x31, weak, pace_info("6.4", 12)))
    assert card_access.pace_differs(honest, signed) == ()
    assert card_access.pace_differs(stripped, signed) == ("0.4.0.127.0.7.2.2.4.6.4",)
    assert len(card_access.pace_differs(swapped, signed)) == 2
    security = card_security.parse_content(tlv.build(0x31, strong))
    assert card_access.missing_from(honest, security) == ("0.4.0.127.0.7.2.2.4.2.1",)
    assert card_access.missing_from(card_access.parse(tlv.build(0x31, strong)), security) == ()


READERS: tuple[tuple[int, Callable[[bytes], object]], ...] = (
    *((0x60, com.parse), (0x61, dg1.parse), (0x75, dg2.parse), (0x63, dg3.parse), (0x76, dg4.parse)),
    *((0x65, dg5.parse), (0x67, dg7.parse), (0x6B, dg11.parse), (0x6C, dg12.parse), (0x6D, dg13.parse)),
    *((0x6E, dg14.parse), (0x6F, dg15.parse), (0x70, dg16.parse), (0x31, card_access.parse)),
)
BARE: tuple[Callable[[bytes], object], ...] = (
    ef_dir.parse,
    atr_info.parse,
    cvca.parse,
    card_security.parse_content,
)

TAGS = [
    *bytes.fromhex("02 30 31 06 5C A0 A1 65 80 87 42 4F 61 47"),
    *(0x7F61, 0x7F60, 0x5F2E, 0x7F2E, 0x5F1F, 0x5F0E, 0x5F2B, 0x5F43, 0x5F51, 0x7F66),
]
nested = st.recursive(
    st.binary(max_size=12),
    lambda inner: st.lists(
        st.builds(
            tlv.build,
            st.sampled_from(TAGS),
            inner,
        ),
        max_size=4,
    ).map(b"".join),
    max_leaves=12,
)


@settings(max_examples=60)
@given(value=nested, cut=st.integers(0, 40))
def test_no_content_of_a_file_ends_otherwise_than_in_data_or_our_error(value: bytes, cut: int) -> None:
    for tag, read in READERS:
        whole = tlv.build(tag, value)
        for octets in (whole, whole[: max(0, len(whole) - cut)]):
            for one in (read, *BARE):
                try:
                    repr(one(octets))
                except EmrtdError:
                    continue


def test_depth_and_size_are_bounded() -> None:
    deep = b"\x02\x01\x01"
    for _ in range(2000):
        deep = tlv.build(0xA0, deep)
    dg11.parse(tlv.build(0x6B, deep))
    with pytest.raises(MalformedError):
        dg14.parse(tlv.build(0x6E, deep))
    with pytest.raises(MalformedError, match="more than"):
        dg13.parse(b"\x6d\x84\x40\x00\x00\x00" + bytes(100))
    with pytest.raises(MalformedError, match="elements"):
        dg11.parse(tlv.build(0x6B, tlv.build(0x5F0E) * 300))
    with pytest.raises(MalformedError, match="tag list"):
        com.parse(tlv.build(0x60, tlv.build(0x5C, b"\x5f" + b"\xff" * 1000)))
