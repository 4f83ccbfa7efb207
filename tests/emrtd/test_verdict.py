"""The verdict: "genuine" only where it is true, "failed" only where something is."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.emrtd import certificates, consistency, tlv, verdict
from drivers.emrtd.check import Check, Outcome
from drivers.emrtd.elementary_files import (
    CARD_ACCESS,
    CARD_SECURITY,
    COM,
    DATA_GROUPS,
    SOD,
    ElementaryFile,
)
from drivers.emrtd.reading import Access, AccessProtocol, Reading, Refusal, RefusalReason
from drivers.emrtd.statements import Statements
from drivers.emrtd.trust import crl, defect_list, deviation_list
from drivers.emrtd.trust_store import Holding, Role, TrustStore
from drivers.emrtd.verdict import ChipVerdict, DataVerdict, Verdict
from tests.emrtd import small_pki as pki
from tests.emrtd.small_pki import AT, ROOT, SIGNER, integer, oid

MRZ = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F3504159ZE184226B<<<<<10"
PACE = tlv.build(0x30, oid("0.4.0.127.0.7.2.2.4.6.2"), integer(2), integer(13))
WEAKER = tlv.build(0x30, oid("0.4.0.127.0.7.2.2.4.2.1"), integer(2), integer(8))
KEY = tlv.build(0x30, oid("0.4.0.127.0.7.2.2.1.2"), tlv.build(0x30, integer(1)))
GROUPS = {
    1: tlv.build(0x61, tlv.build(0x5F1F, MRZ.encode())),
    2: b"\x75\x03def",
    14: tlv.build(0x6E, tlv.build(0x31, PACE, KEY)),
    15: tlv.build(0x6F, tlv.build(0x30, integer(1))),
}
CARD_ACCESS_FILE = tlv.build(0x31, PACE)
LIST = tlv.build(0x60, tlv.build(0x5C, bytes.fromhex("61756E6F")))
LISTS = pki.Template(pki.name("UT", "list signer"), pki.ROOT_NAME, "lists", "root", serial=99)
BY_PACE = Access(AccessProtocol.PACE_GM, "AES-128", "brainpoolP256r1")
PASSED = "passed"


def store() -> TrustStore:
    holding = Holding(certificates.read(ROOT.encode()), Role.ANCHOR)
    return TrustStore([holding], Statements([crl.read(pki.crl())]), refreshed=AT)


def proof(name: str, outcome: str = PASSED) -> Check:
    return Check(name, Outcome(outcome), "told")


def reading(
    *,
    groups: dict[int, bytes] | None = None,
    sod: bytes | None = None,
    mapping: str = "not_performed",
    chip: str = PASSED,
    active: str = "not_performed",
    access: Access | None = BY_PACE,
    further: dict[ElementaryFile, bytes] | None = None,
    without: tuple[ElementaryFile, ...] = (),
    refused: tuple[ElementaryFile, ...] = (),
) -> Reading:
    files = {DATA_GROUPS[number]: data for number, data in (groups or GROUPS).items()}
    files |= {SOD: sod or pki.sod(GROUPS), CARD_ACCESS: CARD_ACCESS_FILE, COM: LIST} | (further or {})
    for file in (*without, *refused):
        files.pop(file, None)
    return Reading(
        access=access,
        files=files,
        refused={file: Refusal(RefusalReason.ABSENT, 0x6A82) for file in refused},
        chip_authentication_mapping=proof("chip_authentication_mapping", mapping),
        chip_authentication=proof("chip_authentication", chip),
        active_authentication=proof("active_authentication", active),
    )


def judged(read: Reading, trusted: TrustStore | None = None, at: datetime = AT) -> Verdict:
    return verdict.judge(read, trusted or store(), at, printed=proof("printed_mrz"))


def found(result: Verdict, name: str) -> tuple[str, str]:
    check = next(each for each in result.checks if each.name == name)
    return check.outcome.value, check.reason


def words(result: Verdict) -> tuple[str, str]:
    return result.data.value, result.chip.value


def test_a_right_document_whose_chip_proved_a_signed_key_is_genuine() -> None:
    result = judged(reading())
    assert words(result) == ("verified", "genuine")
    assert not [each for each in result.checks if each.outcome is Outcome.FAILED]


def test_the_checks_come_in_the_order_of_an_inspection() -> None:
    names = [each.name for each in judged(reading()).checks]
    assert names[:7] == [
        "access", "signature", "chain", "key_usage", "validity", "revocation", "trust_store",
    ]  # fmt: skip
    assert names[7:] == [
        *("hash_dg1", "hash_dg2", "hash_dg14", "hash_dg15", "issuer", "printed_mrz"),
        *("chip_authentication_mapping", "chip_authentication", "active_authentication", "card_security"),
        *("files", "pace_consistency", "card_security_consistency", "com", "expiry"),
    ]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("proofs", "chip"),
    [
        ({"chip": "passed"}, "genuine"),
        ({"chip": "not_performed", "active": "passed"}, "genuine"),
        ({"chip": "not_performed"}, "not_proved"),
        ({"chip": "inconclusive"}, "not_proved"),
        ({"chip": "failed"}, "failed"),
        ({"chip": "failed", "active": "passed"}, "failed"),
        ({"chip": "passed", "active": "failed"}, "failed"),
        ({"chip": "passed", "mapping": "failed"}, "failed"),
    ],
)
def test_one_proof_makes_a_chip_genuine_and_one_failure_unmakes_it(proofs: dict[str, str], chip: str) -> None:
    assert words(judged(reading(**proofs))) == ("verified", chip)


def test_a_proof_without_verified_data_proves_nothing() -> None:
    """An attacker brings a chip with a key of its own."""
    strangers = TrustStore(())
    assert words(judged(reading(active=PASSED), strangers)) == ("not_verifiable", "not_proved")
    changed = GROUPS | {2: b"\x75\x03xyz"}
    assert words(judged(reading(groups=changed, active=PASSED))) == ("failed", "not_proved")


def test_a_key_that_the_security_object_does_not_cover_does_not_count() -> None:
    covered = {1: GROUPS[1], 2: GROUPS[2]}
    own_key = reading(sod=pki.sod(covered), chip="not_performed", active=PASSED, without=(DATA_GROUPS[14],))
    assert words(judged(own_key)) == ("failed", "not_proved")
    assert found(judged(own_key), "hash_dg15") == ("failed", "not_in_security_object")


def test_a_proof_whose_key_was_not_seen_among_the_signed_files_does_not_count() -> None:
    for number, proofs in ((14, {"chip": PASSED}), (15, {"chip": "not_performed", "active": PASSED})):
        assert words(judged(reading(**proofs, without=(DATA_GROUPS[number],)))) == ("verified", "not_proved")


@pytest.mark.parametrize(
    ("defect", "proofs", "chip"),
    [
        ("1.3", {"chip": PASSED}, "not_proved"),  # its key of chip authentication is known to others
        ("1.3", {"active": PASSED}, "genuine"),
        ("1.4", {"chip": "not_performed", "active": PASSED}, "not_proved"),
        ("1.4", {"chip": PASSED}, "genuine"),
        ("1.2", {"chip": PASSED}, "genuine"),  # its certificate was replaced: that says nothing of keys
        ("1.9", {"chip": PASSED, "active": PASSED}, "not_proved"),  # unknown, of authentication
        ("2.1", {"chip": PASSED}, "genuine"),
    ],
)
def test_a_key_that_an_authority_gave_up_proves_nothing(
    defect: str, proofs: dict[str, str], chip: str
) -> None:
    who = tlv.build(0x30, SIGNER.issuer, integer(SIGNER.serial))
    known = tlv.build(0x31, tlv.build(0x30, oid(f"{pki.DEFECTS}.{defect}")))
    content = tlv.build(0x30, integer(0), oid(pki.SHA256), tlv.build(0x31, tlv.build(0x30, who, known)))
    published = defect_list.read(pki.signed(pki.DEFECTS, content, LISTS.encode(), LISTS))
    holding = Holding(certificates.read(ROOT.encode()), Role.ANCHOR)
    pinned = frozenset({holding.certificate.fingerprint})
    trusted = TrustStore([holding], Statements(defect_lists=[published], publishers=pinned))
    proofs = {"chip": "not_performed"} | proofs
    assert words(judged(reading(**proofs), trusted)) == ("verified", chip)


def test_an_active_authentication_key_that_its_state_calls_compromised_proves_nothing() -> None:
    who = tlv.build(0xA1, SIGNER.issuer, integer(SIGNER.serial))
    what = tlv.build(0x30, oid("2.23.136.1.1.7.1.4"))
    entry = tlv.build(0x30, tlv.build(0x30, who), tlv.build(0x31, what))
    content = tlv.build(0x30, integer(0), tlv.build(0x31, entry))
    signer = replace(LISTS, extended=("2.23.136.1.1.8",))
    published = deviation_list.read(pki.signed(pki.DEVIATIONS, content, signer.encode(), signer))
    holding = Holding(certificates.read(ROOT.encode()), Role.ANCHOR)
    trusted = TrustStore([holding], Statements(deviation_lists=[published]))
    active = reading(chip="not_performed", active=PASSED)
    assert words(judged(active, trusted)) == ("verified", "not_proved")
    assert words(judged(reading(), trusted)) == ("verified", "genuine")


@pytest.mark.parametrize("number", [14, 15])
def test_a_hidden_key_file_is_a_failed_chip_and_not_an_old_one(number: int) -> None:
    clone = reading(chip="not_performed", refused=(DATA_GROUPS[number],))
    result = judged(clone)
    assert words(result) == ("verified", "failed")
    assert found(result, "files") == ("failed", "authentication_files_hidden")


def test_a_denied_face_forbids_genuine_and_denied_fingers_do_not() -> None:
    result = judged(reading(refused=(DATA_GROUPS[2],)))
    assert words(result) == ("verified", "not_proved")
    assert found(result, "files") == ("failed", "listed_files_denied")
    fingers = pki.sod(GROUPS | {3: b"\x63\x00"})
    assert words(judged(reading(sod=fingers, refused=(DATA_GROUPS[3],)))) == ("verified", "genuine")


def test_a_document_that_has_no_face_or_no_keys_by_its_issuers_will_hides_nothing() -> None:
    faceless = {number: data for number, data in GROUPS.items() if number != 2}
    assert words(judged(reading(groups=faceless, sod=pki.sod(faceless)))) == ("verified", "genuine")
    old = {1: GROUPS[1], 2: GROUPS[2]}
    bac = Access(AccessProtocol.BAC, "3DES")
    keyless = reading(groups=old, sod=pki.sod(old), access=bac, chip="not_performed", without=(CARD_ACCESS,))
    assert words(judged(keyless)) == ("verified", "not_proved")


def test_a_stripped_or_weakened_offer_of_pace_is_a_failed_chip() -> None:
    bac = Access(AccessProtocol.BAC, "3DES")
    stripped = judged(reading(access=bac, without=(CARD_ACCESS,)))
    assert found(stripped, "pace_consistency") == ("failed", "card_access_hidden")
    weakened = judged(reading(further={CARD_ACCESS: tlv.build(0x31, WEAKER)}))
    assert found(weakened, "pace_consistency") == ("failed", "offers_differ")
    broken = judged(reading(further={CARD_ACCESS: b"\x31\x05\x00"}))
    assert found(broken, "pace_consistency") == ("failed", "card_access_malformed")
    assert {words(each) for each in (stripped, weakened, broken)} == {("verified", "failed")}


def test_an_issuer_that_repeats_no_pace_in_dg14_is_no_attacker() -> None:
    groups = GROUPS | {14: tlv.build(0x6E, tlv.build(0x31, KEY))}
    result = judged(reading(groups=groups, sod=pki.sod(groups)))
    assert found(result, "pace_consistency") == ("inconclusive", "dg14_does_not_repeat_pace")
    assert words(result) == ("verified", "genuine")
    without = judged(reading(groups=groups, sod=pki.sod(groups), without=(CARD_ACCESS,)))
    assert found(without, "pace_consistency") == ("passed", "no_pace")


def test_a_fall_to_a_weaker_way_in_is_never_silent() -> None:
    fell = Access(
        AccessProtocol.BAC, "3DES", pace_offered=("0.4.0.127.0.7.2.2.4.6.2",), pace_not_taken="status_6A80"
    )
    assert found(judged(reading(access=fell)), "access") == ("inconclusive", "pace_not_taken")
    none = Access(AccessProtocol.NONE)
    assert found(judged(reading(access=none)), "access") == ("inconclusive", "no_access_control")


def card_security(*infos: bytes, signer: pki.Template = SIGNER, kind: str = pki.CARD_SECURITY) -> bytes:
    return pki.signed(kind, tlv.build(0x31, *infos), signer.encode(), signer)


def test_chip_authentication_mapping_counts_with_a_card_security_that_its_state_signed() -> None:
    def mapped(file: bytes) -> Verdict:
        return judged(reading(mapping=PASSED, chip="not_performed", further={CARD_SECURITY: file}))

    assert words(mapped(card_security(PACE, KEY))) == ("verified", "genuine")
    forged = mapped(card_security(PACE, KEY, signer=replace(SIGNER, issuer_key="thief")))
    assert forged.chip is not ChipVerdict.GENUINE
    as_other = mapped(card_security(PACE, KEY, kind=pki.LDS))
    assert (words(as_other), found(as_other, "card_security")[0]) == (("verified", "failed"), "failed")
    weakened = mapped(card_security(WEAKER, KEY))
    assert found(weakened, "card_security_consistency") == ("failed", "not_in_card_security")
    assert words(weakened) == ("verified", "failed")
    rubbish = mapped(pki.signed(pki.CARD_SECURITY, b"rubbish", SIGNER.encode(), SIGNER))
    assert (words(rubbish), found(rubbish, "card_security")) == (
        ("verified", "failed"),
        ("failed", "malformed"),
    )


def test_a_card_security_of_another_state_proves_nothing_of_this_document() -> None:
    """Who drew the key out of one state's chip could lay its EF.CardSecurity beside any document's files."""
    name = pki.name("XX", "CSCA of X")
    root = pki.Template(name, name, "x", "x", serial=3, ca=True, usage=pki.CA_USAGE)
    signer = pki.Template(pki.name("XX", "signer of X"), name, "signer of X", "x", serial=4)
    trusted = TrustStore(
        [Holding(certificates.read(each.encode()), Role.ANCHOR) for each in (ROOT, root)],
        Statements([crl.read(pki.crl())]),
    )
    foreign = {CARD_SECURITY: card_security(PACE, KEY, signer=signer)}
    result = judged(reading(mapping=PASSED, chip="not_performed", further=foreign), trusted)
    assert found(result, "card_security") == ("failed", "signed_by_another_state")
    assert words(result) == ("verified", "failed")


def test_a_mapping_key_that_an_authority_gave_up_proves_nothing() -> None:
    """Of the signer of EF.CardSecurity, which need not be the one of the data."""
    signer = replace(SIGNER, key="signer of keys", serial=78)
    who = tlv.build(0x30, signer.issuer, integer(signer.serial))
    known = tlv.build(0x31, tlv.build(0x30, oid(f"{pki.DEFECTS}.1.3")))
    content = tlv.build(0x30, integer(0), oid(pki.SHA256), tlv.build(0x31, tlv.build(0x30, who, known)))
    published = defect_list.read(pki.signed(pki.DEFECTS, content, LISTS.encode(), LISTS))
    holding = Holding(certificates.read(ROOT.encode()), Role.ANCHOR)
    pinned = frozenset({holding.certificate.fingerprint})
    trusted = TrustStore([holding], Statements(defect_lists=[published], publishers=pinned))
    files = {CARD_SECURITY: card_security(PACE, KEY, signer=signer)}
    result = judged(reading(mapping=PASSED, chip="not_performed", further=files), trusted)
    assert found(result, "card_security") == ("inconclusive", "keys_given_up")
    assert words(result) == ("verified", "not_proved")


def test_a_card_security_of_a_revoked_signer_says_so() -> None:
    signer = replace(SIGNER, key="signer of keys", serial=78)
    holding = Holding(certificates.read(ROOT.encode()), Role.ANCHOR)
    trusted = TrustStore([holding], Statements([crl.read(pki.crl(serials=[signer.serial]))]))
    files = {CARD_SECURITY: card_security(PACE, KEY, signer=signer)}
    result = judged(reading(mapping=PASSED, chip="not_performed", further=files), trusted)
    assert found(result, "card_security") == ("failed", "signer_revoked")
    assert words(result) == ("verified", "failed")


def test_a_revoked_signer_is_failed_data_and_an_old_list_leaves_the_question_open() -> None:
    holding = Holding(certificates.read(ROOT.encode()), Role.ANCHOR)
    revoked = TrustStore([holding], Statements([crl.read(pki.crl(serials=[SIGNER.serial]))]))
    assert words(judged(reading(), revoked)) == ("failed", "not_proved")
    old = judged(reading(), at=datetime(2027, 6, 1, tzinfo=UTC))
    assert (words(old), found(old, "revocation")[0]) == (("verified", "genuine"), "inconclusive")


def test_a_chip_that_hides_its_security_object_is_failed_data() -> None:
    result = judged(reading(refused=(SOD,)))
    assert (words(result), found(result, "signature")) == (
        ("failed", "not_proved"),
        ("failed", "security_object_missing"),
    )
    interrupted = judged(reading(without=(SOD,)))
    assert words(interrupted) == ("not_verifiable", "not_proved")


def test_lists_that_differ_are_reported_and_decide_nothing() -> None:
    short = tlv.build(0x60, tlv.build(0x5C, bytes.fromhex("6175")))
    result = judged(reading(further={COM: short}))
    assert (words(result), found(result, "com")) == (
        ("verified", "genuine"),
        ("inconclusive", "lists_differ"),
    )


def test_biometrics_are_judged_by_what_was_compared_and_are_not_here() -> None:
    fingers = pki.sod(GROUPS | {3: b"\x63\x00"})
    same, other = reading(sod=fingers), reading(sod=fingers)
    for each, holds in ((same, True), (other, False)):
        each.purpose, each.biometrics = "trial", {3: holds}
    assert found(judged(same), "hash_dg3") == ("passed", "hash_matches")
    assert words(judged(other)) == ("failed", "not_proved")


@pytest.mark.parametrize(
    ("read", "reason"),
    [
        (reading(), "no_printed_zone"),  # opened by its card access number
        (reading(refused=(DATA_GROUPS[1],)), "dg1_not_read"),
        (reading(without=(DATA_GROUPS[1],)), "dg1_not_read"),  # torn away before
        (reading(groups=GROUPS | {1: b"\x61\x00"}), "zone_not_readable"),
    ],
)
def test_why_dg1_was_not_compared_with_the_page_is_said(read: Reading, reason: str) -> None:
    """A chip that holds DG1 back is another matter than a page without a zone."""
    assert found(verdict.judge(read, store(), AT), "printed_mrz") == ("not_performed", reason)
    at_rest = verdict.judge(read, store(), AT, at_rest=True)
    assert found(at_rest, "printed_mrz") == ("not_performed", "no_printed_zone")


def test_files_at_rest_prove_no_chip_and_lack_nothing() -> None:
    at_rest = Reading(files={SOD: pki.sod(GROUPS), DATA_GROUPS[1]: GROUPS[1]})
    result = verdict.judge(at_rest, store(), AT, at_rest=True)
    assert words(result) == ("verified", "not_proved")
    assert not [each for each in result.checks if each.outcome is Outcome.FAILED]
    assert found(result, "hash_dg2") == ("not_performed", "file_not_given")
    assert found(result, "pace_consistency") == ("not_performed", "card_access_not_given")


@pytest.mark.parametrize(
    ("text", "today", "outcome"),
    [
        ("350415", date(2026, 6, 1), ("passed", "not_expired")),
        ("260601", date(2026, 6, 1), ("passed", "not_expired")),
        ("260531", date(2026, 6, 1), ("failed", "expired")),
        ("770101", date(2026, 6, 1), ("failed", "expired")),
        ("750101", date(2026, 6, 1), ("passed", "not_expired")),
        ("240229", date(2024, 2, 29), ("passed", "not_expired")),
        ("230229", date(2024, 2, 29), ("inconclusive", "date_unreadable")),
        ("<<<<<<", date(2026, 6, 1), ("inconclusive", "date_unreadable")),
        ("26<<<<", date(2026, 6, 1), ("inconclusive", "date_unreadable")),
    ],
)
def test_a_document_is_good_through_its_last_day(text: str, today: date, outcome: tuple[str, str]) -> None:
    zone = judged(reading()).zone
    assert zone is not None
    check = consistency.expiry(replace(zone, mrz=MRZ.replace("350415", text)), today)
    assert (check.outcome.value, check.reason) == outcome


def test_no_personal_data_stand_in_a_check() -> None:
    result = judged(reading(active=PASSED))
    told = repr(result.checks) + repr(result)
    for secret in ("ERIKSSON", "L898902C3", "740812", "ZE184226B"):
        assert secret not in told


FILES = [SOD, COM, CARD_ACCESS, CARD_SECURITY, *DATA_GROUPS.values()]


@settings(max_examples=40, deadline=None)
@given(
    damage=st.lists(st.tuples(st.sampled_from(FILES), st.binary(max_size=40)), max_size=4),
    at=st.integers(0, 3000),
    octet=st.integers(0, 255),
)
def test_no_files_end_otherwise_than_in_a_verdict_and_no_changed_one_in_a_good_one(
    damage: list[tuple[ElementaryFile, bytes]], at: int, octet: int
) -> None:
    read = reading(further={CARD_SECURITY: card_security(PACE, KEY)})
    sod = bytearray(read.files[SOD])
    sod[at % len(sod)] = octet
    read.files[SOD] = bytes(sod)
    for file, data in damage:
        read.files[file] = data
    result = judged(read)
    if any(read.files.get(DATA_GROUPS[number]) != data for number, data in GROUPS.items()):
        assert result.chip is not ChipVerdict.GENUINE
        assert result.data is not DataVerdict.VERIFIED
