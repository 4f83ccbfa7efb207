"""A kind that needs two is done for two and for nobody else: two accounts with the right, at two enrolled
work places, the second soon after the first.  Anything else is refused, and changes nothing."""

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lane_controller.lane.facts import CommandArrived
from lane_controller.messages.events import CommandAnswered
from lane_controller.messages.parts import Person
from lane_controller.messages.rights import COMMAND_ROLES, SECOND_WITHIN_S, TWO_PERSON_KINDS
from lane_controller.messages.words import Agency, CommandKind, Mode, UserRole
from tests.lane.teller import Teller

persons = st.builds(
    Person,
    operator=st.sampled_from(("olga", "Olga", "ivan", "")),
    role=st.sampled_from([*UserRole, "nobody"]),
    agency=st.just(Agency.BORDER),
    workplace=st.sampled_from(("", "post-1", "POST-1", "post-2")),
)
after = st.none() | st.floats(0, 120) | st.sampled_from((0.0, SECOND_WITHIN_S))
SECOND_PERSON = (
    "needs_second_person",
    "second_person_is_the_same",
    "second_person_may_not",
    "workplace_not_enrolled",
    "second_person_same_workplace",
    "second_person_late",
)
OLGA = Person(operator="olga", role="shift_leader", agency=Agency.BORDER, workplace="post-1")
IVAN = OLGA.model_copy(update={"operator": "ivan", "workplace": "post-2"})


def two_stand_by_it(first: Person, second: Person | None, after_s: float | None, kind: CommandKind) -> bool:
    return (
        second is not None
        and second.operator.lower() != first.operator.lower()
        and second.role in COMMAND_ROLES[kind]
        and first.workplace != ""
        and second.workplace != ""
        and first.workplace.lower() != second.workplace.lower()
        and after_s is not None
        and after_s <= SECOND_WITHIN_S
    )


@given(first=persons, second=st.none() | persons, after_s=after)
@example(first=OLGA, second=IVAN, after_s=SECOND_WITHIN_S)
@example(first=OLGA, second=IVAN, after_s=SECOND_WITHIN_S + 0.001)
@example(first=OLGA, second=OLGA, after_s=1.0)
def test_two_persons_do_it_together_and_nobody_alone(
    first: Person, second: Person | None, after_s: float | None
) -> None:
    lane = Teller()
    lane.rules = replace(lane.rules, two_person_kinds=(CommandKind.MODE,))
    lane.open_lane()
    assert lane.now.mode is Mode.OPEN
    told = {"by": first, "second": second, "second_after_s": after_s}
    command = lane.command("mode", mode=Mode.CLOSED).model_copy(update=told)
    said = lane.tell(CommandArrived(lane.at, command))
    answer = next(one.data for one in said if isinstance(one.data, CommandAnswered))
    refused = {reason.code for reason in answer.reasons}
    together = two_stand_by_it(first, second, after_s, CommandKind.MODE)
    assert bool(refused & set(SECOND_PERSON)) is not together
    assert (lane.now.mode is Mode.CLOSED) is (together and first.role in COMMAND_ROLES[CommandKind.MODE])


@pytest.mark.parametrize("kind", sorted(TWO_PERSON_KINDS))
def test_each_kind_that_may_need_two_is_refused_to_one(kind: CommandKind) -> None:
    lane = Teller()
    lane.rules = replace(lane.rules, two_person_kinds=(kind,))
    lane.open_lane()
    lane.arrive()
    assert lane.now.passage is not None
    before = lane.now.passage
    said = lane.click(kind)
    answers = [one.data for one in said if isinstance(one.data, CommandAnswered)]
    assert [reason.code for one in answers for reason in one.reasons] == ["needs_second_person"]
    assert lane.now.passage == before
