"""A lane with cameras before and behind a lorry reads tractor and trailer of five countries."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from simulators.fleet import PLATES, Vehicle
from simulators.kit import LaneKit
from simulators.plate_truth import Whose, compare, text
from simulators.scenario import Arrival
from simulators.site import Site
from simulators.summary import passages
from simulators.traffic import Traffic

COUNTRIES = ("KZ", "KG", "UZ", "TJ", "TM")


def pool() -> list[Vehicle]:
    return Traffic("cargo-1", "cargo", 1).pool()


def event(number: int, **data: object) -> dict[str, object]:
    return {"sequence": number, "data": {"passage": 1, **data}}


def told(lorry: Vehicle, side: str, read: str, reason: object = None) -> dict[str, object]:
    return event(1, type="passage.plate", side=side, plate={"text": read}, reason=reason)


def test_the_demo_s_lorries_come_with_trailers_of_five_countries():
    lorries = pool()
    assert set(COUNTRIES) <= {lorry.front.country for lorry in lorries if lorry.front} <= set(PLATES)
    assert all(lorry.front and lorry.rear and lorry.front.text != lorry.rear.text for lorry in lorries)
    assert lorries == pool()  # a tractor that comes again has the same trailer


def test_a_plate_counts_as_read_only_when_it_is_the_vehicle_s_and_told_for_sure():
    lorry = pool()[0]
    assert lorry.front
    assert lorry.rear
    decided = event(9, type="passage.decided")
    events = [told(lorry, "front", lorry.front.text), told(lorry, "rear", lorry.front.text), decided]
    found = compare({1: events}, {1: lorry}, ("front", "rear"))
    country = lorry.front.country
    assert (found.right.total(), found.wrong) == (1, Counter({("rear", country): 1, ("front", country): 0}))
    unsure = [told(lorry, "front", lorry.front.text, {"code": "low_confidence"}), decided]
    assert compare({1: unsure}, {1: lorry}, ("front",)).right.total() == 0


def test_a_neighbour_s_plate_is_wrong_however_near_the_neighbour_is():
    before, lorry, behind, *_ = pool()
    for neighbour in (before, behind):
        assert neighbour.front
        read = {2: [told(lorry, "front", neighbour.front.text), event(9, type="passage.decided")]}
        found = compare(read, {1: before, 2: lorry, 3: behind}, ("front",))
        assert (found.right.total(), found.wrong.total()) == (0, 1)


def test_a_passage_that_no_vehicle_began_is_left_out():
    lorry = pool()[0]
    assert lorry.front
    ghost = {1: [told(lorry, "front", lorry.front.text), event(9, type="passage.decided")]}
    assert not compare(ghost, {2: lorry}, ("front",)).shown


@pytest.mark.long
def test_a_lane_reads_lorry_and_trailer_of_five_countries_through_rtsp(tmp_path: Path):
    kits = {"cargo-1": LaneKit(profile="cargo", camera="rtsp-h264", rear_camera="rtsp")}

    async def scenario():
        site = Site(tmp_path, kits, dashboard=False, drives=tmp_path / "drives")
        lorries = [lorry for lorry in pool() if lorry.front and lorry.front.country in COUNTRIES]
        await site.start()
        record = site.recorder.lanes["cargo-1"]
        whose = Whose(site.world.lanes["cargo-1"])
        site.recorder.listeners.append(lambda _, event: whose.heard(event))
        try:
            for lorry in lorries:
                assert lorry.front is not None
                await site.send(
                    Arrival(
                        lane="cargo-1",
                        at_s=site.world.time_s,
                        vehicle=lorry.model,
                        country=lorry.front.country,
                        plate=lorry.front.display,
                    )
                )
            done = await site.recorder.until(
                lambda: len(record.of_type("passage.ended")) == len(lorries), 400
            )
            assert done, site.failure()
        finally:
            await site.stop()
        found = compare(passages(record), whose.vehicles, ("front", "rear"))
        assert found.right == found.shown, text([found])
        assert {country for _, country in found.right} >= set(COUNTRIES)
        assert found.right.total() == 2 * len(lorries)

    asyncio.run(asyncio.wait_for(scenario(), 540))
