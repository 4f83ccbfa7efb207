"""What loops and photocells say, and what it means for the passages.

Levels are kept by sensor, edges are taken by place.  A level after none (a start, a sensor that came back) is
a vehicle *found*, not one that moves.  Where two readings of a movement are possible, the passage is held:
whose evidence it is must be beyond doubt before the machine lets anybody go (field lesson: the plate of the
wrong vehicle).  A vehicle that stands where no sensor looks counts as not seen, so a lane needs a sensor
where its vehicles stop.
"""

from dataclasses import replace

from lane_controller.lane.alarms import raise_alarm
from lane_controller.lane.barrier import clear_long_enough, clearance_good
from lane_controller.lane.cell import DECK, add_caveat, begin, change_phase, covered, starts_passages
from lane_controller.lane.chatter import may_tell
from lane_controller.lane.facts import PresenceChanged
from lane_controller.lane.passage import DECIDING, GOING, Phase, Trigger
from lane_controller.lane.state import Lane, Passage, Position, Sensor
from lane_controller.lane.turn import Turn
from lane_controller.messages import events
from lane_controller.messages.parts import Reason
from lane_controller.messages.words import Arm, Health, Place

SENSORS_MAX = 32
BEFORE_ARM = (Place.DECK_EXIT, Place.DECK_ENTRY, Place.ARRIVAL)
"""The last place before the arm, where the lane has it."""


def presence_changed(turn: Turn, fact: PresenceChanged) -> None:
    lane = turn.lane
    sensor = next((one for one in lane.sensors if one.device == fact.device), None)
    if sensor is None:
        if len(lane.sensors) >= SENSORS_MAX:
            return
        sensor = Sensor(fact.device, fact.place)
        turn.set(sensors=(*lane.sensors, sensor))
    if sensor.covered is fact.covered:
        return
    before = covered(turn.lane, sensor.place)
    set_sensor(turn, replace(sensor, covered=fact.covered))
    if may_tell(turn, fact.device):
        turn.emit(events.PresenceChanged(place=sensor.place, device=sensor.device, covered=fact.covered))
    after = covered(turn.lane, sensor.place)
    found = sensor.covered is None
    if after and not before:
        _rising(turn, sensor.place, found=found)
    elif (before and not after) or (found and not after):
        _falling(turn, sensor.place)


def set_sensor(turn: Turn, sensor: Sensor) -> None:
    sensors = tuple(sensor if one.device == sensor.device else one for one in turn.lane.sensors)
    turn.set(sensors=sensors)


def settle_clear(turn: Turn, clear: bool) -> None:
    """Keep the time since when every clearance sensor has been good and clear."""
    if not clear:
        if turn.lane.clear_since_s is not None:
            turn.set(clear_since_s=None)
    elif turn.lane.clear_since_s is None:
        turn.set(clear_since_s=turn.lane.now_s)


def _rising(turn: Turn, place: Place, *, found: bool) -> None:
    match place:
        case Place.ARRIVAL:
            _arrival_covered(turn)
        case Place.DECK_ENTRY:
            _deck_entered(turn, found=found)
        case Place.DECK_EXIT:
            _deck_reached(turn, found=found)
        case Place.CLEARANCE:
            _under_arm(turn, found=found)
        case Place.EXIT:
            _at_exit(turn)


def _falling(turn: Turn, place: Place) -> None:
    match place:
        case Place.ARRIVAL:
            _arrival_left(turn)
        case Place.DECK_ENTRY | Place.DECK_EXIT:
            _mark_empty(turn)
        case Place.CLEARANCE:
            _front_withdrawn(turn)
            _mark_empty(turn)
        case Place.EXIT:
            pass


def _arrival_covered(turn: Turn) -> None:
    lane = turn.lane
    passage = lane.passage
    if passage is None:
        if starts_passages(lane):
            begin(turn)
        return
    if not passage.left_arrival:
        return
    if passage.moved_back:
        # Backing off the deck onto the loop, or forward again with another behind: nobody can tell.
        turn.set_passage(position=Position.APPROACH, left_arrival=False, empty_since_s=None)
        add_caveat(turn, "vehicle_unclear")
        return
    if passage.empty_since_s is not None and not is_gone(lane, passage):
        turn.set_passage(left_arrival=False, empty_since_s=None)
        return
    if lane.waiting is None:
        if starts_passages(lane):
            begin(turn, waiting=True)
    elif lane.waiting.position is Position.APPROACH and lane.waiting.empty_since_s is not None:
        turn.set_waiting(left_arrival=False, empty_since_s=None)
        if lane.now_s - lane.waiting.empty_since_s >= lane.rules.timings.clear_for_s:
            add_caveat(turn, "vehicle_unclear", waiting=True)


def _arrival_left(turn: Turn) -> None:
    lane = turn.lane
    waiting, passage = lane.waiting, lane.passage
    if waiting is not None and not waiting.left_arrival:
        turn.set_waiting(left_arrival=True)
        if passage is not None and passage.position is Position.APPROACH and passage.phase not in GOING:
            # The one behind drove on or off, and nobody saw which of the two is in front now.
            add_caveat(turn, "vehicle_unclear")
    if passage is not None and not passage.left_arrival:
        # Also beside one that waits: after backing off the deck both may count as on the loop.
        turn.set_passage(left_arrival=True)
    _mark_empty(turn)


def _mark_empty(turn: Turn) -> None:
    """Note since when no sensor has seen a vehicle that was on the approach."""
    lane = turn.lane
    if covered(lane, *DECK, Place.CLEARANCE):
        return
    if lane.passage is not None and _unseen(lane.passage):
        turn.set_passage(empty_since_s=lane.now_s)
    if lane.waiting is not None and _unseen(lane.waiting):
        turn.set_waiting(empty_since_s=lane.now_s)


def _unseen(passage: Passage) -> bool:
    return passage.position is Position.APPROACH and passage.left_arrival and passage.empty_since_s is None


def _deck_entered(turn: Turn, *, found: bool) -> None:
    lane = turn.lane
    passage, waiting = lane.passage, lane.waiting
    if passage is None:
        _inside_unseen(turn)
    elif passage.position is Position.APPROACH:
        turn.set_passage(position=Position.DECK, empty_since_s=None)
    elif passage.position is Position.DECK and not found:
        if waiting is not None and waiting.position is Position.APPROACH:
            # Its own tail, or the next one driving up: two vehicles on one deck.
            add_caveat(turn, "vehicle_unclear")
        turn.set_passage(moved_back=True)
    elif passage.position is Position.ARM and waiting is not None:
        turn.set_waiting(position=Position.DECK, empty_since_s=None)


def _deck_reached(turn: Turn, *, found: bool) -> None:
    passage = turn.lane.passage
    if passage is None:
        _inside_unseen(turn)
    elif passage.position is Position.APPROACH:
        turn.set_passage(position=Position.DECK, empty_since_s=None)
        if Place.DECK_ENTRY in turn.lane.rules.places and not found:
            add_caveat(turn, "vehicle_unclear")


def _inside_unseen(turn: Turn) -> None:
    """On the deck without having come past the arrival loop."""
    if starts_passages(turn.lane):
        begin(turn, position=Position.DECK)
        add_caveat(turn, "not_seen_arriving")


def _under_arm(turn: Turn, *, found: bool) -> None:
    """Something is under the arm: the passage that may go, its trailer, or somebody without a release."""
    lane = turn.lane
    passage, waiting, rise = lane.passage, lane.waiting, lane.rise
    if found and passage is not None and passage.position is Position.APPROACH:
        turn.set_passage(empty_since_s=None)
    if found or lane.arm in (Arm.LOWERED, Arm.UNKNOWN):
        return
    if passage is None:
        if rise is not None and rise.passage is None and not rise.used:
            turn.set(rise=replace(rise, used=True))
        else:
            _unreleased(turn)
        return
    if _may_go(lane, passage):
        behind = waiting is not None and waiting.left_arrival
        if rise is not None:
            turn.set(rise=replace(rise, used=True))
        turn.set_passage(position=Position.ARM, empty_since_s=None)
        change_phase(turn, Trigger.PASSED_UNDER)
        if behind and passage.position is Position.APPROACH:
            # The one behind had left the loop before this one was seen under the arm: which of them is it?
            _unreleased(turn)
    elif passage.phase in GOING:
        if waiting is not None and waiting.left_arrival:
            turn.set_waiting(position=Position.ARM, empty_since_s=None)
            _unreleased(turn)
        elif passage.exit_seen and not covered(lane, Place.EXIT):
            _unreleased(turn)
        else:
            turn.set_passage(position=Position.ARM)
    else:
        turn.set_passage(position=Position.ARM, empty_since_s=None)
        _unreleased(turn)


def _may_go(lane: Lane, passage: Passage) -> bool:
    """Whether this passage may go under the arm and has not yet."""
    if passage.phase is Phase.RELEASED:
        return True
    if passage.phase is Phase.HANDING_OVER:
        return passage.position is not Position.ARM
    return rose_for(lane, passage) and lane.rise is not None and not lane.rise.used


def rose_for(lane: Lane, passage: Passage) -> bool:
    """Whether the arm is up for this passage."""
    return lane.rise is not None and lane.rise.passage == passage.number


def _unreleased(turn: Turn) -> None:
    lane = turn.lane
    number = lane.passage.number if lane.passage is not None else None
    used = lane.rise is not None and lane.rise.used
    if lane.rise is not None and lane.passage is not None and lane.rise.passage != lane.passage.number:
        used = True
    kind = "tailgating" if used else "passed_without_release"
    raise_alarm(turn, kind, Reason(code=kind), passage=number)


def _front_withdrawn(turn: Turn) -> None:
    """Clear under the arm while the place before it is covered: it went back, or it is a trailer's gap.

    Without a sensor at the exit a vehicle on the arrival loop is taken for the next one: it is asked anew.
    """
    lane = turn.lane
    passage, waiting = lane.passage, lane.waiting
    if passage is None or passage.position is not Position.ARM or passage.exit_seen:
        return
    before = next((place for place in BEFORE_ARM if place in lane.rules.places), None)
    if before is None or not covered(lane, before):
        return
    if before is Place.ARRIVAL:
        if not passage.left_arrival and _exit_sensors(lane):
            turn.set_passage(position=Position.APPROACH)
    elif waiting is None or waiting.position is Position.APPROACH:
        turn.set_passage(position=Position.DECK)


def _at_exit(turn: Turn) -> None:
    lane = turn.lane
    passage, waiting = lane.passage, lane.waiting
    if passage is None:
        return
    gone_under = passage.phase is Phase.LEAVING or passage.position is Position.ARM
    if not gone_under and passage.phase in GOING and lane.arm is Arm.RAISED and not clearance_good(lane):
        # Seen beyond the arm, which no good sensor watches: it went under it.
        change_phase(turn, Trigger.PASSED_UNDER)
        gone_under = True
    if not gone_under:
        return
    behind = waiting is not None and waiting.left_arrival and waiting.position is not Position.ARM
    if passage.exit_seen and behind:
        turn.set_waiting(position=Position.ARM, empty_since_s=None)
        _unreleased(turn)
    if turn.lane.waiting is not None and turn.lane.waiting.position is Position.ARM:
        turn.set_waiting(exit_seen=True)
    turn.set_passage(exit_seen=True, position=Position.ARM)


def has_left(lane: Lane) -> bool:
    """Whether the passage that was under the arm is gone: clear for long enough, and seen at the exit where a
    good sensor looks there, or seen nowhere for as long as a vehicle may be out of sight."""
    passage = lane.passage
    if passage is None or passage.position is not Position.ARM or not clear_long_enough(lane):
        return False
    if passage.exit_seen or not _exit_sensors(lane):
        return True
    since_s = lane.clear_since_s or 0.0
    unseen = not covered(lane, *DECK, Place.EXIT)
    return unseen and lane.now_s >= since_s + lane.rules.timings.approach_s


def _exit_sensors(lane: Lane) -> bool:
    return any(one.place is Place.EXIT and one.health is Health.GOOD for one in lane.sensors)


def is_gone(lane: Lane, passage: Passage) -> bool:
    """No sensor has seen it for longer than a loop may flicker."""
    since = passage.empty_since_s
    return since is not None and lane.now_s >= since + lane.rules.timings.clear_for_s


def lost_sight(turn: Turn, place: Place) -> None:
    """A sensor where vehicles stand was lost: nobody knows whether the vehicle is still the same."""
    if place not in (Place.ARRIVAL, *DECK):
        return
    passage = turn.lane.passage
    if passage is not None and (passage.phase in DECIDING or passage.phase is Phase.RELEASED):
        add_caveat(turn, "presence_lost")
    if place is Place.ARRIVAL:
        add_caveat(turn, "presence_lost", waiting=True)
