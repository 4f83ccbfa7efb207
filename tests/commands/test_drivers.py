"""`borderlane drivers`: ours and third parties'."""

import json
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

from lane_controller.daemon.drivers import driver_points
from tests.commands.journals_told import borderlane_says


def listed() -> dict[str, dict[str, Any]]:
    found = json.loads(borderlane_says("drivers", "--json").output)
    return {one.get("driver") or one["role_on_contacts"]: one for one in found}


@pytest.fixture
def installs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], None]]:
    """Adds a package as pip would have installed it."""

    def install(module: str, points: str) -> None:
        _package(tmp_path, module, points)
        monkeypatch.syspath_prepend(str(tmp_path))
        monkeypatch.delitem(sys.modules, "acme_drivers", raising=False)
        driver_points.cache_clear()

    yield install
    driver_points.cache_clear()


def _package(folder: Path, module: str, points: str) -> None:
    (folder / "acme_drivers.py").write_text(module)
    metadata = folder / "acme-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(f"[borderlane.drivers]\n{points}\n")


def test_every_driver_of_the_group_is_listed_with_role_model_and_grade() -> None:
    found = listed()
    names = {point.name for point in entry_points(group="borderlane.drivers")}
    assert names | {"barrier", "signal", "presence"} == set(found)
    for one in found.values():
        assert one["role"]
        assert one["model"]
        assert one["grade"] in ("simulated", "recorded", "proven on hardware")


def test_every_option_of_our_drivers_says_what_it_means() -> None:
    silent = [
        f"{name}.{option['name']}"
        for name, one in listed().items()
        for option in one["options"]
        if one["by"] == "borderlane" and not option["meaning"]
    ]
    assert not silent, f"write a line below these options, in the driver's options class: {silent}"


def test_an_options_type_and_default_are_as_in_a_lanes_file() -> None:
    options = {option["name"]: option for option in listed()["mt-sics"]["options"]}
    assert options["bytesize"]["type"] == "7 or 8"
    assert options["bytesize"]["default"] == 8
    assert options["max_kg"]["required"]
    text = borderlane_says("drivers").output
    assert "bytesize: 7 or 8, default 8" in text
    assert "max_kg: number, required" in text


GOOD = '''
from drivers.device import Options
from drivers.device import Grade
from drivers.scale import Scale

class AcmeOptions(Options):
    teeth: int = 3
    """Of the gear."""

class Driver(Scale):
    model = "Acme"
    grade = Grade.RECORDED
    options_type = AcmeOptions
'''


def test_a_third_partys_driver_stands_in_the_list(installs: Callable[[str, str], None]) -> None:
    installs(GOOD, "acme = acme_drivers:Driver")
    one = listed()["acme"]
    assert (one["role"], one["grade"], one["by"]) == ("scale", "recorded", "acme")
    (option,) = one["options"]
    assert (option["name"], option["type"], option["default"]) == ("teeth", "whole number", 3)
    assert option["meaning"] == "Of the gear."


@pytest.mark.parametrize(
    ("module", "point"),
    [
        ("raise RuntimeError('no licence')", "acme = acme_drivers:Driver"),
        ("Driver = 3", "acme = acme_drivers:Driver"),
        ("import not_there_at_all", "acme = acme_drivers:Driver"),
        ("", "acme = acme_drivers:Driver"),
        ("from drivers.scale import Scale\nclass Driver(Scale): pass", "acme = acme_drivers:Driver"),
        ("", "acme = no_such_module:Driver"),
    ],
)
def test_a_broken_third_partys_driver_is_named_and_hides_no_other(
    installs: Callable[[str, str], None], module: str, point: str
) -> None:
    installs(module, point)
    said = borderlane_says("drivers")
    assert said.exit_code == 1
    assert "acme  CANNOT BE LOADED, by acme:" in said.output
    assert "xk3190  scale:" in said.output
