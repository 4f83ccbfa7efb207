"""What a scale promises (drivers/scale).

`[expect.NAME]` may say `gross_kg` and `tolerance_kg`: what stands on it.
"""

from drivers.scale import Scale
from hil_tests.asking import opened, take
from hil_tests.bench import BenchDevice

ROLE = "scale"


async def test_it_yields_weights_in_its_tempo_with_the_frame_they_came_from(
    device_under_test: BenchDevice,
) -> None:
    async with opened(device_under_test, Scale) as scale:
        readings = await take(scale, 10)
        assert all(reading.raw for reading in readings)
        assert any(reading.gross_kg is not None or reading.net_kg is not None for reading in readings)


async def test_an_undisturbed_line_drops_no_frame(device_under_test: BenchDevice) -> None:
    async with opened(device_under_test, Scale) as scale:
        await take(scale, 5)
        before = scale.dropped_frames
        await take(scale, 20)
        assert scale.dropped_frames == before


async def test_it_shows_what_the_bench_says_stands_on_it(device_under_test: BenchDevice) -> None:
    expected = device_under_test.expect.get("gross_kg")
    async with opened(device_under_test, Scale) as scale:
        readings = await take(scale, 10)
        weights = sorted(reading.gross_kg for reading in readings if reading.gross_kg is not None)
        assert weights, "no frame carried a gross weight"
        if expected is not None:
            middle = weights[len(weights) // 2]
            assert abs(middle - expected) <= device_under_test.expect.get("tolerance_kg", 40)
