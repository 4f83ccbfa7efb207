"""A stream that stands still is found out, and a still scene is not taken for one."""

from collections.abc import Iterator

import pytest

from lane_controller.daemon.sensing.frozen import (
    CROSSING_S,
    FOLLOW_S,
    LEAD_S,
    STILL_S,
    PictureStill,
    WeightStill,
)

TICK_S = 0.5


def seconds(from_s: float, to_s: float) -> Iterator[float]:
    """Every half second, as a camera's child tells frames while nobody watches."""
    return (from_s + TICK_S * n for n in range(round((to_s - from_s) / TICK_S)))


@pytest.mark.parametrize("stamped", [True, False], ids=["stamps go on", "no stamps"])
def test_a_loop_that_changes_before_an_unchanging_picture_is_the_proof(stamped: bool) -> None:
    still = PictureStill()
    assert not any(still.frame("a", t if stamped else None, t) for t in seconds(0, 60)), "a quiet night"
    still.moved(60)
    frozen = {t: still.frame("a", t if stamped else None, t) for t in seconds(60, 70)}
    assert next(t for t, is_frozen in frozen.items() if is_frozen) == 60 + FOLLOW_S
    assert frozen[69.5], "and stays so"
    assert not still.frame("b", 70.0 if stamped else None, 70), "until the picture moves"


def test_a_picture_that_follows_the_vehicle_is_alive() -> None:
    still = PictureStill()
    assert not any(still.frame("empty lane", t, t) for t in seconds(0, 60))
    still.moved(60)
    assert not still.frame("empty lane", 60.5, 60.5)
    assert not any(still.frame("lorry", t, t) for t in seconds(61, 120)), (
        "which stands there, to the last bit"
    )


def test_a_vehicle_that_was_seen_coming_and_stands_still_on_the_loop_is_no_freeze() -> None:
    still = PictureStill()
    for t in seconds(0, 10):
        still.frame(f"coming {t}", t, t)
    still.frame("standing", 10, 10)
    still.moved(10 + LEAD_S - 0.5)
    assert not any(still.frame("standing", t, t) for t in seconds(12.5, 60))
    still.moved(60)
    assert any(still.frame("standing", t, t) for t in seconds(60, 65)), (
        "it left, and the picture did not follow"
    )


def test_noise_of_a_living_sensor_over_a_still_scene_is_alive_whatever_the_loops_do() -> None:
    still = PictureStill()
    for n, t in enumerate(seconds(0, 300)):
        if n % 7 == 0:
            still.moved(t)
        assert not still.frame(f"noise {n}", t, t)


def test_content_and_stamps_that_stand_still_need_no_loop() -> None:
    still = PictureStill()
    assert not still.frame("a", 5.0, 0)
    frozen = [t for t in seconds(0.5, 5) if still.frame("a", 5.0, t)]
    assert frozen[0] == STILL_S
    assert not still.frame("a", 5.1, 6), "the stamps go on: an encoder's still scene"


def test_the_first_picture_of_a_camera_follows_nothing() -> None:
    still = PictureStill()
    still.moved(0)
    assert not any(still.frame("a", t, t) for t in seconds(0, 10))
    still.moved(20)
    still.forget()
    assert not any(still.frame("a", t, t) for t in seconds(20, 30))


def weighed(still: WeightStill, kg: float, from_s: float, to_s: float) -> bool:
    """Whether readings that stay the same are called frozen."""
    return any(still.reading(kg, t) for t in seconds(from_s, to_s))


def cross(still: WeightStill, from_s: float, to_s: float, **how: bool) -> None:
    still.edge("deck-entry", True, from_s)
    still.edge("deck-entry", False, to_s, **how)


@pytest.mark.parametrize("kg", [0.0, 21_340.0], ids=["the empty deck's", "the last lorry's"])
def test_a_lorry_that_crosses_the_edge_without_a_digit_moving_proves_a_frozen_scale(kg: float) -> None:
    still = WeightStill()
    assert not weighed(still, kg, 0, 600), "an empty deck reads zero all night"
    cross(still, 600, 604)
    assert weighed(still, kg, 604, 604 + FOLLOW_S + TICK_S * 2)
    assert not still.reading(kg + 20, 610), "until it moves"
    assert not weighed(still, kg + 20, 610, 700)


def test_a_scale_that_follows_the_lorry_is_alive_however_still_it_stands() -> None:
    still = WeightStill()
    weighed(still, 0, 0, 10)
    still.edge("deck-entry", True, 10)
    still.reading(7000, 12)
    still.edge("deck-entry", False, 14)
    assert not weighed(still, 7000, 14, 600)


def test_somebody_in_the_beam_is_no_vehicle() -> None:
    still = WeightStill()
    weighed(still, 21_340, 0, 10)
    cross(still, 10, 10 + CROSSING_S / 2)
    assert not weighed(still, 21_340, 11, 60)


def test_who_noses_in_and_backs_off_has_not_crossed() -> None:
    still = WeightStill()
    weighed(still, 0, 0, 10)
    cross(still, 10, 13, backed_off=True)
    assert not weighed(still, 0, 13, 60)


def test_a_sensor_that_was_covered_at_the_start_proves_nothing_when_it_clears() -> None:
    still = WeightStill()
    still.edge("deck-entry", False, 0.2)
    assert not weighed(still, 0, 0.5, 10)
    # Before the first reading nobody knows what the deck bore.
    early = WeightStill()
    cross(early, 0, 2)
    assert not weighed(early, 0, 2, 10)


def test_the_two_ends_of_the_deck_are_two_sensors() -> None:
    still = WeightStill()
    weighed(still, 0, 0, 10)
    still.edge("deck-entry", True, 10)
    still.edge("deck-exit", False, 15)
    assert not weighed(still, 0, 15, 60)
