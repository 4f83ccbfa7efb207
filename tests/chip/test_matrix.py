"""Every algorithm of Doc 9303-11 and 12, reader against chip: each two of them in one document at least.

The product of all axes has more documents than anybody could read, and most of it would say nothing new: a
signature does not know how the session was opened.  What works on one another is multiplied out in
`make test-long`: every way in (mapping, cipher, group) with every chip authentication (group, cipher) and
with both passwords, every active authentication with every hash over every seventh way in, every signer
(key, signature) with every CSCA, digest and form of EF.SOD, and every form of EF.SOD with every form of
document and face.
"""

import functools
import itertools
from datetime import date

import pytest

from drivers.emrtd.access_key import CanKey
from drivers.emrtd.check import Outcome
from drivers.emrtd.reading import Reading
from drivers.emrtd.trust_store import TrustStore
from drivers.emrtd.verdict import ChipVerdict
from simulators.card.attacks.specimen import Specimen
from simulators.card.document import Signing
from simulators.card.personaliser import personalise
from tests.chip import axes
from tests.chip.judging import judged, own_trust
from tests.chip.meeting import CAN, Meeting, document

CASES = list(axes.pairwise())
READ_ON = date(2026, 6, 1)


@functools.lru_cache(maxsize=64)
def published_by(signing: Signing) -> TrustStore:
    """What the state that signs so publishes; all cases' documents were issued on one day."""
    return own_trust(document(signing=signing, page=axes.PAGE), READ_ON)


def read_and_judged(case: axes.Case) -> Reading:
    """The reading of a document of these algorithms, which must be genuine; that says verified, too."""
    made = document(**axes.parts(case))
    key = CanKey(CAN) if case["password"] == "CAN" else None
    chip = Specimen(made, personalise(made), {}, READ_ON, made.behaviour, made.faults)
    reading = Meeting(chip).reader(key).run()
    found = judged(reading, made, READ_ON, published_by(made.signing))
    said = {each.name: (each.outcome.value, each.reason) for each in found.checks}
    assert found.chip is ChipVerdict.GENUINE, (case, said)
    return reading


def test_the_cases_are_few_and_hold_every_pair() -> None:
    assert len(CASES) <= 200
    assert all(axes.fits(case) for case in CASES)
    held = set[axes.Pair]().union(*(axes.pairs_of(case) for case in CASES))
    assert held >= axes.pairs()


@pytest.mark.parametrize("case", CASES, ids=lambda case: " ".join(case.values()))
def test_a_document_of_these_algorithms_is_verified_and_genuine(case: axes.Case) -> None:
    reading = read_and_judged(case)
    for check, there in (
        (reading.chip_authentication_mapping, case["mapping"] == "ECDH-CAM"),
        (reading.chip_authentication, case["chip_group"] != axes.NONE and case["mapping"] != "ECDH-CAM"),
    ):
        assert (check.outcome is Outcome.PASSED) == there


WAYS_IN = [
    {"mapping": mapping, "cipher": cipher, "group": group}
    for mapping, cipher, group in itertools.product(axes.MAPPINGS, axes.CIPHERS, axes.AXES["group"])
    if axes.fits({"mapping": mapping, "cipher": cipher, "group": group})
]
PLAIN = {
    "password": "MRZ",
    "chip_group": axes.NONE,
    "chip_cipher": "AES-128",
    "active": axes.NONE,
    "active_hash": "sha256",
    "signer": "brainpoolP256r1",
    "signature": "ecdsa-sha256",
    "csca": "brainpoolP384r1",
    "digest": "sha256",
    "sod": "plain",
    "form": "TD3",
    "face": "19794-5 jpeg",
}


@pytest.mark.long
@pytest.mark.parametrize("way", WAYS_IN, ids=lambda way: " ".join(way.values()))
def test_every_way_in_goes_with_every_chip_authentication(way: dict[str, str]) -> None:
    for group, cipher in itertools.product((*axes.MODP, *axes.CURVES), axes.CIPHERS):
        read_and_judged(PLAIN | way | {"chip_group": group, "chip_cipher": cipher})


@pytest.mark.long
@pytest.mark.parametrize("active", axes.AXES["active"][1:])
def test_every_active_authentication_goes_with_every_cipher(active: str) -> None:
    for hash_name, way in itertools.product(axes.AXES["active_hash"], WAYS_IN[::7]):
        read_and_judged(PLAIN | way | {"active": active, "active_hash": hash_name})


@pytest.mark.long
@pytest.mark.parametrize("signer", axes.AXES["signer"])
def test_every_signature_goes_with_every_form_of_the_security_object(signer: str) -> None:
    way = {"mapping": "BAC", "cipher": "3DES", "group": axes.MODP[0], "active": "secp256r1"}
    for signature, *others in itertools.product(
        *(axes.AXES[name] for name in ("signature", "csca", "digest", "sod"))
    ):
        case = PLAIN | way | dict(zip(("csca", "digest", "sod"), others, strict=True))
        case |= {"signer": signer, "signature": signature}
        if axes.fits(case):
            read_and_judged(case)


@pytest.mark.long
def test_every_way_in_by_pace_goes_with_the_card_access_number() -> None:
    for way in WAYS_IN:
        if way["mapping"] != "BAC":
            chip = {} if way["mapping"] == "ECDH-CAM" else {"active": "secp256r1"}
            read_and_judged(PLAIN | way | chip | {"password": "CAN"})


@pytest.mark.long
@pytest.mark.parametrize("sod", axes.AXES["sod"])
def test_every_form_of_document_and_face_goes_with_every_form_of_the_security_object(sod: str) -> None:
    way = {"mapping": "BAC", "cipher": "3DES", "group": axes.MODP[0], "active": "secp256r1"}
    for form, face in itertools.product(axes.AXES["form"], axes.AXES["face"]):
        read_and_judged(PLAIN | way | {"form": form, "face": face, "sod": sod})
