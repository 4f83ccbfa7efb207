"""A mapping is worth what its EF.CardSecurity is: where nobody vouches for that, DG14's key is asked for."""

from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from drivers.document_reader.chip_inspection import inspect
from drivers.document_reader.chips import ChipTerms, PrintedZone
from drivers.emrtd import signed_card_security
from drivers.emrtd.check import Outcome
from drivers.emrtd.portraits.decode import Decoder
from drivers.emrtd.reading import Reading
from drivers.emrtd.verdict import ChipVerdict, Verdict
from simulators.card.attacks.specimen import changed
from simulators.card.document import Document
from simulators.card.national import national_pki
from simulators.card.personalisation import EF_CARD_SECURITY, Personalisation
from simulators.card.personaliser import personalise
from tests.chip.judging import judged, moment, own_trust
from tests.chip.meeting import PACE_CAM, Meeting, document

ON = date(2026, 6, 1)
CAM = {"access": {"pace": [PACE_CAM]}, "chip_authentication_mapping": {}}
CA, AA = {"chip_authentication": [{}]}, {"active_authentication": {"key": "rsa-2048"}}


def by_a_stranger(chip: Personalisation, made: Document) -> Personalisation:
    """The same with another mapping key, and its EF.CardSecurity signed by one who only calls himself the
    state."""
    stranger = national_pki(changed(made, signing={"csca": "secp521r1", "csca_signature": "sha512"}))
    other = personalise(changed(made, page={"number": "OTHER0001", "lines": ()}), stranger)
    files = {**chip.files, EF_CARD_SECURITY: other.files[EF_CARD_SECURITY]}
    return replace(chip, files=files, chip_authentication_mapping=other.chip_authentication_mapping)


def met(parts: dict[str, Any], *, strange: bool = True, keyless: bool = False) -> Meeting:
    def change(chip: Personalisation) -> Personalisation:
        if strange:
            chip = by_a_stranger(chip, document(**parts))
        return replace(chip, chip_authentication=(), active_authentication=None) if keyless else chip

    return Meeting(document(**parts), change=change)


def read(meeting: Meeting) -> tuple[Reading, Verdict]:
    """By a reader that asks the document's own trust store."""
    store = own_trust(meeting.document, ON)
    reading = meeting.reader(
        card_security_counts=lambda file: signed_card_security.counts(file, store, moment(ON))
    ).run()
    return reading, judged(reading, meeting.document, ON, store)


def found(verdict: Verdict, name: str) -> tuple[str, str]:
    check = next(each for each in verdict.checks if each.name == name)
    return check.outcome.value, check.reason


def test_a_chip_whose_card_security_nobody_vouches_for_proves_the_signed_key_of_dg14() -> None:
    meeting = met(CAM | CA)
    _, verdict = read(meeting)
    assert found(verdict, "chip_authentication_mapping") == ("passed", "chip_proved_its_key")
    assert found(verdict, "card_security") == ("inconclusive", "issuer_key_differs")
    assert found(verdict, "chip_authentication") == ("passed", "chip_proved_its_key")
    assert verdict.chip is ChipVerdict.GENUINE
    blind = met(CAM | CA).reader().run()
    assert judged(blind, meeting.document, ON).chip is ChipVerdict.NOT_PROVED


def test_a_chip_whose_card_security_its_state_signed_is_asked_for_no_second_proof() -> None:
    meeting = met(CAM | CA, strange=False)
    _, verdict = read(meeting)
    assert found(verdict, "chip_authentication") == ("not_performed", "not_needed")
    assert (verdict.chip, Counter(meeting.steps)["ca"]) == (ChipVerdict.GENUINE, 0)


def test_a_copy_gains_nothing_by_a_card_security_of_its_own() -> None:
    """Its own mapping key, and nothing that proves a key of the document."""
    reading, verdict = read(met(CAM | CA, keyless=True))
    assert reading.chip_authentication_mapping.outcome is Outcome.PASSED
    assert reading.chip_authentication.outcome is Outcome.FAILED
    assert verdict.chip is ChipVerdict.FAILED
    _, without_another_key = read(met(CAM, keyless=True))
    assert without_another_key.chip is ChipVerdict.NOT_PROVED


@pytest.mark.parametrize(("strange", "reason"), [(True, "chip_proved_its_key"), (False, "not_needed")])
def test_a_long_active_authentication_is_left_out_only_where_the_mapping_counts(
    strange: bool, reason: str
) -> None:
    _, verdict = read(met(CAM | AA, strange=strange))
    assert found(verdict, "active_authentication")[1] == reason
    assert verdict.chip is ChipVerdict.GENUINE


def test_a_lane_asks_its_own_trust_store() -> None:
    meeting = met(CAM | CA)
    terms = ChipTerms(own_trust(meeting.document, ON), moment(ON), 5.0, 20.0)
    with Decoder() as decoder:
        inspected = inspect(
            meeting.exchange,
            PrintedZone(meeting.document.mrz, ON),
            terms,
            reconnect=meeting.reconnect,
            look=lambda: None,
            decoder=decoder,
        )
    assert inspected.verdict.chip is ChipVerdict.GENUINE
    assert found(inspected.verdict, "card_security")[0] == "inconclusive"
