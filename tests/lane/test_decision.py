"""What the checks of all agencies together allow: a table of cases, in the order the rules apply."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lane_controller.lane.decision import NEUTRAL, Decision, decide, open_checks
from lane_controller.lane.rules import CheckRule
from lane_controller.lane.state import Settlement, Stop
from lane_controller.messages.parts import CheckResult, Reason
from lane_controller.messages.words import Agency, CheckOutcome, Outcome, Profile
from tests.lane.teller import rules

BORDER, CUSTOMS = Agency.BORDER, Agency.CUSTOMS
PASSED, FAILED = CheckOutcome.PASSED, CheckOutcome.FAILED
UNSURE, MISSING = CheckOutcome.INCONCLUSIVE, CheckOutcome.NOT_PERFORMED
RELEASE, HOLD, REFER = Outcome.RELEASE, Outcome.HOLD, Outcome.REFER

OWNERS = {
    "plate_read": BORDER,
    "document_check_digits": BORDER,
    "document_lost": BORDER,
    "plate_watchlist": BORDER,
    "random_recheck": CUSTOMS,
    "plate_booked": CUSTOMS,
}
LANE = rules(
    Profile.CARGO,
    checks=tuple(
        CheckRule(name, agency, REFER if name == "document_check_digits" else HOLD)
        for name, agency in OWNERS.items()
    ),
)
SECRET = ("plate_watchlist", "random_recheck")


def results(**outcomes: CheckOutcome) -> tuple[CheckResult, ...]:
    """All checks passed but those named."""
    return tuple(
        CheckResult(
            check=name,
            agency=agency,
            outcome=outcomes.get(name, PASSED),
            reason=Reason(code=f"{name}_{outcomes.get(name, PASSED)}"),
            source="s",
            confidential=name in SECRET and outcomes.get(name, PASSED) in (PASSED, FAILED),
        )
        for name, agency in OWNERS.items()
    )


def released(agency: Agency, of: tuple[CheckResult, ...], *, second: bool = False) -> Settlement:
    own = tuple(result for result in of if result.agency is agency)
    return Settlement(agency, second, own, ())


@pytest.mark.parametrize(
    ("outcomes", "settled", "expected"),
    [
        # what failed                                  who released                    decision
        ({}, (), RELEASE),
        ({"plate_read": UNSURE}, (), HOLD),
        ({"plate_read": MISSING}, (), HOLD),
        ({"plate_read": FAILED}, (), HOLD),
        ({"document_check_digits": UNSURE}, (), HOLD),
        ({"document_check_digits": FAILED}, (), REFER),
        ({"document_lost": MISSING}, (), HOLD),
        ({"document_lost": FAILED}, (), REFER),
        ({"plate_watchlist": MISSING}, (), HOLD),
        ({"plate_watchlist": FAILED}, (), REFER),
        ({"random_recheck": MISSING}, (), HOLD),
        ({"random_recheck": FAILED}, (), REFER),
        ({"plate_read": FAILED}, ((BORDER, False),), RELEASE),
        ({"plate_read": FAILED}, ((CUSTOMS, False),), HOLD),
        ({"plate_read": FAILED, "plate_booked": FAILED}, ((BORDER, False),), HOLD),
        ({"plate_read": FAILED, "plate_booked": FAILED}, ((BORDER, False), (CUSTOMS, False)), RELEASE),
        ({"plate_watchlist": FAILED}, ((BORDER, False),), REFER),
        ({"plate_watchlist": FAILED}, ((CUSTOMS, True),), REFER),
        ({"plate_watchlist": FAILED}, ((BORDER, True),), RELEASE),
        ({"document_lost": FAILED, "plate_booked": FAILED}, ((BORDER, True),), HOLD),
        ({"document_check_digits": FAILED}, ((BORDER, False),), REFER),
    ],
)
def test_the_decision_is_the_conjunction_of_the_agencies(
    outcomes: dict[str, CheckOutcome], settled: tuple[tuple[Agency, bool], ...], expected: Outcome
) -> None:
    found = results(**outcomes)
    settlements = tuple(released(agency, found, second=second) for agency, second in settled)
    decision = decide(LANE, found, settlements=settlements)
    assert decision is not None
    assert decision.outcome is expected


def test_nothing_is_decided_while_a_check_is_open() -> None:
    found = results(plate_watchlist=FAILED)[:-1]
    assert open_checks(LANE, found) == ("plate_booked",)
    assert decide(LANE, found) is None


def test_an_operators_stop_decides_at_once() -> None:
    stop = Stop(BORDER, REFER, Reason(code="referred_by_operator"))
    decision = decide(LANE, (), stops=(stop,))
    assert decision is not None
    assert decision.outcome is REFER


def test_a_release_covers_nothing_that_came_later() -> None:
    before = results(plate_read=UNSURE)
    after = results(plate_read=FAILED)
    decision = decide(LANE, after, settlements=(released(BORDER, before),))
    assert decision is not None
    assert decision.outcome is HOLD


def test_a_caveat_needs_every_owning_agency() -> None:
    found = results()
    caveat = (Reason(code="restarted"),)
    border = Settlement(BORDER, False, (), ("restarted",))
    customs = Settlement(CUSTOMS, False, (), ("restarted",))
    for settlements, expected in (((), HOLD), ((border,), HOLD), ((border, customs), RELEASE)):
        decision = decide(LANE, found, caveats=caveat, settlements=settlements)
        assert decision is not None
        assert decision.outcome is expected


@pytest.mark.parametrize("secret", SECRET)
def test_a_hit_and_the_draw_look_alike(secret: str) -> None:
    decision = decide(LANE, results(**{secret: FAILED}))
    assert decision is not None
    assert decision.shown == (NEUTRAL,)
    assert [reason.parameters["check"] for reason in decision.reasons] == [secret]


outcome = st.sampled_from(CheckOutcome)
every_check = st.fixed_dictionaries({name: outcome for name in OWNERS})
people = st.lists(st.tuples(st.sampled_from((BORDER, CUSTOMS)), st.booleans()), max_size=3)


@given(outcomes=every_check, who=people)
def test_no_set_of_releases_goes_past_the_owner_of_a_check(
    outcomes: dict[str, CheckOutcome], who: list[tuple[Agency, bool]]
) -> None:
    found = results(**outcomes)
    decision = decide(LANE, found, settlements=tuple(released(a, found, second=s) for a, s in who))
    assert isinstance(decision, Decision)
    refers = {"plate_watchlist", "random_recheck", "document_lost", "document_check_digits"}
    for result in found:
        if decision.outcome is RELEASE and result.outcome is not PASSED:
            need_second = result.check in refers and result.outcome is FAILED
            assert any(a is result.agency and (s or not need_second) for a, s in who)
    if not who and any(value is not PASSED for value in outcomes.values()):
        assert decision.outcome is not RELEASE
