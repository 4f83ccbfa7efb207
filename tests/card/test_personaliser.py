"""Personalised documents, judged by openssl, asn1crypto and Pillow."""

import hashlib
import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms, core, keys, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key
from PIL import Image

from simulators.card import curves, lds_files, portraits
from simulators.card.document_file import DocumentError, load
from simulators.card.national import national_pki
from simulators.card.personalisation import (
    EF_ATR_INFO,
    EF_CARD_ACCESS,
    EF_CARD_SECURITY,
    EF_COM,
    EF_CVCA,
    EF_SOD,
    EcActiveKey,
    Personalisation,
    RsaActiveKey,
    data_group,
)
from simulators.card.personaliser import personalise
from simulators.card.pki.lists import CA_KEY_REVOKED, DG_HASH_WRONG, Defect, Deviation
from simulators.card.pki.signed_data import CONTENT_TYPES
from tests.card import openssl
from tests.card.specimens import specimen

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "emrtd"
needs_data = pytest.mark.skipif(not DATA.exists(), reason="the standards' sample files are not here")


def value(octets: bytes) -> bytes:
    """What is inside the outermost object, whose tag has one byte."""
    if octets[1] < 0x80:
        assert len(octets) == 2 + octets[1]
        return octets[2:]
    count = octets[1] & 0x7F
    assert len(octets) == 2 + count + int.from_bytes(octets[2 : 2 + count], "big")
    return octets[2 + count :]


class _Hash(core.Sequence):
    _fields = [("number", core.Integer), ("hash", core.OctetString)]  # noqa: RUF012


class _Hashes(core.SequenceOf):
    _child_spec = _Hash


class _Versions(core.Sequence):
    _fields = [("lds", core.PrintableString), ("unicode", core.PrintableString)]  # noqa: RUF012


class _SecurityObject(core.Sequence):
    _fields = [  # noqa: RUF012
        ("version", core.Integer),
        ("algorithm", cms.DigestAlgorithm),
        ("hashes", _Hashes),
        ("versions", _Versions, {"optional": True}),
    ]


def signed(chip: Personalisation) -> cms.SignedData:
    return cms.ContentInfo.load(value(chip.files[EF_SOD]), strict=True)["content"]


def content(data: cms.SignedData) -> bytes:
    element = data["encap_content_info"]["content"]
    return (
        element.parsed.dump() if hasattr(element, "parsed") and element.parsed is not None else element.native
    )


SODS: dict[str, dict[str, Any]] = {
    "LDS 1.7": {},
    "LDS 1.8": {"sod": {"lds": "1.8"}},
    "BER": {"sod": {"ber": True}},
    "id-data": {"sod": {"content_type": "data"}},
    "id-data without attributes": {"sod": {"content_type": "data", "attributes": False}},
    "old ICAO type": {"sod": {"content_type": "old-icao"}},
    "old Dutch type": {"sod": {"content_type": "old-nl"}},
    "signer by key identifier": {"sod": {"by_key_id": True}},
    "signing time": {"sod": {"signing_time": True}},
    "hash identifiers without NULL": {"sod": {"digest_null": False}},
    "other hash over groups": {"signing": {"digest": "sha512"}},
    "RSA": {"signing": {"csca": "rsa-4096", "csca_signature": "sha512", "signer": "rsa-2048"}},
    "RSA, key type as algorithm": {"signing": {"signer": "rsa-2048", "bare": True}},
    "PSS": {"signing": {"csca": "rsa-3072 pss", "csca_signature": "sha256", "signer": "rsa-2048 pss"}},
    "PSS with its own mask and salt": {
        "signing": {"signer": "rsa-3072", "signature": "pss-sha256", "mask_hash": "sha1", "salt_length": 20}
    },
    "certificate PSS, document PKCS#1": {
        "signing": {
            "csca": "rsa-3072",
            "csca_signature": "pss-sha256",
            "signer": "rsa-2048",
            "signature": "rsa-sha256",
        }
    },
    "SHA-1": {"signing": {"signer": "rsa-2048", "signature": "sha1"}},
    "linked CSCA": {"signing": {"linked": True}},
}


@pytest.mark.parametrize("form", SODS)
def test_openssl_verifies_the_sod_in_every_form_and_all_hashes_match(form: str, tmp_path: Path) -> None:
    document = specimen(**SODS[form], files={"groups": [1, 2, 11, 12]})
    chip, pki = personalise(document), national_pki(document)
    (tmp_path / "sod").write_bytes(value(chip.files[EF_SOD]))
    trusted = openssl.certificate(tmp_path / "csca.pem", pki.current.certificate)
    shown = tmp_path / "content"
    openssl.run(
        *("cms", "-verify", "-inform", "DER", "-in", tmp_path / "sod", "-out", shown, "-binary"),
        *("-CAfile", trusted, "-purpose", "any", "-no_check_time", "-auth_level", "0"),
    )
    said = _SecurityObject.load(shown.read_bytes(), strict=True)
    found = {entry["number"].native: entry["hash"].native for entry in said["hashes"]}
    name = said["algorithm"]["algorithm"].native
    assert found == {
        number: hashlib.new(name, chip.files[data_group(number)]).digest() for number in (1, 2, 11, 12)
    }
    is_new = form == "LDS 1.8"
    assert said["version"].native == int(is_new)
    assert (
        (said["versions"].native == {"lds": "0108", "unicode": "040000"}) if is_new else not said["versions"]
    )
    expected_type = CONTENT_TYPES[document.sod.content_type]
    assert signed(chip)["encap_content_info"]["content_type"].dotted == expected_type


def test_the_encodings_are_what_they_are_called() -> None:
    ber = personalise(specimen(sod={"ber": True})).files[EF_SOD]
    assert value(ber)[:2] == b"\x30\x80"
    assert ber.endswith(bytes(6))
    by_key = signed(personalise(specimen(sod={"by_key_id": True})))["signer_infos"][0]
    assert by_key["sid"].name == "subject_key_identifier"
    bare = signed(personalise(specimen(signing={"bare": True})))["signer_infos"][0]
    assert bare["signature_algorithm"]["algorithm"].dotted == "1.2.840.10045.2.1"
    assert not signed(personalise(specimen(sod={"certificate": False})))["certificates"]
    plain = signed(personalise(specimen(sod={"content_type": "data", "attributes": False})))["signer_infos"][
        0
    ]
    assert not plain["signed_attrs"]


def test_a_rewritten_issuer_is_the_same_name_in_another_hand() -> None:
    chip = personalise(specimen(sod={"rewritten_issuer": True}))
    data = signed(chip)
    certificate, info = data["certificates"][0].chosen, data["signer_infos"][0]
    sid = info["sid"].chosen
    assert sid["issuer"].dump() != certificate.issuer.dump()
    assert [list(rdn.native) for rdn in sid["issuer"].chosen] == [
        list(rdn.native) for rdn in reversed(list(certificate.issuer.chosen))
    ]
    assert sid["serial_number"].native == certificate.serial_number
    key = load_der_public_key(certificate.public_key.dump())
    assert isinstance(key, ec.EllipticCurvePublicKey)
    attributes = b"\x31" + info["signed_attrs"].dump()[1:]
    key.verify(info["signature"].native, attributes, ec.ECDSA(hashes.SHA256()))


def test_the_same_document_gives_the_same_chip() -> None:
    document = specimen(signing={"signer": "rsa-2048 pss"}, active_authentication={"key": "rsa-1280"})
    assert personalise(document) == personalise(document)


def test_a_new_csca_is_known_through_a_link(tmp_path: Path) -> None:
    document = specimen(signing={"linked": True})
    trust = national_pki(document).trust(date(2025, 7, 1))
    kinds = {name.partition("-")[0]: content for name, content in trust.items()}
    assert set(kinds) == {"csca", "link", "revoked"}
    old = openssl.certificate(tmp_path / "old.pem", kinds["csca"])
    new = openssl.certificate(tmp_path / "link.pem", kinds["link"])
    openssl.run("verify", "-no_check_time", "-CAfile", old, new)
    assert national_pki(document).current.certificate not in trust.values()


def _infos(octets: bytes) -> dict[str, list[core.Sequence]]:
    found: dict[str, list[core.Sequence]] = {}
    for info in core.SetOf.load(octets, strict=True, spec=core.Sequence):
        found.setdefault(info[0].dotted, []).append(info)
    return found


CAM = "ECDH-CAM AES-256 brainpoolP256r1"


def test_card_access_card_security_and_dg14_say_what_the_chip_can(tmp_path: Path) -> None:
    document = specimen(
        access={"pace": [CAM, "ECDH-GM AES-128 secp256r1"], "can": "123456", "unknown_info": True},
        chip_authentication_mapping={"key": "brainpoolP256r1 standard", "key_id": 13},
        chip_authentication=[
            {"key": "brainpoolP256r1 explicit", "cipher": "AES-256", "key_id": 1},
            {"key": "modp2048-224", "cipher": "3DES", "key_id": 2, "announced": False},
        ],
        active_authentication={"key": "secp384r1", "hash": "sha256"},
        terminal_authentication={},
    )
    chip, pki = personalise(document), national_pki(document)
    access = _infos(chip.files[EF_CARD_ACCESS])
    assert access["0.4.0.127.0.7.2.2.4.6.4"][0].dump().hex() == "3012060a04007f0007020204060402010202010d"
    assert access["0.4.0.127.0.7.2.2.4.2.2"][0][2].native == 12
    (tmp_path / "cs").write_bytes(chip.files[EF_CARD_SECURITY])
    trusted = openssl.certificate(tmp_path / "csca.pem", pki.current.certificate)
    openssl.run(
        *(
            "cms",
            "-verify",
            "-inform",
            "DER",
            "-in",
            tmp_path / "cs",
            "-out",
            tmp_path / "content",
            "-binary",
        ),
        *("-CAfile", trusted, "-purpose", "any", "-no_check_time"),
    )
    security = _infos((tmp_path / "content").read_bytes())
    assert {*access} < {*security}
    (mapped,) = security["0.4.0.127.0.7.2.2.1.2"]
    assert mapped[1][0][0].dotted == "0.4.0.127.0.7.1.2"
    assert mapped[1][0][1].native == mapped[2].native == 13
    assert chip.chip_authentication_mapping is not None
    on = curves.curve("brainpoolP256r1")
    private = chip.chip_authentication_mapping.private
    assert mapped[1][1].contents[1:] == on.encode(on.multiply(private, on.base))

    infos = _infos(value(chip.files[data_group(14)]))
    assert {*access} < {*infos}
    (elliptic,) = infos["0.4.0.127.0.7.2.2.1.2"]
    public = keys.PublicKeyInfo.load(elliptic[1].dump(), strict=True)
    assert public["algorithm"]["parameters"].name == "specified"
    assert public["algorithm"]["parameters"].chosen["order"].native == on.n
    first, second = chip.chip_authentication
    assert public["public_key"].native == on.encode(on.multiply(first.private, on.base))
    assert [info[2].native for info in infos["0.4.0.127.0.7.2.2.3.2.4"]] == [1]
    assert not [name for name in infos if name.startswith("0.4.0.127.0.7.2.2.3.1")]
    (modular,) = infos["0.4.0.127.0.7.2.2.1.1"]
    group = curves.modp_group("modp2048-224")
    numbers = core.SequenceOf.load(modular[1][0][1].dump(), spec=core.Integer)
    assert [number.native for number in numbers] == [group.p, group.g, group.q]
    assert core.Integer.load(modular[1][1].contents[1:]).native == pow(group.g, second.private, group.p)
    assert infos["2.23.136.1.1.5"][0][2].dotted == "0.4.0.127.0.7.1.1.4.1.3"
    assert infos["0.4.0.127.0.7.2.2.2"][0][1].native == 1
    assert chip.files[EF_CVCA] == b"\x42\x0bUTCVCA00001" + bytes(23)


@pytest.mark.parametrize(
    "key", ["rsa-1024", "rsa-1792", "rsa-3072", "secp256r1", "brainpoolP320r1", "secp521r1 explicit"]
)
def test_dg15_is_the_public_half_of_the_chips_key(key: str) -> None:
    chip = personalise(specimen(active_authentication={"key": key}))
    public = keys.PublicKeyInfo.load(value(chip.files[data_group(15)]), strict=True)
    if isinstance(chip.active_authentication, RsaActiveKey):
        active = chip.active_authentication
        assert public["public_key"].native == {"modulus": active.modulus, "public_exponent": 65537}
        assert pow(pow(7, active.private_exponent, active.modulus), 65537, active.modulus) == 7
    else:
        assert isinstance(chip.active_authentication, EcActiveKey)
        on = curves.curve(key.split()[0])
        point = on.multiply(chip.active_authentication.private, on.base)
        assert public["public_key"].native == on.encode(point)
    assert data_group(14) in chip.files or "rsa" in key


@pytest.mark.parametrize("record", ["19794-5", "39794-5"])
@pytest.mark.parametrize("image", portraits.FORMATS)
def test_the_portrait_is_an_image_in_its_record(record: str, image: str) -> None:
    plan = {"record": record, "image": image, "width": 200, "height": 260, "bytes": 6000}
    dg2 = personalise(specimen(portrait=plan)).files[data_group(2)]
    start = {"jpeg": b"\xff\xd8\xff", "jpeg2000": b"\x00\x00\x00\x0cjP", "codestream": b"\xff\x4f\xff\x51"}[
        image
    ]
    opened = Image.open(io.BytesIO(dg2[dg2.index(start) :]))
    assert opened.size == (200, 260)
    opened.load()
    assert len(dg2) < 6700


@needs_data
@pytest.mark.parametrize("name", ["dg2_silver_mandatory_fields.bin", "ICAO_39794_5_AP_MandFields.dat"])
def test_the_extensible_record_is_icaos_sample_byte_for_byte(name: str) -> None:
    sample = (DATA / "iso39794" / name).read_bytes()
    image = sample[sample.index(b"\x00\x00\x00\x0cjP") :][:15000]
    record = portraits.iso_39794(image, declared="jpeg2000")
    whole = lds_files.biometric(2, [record], extensible=True)
    assert sample == (whole if sample[0] == 0x75 else record)


@needs_data
def test_the_old_record_is_the_sample_byte_for_byte() -> None:
    """But for the kind of picture (token frontal there, full frontal here).  It says JPEG 2000 of a JPEG."""
    sample = (DATA / "iso19794" / "ISO19794_Test1_Data.bin").read_bytes()
    record = portraits.iso_19794(sample[46:], 0x94, 0x46, declared="jpeg2000")
    pairs = enumerate(zip(sample, record, strict=True))
    assert [place for place, (theirs, ours) in pairs if theirs != ours] == [34]


@needs_data
def test_com_and_dg1_are_those_of_the_published_specimen() -> None:
    folder = DATA / "bsi_tr03105_5"
    dg1 = (folder / "Datagroup1.bin").read_bytes()
    assert lds_files.dg1([dg1[5:49].decode(), dg1[49:].decode()]) == dg1
    com = (folder / "EF_COM.bin").read_bytes()
    groups = [number for number, tag in lds_files.TAGS.items() if tag in com[com.index(b"\x5c") + 2 :]]
    assert lds_files.ef_com(groups, "0107") == com


def test_elements_are_written_in_the_issuers_way() -> None:
    plain = personalise(specimen(files={"groups": [1, 2, 11, 12, 13, 16]}))
    assert b"\x5f\x2b\x0819740812" in plain.files[data_group(11)]
    assert b"\x5f\x26\x0820250616" in plain.files[data_group(12)]
    odd = personalise(
        specimen(
            holder={"full_name": "ÉRIKSSON<<ANNA"},
            files={
                "groups": [1, 2, 11, 12, 13],
                "dg13_structured": False,
                "writing": {"bcd_dates": True, "latin_1": True, "absent_listed": True, "empty": True},
            },
        )
    )
    dg11 = odd.files[data_group(11)]
    assert b"\x5f\x2b\x04\x19\x74\x08\x12" in dg11
    assert "ÉRIKSSON".encode("latin-1") in dg11
    assert dg11.endswith(b"\x5f\x18\x00")
    assert odd.files[data_group(13)] == b"\x6d\x08SPECIMEN"


def test_com_may_hide_what_the_sod_lists() -> None:
    chip = personalise(
        specimen(active_authentication={}, sod={"com_hides": [15]}, files={"longest": [4096, 2048]})
    )
    assert chip.files[EF_COM].endswith(b"\x5c\x02\x61\x75")
    said = _SecurityObject.load(content(signed(chip)))
    assert [entry["number"].native for entry in said["hashes"]] == [1, 2, 15]
    assert chip.files[EF_ATR_INFO].endswith(bytes.fromhex("7F66080202100002020800"))


def test_a_mistake_is_named_by_file_line_and_key(tmp_path: Path) -> None:
    path = tmp_path / "document.toml"
    path.write_text(
        '[holder]\nsurname = "ERIKSSON"\nbirth = 1974-08-12\n\n[page]\nnumber = "l8"\n\n'
        '[access]\npace = ["ECDH-GM AES-512 secp256r1"]\npce = 1\n'
    )
    with pytest.raises(DocumentError) as raised:
        load(path)
    lines = str(raised.value).splitlines()
    assert lines[0] == f"{path}:6: page.number: found 'l8', expected the form ^[A-Z0-9]{{1,22}}$"
    assert lines[1].startswith(f"{path}:9: access.pace: found 'ECDH-GM AES-512 secp256r1', expected MAPPING")
    assert lines[2] == f"{path}:10: access.pce: there is no such key; did you mean 'pace'?"


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"access": {"pace": [CAM]}}, "needs chip_authentication_mapping"),
        ({"signing": {"signer": "secp257r1"}}, "key 'secp257r1'"),
        ({"signing": {"signer": "rsa-2048", "signature": "ecdsa-sha256"}}, "does not go with"),
        ({"signing": {"signature": "md5"}}, "no ECDSA is defined with md5"),
        ({"files": {"groups": [1, 8]}}, "found 8"),
        ({"files": {"longest": [-1, 256]}}, "greater than or equal to 0"),
        ({"terminal_authentication": {"file_id": 999999}}, "less than or equal to 65535"),
        ({"chip_authentication": [{"key": "modp512"}]}, "key 'modp512'"),
        ({"holder": {"surname": "Eriksson"}}, "should match pattern"),
    ],
)
def test_what_does_not_go_together_is_said(tables: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        personalise(specimen(**tables))


@pytest.mark.parametrize("kind", ["master list", "deviation list", "defect list"])
def test_a_states_lists_are_signed_under_its_csca(kind: str, tmp_path: Path) -> None:
    pki = national_pki(specimen(signing={"linked": True}))
    mine = (pki.signer.issuer, pki.signer.serial)
    made = {
        "master list": lambda: pki.master_list(),
        "deviation list": lambda: pki.deviation_list([Deviation(DG_HASH_WRONG, signer=mine, parameter=2)]),
        "defect list": lambda: pki.defect_list([Defect(CA_KEY_REVOKED, *mine)]),
    }[kind]()
    (tmp_path / "list").write_bytes(made)
    trusted = openssl.certificate(tmp_path / "csca.pem", pki.current.certificate)
    shown = tmp_path / "content"
    openssl.run(
        *("cms", "-verify", "-inform", "DER", "-in", tmp_path / "list", "-out", shown, "-binary"),
        *("-CAfile", trusted, "-purpose", "any", "-no_check_time"),
    )
    held = shown.read_bytes()
    if kind == "master list":
        assert pki.link is not None
        assert pki.previous is not None
        for certificate in (pki.current.certificate, pki.previous.certificate, pki.link):
            assert certificate in held
    else:
        assert pki.signer.issuer.encode()[4:] in held


def test_a_key_may_name_another_curve_than_it_is_on() -> None:
    pki = national_pki(
        specimen(signing={"csca": "brainpoolP256r1 says secp256r1", "csca_signature": "sha256"})
    )
    root = x509.Certificate.load(pki.current.certificate)
    assert root.public_key["algorithm"]["parameters"].native == "secp256r1"
    octets = root.public_key["public_key"].native
    assert curves.curve("brainpoolP256r1").decode(octets)
    with pytest.raises(ValueError, match="does not lie on secp256r1"):
        curves.curve("secp256r1").decode(octets)


def test_a_serial_number_may_be_negative() -> None:
    pki = national_pki(specimen(signing={"serial": -75034587124098}))
    assert x509.Certificate.load(pki.current.certificate).serial_number == -75034587124098
