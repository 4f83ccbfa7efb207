"""Security objects of real states against the master lists that states publish, and how both come in."""

from collections import Counter
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_public_key

from drivers.emrtd import asn1, certificates, signatures
from drivers.emrtd.check import Outcome
from drivers.emrtd.passive_authentication import Authentication, authenticate, authenticate_card_security
from drivers.emrtd.public_keys import RsaKey
from drivers.emrtd.trust import by_hand, folder, importing, intake, ledger, master_list, store_file
from drivers.emrtd.trust.intake import Origin
from drivers.emrtd.trust.ledger import Ledger
from drivers.emrtd.trust.master_list import MasterList
from drivers.emrtd.trust_store import Role, TrustStore
from tests.emrtd.material import DATA, needs_data

pytestmark = needs_data

AT = datetime(2026, 6, 1, tzinfo=UTC)
CSCA, LISTS, SOD = DATA / "csca", DATA / "masterlists", DATA / "sod"
LIST_FILES = {"DE": "DE_ML_2024-08-07-07-38-24.ml", "NL": "NL_ML_2025-07-29.ml"}
NL_ROOT = "NL_ROOT_CA.cer"
DE_ROOT = "66b09a816ff5c76d3d6ef10f035ded4a8ac4b961b75955f1d5926dc3c63ecb5b"
"""The German list of 2024 was signed under the root of 2021, which the Dutch list holds."""
STATES = ("AT", "DE", "FR", "ID", "NZ", "SG", "UK")


def take(book: Ledger, name: str, publisher: bool = False) -> None:
    """A root from the folder of roots, or one held already, on two persons' word."""
    held = book.entries.get(name)
    root = held.certificate if held is not None else certificates.read((CSCA / name).read_bytes())
    origin = Origin(name, ledger.digest_of(root.raw), "A. Operator", AT)
    by_hand.take_root(
        book,
        root,
        origin,
        fingerprint=root.fingerprint,
        second="B. Officer",
        reason="opening of the lane",
        publisher=publisher,
    )


def import_list(book: Ledger, state: str) -> intake.Report:
    return importing.import_path(book, LISTS / LIST_FILES[state], "A. Operator", AT)


@pytest.fixture(scope="module")
def book() -> Ledger:
    """Both lists under their pinned roots, and Indonesia's root of 2020, which is in no list."""
    book = Ledger()
    for root, state in ((NL_ROOT, "NL"), (DE_ROOT, "DE")):
        take(book, root, publisher=True)
        assert import_list(book, state).lists == 1
    take(book, "ID_2020-10_CSCA.cer")
    return book


@pytest.fixture(scope="module")
def store(book: Ledger) -> TrustStore:
    return book.trust_store()


@cache
def published(state: str) -> MasterList:
    return master_list.read((LISTS / LIST_FILES[state]).read_bytes())


def outcomes(result: Authentication) -> dict[str, tuple[str, str]]:
    return {check.name: (check.outcome.value, check.reason) for check in result.checks}


@pytest.mark.parametrize("state", STATES)
def test_the_security_object_of_a_state_verifies(state: str, store: TrustStore) -> None:
    result = authenticate((SOD / f"EF_SOD_{state}.bin").read_bytes(), {}, store, AT)
    found = outcomes(result)
    assert result.verdict == "verified", found
    assert found["chain"] == ("passed", "anchored")
    assert found["revocation"] == ("inconclusive", "crl_missing")
    hashes = {name: value for name, value in found.items() if name.startswith("hash_dg")}
    assert hashes
    assert set(hashes.values()) == {("not_performed", "file_not_given")}
    assert result.genuine_groups == frozenset()


def test_the_encodings_of_the_states_are_those_expected(store: TrustStore) -> None:
    algorithms = {}
    for state in STATES:
        checks = authenticate((SOD / f"EF_SOD_{state}.bin").read_bytes(), {}, store, AT).checks
        algorithms[state] = next(check.details for check in checks if check.name == "signature")
    assert {state: details["algorithm"] for state, details in algorithms.items()} == {
        "AT": "ecdsa_sha256",
        "DE": "ecdsa_sha384",
        "FR": "rsa_pkcs1_sha256",
        "ID": "rsa_pss_sha256",
        "NZ": "rsa_pkcs1_sha256",
        "SG": "rsa_pss_sha256",
        "UK": "ecdsa_sha256",
    }
    assert {state for state, details in algorithms.items() if "curve" in details} == {"AT", "DE", "UK"}
    assert asn1.read((SOD / "EF_SOD_NZ.bin").read_bytes(), "EF.SOD").only().indefinite


def test_a_card_security_verifies_as_itself_and_never_as_a_security_object(store: TrustStore) -> None:
    data = (SOD / "EF_CardSecurity_DE.bin").read_bytes()
    result = authenticate_card_security(data, store, AT)
    assert result.verdict == "verified"
    assert result.content is not None
    assert result.content.startswith(b"\x31")
    wrapped = asn1.encode(0x77, data)
    assert outcomes(authenticate(wrapped, {}, store, AT))["signature"] == (
        "failed",
        "content_type_not_permitted",
    )
    sod = asn1.read((SOD / "EF_SOD_DE.bin").read_bytes(), "EF.SOD").only().raw
    assert authenticate_card_security(sod, store, AT).verdict == "failed"


def test_the_same_name_and_another_key_is_no_root() -> None:
    """Indonesia's roots of 2016 and 2020 have one name; only the second one signed the signer of 2025."""
    sod = (SOD / "EF_SOD_ID.bin").read_bytes()
    old, new = Ledger(), Ledger()
    take(old, "2016-01_CSCA.cer")
    take(new, "ID_2020-10_CSCA.cer")
    result = authenticate(sod, {}, old.trust_store(), AT)
    assert result.verdict == "not_verifiable"
    assert outcomes(result)["chain"] == ("inconclusive", "issuer_key_differs")
    assert outcomes(result)["signature"][0] == "passed"
    assert authenticate(sod, {}, new.trust_store(), AT).verdict == "verified"


def test_one_flipped_octet_of_a_security_object_never_verifies(store: TrustStore) -> None:
    for state in ("FR", "AT", "ID"):
        data = (SOD / f"EF_SOD_{state}.bin").read_bytes()
        for place in range(0, len(data), 37):
            broken = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
            result = authenticate(broken, {}, store, AT)
            if result.verdict == "verified":
                # Only what no signature covers may change.
                assert result.content == authenticate(data, {}, store, AT).content, (state, place)


def test_hashes_of_the_bsi_specimen_match_and_an_unlisted_file_fails(store: TrustStore) -> None:
    base = DATA / "bsi_tr03105_5"
    files = {group: (base / f"Datagroup{group}.bin").read_bytes() for group in (1, 2, 3, 4, 14)}
    sod = (base / "EF_SOD.bin").read_bytes()
    result = authenticate(sod, files, store, AT)
    found = outcomes(result)
    assert {found[f"hash_dg{group}"] for group in files} == {("passed", "hash_matches")}
    assert found["signature"] == ("passed", "signature_valid")
    assert found["chain"] == ("inconclusive", "no_anchor")
    assert found["validity"] == ("inconclusive", "signer_expired")
    assert result.verdict == "not_verifiable"
    files[15] = (base / "Datagroup15.bin").read_bytes()
    result = authenticate(sod, files, store, AT)
    assert outcomes(result)["hash_dg15"] == ("failed", "not_in_security_object")
    assert result.verdict == "failed"


def test_hashes_of_the_dutch_specimen_match(store: TrustStore) -> None:
    base = DATA / "nl_specimen_2006"
    files = {group: (base / f"ef01{group:02X}.bin").read_bytes() for group in (1, 2, 15)}
    result = authenticate((base / "ef011D.bin").read_bytes(), files, store, AT, issuing_state="NLD")
    found = outcomes(result)
    assert {found[f"hash_dg{group}"] for group in files} == {("passed", "hash_matches")}
    assert found["validity"] == ("inconclusive", "signer_expired")
    assert found["issuer"] == ("passed", "state_matches")
    assert result.verdict == "not_verifiable"


@pytest.mark.parametrize(
    ("state", "count", "countries", "self_signed"), [("DE", 541, 109, 358), ("NL", 394, 120, 394)]
)
def test_every_certificate_of_a_master_list_loads(
    state: str, count: int, countries: int, self_signed: int
) -> None:
    found = published(state)
    assert (len(found.certificates), found.unreadable) == (count, ())
    assert len({each.subject.country for each in found.certificates}) == countries
    assert sum(each.self_signed for each in found.certificates) == self_signed
    for each in found.certificates:
        assert each.vouched_key
        assert signatures.read_scheme(each.signature_algorithm)


@pytest.mark.parametrize("state", LIST_FILES)
def test_certificates_read_as_two_other_libraries_read_them(state: str) -> None:
    loaded = 0
    for each in published(state).certificates:
        theirs = x509.Certificate.load(each.raw)
        assert (theirs.serial_number, theirs["tbs_certificate"].dump()) == (each.serial, each.signed)
        assert (theirs.not_valid_before, theirs.not_valid_after) == (each.not_before, each.not_after)
        assert (theirs.key_identifier, theirs.authority_key_identifier) == (
            each.subject_key,
            each.authority_key,
        )
        assert bool(theirs.ca) == each.is_ca
        try:
            other: Any = load_der_public_key(each.spki)
        except (ValueError, UnsupportedAlgorithm):
            continue
        loaded += 1
        key, numbers = each.vouched_key, other.public_numbers()
        if isinstance(key, RsaKey):
            assert (numbers.n, numbers.e) == (key.n, key.e)
        else:
            assert (numbers.x, numbers.y) == key.point
    share = loaded / len(published(state).certificates)
    assert 0.8 < share < 0.85, "what pyca does not load is why keys are read here"


def test_links_are_told_by_their_signature_and_not_by_their_name() -> None:
    """66 certificates of the German list have another issuer than subject, read in order; five of those
    differ in order only.  122 bear one name and are still links: the old key signed the new one."""
    found = published("DE").certificates
    in_order = [each for each in found if each.subject.text.casefold() != each.issuer.text.casefold()]
    assert len(in_order) == 66
    kinds = Counter((each.self_issued, each.self_signed) for each in found)
    assert kinds == {(True, True): 358, (True, False): 122, (False, False): 61}


def test_links_count_through_the_anchors_beside_them(book: Ledger, store: TrustStore) -> None:
    links = [each for each in store.holdings.values() if each.role is Role.LINK]
    assert len(links) == 183
    anchored = sum(bool(store.path(each.certificate).certificates) for each in links)
    assert anchored > 120
    alone = TrustStore(links)
    assert not any(alone.path(each.certificate).certificates for each in links)


def test_a_list_counts_only_under_the_root_pinned_for_it() -> None:
    book = Ledger()
    take(book, NL_ROOT)  # an anchor, but not pinned for lists about all states
    report = import_list(book, "NL")
    assert [(each.code, each.detail) for each in report.problems] == [("list_not_trusted", "no_anchor")]
    assert len(book.entries) == 1
    take(book, NL_ROOT, publisher=True)
    assert [each.code for each in import_list(book, "DE").problems] == ["list_not_trusted"]
    assert import_list(book, "NL").lists == 1
    # The Dutch list brings Germany's root, but that it may speak of all states is for a person to say.
    assert [each.code for each in import_list(book, "DE").problems] == ["list_not_trusted"]
    data = bytearray((LISTS / LIST_FILES["NL"]).read_bytes())
    data[len(data) // 2] ^= 1
    report = intake.Report()
    importing.import_parts(book, bytes(data), Origin("x.ml", "", "A. Operator", AT), report)
    assert [(each.code, each.detail) for each in report.problems] == [("list_not_trusted", "signature_wrong")]


def test_the_union_keeps_what_each_list_holds(book: Ledger) -> None:
    lists = {state: {each.fingerprint for each in published(state).certificates} for state in LIST_FILES}
    assert lists["DE"] | lists["NL"] <= book.entries.keys()
    both = lists["DE"] & lists["NL"]
    assert both
    for mark in both:
        assert {source.name[:2] for source in book.entries[mark].sources if source.kind == "master list"} == {
            "DE",
            "NL",
        }
    roles = Counter(entry.role for entry in book.entries.values())
    assert roles[Role.SIGNER] == 0


def test_what_can_never_serve_is_kept_and_said() -> None:
    book = Ledger()
    take(book, NL_ROOT, publisher=True)
    import_list(book, "NL")
    take(book, DE_ROOT, publisher=True)
    before = len(book.entries)
    report = import_list(book, "DE")
    assert report.certificates == 541
    assert report.new_anchors + report.new_links == len(book.entries) - before
    assert Counter((each.code, each.detail) for each in report.problems) == {
        ("certificate_not_usable", "may not sign certificates"): 10
    }


def test_the_store_comes_back_from_its_file_as_it_was(book: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "trust.store"
    digest = store_file.save(path, book)
    loaded = store_file.load(path)
    assert loaded.digest == digest == ledger.digest_of(path.read_bytes())
    assert loaded.holdings.keys() == book.entries.keys()
    assert loaded.refreshed == AT
    again, _ = store_file.read(path)
    assert (again.history, again.publishers) == (book.history, book.publishers)
    assert store_file.encode(again) == path.read_bytes()
    for state in STATES:
        sod = (SOD / f"EF_SOD_{state}.bin").read_bytes()
        assert authenticate(sod, {}, loaded, AT).verdict == "verified"


def test_a_folder_of_roots_and_lists_is_trust(tmp_path: Path) -> None:
    for path in (*CSCA.iterdir(), *LISTS.iterdir()):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    store = folder.load(tmp_path, AT)
    assert {each.code for each in store.problems} == {"certificate_not_usable"}
    for state in STATES:
        sod = (SOD / f"EF_SOD_{state}.bin").read_bytes()
        result = authenticate(sod, {}, store, AT)
        assert result.verdict == "verified"
        assert outcomes(result)["trust_store"] == ("not_performed", "age_unknown")


def test_a_list_alone_vouches_for_nobody(tmp_path: Path) -> None:
    with pytest.raises(by_hand.ImportRefused, match="no_anchor"):
        folder.load(LISTS / LIST_FILES["DE"], AT)
    path = tmp_path / "list.ml"
    path.write_bytes((LISTS / LIST_FILES["DE"]).read_bytes())
    store = folder.load(tmp_path, AT)
    assert not store.holdings
    assert [each.code for each in store.problems] == ["list_not_trusted"]
    result = authenticate((SOD / "EF_SOD_FR.bin").read_bytes(), {}, store, AT)
    assert outcomes(result)["trust_store"][0] == Outcome.INCONCLUSIVE
