"""The simulated world: one truth from which every sensor derives."""

import random
from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.fleet import MODELS, vehicle
from simulators.geometry import GEOMETRY
from simulators.people import traveller
from simulators.world import Happening, Manners, Visit, World

TODAY = date(2026, 3, 1)
ORDER = ("arrival", "deck_entry", "deck_exit", "clearance", "exit")


def visit(model: str, number: int = 1, persons: int = 1, **manners: object) -> Visit:
    draw = random.Random(number)
    people = tuple(traveller(draw, TODAY) for _ in range(persons))
    return Visit(number, vehicle(draw, model), people, replace(Manners(), **manners))


def play(world: World, seconds: float, *, obeys_release: bool = True) -> list[Happening]:
    """Play with an ideal lane: green and arm up when all documents were shown, down when it is clear."""
    told: list[Happening] = []
    for _ in range(round(seconds / 0.1)):
        told += world.step(0.1)
        for lane in world.lanes.values():
            standing = [m for m in lane.vehicles if m.phase == "standing"]
            ready = bool(standing) and standing[0].presented == len(standing[0].visit.travellers)
            leaving = any(m.phase in ("leaving", "following") for m in lane.vehicles)
            up = obeys_release and (ready or leaving or lane.under_arm)
            lane.green = obeys_release and ready
            lane.arm_open = max(0.0, min(1.0, lane.arm_open + (0.1 if up else -0.1)))
    return told


@given(
    model=st.sampled_from([m for m in MODELS.values() if m.profile == "cargo"]),
    share=st.floats(0, 1.3),
    seed=st.integers(0, 10**6),
)
def test_mass_is_what_was_asked_for_whatever_axle_it_stands_on(model, share, seed):
    empty, full = sum(model.empty_kg), sum(model.full_kg)
    gross = empty + share * (full - empty)
    lorry = vehicle(random.Random(seed), model.name, gross_kg=gross)
    assert lorry.gross_kg == pytest.approx(gross)
    assert all(axle.load_kg > 0 for axle in lorry.axles)
    assert all(0 < axle.behind_m < lorry.length_m for axle in lorry.axles)


@pytest.mark.parametrize("model", ["rigid-2", "rigid-3", "tractor-2-semi-3", "tractor-3-semi-3"])
def test_the_deck_bears_axle_by_axle_and_in_the_end_the_whole_lorry(model):
    world = World({"a": GEOMETRY["cargo"]})
    lane = world.lanes["a"]
    coming = visit(model)
    lane.send(coming, 0.0)
    loads, driving = [], []
    while not any(m.phase == "standing" for m in lane.vehicles):
        world.step(0.05)
        loads.append(lane.deck_load_kg)
        driving += [loads[-1]] if lane.vehicles and lane.vehicles[0].pull_m_s2 == 0.0 else []
        assert world.time_s < 60
    # At a steady pace the load stands still between two axles, on what came so far.
    stands = [load for load, after in pairwise(driving) if load == after]
    axles = coming.vehicle.axles
    came = [sum(axle.load_kg for axle in axles[:number]) for number in range(len(axles) + 1)]
    assert sorted({round(load, 3) for load in (*stands, lane.deck_load_kg)}) == pytest.approx(came)
    # Nothing heavy comes at once: a tyre rolls over the edge.
    assert max(after - before for before, after in pairwise(loads)) < 0.5 * max(a.load_kg for a in axles)
    assert lane.deck_load_kg == pytest.approx(coming.vehicle.gross_kg)
    assert not lane.covered("deck_entry")
    assert not lane.covered("deck_exit")


@given(model=st.sampled_from([m for m in MODELS.values() if len(m.axles_m) > 1]), pull=st.floats(-1.2, 1.2))
def test_a_pull_or_a_brake_moves_load_between_the_axles_and_adds_none(model, pull):
    lorry = vehicle(random.Random(1), model.name)
    loads = lorry.loads_kg(pull)
    assert sum(loads) == pytest.approx(lorry.gross_kg)
    # m a h = sum of load times place about the centre, as moments balance.
    moved = [load - axle.load_kg for load, axle in zip(loads, lorry.axles, strict=True)]
    moment = 9.81 * sum(kg * axle.behind_m for kg, axle in zip(moved, lorry.axles, strict=True))
    assert moment == pytest.approx(lorry.gross_kg * pull * 1.5, abs=1e-6)


@pytest.mark.parametrize("model", list(MODELS))
def test_a_vehicle_meets_the_places_in_order_and_is_never_unseen_off_the_deck(model):
    kind = MODELS[model]
    world = World({"a": GEOMETRY[kind.profile]})
    lane = world.lanes["a"]
    lane.send(visit(model), 0.0)
    places = [place for place in ORDER if place in lane.geometry.places]
    seen: list[str] = []

    while world.time_s < 120 and (lane.busy or not seen):
        play(world, 0.1)
        covered = [place for place in places if lane.covered(place)]
        for place in covered:
            if place not in seen:
                seen.append(place)
        indexes = [places.index(place) for place in covered]
        assert indexes == list(range(min(indexes, default=0), max(indexes, default=-1) + 1))
        if lane.vehicles and seen and not lane.covered("exit") and "exit" not in seen:
            moving = lane.vehicles[0]
            deck = lane.geometry.deck
            wholly_between = lane.geometry.deck is None and lane.geometry.profile == "coach"
            on_deck = (
                deck is not None and deck.start_m <= moving.rear_m and moving.front_m <= deck.end_m + 0.4
            )
            assert covered or on_deck or wholly_between, (moving.front_m, moving.rear_m)
    assert seen == places
    assert lane.departed == 1


@given(
    order=st.lists(st.sampled_from(["rigid-2", "rigid-3", "tractor-3-semi-3"]), min_size=1, max_size=4),
    follows=st.booleans(),
)
def test_vehicles_never_overlap_and_the_deck_never_bears_more_than_is_there(order, follows):
    world = World({"a": GEOMETRY["cargo"]})
    lane = world.lanes["a"]
    visits = [visit(model, n, follows=follows and n == 2) for n, model in enumerate(order, 1)]
    for coming in visits:
        lane.send(coming, 0.0)
    for _ in range(1500):
        play(world, 0.1)
        for ahead, behind in pairwise(lane.vehicles):
            assert behind.front_m < ahead.rear_m
        assert lane.deck_load_kg <= sum(m.visit.vehicle.gross_kg for m in lane.vehicles) + 1e-6
        if not lane.busy:
            break
    assert lane.departed == len(order)


def test_a_driver_waits_for_the_light_and_the_arm():
    world = World({"a": GEOMETRY["cargo"]})
    lane = world.lanes["a"]
    lane.send(visit("rigid-2"), 0.0)
    play(world, 60, obeys_release=False)
    assert [m.phase for m in lane.vehicles] == ["standing"]
    lane.arm_open = 1.0
    world.step(5)
    assert [m.phase for m in lane.vehicles] == ["standing"], "an open arm without green is no leave"
    lane.arm_open, lane.green = 0.4, True
    world.step(5)
    assert [m.phase for m in lane.vehicles] == ["standing"], "green under a half-open arm is no leave"
    lane.arm_open = 1.0
    assert "leaves" in [h.what for h in world.step(5)]


def test_the_second_driver_waits_at_the_arrival_loop_until_the_cell_is_free():
    world = World({"a": GEOMETRY["cargo"]})
    lane = world.lanes["a"]
    lane.send(visit("rigid-2", 1), 0.0)
    lane.send(visit("rigid-2", 2), 0.0)
    play(world, 40, obeys_release=False)
    assert [m.phase for m in lane.vehicles] == ["standing", "waiting"]
    assert lane.covered("arrival")
    told = play(world, 60)
    gone = [h.what for h in told if h.visit == 1].index("gone")
    assert gone >= 0
    assert lane.departed == 2


def test_a_tailgater_passes_the_arm_without_standing():
    world = World({"a": GEOMETRY["cargo"]})
    lane = world.lanes["a"]
    lane.send(visit("rigid-2", 1), 0.0)
    lane.send(visit("rigid-2", 2, follows=True), 0.0)
    told = play(world, 90)
    second = [h.what for h in told if h.visit == 2]
    assert "passes_arm" in second
    assert "stands" not in second
    assert lane.departed == 2


def test_a_lorry_that_stops_short_leaves_its_tail_off_the_deck():
    world = World({"a": GEOMETRY["cargo"]})
    lane = world.lanes["a"]
    coming = visit("tractor-3-semi-3", stops_short_m=5.0)
    lane.send(coming, 0.0)
    play(world, 40, obeys_release=False)
    assert lane.vehicles[0].phase == "standing"
    assert lane.covered("deck_entry")
    assert lane.deck_load_kg < coming.vehicle.gross_kg


@pytest.mark.parametrize("where", ["arrival", "deck"])
def test_a_lorry_that_backs_out_uncovers_everything_behind_it(where):
    world = World({"a": GEOMETRY["cargo"]})
    lane = world.lanes["a"]
    lane.send(visit("rigid-2", backs_out=where), 0.0)
    told = [h.what for h in play(world, 90, obeys_release=False)]
    assert "backs_out" in told
    assert "passes_arm" not in told
    assert not lane.busy
    assert not any(lane.covered(place) for place in ORDER)


def test_each_traveller_hands_over_one_document_after_another():
    world = World({"a": GEOMETRY["car"]})
    lane = world.lanes["a"]
    coming = visit("saloon", persons=3)
    lane.send(coming, 0.0)
    told = play(world, 60)
    turns = [(h.what, h.document) for h in told if h.what in ("presents", "takes_back")]
    expected = []
    for person in coming.travellers:
        expected += [("presents", person.document), ("takes_back", person.document)]
    assert turns == expected
    assert lane.departed == 1


def test_an_arm_that_comes_down_on_a_vehicle_is_told_as_struck():
    world = World({"a": GEOMETRY["cargo"]})
    lane = world.lanes["a"]
    lane.send(visit("rigid-2"), 0.0)
    while not lane.under_arm:
        play(world, 0.1)
        assert world.time_s < 60
    told = []
    while lane.arm_open > 0:
        lane.arm_open = max(0.0, lane.arm_open - 0.2)
        told += [h.what for h in world.step(0.1)]
    assert told.count("struck") == 1


def test_an_ideal_lane_strikes_nobody_and_time_cuts_make_no_difference():
    def ends(step_s: float) -> list[tuple[str, int]]:
        world = World({"a": GEOMETRY["cargo"]})
        lane = world.lanes["a"]
        for number in (1, 2):
            lane.send(visit("rigid-3", number), 0.0)
        told: list[Happening] = []
        lane.green, lane.arm_open = False, 0.0
        while world.time_s < 38:
            told += world.step(step_s)
        return [(h.what, h.visit) for h in told]

    assert ends(0.05) == ends(0.5) == ends(3.0)


def test_a_passage_is_of_the_foremost_vehicle_that_has_arrived_and_has_none_yet():
    """Also of one that waits behind another, which stands in the cell with its own passage."""
    world = World({"a": GEOMETRY["cargo"]})
    lane = world.lanes["a"]
    assert lane.next_of(()) is None
    for number in (1, 2):
        lane.send(visit("rigid-2", number), 0.0)
    arrived: set[int] = set()
    while 2 not in arrived:
        for happening in play(world, 0.1):
            if happening.what == "arrives":
                ahead = set(arrived)
                arrived.add(happening.visit)
                found = lane.next_of(ahead)
                assert found is not None
                assert found.number == happening.visit
                assert lane.next_of(arrived) is None
        assert world.time_s < 300
    assert [moving.visit.number for moving in lane.vehicles] == [1, 2], "both are there"
    play(world, 120)
    assert lane.next_of(()) is None
