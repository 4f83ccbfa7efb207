"""Who comes in the demo, and what the registers know of them."""

import random
from datetime import UTC, date, datetime
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.books import KEPT_ROWS, Books
from simulators.cast import Cast
from simulators.fleet import MODELS
from simulators.geometry import PROFILES
from simulators.scenario import Arrival, Traveller
from simulators.traffic import Traffic

TODAY = date(2026, 3, 1)


def books() -> Books:
    return Books(datetime(2026, 3, 1, tzinfo=UTC))


def arrivals(traffic: Traffic, count: int) -> list[Arrival]:
    def endless():
        while True:
            yield from traffic.next(0.0)

    return list(islice(endless(), count))


@pytest.mark.parametrize("profile", PROFILES)
def test_every_lane_s_traffic_fits_its_lane_and_repeats_under_a_seed(profile):
    once, again = (arrivals(Traffic("lane-1", profile, 3), 200) for _ in range(2))
    assert once == again
    assert {MODELS[arrival.vehicle].profile for arrival in once} == {profile}
    assert once != arrivals(Traffic("lane-1", profile, 4), 200)


def test_the_first_minute_shows_an_overload_an_expired_document_another_plate_and_a_tailgater():
    cargo = arrivals(Traffic("cargo-1", "cargo", 3), 6)
    assert [a.vehicle for a in cargo if a.gross_kg and a.gross_kg > 44_000] == ["tractor-3-semi-3"]
    assert [a.booked for a in cargo].count("another plate") == 1
    assert [a.follows for a in cargo].count(True) == 1
    car = arrivals(Traffic("car-1", "car", 3), 2)
    assert car[1].travellers[0].papers == "expired"


@given(seed=st.integers(0, 10**6))
def test_what_no_scenario_asks_for_is_clean(seed):
    registers = books()
    cast = Cast(seed, TODAY, registers)
    visit = cast.visit(Arrival(lane="a", at_s=0, vehicle="tractor-3-semi-3"))
    assert visit.vehicle.front is not None
    assert [row["plate"] for row in registers.booking] == [visit.vehicle.front.text]
    assert registers.booking[0]["valid_from"] <= f"{TODAY}" <= registers.booking[0]["valid_to"]
    (declared,) = registers.declaration
    assert declared["gross_kg"] == round(visit.vehicle.gross_kg) <= 40_000
    assert (declared["plate"], declared["axles"], declared["vehicle"]) == (
        visit.vehicle.front.text,
        6,
        "A3 C3",
    )
    assert not registers.watchlist_person + registers.watchlist_plate + registers.lost_documents


def test_registers_know_what_a_scenario_says_they_know():
    registers = books()
    cast = Cast(1, TODAY, registers)
    who = (Traveller(listed=True), Traveller(namesake=True), Traveller(lost=True))
    visit = cast.visit(
        Arrival(lane="a", at_s=0, vehicle="saloon", travellers=who, booked="another plate", plate_listed=True)
    )
    by_number, by_name = registers.watchlist_person
    assert by_number["number"] == visit.travellers[0].document.number
    assert (by_name["number"], by_name["issuer"]) == ("", "")
    assert visit.travellers[1].surname in by_name["names"][0]
    assert registers.lost_documents[0]["number"] == visit.travellers[2].document.number
    assert visit.vehicle.front is not None
    assert registers.watchlist_plate[0]["plate"] == visit.vehicle.front.text
    assert registers.booking[0]["plate"] != visit.vehicle.front.text


def test_an_added_arrival_leaves_the_others_as_they_were():
    one, two = Cast(1, TODAY, books()), Cast(1, TODAY, books())
    lorry = Arrival(lane="a", at_s=0, vehicle="rigid-2")
    first = one.visit(lorry)
    assert first == two.visit(lorry)
    one.visit(Arrival(lane="a", at_s=0, vehicle="rigid-3", travellers=(Traveller(), Traveller())))
    two.visit(Arrival(lane="a", at_s=0, vehicle="rigid-2"))
    assert one.visit(lorry) == two.visit(lorry)


def test_registers_do_not_grow_without_bound():
    registers = books()
    cast = Cast(1, TODAY, registers)
    draw = random.Random(1)
    for _ in range(KEPT_ROWS + 50):
        cast.visit(Arrival(lane="a", at_s=draw.random(), vehicle="rigid-2"))
    assert len(registers.booking) == len(registers.declaration) == KEPT_ROWS
