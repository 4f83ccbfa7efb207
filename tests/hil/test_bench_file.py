"""A bench file that can't be used says which device and why."""

from pathlib import Path

import pytest

from hil_tests.bench import Bench, BenchError

HELD = """
[devices.io]
driver = "adam-6060"
host = "192.168.1.20"
wiring = "dry"
[devices.arm]
role = "barrier"
board = "io"
raise_output = 0
lower_output = 1
raised_switch = { channel = 0, active = "closed" }
lowered_switch = { channel = 1, active = "closed" }
"""


def test_a_device_that_refuses_to_be_made_is_named(tmp_path: Path) -> None:
    file = tmp_path / "bench.toml"
    file.write_text(HELD)
    with pytest.raises(BenchError, match=r"bench\.toml: devices\.arm: "):
        Bench.read(file)
