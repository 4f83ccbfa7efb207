"""Was this passage drawn for a random re-check?

The draw is a register asked with lane and passage number, which nobody at the lane can vary; the seed is
committed before the shift and disclosed after it, so anyone can recompute the choices.  No answer is "not
performed": pulling the cable avoids nothing.
"""

from lane_controller.lane.checks.results import Verdicts
from lane_controller.lane.evidence import Evidence, Question
from lane_controller.messages.parts import CheckResult

NAME: str = "random_recheck"
SOURCE = "draw by commit and reveal over (lane, passage number)"


def questions(evidence: Evidence) -> tuple[Question, ...]:
    return (Question("draw", "", (("lane", evidence.rules.lane), ("passage", evidence.passage))),)


def conclude(evidence: Evidence) -> tuple[CheckResult, ...]:
    answered = evidence.answer("draw", "")
    if answered is None:
        return ()
    verdicts = Verdicts(evidence, NAME, SOURCE, confidential=True)
    if answered.hits is None:
        return (verdicts.not_performed(answered),)
    selected = [hit.get("selected") for hit in answered.hits]
    if selected == [True]:
        return (verdicts.failed("selected"),)
    if selected == [False]:
        return (verdicts.passed("not_selected"),)
    return (verdicts.inconclusive("draw_not_understood"),)
