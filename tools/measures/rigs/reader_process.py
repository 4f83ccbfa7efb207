"""A reader in a process of its own (`tools/proof/readers/serve.py`), asked one line at a time."""

import contextlib
import json
import os
import queue
import subprocess
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from measures.rigs.scratch import ROOT

SERVE = ROOT / "tools" / "proof" / "readers" / "serve.py"
TIMEOUT_S = 60.0
START_TIMEOUT_S = 120.0
"""For the first answer, which waits for imports and models too."""


class ReaderProcess:
    """Started with the first question, and again after a death or a hang."""

    def __init__(self, command: Sequence[str | Path]) -> None:
        self._command = [str(part) for part in command]
        self._process: subprocess.Popen[str] | None = None
        self._answers: queue.Queue[str] = queue.Queue()

    def ask(self, line: str) -> dict[str, Any]:
        """The answer to one line; `error` in it names the time limit or the process's end."""
        fresh = self._process is None
        process = self._process or self._start()
        assert process.stdin is not None
        try:
            process.stdin.write(line + "\n")
            process.stdin.flush()
            text = self._answers.get(timeout=START_TIMEOUT_S if fresh else TIMEOUT_S)
        except (queue.Empty, OSError):
            self.stop()
            return {"documents": [], "error": "no answer in time", "cpu_s": TIMEOUT_S, "peak_mb": 0.0}
        if not text:
            self.stop()
            return {"documents": [], "error": "the reader's process ended", "cpu_s": 0.0, "peak_mb": 0.0}
        return json.loads(text)

    def _start(self) -> subprocess.Popen[str]:
        # One thread: what is compared is CPU time, and the figures are a lane's small computer's.
        environment = os.environ | {
            "OMP_NUM_THREADS": "1",
            "OMP_THREAD_LIMIT": "1",
            "OPENBLAS_NUM_THREADS": "1",
        }
        self._answers = queue.Queue()
        self._process = process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
            start_new_session=True,
        )
        threading.Thread(target=_pump, args=(process, self._answers.put), daemon=True).start()
        return process

    def stop(self) -> None:
        """The process and its children (tesseract)."""
        if self._process is not None:
            process, self._process = self._process, None
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, 9)
            process.wait()


def _pump(process: subprocess.Popen[str], put: Callable[[str], None]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        put(line)
    put("")
