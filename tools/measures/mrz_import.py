"""CPU time of `import mrz` for a program that only parses lines, beside what OpenCV alone would cost it."""

import subprocess
import sys

from measures import Figure, Measurement, at_most, percentile

RUNS = {False: 15, True: 60}
SCRIPT = (
    "import time; began = time.process_time(); import {module}; print((time.process_time() - began) * 1e3)"
)


def run(full: bool) -> list[Figure]:
    ours = _times_ms("mrz", RUNS[full])
    beside = (
        f"p95 {percentile(ours, 0.95):.1f} ms; import cv2: median "
        f"{percentile(_times_ms('cv2', 5), 0.5):.0f} ms; {RUNS[full]} fresh processes, files in memory"
    )
    return [at_most("mrz-import-median", percentile(ours, 0.5), "ms", 50, beside)]


def _times_ms(module: str, runs: int) -> list[float]:
    """Milliseconds of CPU of the import in each of `runs` fresh processes, after one for the disk."""
    command = [sys.executable, "-c", SCRIPT.format(module=module)]
    times = [
        float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        for _ in range(runs + 1)
    ]
    return times[1:]


MEASUREMENTS = [Measurement(("mrz-import-median",), run)]
