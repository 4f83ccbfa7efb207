"""The program's output, where it can't be written."""

import subprocess
import sys


def test_an_output_on_a_full_disk_is_told() -> None:
    with open("/dev/full", "w") as full:
        line = [sys.executable, "-m", "lane_controller.cli", "--help"]
        done = subprocess.run(line, stdout=full, stderr=subprocess.PIPE, text=True)
    assert "the output cannot be written: No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode == 3
