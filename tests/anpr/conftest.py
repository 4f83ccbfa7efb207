"""Rendered frames, rendered once for all test workers."""

from pathlib import Path

import pytest

from simulators.render import Studio


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    return Studio(Path(tmp_path_factory.getbasetemp().parent) / "drives", seed=7)
