"""Is it the chip that the state made, and no copy?  ICAO Doc 9303-11, 6.1, 6.2 and 4.4.3.5: the chip proves a
private key whose public one the signed data hold.

A chip that proves nothing is no forgery (old ones have no key), and no proof either.  Two cards in the field,
or answers that no chip of a state gives, are a failure: somebody lays another chip under the document.
"""

from lane_controller.lane.checks.chips import each_chip, telling
from lane_controller.lane.checks.results import Verdicts
from lane_controller.lane.evidence import Evidence, Question
from lane_controller.lane.facts import ChipRead
from lane_controller.messages.parts import CheckResult, ChipReading
from lane_controller.messages.words import CheckOutcome

NAME: str = "chip_genuine"
DECEIVES = frozenset({"two_cards", "chip_protocol_broken"})


def questions(evidence: Evidence) -> tuple[Question, ...]:
    return ()


def conclude(evidence: Evidence) -> tuple[CheckResult, ...]:
    return each_chip(evidence, NAME, _one, _refused)


def _one(verdicts: Verdicts, reading: ChipReading, subject: str) -> CheckResult:
    match reading.chip:
        case "genuine":
            return verdicts.passed("chip_is_genuine", subject)
        case "failed":
            test, why = telling(reading, {CheckOutcome.FAILED}, of_chip=True)
            return verdicts.failed("chip_not_genuine", subject, chip_check=test, chip_reason=why)
        case _:
            return verdicts.inconclusive("chip_not_proved", subject)


def _refused(verdicts: Verdicts, read: ChipRead, subject: str) -> CheckResult | None:
    if read.reason is not None and read.reason.code in DECEIVES:
        return verdicts.failed(read.reason.code, subject)
    return None
