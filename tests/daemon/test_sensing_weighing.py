"""A weight counts when it settled, wholly on the deck, after a zero; and no other ever does."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.scale import WeightReading
from lane_controller.daemon.sensing.weighing import STRADDLES_S, UNLOADED_S, ScaleTerms, WeighingSense
from lane_controller.lane.facts import WeightRead
from lane_controller.messages.parts import Stamp
from lane_controller.messages.words import ClockQuality

TERMS = ScaleTerms("scale", "KZ-1", "2027-01-01", 400, 20, 1.5, 20)
TEMPO_S = 0.1


def at(second: float) -> Stamp:
    return Stamp(utc=datetime(2026, 6, 1, tzinfo=UTC), boot="b", mono_s=second, clock=ClockQuality.FREE)


class Deck:
    """One weighbridge, ten readings a second."""

    def __init__(self) -> None:
        self.sense = WeighingSense(TERMS)
        self.second = 0.0

    def reads(
        self, kg: float | Iterable[float], seconds: float = 3.0, *, wholly: bool | None = True, **how: Any
    ) -> list[WeightRead]:
        """What was told while the indicator showed this."""
        count = round(seconds / TEMPO_S)
        shown = [float(kg)] * count if isinstance(kg, int | float) else list(kg)
        told: list[WeightRead] = []
        values: dict[str, Any] = {"net_kg": None, "tare_kg": None, "stable": True, "in_range": True}
        values |= {"zero_seen": None, "raw": b"raw"}
        for gross_kg in shown:
            self.second += TEMPO_S
            reading = WeightReading(gross_kg=gross_kg, **(values | how))
            if fact := self.sense.take(reading, at(self.second), wholly):
                told.append(fact)
        return told


def kilograms(told: list[WeightRead]) -> list[float | None]:
    return [one.weight.gross_kg if one.weight else None for one in told]


@pytest.fixture
def deck() -> Deck:
    """Empty, its zero seen."""
    made = Deck()
    assert made.reads(0) == []
    return made


def test_a_lorry_that_stands_is_told_once_with_its_evidence(deck: Deck) -> None:
    assert deck.reads([2000, 7100, 9000, 15_400, 21_000, 21_340]) == []
    (told,) = deck.reads(21_340, 30)
    assert told.weight is not None
    assert (told.weight.gross_kg, told.weight.zero_seen, told.weight.wholly_on_deck) == (21_340, True, True)
    assert told.weight.settled_s >= TERMS.settle_s
    assert (told.weight.verification, told.weight.raw) == ("KZ-1", b"raw".hex())


def test_a_weight_that_moves_by_our_own_test_is_none_whatever_the_indicators_flag_says(deck: Deck) -> None:
    assert deck.reads([20_000 + 50 * (n % 2) for n in range(100)]) == []
    creeping = [20_000 + 3 * n for n in range(100)]
    assert deck.reads(creeping) == [], "slow, and never within the band for long enough"


@pytest.mark.parametrize(
    "how",
    [{"stable": False}, {"in_range": False}],
    ids=["the indicator says that it moves", "over its range"],
)
def test_a_weight_that_the_indicator_does_not_stand_for_is_none(deck: Deck, how: dict[str, Any]) -> None:
    assert deck.reads(21_340, 30, **how) == []


def test_a_frame_without_a_weight_begins_the_settling_anew(deck: Deck) -> None:
    assert deck.reads(21_340, 1.0) == []
    deck.second += TEMPO_S
    gone = WeightReading(None, None, None, True, True, None, b"")
    assert deck.sense.take(gone, at(deck.second), True) is None
    assert deck.reads(21_340, 1.0) == []
    assert kilograms(deck.reads(21_340, 1.0)) == [21_340]


def test_a_load_across_the_edge_is_told_as_such_once_and_weighed_when_it_has_moved_on(deck: Deck) -> None:
    (told,) = deck.reads(14_000, STRADDLES_S + 5, wholly=False)
    assert told.weight is None
    assert told.reason is not None
    assert told.reason.code == "not_wholly_on_deck"
    assert kilograms(deck.reads(21_340, 5)) == [21_340]


def test_where_no_sensor_can_tell_the_weight_says_so(deck: Deck) -> None:
    (told,) = deck.reads(21_340, wholly=None)
    assert told.weight is not None
    assert told.weight.wholly_on_deck is None


def test_after_a_power_up_with_a_lorry_on_the_deck_no_zero_was_seen() -> None:
    deck = Deck()
    (told,) = deck.reads(21_340)
    assert told.weight is not None
    assert told.weight.zero_seen is False
    deck.reads(0, UNLOADED_S + 1)
    (told,) = deck.reads(18_000)
    assert told.weight is not None
    assert told.weight.zero_seen is True, "the next lorry came onto an empty deck"


def test_an_indicator_that_says_no_zero_was_captured_is_believed(deck: Deck) -> None:
    deck.reads(0, 3, zero_seen=False)
    (told,) = deck.reads(21_340, zero_seen=False)
    assert told.weight is not None
    assert told.weight.zero_seen is False


def test_mud_on_the_deck_is_no_zero(deck: Deck) -> None:
    deck.reads(21_340)
    deck.reads(300, 10)
    (told,) = deck.reads(21_340)
    assert told.weight is not None
    assert told.weight.zero_seen is False


def test_a_load_that_settles_elsewhere_is_told_anew_and_one_that_rocks_is_not(deck: Deck) -> None:
    assert kilograms(deck.reads(21_340)) == [21_340]
    assert deck.reads(21_360) == [], "within the band"
    assert kilograms(deck.reads(23_000)) == [23_000], "somebody climbed on"


def test_a_lorry_that_rocks_does_not_empty_the_deck(deck: Deck) -> None:
    assert kilograms(deck.reads(21_340)) == [21_340]
    assert deck.reads(100, UNLOADED_S / 2) == []
    assert deck.reads(21_340) == [], "still the same load"
    deck.reads(0, UNLOADED_S + 0.5)
    assert kilograms(deck.reads(21_340)) == [21_340], "another load of the same weight"


def test_another_owner_of_the_same_load_is_told_again(deck: Deck) -> None:
    assert kilograms(deck.reads(21_340)) == [21_340]
    deck.sense.tell_again()
    assert kilograms(deck.reads(21_340)) == [21_340]


def test_a_lost_indicator_has_seen_no_zero(deck: Deck) -> None:
    deck.sense.forget()
    (told,) = deck.reads(21_340)
    assert told.weight is not None
    assert told.weight.zero_seen is False


@given(
    st.lists(
        st.tuples(st.sampled_from([0.0, 380.0, 420.0, 9_000.0, 9_015.0, 21_340.0]), st.integers(1, 40)),
        min_size=1,
        max_size=30,
    )
)
def test_no_weight_is_ever_told_that_did_not_stand_before_it_was_told(
    spells: list[tuple[float, int]],
) -> None:
    deck, history = Deck(), list[float]()
    for kg, count in spells:
        for _ in range(count):
            history.append(kg)
            for told in deck.reads([kg]):
                assert told.weight is not None
                stood = history[-round(TERMS.settle_s / TEMPO_S) :]
                assert max(stood) - min(stood) <= TERMS.settle_within_kg
                assert told.weight.gross_kg == kg >= TERMS.minimum_kg
