"""What passive authentication says of each way in which a document can be right, wrong, or open."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import cms
from asn1crypto import keys as asn1_keys
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from drivers.emrtd import certificates
from drivers.emrtd.passive_authentication import Authentication, DataVerdict, authenticate, data_verdict
from drivers.emrtd.statements import Statements
from drivers.emrtd.trust import crl, defect_list, deviation_list
from drivers.emrtd.trust.deviation_list import DocumentFacts
from drivers.emrtd.trust_store import Holding, Role, TrustStore
from tests.emrtd import small_pki as pki
from tests.emrtd.small_pki import AT, ROOT, SIGNER, Template, der, integer, oid

FILES = {1: b"\x61\x03abc", 2: b"\x75\x03def", 14: b"\x6e\x03ghi"}
SOD = pki.sod(FILES)


def store_of(*roots: Template, links: tuple[Template, ...] = (), **lists: list[bytes]) -> TrustStore:
    holdings = [Holding(certificates.read(each.encode()), Role.ANCHOR) for each in roots or (ROOT,)]
    holdings += [Holding(certificates.read(each.encode()), Role.LINK) for each in links]
    statements = Statements(
        [crl.read(each) for each in lists.get("crls", [])],
        [deviation_list.read(each) for each in lists.get("deviations", [])],
        [defect_list.read(each) for each in lists.get("defects", [])],
        frozenset(holding.certificate.fingerprint for holding in holdings[:1]),
    )
    return TrustStore(holdings, statements)


def judged(
    sod: bytes = SOD, store: TrustStore | None = None, at: datetime = AT, issuing_state: str | None = None
) -> Authentication:
    return authenticate(sod, FILES, store or store_of(), at, issuing_state=issuing_state)


def found(result: Authentication, name: str) -> tuple[str, str]:
    check = next(each for each in result.checks if each.name == name)
    return check.outcome.value, check.reason


def test_a_right_document_is_verified() -> None:
    result = judged(issuing_state="UTO")
    assert result.verdict is DataVerdict.VERIFIED
    assert result.genuine_groups == {1, 2, 14}
    assert found(result, "issuer") == ("passed", "state_matches")
    assert result.signer is not None
    assert result.path is not None
    assert [each.serial for each in result.path.certificates] == [ROOT.serial]


def test_of_two_roots_with_one_key_the_one_that_the_signer_names_is_taken() -> None:
    other = pki.name("XX", "other")
    namesake = replace(ROOT, subject=other, issuer=other, serial=11)
    for roots in ((ROOT, namesake), (namesake, ROOT)):
        result = judged(store=store_of(*roots), issuing_state="UTO")
        assert result.path is not None
        assert result.path.anchor.serial == ROOT.serial
        assert found(result, "issuer") == ("passed", "state_matches")


def test_a_changed_file_fails() -> None:
    result = authenticate(SOD, {**FILES, 2: b"\x75\x03xyz"}, store_of(), AT)
    assert (result.verdict, found(result, "hash_dg2")) == ("failed", ("failed", "hash_wrong"))
    assert result.genuine_groups == frozenset()


def test_a_file_that_is_not_listed_fails_and_one_not_given_is_not_performed() -> None:
    result = authenticate(SOD, {1: FILES[1], 15: b"\x6f\x01k"}, store_of(), AT)
    assert found(result, "hash_dg15") == ("failed", "not_in_security_object")
    assert found(result, "hash_dg2") == ("not_performed", "file_not_given")
    assert result.verdict == "failed"
    assert authenticate(SOD, {1: FILES[1]}, store_of(), AT).verdict == "verified"


def test_a_wrong_signature_fails() -> None:
    content = pki.security_object(FILES)
    certificate = SIGNER.encode()
    forged = der(0x77, pki.signed(pki.LDS, content, certificate, replace(SIGNER, key="thief")))
    assert found(judged(forged), "signature") == ("failed", "signature_wrong")
    other = der(0x77, pki.signed(pki.LDS, content, certificate, SIGNER, digest=b"\0" * 32))
    assert found(judged(other), "signature") == ("failed", "content_digest_wrong")
    typed = der(0x77, pki.signed(pki.LDS, content, certificate, SIGNER, attribute_type=pki.MASTER_LIST))
    assert found(judged(typed), "signature") == ("failed", "content_type_differs")
    for sod in (forged, other, typed):
        assert judged(sod).verdict == "failed"


def test_attributes_may_be_absent_only_over_plain_data() -> None:
    content = pki.security_object(FILES)
    bare = der(0x77, pki.signed(pki.LDS, content, SIGNER.encode(), SIGNER, attributes=False))
    assert found(judged(bare), "signature") == ("failed", "signed_attributes_missing")
    plain = der(0x77, pki.signed(pki.ID_DATA, content, SIGNER.encode(), SIGNER, attributes=False))
    assert judged(plain).verdict == "verified"


@pytest.mark.parametrize("kind", [pki.CARD_SECURITY, pki.MASTER_LIST, pki.DEVIATIONS, "1.2.3.4"])
def test_what_is_signed_as_something_else_is_no_security_object(kind: str) -> None:
    sod = der(0x77, pki.signed(kind, pki.security_object(FILES), SIGNER.encode(), SIGNER))
    assert found(judged(sod), "signature") == ("failed", "content_type_not_permitted")


def test_plain_data_that_is_no_list_of_hashes_is_refused() -> None:
    sod = der(0x77, pki.signed(pki.ID_DATA, b"pay 100 to bearer", SIGNER.encode(), SIGNER))
    assert found(judged(sod), "signature") == ("failed", "sod_malformed")


def test_a_signer_may_be_named_by_its_key() -> None:
    content = pki.security_object(FILES)
    sod = der(0x77, pki.signed(pki.LDS, content, SIGNER.encode(), SIGNER, by_key=True))
    assert judged(sod).verdict == "verified"
    other = der(0x77, pki.signed(pki.LDS, content, SIGNER.encode(), replace(SIGNER, key="x"), by_key=True))
    assert found(judged(other), "signature") == ("inconclusive", "signer_certificate_missing")


def test_an_extension_that_cannot_be_read_is_judged_and_not_tripped_over() -> None:
    """An empty key usage in the signer, in the root."""
    signer = judged(pki.sod(FILES, replace(SIGNER, usage=b"")))
    assert found(signer, "key_usage") == ("inconclusive", "extension_malformed")
    root = judged(store=store_of(replace(ROOT, usage=b""), crls=[pki.crl()]))
    assert found(root, "key_usage") == ("failed", "issuer_may_not_sign_certificates")
    assert found(root, "revocation") == ("inconclusive", "crl_not_trusted")


def test_two_signers_are_refused() -> None:
    sod = der(0x77, pki.signed(pki.LDS, pki.security_object(FILES), SIGNER.encode(), SIGNER, signers=2))
    assert found(judged(sod), "signature") == ("failed", "sod_malformed")


def test_without_an_anchor_nothing_is_verifiable_and_nothing_forged() -> None:
    stranger = replace(ROOT, subject=pki.name("XX", "other"), issuer=pki.name("XX", "other"), key="x")
    result = judged(store=store_of(replace(stranger, issuer_key="x")))
    assert result.verdict is DataVerdict.NOT_VERIFIABLE
    assert found(result, "chain") == ("inconclusive", "no_anchor")
    assert found(result, "revocation") == ("not_performed", "no_path")


def test_a_root_that_comes_along_in_the_document_vouches_for_nothing() -> None:
    false_root = replace(ROOT, key="thief", issuer_key="thief")
    signer = replace(SIGNER, issuer_key="thief")
    cms = pki.signed(
        pki.LDS, pki.security_object(FILES), signer.encode(), signer, further=[false_root.encode()]
    )
    result = judged(der(0x77, cms))
    assert found(result, "chain") == ("inconclusive", "issuer_key_differs")
    assert result.verdict == "not_verifiable"


def test_a_signer_that_names_the_true_key_with_a_false_signature_is_forged() -> None:
    true = SIGNER.encode()
    forged = true[:-4] + bytes(4)
    cms = pki.signed(pki.LDS, pki.security_object(FILES), forged, SIGNER)
    result = judged(der(0x77, cms))
    assert found(result, "chain") == ("failed", "issuer_signature_wrong")
    assert result.verdict == "failed"


def test_a_signer_is_found_in_the_store_when_the_document_carries_none() -> None:
    cms = pki.signed(pki.LDS, pki.security_object(FILES), b"", SIGNER)
    result = judged(der(0x77, cms))
    assert found(result, "signature") == ("inconclusive", "signer_certificate_missing")
    assert result.verdict == "not_verifiable"
    holdings = [
        Holding(certificates.read(ROOT.encode()), Role.ANCHOR),
        Holding(certificates.read(SIGNER.encode()), Role.SIGNER),
    ]
    assert judged(der(0x77, cms), TrustStore(holdings)).verdict == "verified"
    assert judged(der(0x77, cms), TrustStore(holdings[1:])).verdict == "not_verifiable"


def test_expired_and_early_signers_are_not_verifiable() -> None:
    for at, reason in (
        (SIGNER.end + timedelta(seconds=1), "signer_expired"),
        (SIGNER.start - timedelta(seconds=1), "signer_not_yet_valid"),
    ):
        result = judged(at=at)
        assert found(result, "validity") == ("inconclusive", reason)
        assert result.verdict == "not_verifiable"
    assert judged(at=SIGNER.end).verdict == "verified"


def test_a_root_that_ended_since_is_no_fault_and_one_that_had_ended_before_is() -> None:
    ended = replace(ROOT, end=datetime(2025, 1, 1, tzinfo=UTC))
    result = judged(store=store_of(ended))
    assert found(result, "validity") == ("passed", "valid_issuer_ended_since")
    assert result.verdict == "verified"
    before = replace(ROOT, start=datetime(2010, 1, 1, tzinfo=UTC), end=datetime(2020, 1, 1, tzinfo=UTC))
    result = judged(store=store_of(before))
    assert found(result, "validity") == ("inconclusive", "made_outside_issuer_validity")
    assert result.verdict == "not_verifiable"


def test_a_key_that_signed_after_its_own_period_is_not_verifiable() -> None:
    period = der(0x30, der(0x81, b"20230101000000Z"))
    root = replace(ROOT, further=(pki.extension("2.5.29.16", period),))
    result = judged(store=store_of(root))
    assert found(result, "validity") == ("inconclusive", "made_outside_issuer_key_period")


@pytest.mark.parametrize(
    ("signer", "reason"),
    [
        (replace(SIGNER, ca=True), "signer_is_a_ca"),
        (replace(SIGNER, usage=pki.CA_USAGE), "signer_may_not_sign"),
        (replace(SIGNER, extended=("2.23.136.1.1.3",)), "signer_for_lists_only"),
        (replace(SIGNER, extended=("2.23.136.1.1.8",)), "signer_for_lists_only"),
    ],
)
def test_a_signer_of_forbidden_use_fails(signer: Template, reason: str) -> None:
    result = judged(pki.sod(FILES, signer))
    assert found(result, "key_usage") == ("failed", reason)
    assert result.verdict == "failed"


def test_a_root_not_for_certificates_fails_and_one_that_is_no_ca_is_none() -> None:
    result = judged(store=store_of(replace(ROOT, usage=pki.SIGNER_USAGE)))
    assert found(result, "key_usage") == ("failed", "issuer_may_not_sign_certificates")
    result = judged(store=store_of(replace(ROOT, ca=False)))
    assert found(result, "chain") == ("inconclusive", "issuer_not_a_ca")
    assert judged(store=store_of(replace(ROOT, ca=None))).verdict == "not_verifiable"


def test_an_unknown_critical_extension_is_not_verifiable() -> None:
    signer = replace(SIGNER, further=(pki.extension("1.2.3.4.5", b"\x05\0", critical=True),))
    result = judged(pki.sod(FILES, signer))
    assert found(result, "key_usage") == ("inconclusive", "critical_extension_unknown")
    assert result.verdict == "not_verifiable"
    harmless = replace(SIGNER, further=(pki.extension("1.2.3.4.5", b"\x05\0"),))
    assert judged(pki.sod(FILES, harmless)).verdict == "verified"


def explicit(label: str, change: dict[str, int] | None = None) -> bytes:
    """The key with the parameters of its curve written out, one of them changed."""
    point = pki.key(label).public_key().public_numbers()
    p = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
    b = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
    n = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    g = ec.derive_private_key((change or {}).get("g", 1), ec.SECP256R1()).public_key().public_numbers()
    parameters = {
        "version": "ecdpVer1",
        "field_id": {"field_type": "prime_field", "parameters": p},
        "curve": {"a": (p - 3).to_bytes(32, "big"), "b": b.to_bytes(32, "big")},
        "base": asn1_keys.ECPoint.from_coords(g.x, g.y),
        "order": n,
        "cofactor": 1,
    }
    domain = asn1_keys.ECDomainParameters(name="specified", value=asn1_keys.SpecifiedECDomain(parameters))
    bits = asn1_keys.ECPointBitString.from_coords(point.x, point.y)
    algorithm = der(0x30, oid("1.2.840.10045.2.1"), domain.dump())
    return der(0x30, algorithm, bits.dump())


def test_explicit_parameters_are_taken_only_if_they_are_a_known_curve() -> None:
    """With another generator anybody can make a private key for a given point (CVE-2020-0601)."""
    good = replace(SIGNER, public=explicit("signer"))
    assert judged(pki.sod(FILES, good)).verdict == "verified"
    swapped = replace(SIGNER, public=explicit("signer", {"g": 5}))
    result = judged(pki.sod(FILES, swapped))
    assert found(result, "signature") == ("failed", "signer_key_forbidden")
    assert result.verdict == "failed"
    result = judged(store=store_of(replace(ROOT, public=explicit("root", {"g": 5}))))
    assert found(result, "chain") == ("failed", "issuer_key_forbidden")


def test_a_point_off_its_curve_is_forbidden() -> None:
    broken = bytearray(pki.spki("signer"))
    broken[-1] ^= 1
    result = judged(pki.sod(FILES, replace(SIGNER, public=bytes(broken))))
    assert found(result, "signature") == ("failed", "signer_key_forbidden")


def test_a_point_on_another_curve_than_named_counts_only_where_the_root_vouches_for_it() -> None:
    """A certificate of Lithuania names one curve of 256 bits; its point lies on another."""
    point = pki.key("brainpool").public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    named = der(0x30, oid("1.2.840.10045.2.1"), oid("1.2.840.10045.3.1.7"))
    public = der(0x30, named, der(0x03, b"\0", point))
    sod = pki.sod(FILES, replace(SIGNER, key="brainpool", public=public))
    result = judged(sod)
    assert result.verdict == "verified"
    details = next(each for each in result.checks if each.name == "signature").details
    assert (details["curve"], details["curve_named_wrongly"]) == ("brainpoolP256r1", True)
    alone = judged(sod, store_of(replace(ROOT, key="thief", issuer_key="thief")))
    assert found(alone, "signature") == ("failed", "signer_key_forbidden")


def test_unknown_algorithms_are_not_verifiable_and_md5_is_one() -> None:
    plain = pki.signed(pki.LDS, pki.security_object(FILES), SIGNER.encode(), SIGNER)
    for dotted in ("1.2.840.113549.1.1.4", "1.2.643.7.1.1.3.2"):
        info = cms.ContentInfo.load(plain)
        info["content"]["signer_infos"][0]["signature_algorithm"] = {"algorithm": dotted}
        result = judged(der(0x77, info.dump(force=True)))
        assert found(result, "signature") == ("inconclusive", "algorithm_unknown")
        assert result.verdict == "not_verifiable"


def test_links_lead_to_the_anchor_whose_key_signed_them() -> None:
    """The state has a new key; its new root is not held, but the old key signed a link to it."""
    link = Template(pki.ROOT_NAME, pki.ROOT_NAME, "new", "root", serial=11, ca=True, usage=pki.CA_USAGE)
    signer = replace(SIGNER, issuer_key="new")
    sod = pki.sod(FILES, signer)
    assert judged(sod).verdict == "not_verifiable"
    result = judged(sod, store_of(links=(link,)))
    assert result.verdict == "verified"
    assert result.path is not None
    assert [each.serial for each in result.path.certificates] == [11, 10]
    # The link alone, or one that another key signed, leads nowhere.
    alone = TrustStore([Holding(certificates.read(link.encode()), Role.LINK)])
    assert found(judged(sod, alone), "chain") == ("inconclusive", "link_without_anchor")
    foreign = replace(link, issuer_key="thief")
    assert judged(sod, store_of(links=(foreign,))).verdict == "not_verifiable"


def test_links_that_go_round_end() -> None:
    names = [pki.name("UT", f"ring {number}") for number in range(12)]
    ring = tuple(
        Template(names[number], names[number - 1], f"ring{number}", f"ring{number - 1}", ca=True, usage=None)
        if number
        else Template(names[0], names[11], "ring0", "ring11", ca=True, usage=None)
        for number in range(12)
    )
    signer = replace(SIGNER, issuer=names[3], issuer_key="ring3")
    result = judged(pki.sod(FILES, signer), store_of(links=ring))
    assert found(result, "chain") == ("inconclusive", "link_without_anchor")


def test_a_removed_anchor_no_longer_counts() -> None:
    root = certificates.read(ROOT.encode())
    store = TrustStore([Holding(root, Role.ANCHOR, (), "key lost (A. Operator)")])
    assert found(judged(store=store), "chain") == ("inconclusive", "anchor_removed")


REVOCATIONS = {
    "clean": ([pki.crl()], ("passed", "not_revoked"), "verified"),
    "none": ([], ("inconclusive", "crl_missing"), "verified"),
    "revoked": ([pki.crl(serials=[5, 77])], ("failed", "signer_revoked"), "failed"),
    "root revoked": ([pki.crl(serials=[10])], ("failed", "issuer_revoked"), "failed"),
    "stale": (
        [pki.crl(next_update=datetime(2026, 5, 2, tzinfo=UTC))],
        ("inconclusive", "crl_stale"),
        "verified",
    ),
    "stale and revoked": (
        [pki.crl(serials=[77], next_update=datetime(2026, 5, 2, tzinfo=UTC))],
        ("failed", "signer_revoked"),
        "failed",
    ),
    "without an end, old": (
        [pki.crl(next_update=None, this_update=datetime(2026, 1, 1, tzinfo=UTC))],
        ("inconclusive", "crl_stale"),
        "verified",
    ),
    "signed by another": (
        [pki.crl(serials=[77], signing_key="thief")],
        ("inconclusive", "crl_not_trusted"),
        "verified",
    ),
    "of another state": (
        [pki.crl(replace(ROOT, subject=pki.name("XX", "other")), [77])],
        ("inconclusive", "crl_missing"),
        "verified",
    ),
}


@pytest.mark.parametrize("case", REVOCATIONS)
def test_revocation_is_said_only_when_it_is_known(case: str) -> None:
    lists, expected, verdict = REVOCATIONS[case]
    result = judged(store=store_of(crls=lists))
    assert found(result, "revocation") == expected
    assert result.verdict == verdict


def test_a_list_with_a_bad_signature_is_a_problem_of_the_store() -> None:
    store = store_of(crls=[pki.crl(signing_key="thief")])
    judged(store=store)
    assert [each.code for each in store.problems] == ["crl_signature_wrong"]


def deviation(group: int, kind: str = "2.2", signer: Template = SIGNER) -> bytes:
    who = der(0xA1, signer.issuer, integer(signer.serial))
    what = der(0x30, oid(f"2.23.136.1.1.7.{kind}"), der(0xA0, integer(group)))
    content = der(0x30, integer(0), der(0x31, der(0x30, der(0x30, who), der(0x31, what))))
    return listed(pki.DEVIATIONS, content, "2.23.136.1.1.8")


def listed(kind: str, content: bytes, extended: str | None, issuer_key: str = "root") -> bytes:
    signer = Template(
        pki.name("UT", "list signer"),
        pki.ROOT_NAME,
        "lists",
        issuer_key,
        serial=99,
        extended=(extended,) if extended else (),
    )
    return pki.signed(kind, content, signer.encode(), signer)


def test_a_deviation_that_the_state_announced_explains_a_hash_but_never_of_dg1() -> None:
    files = {1: b"\x61\x03abc", 12: b"\x6c\x03old"}
    sod = pki.sod(files)
    wrong = {**files, 12: b"\x6c\x03new"}
    plain = authenticate(sod, wrong, store_of(), AT)
    assert (plain.verdict, found(plain, "hash_dg12")) == ("failed", ("failed", "hash_wrong"))
    explained = authenticate(sod, wrong, store_of(deviations=[deviation(12)]), AT)
    assert found(explained, "hash_dg12") == ("inconclusive", "hash_wrong_known_deviation")
    assert explained.verdict == "not_verifiable"
    other = authenticate(sod, wrong, store_of(deviations=[deviation(11)]), AT)
    assert other.verdict == "failed"
    identity = {**files, 1: b"\x61\x03xyz"}
    result = authenticate(sod, identity, store_of(deviations=[deviation(1)]), AT)
    assert (result.verdict, found(result, "hash_dg1")) == ("failed", ("failed", "hash_wrong"))
    assert next(each for each in result.checks if each.name == "hash_dg1").details["deviation"]


def test_a_deviation_list_counts_only_from_a_deviation_signer_of_that_state() -> None:
    files = {1: b"\x61\x03abc", 12: b"\x6c\x03old"}
    wrong = {**files, 12: b"\x6c\x03new"}
    sod = pki.sod(files)
    content_of_any = deviation(12)
    signer_without_use = listed(pki.DEVIATIONS, deviation_list.read(content_of_any).signed.content, None)
    foreign = listed(
        pki.DEVIATIONS, deviation_list.read(content_of_any).signed.content, "2.23.136.1.1.8", "thief"
    )
    for each, reason in ((signer_without_use, "signer_not_for_this_list"), (foreign, "no_anchor")):
        store = store_of(deviations=[each])
        assert authenticate(sod, wrong, store, AT).verdict == "failed"
        assert [(problem.code, problem.detail) for problem in store.problems] == [
            ("list_not_trusted", reason)
        ]


def test_one_state_cannot_excuse_the_documents_of_another() -> None:
    other = pki.name("XX", "other root")
    second = Template(other, other, "second", "second", ca=True, usage=pki.CA_USAGE)
    lister = Template(pki.name("XX", "lists"), other, "lists", "second", extended=("2.23.136.1.1.8",))
    content = deviation_list.read(deviation(12)).signed.content
    each = pki.signed(pki.DEVIATIONS, content, lister.encode(), lister)
    files = {1: b"\x61\x03abc", 12: b"\x6c\x03old"}
    store = store_of(ROOT, second, deviations=[each])
    result = authenticate(pki.sod(files), {**files, 12: b"\x6c\x03new"}, store, AT)
    assert result.verdict == "failed"
    assert not store.problems


def test_criteria_of_a_deviation_are_anded_and_what_is_not_known_does_not_hold() -> None:
    documents = der(
        0x30,
        der(0x80, b"P<"),
        der(0xA4, der(0x18, b"20250101000000Z"), der(0x18, b"20251231000000Z")),
        der(0xA5, der(0x13, b"X1234567")),
    )
    what = der(0x30, der(0x13, b"slip of the press"), oid("2.23.136.1.1.7.2.2"), der(0xA0, integer(12)))
    content = der(0x30, integer(0), der(0x31, der(0x30, documents, der(0x31, what))))
    found_list = deviation_list.read(listed(pki.DEVIATIONS, content, "2.23.136.1.1.8"))
    signer = certificates.read(SIGNER.encode())
    right = DocumentFacts("P", "X1234567", datetime(2025, 6, 1, tzinfo=UTC).date())
    assert [each.parameter for each in found_list.about(signer, right)] == [12]
    for wrong in (
        replace(right, code="ID"),
        replace(right, number="Y"),
        replace(right, issued=None),
        replace(right, issued=datetime(2026, 1, 1, tzinfo=UTC).date()),
        DocumentFacts(),
    ):
        assert not found_list.about(signer, wrong)


def defect(kind: str, status: int | None = None) -> bytes:
    who = der(0x30, SIGNER.issuer, integer(SIGNER.serial))
    parameter = der(0x0A, bytes([status])) if status is not None else b""
    known = der(0x31, der(0x30, oid(f"{pki.DEFECTS}.{kind}"), parameter))
    return der(0x30, integer(0), oid(pki.SHA256), der(0x31, der(0x30, who, known)))


def test_a_defect_list_of_the_pinned_authority_revokes() -> None:
    store = store_of(defects=[listed(pki.DEFECTS, defect("1.1", 3), None)])
    result = judged(store=store)
    assert found(result, "revocation") == ("failed", "revoked_by_defect_list")
    assert result.verdict == "failed"
    chip = judged(store=store_of(defects=[listed(pki.DEFECTS, defect("1.3"), None)]))
    assert chip.verdict == "verified"
    assert found(chip, "defects") == ("inconclusive", "defects_known")
    assert [each.of_authentication for each in chip.defects] == [True]


def test_a_defect_list_of_an_anchor_that_is_not_pinned_says_nothing() -> None:
    other = pki.name("XX", "other root")
    second = Template(other, other, "second", "second", ca=True, usage=pki.CA_USAGE)
    signer = Template(pki.name("XX", "lists"), other, "lists", "second", serial=99)
    each = pki.signed(pki.DEFECTS, defect("1.1", 3), signer.encode(), signer)
    store = store_of(ROOT, second, defects=[each])
    assert judged(store=store).verdict == "verified"
    assert [problem.code for problem in store.problems] == ["list_not_trusted"]


def test_the_signer_must_be_of_the_state_that_the_document_names() -> None:
    assert found(judged(issuing_state="UTO"), "issuer") == ("passed", "state_matches")
    assert found(judged(issuing_state="D<<"), "issuer") == ("failed", "state_differs")
    assert found(judged(issuing_state="QQQ"), "issuer") == ("inconclusive", "state_unknown")
    foreign = replace(SIGNER, subject=pki.name("XX", "Signer 7"))
    assert found(judged(pki.sod(FILES, foreign)), "issuer") == ("failed", "country_differs")


def test_broken_files_fail_without_an_exception() -> None:
    for sod in (b"", b"\x77", b"\x77\x80", SOD[:-1], SOD + b"\0", b"\x61" + SOD[1:], bytes(4096)):
        result = judged(sod)
        assert found(result, "signature") == ("failed", "sod_malformed")
        assert result.verdict == "failed"


def test_numbers_without_measure_fail_without_an_exception() -> None:
    """Python writes no number of more than 4,300 digits, not even into a message that refuses it."""
    for octets in (1000, 1030, 2048, 60_000):
        number = der(0x02, b"\x7f" + b"\xff" * (octets - 1))
        entry, algorithm = der(0x30, number, der(0x04, bytes(32))), pki.algorithm(pki.SHA256)
        right = der(0x30, integer(1), der(0x04, bytes(32)))
        for content in (
            der(0x30, number, algorithm, der(0x30, right)),
            der(0x30, integer(0), algorithm, der(0x30, entry)),
        ):
            sod = der(0x77, pki.signed(pki.LDS, content, SIGNER.encode(), SIGNER))
            assert judged(sod).verdict is not DataVerdict.VERIFIED
        info = cms.ContentInfo.load(pki.signed(pki.LDS, pki.security_object(FILES), SIGNER.encode(), SIGNER))
        signer = info["content"]["signer_infos"][0]
        salted = {"salt_length": int.from_bytes(b"\x7f" + b"\xff" * (octets - 1), "big")}
        signer["signature_algorithm"] = {"algorithm": "rsassa_pss", "parameters": salted}
        result = judged(der(0x77, info.dump(force=True)))
        assert result.verdict is not DataVerdict.VERIFIED


def test_no_checks_at_all_verify_nothing() -> None:
    assert data_verdict(()) is DataVerdict.NOT_VERIFIABLE
