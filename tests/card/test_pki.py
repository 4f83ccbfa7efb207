"""The specimen authorities' certificates and lists, judged by openssl and asn1crypto."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from asn1crypto import cms, core, crl, x509

from simulators.card.pki import authority, certificates, keys, lists, signed_data, signing
from simulators.card.pki.authority import Authority, SignerForm
from simulators.card.pki.names import authority_name
from simulators.card.pki.signed_data import Signer
from tests.card import openssl

ISSUED = date(2025, 6, 1)
KEYS = (
    "rsa-2048 sha1",
    "rsa-2048 sha256",
    "rsa-3072 sha512",
    "rsa-4096 sha256",
    "rsa-6144 sha512",
    "rsa-3072 pss sha256",
    "rsa-4096 pss sha512",
    "secp192r1 sha1",
    "secp224r1 sha224",
    "secp256r1 sha256",
    "secp384r1 sha384",
    "secp521r1 sha512",
    "brainpoolP160r1 sha1",
    "brainpoolP192r1 sha224",
    "brainpoolP224r1 sha224",
    "brainpoolP256r1 sha256",
    "brainpoolP320r1 sha256",
    "brainpoolP384r1 sha384",
    "brainpoolP512r1 sha512",
    "secp256r1 explicit sha1",
    "secp521r1 explicit compressed no-cofactor sha512",
    "brainpoolP320r1 explicit sha384",
)


def csca(form: str, number: int = 1, label: str = "a", founded: date = date(2023, 1, 1)) -> Authority:
    words, _, hash_name = form.rpartition(" ")
    key = keys.signing_key(words, f"test CSCA {number}", label)
    name = authority_name("UT", "Specimen CSCA")
    return authority.authority("UTO", name, key, signing.scheme(hash_name, key), founded)


def signer(issuer: Authority, form: str, signer_form: SignerForm | None = None) -> Signer:
    words, _, hash_name = form.rpartition(" ")
    key = keys.signing_key(words, "test signer", "b")
    name = authority_name("UT", "Specimen document signer")
    scheme = signing.scheme(hash_name, key)
    return authority.document_signer(issuer, name, key, scheme, ISSUED, form=signer_form)


@pytest.mark.parametrize("form", KEYS)
def test_openssl_verifies_chain_revocation_and_signed_data_of_every_algorithm(
    form: str, tmp_path: Path
) -> None:
    issuer = csca(form)
    holder = signer(issuer, form)
    ca = openssl.certificate(tmp_path / "csca.pem", issuer.certificate)
    ds = openssl.certificate(tmp_path / "ds.pem", holder.certificate)
    explicit = "explicit" in form
    # openssl's strict mode asks what Doc 9303-12 asks too, but does not know SHA-1 any more.
    strict = [] if "sha1" in form else ["-x509_strict"]
    level = ["-auth_level", "0"]
    if explicit:
        # openssl builds no chain over explicit parameters, but takes the key.
        _verify_alone(tmp_path, ca, holder.certificate, form.rpartition(" ")[2])
    else:
        assert "OK" in openssl.run("verify", "-no_check_time", *strict, *level, "-CAfile", ca, ds)

    revoked = authority.revocation_list(issuer, date(2025, 9, 1), [holder.serial])
    (tmp_path / "crl.der").write_bytes(revoked)
    assert "verify OK" in openssl.run(
        "crl", "-inform", "DER", "-in", tmp_path / "crl.der", "-noout", "-CAfile", ca
    )
    entries = crl.CertificateList.load(revoked)["tbs_cert_list"]["revoked_certificates"]
    assert [entry["user_certificate"].native for entry in entries] == [holder.serial]

    message = signed_data.sign(b"content", signed_data.LDS_SECURITY_OBJECT, holder)
    (tmp_path / "sod.der").write_bytes(message)
    shown = tmp_path / "content"
    openssl.run(
        *("cms", "-verify", "-inform", "DER", "-in", tmp_path / "sod.der", "-out", shown, "-binary"),
        *(["-noverify"] if explicit else ["-CAfile", ca, "-purpose", "any", "-no_check_time", *level]),
    )
    assert shown.read_bytes() == b"content"


def _verify_alone(folder: Path, ca: Path, certificate: bytes, hash_name: str) -> None:
    """The certificate's signature under the CSCA's key, without a chain."""
    parsed = x509.Certificate.load(certificate)
    key, signature, body = folder / "key.pem", folder / "signature", folder / "body"
    key.write_text(openssl.run("x509", "-in", ca, "-noout", "-pubkey"))
    signature.write_bytes(parsed.signature)
    body.write_bytes(parsed["tbs_certificate"].dump())
    said = openssl.run("dgst", f"-{hash_name}", "-verify", key, "-signature", signature, body)
    assert "Verified OK" in said


@pytest.mark.parametrize("form", KEYS)
def test_what_is_written_is_der(form: str) -> None:
    issuer = csca(form)
    for encoded in (issuer.certificate, signer(issuer, form).certificate):
        parsed = x509.Certificate.load(encoded, strict=True)
        assert parsed.native
        assert parsed.dump(force=True) == encoded


def test_certificates_have_the_extensions_of_their_profile() -> None:
    issuer = csca("secp256r1 sha256")
    root = x509.Certificate.load(issuer.certificate)
    assert root.ca
    assert root.max_path_length == 0
    assert root.key_usage_value.native == {"key_cert_sign", "crl_sign"}
    assert root.key_identifier == root.authority_key_identifier == issuer.key_id
    assert root.private_key_usage_period_value is not None
    document = x509.Certificate.load(signer(issuer, "secp256r1 sha256").certificate)
    assert not document.ca
    assert document.key_usage_value.native == {"digital_signature"}
    assert document.authority_key_identifier == issuer.key_id
    assert "2.23.136.1.1.6.2" in {
        entry["extn_id"].native for entry in document["tbs_certificate"]["extensions"]
    }


@pytest.mark.parametrize(
    ("form", "holds"),
    [
        (SignerForm(is_authority=True), lambda one: one.ca),
        (SignerForm(key_usage=()), lambda one: one.key_usage_value is None),
        (
            SignerForm(key_usage=(certificates.KEY_CERT_SIGN,)),
            lambda one: one.key_usage_value.native == {"key_cert_sign"},
        ),
        (
            SignerForm(purpose=certificates.MASTER_LIST_SIGNING),
            lambda one: one.extended_key_usage_value.native == ["2.23.136.1.1.3"],
        ),
        (SignerForm(unknown_critical=True), lambda one: "2.23.136.1.1.6.99" in one.critical_extensions),
        (
            SignerForm(without_key_ids=True),
            lambda one: one.authority_key_identifier is None and one.key_identifier is None,
        ),
        (SignerForm(days=1), lambda one: (one.not_valid_after - one.not_valid_before).days == 1),
        (
            SignerForm(issuer=authority_name("UT", "Somebody else")),
            lambda one: one.issuer.native["common_name"] == "Somebody else",
        ),
    ],
)
def test_a_signer_may_be_wrong_in_each_way(
    form: SignerForm, holds: Callable[[x509.Certificate], bool]
) -> None:
    issuer = csca("secp256r1 sha256")
    assert holds(x509.Certificate.load(signer(issuer, "secp256r1 sha256", form).certificate))


def test_a_link_certificate_carries_the_new_key_under_the_old_signature(tmp_path: Path) -> None:
    old, new = csca("rsa-3072 sha256"), csca("brainpoolP384r1 sha384", 2, founded=date(2025, 1, 1))
    link = authority.link_certificate(old, new)
    parsed = x509.Certificate.load(link)
    assert parsed.public_key.dump() == new.key.public()
    assert parsed.key_identifier == new.key_id
    assert parsed.authority_key_identifier == old.key_id
    trusted = openssl.certificate(tmp_path / "old.pem", old.certificate)
    linked = openssl.certificate(tmp_path / "link.pem", link)
    # Not -x509_strict: a path length of 0 above a link is what Doc 9303-12 asks for.
    last = openssl.certificate(tmp_path / "ds.pem", signer(new, "secp256r1 sha256").certificate)
    openssl.run("verify", "-no_check_time", "-partial_chain", "-trusted", linked, last)
    openssl.run("verify", "-no_check_time", "-CAfile", trusted, linked)


class _MasterList(core.Sequence):
    _fields = [("version", core.Integer), ("certificates", core.SetOf, {"spec": x509.Certificate})]  # noqa: RUF012


def test_a_master_list_holds_its_certificates_under_a_list_signers_signature(tmp_path: Path) -> None:
    issuer, other = csca("rsa-3072 sha256"), csca("brainpoolP256r1 explicit sha256", 2)
    key = keys.signing_key("secp384r1", "test list signer", "c")
    holder = authority.list_signer(
        issuer,
        authority_name("UT", "Specimen master list signer"),
        key,
        signing.scheme("sha384", key),
        ISSUED,
        certificates.MASTER_LIST_SIGNING,
    )
    content = lists.master_list([issuer.certificate, other.certificate])
    message = signed_data.sign(content, signed_data.MASTER_LIST, holder, others=[issuer.certificate])
    (tmp_path / "list.ml").write_bytes(message)
    ca = openssl.certificate(tmp_path / "csca.pem", issuer.certificate)
    openssl.run(
        *("cms", "-verify", "-inform", "DER", "-in", tmp_path / "list.ml", "-out", tmp_path / "content"),
        *("-binary", "-CAfile", ca, "-purpose", "any", "-no_check_time"),
    )
    assert (tmp_path / "content").read_bytes() == content
    held = {one.dump() for one in _MasterList.load(content)["certificates"]}
    assert held == {issuer.certificate, other.certificate}


class _Numbers(core.SetOf):
    _child_spec = core.PrintableString


class _Days(core.Sequence):
    _fields = [("first", core.GeneralizedTime), ("last", core.GeneralizedTime)]  # noqa: RUF012


class _Documents(core.Sequence):
    """DeviationDocuments, with the module's implicit tags."""

    _fields = [  # noqa: RUF012
        ("type", core.PrintableString, {"implicit": 0, "optional": True}),
        ("signer", cms.IssuerAndSerialNumber, {"implicit": 1, "optional": True}),
        ("key_id", core.OctetString, {"implicit": 2, "optional": True}),
        ("issued", _Days, {"implicit": 4, "optional": True}),
        ("numbers", _Numbers, {"implicit": 5, "optional": True}),
    ]


class _Description(core.Sequence):
    _fields = [  # noqa: RUF012
        ("description", core.PrintableString, {"optional": True}),
        ("type", core.ObjectIdentifier),
        ("parameter", core.Integer, {"explicit": 0, "optional": True}),
    ]


class _Descriptions(core.SetOf):
    _child_spec = _Description


class _Deviation(core.Sequence):
    _fields = [("documents", _Documents), ("descriptions", _Descriptions)]  # noqa: RUF012


class _Deviations(core.SetOf):
    _child_spec = _Deviation


class _DeviationList(core.Sequence):
    _fields = [("version", core.Integer), ("deviations", _Deviations)]  # noqa: RUF012


def test_a_deviation_list_has_the_shape_of_its_standard() -> None:
    """Doc 9303-12, 10."""
    issuer = authority_name("UT", "Specimen CSCA")
    deviation = lists.Deviation(
        lists.DG_HASH_WRONG,
        document_type="ID",
        signer=(issuer, 7),
        signer_key_id=b"key",
        issued=(date(2025, 1, 1), date(2025, 2, 1)),
        numbers=("B2", "A1"),
        parameter=12,
        description="DG12 hashed before the last edit",
    )
    parsed = _DeviationList.load(lists.deviation_list([deviation]), strict=True)
    (entry,) = parsed["deviations"]
    documents = entry["documents"]
    assert documents["type"].native == "ID"
    assert documents["signer"]["serial_number"].native == 7
    assert documents["signer"]["issuer"].native["common_name"] == "Specimen CSCA"
    assert documents["key_id"].native == b"key"
    assert documents["issued"]["last"].native.date() == date(2025, 2, 1)
    assert documents["numbers"].native == ["A1", "B2"]
    (what,) = entry["descriptions"]
    assert what.native == {
        "description": "DG12 hashed before the last edit",
        "type": "2.23.136.1.1.7.2.2",
        "parameter": 12,
    }


class _Known(core.Sequence):
    _fields = [("type", core.ObjectIdentifier), ("parameter", core.Any, {"optional": True})]  # noqa: RUF012


class _AllKnown(core.SetOf):
    _child_spec = _Known


class _Defect(core.Sequence):
    _fields = [  # noqa: RUF012
        ("signer", cms.SignerIdentifier),
        ("hash", core.OctetString, {"optional": True}),
        ("known", _AllKnown),
    ]


class _Defects(core.SetOf):
    _child_spec = _Defect


class _DefectList(core.Sequence):
    _fields = [  # noqa: RUF012
        ("version", core.Integer),
        ("algorithm", core.ObjectIdentifier),
        ("defects", _Defects),
    ]


def test_a_defect_list_has_the_shape_of_its_standard() -> None:
    """TR-03129-2, 7."""
    issuer = authority_name("UT", "Specimen CSCA")
    defect = lists.Defect(lists.CERTIFICATE_REVOKED, issuer, 7, bytes.fromhex("0A0100"), b"hash")
    parsed = _DefectList.load(lists.defect_list([defect], signing.HASHES["sha256"]), strict=True)
    assert parsed["algorithm"].native == "2.16.840.1.101.3.4.2.1"
    (entry,) = parsed["defects"]
    assert entry["signer"].chosen["serial_number"].native == 7
    assert entry["hash"].native == b"hash"
    (known,) = entry["known"]
    assert known["type"].native == "0.4.0.127.0.7.3.1.5.1.1"
    assert known["parameter"].dump() == bytes.fromhex("0A0100")


def test_the_directory_file_folds_its_lines_and_says_what_is_inside() -> None:
    issuer = csca("rsa-2048 sha256")
    text = lists.ldif([lists.DirectoryEntry("crl", "UT", "Specimen CSCA", bytes(300))])
    lines = text.splitlines()
    assert max(map(len, lines)) == 76
    assert "dn: cn=Specimen CSCA,o=crl,c=UT,dc=data,dc=download,dc=pkd,dc=icao,dc=int" in text.replace(
        "\n ", ""
    )
    assert "certificateRevocationList;binary:: AAAA" in text
    assert issuer.certificate not in text.encode()
