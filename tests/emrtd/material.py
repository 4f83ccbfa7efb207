"""Where the published worked examples, traces and specimens lie on a machine that has them."""

import json
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "emrtd"

needs_data = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"the published eMRTD material is not on this machine (expected in {DATA})"
)


def vectors(name: str) -> dict[str, Any]:
    """The worked examples or traces of one source; empty where they are absent, and the tests are skipped."""
    path = DATA / "vectors" / f"{name}.json"
    return json.loads(path.read_text())["vectors"] if path.exists() else {}


def hexadecimal(trace: dict[str, Any]) -> list[bytes]:
    """The octet strings of a trace beside its APDUs, in their order."""
    return [bytes.fromhex(text) for text in trace["other_hex_in_order"]]
