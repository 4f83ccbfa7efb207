"""An older trust store that is put back: valid, and yet what was revoked since is forgotten."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from drivers.emrtd import certificates
from drivers.emrtd.errors import MalformedError
from drivers.emrtd.trust import store_file
from drivers.emrtd.trust.ledger import Ledger, Source
from drivers.emrtd.trust_store import Role
from lane_controller.daemon.trust import Trust
from lane_controller.messages.words import Priority
from tests.emrtd import small_pki as pki

NOW = datetime.now(UTC).replace(microsecond=0)
OLDER = "trust_store_older_than_before"


def version(serial: int, days_ago: int = 0) -> bytes:
    """A store's file: which version, and how long ago anything was imported."""
    ledger = Ledger(serial=serial, refreshed=NOW - timedelta(days=days_ago))
    ledger.hold(certificates.read(pki.ROOT.encode()), Role.ANCHOR, Source("by hand", "root", "00" * 32, NOW))
    return store_file.encode(ledger)


class Lane:
    """A lane's trust, looked at and begun anew."""

    def __init__(self, folder: Path) -> None:
        self.file, self.record = folder / "trust.store", folder / "trust-newest.json"
        self.restart()

    def restart(self) -> None:
        self.trust = Trust(self.file)

    def sees(self, store: bytes) -> int | None:
        """The version that was newer, by the alarm; None without one."""
        self.file.unlink(missing_ok=True)
        self.file.write_bytes(store)
        self.trust.look(self.record)
        assert self.trust.store is not None
        assert self.trust.store.serial == store_file.parse(store).serial, "it is used all the same"
        trouble = self.trust.troubles(NOW)[OLDER]
        if trouble is None:
            return None
        assert (trouble.priority, trouble.reason.code) == (Priority.HIGH, OLDER)
        newest = trouble.reason.parameters["newest"]
        assert isinstance(newest, int)
        return newest


@pytest.fixture
def lane(tmp_path: Path) -> Lane:
    return Lane(tmp_path)


@pytest.mark.parametrize("restarted", [False, True])
def test_a_store_older_than_one_that_was_in_use_is_told_until_a_newer_one_is_there(
    lane: Lane, restarted: bool
) -> None:
    assert lane.sees(version(6, days_ago=9)) is None
    assert lane.sees(version(7)) is None
    for older in (version(6, days_ago=9), version(6), version(1, days_ago=200)):
        if restarted:
            lane.restart()
        assert lane.sees(older) == 7
        assert lane.sees(older) == 7, "it does not become the newest by being looked at"
    assert lane.sees(version(7)) is None
    assert lane.sees(version(8)) is None


def test_without_the_record_an_older_store_is_the_newest(lane: Lane) -> None:
    lane.sees(version(7))
    assert lane.sees(version(6)) == 7
    lane.record.unlink()
    assert lane.sees(version(6)) is None


def test_a_store_that_was_built_anew_is_no_older_one(lane: Lane) -> None:
    lane.sees(version(7, days_ago=3))
    assert lane.sees(version(1)) is None
    assert lane.sees(version(2)) is None


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"\xff", b'{"serial": 1e999, "refreshed": "2026-01-01"}', b'{"serial": 9}']
)
def test_a_record_that_cannot_be_read_stops_no_lane_and_is_begun_anew(lane: Lane, text: bytes) -> None:
    lane.record.write_bytes(text)
    assert lane.sees(version(7)) is None
    assert lane.sees(version(6)) == 7


def test_a_record_that_cannot_be_written_stops_no_lane(lane: Lane) -> None:
    lane.record = lane.record.with_name("nowhere") / "trust-newest.json"
    assert lane.sees(version(7)) is None


@pytest.mark.parametrize(
    ("right", "wrong"),
    [(b'"serial":7', b'"serial":"7"'), (b'"serial":7', b'"serial":-7'), (b"+00:00", b"")],
)
def test_a_store_whose_header_names_no_version_or_no_moment_is_refused(right: bytes, wrong: bytes) -> None:
    """The header stands outside its own digest."""
    header, end, body = version(7).partition(b"\n")
    assert right in header
    with pytest.raises(MalformedError):
        store_file.parse(header.replace(right, wrong) + end + body)
