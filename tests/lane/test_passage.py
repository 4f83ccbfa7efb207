"""The life of a passage is the table, and its drawing is the table's."""

import pytest

from lane_controller.lane.passage import DECIDING, ENDS, GOING, TABLE, Phase, Trigger, follow
from tools.draw_passage import DIAGRAM, draw


def test_the_committed_drawing_is_the_tables() -> None:
    assert DIAGRAM.read_text("utf-8") == draw(), "run tools/draw_passage.py"


def test_every_phase_stands_in_the_table() -> None:
    assert set(TABLE) == set(Phase)


@pytest.mark.parametrize("phase", list(ENDS))
@pytest.mark.parametrize("trigger", list(Trigger))
def test_nothing_brings_back_a_passage_that_has_ended(phase: Phase, trigger: Trigger) -> None:
    assert follow(phase, trigger) is phase


def test_every_phase_can_be_reached_and_every_one_can_end() -> None:
    targets = {target for steps in TABLE.values() for target in steps.values()}
    assert targets | {Phase.WAITING, Phase.GATHERING} == set(Phase)
    for phase in set(Phase) - set(ENDS):
        assert set(TABLE[phase].values()) & set(ENDS), f"{phase} has no end"


def test_a_start_lets_nobody_go() -> None:
    for phase in Phase:
        assert follow(phase, Trigger.RESTARTED) not in GOING


def test_a_start_never_makes_less_of_a_referral() -> None:
    for phase in (Phase.REFERRED, Phase.HANDING_OVER):
        assert follow(phase, Trigger.RESTARTED) is Phase.REFERRED


def test_who_is_being_decided_on_is_not_going() -> None:
    assert not DECIDING & GOING
