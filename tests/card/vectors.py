"""Published examples and recorded traces, from the folder beside the checkout where there is one."""

import json
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "emrtd"

needs_vectors = pytest.mark.skipif(
    not FOLDER.exists(), reason="the public test vectors are not beside this checkout"
)


def _load(name: str) -> dict[str, Any]:
    return json.loads((FOLDER / "vectors" / name).read_text())["vectors"]


def icao_pace(example: str) -> dict[str, bytes]:
    """Doc 9303-11's PACE examples: values by name; a point's second half is `name.y`."""
    named: dict[str, bytes] = {}
    last = ""
    for each in _load("icao_pace_worked_examples.json")[example]:
        last, name = (each["var"], each["var"]) if each["var"] else (last, f"{last}.y")
        named[name] = bytes.fromhex(each["hex"])
    return named


def trace(name: str) -> dict[str, Any]:
    """A session with a chip: `apdus`, and other values in the order of its source."""
    return _load("icao_and_chip_traces.json")[name]


def bsi() -> dict[str, bytes]:
    """BSI's worked examples of extended access control."""
    return {
        name: bytes.fromhex(value)
        for name, value in _load("bsi_eac_worked_examples.json").items()
        if isinstance(value, str)
    }
