"""Who may ask a lane for what, and how often it is done."""

import pytest

from lane_controller.lane import views
from lane_controller.lane.commands import EXPIRY_MAX_S
from lane_controller.lane.facts import CommandArrived
from lane_controller.messages.command import Expiry
from lane_controller.messages.events import CommandAnswered
from lane_controller.messages.parts import Reason
from lane_controller.messages.rights import COMMAND_ROLES
from lane_controller.messages.words import Answer, CommandKind, UserRole
from tests.lane.teller import Teller


@pytest.fixture
def lane() -> Teller:
    teller = Teller().open_lane()
    teller.arrive()
    return teller


def refusals(teller: Teller, kind: str, **changes: object) -> list[str]:
    said = teller.click(kind, **changes)
    answers = [one.data for one in said if isinstance(one.data, CommandAnswered)]
    return [reason.code for one in answers for reason in one.reasons]


@pytest.mark.parametrize("kind", list(CommandKind))
@pytest.mark.parametrize("role", [*UserRole, "nobody"])
def test_a_role_asks_only_for_what_is_its(lane: Teller, kind: CommandKind, role: str) -> None:
    refused = "role_may_not" in refusals(lane, kind, role=role)
    assert refused is (role not in {one.value for one in COMMAND_ROLES[kind]})


@pytest.mark.parametrize("kind", ["release", "refer", "hold"])
@pytest.mark.parametrize("agency", ["plant_health", None])
def test_who_owns_no_check_here_decides_nothing(lane: Teller, kind: str, agency: str | None) -> None:
    assert refusals(lane, kind, agency=agency) == ["not_of_the_agency"]


@pytest.mark.parametrize("kind", ["release", "refer", "hold", "persons"])
def test_what_is_about_a_passage_names_it(lane: Teller, kind: str) -> None:
    assert refusals(lane, kind, passage=None) == ["no_passage_named"]


def test_a_command_that_would_live_too_long_is_refused(lane: Teller) -> None:
    expires = Expiry(boot=lane.boot, mono_s=lane.mono_s + EXPIRY_MAX_S + 1)
    assert refusals(lane, "hold", expires=expires) == ["expires_too_late"]


def test_a_command_of_another_boot_is_stale(lane: Teller) -> None:
    assert refusals(lane, "hold", expires=Expiry(boot="before", mono_s=1e6)) == ["stale"]


def test_a_command_is_done_once_and_answered_the_same_again(lane: Teller) -> None:
    command = lane.command("shift", shift="begin", by="olga")
    first = lane.tell(CommandArrived(lane.at, command))
    reply = views.reply(lane.now, command.id)
    assert reply is not None
    assert reply.answer is Answer.DONE
    assert first
    assert lane.tell(CommandArrived(lane.at, command)) == ()
    assert views.reply(lane.now, command.id) == reply


def test_the_lane_knows_nothing_of_a_command_that_never_came(lane: Teller) -> None:
    assert views.reply(lane.now, "command-9999") is None


def test_the_reply_names_the_event_that_recorded_it(lane: Teller) -> None:
    lane.click("shift", shift="begin")
    reply = views.reply(lane.now, "command-0001")
    assert reply is not None
    recorded = lane.told[reply.sequence - 1].data
    assert isinstance(recorded, CommandAnswered)
    assert recorded.command == "command-0001"


def test_answers_are_remembered_as_long_as_they_could_be_asked_again(lane: Teller) -> None:
    for _ in range(100):
        lane.click("persons", persons=1)
    assert views.reply(lane.now, "command-0001") is not None
    lane.wait(60)
    for _ in range(100):
        lane.click("persons", persons=1)
    assert len(lane.now.answers) <= 101
    assert views.reply(lane.now, "command-0200") is not None


def test_a_reason_of_any_length_fits_an_event(lane: Teller) -> None:
    long = Reason(code="other", parameters={"text": "x" * 100_000})
    assert refusals(lane, "hold", reason=long) == ["reason_too_long"]


def test_a_click_on_what_was_seen_before_is_refused_for_a_release_and_taken_for_a_hold(lane: Teller) -> None:
    seen = lane.now.sequence
    lane.plate("123ABC02")
    assert refusals(lane, "release", seen=seen) == ["superseded"]
    assert refusals(lane, "hold", seen=seen) == []
