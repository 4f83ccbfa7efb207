"""The demo ends whole: whichever way it is ended, no process, port or socket of it stays."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

BORDERLANE = Path(sys.executable).with_name("borderlane")
END_S = 60
FAMILY_MIN = 8
"""The demo, broker, pcscd, dashboard, four lanes, and what these have for their cameras."""


class Run:
    """A demo in a process group of its own, as a terminal starts it."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.said: list[str] = []
        self.process = subprocess.Popen(
            [BORDERLANE, "demo", "--run-dir", folder, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def until(self, words: str) -> str:
        """Its next line with these words."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)
            if words in line:
                return line
        pytest.fail(f"the demo ended without saying {words!r}:\n{''.join(self.said)}")

    def rest(self) -> str:
        """What it says until its end."""
        assert self.process.stdout is not None
        self.said += self.process.stdout
        return "".join(self.said)

    def family(self) -> set[psutil.Process]:
        """It and all processes below it, whatever session or environment they gave themselves."""
        demo = psutil.Process(self.process.pid)
        return {demo, *demo.children(recursive=True)}


def left(family: set[psutil.Process]) -> list[str]:
    """Those of a family that still run."""
    found: list[str] = []
    for process in family:
        with suppress(psutil.NoSuchProcess):
            if process.status() != psutil.STATUS_ZOMBIE:
                found.append(" ".join(process.cmdline()))
    return found


@contextmanager
def demo(folder: Path, *arguments: str) -> Iterator[Run]:
    run = Run(folder, *arguments)
    hung = threading.Timer(300, run.process.kill)
    hung.start()
    try:
        yield run
    finally:
        hung.cancel()
        if run.process.poll() is None:
            os.killpg(run.process.pid, signal.SIGKILL)
        run.process.wait()


def ports_of(line: str) -> list[int]:
    return [int(port) for port in re.findall(r"\d{4,5}", line.partition("ports")[2])]


def listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.serial
def test_ctrl_c_while_it_starts_leaves_no_process(tmp_path: Path) -> None:
    with demo(tmp_path / "run") as run:
        run.until("starting commissioning walk")
        family = run.family()
        assert len(family) > 2
        os.killpg(run.process.pid, signal.SIGINT)
        assert run.process.wait(END_S) == 0, run.rest()
        assert run.rest().endswith("stopping\nstopped\n")
        assert left(family) == []


@pytest.mark.long
@pytest.mark.serial
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_while_traffic_flows_leaves_no_process_and_no_open_port(
    tmp_path: Path, number: signal.Signals
) -> None:
    with demo(tmp_path / "run") as run:
        ports = ports_of(run.until("loopback only"))
        run.until("passage 1")
        assert all(listening(port) for port in ports)
        family = run.family()
        assert len(family) > FAMILY_MIN
        os.killpg(run.process.pid, number)
        os.killpg(run.process.pid, number)  # an impatient one
        assert run.process.wait(END_S) == 0, run.rest()
        assert left(family) == []
        assert not any(listening(port) for port in ports)


@pytest.mark.long
@pytest.mark.serial
def test_a_demo_that_is_killed_takes_everything_with_it(tmp_path: Path) -> None:
    with demo(tmp_path / "run") as run:
        run.until("passage 1")
        family = run.family()
        assert len(family) > FAMILY_MIN
        run.process.kill()
        run.process.wait()
        _, alive = psutil.wait_procs(family, END_S)  # each was told by the kernel, and takes its leave
        assert not alive, left(set(alive))


@pytest.mark.long
@pytest.mark.serial
def test_a_short_demo_tells_what_each_lane_did_and_that_journal_and_store_agree(tmp_path: Path) -> None:
    with demo(tmp_path / "run", "--for", "45") as run:
        said = run.rest()
        assert run.process.wait(END_S) == 0, said
    for lane in ("cargo-1", "cargo-2", "car-1", "walk-1"):
        assert re.search(rf"^{lane}: \d+ passages \(.*\), [\d.]+ decided a minute$", said, re.MULTILINE), said
    assert said.count(" in the store: equal") == 4
    assert re.search(r"border2 +second_line, border", said)
    assert re.search(r"^    chips read: .*PACE-", said, re.MULTILINE), said
    assert "refer (chip_genuine: chip_not_genuine)" in said, "a clone is referred, and it is said why"
    assert re.search(
        r"^Seen: .*cloned chips [1-9].*PACE-CAM chips \d+, PACE-IM chips \d+, BAC chips \d+", said, re.M
    )


@pytest.mark.long
@pytest.mark.serial
def test_a_store_that_lacks_an_event_of_a_journal_ends_the_demo_with_1(tmp_path: Path) -> None:
    with demo(tmp_path / "run", "--for", "10") as run:
        run.until("traffic stops")
        with sqlite3.connect(tmp_path / "run" / "site" / "store.db", timeout=30) as store:
            store.execute(
                "DELETE FROM events WHERE rowid = (SELECT max(rowid) FROM events WHERE lane = 'car-1')"
            )
        store.close()
        said = run.rest()
        assert run.process.wait(END_S) == 1, said
        assert said.count(" in the store: DIFFERENT") == 1
