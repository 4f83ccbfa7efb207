"""Driver and simulator share no code; what binds them is data: `tests/wire/<protocol>.toml`.

Each example is run through both ends in opposite directions: the end that sends it must make exactly these
bytes of the meaning, the other end must read exactly this meaning from the bytes.  So a wrong reading of a
manual shows as a contradiction to a cited source, not as two ends that agree with each other.

A protocol joins by adding two files and touching none:

`tests/wire/<protocol>.toml`

    [[example]]
    name = "+60 kg"                     # unique in the file
    sender = "device"                   # or "controller"
    bytes = "02 2B 30 30"               # hex
    source = "manual and page, standard and clause, or a recording"
    means = { gross_kg = 60.0 }         # in SI units
    settings = { division_kg = 10 }     # how both ends are set up; may be left out

    [[foreign]]                         # bytes the driver may meet and must refuse: no reading, no crash
    name = "the same indicator in another mode"
    bytes = "3D 30"
    source = "..."
    settings = { division_kg = 10 }

`tests/wire/adapters/<protocol>.py` (`-` becomes `_`) with as many of these functions as its examples need

    driver_reads(data: bytes, settings: dict) -> dict | None       what the driver understands; None: refused
    driver_writes(means: dict, settings: dict) -> bytes            what the driver sends to say it
    simulator_reads(data: bytes, settings: dict) -> dict | None    what the simulator understands
    simulator_writes(means: dict, settings: dict) -> bytes         what the simulator sends to say it
"""

import importlib.util
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

HERE = Path(__file__).parent
Means = dict[str, Any]


@dataclass(frozen=True)
class Example:
    """One line of a TOML file.  `sender` is None for foreign bytes."""

    protocol: str
    name: str
    sender: str | None
    data: bytes
    source: str
    means: Means = field(default_factory=dict)
    settings: Means = field(default_factory=dict)


def protocols() -> list[str]:
    return sorted(path.stem for path in HERE.glob("*.toml"))


@cache
def examples(protocol: str) -> tuple[Example, ...]:
    document = tomllib.loads((HERE / f"{protocol}.toml").read_text(encoding="utf-8"))
    assert set(document) <= {"example", "foreign"}, f"{protocol}.toml: unknown tables {sorted(document)}"
    found: list[Example] = []
    for kind in ("example", "foreign"):
        keys = {"name", "bytes", "source", "settings"} | ({"sender", "means"} if kind == "example" else set())
        for entry in document.get(kind, []):
            name = entry.get("name", "?")
            unknown = set(entry) - keys
            missing = keys - set(entry) - {"settings"}
            assert not unknown, f"{protocol}.toml, {name}: unknown keys {sorted(unknown)}"
            assert not missing, f"{protocol}.toml, {name}: missing keys {sorted(missing)}"
            found.append(
                Example(
                    protocol,
                    name,
                    entry.get("sender"),
                    bytes.fromhex(entry["bytes"]),
                    entry["source"],
                    entry.get("means", {}),
                    entry.get("settings", {}),
                )
            )
    return tuple(found)


@cache
def adapter(protocol: str) -> ModuleType:
    path = HERE / "adapters" / f"{protocol.replace('-', '_')}.py"
    assert path.exists(), f"{protocol}.toml has no adapter: write {path.relative_to(HERE.parent.parent)}"
    spec = importlib.util.spec_from_file_location(f"wire_adapter_{path.stem}", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def end(example: Example, function: str) -> Callable[..., Any]:
    found = getattr(adapter(example.protocol), function, None)
    assert callable(found), (
        f"adapters/{example.protocol}.py has no {function}, which '{example.name}' ({example.sender}) needs"
    )
    return found


def every(*senders: str | None) -> list[Any]:
    return [
        pytest.param(example, id=f"{example.protocol}: {example.name}")
        for protocol in protocols()
        for example in examples(protocol)
        if example.sender in senders
    ]


def hexed(data: bytes | None) -> str:
    return data.hex(" ").upper() if isinstance(data, bytes) else repr(data)


@pytest.mark.parametrize("example", every("device", "controller"))
def test_the_sender_makes_exactly_the_bytes_of_the_source(example: Example):
    function = "simulator_writes" if example.sender == "device" else "driver_writes"
    made = end(example, function)(example.means, example.settings)
    assert hexed(made) == hexed(example.data), f"source: {example.source}"


@pytest.mark.parametrize("example", every("device", "controller"))
def test_the_receiver_reads_exactly_the_meaning_of_the_source(example: Example):
    function = "driver_reads" if example.sender == "device" else "simulator_reads"
    read = end(example, function)(example.data, example.settings)
    assert read is not None, f"refused; source: {example.source}"
    compared = {key: read.get(key, "missing") for key in example.means}
    assert compared == example.means, f"source: {example.source}; read in full: {read}"


@pytest.mark.parametrize("example", every(None))
def test_foreign_bytes_are_refused(example: Example):
    assert end(example, "driver_reads")(example.data, example.settings) is None, f"source: {example.source}"


@pytest.mark.parametrize("protocol", protocols())
def test_every_protocol_has_examples_and_an_adapter(protocol: str):
    found = examples(protocol)
    assert adapter(protocol)
    assert any(example.sender for example in found), f"{protocol}.toml has no examples"
    names = [example.name for example in found]
    assert len(names) == len(set(names)), f"{protocol}.toml: names are not unique"
    assert all(example.data and example.source.strip() for example in found)
    assert {example.sender for example in found} <= {"device", "controller", None}


def test_every_adapter_belongs_to_a_protocol():
    adapters = {path.stem for path in (HERE / "adapters").glob("*.py")}
    assert adapters <= {protocol.replace("-", "_") for protocol in protocols()}
