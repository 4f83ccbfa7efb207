"""docs/bad-input.md names, for each wire, the tests that hold it: they exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def test_each_test_that_the_table_of_wires_names_exists() -> None:
    text = (ROOT / "docs" / "bad-input.md").read_text()
    rows = [line for line in text.splitlines() if line.startswith("| ") and "---" not in line][1:]
    assert rows
    without = [row.split("|")[1] for row in rows if not NAMED.search(row)]
    assert not without, f"a wire without a test: {without}"
    missing = [
        f"{path}::{name}"
        for path, name in NAMED.findall(text)
        if not (ROOT / path).is_file()
        or not re.search(rf"\b(?:def|class) {name}\b|^{name} = ", (ROOT / path).read_text(), re.MULTILINE)
    ]
    assert not missing, f"no such tests: {missing}; correct docs/bad-input.md"
