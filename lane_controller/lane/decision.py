"""May this passage go?  What the checks of all owning agencies together allow.

A release is the conjunction over agencies (docs/sources.md 2: one agency may not release for another): all
required checks passed is `release`; any inconclusive or not performed is `hold`; any failed is `hold` or
`refer` as the lane's rules say for that check.  Watchlists, lost documents and the draw always refer.  An
operator's release settles the agency's own checks as they were to be seen; a referral is lifted by second
line alone.  A machine never refuses entry: the worst it says is `refer`.

Confidential results never take effect before every check is concluded, and the ordinary screen gets them
under one neutral code: a hit on a watchlist looks like a random re-check (docs/sources.md 59, 73).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from lane_controller.lane.checks import ALWAYS_REFER
from lane_controller.lane.rules import LaneRules
from lane_controller.lane.state import Settlement, Stop
from lane_controller.messages.parts import CheckResult, Reason
from lane_controller.messages.words import Agency, CheckOutcome, Outcome

NEUTRAL = Reason(code="random_recheck")


@dataclass(frozen=True, slots=True)
class Decision:
    """`shown` are the reasons as the ordinary screen may know them; `unsettled` the agencies whose release is
    still missing; `referrals` the results that refer by themselves."""

    outcome: Outcome
    reasons: tuple[Reason, ...] = ()
    shown: tuple[Reason, ...] = ()
    unsettled: tuple[Agency, ...] = ()
    referrals: tuple[CheckResult, ...] = ()


def owners(rules: LaneRules) -> tuple[Agency, ...]:
    """The agencies that own a check of this lane, in the order of its rules."""
    return tuple(dict.fromkeys(rule.agency for rule in rules.checks))


def open_checks(rules: LaneRules, results: tuple[CheckResult, ...]) -> tuple[str, ...]:
    """Required checks that have no result yet."""
    concluded = {result.check for result in results}
    return tuple(rule.check for rule in rules.checks if rule.check not in concluded)


def decide(
    rules: LaneRules,
    results: tuple[CheckResult, ...],
    *,
    caveats: tuple[Reason, ...] = (),
    conditions: tuple[Reason, ...] = (),
    settlements: tuple[Settlement, ...] = (),
    stops: tuple[Stop, ...] = (),
) -> Decision | None:
    """What the evidence allows; None while checks are open and nothing else decides.

    `caveats` hold at once, `conditions` once the checks are concluded; both belong to every owning agency.
    """
    concluded = not open_checks(rules, results)
    findings = [(stop.agency, stop.outcome, stop.reason, stop.confidential) for stop in stops]
    referrals: list[CheckResult] = []
    if concluded:
        for result in results:
            outcome = _weight_of(rules, result)
            if outcome is Outcome.RELEASE or _settled(result, outcome, settlements):
                continue
            findings.append((result.agency, outcome, reason_of(result), result.confidential))
            if outcome is Outcome.REFER:
                referrals.append(result)
    for caveat in (*caveats, *(conditions if concluded else ())):
        for agency in _without_release(rules, caveat, settlements):
            findings.append((agency, Outcome.HOLD, caveat, False))
    if not findings:
        return Decision(Outcome.RELEASE) if concluded else None
    refer = any(outcome is Outcome.REFER for _, outcome, _, _ in findings)
    hidden = any(confidential for _, _, _, confidential in findings)
    shown = [reason for _, _, reason, confidential in findings if not confidential]
    return Decision(
        Outcome.REFER if refer else Outcome.HOLD,
        reasons=_unique(reason for _, _, reason, _ in findings),
        shown=_unique([*shown, NEUTRAL] if hidden else shown),
        unsettled=tuple(dict.fromkeys(agency for agency, _, _, _ in findings)),
        referrals=tuple(referrals),
    )


def reason_of(result: CheckResult) -> Reason:
    """A check's reason with what it was about."""
    about = {"check": result.check, "agency": str(result.agency), "subject": result.subject}
    return Reason(code=result.reason.code, parameters={**result.reason.parameters, **about})


def _weight_of(rules: LaneRules, result: CheckResult) -> Outcome:
    match result.outcome:
        case CheckOutcome.PASSED:
            return Outcome.RELEASE
        case CheckOutcome.INCONCLUSIVE | CheckOutcome.NOT_PERFORMED:
            return Outcome.HOLD
        case CheckOutcome.FAILED:
            if result.check in ALWAYS_REFER or result.confidential:
                return Outcome.REFER
            on_failed = next((rule.on_failed for rule in rules.checks if rule.check == result.check), None)
            return Outcome.REFER if on_failed is Outcome.REFER else Outcome.HOLD


def _settled(result: CheckResult, outcome: Outcome, settlements: tuple[Settlement, ...]) -> bool:
    return any(
        settlement.agency is result.agency
        and result in settlement.results
        and (outcome is Outcome.HOLD or settlement.second_line)
        for settlement in settlements
    )


def _without_release(
    rules: LaneRules, caveat: Reason, settlements: tuple[Settlement, ...]
) -> tuple[Agency, ...]:
    """The owning agencies that did not yet release in view of this caveat; `border` where nobody owns."""
    released = {settlement.agency for settlement in settlements if caveat.code in settlement.caveats}
    return tuple(agency for agency in owners(rules) or (Agency.BORDER,) if agency not in released)


def _unique(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    found: list[Reason] = []
    for reason in reasons:
        if reason not in found:
            found.append(reason)
    return tuple(found)
