"""Which day it is at the lane, for rules that hold from a day on."""

from datetime import date, timedelta

from lane_controller.lane.state import Lane, Passage
from lane_controller.messages.words import ClockQuality


def today(lane: Lane, passage: Passage) -> date | None:
    """The local date; None when the clock runs free, or jumped while this passage was here."""
    if lane.now.clock is not ClockQuality.SYNCHRONISED or passage.clock_doubt:
        return None
    return (lane.now.utc + timedelta(minutes=lane.rules.utc_offset_min)).date()
