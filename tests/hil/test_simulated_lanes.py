"""Every simulated device keeps the promises of its role, as `borderlane conform` asks for them."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from simulators.demo_site import KITS
from simulators.kit import LaneKit
from simulators.lane_toml import toml
from simulators.page_desk import MODELS
from tests.hil.test_conform import conform
from tests.simulators.test_bench import Rig

LANES = {
    **KITS,
    "mt-sics": LaneKit(profile="cargo", scale="mt-sics", scale_wire="tcp"),
    **{model: LaneKit(profile="pedestrian", readers=(model,)) for model in MODELS},
}


def bench_file(rig: Rig, folder: Path) -> tuple[Path, list[str]]:
    """The rig's devices as a bench, and their names."""
    devices, registers = rig.bench.device_tables(), rig.bench.register_tables()
    lines = [f"devices.{name} = {toml(table)}" for name, table in devices.items()]
    lines += [f"registers.{name} = {toml(table)}" for name, table in registers.items()]
    lines += [f"expect.{name}.gross_kg = 0" for name in devices if name == "scale"]
    path = folder / "bench.toml"
    path.write_text("\n".join(lines) + "\n")
    return path, [*devices, *registers]


@pytest.mark.long
@pytest.mark.parametrize("lane", list(LANES))
async def test_the_devices_of_a_simulated_lane_conform(lane: str, tmp_path: Path, monkeypatch) -> None:
    rig = Rig(tmp_path, LANES[lane])
    rig.books.as_of = datetime.now(UTC)
    await rig.bench.start()
    await rig.clock.start()
    for name, value in rig.bench.environment.items():
        monkeypatch.setitem(os.environ, name, value)
    try:
        path, names = bench_file(rig, tmp_path)
        code, output = await conform(str(path))
    finally:
        await rig.clock.stop()
        await rig.bench.stop()
        rig.bench.discard()
    assert code == 0, output
    assert not [name for name in names if f"[{name}] PASSED" not in output], output
