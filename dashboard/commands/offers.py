"""Which commands make sense now, and why the others are withheld.

This only spares an operator a refusal: the lane decides for itself, by its own rules.
"""

from collections.abc import Callable
from dataclasses import dataclass

from dashboard.users.accounts import User
from dashboard.views.facts import LaneFacts
from lane_controller.messages.parts import Reason
from lane_controller.messages.rights import COMMAND_ROLES
from lane_controller.messages.words import CommandKind, UserRole

PANEL = (
    CommandKind.RELEASE,
    CommandKind.HOLD,
    CommandKind.REFER,
    CommandKind.PERSONS,
    CommandKind.RAISE,
    CommandKind.LOWER,
    CommandKind.MODE,
)
"""Kinds offered on a lane's page; alarms and shifts have pages of their own."""

_DECIDING = ("gathering", "held", "referred")
_OF_AGENCY = (CommandKind.RELEASE, CommandKind.HOLD, CommandKind.REFER)


@dataclass(frozen=True, slots=True)
class Offered:
    """`reasons` empty: it makes sense now."""

    kind: CommandKind
    reasons: tuple[Reason, ...] = ()


def offers(facts: LaneFacts, user: User) -> list[Offered]:
    """The kinds that the user's role may ever ask for, each offered or withheld."""
    return [
        Offered(kind, withheld(kind, facts, user))
        for kind in PANEL
        if user.role in COMMAND_ROLES[kind] and _fits_profile(kind, facts)
    ]


def _fits_profile(kind: CommandKind, facts: LaneFacts) -> bool:
    return kind is not CommandKind.PERSONS or facts.profile in ("car", "coach")


def withheld(kind: CommandKind, facts: LaneFacts, user: User) -> tuple[Reason, ...]:
    """Why the command would be refused now, as far as the dashboard can tell."""
    if user.role not in COMMAND_ROLES[kind]:
        return (Reason(code="role_may_not"),)
    if not facts.live or facts.heard is None:
        return (Reason(code="lane_offline"),)
    if kind in _OF_AGENCY:
        agencies = {result.agency for result in facts.passage.checks} if facts.passage else set()
        if user.agency is None or (agencies and user.agency not in agencies):
            return (Reason(code="not_of_the_agency"),)
    return tuple(Reason(code=code) for code in _RULES[kind](facts, user)) if kind in _RULES else ()


def _of_passage(facts: LaneFacts, user: User) -> list[str]:
    if facts.passage is None:
        return ["no_passage"]
    if facts.mode in ("closed", "maintenance"):
        return [f"mode_{facts.mode}"]
    return [] if facts.passage.phase in _DECIDING else ["nothing_to_decide"]


def _release(facts: LaneFacts, user: User) -> list[str]:
    codes = _of_passage(facts, user)
    if codes or facts.passage is None:
        return codes
    waiting = {reason.code for reason in facts.passage.waiting_for}
    if waiting & {"register", "persons", "documents"} or any(code.startswith("reading_") for code in waiting):
        return ["checks_open"]
    if facts.passage.phase == "referred" and user.role is not UserRole.SECOND_LINE:
        return ["second_line_only"]
    return []


def _raise(facts: LaneFacts, user: User) -> list[str]:
    if facts.mode in ("closed", "maintenance"):
        return [f"mode_{facts.mode}"]
    if facts.passage is not None and facts.passage.phase not in ("released", "leaving"):
        if facts.passage.phase not in ("referred", "handing_over"):
            return ["not_released"]
        if user.role is not UserRole.SECOND_LINE:
            return ["second_line_only"]
    return ["arm_raised"] if facts.arm == "raised" else ["arm_moving"] if facts.arm == "rising" else []


def _lower(facts: LaneFacts, user: User) -> list[str]:
    if facts.mode == "maintenance":
        return ["mode_maintenance"]
    if "clearance" in facts.covered:
        return ["clearance_covered_now"]
    if facts.arm != "raised":
        return [f"arm_{facts.arm}"]
    return []


_RULES: dict[CommandKind, Callable[[LaneFacts, User], list[str]]] = {
    CommandKind.RELEASE: _release,
    CommandKind.HOLD: _of_passage,
    CommandKind.REFER: _of_passage,
    CommandKind.PERSONS: _of_passage,
    CommandKind.RAISE: _raise,
    CommandKind.LOWER: _lower,
}

REASONS: dict[CommandKind, tuple[str, ...]] = {
    CommandKind.RELEASE: ("evidence_sufficient", "checked_by_hand", "corrected_reading"),
    CommandKind.HOLD: ("doubt", "needs_checking_by_hand", "papers_missing"),
    CommandKind.REFER: ("doubt", "papers_missing", "suspicion", "help_needed"),
    CommandKind.PERSONS: ("counted",),
    CommandKind.RAISE: ("vehicle_released", "let_out_backwards", "arm_position_unknown"),
    CommandKind.LOWER: ("seen_clear", "lane_left_open"),
    CommandKind.MODE: ("start_of_work", "end_of_work", "fault", "incident"),
    CommandKind.ACKNOWLEDGE: ("seen",),
    CommandKind.SHIFT: ("hand_over",),
}
"""Reasons that belong to one kind."""

COMMON_REASONS = (
    "device_failed",
    "emergency_service",
    "official_convoy",
    "medical",
    "humanitarian",
    "exercise",
    "maintenance",
    "other",
)
"""Reasons for doing by hand what the lane does by itself (docs/sources.md 82); `other` needs a text."""


def reasons_for(kind: CommandKind) -> tuple[str, ...]:
    """The codes to choose from, the usual ones first."""
    common = (
        COMMON_REASONS
        if kind in (*_OF_AGENCY, CommandKind.RAISE, CommandKind.LOWER, CommandKind.MODE)
        else ()
    )
    return (*REASONS[kind], *common)
