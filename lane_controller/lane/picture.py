"""What the lane looks like now, for one audience.  The daemon adds what only it knows: ages and backlog."""

from lane_controller.lane.alarms import ALARMS, device_of
from lane_controller.lane.cell import covered
from lane_controller.lane.chips import chips_shown
from lane_controller.lane.deadlines import documents_missing, hold_until_s, missing_readings
from lane_controller.lane.deciding import current_decision
from lane_controller.lane.facts import DocumentRead
from lane_controller.lane.passage import DECIDING, GOING, Phase
from lane_controller.lane.state import Lane, Passage
from lane_controller.messages.parts import DocumentPage, Reason
from lane_controller.messages.state import AlarmState, DeviceState, LaneState, PassageState
from lane_controller.messages.words import Audience, Place, Profile

SECOND_LINE = frozenset({Audience.SECOND_LINE, Audience.AUDIT})


def lane_state(lane: Lane, audience: Audience) -> LaneState:
    """A snapshot.  Confidential results and their reasons are in it for second line and audit alone;
    `backlog` and the devices' ages are the daemon's to fill in."""
    return LaneState(
        site=lane.rules.site,
        lane=lane.rules.lane,
        journal=lane.rules.journal,
        sequence=lane.sequence,
        at=lane.now,
        profile=lane.rules.profile,
        direction=lane.rules.direction,
        mode=lane.mode,
        arm=lane.arm,
        lamp=lane.lamp,
        passage=passage_state(lane, lane.passage, audience) if lane.passage is not None else None,
        waiting=lane.waiting is not None,
        covered=tuple(place for place in Place if covered(lane, place)),
        devices=tuple(
            DeviceState(device=one.name, role=one.role, health=one.health, reason=one.reason, age_s=None)
            for one in sorted(lane.devices, key=lambda one: (one.name, one.role))
        ),
        alarms=tuple(
            AlarmState(
                alarm=one.occurrence,
                kind=one.kind,
                priority=one.priority,
                act_within_s=ALARMS[one.kind].act_within_s,
                device=device_of(one.kind, one.subject),
                since=one.since,
                acknowledged_by=one.acknowledged_by,
                passage=one.passage,
                reason=one.reason,
            )
            for one in lane.alarms
        ),
        two_person_kinds=lane.rules.two_person_kinds,
        shift=lane.shift,
        backlog=0,
        version=lane.version,
    )


def passage_state(lane: Lane, passage: Passage, audience: Audience) -> PassageState:
    full = audience in SECOND_LINE
    return PassageState(
        passage=passage.number,
        phase=str(passage.phase),
        since=passage.since,
        plates=tuple(one.plate for one in passage.plates if one.plate is not None),
        votes=tuple(one.vote for one in passage.plates if one.vote is not None),
        documents=tuple(one.document for one in passage.documents if one.document is not None),
        pages=tuple(_page(one) for one in passage.documents if one.document is not None),
        chips=chips_shown(passage, [one.document for one in passage.documents if one.document is not None]),
        persons=passage.persons,
        weight=passage.weight.weight if passage.weight is not None else None,
        checks=tuple(one for one in passage.results if full or not one.confidential),
        waiting_for=waiting_for(lane, passage, full=full),
        decision=passage.decision,
        reasons=passage.reasons if full else passage.shown_reasons,
        hold_until_mono_s=hold_until_s(lane, passage),
        pictures=tuple(
            name for one in passage.plates for name in (one.picture, one.crop) if name is not None
        ),
    )


def _page(fact: DocumentRead) -> DocumentPage | None:
    if fact.picture is None and fact.page is None:
        return None
    return DocumentPage(picture=fact.picture, crop=fact.crop, page=fact.page)


def waiting_for(lane: Lane, passage: Passage, *, full: bool) -> tuple[Reason, ...]:
    """What would let it go.  Unless `full`, the same whether a referral comes from a hit or from the draw."""
    if passage.phase in GOING:
        return (Reason(code="to_leave"),)
    if passage.phase not in DECIDING:
        return (Reason(code="its_turn"),)
    missing = documents_missing(lane, passage)
    reasons = [Reason(code=f"reading_{name}") for name in missing_readings(lane, passage)]
    if missing is None:
        reasons.append(Reason(code="persons"))
    elif missing and lane.rules.profile in (Profile.CAR, Profile.COACH):
        reasons.append(Reason(code="documents", parameters={"missing": missing}))
    for one in passage.asked:
        if one.answered is None:
            reasons.append(Reason(code="register", parameters={"kind": one.question.kind}))
    if any(one.read is None for one in passage.chips):
        reasons.append(Reason(code="reading_chip"))
    decision = current_decision(lane, passage)
    if passage.phase is Phase.REFERRED and not full:
        reasons.append(Reason(code="second_line"))
    elif decision is not None:
        code = "second_line" if passage.phase is Phase.REFERRED else "agency"
        reasons += [Reason(code=code, parameters={"agency": str(one)}) for one in decision.unsettled]
    return tuple(reasons)
