"""A hit never shows: what the ordinary screen can see does not depend on why a passage is referred.

The same history is told to three lanes.  In one the draw selects every passage; in the others the watchlists
hit every one, without the draw or with it.  Everything for the audiences `lane` and `supervisor` must be
equal: events with their numbers, the state, and the answer to every command, whatever operators try.
"""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lane_controller.lane import views
from lane_controller.lane.state import Request
from lane_controller.messages.words import Agency, Audience, Profile
from tests.lane import strategies
from tests.lane.stories import HITS
from tests.lane.strategies import Act, perform
from tests.lane.teller import Teller, rules

ORDINARY = (Audience.LANE, Audience.SUPERVISOR)
SECRET = ("person_watchlist", "plate_watchlist", "random_recheck")


class Refers(Teller):
    """A lane whose registers refer every passage, for the reasons given."""

    def __init__(self, profile: Profile, *, drawn: bool, listed: bool) -> None:
        base = rules(profile)
        # The draw and the watchlists are one agency's: else who lifts a referral would tell them apart.
        checks = tuple(
            replace(one, agency=Agency.BORDER) if one.check in SECRET else one for one in base.checks
        )
        names = {one.check for one in checks}
        extra = tuple(
            replace(checks[0], check=name, agency=Agency.BORDER)
            for name in ("random_recheck", "person_watchlist")
            if name not in names
        )
        super().__init__(rules=replace(base, checks=(*checks, *extra)))
        self.drawn, self.listed = drawn, listed

    def harmless(self, request: Request) -> tuple[dict[str, object], ...]:
        if request.kind == "draw":
            return ({"selected": self.drawn, "proof": "p"},)
        if request.kind in ("watchlist_person", "watchlist_plate") and self.listed:
            hit = {**HITS["listed"], **dict(request.values)}
            return (hit,)
        return super().harmless(request)

    def seen(self) -> list[object]:
        """All that an ordinary screen can fetch."""
        events = [
            (sequence, emitted.data.model_dump(), emitted.passage, emitted.maintenance)
            for sequence, emitted in enumerate(self.told, 1)
            if emitted.audience in ORDINARY
        ]
        states = [views.lane_state(self.now, audience).model_dump() for audience in ORDINARY]
        outside = (views.lamp(self.now), views.order(self.now), views.next_deadline(self.now))
        return [*events, *states, outside]


by_operators = st.one_of(
    strategies.vehicles,
    strategies.arms,
    strategies.readings,
    strategies.readings,
    strategies.act("answer_all"),
    strategies.act("answer_all"),
    strategies.act("fail", st.sampled_from(("booking", "declaration"))),
    strategies.commands.filter(lambda what: dict(what.values[1])["role"] != "second_line"),
    strategies.act("release_all", st.just("operator")),
    strategies.devices,
    strategies.starts,
    strategies.act("wait", strategies.seconds),
    strategies.act("visit"),
    strategies.act("visit"),
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(profile=strategies.profiles, history=st.lists(by_operators, max_size=25))
def test_a_hit_looks_like_a_draw_to_every_operator(profile: Profile, history: list[Act]) -> None:
    drawn = Refers(profile, drawn=True, listed=False)
    lanes = (drawn, Refers(profile, drawn=False, listed=True), Refers(profile, drawn=True, listed=True))
    for lane in lanes:
        lane.open_lane()
        perform(lane, Act("visit"))
    for what in history:
        for lane in lanes:
            perform(lane, what)
    for lane in lanes[1:]:
        for ours, theirs in zip(lane.seen(), drawn.seen(), strict=True):
            assert ours == theirs


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(profile=strategies.profiles, before=st.lists(by_operators, max_size=8))
def test_what_second_line_does_about_it_shows_no_difference(profile: Profile, before: list[Act]) -> None:
    lanes = [Refers(profile, drawn=flag, listed=not flag) for flag in (True, False)]
    for lane in lanes:
        lane.open_lane()
        perform(lane, Act("visit"))
    for what in (*before, Act("answer_all"), Act("release_all", ("second_line",)), Act("carry_out")):
        for lane in lanes:
            perform(lane, what)
    for ours, theirs in zip(lanes[0].seen(), lanes[1].seen(), strict=True):
        assert ours == theirs


def test_second_line_sees_the_difference() -> None:
    drawn, hit = (Refers(Profile.CARGO, drawn=flag, listed=not flag) for flag in (True, False))
    for lane in (drawn, hit):
        lane.open_lane()
        lane.evidence()
    codes = [
        {reason.code for reason in state.passage.reasons}
        for lane in (drawn, hit)
        if (state := views.lane_state(lane.now, Audience.SECOND_LINE)) and state.passage
    ]
    assert codes == [{"selected"}, {"on_watchlist", "number_listed"}]


@pytest.mark.parametrize("audience", list(Audience))
def test_every_audience_has_a_state(audience: Audience) -> None:
    lane = Teller().open_lane()
    lane.evidence()
    assert views.lane_state(lane.now, audience).sequence == lane.now.sequence
