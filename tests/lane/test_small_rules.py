"""Small rules that hold a lane safe and that no story needs for its end: each case fails when its one line is
taken out."""

from collections.abc import Iterable

import pytest

from lane_controller.lane import facts, views
from lane_controller.lane.decision import decide
from lane_controller.lane.state import Emitted, Settlement
from lane_controller.messages.events import AlarmRaised, CommandAnswered, PermitEnded, PermitIssued
from lane_controller.messages.parts import Reason
from lane_controller.messages.words import Agency, CheckOutcome, Health, Lamp, Mode, Outcome, Place, Profile
from tests.lane.teller import Teller, rules
from tests.lane.test_decision import LANE, results

AS_OF = "2026-06-01T12:00:00Z"


def opened(profile: Profile = Profile.PEDESTRIAN, **changes: object) -> Teller:
    return Teller(rules=rules(profile, **changes)).open_lane()


def refusals(said: Iterable[Emitted]) -> list[str]:
    return [
        reason.code for one in said if isinstance(one.data, CommandAnswered) for reason in one.data.reasons
    ]


def alarms(said: Iterable[Emitted]) -> list[str]:
    return [one.data.kind for one in said if isinstance(one.data, AlarmRaised)]


def ended(said: Iterable[Emitted]) -> list[str]:
    return [one.data.reason.code for one in said if isinstance(one.data, PermitEnded)]


def passed_and_lowering(teller: Teller) -> None:
    """A traveller was let through; the arm is on its way down behind."""
    teller.evidence()
    teller.carry_out()
    teller.presence(Place.CLEARANCE, True)
    teller.presence(Place.ARRIVAL, False)
    teller.presence(Place.EXIT, True)
    teller.presence(Place.CLEARANCE, False)
    teller.presence(Place.EXIT, False)
    teller.wait(teller.rules.timings.clear_for_s)
    teller.order("done")
    teller.arm("between")
    assert teller.now.arm == "lowering"


# --- permits ------------------------------------------------------------------------------------------------


def test_after_an_obstruction_a_permit_that_waited_for_the_arm_is_no_permit_any_more() -> None:
    lane = opened()
    passed_and_lowering(lane)
    lane.evidence()
    assert lane.now.permit is not None, "the next one is released while the arm comes down"
    said = lane.arm("raised")
    assert "obstructed" in ended(said)
    assert "arm_reversed" in alarms(said)
    assert lane.now.permit is None
    assert lane.now.rise is None or lane.now.rise.passage != lane.now.passage.number  # type: ignore[union-attr]
    assert lane.now.lamp is Lamp.RED


def test_a_permit_ends_when_nobody_knows_where_the_arm_is() -> None:
    lane = opened()
    passed_and_lowering(lane)
    lane.evidence()
    assert "arm_unknown" in ended(lane.arm("both"))
    assert lane.now.permit is None
    lane.arm("lowered")
    assert lane.now.order is None


def test_a_permit_for_an_empty_lane_does_not_outlive_a_start() -> None:
    lane = opened()
    lane.click("raise")
    assert lane.now.order is not None
    said = lane.start("boot2")
    assert "restarted" in ended(said)
    assert lane.now.permit is None
    lane.ready()
    assert lane.now.order is None


@pytest.mark.parametrize("mode", [Mode.CLOSED, Mode.MAINTENANCE])
def test_a_permit_for_an_empty_lane_does_not_outlive_the_closing_of_the_lane(mode: Mode) -> None:
    lane = opened()
    lane.click("raise")
    said = lane.click("mode", mode=mode)
    assert f"mode_{mode}" in ended(said)
    assert lane.now.permit is None
    lane.click("mode", mode=Mode.OPEN)
    assert lane.now.order is None


def test_a_permit_says_seen_clear_only_when_somebody_said_so() -> None:
    for seen in (False, True):
        lane = opened()
        lane.click("raise", seen_clear=seen)
        assert lane.now.permit is not None
        assert lane.now.permit.seen_clear is seen


def test_a_key_that_is_held_gives_one_permit() -> None:
    lane = opened()
    turned = [lane.tell(facts.LocalKeyTurned(lane.at, "barrier", True)) for _ in range(3)]
    issued = [one for said in turned for one in said if isinstance(one.data, PermitIssued)]
    assert len(issued) == 1


def test_an_arm_that_comes_down_is_not_ordered_up_by_a_command() -> None:
    lane = opened()
    passed_and_lowering(lane)
    assert refusals(lane.click("raise")) == ["arm_moving"]


# --- lowering, lamp -----------------------------------------------------------------------------------------


def test_after_a_start_in_mode_closed_an_arm_that_is_up_is_not_lowered_by_itself() -> None:
    lane = opened()
    lane.evidence()
    lane.carry_out()
    lane.presence(Place.CLEARANCE, True)
    lane.click("mode", mode=Mode.CLOSED)
    assert lane.now.self_lowering
    lane.start("boot2")
    lane.ready(arm="raised")
    lane.wait(60)
    assert lane.now.mode is Mode.CLOSED
    assert lane.now.order is None


def test_no_green_in_a_closed_lane() -> None:
    lane = opened()
    lane.click("raise")
    lane.carry_out()
    assert lane.now.lamp is Lamp.GREEN
    lane.click("mode", mode=Mode.CLOSED)
    assert lane.now.lamp is Lamp.RED


# --- modes --------------------------------------------------------------------------------------------------


def test_a_lane_is_not_opened_without_its_clearance_sensor() -> None:
    lane = opened()
    lane.click("mode", mode=Mode.MANUAL)
    lane.health("clearance", Health.DEGRADED)
    assert refusals(lane.click("mode", mode=Mode.OPEN)) == ["clearance_not_good"]


def test_a_lane_is_not_opened_while_the_barrier_says_that_it_is_broken() -> None:
    lane = opened()
    lane.click("mode", mode=Mode.MANUAL)
    lane.arm("lowered+fault")
    assert refusals(lane.click("mode", mode=Mode.OPEN)) == ["barrier_fault"]


def test_who_stands_on_the_deck_when_a_lane_opens_was_not_seen_arriving_and_is_held() -> None:
    lane = opened(Profile.CARGO)
    lane.click("mode", mode=Mode.CLOSED)
    lane.presence(Place.DECK_ENTRY, True)
    lane.click("mode", mode=Mode.OPEN)
    assert lane.now.passage is not None
    assert [caveat.code for caveat in lane.now.passage.caveats] == ["not_seen_arriving"]


# --- whose vehicle ------------------------------------------------------------------------------------------


def test_of_two_that_left_the_loop_the_one_under_the_arm_is_in_doubt() -> None:
    lane = opened(Profile.CAR)
    lane.evidence()
    lane.carry_out()
    lane.presence(Place.ARRIVAL, False)
    lane.wait(2 * lane.rules.timings.clear_for_s)
    lane.presence(Place.ARRIVAL, True)
    assert lane.now.waiting is not None
    lane.presence(Place.ARRIVAL, False)
    assert alarms(lane.presence(Place.CLEARANCE, True)) == ["tailgating"]


# --- releases -----------------------------------------------------------------------------------------------


def held(**evidence: object) -> Teller:
    """A lorry whose passport has expired: the border holds it, customs and transport have nothing against."""
    lane = opened(Profile.CARGO)
    lane.arrive()
    lane.plate("123ABC02")
    lane.onto_deck()
    lane.weight()
    lane.document(expiry="2026-05-01")
    lane.answer_all(**evidence)  # type: ignore[arg-type]
    assert lane.now.passage is not None
    assert lane.now.passage.phase == "held"
    return lane


def test_nobody_releases_while_checks_are_open() -> None:
    lane = opened(Profile.CARGO)
    lane.arrive()
    lane.plate("123ABC02")
    assert refusals(lane.click("release")) == ["checks_open"]


def test_a_release_holds_the_own_agencys_results_alone() -> None:
    lane = held()
    lane.click("hold", agency="customs")
    lane.click("release", agency="border")
    (settlement,) = lane.now.passage.settlements  # type: ignore[union-attr]
    assert {result.agency for result in settlement.results} == {Agency.BORDER}


def test_a_settlement_that_names_anothers_results_settles_none_of_them() -> None:
    found = results(plate_booked=CheckOutcome.INCONCLUSIVE)
    everything = Settlement(Agency.BORDER, False, found, ())
    decision = decide(LANE, found, settlements=(everything,))
    assert decision is not None
    assert decision.outcome is Outcome.HOLD


def test_a_release_settles_no_reason_that_was_not_there_to_be_seen() -> None:
    found = results()
    before = tuple(Settlement(agency, False, found, ()) for agency in (Agency.BORDER, Agency.CUSTOMS))
    decision = decide(LANE, found, caveats=(Reason(code="plates_disagree"),), settlements=before)
    assert decision is not None
    assert decision.outcome is Outcome.HOLD


def test_a_release_takes_back_no_other_agencys_hold() -> None:
    lane = held()
    lane.click("hold", agency="customs")
    lane.click("release", agency="border")
    assert lane.now.passage is not None
    assert lane.now.passage.phase == "held"
    assert [one.agency for one in lane.now.passage.stops] == [Agency.CUSTOMS]
    assert lane.now.order is None


def test_who_holds_takes_back_the_own_release() -> None:
    lane = held()
    lane.click("hold", agency="customs")
    lane.click("release", agency="border")
    lane.click("hold", agency="border")
    lane.click("release", agency="customs")
    assert lane.now.passage is not None
    assert lane.now.passage.phase == "held"
    assert Agency.BORDER not in {one.agency for one in lane.now.passage.settlements}


@pytest.mark.parametrize("reading", ["plate", "document"])
def test_releases_are_taken_back_by_another_reading(reading: str) -> None:
    lane = held()
    lane.click("hold", agency="customs")
    lane.click("release", agency="border")
    assert lane.now.passage is not None
    assert lane.now.passage.settlements
    if reading == "plate":
        lane.plate("777ZZZ01", side="rear")
    else:
        lane.document("N7654321")
    assert lane.now.passage.settlements == ()


def wanted(lane: Teller) -> tuple[bool, bool]:
    return views.wants_plates(lane.now, "front"), views.wants_plates(lane.now, "rear")


def test_a_trailers_plate_is_looked_for_though_the_tractors_is_known() -> None:
    lane = opened(Profile.CARGO)
    lane.arrive()
    assert wanted(lane) == (True, True)
    lane.plate("123ABC02")
    assert wanted(lane) == (False, True)
    lane.plate("77AAA02", side="rear")
    assert wanted(lane) == (False, False)


def test_a_rear_camera_that_has_said_what_it_has_rests_when_the_front_plate_is_known() -> None:
    lane = opened(Profile.CARGO)
    lane.arrive()
    lane.plate(None, side="rear")
    assert wanted(lane) == (True, True)
    lane.plate("123ABC02")
    assert wanted(lane) == (False, False)


def test_an_unsure_front_plate_ends_no_search() -> None:
    lane = opened(Profile.CARGO)
    lane.arrive()
    lane.plate("123ABC02", frames=1)
    assert wanted(lane) == (True, True)


def test_releases_do_not_outlive_a_start() -> None:
    lane = held()
    lane.click("hold", agency="customs")
    lane.click("release", agency="border")
    lane.start("boot2")
    assert lane.now.passage is not None
    assert lane.now.passage.settlements == ()


def test_a_lane_without_checks_lets_nobody_go_by_itself() -> None:
    lane = opened(checks=())
    lane.arrive()
    lane.document()
    assert lane.now.passage is not None
    assert [reason.code for reason in lane.now.passage.reasons] == ["no_checks"]
    assert lane.now.permit is None


# --- registers ----------------------------------------------------------------------------------------------


def test_a_question_is_answered_once() -> None:
    lane = opened()
    lane.arrive()
    lane.document()
    (question,) = lane.requests("watchlist_person")
    listed = ({"reference": "W-7", "number": "N1234567", "issuer": "KAZ"},)
    lane.tell(facts.RegisterAnswered(lane.at, question.id, listed, AS_OF))
    assert lane.now.passage is not None
    assert lane.now.passage.decision is Outcome.REFER
    asked = lane.now.passage.asked
    lane.tell(facts.RegisterAnswered(lane.at, question.id, (), AS_OF))
    assert lane.now.passage.asked == asked
