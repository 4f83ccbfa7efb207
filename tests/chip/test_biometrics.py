"""Fingers and iris, read by terminal authentication from a chip that the simulator made, and shown to
nobody."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from drivers.emrtd import terminal_key
from drivers.emrtd.biometrics import Biometrics
from drivers.emrtd.check import Outcome
from drivers.emrtd.elementary_files import DATA_GROUPS
from drivers.emrtd.errors import TerminalKeyError
from simulators.card.faults import Fault, FaultName
from simulators.card.personalisation import Personalisation, data_group
from simulators.card.pki.keys import EcKey
from simulators.card.terminals import terminal_chain
from tests.chip.meeting import PACE_CAM, PACE_GM, Meeting, document

GM = {"access": {"pace": [PACE_GM]}, "chip_authentication": [{}]}

EAC = GM | {"terminal_authentication": {}, "files": {"groups": [1, 2, 3, 4]}}


def biometrics(meeting: Meeting, rights: int = 3) -> Biometrics:
    chain = terminal_chain(meeting.document, date(2026, 1, 1), rights=rights)
    key = terminal_key.load(private_key(chain), chain.presented)
    return Biometrics("second line: identity in doubt", key)


def private_key(chain: Any) -> bytes:
    plan = chain.terminal.key
    if isinstance(plan, EcKey):
        named = {"brainpoolP256r1": ec.BrainpoolP256R1(), "secp384r1": ec.SECP384R1()}[plan.curve.name]
        key: Any = ec.derive_private_key(plan.private, named)
    else:
        parts = (plan.p, plan.q, plan.d)
        more = (
            rsa.rsa_crt_dmp1(plan.d, plan.p),
            rsa.rsa_crt_dmq1(plan.d, plan.q),
            rsa.rsa_crt_iqmp(plan.p, plan.q),
        )
        key = rsa.RSAPrivateNumbers(*parts, *more, rsa.RSAPublicNumbers(plan.e, plan.n)).private_key()
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@pytest.mark.parametrize("parts", [EAC, {**EAC, "access": {}}], ids=["after PACE", "after BAC"])
def test_fingers_and_iris_are_compared_and_never_shown(parts: dict[str, Any]) -> None:
    meeting = Meeting(document(**parts))
    reading = meeting.reader(biometrics=biometrics(meeting)).run()
    assert reading.terminal_authentication.outcome is Outcome.PASSED
    assert (reading.biometrics, reading.purpose) == ({3: True, 4: True}, "second line: identity in doubt")
    assert not {DATA_GROUPS[3], DATA_GROUPS[4]} & (reading.files.keys() | reading.refused.keys())
    held = meeting.personalisation.files[data_group(3)]
    assert all(held[8:24] not in data for data in reading.files.values())


def test_a_terminal_reads_no_more_than_it_has_a_right_to() -> None:
    meeting = Meeting(document(**EAC))
    reading = meeting.reader(biometrics=biometrics(meeting, rights=1)).run()
    assert reading.biometrics == {3: True}
    assert "read:DG4" not in meeting.steps


def test_without_key_and_purpose_fingers_are_not_even_asked_for() -> None:
    meeting = Meeting(document(**EAC))
    reading = meeting.reader().run()
    assert not {"read:DG3", "read:DG4", "select:DG3", "select:DG4"} & set(meeting.steps)
    assert reading.biometrics == {}
    with pytest.raises(ValueError, match="named purpose"):
        replace(biometrics(meeting), purpose=" ")


def test_fingers_that_the_issuer_did_not_sign_are_told() -> None:
    def change(each: Personalisation) -> Personalisation:
        files = dict(each.files)
        files[data_group(3)] = files[data_group(3)][:-1] + b"\xaa"
        return replace(each, files=files)

    meeting = Meeting(document(**EAC), change=change)
    assert meeting.reader(biometrics=biometrics(meeting)).run().biometrics == {3: False, 4: True}


def test_a_terminal_that_the_chip_does_not_know_costs_only_the_biometrics() -> None:
    meeting = Meeting(document(**EAC), Fault(FaultName.STATUS, "certificate", value=0x6300))
    reading = meeting.reader(biometrics=biometrics(meeting)).run()
    assert reading.terminal_authentication.outcome is Outcome.INCONCLUSIVE
    assert (reading.terminal_authentication.reason, reading.biometrics) == ("chip_refuses", {})
    assert DATA_GROUPS[2] in reading.files


@pytest.mark.parametrize(
    "parts",
    [
        {"terminal_authentication": {"key": "secp384r1", "signature": "sha384"}},
        {"terminal_authentication": {"key": "rsa-2048", "signature": "sha256"}},
        {"terminal_authentication": {"key": "rsa-3072", "signature": "pss-sha512"}},
        {"terminal_authentication": {"file_id": 0x0120}},
        {"chip_authentication": [{"key": "modp2048-256", "cipher": "AES-256"}]},
        {"chip_authentication": [{"cipher": "3DES", "announced": False}]},
        {"access": {"pace": [PACE_CAM]}, "chip_authentication_mapping": {}},
        {"access": {"pace": ["DH-GM AES-128 modp2048-224"]}},
    ],
    ids=str,
)
def test_every_way_of_authentication_gives_the_right(parts: dict[str, Any]) -> None:
    meeting = Meeting(document(**(EAC | parts)))
    reading = meeting.reader(biometrics=biometrics(meeting)).run()
    assert reading.chip_authentication.outcome is Outcome.PASSED
    assert (reading.terminal_authentication.outcome, reading.biometrics) == (
        Outcome.PASSED,
        {3: True, 4: True},
    )


def test_after_a_lost_tag_the_terminal_shows_itself_again() -> None:
    made = document(**EAC)
    whole = Meeting(made)
    whole.reader(biometrics=biometrics(whole)).run()
    at = whole.steps.index("read:DG4")
    meeting = Meeting(made)
    meeting.lost_at = frozenset({at})
    reading = meeting.reader(biometrics=biometrics(meeting)).run()
    assert (reading.sessions, reading.biometrics) == (2, {3: True, 4: True})
    assert meeting.steps.count("ta") == 2


def test_a_terminal_whose_key_is_away_reads_the_rest() -> None:
    meeting = Meeting(document(**EAC))
    known = biometrics(meeting)

    def away(_message: bytes) -> bytes:
        raise TerminalKeyError("the token is not in its slot")

    without = replace(known, key=replace(known.key, sign=away))
    reading = meeting.reader(biometrics=without).run()
    assert reading.terminal_authentication.reason == "terminal_key_unusable"
    assert DATA_GROUPS[2] in reading.files


def test_a_clone_is_shown_no_terminal() -> None:
    """What terminal authentication signs is bound to the key of a chip authentication that passed."""
    meeting = Meeting(document(**EAC), Fault(FaultName.STATUS, "ca", times=0, value=0x6300))
    reading = meeting.reader(biometrics=biometrics(meeting)).run()
    assert reading.terminal_authentication.reason == "chip_authentication_missing"
    assert "certificate" not in meeting.steps
