"""Readings: a plate, a document, a card, a weight belong to the passage at the device's place.

Whoever owns the cell owns what is read at the deck and at the arm; a plate read at the arrival loop belongs
to the vehicle that stands there.  Contradictions within one passage hold it: two plates, two weights
(weighing again until it passes, docs/sources.md 20), more readings than one vehicle can have.  Another
plate or document also takes back the agencies' releases: they were given in view of what there was.
"""

from dataclasses import replace

from lane_controller.lane.axle_groups import axle_loads
from lane_controller.lane.cell import (
    add_caveat,
    begin,
    begin_if_occupied,
    change_phase,
    covered,
    part_from_next,
    starts_passages,
)
from lane_controller.lane.checks.plate_read import sure as sure_plate
from lane_controller.lane.chips import ask_again
from lane_controller.lane.facts import CardSeen, DocumentRead, PlateRead, WeightRead
from lane_controller.lane.local_date import today
from lane_controller.lane.passage import DECIDING, Phase, Trigger
from lane_controller.lane.state import Lane, Passage, Position
from lane_controller.lane.turn import Turn
from lane_controller.messages.events import CardObserved, DocumentObserved, PlateObserved, WeightObserved
from lane_controller.messages.parts import Plate, Weight
from lane_controller.messages.words import Place

READINGS_MAX = 300
"""Readings of one passage that are kept and told; beyond them it is held, and the rest is only counted in the
journal's facts (a coach has 100 documents at most)."""
DOCUMENTS_MAX = 120
"""Different documents of one passage; a coach has 100 persons at most."""


def evidence_counts(passage: Passage) -> bool:
    """Whether what is read now may still change the decision: not once the arm rose for it."""
    return passage.phase in DECIDING or (passage.phase is Phase.RELEASED and not passage.rose)


def plate_read(turn: Turn, fact: PlateRead) -> None:
    lane = turn.lane
    _begin_by_reading(turn)
    if _is_waiting_vehicles(lane):
        _keep_waiting_plate(turn, fact)
        return
    passage = turn.lane.passage
    if passage is None or not _room(turn, passage):
        return
    sure = sure_plate(fact)
    if sure is not None and fact.side == "front" and not passage.plate_confirmed:
        if _swapped(passage, sure):
            # Another vehicle stands here than before the start.
            change_phase(turn, Trigger.GIVEN_UP, "vehicle_changed")
            begin_if_occupied(turn)
            passage = turn.lane.passage
            if passage is None:
                return
        turn.set_passage(plate_confirmed=True)
    elif sure is not None and _disagrees(turn.lane.passage, fact, sure):
        add_caveat(turn, "plates_disagree")
    turn.emit(_observed(passage, fact), passage=passage.number)
    if evidence_counts(passage):
        plates = _kept(turn.lane.passage, fact)
        if {_plate_key(one) for one in plates} != {_plate_key(one) for one in passage.plates}:
            turn.set_passage(settlements=())
        turn.set_passage(plates=plates)
        turn.evidence_changed = True


def _plate_key(fact: PlateRead) -> tuple[str, str | None]:
    return fact.side, fact.plate.text if fact.plate is not None else None


def _keep_waiting_plate(turn: Turn, fact: PlateRead) -> None:
    waiting = turn.lane.waiting
    if waiting is None or waiting.readings >= READINGS_MAX:
        return
    sure = sure_plate(fact)
    if sure is not None and _disagrees(waiting, fact, sure):
        add_caveat(turn, "plates_disagree", waiting=True)
    turn.emit(_observed(waiting, fact), passage=waiting.number)
    turn.set_waiting(
        plates=_kept(waiting, fact),
        readings=waiting.readings + 1,
        plate_confirmed=waiting.plate_confirmed or (sure is not None and fact.side == "front"),
    )


def _is_waiting_vehicles(lane: Lane) -> bool:
    """Whether the camera looks at the waiting vehicle: the one on the loop where plates are read."""
    waiting = lane.waiting
    if waiting is None or lane.rules.plates_at is not Place.ARRIVAL:
        return False
    return not waiting.left_arrival


def _kept(passage: Passage | None, fact: PlateRead) -> tuple[PlateRead, ...]:
    """One reading a side and plate: the last of each, in the order they came.  One that failed takes nothing
    from one that is sure."""
    before = passage.plates if passage is not None else ()
    if sure_plate(fact) is None and any(one.side == fact.side and sure_plate(one) for one in before):
        return before
    text = fact.plate.text if fact.plate is not None else None
    others = [
        one
        for one in before
        if one.side != fact.side or (one.plate.text if one.plate is not None else None) != text
    ]
    return (*others[-7:], fact)


def _swapped(passage: Passage, plate: Plate) -> bool:
    known = [sure_plate(one) for one in passage.plates if one.side == "front"]
    return any(one is not None and one.text != plate.text for one in known)


def _disagrees(passage: Passage | None, fact: PlateRead, plate: Plate) -> bool:
    if passage is None:
        return False
    known = [sure_plate(one) for one in passage.plates if one.side == fact.side]
    return any(one is not None and one.text != plate.text for one in known)


def _observed(passage: Passage, fact: PlateRead) -> PlateObserved:
    return PlateObserved(
        passage=passage.number,
        side=fact.side,
        plate=fact.plate,
        picture=fact.picture,
        crop=fact.crop,
        reason=fact.reason,
        vote=fact.vote,
    )


def document_read(turn: Turn, fact: DocumentRead) -> None:
    _begin_by_reading(turn)
    passage = turn.lane.passage
    if passage is None or not _room(turn, passage):
        return
    keys = [_key(one) for one in passage.documents if one.document is not None]
    key = _key(fact)
    known = list(dict.fromkeys(keys))
    if key not in known and len(known) >= DOCUMENTS_MAX:
        add_caveat(turn, "too_many_readings")
        return
    person = known.index(key) + 1 if key in known else len(known) + 1
    turn.emit(
        DocumentObserved(
            passage=passage.number,
            person=person,
            device=fact.device,
            document=fact.document,
            reason=fact.reason,
            picture=fact.picture,
            crop=fact.crop,
            page=fact.page,
        ),
        passage=passage.number,
    )
    if not evidence_counts(passage):
        return
    # The same document read again takes the place of its first reading; of unreadable ones the last counts.
    documents = [one for one in passage.documents if _key(one) != key]
    if fact.document not in [one.document for one in passage.documents]:
        turn.set_passage(settlements=())
    place = [_key(one) for one in passage.documents].index(key) if key in keys else len(documents)
    documents.insert(place, fact)
    turn.set_passage(documents=tuple(documents))
    if fact.document is not None and key not in keys:
        turn.set_passage(read_since_s=turn.lane.now_s)
    turn.evidence_changed = True


def _key(fact: DocumentRead) -> tuple[str, str] | None:
    return (fact.document.issuer, fact.document.number) if fact.document is not None else None


def card_seen(turn: Turn, fact: CardSeen) -> None:
    passage = turn.lane.passage
    if passage is not None and _room(turn, passage):
        turn.emit(
            CardObserved(
                passage=passage.number,
                device=fact.device,
                inserted=fact.inserted,
                atr=fact.atr,
                emrtd=fact.emrtd,
            ),
            passage=passage.number,
        )
        if fact.inserted and fact.emrtd is not False and evidence_counts(passage):
            ask_again(turn)


def weight_read(turn: Turn, fact: WeightRead) -> None:
    passage = turn.lane.passage
    if passage is None or not _on_scale(turn.lane, passage) or not _room(turn, passage):
        return
    turn.emit(
        WeightObserved(
            passage=passage.number,
            weight=fact.weight,
            reason=fact.reason,
            trace=fact.trace,
            axles=axle_loads(fact.axles, turn.lane.rules.state, today(turn.lane, passage)),
        ),
        passage=passage.number,
    )
    if _counts(fact.weight):
        part_from_next(turn)
    if not evidence_counts(passage):
        return
    before = passage.weight.weight if passage.weight is not None else None
    if fact.weight is None and _counts(before):
        return  # a later failed attempt takes nothing from a weight that settled
    if _counts(before) and _counts(fact.weight) and _differ(turn.lane, before, fact.weight):
        add_caveat(turn, "weights_disagree")
    turn.set_passage(weight=replace(fact, trace=None, axles=None))
    turn.evidence_changed = True


def _on_scale(lane: Lane, passage: Passage) -> bool:
    """A weight belongs to the vehicle that came onto the deck; where the lane has no sensor there, to the
    owner of the cell."""
    if Place.DECK_ENTRY in lane.rules.places or Place.DECK_EXIT in lane.rules.places:
        return passage.position is Position.DECK
    return passage.position is not Position.ARM


def _counts(weight: Weight | None) -> bool:
    return weight is not None and weight.zero_seen and weight.wholly_on_deck is not False


def _differ(lane: Lane, first: Weight | None, second: Weight | None) -> bool:
    if first is None or second is None:
        return False
    return abs(first.gross_kg - second.gross_kg) > lane.rules.expanded_uncertainty_kg


def _room(turn: Turn, passage: Passage) -> bool:
    """Count a reading; False when this passage had more than a vehicle can have."""
    if passage.readings >= READINGS_MAX:
        add_caveat(turn, "too_many_readings")
        return False
    turn.set(passage=replace(passage, readings=passage.readings + 1))
    return True


def _begin_by_reading(turn: Turn) -> None:
    """Where no sensor looks at the arrival, a reading is the first sign of a traveller."""
    lane = turn.lane
    watched = Place.ARRIVAL in lane.rules.places or covered(lane, Place.ARRIVAL)
    if lane.passage is None and not watched and starts_passages(lane):
        begin(turn)
