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
import traceback
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
    commit = _commit()
    at_full_size: set[str] = set(_load(RESUME, {}).get(commit, [])) & entries.keys()
    missed = False
    for measurement in _all():
        wanted = {name for name in measurement.names if pattern.search(name)}
        if not wanted:
            continue
        if arguments.full and wanted <= at_full_size:
            for name in sorted(wanted):
                missed |= entries[name]["passed"] is False
                print(f"{_line(Figure(**entries[name]))}  (taken before)", flush=True)
            continue
        figures = _taken(measurement, wanted, arguments.full)
        missed |= len(figures) < len(wanted) or any(figure.passed is False for figure in figures)
        for name in wanted:
            entries.pop(name, None)
        entries |= {figure.name: figure.entry() for figure in figures}
        at_full_size -= wanted
        at_full_size |= {figure.name for figure in figures} if arguments.full else set()
        _keep(entries, commit, at_full_size)
    return 1 if missed else 0


def _taken(measurement: Measurement, wanted: set[str], full: bool) -> list[Figure]:
    """The wanted figures, printed; fewer when the measurement itself failed: the others are taken all the
    same."""
    started = time.monotonic()
    try:
        figures = [figure for figure in measurement.run(full) if figure.name in wanted]
    except Exception:
        traceback.print_exc()
        print(f"MISSED {', '.join(sorted(wanted))}: the measurement failed, see above", flush=True)
        return []
    for figure in figures:
        print(_line(figure), flush=True)
    print(f"    ({time.monotonic() - started:.0f} s)", flush=True)
    return figures


def _keep(entries: dict[str, dict[str, Any]], commit: str, at_full_size: set[str]) -> None:
    """After each measurement, so that a run that is cut off loses one at most."""
    RESULTS.write_text(json.dumps([entries[name] for name in sorted(entries)], indent=1) + "\n")
    RESUME.parent.mkdir(exist_ok=True)
    RESUME.write_text(json.dumps({commit: sorted(at_full_size)}))


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
