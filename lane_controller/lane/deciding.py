"""From evidence to decision: ask, conclude, decide, and let the passage follow.

Checks are concluded again only when the evidence changed; the decision is taken at the end of every step.
"""

from lane_controller.lane.cell import DECK, add_caveat, change_phase
from lane_controller.lane.checks import conclude_all, person_watchlist, questions_of
from lane_controller.lane.chips import ask_for_chips, trust_of
from lane_controller.lane.decision import Decision, decide, reason_of
from lane_controller.lane.evidence import Evidence
from lane_controller.lane.local_date import today
from lane_controller.lane.passage import Trigger
from lane_controller.lane.permits import issue
from lane_controller.lane.presence import is_gone, rose_for
from lane_controller.lane.readings import evidence_counts
from lane_controller.lane.registers import ask
from lane_controller.lane.state import Lane, Passage, Position, Stop
from lane_controller.lane.turn import Turn
from lane_controller.messages.events import CheckConcluded, PassageDecided
from lane_controller.messages.parts import CheckResult, Reason
from lane_controller.messages.words import (
    Audience,
    CommandKind,
    Health,
    Mode,
    Outcome,
    Place,
    Profile,
)

NAMES_MAX = 10
NAME_CHARACTERS_MAX = 200
FLIPS_TOLD = 20
FLIPS_MAX = 40
"""A passage about which the machine changed its mind this often is a person's to decide."""


def evidence_of(lane: Lane, passage: Passage) -> Evidence:
    """All that this passage's checks may look at."""
    return Evidence(
        rules=lane.rules,
        passage=passage.number,
        today=today(lane, passage),
        plates=passage.plates,
        documents=passage.documents,
        chips=tuple((one.key, one.read) for one in passage.chips if one.read is not None),
        weight=passage.weight,
        persons=passage.persons,
        answers=tuple(
            ((one.question.kind, one.question.subject), one.answered)
            for one in passage.asked
            if one.answered is not None
        ),
        given_up=frozenset(passage.given_up),
    )


def conclude(turn: Turn) -> None:
    """Ask what the evidence wants asked, and tell each result that is new."""
    passage = turn.lane.passage
    if passage is None or not evidence_counts(passage):
        return
    evidence = evidence_of(turn.lane, passage)
    ask_for_chips(turn, evidence.people())
    evidence = evidence_of(turn.lane, turn.lane.passage or passage)
    ask(turn, passage, questions_of(evidence))
    results = conclude_all(evidence)
    told = {(result.check, result.subject): result for result in passage.results}
    turn.set_passage(results=results)
    for result in results:
        # A confidential result is told at each answer, changed or not: how many events there are, which
        # everybody can count, must not depend on what the answer was.
        again = result.confidential and result.subject in turn.secrets_answered
        if told.get((result.check, result.subject)) == result and not again:
            continue
        _tell_result(turn, evidence, result)
    turn.secrets_answered.clear()
    turn.concluded = True


def _tell_result(turn: Turn, evidence: Evidence, result: CheckResult) -> None:
    hidden = result.confidential
    names = _names(evidence, result) if hidden else None
    turn.emit(
        CheckConcluded(passage=evidence.passage, result=result, names=names),
        audience=Audience.SECOND_LINE if hidden else Audience.LANE,
        passage=evidence.passage,
    )


def _names(evidence: Evidence, result: CheckResult) -> tuple[str, ...] | None:
    """For second line: why a name matched."""
    if result.check != person_watchlist.NAME:
        return None
    explained = person_watchlist.explain(evidence, result.subject)
    return tuple(line[:NAME_CHARACTERS_MAX] for line in explained[:NAMES_MAX]) or None


def conditions(lane: Lane, passage: Passage) -> tuple[Reason, ...]:
    """Why the machine must not release now, besides the checks; each ends when what it says ends."""
    codes: list[str] = []
    if not lane.rules.checks:
        codes.append("no_checks")
    if lane.mode is Mode.MANUAL:
        codes.append("mode_manual")
    if is_gone(lane, passage):
        codes.append("vehicle_not_seen")
    if passage.position is Position.ARM and not rose_for(lane, passage):
        codes.append("passed_without_release")
    if passage.persons is None and lane.rules.profile in (Profile.CAR, Profile.COACH):
        codes.append("persons_not_stated")
    for place in lane.rules.places:
        if place in (Place.ARRIVAL, *DECK) and not _watched(lane, place):
            codes.append("presence_lost")
            break
    return tuple(Reason(code=code) for code in codes)


def _watched(lane: Lane, place: Place) -> bool:
    """Every sensor at the place is heard; at least one is."""
    sensors = [sensor for sensor in lane.sensors if sensor.place is place]
    return bool(sensors) and all(
        sensor.health is not Health.DEGRADED and sensor.covered is not None for sensor in sensors
    )


def current_decision(lane: Lane, passage: Passage) -> Decision | None:
    return decide(
        lane.rules,
        passage.results,
        caveats=passage.caveats,
        conditions=conditions(lane, passage),
        settlements=passage.settlements,
        stops=passage.stops,
    )


def settle_decision(turn: Turn) -> None:
    """Decide on the passage that owns the cell, tell the decision where it is new, and follow it."""
    passage = turn.lane.passage
    if passage is None or not evidence_counts(passage):
        return
    decision = current_decision(turn.lane, passage)
    if decision is None:
        if passage.decision is not None:
            turn.set_passage(decision=None, reasons=(), shown_reasons=())
        change_phase(turn, Trigger.REOPENED)
        return
    stops = _stops_of(decision, passage)
    if stops != passage.stops:
        turn.set_passage(stops=stops)
    _tell(turn, passage, decision)
    turn.concluded = False
    if passage.flips >= FLIPS_MAX:
        add_caveat(turn, "unsteady")
    match decision.outcome:
        case Outcome.HOLD:
            change_phase(turn, Trigger.DECIDED_HOLD)
        case Outcome.REFER:
            change_phase(turn, Trigger.DECIDED_REFER)
        case Outcome.RELEASE:
            _release(turn, passage)


def _release(turn: Turn, passage: Passage) -> None:
    """A permit for its rise.  One that is under the arm or beyond needs none and is leaving: it would serve
    whoever comes behind it."""
    if not change_phase(turn, Trigger.DECIDED_RELEASE):
        return
    if passage.position is Position.ARM:
        change_phase(turn, Trigger.PASSED_UNDER)
    else:
        issue(turn, "decision", passage.number)


def _stops_of(decision: Decision, passage: Passage) -> tuple[Stop, ...]:
    """A referral stands until second line lifts it, even when the reading that led to it is replaced."""
    stops = list(passage.stops)
    for result in decision.referrals:
        stop = Stop(result.agency, Outcome.REFER, reason_of(result), result.confidential)
        if stop not in stops:
            stops.append(stop)
    return tuple(stops)


def _tell(turn: Turn, passage: Passage, decision: Decision) -> None:
    """The decision as each audience may know it, where it is new.

    With a confidential reason second line is told again whenever the checks were gone through: whether the
    reason is another one now must not be seen in the number of events."""
    shown = (decision.outcome, decision.shown)
    command, hidden = turn.actor, decision.reasons != decision.shown
    same = (passage.decision, passage.shown_reasons) == shown and command is None
    if same and not (hidden and turn.concluded):
        return
    turn.set_passage(decision=decision.outcome, reasons=decision.reasons, shown_reasons=decision.shown)
    settles = command is not None and command.kind is CommandKind.RELEASE
    told = PassageDecided(
        passage=passage.number,
        decision=decision.outcome,
        reasons=decision.shown,
        by=command.by if command else None,
        second=command.second if command else None,
        settles=command.by.agency if command and settles else None,
        trust=trust_of(passage),
    )
    if command is None and not same:
        turn.set_passage(flips=passage.flips + 1)
        if passage.decision is decision.outcome and passage.flips >= FLIPS_TOLD:
            return
    if not same:
        turn.emit(told, passage=passage.number)
    if hidden:
        full = told.model_copy(update={"reasons": decision.reasons})
        turn.emit(full, audience=Audience.SECOND_LINE, passage=passage.number)


def stop(turn: Turn, *stops: Stop) -> None:
    """Add holds or referrals that stand apart from the checks; each takes back the agency's own release."""
    passage = turn.lane.passage
    if passage is None:
        return
    agencies = {one.agency for one in stops}
    turn.set_passage(
        stops=(*passage.stops, *(one for one in stops if one not in passage.stops)),
        settlements=tuple(one for one in passage.settlements if one.agency not in agencies),
    )
