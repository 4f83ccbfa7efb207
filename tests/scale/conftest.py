"""A scale on a real wire: simulator, line and driver, with time running."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from drivers.scale import Scale, WeightReading, mt_sics, toledo_continuous, xk3190
from simulators.faults import FaultedLine
from simulators.scale import mt_sics as mt_sics_simulator
from simulators.scale import toledo_continuous as toledo_simulator
from simulators.scale import xk3190 as xk3190_simulator
from simulators.scale.indicator import Indicator
from simulators.scale.wired import WiredIndicator
from simulators.serial_line import PtyLine, TcpLine

TOLEDO = {"checksum": True, "fixed_zero": "dropped"}
DRIVERS: dict[str, tuple[type[Scale], type[WiredIndicator], dict[str, Any]]] = {
    "xk3190": (xk3190.Driver, xk3190_simulator.Simulator, {}),
    "toledo_continuous": (toledo_continuous.Driver, toledo_simulator.Simulator, TOLEDO),
    "toledo_without_checksum": (
        toledo_continuous.Driver,
        toledo_simulator.Simulator,
        {**TOLEDO, "checksum": False},
    ),
    "mt_sics": (mt_sics.Driver, mt_sics_simulator.Simulator, {}),
}


@dataclass
class Bench:
    """`shown` are all weights the indicator showed at any sample, the only numbers that may come out."""

    driver: Scale
    simulator: WiredIndicator
    line: FaultedLine
    shown: set[float] = field(default_factory=set)

    def tick(self, seconds: float = 0.1) -> None:
        while seconds > 0:
            self.simulator.step(min(seconds, 0.05))
            seconds -= 0.05
            indication = self.simulator.indicator.indication()
            if indication.displayed_kg is not None:
                self.shown.add(indication.displayed_kg + indication.tare_kg)

    async def first(self, wanted: Callable[[WeightReading], bool]) -> WeightReading:
        """The first reading that is wanted."""
        async with asyncio.timeout(10):
            async for reading in self.driver.readings():
                if wanted(reading):
                    return reading
        raise AssertionError("readings ended by themselves")


MakeBench = Callable[..., Awaitable[Bench]]


@pytest.fixture(params=["pty", "tcp"])
def transport(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(autouse=True)
def quick_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """MT-SICS is polled: as often as simulated time runs faster here."""
    monkeypatch.setattr(mt_sics, "POLL_S", 0.005)
    monkeypatch.setattr(mt_sics, "ANSWER_S", 0.1)
    monkeypatch.setattr(mt_sics, "QUIET_S", 0.02)


@pytest.fixture
async def make_bench() -> AsyncIterator[MakeBench]:
    """Call with protocol, transport and, if wanted, setup, driver options and simulator options."""
    benches: list[Bench] = []
    tasks: list[asyncio.Task[None]] = []

    async def make(
        protocol: str,
        transport: str = "pty",
        *,
        setup: str = "empty",
        simulator_options: dict[str, Any] | None = None,
        **options: Any,
    ) -> Bench:
        driver_type, simulator_type, settings = DRIVERS[protocol]
        line = FaultedLine(PtyLine() if transport == "pty" else TcpLine())
        indicator = Indicator(max_kg=60_000, division_kg=20, seed=7)
        indicator.set_up(setup)
        simulator = simulator_type("scale", line, indicator, **{**settings, **(simulator_options or {})})
        await simulator.start()
        given = {"max_kg": 60_000, "division_kg": 20, "silent_s": 1.0, **settings, **options}
        driver = driver_type("scale", driver_type.options_type(port=line.address, **given))
        bench = Bench(driver, simulator, line)
        benches.append(bench)

        async def run() -> None:
            while True:
                bench.tick()
                await asyncio.sleep(0.004)

        tasks.append(asyncio.create_task(run()))
        return bench

    yield make
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for bench in benches:
        await bench.driver.close()
        await bench.simulator.stop()
