"""Where things stand in a simulated lane, in metres along the direction of travel.

Zero is the deck's entry edge (with a scale) or the stop line (without).  The zones of neighbouring places
are close enough that no vehicle of the lane's profile falls between them unseen.
"""

import math
from dataclasses import dataclass

PROFILES = ("cargo", "car", "coach", "pedestrian")
PLACES = ("arrival", "deck_entry", "deck_exit", "clearance", "exit")


@dataclass(frozen=True, slots=True)
class Zone:
    """From `start_m` to `end_m`."""

    start_m: float
    end_m: float

    def meets(self, rear_m: float, front_m: float) -> bool:
        return rear_m < self.end_m and front_m > self.start_m

    def share(self, at_m: float, length_m: float) -> float:
        """How much of what touches the ground over `length_m` around `at_m` lies in it, 0 to 1."""
        first_m, last_m = at_m - length_m / 2, at_m + length_m / 2
        return max(0.0, min(last_m, self.end_m) - max(first_m, self.start_m)) / length_m


@dataclass(frozen=True, slots=True)
class Geometry:
    """A lane's plan.

    `places` maps each presence sensor's place to the zone it looks at.  `appear_m` is where vehicles come
    into the world, `wait_m` where a front stands while the cell is taken, `stop_m` where it stands while
    being checked, `camera_m` where it stands before the plate camera's lens, `arm_m` the boom, `gone_m` where
    a rear leaves the world.  `speed_m_s` and `pull_m_s2` are what drivers of this profile do,
    `deck_speed_m_s` while they drive onto the deck; `halt_s` is how long they stand at the waiting line at
    least.
    """

    profile: str
    places: dict[str, Zone]
    deck: Zone | None
    appear_m: float
    wait_m: float
    stop_m: float
    camera_m: float
    arm_m: float
    gone_m: float
    gap_m: float
    speed_m_s: float
    pull_m_s2: float
    deck_speed_m_s: float = math.inf
    halt_s: float = 0.0


GEOMETRY = {
    "cargo": Geometry(
        profile="cargo",
        places={
            "arrival": Zone(-7.0, -5.0),
            "deck_entry": Zone(-0.4, 0.0),
            "deck_exit": Zone(18.0, 18.4),
            "clearance": Zone(19.5, 22.5),
            "exit": Zone(25.0, 27.0),
        },
        deck=Zone(0.0, 18.0),
        appear_m=-14.0,
        wait_m=-4.0,
        stop_m=17.6,
        camera_m=-4.0,
        arm_m=21.0,
        gone_m=30.0,
        gap_m=1.5,
        speed_m_s=4.0,
        pull_m_s2=1.2,
        # A walk: a train's axles take some 10 s to climb (docs/sources.md 75).
        deck_speed_m_s=1.2,
        halt_s=6.0,
    ),
    "coach": Geometry(
        profile="coach",
        places={"arrival": Zone(-8.0, -0.5), "clearance": Zone(1.5, 5.5), "exit": Zone(9.0, 11.0)},
        deck=None,
        appear_m=-28.0,
        wait_m=-14.0,
        stop_m=0.0,
        camera_m=0.0,
        arm_m=3.5,
        gone_m=14.0,
        gap_m=1.5,
        speed_m_s=4.0,
        pull_m_s2=1.2,
    ),
    "car": Geometry(
        profile="car",
        places={"arrival": Zone(-2.5, -0.5), "clearance": Zone(1.5, 4.5), "exit": Zone(7.0, 9.0)},
        deck=None,
        appear_m=-14.0,
        wait_m=-6.5,
        stop_m=0.0,
        camera_m=0.0,
        arm_m=3.0,
        gone_m=12.0,
        gap_m=1.0,
        speed_m_s=4.0,
        pull_m_s2=2.0,
    ),
    "pedestrian": Geometry(
        profile="pedestrian",
        places={"arrival": Zone(-0.8, 0.2), "clearance": Zone(0.7, 1.7), "exit": Zone(1.9, 2.9)},
        deck=None,
        appear_m=-4.0,
        wait_m=-1.2,
        stop_m=0.0,
        camera_m=0.0,
        arm_m=1.2,
        gone_m=4.0,
        gap_m=0.4,
        speed_m_s=1.3,
        pull_m_s2=1.5,
    ),
}
