"""The life of a passage: one table.  Everything that changes a passage's phase is in this file.

    number taken -> [waiting] -> gathering -> held | referred | released -> leaving -> an end

Two rules hold throughout.  A phase changes only by `follow`, and a pair that the table does not list leaves
the phase as it is: a vehicle that has gone is not brought back by a late answer.  The table does not know why
a trigger came: whether the checks allow a release is decision.py's to say, whether the arm may move
barrier.py's.  `tools/draw_passage.py` draws docs/passage.md from this table, and a test fails when that is
stale.
"""

from enum import StrEnum

from lane_controller.messages.words import PassageEnd


class Phase(StrEnum):
    WAITING = "waiting"
    """On the arrival loop while another passage owns the cell."""
    GATHERING = "gathering"
    """Owns the cell; readings and answers are still coming in."""
    HELD = "held"
    """An operator decides, each for the own agency."""
    REFERRED = "referred"
    """Second line decides."""
    RELEASED = "released"
    """All owning agencies agree; it may go."""
    HANDING_OVER = "handing_over"
    """Referred, and second line has the arm raised to take it through."""
    LEAVING = "leaving"
    """Released and seen under the arm."""
    DEPARTED = "departed"
    WITHDRAWN = "withdrawn"
    HANDED_OVER = "handed_over"
    ABANDONED = "abandoned"


class Trigger(StrEnum):
    PROMOTED = "promoted"
    """The passage before it ended."""
    REOPENED = "reopened"
    """New evidence opened a check again."""
    DECIDED_HOLD = "decided_hold"
    DECIDED_REFER = "decided_refer"
    DECIDED_RELEASE = "decided_release"
    TAKEN_OVER = "taken_over"
    """Second line had the arm raised for a referred passage."""
    PASSED_UNDER = "passed_under"
    """Seen under the arm while it might go."""
    LEFT = "left"
    """Gone out past the arm."""
    BACKED_OUT = "backed_out"
    """Gone out backwards."""
    GIVEN_UP = "given_up"
    """The lane was closed, or nothing was there after a start."""
    RESTARTED = "restarted"
    """The daemon started; nothing of before is taken for granted."""


TABLE: dict[Phase, dict[Trigger, Phase]] = {
    Phase.WAITING: {
        Trigger.PROMOTED: Phase.GATHERING,
        Trigger.BACKED_OUT: Phase.WITHDRAWN,
        Trigger.GIVEN_UP: Phase.ABANDONED,
    },
    Phase.GATHERING: {
        Trigger.DECIDED_HOLD: Phase.HELD,
        Trigger.DECIDED_REFER: Phase.REFERRED,
        Trigger.DECIDED_RELEASE: Phase.RELEASED,
        Trigger.LEFT: Phase.DEPARTED,
        Trigger.BACKED_OUT: Phase.WITHDRAWN,
        Trigger.GIVEN_UP: Phase.ABANDONED,
        Trigger.RESTARTED: Phase.HELD,
    },
    Phase.HELD: {
        Trigger.REOPENED: Phase.GATHERING,
        Trigger.DECIDED_REFER: Phase.REFERRED,
        Trigger.DECIDED_RELEASE: Phase.RELEASED,
        Trigger.LEFT: Phase.DEPARTED,
        Trigger.BACKED_OUT: Phase.WITHDRAWN,
        Trigger.GIVEN_UP: Phase.ABANDONED,
    },
    Phase.REFERRED: {
        Trigger.DECIDED_HOLD: Phase.HELD,
        Trigger.DECIDED_RELEASE: Phase.RELEASED,
        Trigger.TAKEN_OVER: Phase.HANDING_OVER,
        Trigger.LEFT: Phase.DEPARTED,
        Trigger.BACKED_OUT: Phase.WITHDRAWN,
        Trigger.GIVEN_UP: Phase.ABANDONED,
    },
    Phase.RELEASED: {
        Trigger.REOPENED: Phase.GATHERING,
        Trigger.DECIDED_HOLD: Phase.HELD,
        Trigger.DECIDED_REFER: Phase.REFERRED,
        Trigger.PASSED_UNDER: Phase.LEAVING,
        Trigger.BACKED_OUT: Phase.WITHDRAWN,
        Trigger.GIVEN_UP: Phase.ABANDONED,
        Trigger.RESTARTED: Phase.HELD,
    },
    Phase.HANDING_OVER: {
        Trigger.LEFT: Phase.HANDED_OVER,
        Trigger.DECIDED_RELEASE: Phase.RELEASED,
        Trigger.BACKED_OUT: Phase.WITHDRAWN,
        Trigger.GIVEN_UP: Phase.ABANDONED,
        Trigger.RESTARTED: Phase.REFERRED,
    },
    Phase.LEAVING: {
        Trigger.LEFT: Phase.DEPARTED,
        Trigger.BACKED_OUT: Phase.WITHDRAWN,
        Trigger.GIVEN_UP: Phase.ABANDONED,
        Trigger.RESTARTED: Phase.HELD,
    },
    Phase.DEPARTED: {},
    Phase.WITHDRAWN: {},
    Phase.HANDED_OVER: {},
    Phase.ABANDONED: {},
}

ENDS: dict[Phase, PassageEnd] = {
    Phase.DEPARTED: PassageEnd.DEPARTED,
    Phase.WITHDRAWN: PassageEnd.WITHDRAWN,
    Phase.HANDED_OVER: PassageEnd.HANDED_OVER,
    Phase.ABANDONED: PassageEnd.ABANDONED,
}

DECIDING = frozenset({Phase.GATHERING, Phase.HELD, Phase.REFERRED})
"""The evidence still counts: a decision may come or change."""
GOING = frozenset({Phase.RELEASED, Phase.HANDING_OVER, Phase.LEAVING})
"""The arm may be up for it."""


def follow(phase: Phase, trigger: Trigger) -> Phase:
    """The phase after `trigger`; the same phase where the table has no such step."""
    return TABLE[phase].get(trigger, phase)
