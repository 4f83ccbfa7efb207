"""Is a plate of this vehicle on the watchlist?  Exact canonical text only; for second line alone."""

from lane_controller.lane.checks.plates import sure_plate, unread
from lane_controller.lane.checks.results import Verdicts
from lane_controller.lane.evidence import Evidence, Question
from lane_controller.messages.parts import CheckResult

NAME: str = "plate_watchlist"
SOURCE = "watchlist of plates, by canonical text"
SIDES = ("front", "rear")


def questions(evidence: Evidence) -> tuple[Question, ...]:
    return tuple(
        Question("watchlist_plate", f"plate-{side}", (("plate", plate.text),))
        for side in SIDES
        if (plate := sure_plate(evidence, side)) is not None
    )


def conclude(evidence: Evidence) -> tuple[CheckResult, ...]:
    verdicts = Verdicts(evidence, NAME, SOURCE, confidential=True)
    if missing := unread(evidence, verdicts):
        return missing
    results: list[CheckResult] = []
    for side in SIDES:
        if sure_plate(evidence, side) is None:
            if side == "front":
                return ()
            continue
        answered = evidence.answer("watchlist_plate", f"plate-{side}")
        if answered is None:
            return ()
        if answered.hits is None:
            results.append(verdicts.not_performed(answered, f"plate-{side}"))
        elif answered.hits:
            results.append(verdicts.failed("on_watchlist", f"plate-{side}", as_of=answered.as_of))
        else:
            results.append(verdicts.passed("not_listed", f"plate-{side}", as_of=answered.as_of))
    return tuple(results)
