"""The access key that `borderlane read-chip` is given: what is not one is told, and no secret is repeated."""

import subprocess
import sys

import pytest
from click.testing import CliRunner

from lane_controller.commands.read_chip import command

ZONE = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"


@pytest.mark.parametrize(
    ("option", "typed"),
    [
        ("--mrz", ZONE),
        ("--mrz", ZONE.lower()),
        ("--mrz", f"{ZONE};L898902C36UTO7408122F1204159ZE184226B<<<<<10"),
        ("--mrz", "l898902c36uto7408122f1204159ze184226b10"),
        ("--can-file", "314159"),
        ("--can-file", "31415"),
        ("--can-file", "314 159"),
    ],
)
def test_a_secret_on_the_command_line_is_warned_of_and_not_repeated(option: str, typed: str) -> None:
    done = CliRunner().invoke(command, [option, typed])
    assert done.exit_code == 2
    assert "WARNING" in done.stderr
    assert typed not in done.output


def test_a_file_that_is_not_there_is_named_and_nothing_warned_of() -> None:
    for option, name in (("--mrz", "zone.txt"), ("--mrz", "a/b<c"), ("--can-file", "can2.txt")):
        done = CliRunner().invoke(command, [option, name])
        assert done.exit_code == 2
        assert "WARNING" not in done.stderr
        assert f"{name}: cannot be read" in done.stderr


@pytest.mark.parametrize("option", ["--mrz", "--can-file"])
def test_a_closed_standard_input_is_told(option: str) -> None:
    line = [sys.executable, "-m", "lane_controller.cli", "read-chip", option, "-"]
    done = subprocess.run(["sh", "-c", 'exec "$@" <&-', "sh", *line], capture_output=True, text=True)
    assert done.returncode == 2, done.stderr
    assert "standard input is closed" in done.stderr
    assert "Traceback" not in done.stderr
