"""Is the gross weight within the legal limit for the vehicle's configuration, here and today?

Limits are dated data with their sources (`lane/data/weight_limits.toml`).  The configuration comes from the
declaration, since no sensor of this lane counts axles by coupling; without one, only what holds for every
vehicle can be said.  The result states limit, excess and expanded uncertainty: a lane refers, an inspector
decides.  A limit marked unverified never fails anybody.
"""

from lane_controller.lane.checks.plates import questions_about_front_plate
from lane_controller.lane.checks.results import Verdicts
from lane_controller.lane.checks.weight_settled import weight_problem
from lane_controller.lane.evidence import Evidence, Question
from lane_controller.lane.limits import Configuration, Limit, configuration, extremes, limit_for
from lane_controller.messages.parts import CheckResult

NAME: str = "weight_limit"
SOURCE = "lane_controller/lane/data/weight_limits.toml"


def questions(evidence: Evidence) -> tuple[Question, ...]:
    return questions_about_front_plate(evidence, "declaration")


def conclude(evidence: Evidence) -> tuple[CheckResult, ...]:
    problem = weight_problem(evidence)
    if problem == "open":
        return ()
    verdicts = Verdicts(evidence, NAME, SOURCE)
    weight = evidence.weight.weight if evidence.weight else None
    if problem or weight is None:
        return (verdicts.inconclusive("no_weight"),)
    if evidence.today is None:
        return (verdicts.inconclusive("date_not_known"),)
    plate_may_come = evidence.plate("front") is None and "plate" not in evidence.given_up
    asked = bool(questions(evidence))
    if plate_may_come or (asked and evidence.answer("declaration", "plate-front") is None):
        return ()
    vehicle = _vehicle(evidence)
    if vehicle is not None:
        limit = limit_for(evidence.rules.state, vehicle, evidence.today)
        if limit is None:
            return (verdicts.inconclusive("no_limit_for_configuration", state=evidence.rules.state),)
        return (_compare(evidence, verdicts, weight.gross_kg, limit),)
    span = extremes(evidence.rules.state, evidence.today)
    if span is None:
        return (verdicts.inconclusive("no_limit_for_state", state=evidence.rules.state),)
    lowest, highest = span
    if weight.gross_kg <= lowest.gross_kg:
        return (_compare(evidence, verdicts, weight.gross_kg, lowest),)
    if weight.gross_kg > highest.gross_kg:
        return (_compare(evidence, verdicts, weight.gross_kg, highest),)
    return (verdicts.inconclusive("configuration_unknown", gross_kg=weight.gross_kg),)


def _vehicle(evidence: Evidence) -> Configuration | None:
    """The declared configuration; None when none was declared or declarations disagree."""
    answered = evidence.answer("declaration", "plate-front")
    if answered is None or not answered.hits:
        return None
    declared = {configuration(str(hit.get("vehicle", ""))) for hit in answered.hits}
    return declared.pop() if len(declared) == 1 else None


def _compare(evidence: Evidence, verdicts: Verdicts, gross_kg: float, limit: Limit) -> CheckResult:
    uncertainty_kg = evidence.rules.expanded_uncertainty_kg
    excess_kg = gross_kg - limit.gross_kg
    source = f"{limit.state}: {limit.source}"
    if excess_kg <= 0:
        return verdicts.passed("within_limit", source=source, gross_kg=gross_kg, limit_kg=limit.gross_kg)
    if not limit.verified:
        return verdicts.inconclusive(
            "over_unverified_limit", source=source, limit_kg=limit.gross_kg, excess_kg=round(excess_kg)
        )
    if excess_kg <= uncertainty_kg:
        return verdicts.inconclusive(
            "over_within_uncertainty", source=source, limit_kg=limit.gross_kg, excess_kg=round(excess_kg)
        )
    return verdicts.failed(
        "over_limit",
        source=source,
        limit_kg=limit.gross_kg,
        excess_kg=round(excess_kg),
        uncertainty_kg=round(uncertainty_kg),
    )
