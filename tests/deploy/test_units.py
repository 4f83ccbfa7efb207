"""The units under deploy/: what systemd says of them, and what a lane needs of them."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

DEPLOY = Path(__file__).parents[2] / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))
LANE = DEPLOY / "borderlane-lane@.service"
EXPOSURE_MAX = 2.5
"""Of 10, as `systemd-analyze security` counts; up to 2.5 is its OK."""

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed"
)


def settings(unit: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in unit.read_text().splitlines():
        if "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


def installed(unit: Path, folder: Path) -> Path:
    """The unit as it would lie on a machine where its program is there."""
    text = re.sub(r"^(ExecStart=)\S+", rf"\1{sys.executable}", unit.read_text(), flags=re.MULTILINE)
    place = folder / unit.name
    place.write_text(text)
    return place


def analyze(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = ["systemd-analyze", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@needs_systemd
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_finds_nothing_wrong_with_a_unit(unit: Path, tmp_path: Path) -> None:
    verdict = analyze("verify", "--man=no", installed(unit, tmp_path))
    assert (verdict.returncode, verdict.stderr) == (0, "")


@needs_systemd
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_leaves_its_program_little_to_reach(unit: Path, tmp_path: Path) -> None:
    verdict = analyze("security", "--offline=true", "--no-pager", installed(unit, tmp_path))
    level = re.search(r"Overall exposure level for \S+: ([0-9.]+)", verdict.stdout)
    assert level, verdict.stdout + verdict.stderr
    assert float(level[1]) <= EXPOSURE_MAX, verdict.stdout


def test_a_lane_is_watched_and_comes_back_for_ever() -> None:
    unit = settings(LANE)
    assert unit["Type"] == ["notify"]
    assert unit["Restart"] == ["always"]
    assert unit["StartLimitIntervalSec"] == ["0"]
    assert int(unit["WatchdogSec"][0]) > 0
    assert "MemoryMax" in unit
    assert unit["StateDirectory"] == ["borderlane/%i"]
    assert unit["RuntimeDirectory"] == ["borderlane/%i"]


def test_a_lane_may_ask_whether_its_clock_is_synchronised() -> None:
    unit = settings(LANE)
    assert "ProtectClock" not in unit
    filters = unit["SystemCallFilter"]
    denied = next(place for place, value in enumerate(filters) if value.startswith("~"))
    allowed = next(place for place, value in enumerate(filters) if "clock_adjtime" in value)
    assert allowed > denied
    assert unit["CapabilityBoundingSet"] == [""]


def test_the_example_configuration_keeps_its_journal_in_the_units_state_directory() -> None:
    example = (DEPLOY / "lane.example.toml").read_text()
    assert 'path = "/var/lib/borderlane/cargo-1/' in example
