"""What the simulated authorities publish, read by the library: roots, links, CRLs, lists, the PKD LDIF."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from drivers.emrtd import certificates as ours
from drivers.emrtd.passive_authentication import Authentication, authenticate, authenticate_card_security
from drivers.emrtd.trust import by_hand, folder, importing
from drivers.emrtd.trust.intake import Origin
from drivers.emrtd.trust.ledger import Ledger
from drivers.emrtd.trust_store import Role
from simulators.card import der
from simulators.card.pki import authority, certificates, keys, lists, signed_data, signing
from simulators.card.pki.authority import Authority
from simulators.card.pki.lists import Defect, Deviation, DirectoryEntry
from simulators.card.pki.names import authority_name
from simulators.card.pki.signed_data import Form, Signer

FOUNDED, RENEWED, ISSUED, PUBLISHED = date(2020, 1, 1), date(2023, 1, 1), date(2023, 3, 1), date(2026, 5, 1)
AT = datetime(2026, 6, 1, tzinfo=UTC)
FILES = {1: b"\x61\x03abc", 2: b"\x75\x03def", 12: b"\x6c\x03ghi"}
FORMS = (
    "rsa-2048 sha1",
    "rsa-3072 pss sha256",
    "secp256r1 sha256",
    "secp521r1 explicit compressed no-cofactor sha512",
    "brainpoolP160r1 sha1",
    "brainpoolP320r1 explicit sha384",
)


@dataclass(frozen=True)
class State:
    """A state that renewed its root: who holds the old one believes the new one by its link."""

    old: Authority
    new: Authority
    signer: Signer

    def lister(self, purpose: str) -> Signer:
        key = keys.ec_key("secp256r1", f"lists {purpose}")
        name = authority_name("UT", "Specimen list signer")
        return authority.list_signer(self.new, name, key, signing.scheme("sha256", key), RENEWED, purpose)

    def sod(self, form: Form | None = None) -> bytes:
        hashed = (
            der.sequence(der.integer(number), der.octets(hashlib.sha256(data).digest()))
            for number, data in FILES.items()
        )
        algorithm = der.sequence(der.oid(signing.HASHES["sha256"]))
        content = der.sequence(der.integer(0), algorithm, der.sequence(*hashed))
        signed = signed_data.sign(content, signed_data.LDS_SECURITY_OBJECT, self.signer, form)
        return der.tlv(0x77, signed)


def state(form: str) -> State:
    words, _, hash_name = form.rpartition(" ")

    def scheme(label: str) -> tuple[keys.SigningKey, signing.Scheme]:
        key = keys.signing_key(words, f"test CSCA {label}", label)
        return key, signing.scheme(hash_name, key)

    name = authority_name("UT", "Specimen CSCA")
    old = authority.authority("UTO", name, *scheme("a"), FOUNDED)
    new = authority.authority("UTO", name, *scheme("b"), RENEWED)
    signer_name = authority_name("UT", "Specimen document signer")
    return State(old, new, authority.document_signer(new, signer_name, *scheme("c"), ISSUED))


def written(path: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        (path / name).write_bytes(data)
    return path


def check(result: Authentication, name: str) -> tuple[str, str]:
    found = next(each for each in result.checks if each.name == name)
    return found.outcome.value, found.reason


@pytest.mark.parametrize("form", FORMS)
def test_the_old_root_its_link_and_the_new_key_s_crl_verify_and_revoke(form: str, tmp_path: Path) -> None:
    issuer = state(form)
    sod = issuer.sod()
    trust = written(
        tmp_path,
        {
            "root.cer": issuer.old.certificate,
            "link.cer": authority.link_certificate(issuer.old, issuer.new),
            "list.crl": authority.revocation_list(issuer.new, PUBLISHED),
        },
    )
    result = authenticate(sod, FILES, folder.load(trust, AT), AT)
    assert result.verdict == "verified", result.checks
    assert check(result, "revocation") == ("passed", "not_revoked")
    assert result.path is not None
    assert len(result.path.certificates) == 2
    revoked = authority.revocation_list(issuer.new, PUBLISHED, [issuer.signer.serial])
    written(trust, {"list.crl": revoked})
    result = authenticate(sod, FILES, folder.load(trust, AT), AT)
    assert (result.verdict, check(result, "revocation")) == ("failed", ("failed", "signer_revoked"))
    (trust / "link.cer").unlink()
    assert authenticate(sod, FILES, folder.load(trust, AT), AT).verdict == "not_verifiable"


FORMS_OF_SOD = {
    "BER": Form(ber=True),
    "by key": Form(by_key_id=True),
    "issuer rewritten": Form(rewritten_issuer=True),
    "signing time": Form(signing_time=datetime(2023, 3, 2, tzinfo=UTC)),
    "no NULL": Form(digest_null=False),
}


@pytest.mark.parametrize("name", FORMS_OF_SOD)
def test_every_way_to_write_a_security_object_verifies(name: str, tmp_path: Path) -> None:
    for form in ("rsa-3072 pss sha256", "secp256r1 sha256"):
        issuer = state(form)
        trust = folder.load(written(tmp_path, {"root.cer": issuer.new.certificate}), AT)
        result = authenticate(issuer.sod(FORMS_OF_SOD[name]), FILES, trust, AT)
        assert result.verdict == "verified", result.checks


def test_a_signer_that_the_document_leaves_out_is_found_in_the_store(tmp_path: Path) -> None:
    issuer = state("secp256r1 sha256")
    sod = issuer.sod(Form(certificate=False))
    trust = written(tmp_path, {"root.cer": issuer.new.certificate})
    assert authenticate(sod, FILES, folder.load(trust, AT), AT).verdict == "not_verifiable"
    written(trust, {"signer.cer": issuer.signer.certificate})
    assert authenticate(sod, FILES, folder.load(trust, AT), AT).verdict == "verified"


def test_deviation_and_defect_lists_say_what_their_state_means(tmp_path: Path) -> None:
    issuer = state("secp256r1 sha256")
    who = (issuer.signer.issuer, issuer.signer.serial)
    wrong = {**FILES, 12: b"\x6c\x03new"}
    deviations = signed_data.sign(
        lists.deviation_list(
            [
                Deviation(lists.DG_HASH_WRONG, signer=who, parameter=12, description="press"),
                Deviation(lists.DG_HASH_WRONG, signer_key_id=issuer.signer.key_id, parameter=11),
            ]
        ),
        signed_data.DEVIATION_LIST,
        issuer.lister(certificates.DEVIATION_LIST_SIGNING),
    )
    trust = written(tmp_path, {"root.cer": issuer.new.certificate})
    sod = issuer.sod()
    assert authenticate(sod, wrong, folder.load(trust, AT), AT).verdict == "failed"
    written(trust, {"deviations.dvl": deviations})
    store = folder.load(trust, AT)
    assert not store.problems
    result = authenticate(sod, wrong, store, AT)
    assert check(result, "hash_dg12") == ("inconclusive", "hash_wrong_known_deviation")
    assert {each.parameter for each in result.deviations} == {11, 12}

    digest = hashlib.sha256(issuer.signer.certificate).digest()
    for kind, certificate_hash, expected in (
        (lists.CERTIFICATE_REVOKED, digest, "failed"),
        (lists.CERTIFICATE_REVOKED, b"\0" * 32, "verified"),  # another certificate of that serial number
        (lists.CA_KEY_REVOKED, b"", "verified"),
    ):
        defect = Defect(kind, *who, parameter=der.tlv(0x0A, b"\3"), certificate_hash=certificate_hash)
        content = lists.defect_list([defect], signing.HASHES["sha256"])
        written(trust, {"defects": signed_data.sign(content, signed_data.DEFECT_LIST, issuer.lister(""))})
        result = authenticate(sod, FILES, folder.load(trust, AT), AT)
        assert result.verdict == expected, (kind, result.checks)
        assert bool(result.defects) == (certificate_hash != b"\0" * 32)


def test_the_directory_s_ldif_with_a_master_list_comes_in_under_a_pinned_root(tmp_path: Path) -> None:
    issuer, foreign = state("secp256r1 sha256"), state("rsa-3072 pss sha256")
    other = authority.authority(
        "KGZ", authority_name("KG", "Specimen CSCA"), foreign.new.key, foreign.new.scheme, RENEWED
    )
    master = signed_data.sign(
        lists.master_list([other.certificate, authority.link_certificate(issuer.old, issuer.new)]),
        signed_data.MASTER_LIST,
        issuer.lister(certificates.MASTER_LIST_SIGNING),
        others=[issuer.new.certificate],
    )
    path = tmp_path / "icaopkd-001-complete-000001.ldif"
    path.write_text(
        lists.ldif(
            [
                DirectoryEntry("crl", "UT", "CSCA", authority.revocation_list(issuer.new, PUBLISHED)),
                DirectoryEntry("dsc", "UT", "signer", issuer.signer.certificate),
                DirectoryEntry("ml", "UT", "list", master),
            ]
        )
    )
    root = ours.read(issuer.new.certificate)
    book = Ledger()
    origin = Origin("root.cer", "", "A. Operator", AT)
    by_hand.take_root(
        book, root, origin, fingerprint=root.fingerprint, second="B. Officer", reason="test", publisher=True
    )
    report = importing.import_path(book, path, "A. Operator", AT)
    assert (report.new_anchors, report.new_links, report.new_signers, report.lists) == (1, 1, 1, 2)
    assert not report.problems
    assert book.entries[ours.read(other.certificate).fingerprint].role is Role.ANCHOR
    result = authenticate(issuer.sod(Form(certificate=False)), FILES, book.trust_store(), AT)
    assert (result.verdict, check(result, "revocation")) == ("verified", ("passed", "not_revoked"))


def test_a_card_security_is_judged_as_its_signer_deserves(tmp_path: Path) -> None:
    issuer = state("brainpoolP320r1 explicit sha384")
    trust = folder.load(written(tmp_path, {"root.cer": issuer.new.certificate}), AT)
    signed = signed_data.sign(b"\x31\0", signed_data.CARD_SECURITY, issuer.signer)
    result = authenticate_card_security(signed, trust, AT)
    assert (result.verdict, result.content) == ("verified", b"\x31\0")
