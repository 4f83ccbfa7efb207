"""Retention: personal data go out of the state as out of the journal.

A passage that is still open loses its evidence with them, and no machine decides on it any more.
"""

from dataclasses import replace

from lane_controller.lane.cell import add_caveat
from lane_controller.lane.evidence import Answered
from lane_controller.lane.facts import PersonalErased
from lane_controller.lane.state import Asked, Passage
from lane_controller.lane.turn import Turn
from lane_controller.messages import events
from lane_controller.messages.parts import Reason


def personal_erased(turn: Turn, fact: PersonalErased) -> None:
    lane = turn.lane
    if lane.passage is not None and _concerned(lane.passage, fact):
        turn.set(passage=_erased(lane.passage))
        add_caveat(turn, "erased")
        turn.evidence_changed = True
    if lane.waiting is not None and _concerned(lane.waiting, fact):
        turn.set(waiting=_erased(lane.waiting))
        add_caveat(turn, "erased", waiting=True)
    turn.emit(
        events.PersonalErased(
            sequences_to=fact.sequences_to,
            passages=fact.passages,
            reason=fact.reason,
            set_aside=fact.set_aside,
        )
    )


def _concerned(passage: Passage, fact: PersonalErased) -> bool:
    in_time = passage.arrived_sequence <= fact.sequences_to
    return in_time and (not fact.passages or passage.number in fact.passages)


def _erased(passage: Passage) -> Passage:
    return replace(
        passage,
        settlements=(),
        plates=(),
        documents=(),
        chips=(),
        asked=tuple(_emptied(one) for one in passage.asked),
        given_up=tuple(dict.fromkeys((*passage.given_up, "plate", "document"))),
    )


def _emptied(one: Asked) -> Asked:
    if one.question.kind == "draw":
        return one  # nothing personal, and the draw answers once
    question = replace(one.question, values=())
    return replace(one, question=question, answered=Answered(None, "", Reason(code="erased")))
