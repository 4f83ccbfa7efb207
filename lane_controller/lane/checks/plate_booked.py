"""Has the plate a booking for this lane's crossing today?

Source: the electronic queue's rules (Kazakhstan: order 707 of 27.06.2023, the plate of a booking cannot be
changed).  Slots are compared by date: how early a vehicle may come is the register's to say.
"""

from datetime import date

from lane_controller.lane.checks.plates import questions_about_front_plate, unread
from lane_controller.lane.checks.results import Verdicts
from lane_controller.lane.evidence import Evidence, Question
from lane_controller.messages.parts import CheckResult

NAME: str = "plate_booked"
SOURCE = "electronic queue (KZ: MinFin order 707 of 27.06.2023)"


def questions(evidence: Evidence) -> tuple[Question, ...]:
    return questions_about_front_plate(evidence, "booking")


def conclude(evidence: Evidence) -> tuple[CheckResult, ...]:
    verdicts = Verdicts(evidence, NAME, SOURCE)
    if missing := unread(evidence, verdicts):
        return missing
    answered = evidence.answer("booking", "plate-front")
    if answered is None:
        return ()
    if answered.hits is None:
        return (verdicts.not_performed(answered, "plate-front"),)
    if not answered.hits:
        return (verdicts.failed("no_booking", "plate-front", as_of=answered.as_of),)
    if evidence.today is None:
        return (verdicts.inconclusive("date_not_known", "plate-front"),)
    for hit in answered.hits:
        if _covers(hit.get("valid_from"), hit.get("valid_to"), evidence.today):
            return (verdicts.passed("booked", "plate-front", service=str(hit.get("class", ""))),)
    return (verdicts.failed("booked_for_another_day", "plate-front", as_of=answered.as_of),)


def _covers(first: object, last: object, today: date) -> bool:
    """Whether `today` lies in the slot; a slot that can't be read covers nothing."""
    try:
        return date.fromisoformat(str(first)[:10]) <= today <= date.fromisoformat(str(last)[:10])
    except ValueError:
        return False
