"""One reader in a process of its own: a path a line comes in, one JSON object a line goes out.

    PYTHON tools/proof/readers/serve.py READER [DATA]

Runs in the reader's own environment.  Each answer has `text` (lines as the reader gives them, best first,
`documents` where it tells several apart), `cpu_s` (this process and its children, decoding included, start of
the process not) and `peak_mb`.  A reader's exception is an answer too: `error`; one that can't even start
answers everything so, with `started` false.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

Read = Callable[[str], dict[str, Any]]


def main() -> None:
    answers = sys.stdout
    sys.stdout = sys.stderr  # what a reader prints is no answer
    read = _started()
    for line in sys.stdin:
        answers.write(json.dumps(_answer(read, line.rstrip("\n"))) + "\n")
        answers.flush()


def _started() -> Read:
    try:
        return import_module(sys.argv[1]).reader(*sys.argv[2:])
    except Exception as error:
        words = f"{type(error).__name__}: {error}"[:300]
        return lambda _: {"documents": [], "error": words, "started": False}


def _answer(read: Read, path: str) -> dict[str, Any]:
    began, clock = _cpu_s(), time.monotonic()
    try:
        said = read(path)
    except Exception as error:
        said = {"documents": [], "error": f"{type(error).__name__}: {error}"[:300]}
    return {**said, "cpu_s": _cpu_s() - began, "wall_s": time.monotonic() - clock, "peak_mb": _peak_mb()}


def _cpu_s() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _peak_mb() -> float:
    """Of this process; VmHWM, since ru_maxrss starts with what the parent had before exec."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    main()
