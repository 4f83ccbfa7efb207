"""When something in a lane was, by this machine's clock."""

from typing import Any

from dashboard.ingest.live import HeardState
from dashboard.store.incoming import to_us
from lane_controller.messages.parts import Stamp


def registered_us(heard: HeardState, value: dict[str, Any]) -> int:
    """When an event was, as `happened_us` tells it of a state's stamps."""
    at = heard.state.at
    if heard.retained or value["boot"] != at.boot:
        return int(value["time_us"])
    return (heard.at_us - round((at.mono_s - value["mono_s"]) * 1e6)) // 1_000_000 * 1_000_000


def happened_us(heard: HeardState, stamp: Stamp) -> int:
    """When something was, by this machine's clock: a lane's clock may be wrong by days, its monotonic time is
    not.  A retained state's own age is unknown, and of another boot only the lane's clock can tell."""
    at = heard.state.at
    if heard.retained or stamp.boot != at.boot:
        return to_us(stamp.utc)
    # To the second: states arrive with jitter, and the same moment should look the same in each.
    return (heard.at_us - round((at.mono_s - stamp.mono_s) * 1e6)) // 1_000_000 * 1_000_000
