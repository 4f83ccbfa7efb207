"""The key switch at the lane: an officer's last resort, with dashboard and network dead."""

from lane_controller.lane.alarms import raise_alarm
from lane_controller.lane.barrier import against_raising
from lane_controller.lane.chatter import may_tell
from lane_controller.lane.facts import LocalKeyTurned
from lane_controller.lane.permits import issue
from lane_controller.lane.turn import Turn
from lane_controller.messages.events import ArmWithheld
from lane_controller.messages.parts import Reason


def local_key_turned(turn: Turn, fact: LocalKeyTurned) -> None:
    """Each turn to on gives one permit, with alarm and picture; the interlocks hold."""
    was_on = turn.lane.key_on
    turn.set(key_on=fact.on)
    if not fact.on or was_on or not may_tell(turn, fact.device):
        return
    number = turn.lane.passage.number if turn.lane.passage is not None else None
    raise_alarm(turn, "local_key", Reason(code="key_turned"), passage=number)
    obstacles = against_raising(turn.lane, "local", seen_clear=False)
    if obstacles:
        turn.emit(ArmWithheld(movement="raise", reasons=obstacles, passage=number), passage=number)
    else:
        issue(turn, "local", number)
