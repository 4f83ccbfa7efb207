"""Roots that states publish one by one (Doc 9303-12, 7.1): what each is, and what it vouches for."""

from datetime import UTC, datetime
from typing import NamedTuple

import pytest
from asn1crypto import x509

from drivers.emrtd import certificates, signatures
from drivers.emrtd.certificates import CERTIFICATE_SIGNING, CRL_SIGNING, Certificate
from drivers.emrtd.passive_authentication import Authentication, authenticate
from drivers.emrtd.public_keys import EcKey
from drivers.emrtd.trust import by_hand, importing, ledger
from drivers.emrtd.trust.by_hand import ImportRefused
from drivers.emrtd.trust.intake import Origin, Report
from drivers.emrtd.trust.ledger import Ledger
from drivers.emrtd.trust_store import Role
from tests.emrtd.material import DATA, needs_data

pytestmark = needs_data

IN_2016, IN_2026 = (datetime(year, 6, 1, tzinfo=UTC) for year in (2016, 2026))


class Published(NamedTuple):
    """What a file is: state, serial, validity by day, algorithm of its signature, kind of its key."""

    country: str
    serial: int
    valid: tuple[str, str]
    signed_by: str
    key: str


FILES = {
    "CSCAAUSTRIAcacert005.crt": Published(
        "AT", 0x2930E20146EBE0B8, ("2024-08-19", "2039-11-23"), "ecdsa_sha384", "brainpoolP384r1"
    ),
    "DE_ROOT_CA_CSCA07.cer": Published(
        "DE", 0x4CD, ("2024-10-01", "2039-01-01"), "ecdsa_sha512", "brainpoolP512r1"
    ),
    "NL_ROOT_CA.cer": Published(
        "NL", 0x26FE53B, ("2024-06-21", "2037-06-30"), "rsa_pkcs1_sha256", "RSA 4096"
    ),
    "2010-12_CSCA.cer": Published("ID", 1, ("2010-12-29", "2021-03-30"), "rsa_pkcs1_sha256", "RSA 4096"),
    "2016-01_CSCA.cer": Published("ID", 0x53, ("2016-01-28", "2026-04-29"), "rsa_pkcs1_sha256", "RSA 4096"),
    "2016-01_CSCA_LINK.cer": Published(
        "ID", 0x4BF74B11E3171663, ("2016-01-28", "2021-03-30"), "rsa_pkcs1_sha256", "RSA 4096"
    ),
    "ID_2020-10_CSCA.cer": Published(
        "ID", 0x2599E901C043B8ED, ("2020-10-19", "2036-01-20"), "rsa_pss_sha256", "RSA 4096"
    ),
}
LINK = "2016-01_CSCA_LINK.cer"


def octets(name: str) -> bytes:
    return (DATA / "csca" / name).read_bytes()


def root(name: str) -> Certificate:
    return certificates.read(octets(name))


def trusting(*names: str, publisher: bool = False) -> Ledger:
    """These roots, taken on two persons' word."""
    book = Ledger()
    for name in names:
        origin = Origin(name, ledger.digest_of(octets(name)), "A. Operator", IN_2016)
        by_hand.take_root(
            book,
            root(name),
            origin,
            fingerprint=root(name).fingerprint,
            second="B. Officer",
            reason="opening of the lane",
            publisher=publisher,
        )
    return book


def brought(book: Ledger, name: str, at: datetime) -> Report:
    return importing.import_path(book, DATA / "csca" / name, "A. Operator", at)


@pytest.mark.parametrize("name", FILES)
def test_a_published_root_is_what_it_is_published_as(name: str) -> None:
    found = root(name)
    key = found.vouched_key
    assert (
        Published(
            found.subject.country or "",
            found.serial,
            (found.not_before.date().isoformat(), found.not_after.date().isoformat()),
            signatures.read_scheme(found.signature_algorithm).text,
            key.curve.name if isinstance(key, EcKey) else f"RSA {key.n.bit_length()}",
        )
        == FILES[name]
    )
    assert found.is_ca
    assert found.key_usage == {CERTIFICATE_SIGNING, CRL_SIGNING}
    assert found.unknown_critical == ()
    theirs = x509.Certificate.load(octets(name))
    assert (theirs.serial_number, theirs.sha256.hex()) == (found.serial, found.fingerprint)
    assert (theirs.not_valid_before, theirs.not_valid_after) == (found.not_before, found.not_after)


@pytest.mark.parametrize("name", FILES)
def test_a_root_signed_itself_and_a_link_did_not(name: str) -> None:
    found, data = root(name), bytearray(octets(name))
    assert found.self_signed is (name != LINK)
    data[len(data) - 1] ^= 1
    assert not certificates.read(bytes(data)).self_signed


def test_indonesia_s_link_holds_the_new_key_under_the_old_one() -> None:
    old, new, link = (root(name) for name in ("2010-12_CSCA.cer", "2016-01_CSCA.cer", LINK))
    assert (link.spki, link.subject) == (new.spki, new.subject)
    assert (link.issuer, link.authority_key) == (old.subject, old.subject_key)
    path = trusting("2010-12_CSCA.cer").trust_store().path(link)
    assert (path.reason, path.certificates) == ("anchored", (old,))
    assert not trusting("2016-01_CSCA.cer").trust_store().path(link).certificates
    with pytest.raises(ImportRefused, match="no self-signed CA certificate"):
        trusting(LINK)


def test_a_new_root_comes_in_by_its_link_and_by_nothing_else() -> None:
    book = trusting("2010-12_CSCA.cer")
    assert [each.code for each in brought(book, "2016-01_CSCA.cer", IN_2016).problems] == [
        "root_not_vouched_for"
    ]
    assert brought(book, LINK, IN_2016).new_links == 1
    assert brought(book, "2016-01_CSCA.cer", IN_2016).new_anchors == 1
    # The root of 2020 has the name of that of 2016, and another key.
    assert [each.code for each in brought(book, "ID_2020-10_CSCA.cer", IN_2026).problems] == [
        "root_not_vouched_for"
    ]
    assert {root(name).fingerprint for name in ("2010-12_CSCA.cer", "2016-01_CSCA.cer")} == {
        mark for mark, entry in book.entries.items() if entry.role is Role.ANCHOR
    }


def test_a_link_that_has_expired_brings_no_new_root() -> None:
    book = trusting("2010-12_CSCA.cer")
    brought(book, LINK, IN_2026)
    assert [each.code for each in brought(book, "2016-01_CSCA.cer", IN_2026).problems] == [
        "root_not_vouched_for"
    ]


def judged(state: str, *roots: str) -> Authentication:
    file = (DATA / "sod" / f"EF_SOD_{state}.bin").read_bytes()
    return authenticate(file, {}, trusting(*roots).trust_store(), IN_2026)


@pytest.mark.parametrize(
    ("state", "newest"),
    [("AT", "CSCAAUSTRIAcacert005.crt"), ("DE", "DE_ROOT_CA_CSCA07.cer"), ("ID", "2016-01_CSCA.cer")],
)
def test_another_root_of_the_same_name_does_not_vouch_for_a_document(state: str, newest: str) -> None:
    """The documents are older or newer than the key; their own roots are in the master lists, or the next."""
    result = judged(state, newest)
    chain = next(check for check in result.checks if check.name == "chain")
    assert (result.verdict, chain.reason) == ("not_verifiable", "issuer_key_differs")


@pytest.mark.parametrize("state", ["AT", "DE", "FR", "ID", "NZ", "SG", "UK"])
def test_a_document_is_vouched_for_by_its_own_state_alone(state: str) -> None:
    """Of all these roots one has signed for one of these documents."""
    roots = [name for name in FILES if name != LINK]
    assert (judged(state, *roots).verdict == "verified") is (state == "ID")


@pytest.mark.parametrize(
    ("name", "lists"),
    [("NL_ROOT_CA.cer", ["NL"]), ("DE_ROOT_CA_CSCA07.cer", []), ("ID_2020-10_CSCA.cer", [])],
)
def test_a_list_counts_under_the_root_that_signed_it(name: str, lists: list[str]) -> None:
    """Germany's list of August 2024 is older than the root that Germany publishes with it now."""
    book = trusting(name, publisher=True)
    files = {"DE": "DE_ML_2024-08-07-07-38-24.ml", "NL": "NL_ML_2025-07-29.ml"}
    reports = {
        state: importing.import_path(book, DATA / "masterlists" / file, "A. Operator", IN_2026)
        for state, file in files.items()
    }
    assert [state for state, report in reports.items() if report.lists] == lists
