"""What each lane of a site did, and whether its journal and the store hold the same events.

The journals are read by Borderlane's own command, which also recomputes their chains; the store's file is
read as any reader of SQLite would; what was decided is what the recorder heard on the broker.
"""

import asyncio
import json
import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulators.findings import findings
from simulators.operators import first_decision
from simulators.recorder import Event, LaneRecord


@dataclass(frozen=True, slots=True)
class LaneSummary:
    """`decided_a_minute` while traffic flowed; `chips` are those that were read, by how they were opened;
    `problem` is what the journal's own check found, "" for nothing."""

    lane: str
    passages: int
    decided_a_minute: float
    decisions: Counter[str]
    ends: Counter[str]
    alarms: Counter[str]
    chips: Counter[str]
    journal_events: int
    store_events: int
    problem: str

    @property
    def agrees(self) -> bool:
        return self.journal_events == self.store_events and not self.problem


class JournalUnreadable(Exception):
    """The journal could not be read; the message is the command's."""


async def journal_events(borderlane: Path, journal: Path) -> tuple[str, int, str]:
    """Id of a journal, events in it, and what is wrong with its chain ("" for nothing).  Raises
    JournalUnreadable."""
    process = await asyncio.create_subprocess_exec(
        str(borderlane),
        "journal",
        "verify",
        str(journal),
        "--json",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complained = await process.communicate()
    try:
        verdict: dict[str, Any] = json.loads(said)
        return str(verdict["journal"]), int(verdict["last_sequence"]), str(verdict["problem"])
    except (ValueError, KeyError, TypeError) as error:
        raise JournalUnreadable(f"{journal}: {complained.decode(errors='replace').strip()}") from error


def store_events(store: Path) -> dict[tuple[str, str], int]:
    """Events in the dashboard's store by lane and journal.  Raises sqlite3.Error."""
    connection = sqlite3.connect(f"file:{store}?mode=ro", uri=True, timeout=5)
    try:
        rows = connection.execute("SELECT lane, journal, count(*) FROM events GROUP BY lane, journal")
        return {(str(lane), str(journal)): int(count) for lane, journal, count in rows}
    finally:
        connection.close()


def passages(record: LaneRecord) -> dict[int, list[Event]]:
    """Events of each passage, in their order."""
    found: dict[int, list[Event]] = {}
    for event in sorted(record.events, key=lambda event: int(event["sequence"])):
        number = event["data"].get("passage")
        if isinstance(number, int):
            found.setdefault(number, []).append(event)
    return found


def decided(events: Sequence[Event]) -> str:
    """The machine's decision and why: `release`, `hold (weight_limit: over_limit; ...)`; where a person
    decided before it, theirs: `hold by a person (...)`; "" when nobody has decided."""
    decision = first_decision(list(events))
    if decision is None:
        theirs = (event["data"] for event in events if event["data"].get("type") == "passage.decided")
        decision = next((f"{data['decision']} by a person" for data in theirs), None)
    if decision is None:
        return ""
    why = "; ".join(findings(events))
    return f"{decision} ({why})" if why else decision


def decisions(record: LaneRecord) -> int:
    """How many passages were decided so far."""
    return sum(1 for events in passages(record).values() if decided(events))


def summarize(
    record: LaneRecord, in_journal: int, in_store: int, problem: str, decided_a_minute: float
) -> LaneSummary:
    by_passage = passages(record)
    ends = [str(event["data"]["end"]) for event in record.of_type("passage.ended")]
    alarms = [str(event["data"]["kind"]) for event in record.of_type("alarm.raised")]
    return LaneSummary(
        lane=record.name,
        passages=len(by_passage),
        decided_a_minute=decided_a_minute,
        decisions=Counter(said for events in by_passage.values() if (said := decided(events))),
        ends=Counter(ends),
        alarms=Counter(alarms),
        chips=Counter(opened for one in record.of_type("passage.chip") if (opened := _opened(one))),
        journal_events=in_journal,
        store_events=in_store,
        problem=problem,
    )


def _opened(event: Event) -> str:
    """How a chip was opened, such as PACE-CAM; "" for one that was not read."""
    checks = (event["data"].get("reading") or {}).get("checks", ())
    found = next((one["reason"]["code"] for one in checks if one["name"] == "access"), "")
    return str(found).upper().replace("_", "-")


def text(summaries: Sequence[LaneSummary]) -> str:
    """For people."""
    lines: list[str] = []
    for lane in summaries:
        still = lane.passages - lane.ends.total()
        ends = _counted(lane.ends + Counter({"still in the lane": still} if still else {}))
        lines.append(
            f"{lane.lane}: {lane.passages} passages ({ends}), {lane.decided_a_minute:.1f} decided a minute"
        )
        lines += [f"    {count:3} x {decision}" for decision, count in lane.decisions.most_common()]
        lines.append(f"    alarms: {_counted(lane.alarms)}")
        if lane.chips:
            lines.append(f"    chips read: {_counted(lane.chips)}")
        verdict = "equal" if lane.journal_events == lane.store_events else "DIFFERENT"
        lines.append(
            f"    events: {lane.journal_events} in the journal, {lane.store_events} in the store: {verdict}"
        )
        if lane.problem:
            lines.append(f"    the journal's chain: {lane.problem}")
    return "\n".join(lines)


CHIPS = ("PACE-CAM", "PACE-IM", "BAC")
_STORIES = {
    "clean passages": "release",
    "overloads": "weight_limit: over_limit",
    "expired documents": "document_expiry: expired",
    "plates that do not match": "plate_booked: no_booking",
    "cloned chips": "chip_genuine: chip_not_genuine",
}
"""What a demo shows, and what the decision says of it."""


def seen(summaries: Sequence[LaneSummary], cables: int) -> str:
    """The demo's stories, and how often each came; `cables` were pulled and put back."""
    counted: Counter[str] = Counter()
    for lane in summaries:
        for decision, count in lane.decisions.items():
            for story, said in _STORIES.items():
                counted[story] += count * (decision == said or said in decision.partition(" ")[2])
        counted["tailgaters"] += lane.alarms["tailgating"]
        for opened in CHIPS:
            counted[f"{opened} chips"] += lane.chips[opened]
    counted["cables pulled and put back"] = cables
    return "Seen: " + ", ".join(f"{story} {count}" for story, count in counted.items())


def _counted(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counter.most_common()) or "none"
