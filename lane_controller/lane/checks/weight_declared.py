"""Is the gross weight as declared, within the lane's tolerance?

The declaration (CMR waybill, transit declaration, international vehicle weight certificate) is asked of a
register by the front plate.
"""

from lane_controller.lane.checks.plates import questions_about_front_plate, unread
from lane_controller.lane.checks.results import Verdicts
from lane_controller.lane.checks.weight_settled import weight_problem
from lane_controller.lane.evidence import Evidence, Question
from lane_controller.messages.parts import CheckResult

NAME: str = "weight_declared"
SOURCE = "declaration of the consignment"


def questions(evidence: Evidence) -> tuple[Question, ...]:
    return questions_about_front_plate(evidence, "declaration")


def conclude(evidence: Evidence) -> tuple[CheckResult, ...]:
    verdicts = Verdicts(evidence, NAME, SOURCE)
    problem = weight_problem(evidence)
    if problem == "open":
        return ()
    if missing := unread(evidence, verdicts):
        return missing
    answered = evidence.answer("declaration", "plate-front")
    if answered is None:
        return ()
    if answered.hits is None:
        return (verdicts.not_performed(answered),)
    weight = evidence.weight.weight if evidence.weight else None
    if problem or weight is None:
        return (verdicts.inconclusive("no_weight"),)
    declared = [hit["gross_kg"] for hit in answered.hits if isinstance(hit.get("gross_kg"), int | float)]
    if not declared:
        return (verdicts.inconclusive("no_declaration"),)
    nearest = min(declared, key=lambda kg: abs(kg - weight.gross_kg))
    difference = weight.gross_kg - nearest
    allowed = nearest * evidence.rules.weight_tolerance + evidence.rules.expanded_uncertainty_kg
    if abs(difference) <= allowed:
        return (verdicts.passed("as_declared", declared_kg=nearest, difference_kg=round(difference)),)
    return (
        verdicts.failed(
            "differs_from_declared",
            declared_kg=nearest,
            difference_kg=round(difference),
            allowed_kg=round(allowed),
        ),
    )
