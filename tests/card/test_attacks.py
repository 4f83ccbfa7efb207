"""Each attack does to the chip what its name says, seen without any reader of ours."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from asn1crypto import cms, core, crl, x509

from simulators.card import profiles
from simulators.card.attacks import Specimen, attacks
from simulators.card.chip import CardTorn
from simulators.card.document import Document
from simulators.card.personalisation import (
    EF_CARD_ACCESS,
    EF_CARD_SECURITY,
    EF_COM,
    EF_SOD,
    Personalisation,
    data_group,
)
from tests.card import openssl
from tests.card.terminal import OK, Terminal
from tests.card.test_personaliser import content, signed, value

SMALL = {"portrait": {"width": 90, "height": 120, "bytes": 1500}, "files": {"groups": [1, 2]}}


@cache
def document() -> Document:
    return profiles.document("full", SMALL)


@cache
def made(name: str) -> Specimen:
    return attacks()[name].make(document())


def hashes(chip: Personalisation) -> dict[int, bytes]:
    tree = core.Sequence.load(content(signed(chip)))
    return {
        entry[0].native: entry[1].native for entry in core.SequenceOf.load(tree[2].dump(), spec=core.Sequence)
    }


def wrong_groups(chip: Personalisation) -> set[int]:
    """Listed groups whose file is there and has another hash."""
    return {
        number
        for number, listed in hashes(chip).items()
        if (file := chip.files.get(data_group(number))) is not None
        and hashlib.sha256(file).digest() != listed
    }


def signer(chip: Personalisation) -> x509.Certificate:
    return signed(chip)["certificates"][0].chosen


def verified(specimen: Specimen, folder: Path, *, trust: Mapping[str, bytes] | None = None) -> bytes | None:
    """What openssl says that EF.SOD's signer, chained to the trust folder's anchors, signed on that day."""
    anchors = [one for name, one in (trust or specimen.trust).items() if name.startswith("csca")]
    roots = folder / "roots.pem"
    texts = [openssl.certificate(folder / "one.pem", one).read_text() for one in anchors]
    roots.write_text("".join(texts))
    (folder / "sod").write_bytes(value(specimen.chip.files[EF_SOD]))
    moment = datetime(specimen.at.year, specimen.at.month, specimen.at.day, tzinfo=UTC)
    try:
        openssl.run(
            *("cms", "-verify", "-inform", "DER", "-in", folder / "sod", "-out", folder / "shown", "-binary"),
            *("-CAfile", roots, "-purpose", "any", "-attime", str(int(moment.timestamp()))),
        )
    except AssertionError:
        return None
    return (folder / "shown").read_bytes()


GOOD_SIGNATURE = (
    "nothing_wrong",
    "clone",
    "wrong_hash",
    "swapped_dg1",
    "other_documents_files",
    "hidden_dg14",
    "card_access_stripped",
    "downgraded_pace",
    "attributes_as_content",
    "card_security_as_sod",
    "master_list_as_sod",
    "attributes_left_out",
    "unlisted_active_key",
    "stale_crl",
    "revoked_signer",
    "list_signer_signs_documents",
)
BAD_SIGNATURE = (
    "broken_signature",
    "rewritten_hashes",
    "unchained_signer",
    "csca_in_the_sod",
    "expired_signer",
    "unknown_critical_extension",
)


@pytest.mark.parametrize("name", GOOD_SIGNATURE)
def test_openssl_finds_nothing_wrong_where_the_signature_is_not_the_trick(name: str, tmp_path: Path) -> None:
    assert verified(made(name), tmp_path) is not None


@pytest.mark.parametrize("name", BAD_SIGNATURE)
def test_openssl_refuses_where_signature_or_chain_is_broken(name: str, tmp_path: Path) -> None:
    assert verified(made(name), tmp_path) is None


def test_the_table_speaks_the_verdicts_words() -> None:
    for name, attack in attacks().items():
        assert attack.name == name
        assert len(attack.about) > 10, name
        expected = attack.expected
        assert set(expected.data) <= {"verified", "failed", "not_verifiable"}, name
        assert set(expected.chip) <= {"genuine", "failed", "not_proved"}, name
        assert set(expected.checks.values()) <= {"passed", "failed", "inconclusive", "not performed"}, name
        assert "genuine" not in expected.chip or expected.data == ("verified",), name


def test_every_attack_makes_a_chip_that_differs_from_the_genuine_one() -> None:
    plain = made("nothing_wrong")
    known = {"nothing_wrong", "mapping_nothing_wrong"}
    for name in set(attacks()) - known:
        specimen = made(name)
        differs = (
            specimen.chip != plain.chip,
            specimen.trust != plain.trust,
            specimen.faults != plain.faults,
            specimen.behaviour != plain.behaviour,
            specimen.document != plain.document,
        )
        assert any(differs), name


def test_hashes_are_wrong_where_the_attack_says_so_and_nowhere_else() -> None:
    assert wrong_groups(made("nothing_wrong").chip) == set()
    assert wrong_groups(made("wrong_hash").chip) == {2}
    assert wrong_groups(made("swapped_dg1").chip) == {1}
    assert wrong_groups(made("clone_with_its_own_key").chip) == {14, 15}
    assert wrong_groups(made("other_documents_files").chip) == set()
    assert wrong_groups(made("rewritten_hashes").chip) == set()


def test_hidden_files_are_listed_by_the_sod_alone() -> None:
    for name, numbers in (("hidden_dg14", {14}), ("hidden_dg15", {15}), ("hidden_both", {14, 15})):
        chip = made(name).chip
        assert numbers <= set(hashes(chip)), name
        assert not any(data_group(number) in chip.files for number in numbers), name
        listed = value(chip.files[EF_COM])
        tags = listed[listed.index(b"\x5c") + 2 :]
        assert not any(bytes([{14: 0x6E, 15: 0x6F}[number]]) in tags for number in numbers), name
    chip = made("unlisted_active_key").chip
    assert set(hashes(chip)) == {1, 2, 14}
    assert data_group(15) in chip.files


def test_the_signers_certificate_is_wrong_as_named() -> None:
    assert signer(made("signer_is_authority").chip).ca
    usage = signer(made("signer_without_digital_signature").chip).key_usage_value
    assert usage is not None
    assert usage.native == {"key_cert_sign"}
    purpose = signer(made("list_signer_signs_documents").chip).extended_key_usage_value
    assert purpose is not None
    assert purpose.native == ["2.23.136.1.1.3"]
    expired, early = made("expired_signer"), made("early_signer")
    assert signer(expired.chip).not_valid_after.date() < expired.at
    (root,) = (one for name, one in early.trust.items() if name.startswith("csca"))
    assert signer(early.chip).not_valid_before < x509.Certificate.load(root).not_valid_before
    parameters = signer(made("swapped_generator").chip).public_key["algorithm"]["parameters"].chosen
    known = bytes.fromhex("046B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296")
    assert not parameters["base"].native.startswith(known)
    assert parameters["order"].native == 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    assert signed(made("md5_signature").chip)["digest_algorithms"][0]["algorithm"].native == "md5"


def test_the_foreign_signer_is_good_under_its_own_states_anchor(tmp_path: Path) -> None:
    specimen = made("foreign_signer")
    assert verified(specimen, tmp_path) is not None
    own = {name: one for name, one in specimen.trust.items() if "-UT-" in name}
    assert verified(specimen, tmp_path, trust=own) is None
    assert signer(specimen.chip).issuer.native["country_name"] == "XU"


def test_the_csca_in_the_sod_would_complete_the_chain_of_whoever_believed_it(tmp_path: Path) -> None:
    specimen = made("csca_in_the_sod")
    carried = [entry.chosen for entry in signed(specimen.chip)["certificates"]]
    (root,) = (one for one in carried if one.ca)
    assert verified(specimen, tmp_path, trust={"csca": root.dump()}) is not None
    known = [x509.Certificate.load(one) for name, one in specimen.trust.items() if name.startswith("csca")]
    assert root.subject == known[0].subject


def test_crls_say_or_fail_to_say_what_they_should(tmp_path: Path) -> None:
    def list_of(name: str) -> tuple[bytes, crl.CertificateList]:
        (found,) = (one for file, one in made(name).trust.items() if file.endswith(".crl"))
        return found, crl.CertificateList.load(found)

    serial = signer(made("revoked_signer").chip).serial_number
    _, revoking = list_of("revoked_signer")
    assert [one["user_certificate"].native for one in revoking["tbs_cert_list"]["revoked_certificates"]] == [
        serial
    ]
    _, stale = list_of("stale_crl")
    assert stale["tbs_cert_list"]["next_update"].native.date() < made("stale_crl").at
    assert not [name for name in made("missing_crl").trust if name.endswith(".crl")]
    forged, parsed = list_of("forged_crl")
    (root,) = (one for name, one in made("forged_crl").trust.items() if name.startswith("csca"))
    assert parsed.issuer == x509.Certificate.load(root).subject
    (tmp_path / "crl").write_bytes(forged)
    anchor = openssl.certificate(tmp_path / "root.pem", root)
    said = openssl.run("crl", "-inform", "DER", "-in", tmp_path / "crl", "-noout", "-CAfile", anchor)
    assert "verify OK" not in said
    assert "verify failure" in said


def test_a_signature_over_attributes_looks_like_one_over_content() -> None:
    """RFC 5652's old trap: the content handed out is the attributes that a signer once signed."""
    data = signed(made("attributes_as_content").chip)
    inside = cms.CMSAttributes.load(data["encap_content_info"]["content"].native)
    assert {attribute["type"].native for attribute in inside} == {"content_type", "message_digest"}
    assert not data["signer_infos"][0]["signed_attrs"]


def opened(name: str) -> Terminal:
    specimen = made(name)
    chip = specimen.inserted()
    chip.power(True)
    terminal = Terminal(chip)
    if specimen.chip.pace:
        terminal.pace(specimen.chip.pace[0], specimen.chip.secrets)
    assert terminal.enter() == OK
    if not specimen.chip.pace:
        assert terminal.bac(specimen.chip.secrets) == OK
    return terminal


def test_clones_fail_where_the_genuine_chip_proves_its_key() -> None:
    """The terminal believes the key that DG14 announces: the genuine chip's."""
    (key,) = made("nothing_wrong").chip.chip_authentication
    genuine = opened("nothing_wrong")
    assert genuine.authenticate_chip(key) == OK
    assert genuine.select(0x0101) == OK
    for name in ("clone", "hidden_dg14", "empty_chip_authentication"):
        terminal = opened(name)
        assert terminal.authenticate_chip(key) == OK, name
        assert terminal.select(0x0101) != OK, name
        assert terminal.keys is None, name
    assert opened("clone_that_refuses").authenticate_chip(key) == 0x6A80


def test_downgrades_show_only_against_what_is_signed() -> None:
    stripped, weak, good = (
        made(name).chip for name in ("card_access_stripped", "downgraded_pace", "nothing_wrong")
    )
    assert EF_CARD_ACCESS not in stripped.files
    assert weak.files[EF_CARD_ACCESS] != good.files[EF_CARD_ACCESS]
    assert b"\x04\x00\x7f\x00\x07\x02\x02\x04\x02\x01" in weak.files[EF_CARD_ACCESS]
    assert stripped.files[data_group(14)] == weak.files[data_group(14)] == good.files[data_group(14)]
    assert opened("card_access_stripped").select(0x0101) == OK
    assert opened("downgraded_pace").select(0x0101) == OK


def test_mapping_clones_have_the_signed_key_and_another_in_use() -> None:
    good, clone, own = (
        made(name).chip
        for name in ("mapping_nothing_wrong", "mapping_clone", "mapping_with_its_own_card_security")
    )
    assert good.files[EF_CARD_SECURITY] == clone.files[EF_CARD_SECURITY] != own.files[EF_CARD_SECURITY]
    assert good.chip_authentication_mapping != clone.chip_authentication_mapping
    assert EF_CARD_SECURITY not in made("mapping_card_security_missing").chip.files


@pytest.mark.parametrize("name", ["unprotected_answer", "wrong_mac", "flipped_cryptogram"])
def test_protection_breaks_when_dg1_is_read(name: str) -> None:
    terminal = opened(name)
    assert terminal.read(0x1E, le=16)[1] == OK
    with pytest.raises((AssertionError, ValueError)):
        terminal.read(0x01, le=16)


@pytest.mark.parametrize("name", ["bare_9000", "replayed_answers", "repeated_counter", "noise"])
def test_protection_breaks_when_the_sod_is_read(name: str) -> None:
    terminal = opened(name)
    terminal.read(0x01, le=16)
    with pytest.raises((AssertionError, ValueError)):
        _read_on(terminal)


def _read_on(terminal: Terminal) -> None:
    for offset in (0, 16, 32):
        data, _ = terminal.read(0x1D, offset, le=16)
        assert data


def test_files_lie_as_named() -> None:
    assert opened("lying_length").read(0x01, le=4)[0] == bytes.fromhex("6181835F")
    assert opened("gigabyte_announced").read(0x1D, le=6)[0] == bytes.fromhex("778440000000")
    assert opened("endless_file").read(0x1D, le=6)[0] == bytes.fromhex("77847FFFFFFF")
    assert opened("endless_nesting").read(0x1D, le=12)[0].count(b"\x30\x82") == 2


def test_a_torn_chip_is_gone_until_the_next_power_on() -> None:
    terminal = opened("torn_for_ever")
    with pytest.raises(CardTorn):
        terminal.read(0x1D, le=4)
    terminal = opened("torn_once")
    for offset in (0, 16):
        assert terminal.read(0x02, offset, le=16)[1] == OK
    with pytest.raises(CardTorn):
        terminal.read(0x02, 32, le=16)


def test_limits_answer_as_named() -> None:
    assert opened("exact_lengths").read(0x02, le=200) == (b"", 0x6CC0)
    assert opened("wrong_lengths").read(0x02, le=200) == (b"", 0x6700)
    refusing = opened("offset_refused")
    assert refusing.read(0x02, le=220) == (b"", 0x6B00)
    assert refusing.read(0x02, le=10)[1] == 0x6988
    assert opened("exact_lengths").read(0x02, le=192)[1] == OK


def test_a_chip_that_was_asked_with_wrong_keys_twice_opens_no_more() -> None:
    specimen = made("blocks_after_wrong_keys")
    assert specimen.document.page.number != specimen.chip.secrets.number
    assert specimen.behaviour.wrong_keys_max == 2
