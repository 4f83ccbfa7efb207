"""What the world should do about the state, and what it looks like: views, compared by the daemon with what
it has done.  Asked twice, a view says the same; none of them has a memory."""

from lane_controller.lane import deadlines
from lane_controller.lane.cell import covered
from lane_controller.lane.checks.plate_read import sure as sure_plate
from lane_controller.lane.chips import chip_request
from lane_controller.lane.passage import DECIDING, Phase
from lane_controller.lane.picture import lane_state
from lane_controller.lane.state import Lane, Order, Passage, Request
from lane_controller.messages.command import Reply
from lane_controller.messages.words import Health, Lamp, Mode, Place, Side

__all__ = [
    "is_empty",
    "lamp",
    "lane_state",
    "next_deadline",
    "order",
    "reply",
    "requests",
    "wants_plates",
]

next_deadline = deadlines.next_deadline
"""(name, monotonic seconds) of the first wait, or None; see deadlines.py."""


def lamp(lane: Lane) -> Lamp:
    """What the light should show now, a standing wish.  Red until told otherwise."""
    return lane.lamp


def order(lane: Lane) -> Order | None:
    """The one movement of the arm to carry out now, at most once by its id.  When it is gone from the view
    before it was sent, it is not sent; a lowering reads the clearance sensors again just before."""
    return lane.order


def requests(lane: Lane) -> tuple[Request, ...]:
    """Open questions, each to be asked once by its id and again after a start: registers (`kind` of
    drivers/registers), chips and pictures (`kind` picture, `subject` the alarm)."""
    passage = lane.passage
    registers = [
        Request(one.id, one.question.kind, one.question.subject, one.question.values, one.deadline_s)
        for one in (passage.asked if passage is not None else ())
        if one.answered is None
    ]
    pictures = [Request(one.id, "picture", one.alarm, (), one.deadline_s) for one in lane.pictures]
    chips = [chip_request(one) for one in (passage.chips if passage is not None else ()) if one.read is None]
    return (*registers, *chips, *pictures)


def wants_plates(lane: Lane, side: Side) -> bool:
    """Whether the frames of the plate cameras at this side should be read now: a vehicle stands where they
    look, and its plate there is not known, the front one not since the start.  However early the front plate
    is known, the rear one (a trailer's) is looked for until its camera has said what it has."""
    if lane.mode not in (Mode.OPEN, Mode.MANUAL):
        return False
    place = lane.rules.plates_at
    if place in lane.rules.places and not covered(lane, place):
        return False
    waiting, passage = lane.waiting, lane.passage
    if place is Place.ARRIVAL and waiting is not None and not waiting.left_arrival:
        return not _plate_known(waiting, side)
    return passage is not None and passage.phase in DECIDING and not _plate_known(passage, side)


def is_empty(lane: Lane) -> bool:
    """Whether nobody is in the lane, nor where its plate cameras look, as a sensor there says."""
    sensors = [one for one in lane.sensors if one.place is lane.rules.plates_at]
    clear = bool(sensors) and all(one.covered is False and one.health is Health.GOOD for one in sensors)
    nobody = lane.passage is None and lane.waiting is None
    return clear and nobody and lane.mode in (Mode.OPEN, Mode.MANUAL)


def _plate_known(passage: Passage, side: Side) -> bool:
    if passage.phase is Phase.RELEASED:
        return False
    if side == "front":
        return passage.plate_confirmed
    told = [one for one in passage.plates if one.side == side]
    return any(sure_plate(one) is not None for one in told) or (passage.plate_confirmed and bool(told))


def reply(lane: Lane, command: str) -> Reply | None:
    """The answer to a command by its id, for its first arrival and for every repeat; None when it is not
    known (then it never came, or expired long ago)."""
    for one in lane.answers:
        if one.id == command:
            return Reply(id=one.id, answer=one.answer, reasons=one.reasons, sequence=one.sequence)
    return None
