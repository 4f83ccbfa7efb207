"""Faults of a line: each one small type, in the byte stream between two ends that know nothing of it.

`FaultedLine(line, faults)` wraps a simulated device's line; `FaultedPort(host, port, faults)` is a TCP proxy
in front of any server.  A fault has a direction, a probability and a seed: a run repeats,
and the seed is logged with the fault.
"""

from simulators.faults.kinds import (
    Cut,
    Delay,
    Direction,
    Drop,
    Fault,
    Garble,
    HalfFrames,
    SlowClose,
    Stall,
)
from simulators.faults.line import FaultedLine
from simulators.faults.port import FaultedPort

FAULTS: dict[str, type[Fault]] = {
    "cut": Cut,
    "delay": Delay,
    "drop": Drop,
    "garble": Garble,
    "half_frames": HalfFrames,
    "slow_close": SlowClose,
    "stall": Stall,
}
"""By the name that scenario files use."""

__all__ = [
    "FAULTS",
    "Cut",
    "Delay",
    "Direction",
    "Drop",
    "Fault",
    "FaultedLine",
    "FaultedPort",
    "Garble",
    "HalfFrames",
    "SlowClose",
    "Stall",
]
