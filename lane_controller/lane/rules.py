"""What a lane's configuration says to its rules: plain data that the start fact records, so that a journal
can be replayed without the machine it came from."""

from dataclasses import dataclass, field

from lane_controller.messages.words import Agency, CommandKind, Direction, Outcome, Place, Profile


@dataclass(frozen=True, slots=True)
class CheckRule:
    """A check that this lane requires, who owns it, and what its failure means here."""

    check: str
    agency: Agency
    on_failed: Outcome = Outcome.HOLD
    """HOLD or REFER; watchlists and lost documents always refer, whatever stands here."""


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds.  All have a default that suits a lorry lane."""

    clear_for_s: float = 2.0
    """Clearance sensors must have been clear this long before the arm is lowered."""
    rise_s: float = 8.0
    """An arm that is not up this long after the order is an alarm (docs/sources.md 44: 0.6 to 8 s)."""
    lower_s: float = 8.0
    permit_s: float = 15.0
    """A permit that was not used expires."""
    leave_s: float = 60.0
    """A released vehicle that has not left by then raises an alarm."""
    hold_s: float = 600.0
    """An unanswered hold expires into refer."""
    read_s: float = 60.0
    """A required reading that did not come by then is inconclusive."""
    register_s: float = 3.0
    """Deadline of a question to a register."""
    approach_s: float = 30.0
    """Arrival loop uncovered and nothing in the cell for this long: the vehicle backed out."""


@dataclass(frozen=True, slots=True)
class ChipRules:
    """The chip of each document is asked for.  Where it is not `required`, a document whose chip nobody shows
    passes without; one that shows and can't be read never does."""

    required: bool = True
    wait_s: float = 6.0
    """It must be in the field so soon after its page was read."""
    read_s: float = 20.0
    """And be read so soon from then: old chips take ten seconds."""


@dataclass(frozen=True, slots=True)
class LaneRules:
    """Everything a lane's rules may depend on besides the facts."""

    site: str
    lane: str
    journal: str
    profile: Profile
    direction: Direction
    state: str
    """The state whose limits apply (KZ, KG, TJ, TM, UZ, RU, CN, EU)."""
    checks: tuple[CheckRule, ...]
    timings: Timings = field(default_factory=Timings)
    places: tuple[Place, ...] = ()
    """Where presence sensors look; `clearance` at least, or the arm is never lowered by itself."""
    clearance_sensors: tuple[str, ...] = ()
    """Device names of all sensors at `clearance`: each must be good and clear to lower."""
    devices: tuple[str, ...] = ()
    """All device names, for the state."""
    two_person_kinds: tuple[CommandKind, ...] = ()
    """Commands that need a second person."""
    weight_tolerance: float = 0.02
    """Gross weight as declared: accepted relative difference."""
    expanded_uncertainty_kg: float = 40.0
    """Of the scale in service at the loads weighed (OIML R 76-1: 1e to 3e); a limit is exceeded beyond it."""
    commissioned: bool = False
    """Without the commissioning walk no mode `open`."""
    plates_at: Place = Place.ARRIVAL
    """Where the vehicle stands that the plate cameras see: at `arrival` a plate belongs to the vehicle on
    that loop, which may be the waiting one; at any other place to the owner of the cell."""
    utc_offset_min: int = 0
    """Minutes east of UTC: what day it is here (KZ, UZ, TJ, TM 300; KG 360; CN 480)."""
    chip: ChipRules | None = None
    """None: the lane reads no chips."""
    start_mode: str = "open"
    """The mode to enter after a start when the arm is known and all is well; else `manual`."""
