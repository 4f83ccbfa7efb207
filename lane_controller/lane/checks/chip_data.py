"""Did a state sign what the chip holds?  ICAO Doc 9303-11, 5.1: passive authentication.

Whoever signed it must lead to a root in the lane's trust store: without one nothing is said against the data,
and a person looks.
"""

from lane_controller.lane.checks.chips import each_chip, telling
from lane_controller.lane.checks.results import Verdicts
from lane_controller.lane.evidence import Evidence, Question
from lane_controller.messages.parts import CheckResult, ChipReading
from lane_controller.messages.words import CheckOutcome

NAME: str = "chip_data"


def questions(evidence: Evidence) -> tuple[Question, ...]:
    return ()


def conclude(evidence: Evidence) -> tuple[CheckResult, ...]:
    return each_chip(evidence, NAME, _one)


def _one(verdicts: Verdicts, reading: ChipReading, subject: str) -> CheckResult:
    match reading.data:
        case "verified":
            return verdicts.passed("chip_data_verified", subject)
        case "failed":
            test, why = telling(reading, {CheckOutcome.FAILED}, of_chip=False)
            return verdicts.failed("chip_data_failed", subject, chip_check=test, chip_reason=why)
        case _:
            open_ones = {CheckOutcome.INCONCLUSIVE, CheckOutcome.NOT_PERFORMED}
            test, why = telling(reading, open_ones, of_chip=False)
            return verdicts.inconclusive(
                "chip_data_not_verifiable", subject, chip_check=test, chip_reason=why
            )
