"""The chips of a passage's documents: asked for once a page is read, and what came of it.

A request is asked once, under an id made of passage and document.  Another reading of the page, or another
card laid into the reader after none could be read, is another request; a late answer to the old one does
nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from lane_controller.lane.facts import ChipRead
from lane_controller.lane.state import ChipAsked, Lane, Passage, Request
from lane_controller.lane.turn import Turn
from lane_controller.messages.events import ChipObserved
from lane_controller.messages.parts import Document, DocumentChip, Reason

TRIES_MAX = 5
"""Requests for one document: each may try a key, and chips slow down over wrong ones."""
CHECKS_MAX = 60
"""Of one reading, in an event; a chip with all data groups has some 45."""
SHOWN_WHOLE_MAX = 8
"""Chips that the state shows with their checks, the last ones: a coach's hundred would fit no message."""


def chip_deadline_s(lane: Lane) -> float:
    """By when a chip that is asked for now must be read; now itself where the lane reads none."""
    rules = lane.rules.chip
    return lane.now_s + (rules.wait_s + rules.read_s if rules is not None else 0.0)


def ask_for_chips(turn: Turn, people: Iterable[Document]) -> None:
    """Note the chips that were not asked for yet, or for another reading of their page."""
    passage = turn.lane.passage
    if passage is None or turn.lane.rules.chip is None:
        return
    asked = {one.key: one for one in passage.chips}
    for document in people:
        key = (document.issuer, document.number)
        before = asked.get(key)
        if not document.lines or (before is not None and before.lines == document.lines):
            continue
        doubtful = document.doubtful if document.status == "doubtful" else ()
        if before is None or before.serial < TRIES_MAX:
            asked[key] = _new(turn.lane, passage, key, document.lines, doubtful, before)
    if tuple(asked.values()) != passage.chips:
        turn.set_passage(chips=tuple(asked.values()))


def ask_again(turn: Turn) -> None:
    """A card came: the last document whose chip could not be read is tried once more."""
    passage = turn.lane.passage
    if passage is None or turn.lane.rules.chip is None or not passage.chips:
        return
    last = passage.chips[-1]
    if last.read is None or last.read.reading is not None or last.serial >= TRIES_MAX:
        return
    again = _new(turn.lane, passage, last.key, last.lines, last.doubtful, last)
    turn.set_passage(chips=(*passage.chips[:-1], again))
    turn.evidence_changed = True


def _new(
    lane: Lane,
    passage: Passage,
    key: tuple[str, str],
    lines: tuple[str, ...],
    doubtful: tuple[str, ...],
    before: ChipAsked | None,
) -> ChipAsked:
    places = [one.key for one in passage.chips]
    place = (places.index(key) if key in places else len(places)) + 1
    serial = 1 if before is None else before.serial + 1
    name = f"{passage.number}/chip/{place}" + (f"/{serial}" if serial > 1 else "")
    return ChipAsked(name, key, lines, doubtful, chip_deadline_s(lane), serial)


def chip_request(asked: ChipAsked) -> Request:
    """The request as the daemon is asked it."""
    values = (("lines", "\n".join(asked.lines)), ("doubtful", ",".join(asked.doubtful)))
    return Request(asked.id, "chip", "", values, asked.deadline_s)


def chip_read(turn: Turn, fact: ChipRead) -> None:
    """What came of a request; of one that is no longer open nothing."""
    passage = turn.lane.passage
    if passage is None:
        return
    one = next((one for one in passage.chips if one.id == fact.request and one.read is None), None)
    if one is None:
        return
    if fact.reading is not None and len(fact.reading.checks) > CHECKS_MAX:
        fact = replace(
            fact, reading=fact.reading.model_copy(update={"checks": fact.reading.checks[:CHECKS_MAX]})
        )
    done = replace(one, read=fact)
    turn.set_passage(chips=tuple(done if other is one else other for other in passage.chips))
    turn.evidence_changed = True
    people = list(dict.fromkeys(_keys(passage)))
    turn.emit(
        ChipObserved(
            passage=passage.number,
            person=people.index(one.key) + 1 if one.key in people else len(people) + 1,
            device=fact.device,
            reading=fact.reading,
            reason=fact.reason,
            document=fact.document,
            portrait=fact.portrait,
        ),
        passage=passage.number,
    )


def expire_chips(turn: Turn, grace_s: float) -> None:
    """Requests whose answer did not come, long after their deadline: nobody is asking any more."""
    lane = turn.lane
    passage = lane.passage
    for one in passage.chips if passage is not None else ():
        if one.read is None and lane.now_s >= one.deadline_s + grace_s:
            chip_read(turn, ChipRead(lane.now, one.id, "", None, Reason(code="no_answer")))


def trust_of(passage: Passage) -> str | None:
    """The trust store that the passage's chips were judged by, the last one's where it changed meanwhile."""
    for one in reversed(passage.chips):
        if one.read is not None and one.read.reading is not None:
            return one.read.reading.trust
    return None


def chips_shown(passage: Passage, documents: Sequence[Document]) -> tuple[DocumentChip | None, ...]:
    """The chip of each document as the state shows it."""
    known = {one.key: one.read for one in passage.chips if one.read is not None}
    if not known:
        return ()
    whole = set(list(known)[-SHOWN_WHOLE_MAX:])
    return tuple(
        _shown(read, whole=key in whole) if (read := known.get(key)) is not None else None
        for key in ((one.issuer, one.number) for one in documents)
    )


def _shown(read: ChipRead, *, whole: bool) -> DocumentChip:
    reading = read.reading
    if reading is not None and not whole:
        reading = reading.model_copy(update={"checks": ()})
    return DocumentChip(reading=reading, reason=read.reason, document=read.document, portrait=read.portrait)


def _keys(passage: Passage) -> Iterable[tuple[str, str]]:
    for fact in passage.documents:
        if fact.document is not None:
            yield fact.document.issuer, fact.document.number
