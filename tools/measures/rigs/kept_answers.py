"""Answers of a long run, kept one a line as they come, so that a run that was cut goes on.

They are of one state of what gave them: another one begins anew.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from measures.rigs.scratch import ROOT

FOLDER = ROOT / ".measure"
_SHAPES = (".py", ".onnx", ".toml")


class KeptAnswers:
    """JSON values by key; `file` None keeps them in memory alone."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._known: dict[str, Any] = {}
        if file is not None and file.exists():
            rows = file.read_text("utf-8")
            if rows and not rows.endswith("\n"):
                with file.open("a") as end:
                    end.write("\n")  # a row that was cut off must not swallow the next one
            for row in rows.splitlines():
                try:
                    key, said = json.loads(row)
                except ValueError:
                    continue
                self._known[key] = said

    def __contains__(self, key: str) -> bool:
        return key in self._known

    def __getitem__(self, key: str) -> Any:
        return self._known[key]

    def __setitem__(self, key: str, said: Any) -> None:
        self._known[key] = said
        if self._file is not None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with self._file.open("a", encoding="utf-8") as rows:
                rows.write(json.dumps([key, said]) + "\n")


def key_of(path: Path) -> str:
    """Of a file as it is: pictures are drawn anew under the same names."""
    file = path.stat()
    return f"{path} {file.st_size} {file.st_mtime_ns}"


def state_of(package: str, *more: str) -> str:
    """Of one of our packages: its code, networks and tables, in short; `more` is what else decides."""
    files = sorted(path for path in (ROOT / package).rglob("*") if path.suffix in _SHAPES)
    return state(*(path.read_bytes() for path in files), *(each.encode() for each in more))


def state(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]
