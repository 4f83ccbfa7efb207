"""The journal against a plain list: whatever is done to it, in whatever order."""

import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from lane_controller.daemon.journal import Draft, EventDraft, Journal, reading, retention
from lane_controller.daemon.journal.erasing import Erasure, carry_out
from lane_controller.messages.parts import PERSONAL_KEYS, Stamp
from lane_controller.messages.words import Audience, ClockQuality

BEGAN = datetime(2026, 3, 1, tzinfo=UTC)
plain = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8)
keys = st.text(max_size=6) | st.sampled_from(sorted(PERSONAL_KEYS))
values = st.recursive(
    plain,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)
contents = st.dictionaries(keys.filter(lambda key: key not in ("kind", "at", "type")), values, max_size=3)
events = st.lists(
    st.builds(
        lambda audience, data, passage: EventDraft(audience, {"type": "t", **data}, passage),
        st.sampled_from(list(Audience)),
        contents,
        st.none() | st.integers(1, 5),
    ),
    max_size=3,
).map(tuple)


@dataclass
class Expected:
    """One row as it should read."""

    fact: dict[str, Any]
    events: tuple[EventDraft, ...]
    second: int
    erased: bool = False


def without_personal(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: None if key in PERSONAL_KEYS else without_personal(inner) for key, inner in value.items()
        }
    if isinstance(value, list):
        return [without_personal(inner) for inner in value]
    return value


class JournalAgainstAList(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="journal-"))
        self.path = self.folder / "j"
        self.journal = Journal.create(self.path, "site", "lane")
        self.rows: list[Expected] = []
        self.pruned = 0
        self.acknowledged = 0

    def teardown(self) -> None:
        self.journal.close()
        shutil.rmtree(self.folder)

    @rule(group=st.lists(st.tuples(contents, events), min_size=1, max_size=4))
    def append(self, group: list[tuple[dict[str, Any], tuple[EventDraft, ...]]]) -> None:
        new = [
            Expected({"kind": "k", **fact}, drafts, len(self.rows) + place)
            for place, (fact, drafts) in enumerate(group)
        ]
        self.rows += new
        self.journal.append([Draft(self.stamp(one), one.fact, one.events) for one in new])

    @staticmethod
    def stamp(row: Expected) -> Stamp:
        utc = BEGAN + timedelta(seconds=row.second)
        return Stamp(utc=utc, boot="b", mono_s=float(row.second), clock=ClockQuality.FREE)

    @rule(group=st.lists(contents, min_size=1, max_size=3))
    def fail_to_append(self, group: list[dict[str, Any]]) -> None:
        """A commit that fails halfway leaves nothing."""
        drafts = [Draft(self.stamp(Expected({}, (), 0)), {"kind": "k", **fact}) for fact in group]
        bad = Draft(self.stamp(Expected({}, (), 0)), {"kind": "k", "bad": float("nan")})
        try:
            self.journal.append([*drafts, bad])
        except ValueError:
            return
        raise AssertionError("NaN is no JSON")

    @rule()
    def open_again(self) -> None:
        self.journal.close()
        self.journal = Journal.open(self.path)

    @rule(share=st.floats(0, 1))
    def acknowledge(self, share: float) -> None:
        """Up and down: a store may have been restored."""
        lowest = self.journal.anchor_sequence
        self.acknowledged = lowest + round(share * (self.journal.last_sequence - lowest))
        self.journal.acknowledge("store", self.acknowledged)

    @precondition(lambda self: self.rows)
    @rule(passages=st.lists(st.integers(1, 5), max_size=2))
    def erase(self, passages: list[int]) -> None:
        order = Erasure(self.journal.last_number + 1, self.journal.last_sequence, tuple(passages), ())
        assert carry_out(self.journal, order, {}, []) == []
        for row in self.rows[self.pruned :]:
            mine = {event.passage for event in row.events}
            if not passages or mine & set(passages):
                row.erased = True

    @precondition(lambda self: len(self.rows) > self.pruned)
    @rule(age=st.integers(0, 40))
    def prune(self, age: int) -> None:
        self.journal.snapshot(self.journal.last_number, 1, "{}")
        before = BEGAN + timedelta(seconds=age)
        gone = retention.prune(self.journal, before, segment_rows=3)
        self.pruned += gone
        assert gone % 3 == 0
        assert all(row.second < age for row in self.rows[: self.pruned])
        assert sum(len(row.events) for row in self.rows[: self.pruned]) <= max(self.acknowledged, 0)

    @invariant()
    def the_chain_holds(self) -> None:
        found = reading.verify(self.journal._connection)
        assert found.bad_row is None, found
        assert found.rows == len(self.rows) - self.pruned
        assert self.journal.last_number == len(self.rows)

    @invariant()
    def rows_read_as_written(self) -> None:
        read = list(self.journal.rows())
        assert [row.number for row in read] == list(range(self.pruned + 1, len(self.rows) + 1))
        for row, expected in zip(read, self.rows[self.pruned :], strict=True):
            fact = {key: value for key, value in row.fact.items() if key != "at"}
            data = [event["data"] for event in row.events]
            wanted = [event.data for event in expected.events]
            if expected.erased:
                assert fact == without_personal(expected.fact)
                assert data == without_personal(wanted)
            else:
                assert fact == expected.fact
                assert data == wanted

    @invariant()
    def events_are_dense_and_continue_anywhere(self) -> None:
        total = sum(len(row.events) for row in self.rows)
        assert self.journal.last_sequence == total
        for after in {self.journal.anchor_sequence, (self.journal.anchor_sequence + total) // 2, total}:
            sequences = [event.sequence for event in self.journal.events_after(after, 10_000)]
            assert sequences == list(range(after + 1, total + 1))


JournalAgainstAList.TestCase.settings = settings(
    max_examples=25, stateful_step_count=15, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestTheJournalIsAListThatForgetsOnlyWhatItIsToldTo = JournalAgainstAList.TestCase
