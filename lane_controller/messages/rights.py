"""Which role may ask a lane for what.  The lane enforces it; a dashboard offers no more than this."""

from lane_controller.messages.words import CommandKind, UserRole

LINE = frozenset({UserRole.OPERATOR, UserRole.SECOND_LINE, UserRole.SHIFT_LEADER})
LEAD = frozenset({UserRole.OPERATOR, UserRole.SHIFT_LEADER})

COMMAND_ROLES: dict[CommandKind, frozenset[UserRole]] = {
    CommandKind.RELEASE: LINE,
    CommandKind.REFER: LINE,
    CommandKind.HOLD: LINE,
    CommandKind.RAISE: LINE,
    CommandKind.LOWER: LINE,
    CommandKind.MODE: LEAD | {UserRole.ADMINISTRATOR},
    CommandKind.PERSONS: LINE,
    CommandKind.ACKNOWLEDGE: LINE,
    CommandKind.SHIFT: LEAD,
}
"""Of the second person too, for the kinds that need two."""

SECOND_WITHIN_S = 60.0
"""The second person confirms within this time of the first one's asking; later the first asks anew."""

LIVE_ROLES = LINE
"""Who may look through a lane's cameras."""

TWO_PERSON_KINDS = frozenset(CommandKind) - {CommandKind.ACKNOWLEDGE, CommandKind.SHIFT}
"""Kinds for which a lane's configuration may ask a second person.  Taking notice of an alarm and taking a
lane over are one person's acts."""
