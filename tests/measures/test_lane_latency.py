"""The measurement of a lane's latencies, with few samples: each way has its beginning and its end."""

from pathlib import Path

import pytest
from measures.lane_latency import MEASUREMENTS, OPERATORS, Samples, figures, measured

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("site")]
ROUNDS, CLICKS = 4, 2


async def test_every_way_from_a_lane_to_a_screen_and_back_is_measured(tmp_path: Path) -> None:
    samples = Samples()
    await measured(tmp_path, {"cargo-1": OPERATORS["cargo-1"]}, ROUNDS, CLICKS, samples)
    assert {kind: len(found) for kind, found in samples.clicks.items()} == {"raise": CLICKS, "lower": CLICKS}
    for kind in ("weight", "loop", "card"):
        ways = [way for way in samples.ways if way.kind == kind]
        assert len(ways) == ROUNDS
        for way in ways:
            assert 0 <= way.fact_s < way.broker_s
            assert way.fact_s < way.store_s < way.page_s < way.screen_s
    assert tuple(sorted(figure.name for figure in figures(samples))) == tuple(sorted(MEASUREMENTS[0].names))
