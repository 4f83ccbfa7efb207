"""What each role may see.  Used for pages, JSON and stream alike; what it may ask a lane for stands in the
wire contract (lane_controller/messages/rights.py), since the lane enforces it."""

from lane_controller.messages.rights import LINE
from lane_controller.messages.words import Audience, UserRole

AUDIENCES: dict[UserRole, frozenset[Audience]] = {
    UserRole.OPERATOR: frozenset({Audience.LANE}),
    UserRole.SHIFT_LEADER: frozenset({Audience.LANE, Audience.SUPERVISOR}),
    UserRole.SECOND_LINE: frozenset({Audience.LANE, Audience.SECOND_LINE}),
    UserRole.AUDITOR: frozenset({Audience.LANE, Audience.SUPERVISOR, Audience.AUDIT}),
    UserRole.ADMINISTRATOR: frozenset({Audience.LANE}),
}

RECORDS = LINE | {UserRole.AUDITOR}
"""Who takes a passage's record out of the house."""

SITE_ALARMS = frozenset({UserRole.SHIFT_LEADER, UserRole.AUDITOR})
"""Who acknowledges the dashboard's own alarms: those who can see them."""

SHELVE = frozenset({UserRole.OPERATOR, UserRole.SHIFT_LEADER})
"""Who may shelve an alarm, and take it back."""
SHELVE_HIGH = frozenset({UserRole.SHIFT_LEADER})
"""Those of high priority."""
ALARM_STATISTICS = frozenset({UserRole.SHIFT_LEADER, UserRole.AUDITOR})
"""Who sees how the alarms do, and how many each operator had."""


def name_of(audiences: frozenset[Audience]) -> str:
    """A short name of a set of audiences, for caches and stream ids."""
    return "+".join(audience for audience in Audience if audience in audiences)
