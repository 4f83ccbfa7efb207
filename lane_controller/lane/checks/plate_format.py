"""Is the plate's text a form that some country issues?  Formats are dated data with sources in `anpr`.

A text that fits no series is a misreading, a show plate or a country the table lacks: an operator looks.  It
is never failed, because the table is younger than some vehicles on the road.
"""

from anpr.formats import match
from lane_controller.lane.checks.plates import sure_plate, unread
from lane_controller.lane.checks.results import Verdicts
from lane_controller.lane.evidence import Evidence, Question
from lane_controller.messages.parts import CheckResult

NAME: str = "plate_format"
SOURCE = "anpr/formats.toml"


def questions(evidence: Evidence) -> tuple[Question, ...]:
    return ()


def conclude(evidence: Evidence) -> tuple[CheckResult, ...]:
    verdicts = Verdicts(evidence, NAME, SOURCE)
    if missing := unread(evidence, verdicts):
        return missing
    results: list[CheckResult] = []
    for side in ("front", "rear"):
        plate = sure_plate(evidence, side)
        if plate is None:
            continue
        found = match(plate.text)
        if found.known:
            results.append(
                verdicts.passed("known_format", f"plate-{side}", countries=", ".join(found.countries))
            )
        else:
            results.append(verdicts.inconclusive("unknown_format", f"plate-{side}"))
    return tuple(results) if sure_plate(evidence, "front") is not None else ()
