"""The measurement of a lane's latencies, with few samples: each way has its beginning and its end."""

from pathlib import Path

import pytest
from measures.lane_latency import MEASUREMENTS, Samples, figures, to_the_screen, to_the_store

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("site")]
ROUNDS, CLICKS = 4, 2


async def test_every_way_from_a_lane_to_a_screen_and_back_is_measured(tmp_path: Path) -> None:
    samples = Samples()
    await to_the_store(tmp_path / "store", ["cargo-1"], ROUNDS, samples)
    await to_the_screen(tmp_path / "screen", ["cargo-1"], ROUNDS, CLICKS, samples)
    assert {kind: len(found) for kind, found in samples.clicks.items()} == {"raise": CLICKS, "lower": CLICKS}
    for kind in ("weight", "loop", "card"):
        stored = [way for way in samples.ways if way.kind == kind]
        shown = [way for way in samples.shown if way.kind == kind]
        assert len(stored) == len(shown) == ROUNDS
        for way in (*stored, *shown):
            assert 0 <= way.fact_s < way.broker_s
            assert way.fact_s < way.store_s
        for way in shown:
            assert way.page is not None
            assert way.store_s < way.page.changed_s < way.page.drawn_s
    assert tuple(sorted(figure.name for figure in figures(samples))) == tuple(sorted(MEASUREMENTS[0].names))
