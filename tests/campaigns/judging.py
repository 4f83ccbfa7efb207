"""What came of a trial: journal and store hold the same, and nothing happened that no row holds.

Lost is an event that the store has not, and whatever was seen outside (an event, an answer, an order to the
arm) that no row of the journal holds.  Doubled is an event under two keys or with two contents, a command
carried out twice, an order carried out twice.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from lane_controller.daemon.journal import StoredEvent
from simulators.recorder import LaneRecord
from tests.campaigns import records
from tests.campaigns.trial import LANE, Trial

Key = TypeVar("Key", bound=Hashable)

ANSWERED_WITHOUT_A_ROW = ("repeated", "other_journal")
"""Refusals of a command that the lane was never told."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`pulses` are the orders to the arm; `repeated` events came more than once over the broker, which is how
    nothing is lost; `problems` say what was wrong, first the journal's own."""

    events: int
    pulses: int
    commands: int
    repeated: int
    lost: int
    doubled: int
    without_permit: int
    problems: tuple[str, ...]


def judge(trial: Trial) -> Verdict:
    """The verdict on a trial that has settled."""
    whole = records.whole(trial.journal)
    stored = records.stored(trial.store, LANE)
    answers = records.answered(trial.store)
    heard = trial.site.recorder.lanes[LANE]
    said = {event.sequence: event for event in whole.events}
    lost = [
        *_missing_from_store(said, {one.sequence for one in stored if one.journal == whole.journal}),
        *_without_a_row(said, whole.journal, stored, heard),
        *_answers_without_a_row(whole.events, answers),
    ]
    doubled = [
        *(f"the store put aside: {why}" for why in records.quarantined(trial.store)),
        *(f"{key} is in the store twice" for key in _twice((one.journal, one.sequence) for one in stored)),
        *(f"order {order} was carried out twice" for order in _twice(whole.orders)),
        *(f"command {key} was answered twice" for key in _twice(_answers(whole.events))),
    ]
    unpermitted = _pulses_without_permit(trial.pulses, whole.events)
    problems = [*([whole.problem] if whole.problem else []), *lost, *doubled, *unpermitted]
    return Verdict(
        events=len(whole.events),
        pulses=len(trial.pulses),
        commands=len(answers),
        repeated=heard.repeated,
        lost=len(lost),
        doubled=len(doubled),
        without_permit=len(unpermitted),
        problems=tuple(problems),
    )


def _missing_from_store(said: dict[int, StoredEvent], stored: set[int]) -> list[str]:
    return [f"event {sequence} is not in the store" for sequence in said if sequence not in stored]


def _without_a_row(
    said: dict[int, StoredEvent], journal: str, stored: Sequence[records.Stored], heard: LaneRecord
) -> list[str]:
    """What the store holds or the broker carried, and the journal does not hold so."""
    wrong: list[str] = []
    for one in stored:
        event = said.get(one.sequence) if one.journal == journal else None
        if event is None:
            wrong.append(f"the store has event {one.sequence} of {one.journal}, the journal has not")
        elif (one.rowhash, one.type, one.data) != (event.rowhash.hex(), event.data["type"], event.data):
            wrong.append(f"event {one.sequence} is another one in the store")
    for one in heard.events:
        event = said.get(int(one["sequence"])) if one["journal"] == journal else None
        if event is None or (one["rowhash"], one["data"]) != (event.rowhash.hex(), event.data):
            wrong.append(f"event {one['sequence']} was published, and is not in the journal")
    return wrong


def _answers(events: Sequence[StoredEvent]) -> list[tuple[str, str]]:
    """Each answer that the journal holds, by command."""
    return [
        (event.data["command"], event.data["answer"])
        for event in events
        if event.data["type"] == "command.answered"
    ]


def _answers_without_a_row(events: Sequence[StoredEvent], answers: Sequence[records.Answered]) -> list[str]:
    known = set(_answers(events))
    return [
        f"command {one.id} was answered {one.answer}, and no row says so"
        for one in answers
        if (one.id, one.answer) not in known and not set(one.reasons) & set(ANSWERED_WITHOUT_A_ROW)
    ]


def _pulses_without_permit(pulses: Sequence[float], events: Sequence[StoredEvent]) -> list[str]:
    """A pulse has the last permit before it for its own, alone, and no start lies between the two."""
    permits = [event for event in events if event.data["type"] == "barrier.permit"]
    starts = [event.at.mono_s for event in events if event.data["type"] == "lane.started"]
    wrong: list[str] = []
    used: set[int] = set()
    for at_s in sorted(pulses):
        permit = next((one for one in reversed(permits) if one.at.mono_s <= at_s), None)
        if permit is None or any(permit.at.mono_s < start_s < at_s for start_s in starts):
            wrong.append(f"the arm was ordered up at {at_s:.3f} s without a permit")
        elif permit.sequence in used:
            wrong.append(f"the arm was ordered up again at {at_s:.3f} s by {permit.data['permit']}")
        else:
            used.add(permit.sequence)
    return wrong


def _twice(keys: Iterable[Key]) -> list[Key]:
    return [key for key, count in Counter(keys).items() if count > 1]
