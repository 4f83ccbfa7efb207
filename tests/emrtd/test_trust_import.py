"""What comes into a trust store, on whose word, and how its one file is kept."""

import base64
import io
import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from drivers.emrtd import certificates
from drivers.emrtd.certificates import Certificate
from drivers.emrtd.errors import MalformedError
from drivers.emrtd.passive_authentication import authenticate
from drivers.emrtd.trust import by_hand, folder, importing, kinds, ldif, ledger, store_file
from drivers.emrtd.trust.intake import Origin, Report
from drivers.emrtd.trust.kinds import Kind
from drivers.emrtd.trust.ledger import Ledger, Removal
from drivers.emrtd.trust_store import Role
from tests.emrtd import small_pki as pki
from tests.emrtd.small_pki import AT, ROOT, SIGNER, Template, der, integer

FILES = {1: b"\x61\x03abc", 2: b"\x75\x03def"}
SOD = pki.sod(FILES)
LATER = AT + timedelta(days=1)
NEW_ROOT = Template(pki.ROOT_NAME, pki.ROOT_NAME, "new", "new", serial=12, ca=True, usage=pki.CA_USAGE)
LINK = replace(NEW_ROOT, issuer_key="root", serial=11)
OTHER_NAME = pki.name("XX", "CSCA of X")
OTHER = Template(OTHER_NAME, OTHER_NAME, "other", "other", serial=3, ca=True, usage=pki.CA_USAGE)
LIST_SIGNER = Template(
    pki.name("UT", "master list signer"),
    pki.ROOT_NAME,
    "master",
    "root",
    serial=50,
    extended=("2.23.136.1.1.3",),
)


def origin(name: str = "root.cer", at: datetime = AT) -> Origin:
    return Origin(name, "00" * 32, "A. Operator", at)


def take_root(book: Ledger, template: Template = ROOT, *, publisher: bool = False) -> None:
    root = certificates.read(template.encode())
    by_hand.take_root(
        book,
        root,
        origin(),
        fingerprint=root.fingerprint,
        second="B. Officer",
        reason="handed over by the embassy",
        publisher=publisher,
    )


def taken(book: Ledger, data: bytes, name: str = "file", at: datetime = AT) -> Report:
    report = Report()
    importing.import_parts(book, data, origin(name, at), report)
    return report


def master_list(*certificates_: bytes) -> bytes:
    content = der(0x30, integer(0), der(0x31, *certificates_))
    return pki.signed(pki.MASTER_LIST, content, LIST_SIGNER.encode(), LIST_SIGNER)


def codes(report: Report) -> list[tuple[str, str]]:
    return [(each.code, each.detail) for each in report.problems]


def test_a_root_by_hand_needs_the_fingerprint_and_two_persons() -> None:
    root = certificates.read(ROOT.encode())
    right = root.fingerprint

    def told(fingerprint: str, second: str, certificate: Certificate = root) -> Ledger:
        book = Ledger()
        words = {"fingerprint": fingerprint, "second": second, "reason": "embassy"}
        by_hand.take_root(book, certificate, origin(), publisher=False, **words)
        return book

    for fingerprint, second, message in (
        ("00" * 32, "B. Officer", "the fingerprint told is not the file's"),
        (right[:32], "B. Officer", "the fingerprint told is not the file's"),
        (right, "a.  OPERATOR", "needs two persons"),
        (right, " ", "both by name"),
    ):
        with pytest.raises(by_hand.ImportRefused, match=message):
            told(fingerprint, second)
    book = told(":".join(right[place : place + 2].upper() for place in range(0, 64, 2)), "B. Officer")
    act = book.history[0]
    assert (act.by, act.second, act.detail) == ("A. Operator", "B. Officer", "embassy")
    assert authenticate(SOD, FILES, book.trust_store(), AT).verdict == "verified"
    signer = certificates.read(SIGNER.encode())
    with pytest.raises(by_hand.ImportRefused, match="no self-signed CA"):
        told(signer.fingerprint, "B. Officer", signer)


def test_a_root_in_a_file_is_refused_until_a_link_from_a_trusted_one_proves_it() -> None:
    book = Ledger()
    report = taken(book, NEW_ROOT.encode())
    assert [each.code for each in report.problems] == ["root_not_vouched_for"]
    assert not book.entries
    take_root(book)
    assert [each.code for each in taken(book, NEW_ROOT.encode()).problems] == ["root_not_vouched_for"]
    taken(book, replace(LINK, issuer_key="thief").encode())  # a link that another key signed proves nothing
    assert [each.code for each in taken(book, NEW_ROOT.encode()).problems] == ["root_not_vouched_for"]
    taken(book, LINK.encode())
    assert not taken(book, NEW_ROOT.encode()).problems
    entry = book.entries[certificates.read(NEW_ROOT.encode()).fingerprint]
    assert (entry.role, entry.sources[0].kind) == (Role.ANCHOR, "link")
    ended = replace(LINK, end=AT - timedelta(days=1))
    for link, root in ((ended, NEW_ROOT), (LINK, replace(NEW_ROOT, end=AT - timedelta(days=1)))):
        fresh = Ledger()
        take_root(fresh)
        taken(fresh, link.encode())
        assert [each.code for each in taken(fresh, root.encode()).problems] == ["root_not_vouched_for"]


def test_signers_in_files_are_kept_and_never_trusted() -> None:
    book = Ledger()
    report = taken(book, SIGNER.encode())
    assert (report.new_signers, report.new_anchors) == (1, 0)
    assert authenticate(SOD, FILES, book.trust_store(), AT).verdict == "not_verifiable"


def test_a_master_list_brings_roots_and_a_bad_certificate_does_not_cost_it() -> None:
    book = Ledger()
    take_root(book, publisher=True)
    broken = der(0x30, b"\x02\x01\x05")
    report = taken(book, master_list(OTHER.encode(), LINK.encode(), broken, ROOT.encode()))
    assert (report.new_anchors, report.new_links, report.lists) == (1, 1, 1)
    assert [each.code for each in report.problems] == ["certificate_unreadable"]
    assert "certificate 3 of 4" in report.problems[0].detail
    root = book.entries[certificates.read(ROOT.encode()).fingerprint]
    assert [source.kind for source in root.sources] == ["by hand", "master list"]


def test_a_list_counts_only_under_a_pinned_root_and_with_its_signature() -> None:
    book = Ledger()
    take_root(book)
    assert codes(taken(book, master_list(OTHER.encode()))) == [("list_not_trusted", "no_anchor")]
    take_root(book, publisher=True)
    content = der(0x30, integer(0), der(0x31, OTHER.encode()))
    thief = replace(LIST_SIGNER, key="thief")
    forged = pki.signed(pki.MASTER_LIST, content, LIST_SIGNER.encode(), thief)
    assert codes(taken(book, forged)) == [("list_not_trusted", "signature_wrong")]
    signer = replace(LIST_SIGNER, extended=())
    wrong_use = pki.signed(pki.MASTER_LIST, content, signer.encode(), signer)
    assert codes(taken(book, wrong_use)) == [("list_not_trusted", "signer_not_for_this_list")]
    early = LIST_SIGNER.start - timedelta(days=1)
    assert codes(taken(book, master_list(OTHER.encode()), at=early)) == [
        ("list_not_trusted", "signer_not_yet_valid")
    ]
    assert len(book.entries) == 1
    assert taken(book, master_list(OTHER.encode())).new_anchors == 1


def test_a_list_that_drops_a_root_does_not_take_it_away() -> None:
    book = Ledger()
    take_root(book, publisher=True)
    taken(book, master_list(OTHER.encode(), NEW_ROOT.encode()))
    taken(book, master_list(OTHER.encode()), at=LATER)
    mark = certificates.read(NEW_ROOT.encode()).fingerprint
    assert book.entries[mark].removed is None
    assert mark in book.trust_store().holdings


def test_what_a_person_removed_stays_removed_until_a_person_brings_it_back() -> None:
    book = Ledger()
    take_root(book, publisher=True)
    taken(book, master_list(NEW_ROOT.encode()))
    mark = certificates.read(NEW_ROOT.encode()).fingerprint
    book.remove(mark, Removal(AT, "A. Operator", "key stolen"))
    assert (book.history[-1].action, book.history[-1].detail) == ("removed", "key stolen")
    report = taken(book, master_list(NEW_ROOT.encode()), at=LATER)
    assert [each.code for each in report.problems] == ["stays_removed"]
    sod = pki.sod(FILES, replace(SIGNER, issuer_key="new"))
    assert authenticate(sod, FILES, book.trust_store(), AT).verdict == "not_verifiable"
    take_root(book, NEW_ROOT)
    assert authenticate(sod, FILES, book.trust_store(), AT).verdict == "verified"


def test_crls_come_in_only_signed_and_never_older() -> None:
    book = Ledger()
    assert codes(taken(book, pki.crl())) == [("crl_not_trusted", "no_anchor")]
    take_root(book)
    assert codes(taken(book, pki.crl(signing_key="thief"))) == [("crl_not_trusted", "signature_wrong")]
    assert taken(book, pki.crl(serials=[77])).lists == 1
    old = pki.crl(this_update=datetime(2026, 4, 1, tzinfo=UTC))
    assert [each.code for each in taken(book, old).problems] == ["older_than_held"]
    assert authenticate(SOD, FILES, book.trust_store(), AT).verdict == "failed"


def test_a_root_that_had_ended_signs_no_crl() -> None:
    book = Ledger()
    take_root(book, replace(ROOT, end=datetime(2026, 4, 1, tzinfo=UTC)))
    assert codes(taken(book, pki.crl())) == [("crl_not_trusted", "signature_wrong")]


@pytest.mark.parametrize(
    "extension",
    [
        pki.extension("2.5.29.27", integer(1), critical=True),
        pki.extension("2.5.29.28", der(0x30, der(0x84, b"\xff")), critical=True),
        pki.extension("2.5.29.28", der(0x30, der(0x83, b"\x01\x40")), critical=True),
    ],
    ids=["delta", "indirect", "some reasons"],
)
def test_partial_crls_are_refused(extension: bytes) -> None:
    book = Ledger()
    take_root(book)
    report = taken(book, pki.crl(extensions=[extension]))
    assert [each.code for each in report.problems] == ["unreadable"]
    assert not book.statements


def test_the_kind_of_a_file_is_told_from_its_content() -> None:
    assert kinds.kind_of(ROOT.encode()) is Kind.CERTIFICATE
    assert kinds.kind_of(pki.crl()) is Kind.CRL
    assert kinds.kind_of(pki.crl(next_update=None)) is Kind.CRL
    assert kinds.kind_of(master_list()) is Kind.MASTER_LIST
    for other in (b"\x30\x00", SOD, b"hello", b"", pki.signed(pki.LDS, b"", ROOT.encode(), ROOT)):
        with pytest.raises(MalformedError):
            list(kinds.parts(other))


def pem(label: str, data: bytes) -> bytes:
    return f"-----BEGIN {label}-----\n{base64.encodebytes(data).decode()}-----END {label}-----\n".encode()


def test_pem_bundles_come_in_block_by_block() -> None:
    book = Ledger()
    take_root(book)
    bundle = b"notes\n" + pem("CERTIFICATE", LINK.encode()) + pem("X509 CRL", pki.crl())
    report = taken(book, bundle)
    assert (report.new_links, report.lists, report.problems) == (1, 1, [])
    with pytest.raises(MalformedError):
        list(kinds.parts(b"-----BEGIN CERTIFICATE-----\nAAAA"))


def folded(attribute: str, value: bytes) -> str:
    text = f"{attribute}:: {base64.b64encode(value).decode()}"
    return "\n ".join([text[:76], *(text[place : place + 75] for place in range(76, len(text), 75))])


def pkd() -> bytes:
    """An extract in the shape of the PKD's downloads, with its CRL before everything else."""
    blocks = [
        "# ICAO PKD\nversion: 1",
        "dn: dc=data,dc=download,dc=pkd,dc=icao,dc=int\nobjectClass: top",
        "dn: cn=crl,o=crl,c=UT,dc=data,dc=download,dc=pkd,dc=icao,dc=int\n"
        + folded("certificateRevocationList;binary", pki.crl(serials=[5])),
        "dn: cn=s,o=dsc,c=UT,dc=data,dc=download,dc=pkd,dc=icao,dc=int\nobjectClass: pkdDownload\n"
        + folded("userCertificate;binary", SIGNER.encode()),
        "dn: cn=n,o=dsc,c=UT,dc=nc-data,dc=download,dc=pkd,dc=icao,dc=int\npkdConformanceCode: ERR:X\n"
        + folded("userCertificate;binary", replace(SIGNER, serial=78).encode()),
        "dn: cn=l,o=ml,c=UT,dc=data,dc=download,dc=pkd,dc=icao,dc=int\npkdVersion: 70\n"
        + folded("pkdMasterListContent", master_list(OTHER.encode())),
        "dn: cn=b,o=dsc\nuserCertificate;binary:: !!!\npkdVersion: 1",
    ]
    return ("\r\n\r\n".join(block.replace("\n", "\r\n") for block in blocks) + "\r\n").encode()


def test_the_pkd_s_ldif_is_read_entry_by_entry() -> None:
    entries = list(ldif.entries(io.BytesIO(pkd())))
    assert [each.dn.split(",")[0] for each in entries] == [
        "dc=data",
        "cn=crl",
        "cn=s",
        "cn=n",
        "cn=l",
        "cn=b",
    ]
    assert entries[2].attributes["usercertificate"] == [SIGNER.encode()]
    assert [each.conformant for each in entries] == [True, True, True, False, True, True]
    assert "base64" in entries[5].problems[0]


def test_the_pkd_s_ldif_comes_in_on_the_strength_of_the_roots_held(tmp_path: Path) -> None:
    path = tmp_path / "icaopkd-001-complete-1.ldif"
    path.write_bytes(pkd())
    book = Ledger()
    take_root(book, publisher=True)
    report = importing.import_path(book, path, "A. Operator", LATER)
    assert (report.new_signers, report.new_anchors, report.lists) == (2, 1, 2)
    assert sorted(each.code for each in report.problems) == ["not_conformant", "unreadable"]
    assert book.refreshed == LATER
    assert book.history[-1].action == "imported"
    unsigned = pki.signed(pki.LDS, pki.security_object(FILES), b"", SIGNER)
    assert authenticate(der(0x77, unsigned), FILES, book.trust_store(), AT).verdict == "verified"


@pytest.mark.parametrize(
    "data",
    [b"dn: x\n" + b"a" * (ldif.LINE_MAX + 10), b"no ldif at all\n", b"# only a remark\nnothing\n"],
    ids=["line", "text", "remark"],
)
def test_ldif_out_of_bounds_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedError):
        list(ldif.entries(io.BytesIO(data)))


def test_an_entry_without_end_is_refused_before_it_fills_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ldif, "ENTRY_MAX", 10_000)
    stream = io.BytesIO(b"dn: cn=x\nuserCertificate;binary:: AAAA\n" + b" AAAA\n" * 5000)
    with pytest.raises(MalformedError, match="an entry of more than 10000 octets"):
        list(ldif.entries(stream))
    assert stream.tell() < 20_000


def test_ldif_is_streamed_and_holds_one_entry_at_a_time() -> None:
    served = 0

    class Endless(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any, /) -> int:
            nonlocal served
            block = b"dn: cn=x\nuserCertificate;binary:: AAAA\n\n"
            served += len(block)
            buffer[: len(block)] = block
            return len(block)

    found = ldif.entries(io.BufferedReader(Endless(), 64))
    assert next(found).attributes == {"usercertificate": [b"\0\0\0"]}
    assert served < 1000


def filled() -> Ledger:
    book = Ledger()
    take_root(book, publisher=True)
    taken(book, master_list(OTHER.encode(), LINK.encode()))
    taken(book, pki.crl())
    book.remove(certificates.read(OTHER.encode()).fingerprint, Removal(AT, "A. Operator", "withdrawn"))
    book.refreshed = AT
    return book


def test_the_file_keeps_everything_and_its_digest_names_it(tmp_path: Path) -> None:
    path, book = tmp_path / "trust.store", filled()
    digest = store_file.save(path, book)
    again, same = store_file.read(path)
    assert same == digest == ledger.digest_of(path.read_bytes())
    for part in ("serial", "refreshed", "entries", "statements", "publishers", "history"):
        assert getattr(again, part) == getattr(book, part), part
    assert store_file.save(path, again) != digest  # the next version
    assert store_file.read(path)[0].serial == 2
    result = authenticate(SOD, FILES, store_file.load(path), AT)
    assert next(each for each in result.checks if each.name == "revocation").reason == "not_revoked"
    age = next(each for each in result.checks if each.name == "trust_store")
    assert (age.reason, age.details["digest"]) == ("fresh", ledger.digest_of(path.read_bytes()))


@pytest.mark.parametrize(("days", "expected"), [(30, "fresh"), (31, "ageing"), (90, "ageing"), (91, "old")])
def test_the_age_of_the_store_is_said_and_it_is_still_used(days: int, expected: str) -> None:
    result = authenticate(SOD, FILES, filled().trust_store("ff"), AT + timedelta(days=days))
    age = next(each for each in result.checks if each.name == "trust_store")
    assert (age.reason, age.outcome == "inconclusive") == (expected, expected == "old")
    assert result.verdict == "verified"


def test_a_file_that_was_changed_cut_or_is_another_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "trust.store"
    store_file.save(path, filled())
    data = path.read_bytes()
    header = json.loads(data.partition(b"\n")[0])
    newer = json.dumps({**header, "version": 2}, separators=(",", ":")).encode()
    for bad in (
        data[:-1],
        data.replace(b"A. Operator", b"C. Operator"),
        data[: len(data) // 2],
        newer + b"\n" + data.partition(b"\n")[2],
        b"",
        b"{}",
        data.partition(b"\n")[0],
    ):
        path.write_bytes(bad)
        with pytest.raises(store_file.StoreFileError, match="Try: bring back the last good copy"):
            store_file.load(path)


def test_a_line_of_nonsense_under_a_right_digest_is_refused() -> None:
    for line in (
        b"[]",
        b"{}",
        b'{"line":"moon"}',
        b'{"line":"certificate","der":"AA"}',
        b"\xff",
        b"[" * 5000,
    ):
        body = line + b"\n"
        header = {
            "format": "borderlane-trust-store",
            "version": 1,
            "serial": 1,
            "refreshed": None,
            "sha256": ledger.digest_of(body),
        }
        with pytest.raises(MalformedError):
            store_file.parse(json.dumps(header, separators=(",", ":")).encode() + b"\n" + body)


def test_a_write_that_fails_leaves_the_old_store_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "trust.store"
    store_file.save(path, filled())
    before = path.read_bytes()

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store_file.os, "fsync", full)
    with (
        pytest.raises(store_file.StoreFileError, match="No space left on device; the store is as it was"),
        store_file.update(path) as book,
    ):
        taken(book, NEW_ROOT.encode())
    assert path.read_bytes() == before
    assert not [each for each in tmp_path.iterdir() if each.name.endswith(".new")]


def test_who_reads_while_the_store_is_replaced_reads_the_old_one_whole(tmp_path: Path) -> None:
    path = tmp_path / "trust.store"
    store_file.save(path, filled())
    before = path.read_bytes()
    newer = filled()
    take_root(newer, NEW_ROOT)
    with path.open("rb", buffering=0) as reading:
        start = reading.read(100)
        store_file.save(path, newer)
        assert start + reading.read() == before
    assert path.read_bytes() != before


def test_an_update_that_fails_half_way_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "trust.store"
    store_file.save(path, filled())
    before = path.read_bytes()

    def half() -> None:
        with store_file.update(path) as book:
            take_root(book, NEW_ROOT)
            importing.import_path(book, tmp_path / "missing", "A. Operator", AT)

    with pytest.raises(by_hand.ImportRefused):
        half()
    assert path.read_bytes() == before


IMPORTER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from drivers.emrtd.trust import importing, store_file
store, *files = map(Path, sys.argv[1:])
for path in files:
    with store_file.update(store) as book:
        importing.import_path(book, path, "A. Operator", datetime.now(UTC))
"""


def test_two_who_import_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "trust.store"
    store_file.save(path, filled())
    (tmp_path / ".trust.store.99999.new").write_bytes(b"half a store")  # of one who died while writing
    signers = [replace(SIGNER, serial=number).encode() for number in range(200, 216)]
    files = [tmp_path / f"{number}.cer" for number in range(16)]
    for file, data in zip(files, signers, strict=True):
        file.write_bytes(data)
    running = [
        subprocess.Popen(
            [sys.executable, "-c", IMPORTER, str(path), *map(str, half)], cwd=Path(__file__).parents[2]
        )
        for half in (files[:8], files[8:])
    ]
    assert [each.wait() for each in running] == [0, 0]
    book, _ = store_file.read(path)
    assert {certificates.read(data).fingerprint for data in signers} <= book.entries.keys()
    assert (book.serial, len([act for act in book.history if act.action == "imported"])) == (17, 16)
    assert not list(tmp_path.glob("*.new"))
    assert not list(tmp_path.glob(".*.new"))


def test_a_folder_is_trust_as_its_files_say(tmp_path: Path) -> None:
    (tmp_path / "root.cer").write_bytes(pem("CERTIFICATE", ROOT.encode()))
    (tmp_path / "signer.cer").write_bytes(SIGNER.encode())
    (tmp_path / "link.crt").write_bytes(LINK.encode())
    (tmp_path / "a.crl").write_bytes(pki.crl())
    (tmp_path / "a.ml").write_bytes(master_list(OTHER.encode()))
    (tmp_path / "readme.txt").write_text("for the lane")
    store = folder.load(tmp_path, AT)
    roles = sorted(each.role for each in store.holdings.values())
    assert roles == ["anchor", "anchor", "link", "signer"]
    assert [(each.code, each.where) for each in store.problems] == [("unreadable", "readme.txt")]
    result = authenticate(SOD, FILES, store, AT)
    assert result.verdict == "verified"
    assert next(each for each in result.checks if each.name == "revocation").reason == "not_revoked"


def test_in_a_folder_links_and_signers_alone_are_no_trust(tmp_path: Path) -> None:
    (tmp_path / "signer.cer").write_bytes(SIGNER.encode())
    (tmp_path / "link.cer").write_bytes(LINK.encode())
    no_ca = replace(ROOT, ca=False)
    (tmp_path / "self.cer").write_bytes(no_ca.encode())
    # The name of a root and another key's signature: self-issued, not self-signed.
    (tmp_path / "false.cer").write_bytes(replace(ROOT, issuer_key="thief").encode())
    store = folder.load(tmp_path, AT)
    assert not [each for each in store.holdings.values() if each.role is Role.ANCHOR]
    for key in ("root", "new"):
        sod = pki.sod(FILES, replace(SIGNER, issuer_key=key))
        assert authenticate(sod, FILES, store, AT).verdict == "not_verifiable"


def test_trust_may_be_one_file_a_certificate_or_a_store(tmp_path: Path) -> None:
    root, kept = tmp_path / "root.cer", tmp_path / "trust.store"
    root.write_bytes(ROOT.encode())
    store_file.save(kept, filled())
    for path in (root, kept):
        assert authenticate(SOD, FILES, folder.load(path, AT), AT).verdict == "verified"
    for name, content in (("empty", b""), ("text", b"hello")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(by_hand.ImportRefused):
            folder.load(tmp_path / name, AT)
    with pytest.raises(by_hand.ImportRefused, match="cannot be read: No such file"):
        folder.load(tmp_path / "absent", AT)
