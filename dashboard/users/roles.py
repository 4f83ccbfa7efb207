"""What each role may see and do.  Used for pages, JSON and stream alike."""

from lane_controller.messages.words import Audience, CommandKind, UserRole

AUDIENCES: dict[UserRole, frozenset[Audience]] = {
    UserRole.OPERATOR: frozenset({Audience.LANE}),
    UserRole.SHIFT_LEADER: frozenset({Audience.LANE, Audience.SUPERVISOR}),
    UserRole.SECOND_LINE: frozenset({Audience.LANE, Audience.SECOND_LINE}),
    UserRole.AUDITOR: frozenset({Audience.LANE, Audience.SUPERVISOR, Audience.AUDIT}),
    UserRole.ADMINISTRATOR: frozenset({Audience.LANE}),
}

_LINE = frozenset({UserRole.OPERATOR, UserRole.SECOND_LINE, UserRole.SHIFT_LEADER})
_LEAD = frozenset({UserRole.OPERATOR, UserRole.SHIFT_LEADER})

COMMANDS: dict[CommandKind, frozenset[UserRole]] = {
    CommandKind.RELEASE: _LINE,
    CommandKind.REFER: _LINE,
    CommandKind.HOLD: _LINE,
    CommandKind.RAISE: _LINE,
    CommandKind.LOWER: _LINE,
    CommandKind.MODE: _LEAD | {UserRole.ADMINISTRATOR},
    CommandKind.PERSONS: _LINE,
    CommandKind.ACKNOWLEDGE: _LINE,
    CommandKind.SHIFT: _LEAD,
}
"""Who may ask a lane for what.  The lane has its own table and enforces it; this one spares a refusal."""

SITE_ALARMS = frozenset({UserRole.SHIFT_LEADER, UserRole.AUDITOR})
"""Who acknowledges the dashboard's own alarms: those who can see them."""


def name_of(audiences: frozenset[Audience]) -> str:
    """A short name of a set of audiences, for caches and stream ids."""
    return "+".join(audience for audience in Audience if audience in audiences)
