"""Upgrade and rollback: a journal that a newer version wrote is refused in one line and left as it is, one of
an older version goes on, and the two ends of the wire may be of different versions."""

import contextlib
import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lane_controller.daemon.folding import fold
from lane_controller.daemon.journal import Draft, Journal, JournalForeign, retention
from lane_controller.daemon.journal.schema import FORMAT
from lane_controller.lane import state
from lane_controller.messages.command import Command
from tests.daemon.facts import BEGAN, beginning, loop_on, stamp, told, traveller
from tests.daemon.rig import KEY, signed
from tests.daemon.test_commands import command, verifier

BORDERLANE = Path(sys.executable).with_name("borderlane")
LANE = """
[site]
name = "test"
[lane]
name = "lane-1"
profile = "pedestrian"
direction = "entry"
state = "KZ"
[journal]
path = "journal.sqlite"
"""


def whole(path: Path) -> bytes:
    """A closed journal's bytes: file and log."""
    return b"".join(part.read_bytes() for end in ("", "-wal") if (part := Path(f"{path}{end}")).exists())


def newer_format(path: Path) -> str:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version={FORMAT + 1}")
    return f"the journal has format {FORMAT + 1}, this program knows {FORMAT}"


def newer_snapshot(path: Path) -> str:
    journal = Journal.open(path)
    journal.snapshot(journal.last_number, state.SCHEMA + 1, '{"schema":2,"lane":{"of":"tomorrow"}}')
    journal.close()
    return f"its snapshot has schema {state.SCHEMA + 1}, this version reads {state.SCHEMA}"


def newer_fact(path: Path) -> str:
    journal = Journal.open(path)
    journal.append([Draft(stamp(900), {"kind": "radiation_measured", "usv_h": 0.1})])
    number = journal.last_number
    journal.close()
    return f"row {number}: 'radiation_measured' is no fact of this version"


def newer_value(path: Path) -> str:
    """A known fact with a word of a newer version."""
    journal = Journal.open(path)
    fact = {"kind": "presence_changed", "device": "mast", "place": "roof", "covered": True}
    journal.append([Draft(stamp(900), fact)])
    number = journal.last_number
    journal.close()
    return f"row {number}: 'presence_changed' is no fact of this version"


@pytest.mark.parametrize("write", [newer_format, newer_snapshot, newer_fact, newer_value])
def test_a_journal_of_a_newer_version_is_refused_in_one_line_and_left_as_it_is(
    tmp_path: Path, write: Callable[[Path], str]
):
    path = tmp_path / "journal.sqlite"
    told(path).close()
    said = write(path)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE meta SET value = '{}' WHERE key = 'machine'")
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = whole(path)
    (tmp_path / "lane.toml").write_text(LANE)
    run = subprocess.run(
        [BORDERLANE, "run", tmp_path / "lane.toml"], capture_output=True, text=True, timeout=60, check=False
    )
    assert run.returncode == 3
    last = run.stderr.strip().splitlines()[-1]
    assert str(path) in last
    assert said in last
    assert "untouched" in last
    assert "the version that wrote it" in last, "what to do"
    assert "Traceback" not in run.stderr
    assert whole(path) == before


def test_what_a_newer_version_adds_to_a_known_fact_does_not_keep_an_older_one_from_starting(tmp_path: Path):
    path = tmp_path / "journal.sqlite"
    journal = Journal.create(path, "test", "lane-1")
    loop = loop_on(journal)
    for fact in beginning(journal.id):
        loop.take([(fact, ())])
    fact = {
        "kind": "presence_changed",
        "device": "loop",
        "place": "arrival",
        "covered": True,
        "height_m": 4.0,
    }
    journal.append([Draft(stamp(20), fact)])
    lane = fold(journal)
    assert lane is not None
    assert any(sensor.covered for sensor in lane.sensors)
    journal.close()


def test_a_snapshot_of_an_older_version_is_left_out_where_every_row_is_there(tmp_path: Path, monkeypatch):
    journal = told(tmp_path / "journal.sqlite")
    loop = loop_on(journal)
    loop.snapshot()
    loop.take([(fact, ()) for fact in traveller(200, "N3")])
    expected = loop.lane
    monkeypatch.setattr(state, "SCHEMA", state.SCHEMA + 1)
    assert fold(journal) == expected
    monkeypatch.setattr(state, "SCHEMA", state.SCHEMA - 1)
    loop.snapshot()  # of the older version, and what was before it goes
    journal.acknowledge("store", journal.last_sequence)
    assert retention.prune(journal, BEGAN.replace(year=2100), segment_rows=5) > 0
    monkeypatch.setattr(state, "SCHEMA", state.SCHEMA + 1)
    with pytest.raises(JournalForeign, match="run the version that wrote it"):
        fold(journal)
    journal.close()


def test_a_lane_of_today_understands_a_command_of_a_dashboard_of_tomorrow():
    """What it adds is left out; a kind that the lane does not know is refused aloud (test_commands_wire)."""
    text = json.loads(command().model_dump_json()) | {"priority": "high"}
    newer = type("Newer", (Command,), {"__annotations__": {"priority": str}})
    found = verifier().verify(signed(newer.model_validate(text), KEY))
    assert found == command()
