"""Does the chip say what the page prints?  ICAO Doc 9303-10, 4.7.1: DG1 is the zone, every character of it.

Number, birth and expiry open the chip, so they agree by themselves; a page with another name on it is found
here alone.
"""

from lane_controller.lane.checks.chips import each_chip
from lane_controller.lane.checks.results import Verdicts
from lane_controller.lane.evidence import Evidence, Question
from lane_controller.messages.parts import CheckResult, ChipReading
from lane_controller.messages.words import CheckOutcome

NAME: str = "chip_print"


def questions(evidence: Evidence) -> tuple[Question, ...]:
    return ()


def conclude(evidence: Evidence) -> tuple[CheckResult, ...]:
    return each_chip(evidence, NAME, _one)


def _one(verdicts: Verdicts, reading: ChipReading, subject: str) -> CheckResult:
    found = next((one.outcome for one in reading.checks if one.name == "printed_mrz"), None)
    fields = ", ".join(reading.differs)
    match found:
        case CheckOutcome.PASSED:
            return verdicts.passed("chip_as_printed", subject)
        case CheckOutcome.FAILED:
            return verdicts.failed("chip_differs", subject, fields=fields)
        case CheckOutcome.INCONCLUSIVE:
            return verdicts.inconclusive("chip_print_not_sure", subject, fields=fields)
        case _:
            return verdicts.inconclusive("chip_without_zone", subject)
