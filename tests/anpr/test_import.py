"""`import anpr` is light, and reading takes one thread."""

import subprocess
import sys
from pathlib import Path

import anpr

LIGHT = """
import sys
import anpr
track = anpr.Track()
track.add("1", ())
assert track.plates() == ()
print(*sys.modules)
"""
THREADS = """
import os, time
import numpy as np
import anpr

def threads():
    return len(os.listdir("/proc/self/task"))

frame = np.random.default_rng(1).integers(0, 256, (240, 320, 3), dtype=np.uint8)
import cv2, onnxruntime
before = threads()
anpr.read(frame)
process, caller = time.process_time(), time.thread_time()
anpr.read(frame)
process, caller = time.process_time() - process, time.thread_time() - caller
print(threads() - before, caller / process)
"""


def said(script: str) -> list[str]:
    """What a fresh process prints."""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_importing_and_voting_load_neither_networks_nor_what_runs_them() -> None:
    loaded = said(LIGHT)
    assert "anpr.track" in loaded
    assert {"numpy", "cv2", "onnxruntime", "rapidocr", "anpr.reader", "anpr.networks"}.isdisjoint(loaded)


def test_a_read_starts_no_thread_and_all_its_work_is_the_callers() -> None:
    started, share = said(THREADS)
    assert int(started) == 0
    assert float(share) > 0.95


def test_the_networks_are_small() -> None:
    """Under 5 MB in all: they are a part of the checkout and of each lane."""
    models = list((Path(anpr.__file__).parent / "models").glob("*.onnx"))
    assert len(models) == 4
    assert sum(model.stat().st_size for model in models) < 5_000_000
