"""Scenario files: the shipped ones can be played; every mistake in a wrong one is named with its place."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.scenario import Scenario, ScenarioError, load
from simulators.toml_places import lines_of

SHIPPED = sorted((Path(__file__).parents[2] / "scenarios").glob("*.toml"))

WRONG = """\
title = "x"
lasts_s = 60

[lanes.cargo-1]
profile = "cargo"
colour = "green"

[lanes.walk-1]
profile = "pedestrian"
scale = "xk3190"

[[arrives]]
lane = "cargo-1"
at_s = 5
vehicle = "rocket"

[[arrives]]
lane = "cargo-1"
at_s = "soon"
vehicle = "rigid-2"
travellers = [
    { papers = "library card" },
]
"""

CONTRADICTORY = """\
title = "vehicles in wrong lanes"
lasts_s = 60

[lanes.cargo-1]
profile = "cargo"

[[arrives]]
lane = "cargo-2"
at_s = 5
vehicle = "rigid-2"

[[arrives]]
lane = "cargo-1"
at_s = 5
vehicle = "saloon"

[[arrives]]
lane = "cargo-1"
at_s = 90
vehicle = "rigid-2"
gross_kg = 2000

[[pulls]]
lane = "cargo-9"
device = "scale"
at_s = 1
"""


def mistakes(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "s.toml"
    path.write_text(text)
    with pytest.raises(ScenarioError) as raised:
        load(path)
    return [line.replace(f"{path}", "s.toml") for line in raised.value.mistakes]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_scenario_can_be_loaded_and_says_what_it_is_about(path):
    scenario = load(path).scenario
    assert scenario.about, f"{path.name} says nothing about itself"
    assert scenario.arrives


def test_all_mistakes_are_named_in_one_pass_with_file_line_and_key(tmp_path):
    said = mistakes(tmp_path, WRONG)
    starts = [line.split(": ")[0] + ": " + line.split(": ")[1] for line in said]
    assert starts == [
        "s.toml:1: title",
        "s.toml:6: lanes.cargo-1.colour",
        "s.toml:8: lanes.walk-1",
        "s.toml:15: arrives[1].vehicle",
        "s.toml:19: arrives[2].at_s",
        "s.toml:21: arrives[2].travellers[1].papers",
    ]
    assert "expected one of rigid-2" in said[3]
    assert "'soon'" in said[4]


MISTYPED = """\
title = "a scenario"
sed = 3

[lanes."lane 1"]
profile = "cargo"

[lanes.cargo-1]
profile = "cargo"
boards = ["moxa"]

[[arrives]]
lane = "cargo-1"
vehicle = "rigid-2"
expect = { decision = "allow", findings = ["over limit"] }

[[arrive]]
lane = "cargo-1"
"""


def test_a_mistake_says_what_to_write_instead(tmp_path):
    assert sorted(mistakes(tmp_path, MISTYPED)) == [
        "s.toml:11: arrives[1].at_s: is missing",
        "s.toml:14: arrives[1].expect.decision: found 'allow', expected 'release', 'hold', 'refer' or 'none'",
        "s.toml:14: arrives[1].expect.findings[1]: found 'over limit', expected the form ^[a-z_]+: [a-z_]+$",
        "s.toml:16: arrive: there is no such key; did you mean 'arrives'?",
        "s.toml:2: sed: there is no such key; did you mean 'seed'?",
        "s.toml:4: lanes.lane 1: found 'lane 1', expected the form ^[a-z0-9_-]{1,32}$",
        "s.toml:9: lanes.cargo-1.boards[1]: found 'moxa', expected 'moxa-e1214', 'waveshare-relay' or "
        "'adam-6060'",
    ]


def test_a_file_that_is_no_toml_is_named_with_its_line(tmp_path):
    assert mistakes(tmp_path, 'title = "x"\nlasts_s = \n') == [
        "s.toml:2: not TOML: Invalid value (column 11)"
    ]


def test_contradictions_between_keys_are_named_too(tmp_path):
    said = mistakes(tmp_path, CONTRADICTORY)
    assert [line.split(": ")[0] for line in said] == [
        "s.toml:8",
        "s.toml:24",
        "s.toml:15",
        "s.toml:21",
        "s.toml:19",
    ]


@pytest.mark.parametrize(
    "content", [b"title = ", b"\xff\xfe", b"", b"[[title]]\n", b"title = 1\n[lanes]\n", b"a.b = 1\na = 2\n"]
)
def test_a_file_that_is_no_scenario_is_refused_with_its_name(tmp_path, content):
    path = tmp_path / "s.toml"
    path.write_bytes(content)
    with pytest.raises(ScenarioError, match=r"s\.toml"):
        load(path)


@given(content=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_random_bytes_are_refused_and_nothing_worse(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "random.toml"
    path.write_bytes(content)
    with pytest.raises(ScenarioError):
        load(path)


def test_places_of_keys_are_found_in_tables_arrays_and_dotted_names():
    text = 'a = 1\nb.c = 2\n[t]\nx = 1 # [no]\n[[l]]\nk = 1\n[[l]]\n"k" = 2\n[l.sub]\nz = 3\n'
    lines = lines_of(text)
    assert tomllib.loads(text)["l"][1]["sub"]["z"] == 3
    assert lines[("a",)] == 1
    assert lines[("b", "c")] == 2
    assert lines[("t", "x")] == 4
    assert lines[("l", 0, "k")] == 6
    assert lines[("l", 1, "k")] == 8
    assert lines[("l", 1, "sub", "z")] == 10


def test_a_scenario_has_a_json_schema_for_editors():
    assert "arrives" in Scenario.model_json_schema()["properties"]


def test_every_key_of_a_scenario_is_documented():
    page = (Path(__file__).parents[2] / "docs" / "simulators.md").read_text()
    schema = Scenario.model_json_schema()
    keys = set(schema["properties"])
    for part in schema["$defs"].values():
        keys |= set(part.get("properties", ()))
    missing = [key for key in sorted(keys) if key not in page]
    assert not missing, f"docs/simulators.md says nothing of {missing}"
