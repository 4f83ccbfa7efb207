"""Settings of all tests.

Properties have no deadline (nothing asserts a wall-clock time) and draw the same cases in every `make test`,
so that a red run can be repeated; `make test-long` draws anew and prints what to repeat.
"""

import os
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import settings

settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("anew", deadline=None, print_blob=True)
settings.load_profile(os.environ.get("PROPERTIES", "same"))


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """A command under test sets the process's logging; the next test starts without it."""
    yield
    structlog.reset_defaults()
