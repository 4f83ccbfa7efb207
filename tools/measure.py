"""Print the project's figures and write them to measurements.json.

    make measure               every figure
    make measure ONLY=^lane-   those whose name the pattern finds; the other entries are kept
    make measure FULL=1        everything at full size; a second call goes on where the first was cut

A figure stands beside a peer or a physical limit measured in the same run.  Exit 1 when a target is missed.
"""

import argparse
import importlib
import json
import logging
import pkgutil
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import measures
import structlog
from measures import Figure, Measurement

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # the stories and stand-ins of tests/ are measured with
RESULTS = ROOT / "measurements.json"
RESUME = ROOT / ".measure" / "full.json"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="take the figures whose name this pattern finds")
    parser.add_argument("--full", action="store_true", help="everything at full size, resumable")
    arguments = parser.parse_args()
    # What simulators log while they do as they are told is not news.
    quiet = structlog.make_filtering_bound_logger(logging.ERROR)
    structlog.configure(wrapper_class=quiet)
    pattern = re.compile(arguments.only)
    entries: dict[str, dict[str, Any]] = {e["name"]: e for e in _load(RESULTS, [])}
    done: set[str] = set(_load(RESUME, {}).get(_commit(), [])) if arguments.full else set()
    missed = False
    for measurement in _all():
        if not any(pattern.search(name) for name in measurement.names) or set(measurement.names) <= done:
            continue
        started = time.monotonic()
        for figure in measurement.run(arguments.full):
            if pattern.search(figure.name):
                entries[figure.name] = figure.entry()
                missed |= figure.passed is False
                print(_line(figure), flush=True)
        print(f"    ({time.monotonic() - started:.0f} s)", flush=True)
        done |= set(measurement.names)
        RESULTS.write_text(json.dumps([entries[name] for name in sorted(entries)], indent=1) + "\n")
        if arguments.full:
            RESUME.parent.mkdir(exist_ok=True)
            RESUME.write_text(json.dumps({_commit(): sorted(done)}))
    return 1 if missed else 0


def _all() -> list[Measurement]:
    found: list[Measurement] = []
    for module in sorted(pkgutil.iter_modules(measures.__path__), key=lambda m: m.name):
        if not module.ispkg:  # rigs: what measurements stand on
            found += importlib.import_module(f"measures.{module.name}").MEASUREMENTS
    return found


def _load(path: Path, default: Any) -> Any:
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return default


def _commit() -> str:
    command = ["git", "rev-parse", "HEAD"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()


def _line(figure: Figure) -> str:
    verdict = {True: "ok    ", False: "MISSED", None: "      "}[figure.passed]
    target = f" (target {figure.target})" if figure.target else ""
    beside = f"  beside: {figure.beside}" if figure.beside else ""
    return f"{verdict} {figure.name}: {figure.value:g} {figure.unit}{target}{beside}"


if __name__ == "__main__":
    sys.exit(main())
