"""What a thief, or a state that lies about its neighbour, tries against the trust store; none of it works."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import cms, core
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from drivers.emrtd import certificates
from drivers.emrtd.passive_authentication import Authentication, authenticate
from drivers.emrtd.statements import Statements
from drivers.emrtd.trust import defect_list, deviation_list, importing
from drivers.emrtd.trust.intake import Origin, Report
from drivers.emrtd.trust.ledger import Ledger, Removal, Source
from drivers.emrtd.trust_store import Holding, Role, TrustStore
from tests.emrtd import small_pki as pki
from tests.emrtd.small_pki import AT, ROOT, SIGNER, Template, der, integer, oid

FILES = {1: b"\x61\x03abc", 2: b"\x75\x03def"}
SOD = pki.sod(FILES)
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
NEIGHBOUR = pki.name("XX", "CSCA of X")
FALSE_ROOT = Template(NEIGHBOUR, NEIGHBOUR, "false", "false", serial=5, ca=True, usage=pki.CA_USAGE)
FALSE_LINK = replace(FALSE_ROOT, issuer=pki.ROOT_NAME, issuer_key="root", serial=6)
FALSE_SIGNER = Template(pki.name("XX", "signer of X"), NEIGHBOUR, "false signer", "false", serial=7)
NEW_ROOT = Template(pki.ROOT_NAME, pki.ROOT_NAME, "new", "new", serial=12, ca=True, usage=pki.CA_USAGE)
LINK = replace(NEW_ROOT, issuer_key="root", serial=11)
MASTER_SIGNER = replace(SIGNER, key="master", serial=50, extended=("2.23.136.1.1.3",))


def found(result: Authentication, name: str) -> tuple[str, str]:
    check = next(each for each in result.checks if each.name == name)
    return check.outcome.value, check.reason


def taken(book: Ledger, data: bytes) -> list[str]:
    report = Report()
    importing.import_parts(book, data, Origin("file", "00" * 32, "A. Operator", AT), report)
    return [each.code for each in report.problems]


def trusting(*roots: Template) -> Ledger:
    book = Ledger()
    for each in roots:
        root = certificates.read(each.encode())
        book.hold(root, Role.ANCHOR, Source("by hand", "root", "00" * 32, AT))
        book.pin(root, "A. Operator")
    return book


def test_no_state_links_to_a_root_of_its_neighbour() -> None:
    """A link in a neighbour's name, and a root with that key: documents of that neighbour could be made."""
    book = trusting(ROOT)
    assert taken(book, FALSE_LINK.encode()) == []
    assert taken(book, FALSE_ROOT.encode()) == ["root_not_vouched_for"]
    result = authenticate(pki.sod(FILES, FALSE_SIGNER), FILES, book.trust_store(), AT)
    assert found(result, "chain") == ("inconclusive", "link_without_anchor")
    assert result.verdict == "not_verifiable"


def test_no_state_publishes_revocations_in_the_name_of_its_neighbour() -> None:
    book = trusting(ROOT)
    taken(book, FALSE_LINK.encode())
    assert taken(book, pki.crl(FALSE_ROOT, [7], signing_key="false")) == ["crl_not_trusted"]


def test_a_link_that_was_revoked_brings_no_root() -> None:
    book = trusting(ROOT)
    taken(book, LINK.encode())
    taken(book, pki.crl(serials=[LINK.serial]))
    assert taken(book, NEW_ROOT.encode()) == ["root_not_vouched_for"]


@pytest.mark.parametrize(
    "name", [pki.ROOT_NAME, pki.name("UT", "CSCA of another name")], ids=["one name", "another name"]
)
def test_a_key_that_was_removed_does_not_come_back_through_a_link(name: bytes) -> None:
    book = trusting(ROOT, NEW_ROOT)
    taken(book, replace(LINK, subject=name).encode())
    sod = pki.sod(FILES, replace(SIGNER, issuer_key="new"))
    assert authenticate(sod, FILES, book.trust_store(), AT).verdict == "verified"
    book.remove(certificates.read(NEW_ROOT.encode()).fingerprint, Removal(AT, "A. Operator", "key stolen"))
    result = authenticate(sod, FILES, book.trust_store(), AT)
    assert found(result, "chain") == ("inconclusive", "anchor_removed")
    assert authenticate(SOD, FILES, book.trust_store(), AT).verdict == "verified"


CONSTRAINED = replace(LINK, further=(pki.extension("1.2.3.4.5", b"\x05\0", critical=True),), serial=13)
"""A link with a condition that we do not know: all that it vouches for may be outside it."""
NEW_SIGNER = replace(SIGNER, issuer_key="new")


def test_a_link_with_an_unknown_critical_extension_is_not_followed_to_a_document() -> None:
    """RFC 5280, 4.2: who does not know a critical extension must reject the certificate."""
    book = trusting(ROOT)
    assert taken(book, CONSTRAINED.encode()) == ["certificate_not_usable"]
    sod = pki.sod(FILES, NEW_SIGNER)
    result = authenticate(sod, FILES, book.trust_store(), AT)
    assert found(result, "chain") == ("inconclusive", "critical_extension_unknown")
    assert result.verdict == "not_verifiable"
    taken(book, LINK.encode())
    result = authenticate(sod, FILES, book.trust_store(), AT)
    assert found(result, "chain") == ("passed", "anchored"), "a good link beside it counts"
    assert result.verdict == "verified"


def test_a_link_with_an_unknown_critical_extension_brings_no_root_not_even_by_a_link_above_it() -> None:
    book = trusting(ROOT)
    taken(book, CONSTRAINED.encode())
    assert taken(book, NEW_ROOT.encode()) == ["root_not_vouched_for"]
    newest = replace(NEW_ROOT, key="newest", issuer_key="newest", serial=14)
    taken(book, replace(newest, issuer_key="new", serial=15).encode())
    assert taken(book, newest.encode()) == ["root_not_vouched_for"]
    taken(book, LINK.encode())
    assert taken(book, newest.encode()) == [], "it was that extension alone"


def test_a_link_with_an_unknown_critical_extension_publishes_no_list() -> None:
    book = trusting(ROOT)
    taken(book, CONSTRAINED.encode())
    content = der(0x30, integer(0), der(0x31, FALSE_ROOT.encode()))
    signer = replace(MASTER_SIGNER, issuer_key="new")
    listed = pki.signed(pki.MASTER_LIST, content, signer.encode(), signer)
    revoking = pki.crl(NEW_ROOT, [7])
    assert taken(book, listed) == ["list_not_trusted"]
    assert taken(book, revoking) == ["crl_not_trusted"]
    taken(book, LINK.encode())
    assert taken(book, listed) + taken(book, revoking) == [], "it was that extension alone"


def test_a_signer_that_was_removed_does_not_come_back_within_a_security_object() -> None:
    book = trusting(ROOT)
    taken(book, SIGNER.encode())
    book.remove(certificates.read(SIGNER.encode()).fingerprint, Removal(AT, "A. Operator", "key stolen"))
    for sod in (SOD, *rewritten()):
        result = authenticate(sod, FILES, book.trust_store(), AT)
        assert found(result, "chain") == ("inconclusive", "signer_removed")
        assert result.verdict == "not_verifiable"


def test_a_revoked_signer_whose_issuer_is_written_otherwise_is_revoked() -> None:
    """The root is found by its key; its list bears its own name."""
    book = trusting(ROOT)
    taken(book, pki.crl(serials=[SIGNER.serial]))
    sod = pki.sod(FILES, replace(SIGNER, issuer=pki.name("UT", "CSCA-Utopia")))
    result = authenticate(sod, FILES, book.trust_store(), AT)
    assert found(result, "revocation") == ("failed", "signer_revoked")


def test_a_clock_that_was_set_back_is_told_by_the_store() -> None:
    holding = Holding(certificates.read(ROOT.encode()), Role.ANCHOR)
    for days, expected in (
        (400, ("inconclusive", "ahead_of_clock")),
        (1, ("passed", "fresh")),  # of another time zone, at most
    ):
        store = TrustStore([holding], refreshed=AT + timedelta(days=days))
        assert found(authenticate(SOD, FILES, store, AT), "trust_store") == expected


def test_a_list_of_a_revoked_signer_is_refused() -> None:
    book = trusting(ROOT)
    content = der(0x30, integer(0), der(0x31, FALSE_ROOT.encode()))
    listed = pki.signed(pki.MASTER_LIST, content, MASTER_SIGNER.encode(), MASTER_SIGNER)
    taken(book, pki.crl(serials=[MASTER_SIGNER.serial]))
    assert taken(book, listed) == ["list_not_trusted"]
    assert certificates.read(FALSE_ROOT.encode()).fingerprint not in book.entries


def test_a_list_is_refused_whose_signer_comes_from_a_key_for_other_things() -> None:
    root = replace(ROOT, usage=pki.SIGNER_USAGE)
    content = der(0x30, integer(0), der(0x31, FALSE_ROOT.encode()))
    listed = pki.signed(pki.MASTER_LIST, content, MASTER_SIGNER.encode(), MASTER_SIGNER)
    assert taken(trusting(root), listed) == ["list_not_trusted"]
    assert taken(trusting(ROOT), listed) == []


def test_a_signature_with_a_weak_hash_is_said_to_be_weak() -> None:
    """SHA-1 under the signature, SHA-256 over the content."""
    info = cms.ContentInfo.load(pki.signed(pki.LDS, pki.security_object(FILES), SIGNER.encode(), SIGNER))
    signer = info["content"]["signer_infos"][0]
    attributes = b"\x31" + signer["signed_attrs"].dump()[1:]
    signer["signature_algorithm"] = {"algorithm": "sha1_ecdsa"}
    weak = ec.ECDSA(hashes.SHA1(), deterministic_signing=True)
    signer["signature"] = pki.key(SIGNER.key).sign(attributes, weak)
    sod = der(0x77, info.dump(force=True))
    result = authenticate(sod, FILES, trusting(ROOT).trust_store(), AT)
    check = next(each for each in result.checks if each.name == "signature")
    assert (check.outcome.value, check.details["weak"]) == ("passed", "sha1")


@pytest.mark.parametrize(
    ("use", "outcome"),
    [
        ("1.3.6.1.5.5.7.3.1", "failed"),  # a server's, of the state's communication certificates
        ("2.23.136.1.1.14.2", "failed"),  # of visible digital seals
        ("2.23.136.1.1.3", "failed"),
        ("1.2.3.4", "passed"),
    ],
)
def test_a_certificate_for_something_else_signs_no_document(use: str, outcome: str) -> None:
    signer = replace(SIGNER, extended=(use,))
    result = authenticate(pki.sod(FILES, signer), FILES, trusting(ROOT).trust_store(), AT)
    assert found(result, "key_usage")[0] == outcome


def rewritten() -> Iterator[bytes]:
    """EF.SOD with the signer's certificate written otherwise: nobody signs its outer octets, and for each
    signature (r, s) there is (r, n - s)."""
    for mirrored, padded in ((True, False), (False, True), (True, True)):
        raw = SIGNER.encode()
        outer = core.SequenceOf.load(raw, spec=core.Any)
        body, algorithm, bits = (each.dump() for each in outer)
        r, s = (each.native for each in core.SequenceOf.load(bits[3:], spec=core.Integer))
        signature = der(0x30, integer(r), integer(ORDER - s if mirrored else s))
        content = body + algorithm + der(0x03, b"\0", signature)
        changed = b"\x30\x83" + len(content).to_bytes(3, "big") + content if padded else der(0x30, content)
        whole = pki.signed(pki.LDS, pki.security_object(FILES), changed, SIGNER)
        yield der(0x77, whole)


def published(content_type: str, content: bytes, use: str) -> bytes:
    signer = Template(pki.name("UT", "lists"), pki.ROOT_NAME, "lists", "root", serial=99, extended=(use,))
    return pki.signed(content_type, content, signer.encode(), signer)


def digest_of_the_signer() -> bytes:
    return pki.hashlib.sha256(SIGNER.encode()).digest()


def test_a_certificate_written_otherwise_is_still_the_one_that_a_defect_list_means() -> None:
    who = der(0x30, SIGNER.issuer, integer(SIGNER.serial))
    known = der(0x31, der(0x30, oid(f"{pki.DEFECTS}.1.1"), der(0x0A, b"\x03")))
    entry = der(0x30, who, der(0x04, digest_of_the_signer()), known)
    content = der(0x30, integer(0), oid(pki.SHA256), der(0x31, entry))
    listed = defect_list.read(published(pki.DEFECTS, content, "1.2.3"))
    holding = Holding(certificates.read(ROOT.encode()), Role.ANCHOR)
    pinned = frozenset({holding.certificate.fingerprint})
    store = TrustStore([holding], Statements(defect_lists=[listed], publishers=pinned))
    for sod in (SOD, *rewritten()):
        result = authenticate(sod, FILES, store, AT)
        assert found(result, "signature")[0] == "passed"
        assert found(result, "revocation") == ("failed", "revoked_by_defect_list")


def test_a_certificate_written_otherwise_is_still_the_one_that_a_deviation_list_means() -> None:
    documents = der(0x30, der(0x83, digest_of_the_signer()))
    entry = der(0x30, documents, der(0x31, der(0x30, oid("2.23.136.1.1.7.1.4"))))
    content = der(0x30, integer(0), der(0x31, entry))
    listed = deviation_list.read(published(pki.DEVIATIONS, content, "2.23.136.1.1.8"))
    holding = Holding(certificates.read(ROOT.encode()), Role.ANCHOR)
    store = TrustStore([holding], Statements(deviation_lists=[listed]))
    for sod in (SOD, *rewritten()):
        assert len(authenticate(sod, FILES, store, AT).deviations) == 1


def test_a_key_of_the_right_digest_but_another_certificate_is_not_meant() -> None:
    other = certificates.read(replace(SIGNER, end=datetime(2033, 1, 1, tzinfo=UTC)).encode())
    documents = der(0x30, der(0x83, digest_of_the_signer()))
    entry = der(0x30, documents, der(0x31, der(0x30, oid("2.23.136.1.1.7.1.4"))))
    content = der(0x30, integer(0), der(0x31, entry))
    listed = deviation_list.read(published(pki.DEVIATIONS, content, "2.23.136.1.1.8"))
    assert not listed.about(other, deviation_list.DocumentFacts())
