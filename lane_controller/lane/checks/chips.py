"""What the checks of a document's chip share: whose chip it is, what of its inspection tells most, and what
an unread chip means.  ICAO Doc 9303-11, table 1."""

from collections.abc import Callable, Container

from lane_controller.lane.checks.results import Verdicts
from lane_controller.lane.evidence import Answered, Evidence
from lane_controller.lane.facts import ChipRead
from lane_controller.messages.parts import CheckResult, ChipReading, Reason
from lane_controller.messages.words import CheckOutcome

SOURCE = "ICAO Doc 9303-11, table 1"
NOT_SHOWN = frozenset({"no_chip", "no_emrtd"})
"""Why there is no reading where nobody showed a chip at all."""
OF_CHIP = frozenset(
    {
        "chip_authentication_mapping",
        "chip_authentication",
        "active_authentication",
        "card_security",
        "files",
        "pace_consistency",
        "card_security_consistency",
    }
)
"""Tests of the chip; the others, but these, are of its data."""
OF_NEITHER = frozenset({"access", "printed_mrz", "com", "expiry", "terminal_authentication", "trust_store"})


def each_chip(
    evidence: Evidence,
    name: str,
    conclude: Callable[[Verdicts, ChipReading, str], CheckResult],
    refused: Callable[[Verdicts, ChipRead, str], CheckResult | None] | None = None,
) -> tuple[CheckResult, ...]:
    """One result a document; () while a chip is still being read.  `refused` may say more of a chip that was
    not read than that it was not."""
    if not evidence.people_complete():
        return ()
    verdicts = Verdicts(evidence, name, SOURCE)
    people, results = evidence.people(), list[CheckResult]()
    for n in range(1, max(len(people), evidence.people_expected() or 1) + 1):
        subject = f"person-{n}"
        if n > len(people):
            results.append(verdicts.inconclusive("no_document", subject))
        elif evidence.rules.chip is None or not people[n - 1].lines:
            results.append(_not_performed(verdicts, Reason(code="chip_not_asked"), subject))
        elif (read := evidence.chip(people[n - 1])) is None:
            return ()
        elif read.reading is not None:
            results.append(conclude(verdicts, read.reading, subject))
        else:
            more = refused(verdicts, read, subject) if refused is not None else None
            results.append(more or _unread(verdicts, evidence, read, subject))
    return tuple(results)


def _unread(verdicts: Verdicts, evidence: Evidence, read: ChipRead, subject: str) -> CheckResult:
    reason = read.reason or Reason(code="no_answer")
    required = evidence.rules.chip is None or evidence.rules.chip.required
    if reason.code in NOT_SHOWN and not required:
        return verdicts.passed("chip_not_required", subject)
    return _not_performed(verdicts, reason, subject)


def _not_performed(verdicts: Verdicts, reason: Reason, subject: str) -> CheckResult:
    return verdicts.not_performed(Answered(None, "", reason), subject)


def telling(
    reading: ChipReading, outcomes: Container[CheckOutcome], *, of_chip: bool
) -> tuple[str | None, str | None]:
    """The first test of this kind with one of these outcomes, and its reason's code; None for none."""
    for one in reading.checks:
        mine = one.name in OF_CHIP if of_chip else one.name not in OF_CHIP | OF_NEITHER
        if mine and one.outcome in outcomes:
            return one.name, one.reason.code
    return None, None
