"""Every published example, trace, file and certificate at hand is read by a test: what lies in the folder and
is named in no test proves nothing.

A test names what it reads in a string of its own, or builds the name in an f-string out of such strings and
numbers (`f"tc_{kind}_k_enc"` where `"ecdh"` stands in the module).
"""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from tests.emrtd.material import DATA, needs_data

pytestmark = needs_data

TESTS = Path(__file__).parents[1]
MODULES = [path for name in ("emrtd", "card", "chip") for path in sorted((TESTS / name).glob("*.py"))]
MODULES.remove(Path(__file__))
UNNAMED = {"comments", "note", "other_hex_in_order"}
"""Fields of a trace that are prose, or values in the order of their source, which `hexadecimal` gives."""
FILLING_MAX = 40
"""Letters of a string that may fill a place of an f-string: longer ones are no part of a name."""


@cache
def named_in(path: Path) -> tuple[frozenset[str], tuple[re.Pattern[str], ...]]:
    """The strings of a module, and its f-strings as patterns of what they can come to."""
    nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    constants = [node.value for node in nodes if isinstance(node, ast.Constant)]
    strings = frozenset(value for value in constants if isinstance(value, str))
    fillings = [value for value in constants if isinstance(value, int) or value in strings]
    built = [node for node in nodes if isinstance(node, ast.JoinedStr)]
    return strings, tuple(re.compile("".join(_pattern(node, fillings))) for node in built)


def _pattern(built: ast.JoinedStr, fillings: list[Any]) -> Iterator[str]:
    for part in built.values:
        if isinstance(part, ast.Constant):
            yield re.escape(str(part.value))
        elif isinstance(part, ast.FormattedValue):
            spec = part.format_spec.values if isinstance(part.format_spec, ast.JoinedStr) else []
            text = "".join(str(each.value) for each in spec if isinstance(each, ast.Constant))
            filled = {_formatted(value, text) for value in fillings}
            yield f"(?:{'|'.join(re.escape(each) for each in filled if 0 < len(each) < FILLING_MAX)})"


def _formatted(value: int | str, spec: str) -> str:
    try:
        return format(value, spec)
    except ValueError:
        return ""


def reads(path: Path, name: str) -> bool:
    """Whether a module names this, alone or at the end of a path."""
    strings, patterns = named_in(path)
    last = {text.rpartition("/")[2] for text in strings}
    return name in strings or name in last or any(pattern.fullmatch(name) for pattern in patterns)


def unread(*names: str) -> bool:
    """Whether no module names all of these."""
    return not any(all(reads(path, name) for name in names) for path in MODULES)


def vectors() -> Iterator[tuple[str, Any]]:
    for path in sorted((DATA / "vectors").iterdir()):
        yield from json.loads(path.read_text())["vectors"].items()


def test_every_file_is_read() -> None:
    files = [path for path in DATA.rglob("*") if path.is_file() and path.suffix != ".md"]
    assert len(files) > 40
    left = [path.name for path in files if unread(path.name) and unread(path.stem)]
    assert not left, f"lie in {DATA} and are named in no test: {sorted(left)}"


def test_every_worked_example_and_trace_is_read() -> None:
    entries = {name: entry for name, entry in vectors() if _octets(entry)}
    assert len(entries) > 100
    assert not (left := sorted(name for name in entries if unread(name))), f"named in no test: {left}"


def test_every_value_of_a_worked_example_is_read() -> None:
    """By name, in a module that names the example."""
    left: list[str] = []
    for name, entry in vectors():
        fields = [each["var"] for each in entry if each["var"]] if isinstance(entry, list) else []
        if isinstance(entry, dict):
            fields = [field for field, value in entry.items() if value and field not in UNNAMED]
        left += [f"{name}: {field}" for field in fields if _octets(entry) and unread(name, field)]
    assert not left, f"named in no test: {left}"


def test_every_published_key_of_the_specimen_is_read() -> None:
    keys = json.loads((DATA / "bsi_tr03105_5" / "specimen_keys.json").read_text())
    left = [name for name in keys if name != "what" and unread("specimen_keys.json", name)]
    assert not left, f"named in no test: {left}"


def _octets(entry: Any) -> bool:
    """Whether an entry holds any: one is the prose of tests whose keys are drawn."""
    return bool(entry["apdus"] or entry["other_hex_in_order"]) if isinstance(entry, dict) else bool(entry)
