"""What the checks promise, case by case."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lane_controller.lane.checks import CHECKS, conclude_all, questions_of
from lane_controller.lane.checks.person_watchlist import explain
from lane_controller.messages.parts import Reason
from lane_controller.messages.words import CheckOutcome, Profile

PASSED, FAILED = CheckOutcome.PASSED, CheckOutcome.FAILED
INCONCLUSIVE, NOT_PERFORMED = CheckOutcome.INCONCLUSIVE, CheckOutcome.NOT_PERFORMED


def one(name: str, evidence: Any) -> tuple[CheckOutcome, str]:
    (result,) = CHECKS[name].conclude(evidence)
    return result.outcome, result.reason.code


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_a_check_without_evidence_waits_and_concludes_nothing(name: str, build: Any) -> None:
    assert CHECKS[name].conclude(build.evidence()) == ()


@pytest.mark.parametrize("name", sorted(set(CHECKS) - {"random_recheck"}))
def test_a_reading_given_up_is_never_a_pass(name: str, build: Any) -> None:
    evidence = build.evidence(given_up=frozenset({"plate", "weight", "document"}))
    results = CHECKS[name].conclude(evidence)
    assert results
    assert all(result.outcome is INCONCLUSIVE for result in results)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({}, (PASSED, "verified")),
        ({"status": "corrected"}, (PASSED, "corrected")),
        ({"status": "inconsistent", "wrong_check_digits": ("number",)}, (FAILED, "wrong_check_digits")),
        ({"status": "verified", "wrong_check_digits": ("birth",)}, (FAILED, "wrong_check_digits")),
        ({"status": "doubtful", "doubtful": ("number",)}, (INCONCLUSIVE, "doubtful")),
        (
            {"status": "doubtful", "doubtful": ("number",), "wrong_check_digits": ("number",)},
            (INCONCLUSIVE, "doubtful"),
        ),
        ({"status": "unreadable"}, (INCONCLUSIVE, "unreadable")),
    ],
)
def test_a_surely_read_print_that_breaks_its_check_digits_fails(
    document: dict[str, Any], expected: tuple[CheckOutcome, str], build: Any
) -> None:
    evidence = build.evidence(documents=(build.document(**document),))
    assert one("document_check_digits", evidence) == expected


@pytest.mark.parametrize(
    ("visual_zone", "expected"),
    [
        ({"number": "agrees", "birth": "not_read"}, (PASSED, "visual_zone_agrees")),
        ({"number": "agrees", "birth": "differs"}, (INCONCLUSIVE, "visual_zone_differs")),
        ({"number": "not_read"}, (INCONCLUSIVE, "visual_zone_not_read")),
        ({}, (INCONCLUSIVE, "visual_zone_not_compared")),
    ],
)
def test_print_that_differs_from_the_zone_is_a_question_and_never_a_failure(
    visual_zone: dict[str, str], expected: tuple[CheckOutcome, str], build: Any
) -> None:
    evidence = build.evidence(documents=(build.document(visual_zone=visual_zone),))
    assert one("document_visual_zone", evidence) == expected


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"expiry": "2026-06-01"}, (PASSED, "valid")),
        ({"expiry": "2026-05-31"}, (FAILED, "expired")),
        ({"expiry": None}, (PASSED, "states_no_expiry")),
        ({"expiry": "2026-XX-XX"}, (INCONCLUSIVE, "expiry_unknown")),
        ({"expiry": "2020-01-01", "doubtful": ("expiry",)}, (INCONCLUSIVE, "expiry_doubtful")),
    ],
)
def test_a_document_is_valid_to_the_end_of_its_last_day(
    document: dict[str, Any], expected: tuple[CheckOutcome, str], build: Any
) -> None:
    evidence = build.evidence(documents=(build.document(**document),))
    assert one("document_expiry", evidence) == expected


@pytest.mark.parametrize("name", ["document_expiry", "scale_verification", "weight_limit", "plate_booked"])
def test_without_a_trusted_date_nothing_that_needs_one_passes_or_fails(name: str, build: Any) -> None:
    evidence = build.evidence(
        today=None,
        documents=(build.document(),),
        plates=(build.plate(),),
        weight=build.weight(),
        answers=(
            build.answered("booking", "plate-front", {"valid_from": "2026-06-01", "valid_to": "2026-06-01"}),
            build.answered("declaration", "plate-front", {"gross_kg": 38000, "vehicle": "A2 C3"}),
        ),
    )
    assert one(name, evidence) == (INCONCLUSIVE, "date_not_known")


def test_a_car_waits_until_somebody_said_how_many_persons_it_holds(build: Any) -> None:
    rules = build.rules(profile=Profile.CAR)
    evidence = build.evidence(rules=rules, documents=(build.document(),))
    assert CHECKS["document_check_digits"].conclude(evidence) == ()
    two = build.evidence(rules=rules, documents=(build.document(),), persons=2)
    assert CHECKS["document_check_digits"].conclude(two) == ()
    both = build.evidence(rules=rules, documents=(build.document(), build.document(number="X1")), persons=2)
    assert [r.subject for r in CHECKS["document_check_digits"].conclude(both)] == ["person-1", "person-2"]


def test_the_same_document_swiped_twice_is_one_person(build: Any) -> None:
    evidence = build.evidence(
        rules=build.rules(profile=Profile.CAR), documents=(build.document(), build.document()), persons=2
    )
    assert len(evidence.people()) == 1
    assert CHECKS["document_check_digits"].conclude(evidence) == ()


@pytest.mark.parametrize(
    ("gross_kg", "sketch", "state", "expected"),
    [
        (40000, "A2 C3", "KZ", (FAILED, "over_limit")),
        (38000, "A2 C3", "KZ", (PASSED, "within_limit")),
        (38040, "A2 C3", "KZ", (INCONCLUSIVE, "over_within_uncertainty")),
        (48900, "A3 T3", "KZ", (PASSED, "within_limit")),
        (49000, "A3 C3", "KZ", (FAILED, "over_limit")),
        (49000, "A3 C3", "CN", (PASSED, "within_limit")),
        (52000, "A3 C3", "CN", (INCONCLUSIVE, "over_unverified_limit")),
        (41000, "A2 C3", "UZ", (INCONCLUSIVE, "over_unverified_limit")),
        (39000, "A2 C3", "UZ", (PASSED, "within_limit")),
        (41000, "A2 C3", "EU", (FAILED, "over_limit")),
        (17000, "nonsense", "KZ", (PASSED, "within_limit")),
        (30000, "nonsense", "KZ", (INCONCLUSIVE, "configuration_unknown")),
        (60000, "nonsense", "KZ", (FAILED, "over_limit")),
        (60000, "A2 C3", "XX", (INCONCLUSIVE, "no_limit_for_configuration")),
    ],
)
def test_a_gross_weight_is_judged_by_the_limit_of_state_and_configuration(
    gross_kg: float, sketch: str, state: str, expected: tuple[CheckOutcome, str], build: Any
) -> None:
    evidence = build.evidence(
        rules=build.rules(state=state),
        plates=(build.plate(),),
        weight=build.weight(gross_kg),
        answers=(build.answered("declaration", "plate-front", {"gross_kg": 1, "vehicle": sketch}),),
    )
    assert one("weight_limit", evidence) == expected


@pytest.mark.parametrize(
    ("weight", "code"),
    [({"zero_seen": False}, "zero_not_seen"), ({"wholly_on_deck": False}, "not_wholly_on_deck")],
)
def test_a_weight_taken_wrongly_is_no_weight_for_any_check(
    weight: dict[str, Any], code: str, build: Any
) -> None:
    evidence = build.evidence(
        plates=(build.plate(),),
        weight=build.weight(60000, **weight),
        answers=(build.answered("declaration", "plate-front", {"gross_kg": 60000, "vehicle": "A2 C3"}),),
    )
    assert one("weight_settled", evidence) == (INCONCLUSIVE, code)
    assert one("weight_limit", evidence) == (INCONCLUSIVE, "no_weight")
    assert one("weight_declared", evidence) == (INCONCLUSIVE, "no_weight")


@pytest.mark.parametrize(
    ("gross_kg", "expected"),
    [(38000, PASSED), (38700, PASSED), (38900, FAILED), (37300, PASSED), (37100, FAILED)],
)
def test_a_weight_agrees_with_its_declaration_within_the_tolerance(
    gross_kg: float, expected: CheckOutcome, build: Any
) -> None:
    evidence = build.evidence(
        plates=(build.plate(),),
        weight=build.weight(gross_kg),
        answers=(build.answered("declaration", "plate-front", {"gross_kg": 38000, "vehicle": "A2 C3"}),),
    )
    assert one("weight_declared", evidence)[0] is expected


@pytest.mark.parametrize("hits", [(), ({"reference": "D1"},), ({"gross_kg": "38000"},)], ids=str)
def test_a_weight_that_nobody_declared_agrees_with_nothing(
    hits: tuple[dict[str, Any], ...], build: Any
) -> None:
    evidence = build.evidence(
        plates=(build.plate(),),
        weight=build.weight(38000),
        answers=(build.answered("declaration", "plate-front", *hits),),
    )
    assert one("weight_declared", evidence) == (INCONCLUSIVE, "no_declaration")


def test_declarations_of_two_configurations_give_no_limit_of_either(build: Any) -> None:
    declared = ({"gross_kg": 30000, "vehicle": "A2 C3"}, {"gross_kg": 30000, "vehicle": "A2"})
    evidence = build.evidence(
        plates=(build.plate(),),
        weight=build.weight(30000),
        answers=(build.answered("declaration", "plate-front", *declared),),
    )
    assert one("weight_limit", evidence) == (INCONCLUSIVE, "configuration_unknown")


def test_a_trailers_plate_is_asked_of_the_watchlist_too_and_its_hit_counts(build: Any) -> None:
    plates = (build.plate(), build.plate("55ABC02", side="rear"))
    asked = CHECKS["plate_watchlist"].questions(build.evidence(plates=plates))
    assert [question.subject for question in asked] == ["plate-front", "plate-rear"]
    answers = (
        build.answered("watchlist_plate", "plate-front"),
        build.answered("watchlist_plate", "plate-rear", {"plate": "55ABC02"}),
    )
    results = CHECKS["plate_watchlist"].conclude(build.evidence(plates=plates, answers=answers))
    assert {result.subject: result.outcome for result in results} == {
        "plate-front": PASSED,
        "plate-rear": FAILED,
    }


@pytest.mark.parametrize(("until", "expected"), [("2026-06-01", PASSED), ("2026-05-31", FAILED)])
def test_a_weight_from_an_expired_scale_is_information_not_evidence(
    until: str, expected: CheckOutcome, build: Any
) -> None:
    evidence = build.evidence(weight=build.weight(verified_until=until))
    assert one("scale_verification", evidence)[0] is expected


@pytest.mark.parametrize(
    ("hits", "expected"),
    [
        ((), (FAILED, "no_booking")),
        (({"valid_from": "2026-06-01T10:00", "valid_to": "2026-06-01T12:00"},), (PASSED, "booked")),
        (({"valid_from": "2026-06-02", "valid_to": "2026-06-02"},), (FAILED, "booked_for_another_day")),
        (({"valid_from": "garbage", "valid_to": None},), (FAILED, "booked_for_another_day")),
    ],
)
def test_a_plate_needs_a_booking_for_today(
    hits: tuple[dict[str, Any], ...], expected: tuple[CheckOutcome, str], build: Any
) -> None:
    evidence = build.evidence(
        plates=(build.plate(),), answers=(build.answered("booking", "plate-front", *hits),)
    )
    assert one("plate_booked", evidence) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("123ABC02", (PASSED, "known_format")),
        ("01123ABC", (PASSED, "known_format")),
        ("TOYOTA", (INCONCLUSIVE, "unknown_format")),
        ("", (INCONCLUSIVE, "unknown_format")),
    ],
)
def test_a_plate_of_no_known_form_is_looked_at_and_never_failed(
    text: str, expected: tuple[CheckOutcome, str], build: Any
) -> None:
    assert one("plate_format", build.evidence(plates=(build.plate(text),))) == expected


WATCHED = {"reference": "W-1", "number": "Z1", "issuer": "UTO", "names": ["Eriksson, Anna Maria"]}


@pytest.mark.parametrize(
    ("hit", "expected"),
    [
        ({**WATCHED, "number": "L898902C3"}, (FAILED, "number_listed")),
        (WATCHED, (FAILED, "name_listed")),
        ({**WATCHED, "names": ["Anna Maria Erikson"]}, (FAILED, "name_listed")),
        ({**WATCHED, "birth_date": "1974-08-12"}, (FAILED, "name_listed")),
        ({**WATCHED, "birth_date": "1974"}, (FAILED, "name_listed")),
        ({**WATCHED, "birth_date": "1981-01-02"}, (PASSED, "not_listed")),
        ({**WATCHED, "names": ["Anna Karenina"]}, (PASSED, "not_listed")),
        ({}, (PASSED, "not_listed")),
    ],
)
def test_a_person_matches_by_number_first_then_by_name_and_birth(
    hit: dict[str, Any], expected: tuple[CheckOutcome, str], build: Any
) -> None:
    evidence = build.evidence(
        documents=(build.document(),), answers=(build.answered("watchlist_person", "person-1", hit),)
    )
    assert one("person_watchlist", evidence) == expected


def test_a_name_match_is_explained_to_second_line(build: Any) -> None:
    evidence = build.evidence(
        documents=(build.document(),), answers=(build.answered("watchlist_person", "person-1", WATCHED),)
    )
    assert explain(evidence, "person-1") == ("W-1: MARIA~MARIA same, ANNA~ANNA same, ERIKSSON~ERIKSSON same",)


@pytest.mark.parametrize(
    ("name", "kind", "subject"),
    [
        ("person_watchlist", "watchlist_person", "person-1"),
        ("document_lost", "lost_documents", "person-1"),
        ("plate_watchlist", "watchlist_plate", "plate-front"),
        ("plate_booked", "booking", "plate-front"),
        ("weight_declared", "declaration", "plate-front"),
        ("random_recheck", "draw", ""),
    ],
)
def test_a_register_that_does_not_answer_is_never_a_pass(
    name: str, kind: str, subject: str, build: Any
) -> None:
    evidence = build.evidence(
        documents=(build.document(),),
        plates=(build.plate(),),
        weight=build.weight(),
        answers=(build.unanswered(kind, subject),),
    )
    (result,) = CHECKS[name].conclude(evidence)
    assert result.outcome is NOT_PERFORMED
    assert result.reason == Reason(code="no_answer_in_time")
    assert not result.confidential


@pytest.mark.parametrize("hits", [(), ({"reference": "W", "plate": "123ABC02"},)])
def test_what_a_watchlist_said_is_for_second_line_alone(hits: tuple[dict[str, Any], ...], build: Any) -> None:
    evidence = build.evidence(
        plates=(build.plate(),), answers=(build.answered("watchlist_plate", "plate-front", *hits),)
    )
    (result,) = CHECKS["plate_watchlist"].conclude(evidence)
    assert result.confidential


@pytest.mark.parametrize(("selected", "expected"), [(True, FAILED), (False, PASSED), ("yes", INCONCLUSIVE)])
def test_a_draw_that_is_not_understood_selects_nobody_and_passes_nobody(
    selected: Any, expected: CheckOutcome, build: Any
) -> None:
    evidence = build.evidence(answers=(build.answered("draw", "", {"selected": selected, "proof": ""}),))
    assert one("random_recheck", evidence)[0] is expected


def test_the_draw_depends_on_lane_and_passage_number_alone(build: Any) -> None:
    rich = build.evidence(plates=(build.plate(),), documents=(build.document(),))
    (question,) = CHECKS["random_recheck"].questions(rich)
    assert question.values == (("lane", "l"), ("passage", 7))


texts = st.text(max_size=12)


@given(
    birth=texts,
    expiry=st.none() | texts,
    number=texts,
    plate=texts,
    hits=st.lists(
        st.dictionaries(
            st.sampled_from(
                ["names", "birth_date", "number", "valid_from", "gross_kg", "vehicle", "selected"]
            ),
            st.none() | st.booleans() | st.integers() | texts | st.lists(texts, max_size=2),
            max_size=4,
        ),
        max_size=3,
    ),
)
def test_no_evidence_however_odd_makes_a_check_raise(
    build: Any, birth: str, expiry: str | None, number: str, plate: str, hits: list[dict[str, Any]]
) -> None:
    evidence = build.evidence(
        documents=(build.document(birth=birth, expiry=expiry, number=number),),
        plates=(build.plate(plate),),
        weight=build.weight(),
    )
    answers = tuple(build.answered(q.kind, q.subject, *hits) for q in questions_of(evidence))
    results = conclude_all(
        build.evidence(
            documents=evidence.documents, plates=evidence.plates, weight=evidence.weight, answers=answers
        )
    )
    assert {result.check for result in results} == set(CHECKS)
