"""What the lanes look like now, from their retained states: for the eye.  For the record a state says only
which journals its lane still has (receive.py)."""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from dashboard.store.incoming import now_us
from lane_controller.messages.state import LaneState, Status
from lane_controller.messages.words import Audience

LANES_MAX = 1000
SILENT_AFTER_S = 20.0
"""A lane says its state at least every five seconds; after this long without a word it is not live."""


@dataclass(frozen=True, slots=True)
class HeardState:
    """A state and when it came.  A retained one may be of any age, so `retained` makes nothing live."""

    state: LaneState
    at_us: int
    at_mono_s: float
    retained: bool


@dataclass(slots=True)
class LiveLane:
    lane: str
    states: dict[Audience, HeardState] = field(default_factory=dict[Audience, HeardState])
    online: bool = False
    heard_mono_s: float | None = None
    heard_us: int | None = None

    def state_for(self, audiences: Collection[Audience]) -> HeardState | None:
        """The newest state that these audiences may see: of one sequence, the one for the narrower
        audience, which knows more."""
        order = list(Audience)
        seen = [
            (heard.state.sequence, order.index(audience), heard) for audience, heard in self._of(audiences)
        ]
        return max(seen, key=lambda entry: entry[:2])[2] if seen else None

    def _of(self, audiences: Collection[Audience]) -> list[tuple[Audience, HeardState]]:
        return [(audience, heard) for audience, heard in self.states.items() if audience in audiences]


class Live:
    """The lanes heard of since the start.  Followers are told the lane that changed."""

    def __init__(self) -> None:
        self.lanes: dict[str, LiveLane] = {}
        self.connected = False
        self._followers: list[Callable[[str | None], None]] = []

    def follow(self, follower: Callable[[str | None], None]) -> None:
        """Calls `follower` with the lane that changed, or None when the broker came or went."""
        self._followers.append(follower)

    def _tell(self, lane: str | None) -> None:
        for follower in self._followers:
            follower(lane)

    def _lane(self, lane: str) -> LiveLane | None:
        if lane not in self.lanes and len(self.lanes) >= LANES_MAX:
            return None
        return self.lanes.setdefault(lane, LiveLane(lane))

    def set_connected(self, connected: bool) -> None:
        self.connected = connected
        self._tell(None)

    def heard(self, lane: str) -> None:
        """Something fresh came from the lane."""
        known = self._lane(lane)
        if known:
            was_live = self.is_live(lane)
            known.heard_mono_s, known.heard_us = time.monotonic(), now_us()
            if not was_live:
                self._tell(lane)

    def set_state(self, audience: Audience, state: LaneState, *, retained: bool) -> None:
        known = self._lane(state.lane)
        if known:
            known.states[audience] = HeardState(state, now_us(), time.monotonic(), retained)
            self._tell(state.lane)

    def set_status(self, lane: str, status: Status) -> None:
        known = self._lane(lane)
        if known:
            known.online = status.status == "online"
            self._tell(lane)

    def is_live(self, lane: str) -> bool:
        """Whether what is shown of the lane is what it is now."""
        known = self.lanes.get(lane)
        return bool(
            self.connected
            and known
            and known.online
            and known.heard_mono_s is not None
            and time.monotonic() - known.heard_mono_s < SILENT_AFTER_S
        )
