"""Whatever chatters, floods or is absurd: events stay few, the state stays small, nobody is let go by it."""

import pytest

from lane_controller.lane import state, views
from lane_controller.lane.alarms import ALARMS, STANDING_MAX
from lane_controller.lane.losses import LOST_FOR_S
from lane_controller.lane.passage import Phase
from lane_controller.messages.envelope import EVENT_BYTES_MAX
from lane_controller.messages.events import AlarmRaised, PresenceChanged
from lane_controller.messages.words import Audience, CheckOutcome, Health, Mode, Place, Profile
from tests.lane.stories import HITS
from tests.lane.teller import Teller, rules


@pytest.fixture
def lane() -> Teller:
    return Teller().open_lane()


def kinds(teller: Teller) -> list[str]:
    return [alarm.kind for alarm in teller.now.alarms]


def test_a_chattering_loop_is_an_alarm_and_not_a_flood_of_events(lane: Teller) -> None:
    before = len(lane.told)
    for n in range(2_000):
        lane.wait(0.05)
        lane.presence(Place.EXIT, n % 2 == 0)
    told = lane.told[before:]
    assert len(told) < 40
    assert kinds(lane) == ["chattering"]
    lane.wait(31)
    assert kinds(lane) == []
    last = [one.data for one in lane.told if isinstance(one.data, PresenceChanged)][-1]
    assert (last.device, last.covered) == ("exit", False), "the last level is told when it is quiet"


def test_a_chattering_loop_is_still_believed(lane: Teller) -> None:
    for n in range(101):
        lane.presence(Place.CLEARANCE, n % 2 == 0)
    assert lane.now.clear_since_s is None


def test_chattering_end_switches_stay_few_events(lane: Teller) -> None:
    before = len(lane.told)
    for n in range(1_000):
        lane.arm("between" if n % 2 == 0 else "lowered")
    assert len(lane.told) - before < 60
    assert len(lane.now.alarms) <= STANDING_MAX + 2


def test_a_flapping_device_stays_few_events(lane: Teller) -> None:
    before = len(lane.told)
    for n in range(1_000):
        lane.health("scale", Health.DEGRADED if n % 2 == 0 else Health.GOOD)
    assert len(lane.told) - before < 2_100
    assert len(lane.now.alarms) <= 2


def test_a_flood_of_documents_holds_the_passage_and_stays_bounded(lane: Teller) -> None:
    lane.arrive()
    for n in range(2_000):
        lane.document(f"N{n}")
    assert len(state.dump(lane.now)) < 400_000
    assert len(lane.told) < 3_000
    passage = lane.now.passage
    assert passage is not None
    assert any(caveat.code == "too_many_readings" for caveat in passage.caveats)
    assert passage.phase is Phase.HELD


def test_more_hits_than_a_person_could_read_are_no_answer(lane: Teller) -> None:
    lane.arrive()
    lane.document()
    lane.answer("watchlist_person", tuple(HITS["listed"] for _ in range(51)))
    passage = lane.now.passage
    assert passage is not None
    result = next(one for one in passage.results if one.check == "person_watchlist")
    assert (result.outcome, result.reason.code) == (CheckOutcome.NOT_PERFORMED, "too_many_hits")


def test_an_answer_with_absurd_values_fits_an_event_and_still_counts(lane: Teller) -> None:
    lane.arrive()
    lane.document()
    absurd = {**HITS["listed"], "note": "\x00я" * 50_000, "deep": {"a": [1, {"b": 2}]}, "k" * 9_000: None}
    said = lane.answer("watchlist_person", tuple(absurd for _ in range(50)))
    assert all(len(one.data.model_dump_json()) < EVENT_BYTES_MAX - 1024 for one in said)
    passage = lane.now.passage
    assert passage is not None
    assert any(
        one.check == "person_watchlist" and one.outcome is CheckOutcome.FAILED for one in passage.results
    )


def test_a_passage_about_which_the_machine_changes_its_mind_for_ever_is_a_persons(lane: Teller) -> None:
    lane.evidence()
    before = len(lane.told)
    for n in range(200):
        lane.weight(43_900 if n % 2 == 0 else 38_000)
    assert len(lane.told) - before < 2_000
    passage = lane.now.passage
    assert passage is not None
    assert passage.phase is Phase.HELD


@pytest.mark.parametrize("profile", list(Profile))
def test_a_hundred_visits_leave_the_state_as_small_as_one(profile: Profile) -> None:
    lane = Teller(rules(profile)).open_lane()
    sizes: list[int] = []
    for _ in range(100):
        lane.evidence()
        lane.carry_out()
        lane.drive_out()
        lane.wait(60)
        sizes.append(len(state.dump(lane.now)))
    assert lane.now.mode is Mode.OPEN
    assert lane.now.passages == 100
    assert max(sizes[70:]) <= sizes[65] + 200
    assert views.next_deadline(lane.now) is None


def test_every_alarm_says_what_to_do_and_in_what_time() -> None:
    for alarm in ALARMS.values():
        assert all((alarm.cause, alarm.consequence, alarm.action, alarm.act_within_s > 0))
        assert ALARMS[alarm.kind] is alarm


def test_an_alarm_tells_the_time_to_act_and_the_device_it_is_about(lane: Teller) -> None:
    lane.health("scale", Health.DEGRADED)
    lane.wait(LOST_FOR_S)
    lane.arm("between")
    raised = {one.data.kind: one.data for one in lane.told if isinstance(one.data, AlarmRaised)}
    shown = {one.kind: one for one in views.lane_state(lane.now, Audience.LANE).alarms}
    for told in (raised, shown):
        assert (told["device_lost"].act_within_s, told["device_lost"].device) == (1800, "scale")
        rise = told["rise_without_permit"]
        assert (rise.act_within_s, rise.device) == (30, None)


def test_a_second_alarm_is_not_hidden_by_the_acknowledgement_of_the_first(lane: Teller) -> None:
    for _ in range(2):
        lane.arm("between")
        lane.arm("lowered")
    first, second = (one for one in lane.now.alarms if one.kind == "rise_without_permit")
    lane.click("acknowledge", alarm=first.occurrence)
    assert [one.occurrence for one in lane.now.alarms if one.kind == "rise_without_permit"] == [
        second.occurrence
    ]
    lane.click("acknowledge", alarm=first.occurrence)
    reply = views.reply(lane.now, f"command-{lane.commands:04}")
    assert reply is not None
    assert [reason.code for reason in reply.reasons] == ["no_such_alarm"]
