"""The pytest plugin that takes a bench: `pytest --bench BENCH.toml --pyargs hil_tests`.

A plugin and not a conftest, because an option declared in an installed package's conftest is not known in
time when a suite is run with `--pyargs`.  Without a bench the suites are skipped with that reason.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # pytest loads this plugin in every run: the drivers come only with a bench
    from hil_tests.bench import Bench, BenchDevice

BENCH: "pytest.StashKey[Bench]" = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--bench", metavar="BENCH.toml", help="the devices to hold to their roles' promises")


def pytest_configure(config: pytest.Config) -> None:
    path = config.getoption("--bench")
    if path:
        from hil_tests.bench import Bench, BenchError

        try:
            config.stash[BENCH] = Bench.read(Path(path))
        except BenchError as error:
            raise pytest.UsageError(str(error)) from error


FIXTURES = {
    "any_device": None,
    "barrier_under_test": "barrier",
    "presence_under_test": "presence",
    "signal_under_test": "signal",
}
"""Fixtures that name their role themselves; `device_under_test` takes its suite's ROLE."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test of a suite runs once for each device of its role on the bench."""
    role: str | None = getattr(metafunc.module, "ROLE", None)
    for fixture in metafunc.fixturenames:
        if fixture in FIXTURES:
            _on_each_device(metafunc, fixture, FIXTURES[fixture])
        elif fixture == "device_under_test":
            _on_each_device(metafunc, fixture, role)


def _on_each_device(metafunc: pytest.Metafunc, fixture: str, role: str | None) -> None:
    bench = metafunc.config.stash.get(BENCH, None)
    devices: list[BenchDevice] = []
    reason = "no bench: name one with --bench BENCH.toml"
    if bench is not None:
        devices = [device for device in bench.devices if role in (None, device.role)]
        reason = f"the bench {bench.path} has no {role or 'device'}"
    if devices:
        metafunc.parametrize(fixture, devices, ids=[device.name for device in devices])
    else:
        metafunc.parametrize(
            fixture, [pytest.param(None, marks=pytest.mark.skip(reason=reason))], ids=["none"]
        )
