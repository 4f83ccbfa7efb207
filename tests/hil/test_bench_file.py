"""A bench file that can't be used says which device and why."""

import tomllib
from pathlib import Path

import pytest

from hil_tests.bench import Bench, BenchError

HELD = """
[devices.io]
driver = "adam-6060"
host = "192.168.1.20"
wiring = "dry"
[devices.arm]
role = "barrier"
board = "io"
raise_output = 0
lower_output = 1
raised_switch = { channel = 0, active = "closed" }
lowered_switch = { channel = 1, active = "closed" }
"""


def test_a_device_that_refuses_to_be_made_is_named(tmp_path: Path) -> None:
    file = tmp_path / "bench.toml"
    file.write_text(HELD)
    with pytest.raises(BenchError, match=r"bench\.toml: devices\.arm: "):
        Bench.read(file)


PUSHED = """
[devices.page]
driver = "page-http-push"
listen = "127.0.0.1:8350"
token = "{token}"
"""


def test_a_secret_is_pointed_to_as_in_a_lane_s_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = tmp_path / "token"
    secret.write_text("sixteen letters or more\n")
    monkeypatch.setenv("PAGE_TOKEN", "sixteen letters or more")
    for token in (f"file:{secret}", "env:PAGE_TOKEN"):
        bench = Bench.of("bench.toml", tomllib.loads(PUSHED.format(token=token)))
        assert bench.devices[0].make().options.token.get_secret_value() == "sixteen letters or more"
    for token in ("sixteen letters or more", "file:/nonexistent", "env:NOTHING"):
        with pytest.raises(BenchError, match=r"devices\.page: a secret is") as caught:
            Bench.of("bench.toml", tomllib.loads(PUSHED.format(token=token)))
        assert "letters" not in str(caught.value)
