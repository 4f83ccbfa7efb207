"""Mutated security objects, lists and stores: only the library's own errors, bounded work, no false word."""

import io
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.emrtd import asn1, certificates, signatures, signed_data
from drivers.emrtd.errors import EmrtdError, MalformedError
from drivers.emrtd.passive_authentication import DataVerdict, authenticate, authenticate_card_security
from drivers.emrtd.statements import Statements
from drivers.emrtd.trust import (
    crl,
    defect_list,
    deviation_list,
    importing,
    kinds,
    ldif,
    ledger,
    master_list,
    store_file,
)
from drivers.emrtd.trust.intake import Origin, Report
from drivers.emrtd.trust.ledger import Ledger, Source
from drivers.emrtd.trust_store import Holding, Role, TrustStore
from tests.emrtd import small_pki as pki
from tests.emrtd.material import DATA, needs_data
from tests.emrtd.small_pki import AT, ROOT, SIGNER, der, integer, oid

FILES = {1: b"\x61\x03abc", 2: b"\x75\x03def"}
SOD = pki.sod(FILES)
CONTENT = pki.security_object(FILES)
LISTER = replace(SIGNER, serial=99, extended=("2.23.136.1.1.3", "2.23.136.1.1.8"))


def _lists() -> dict[str, bytes]:
    who = der(0xA1, SIGNER.issuer, integer(SIGNER.serial))
    what = der(0x31, der(0x30, oid("2.23.136.1.1.7.2.2"), der(0xA0, integer(12))))
    deviations = der(0x30, integer(0), der(0x31, der(0x30, der(0x30, who), what)))
    signer = der(0x30, SIGNER.issuer, integer(SIGNER.serial))
    known = der(0x31, der(0x30, oid(f"{pki.DEFECTS}.1.1"), der(0x0A, b"\3")))
    defects = der(0x30, integer(0), oid(pki.SHA256), der(0x31, der(0x30, signer, known)))
    roots = der(0x30, integer(0), der(0x31, ROOT.encode(), SIGNER.encode()))

    def listed(kind: str, content: bytes) -> bytes:
        return pki.signed(kind, content, LISTER.encode(), LISTER)

    return {
        "deviation list": listed(pki.DEVIATIONS, deviations),
        "defect list": listed(pki.DEFECTS, defects),
        "master list": listed(pki.MASTER_LIST, roots),
    }


LISTS = _lists()
STORE = TrustStore([Holding(certificates.read(ROOT.encode()), Role.ANCHOR)])
READERS: dict[str, tuple[bytes, Callable[[bytes], object]]] = {
    "certificate": (SIGNER.encode(), certificates.read),
    "crl": (pki.crl(serials=[1, 2, 3]), lambda data: crl.read(data).revoked),
    "signed data": (SOD[4:], lambda data: signed_data.read(data, "x")),
    "deviation list": (LISTS["deviation list"], deviation_list.read),
    "defect list": (LISTS["defect list"], defect_list.read),
    "master list": (LISTS["master list"], master_list.read),
    "kind": (LISTS["master list"], lambda data: list(kinds.parts(data))),
}


@st.composite
def mutated(draw: st.DrawFn, base: bytes) -> bytes:
    """The base with a few of its octets changed, taken out, put in, doubled, or cut off."""
    data = bytearray(base)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(len(data) - 1, 0)))
        length = draw(st.integers(1, 12))
        match draw(st.sampled_from(("flip", "length", "drop", "insert", "double", "cut"))):
            case "flip" if data:
                data[at] ^= 1 << draw(st.integers(0, 7))
            case "length" if data:
                data[at] = draw(st.sampled_from((0, 0x7F, 0x80, 0x81, 0x82, 0x84, 0x88, 0xFF)))
            case "drop":
                del data[at : at + length]
            case "insert":
                data[at:at] = draw(st.binary(min_size=1, max_size=12))
            case "double":
                data[at:at] = data[at : at + 8 * length]
            case _:
                del data[at:]
    return bytes(data)


@given(mutated(SOD), st.booleans())
@settings(max_examples=300)
def test_a_mutated_security_object_is_judged_and_never_verified_with_other_content(
    data: bytes, with_files: bool
) -> None:
    result = authenticate(data, FILES if with_files else {}, STORE, AT)
    assert result.checks
    if result.verdict is DataVerdict.VERIFIED:
        assert result.content == CONTENT
    authenticate_card_security(data, STORE, AT)


BY_KEY = der(0x77, pki.signed(pki.LDS, CONTENT, SIGNER.encode(), SIGNER, by_key=True))
LINK = replace(ROOT, key="new", serial=11)


@given(
    st.sampled_from((ROOT, LINK, SIGNER)).flatmap(
        lambda each: st.tuples(st.just(each), mutated(each.encode()))
    )
)
@settings(max_examples=300)
def test_mutated_certificates_within_a_store_break_no_verdict(pair: tuple[pki.Template, bytes]) -> None:
    template, data = pair
    try:
        odd = certificates.read(data)
    except MalformedError:
        return
    right = certificates.read(ROOT.encode())
    for role in Role:
        held = {template: odd, ROOT: right} if template is not ROOT else {ROOT: odd}
        holdings = [Holding(each, role if each is odd else Role.ANCHOR) for each in held.values()]
        store = TrustStore(holdings, Statements([crl.read(pki.crl())]))
        for sod in (SOD, BY_KEY, pki.sod(FILES, replace(SIGNER, issuer_key="new"))):
            assert authenticate(sod, FILES, store, AT).checks
        store.examine()
    carried = der(0x77, pki.signed(pki.LDS, CONTENT, data, SIGNER, by_key=True))
    assert authenticate(carried, FILES, STORE, AT).checks


@pytest.mark.parametrize("kind", READERS)
def test_a_mutated_file_is_read_or_refused(kind: str) -> None:
    base, read = READERS[kind]

    @given(mutated(base))
    @settings(max_examples=100)
    def tried(data: bytes) -> None:
        try:
            read(data)
        except EmrtdError:
            return

    tried()


@pytest.mark.parametrize("kind", ["certificate", "crl", *LISTS])
def test_a_mutated_file_imports_or_is_reported(kind: str) -> None:
    base, _ = READERS[kind]
    root = certificates.read(ROOT.encode())

    @given(mutated(base))
    @settings(max_examples=60)
    def tried(data: bytes) -> None:
        book, report = Ledger(), Report()
        book.hold(root, Role.ANCHOR, Source("by hand", "root", "", AT))
        book.pin(root, "A. Operator")
        try:
            importing.import_parts(book, data, Origin("x", "", "A. Operator", AT), report)
        except MalformedError:
            return
        store = book.trust_store()
        authenticate(SOD, FILES, store, AT)
        anchors = [each for each in store.holdings.values() if each.role is Role.ANCHOR]
        assert [each.certificate.fingerprint for each in anchors] == [root.fingerprint]

    tried()


@pytest.mark.parametrize("kind", ["crl", "deviation list", "defect list"])
def test_a_mutated_statement_neither_breaks_a_verdict_nor_turns_it_good(kind: str) -> None:
    base, read = READERS[kind]
    wrong = {**FILES, 1: b"\x61\x03xyz"}

    @given(mutated(base))
    @settings(max_examples=60)
    def tried(data: bytes) -> None:
        try:
            read(data)
            if kind == "crl":
                statements = Statements(crls=[crl.read(data)])
            elif kind == "deviation list":
                statements = Statements(deviation_lists=[deviation_list.read(data)])
            else:
                statements = Statements(defect_lists=[defect_list.read(data)])
        except EmrtdError:
            return
        store = TrustStore([Holding(certificates.read(ROOT.encode()), Role.ANCHOR)], statements)
        assert authenticate(SOD, wrong, store, AT).verdict is DataVerdict.FAILED

    tried()


LDIF = (
    b"version: 1\n\ndn: cn=x,o=dsc\nuserCertificate;binary:: QUJD\n REVG\n\n"
    b"# note\ndn: cn=y\npkdMasterListContent:: AAEC\ncertificateRevocationList;binary:: MAA=\n"
)


@given(mutated(LDIF))
@settings(max_examples=200)
def test_mutated_ldif_is_read_or_refused(data: bytes) -> None:
    try:
        entries = list(ldif.entries(io.BytesIO(data)))
    except MalformedError:
        return
    assert len(entries) <= data.count(b"\n") + 1


@given(st.data())
@settings(max_examples=100)
def test_a_mutated_store_file_is_refused_even_under_a_right_digest(data: st.DataObject) -> None:
    book = Ledger()
    book.hold(certificates.read(ROOT.encode()), Role.ANCHOR, Source("by hand", "root", "", AT))
    encoded = store_file.encode(book)
    changed = data.draw(mutated(encoded))
    if changed != encoded:
        with pytest.raises(MalformedError):
            store_file.parse(changed)
    head, _, body = encoded.partition(b"\n")
    body = data.draw(mutated(body))
    digest = ledger.digest_of(encoded.partition(b"\n")[2]).encode()
    try:
        found = store_file.parse(head.replace(digest, ledger.digest_of(body).encode()) + b"\n" + body)
    except MalformedError:
        return
    found.trust_store()


def counted(monkeypatch: pytest.MonkeyPatch, module: object, name: str) -> list[int]:
    """Counts the calls of a function: work is bounded in them, not in seconds of somebody's machine."""
    calls, plain = [0], getattr(module, name)

    def counting(*arguments: object) -> object:
        calls[0] += 1
        return plain(*arguments)

    monkeypatch.setattr(module, name, counting)
    return calls


BOMBS = {
    "indefinite within each other": b"\x30\x80" * 200_000,
    "indefinite, flat": b"\x30\x80" + b"\x30\x80\0\0" * 200_000 + b"\0\0",
    "thirty deep, wide at the end": b"\x30\x80" * 30 + b"\x05\0" * 200_000 + b"\0\0" * 30,
    "definite within each other": b"\x30\x84\0\x0f\xff\xff" * 100_000,
    "empty ones": b"\x77\x84\0\x06\x1a\x80" + b"\x31\0" * 200_000,
    "a length of a gigabyte": b"\x77\x84\x40\0\0\0" + bytes(1000),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_bombs_cost_no_more_than_their_size(bomb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = BOMBS[bomb]
    calls = counted(monkeypatch, asn1, "_place")
    for wrapped in (data, b"\x77\x80" + data, data[4:]):
        calls[0] = 0
        assert authenticate(wrapped, {}, STORE, AT).verdict is DataVerdict.FAILED
        assert calls[0] < len(data)


def test_nested_indefinite_lengths_are_sought_once_and_not_once_a_level(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = BOMBS["thirty deep, wide at the end"]
    calls = counted(monkeypatch, asn1, "_place")
    element = asn1.read(data, "bomb")
    for _ in range(29):
        element = element.only()
    assert len(element.children()) == 200_000
    assert calls[0] <= 2 * 200_100


def test_more_than_a_megabyte_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = counted(monkeypatch, asn1, "_place")
    assert authenticate(bytes((1 << 20) + 1), {}, STORE, AT).verdict is DataVerdict.FAILED
    assert calls[0] == 0


def test_a_document_full_of_signers_costs_few_signatures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixty certificates that fit the signer's identifier: each could cost the signatures of a path."""
    crowd = [replace(SIGNER, start=SIGNER.start.replace(day=1 + n % 28)).encode() for n in range(60)]
    sod = der(0x77, pki.signed(pki.LDS, CONTENT, SIGNER.encode(), SIGNER, further=crowd))
    roots = [Holding(certificates.read(replace(ROOT, serial=n).encode()), Role.ANCHOR) for n in range(1, 60)]
    store = TrustStore(roots)
    calls = counted(monkeypatch, signatures, "verify")
    assert authenticate(sod, FILES, store, AT).verdict is DataVerdict.VERIFIED
    assert calls[0] <= 12


def test_keys_of_senseless_size_are_not_computed_with() -> None:
    modulus = der(0x02, b"\0" + b"\xff" * 2000)
    rsa = der(
        0x30,
        der(0x30, oid("1.2.840.113549.1.1.1"), b"\x05\0"),
        der(0x03, b"\0", der(0x30, modulus, integer(3))),
    )
    result = authenticate(pki.sod(FILES, replace(SIGNER, public=rsa)), FILES, STORE, AT)
    check = result.checks[0]
    assert (check.outcome, check.reason) == ("failed", "signer_key_forbidden")


STATES = ("AT", "DE", "FR", "ID", "NZ", "SG", "UK")


@needs_data
@pytest.mark.long
@pytest.mark.parametrize("state", STATES)
def test_every_octet_of_a_real_security_object_flipped_never_verifies_other_content(state: str) -> None:
    data = (DATA / "sod" / f"EF_SOD_{state}.bin").read_bytes()
    published = (DATA / "masterlists" / "DE_ML_2024-08-07-07-38-24.ml").read_bytes()
    indonesia = certificates.read((DATA / "csca" / "ID_2020-10_CSCA.cer").read_bytes())
    roots = (*master_list.read(published).certificates, indonesia)
    store = TrustStore(Holding(each, Role.ANCHOR) for each in roots)
    right = authenticate(data, {}, store, AT)
    assert right.verdict is DataVerdict.VERIFIED
    for place in range(len(data)):
        for bit in (0x01, 0x80):
            broken = data[:place] + bytes([data[place] ^ bit]) + data[place + 1 :]
            result = authenticate(broken, {}, store, AT)
            if result.verdict is DataVerdict.VERIFIED:
                assert result.content == right.content, place
