"""Every safety rule of the design over random histories with faults.

`Model` judges each step by itself.  Run with `-m long` for the campaign.
"""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from lane_controller.lane import state, views
from lane_controller.lane.rules import LaneRules
from lane_controller.lane.state import Emitted, Position
from lane_controller.lane.step import step
from lane_controller.messages.words import CommandKind, Health, Mode, Place, Profile
from tests.lane import strategies
from tests.lane.model import Model
from tests.lane.strategies import Act, perform
from tests.lane.teller import Teller, rules, with_chip


class Watched(Teller):
    """A teller whose every fact the model judges."""

    def __init__(self, lane_rules: LaneRules) -> None:
        super().__init__(rules=lane_rules)
        self.model = Model()

    def tell(self, fact: strategies.facts.Fact) -> tuple[Emitted, ...]:
        before = self.lane
        said = super().tell(fact)
        self.model.watch(fact, before, said, self.now)
        return said


class LaneMachine(RuleBasedStateMachine):
    @initialize(profile=strategies.profiles, two=st.booleans(), commissioned=st.integers(0, 9))
    def begin(self, profile: Profile, two: bool, commissioned: int) -> None:
        kinds = (CommandKind.RAISE,) if two else ()
        lane = rules(profile, two_person_kinds=kinds, commissioned=commissioned > 0)
        self.teller = Watched(with_chip(lane, required=profile is Profile.CAR) if two else lane)
        self.teller.start()
        self.teller.ready()

    @rule(what=strategies.acts)
    def anything(self, what: Act) -> None:
        perform(self.teller, what)

    # Deep states are reached by whole visits: else a history of accidents never comes to lower an arm.

    @precondition(lambda self: self.teller.now.order is not None)
    @rule()
    def carry_out(self) -> None:
        self.teller.carry_out()

    @precondition(lambda self: self.teller.now.passage is None)
    @rule(answers=st.booleans())
    def visit(self, answers: bool) -> None:
        self.teller.arrive()
        self.teller.plate("123ABC02")
        if Place.DECK_ENTRY in self.teller.rules.places:
            self.teller.onto_deck()
            self.teller.weight()
        self.teller.click("persons", persons=1)
        self.teller.document()
        if answers:
            self.teller.answer_all()

    @precondition(lambda self: self.teller.now.passage is None)
    @rule(what=strategies.acts, after=st.integers(0, 5))
    def accident_in_a_visit(self, what: Act, after: int) -> None:
        """A visit from arrival to the arm's lowering, with one thing that should not be."""
        parts = ("visit", "order", "rise", "under", "away", "lower")
        for n, part in enumerate(parts):
            self._part(part)
            if n == after:
                perform(self.teller, what)

    def _part(self, part: str) -> None:
        teller = self.teller
        match part:
            case "visit":
                teller.evidence()
            case "order":
                teller.order()
            case "rise":
                teller.arm("between")
                teller.arm("raised")
            case "under":
                teller.presence(Place.CLEARANCE, True)
                teller.presence(Place.ARRIVAL, False)
                teller.presence(Place.EXIT, True)
            case "away":
                teller.presence(Place.CLEARANCE, False)
                teller.presence(Place.EXIT, False)
                teller.wait(0.5)
            case _:
                teller.wait(2.0)
                teller.carry_out()

    @precondition(lambda self: self.teller.now.mode != "open")
    @rule()
    def all_well_again(self) -> None:
        """What was wrong is mended, and the lane is opened."""
        for alarm in self.teller.now.alarms:
            self.teller.click("acknowledge", alarm=alarm.occurrence)
        self.teller.ready()
        self.teller.click("mode", mode=Mode.OPEN)

    @precondition(lambda self: self.teller.now.passage is not None and self.teller.now.arm == "raised")
    @rule()
    def drive_out(self) -> None:
        self.teller.drive_out()

    @invariant()
    def no_wait_is_over_and_still_listed(self) -> None:
        if not hasattr(self, "teller"):
            return
        self.teller.wait(0.0)
        due = views.next_deadline(self.teller.now)
        assert due is None or due[1] > self.teller.now.now_s

    def teardown(self) -> None:
        if not hasattr(self, "teller"):
            return
        lane = self.teller.now
        assert state.load(state.dump(lane)) == lane, "a snapshot is the state"
        again = None
        for fact in self.teller.facts:
            again = step(again, fact).lane
        assert again == lane, "the same facts make the same state"
        self._empty_lane_has_no_passage()

    def _empty_lane_has_no_passage(self) -> None:
        """Every sensor good and clear for long: nobody is here, but one who may stand unseen on the deck."""
        teller = self.teller
        for place in Place:
            teller.health(str(place), Health.GOOD)
            teller.presence(place, False)
        teller.wait(100.0)
        for passage in (teller.now.passage, teller.now.waiting):
            assert passage is None or passage.position is Position.DECK


TestLane = LaneMachine.TestCase
TestLane.settings = settings(
    max_examples=60, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)


@pytest.mark.long
class TestLaneCampaign(LaneMachine.TestCase):
    settings = settings(
        max_examples=3_000, stateful_step_count=80, deadline=None, suppress_health_check=list(HealthCheck)
    )
