"""What reading hostile octets costs in memory, counted by Python's own allocator and not by a clock."""

import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from drivers.emrtd.errors import EmrtdError

PER_OCTET = 110
"""Bytes that one octet of input may cost at most: an empty element of two octets becomes an object.  The
largest file read, 512 kB, so stays under 60 MB."""
BASE = 1 << 18
"""Bytes that reading may cost whatever the input is."""


@dataclass
class Cost:
    """Bytes that were held at most, beyond those held before."""

    peak: int = 0


@contextmanager
def measured() -> Iterator[Cost]:
    """What goes on inside is counted; errors of ours end it and are no failure."""
    cost = Cost()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    try:
        yield cost
    except EmrtdError:
        pass
    finally:
        cost.peak = tracemalloc.get_traced_memory()[1] - before
        tracemalloc.stop()
