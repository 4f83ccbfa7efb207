"""Questions to registers, and what came of them.

A question is asked once, under an id made of passage, kind and subject.  Another reading is another question:
it gets the next serial, and a late answer to the old one is ignored.
"""

from dataclasses import replace
from typing import Any

from lane_controller.lane.evidence import Answered, Question
from lane_controller.lane.facts import PictureTaken, RegisterAnswered, RequestFailed
from lane_controller.lane.state import Asked, Passage
from lane_controller.lane.turn import Turn
from lane_controller.messages import events
from lane_controller.messages.parts import Reason

SECOND_LINE_KINDS = frozenset({"watchlist_person", "watchlist_plate", "lost_documents", "draw"})
"""Their answers are told to second line, whether they hit or not: so that the number of events, which the
ordinary screen can count, does not depend on a hit."""
HITS_MAX = 50
"""More candidates than this are no answer a person could use: the check is not performed."""
TEXT_MAX = 200
HITS_CHARACTERS_MAX = 6_000
"""Of all hits in one event: a broker carries 32 KiB, and a character may take four bytes and an escape."""


def ask(turn: Turn, passage: Passage, questions: tuple[Question, ...]) -> None:
    """Note the questions that were not asked yet."""
    asked = {(one.question.kind, one.question.subject): one for one in passage.asked}
    changed = False
    deadline_s = turn.lane.now_s + turn.lane.rules.timings.register_s
    for question in questions:
        key = (question.kind, question.subject)
        before = asked.get(key)
        if before is not None and before.question.values == question.values:
            continue
        serial = 1 if before is None else before.serial + 1
        asked[key] = Asked(_id(passage.number, question, serial), question, deadline_s, serial)
        changed = True
    if changed:
        turn.set_passage(asked=tuple(asked.values()))


def _id(number: int, question: Question, serial: int) -> str:
    name = f"{number}/{question.kind}/{question.subject}"
    return name if serial == 1 else f"{name}/{serial}"


def register_answered(turn: Turn, fact: RegisterAnswered) -> None:
    if fact.hits is None:
        _conclude(turn, fact.request, Answered(None, fact.as_of, Reason(code="erased")))
    elif len(fact.hits) > HITS_MAX:
        reason = Reason(code="too_many_hits", parameters={"hits": len(fact.hits)})
        _conclude(turn, fact.request, Answered(None, fact.as_of, reason))
    else:
        _conclude(turn, fact.request, Answered(fact.hits, fact.as_of))


def request_failed(turn: Turn, fact: RequestFailed) -> None:
    _drop_picture(turn, fact.request)
    _conclude(turn, fact.request, Answered(None, "", fact.reason))


def expire(turn: Turn, grace_s: float) -> None:
    """Requests whose answer did not come, long after their deadline: nobody is asking any more."""
    lane = turn.lane
    for picture in lane.pictures:
        if lane.now_s >= picture.deadline_s + grace_s:
            _drop_picture(turn, picture.id)
    passage = lane.passage
    for one in passage.asked if passage is not None else ():
        if one.answered is None and lane.now_s >= one.deadline_s + grace_s:
            _conclude(turn, one.id, Answered(None, "", Reason(code="no_answer")))


def _conclude(turn: Turn, request: str, answered: Answered) -> None:
    passage = turn.lane.passage
    if passage is None:
        return
    one = next((one for one in passage.asked if one.id == request and one.answered is None), None)
    if one is None:
        return
    done = replace(one, answered=answered)
    turn.set_passage(asked=tuple(done if other is one else other for other in passage.asked))
    turn.evidence_changed = True
    if one.question.kind in SECOND_LINE_KINDS and answered.hits is not None:
        turn.secrets_answered.add(one.question.subject)
        turn.emit(
            events.RegisterHit(
                passage=passage.number,
                register_kind=one.question.kind,
                hits=_told(answered.hits),
                as_of=answered.as_of,
            ),
            passage=passage.number,
        )


def _told(hits: tuple[dict[str, Any], ...]) -> tuple[dict[str, str | int | float | bool | None], ...]:
    """As many hits as an event has room for; all of them counted in the check."""
    told: list[dict[str, str | int | float | bool | None]] = []
    room = HITS_CHARACTERS_MAX
    for hit in hits:
        plain = _plain(hit)
        room -= len(str(plain))
        if room < 0:
            break
        told.append(plain)
    return tuple(told)


def _plain(hit: dict[str, Any]) -> dict[str, str | int | float | bool | None]:
    """A hit as an event may carry it: short values, no nesting."""
    plain: dict[str, str | int | float | bool | None] = {}
    for key, value in list(hit.items())[:20]:
        if value is None or isinstance(value, bool | int | float):
            plain[key[:TEXT_MAX]] = value
        elif isinstance(value, list | tuple):
            plain[key[:TEXT_MAX]] = "; ".join(str(part) for part in value)[:TEXT_MAX]
        else:
            plain[key[:TEXT_MAX]] = str(value)[:TEXT_MAX]
    return plain


def picture_taken(turn: Turn, fact: PictureTaken) -> None:
    picture = next((one for one in turn.lane.pictures if one.id == fact.request), None)
    if picture is None:
        return
    _drop_picture(turn, fact.request)
    alarm = next((one for one in turn.lane.alarms if one.occurrence == picture.alarm), None)
    turn.emit(
        events.PictureTaken(alarm=picture.alarm, device=fact.device, picture=fact.picture),
        passage=alarm.passage if alarm is not None else None,
    )


def _drop_picture(turn: Turn, request: str) -> None:
    if any(one.id == request for one in turn.lane.pictures):
        turn.set(pictures=tuple(one for one in turn.lane.pictures if one.id != request))
