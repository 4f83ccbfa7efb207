"""One lane as it is for one set of audiences, in no language: from its state while it speaks, from the
store's registers when that knows more."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from dashboard.ingest.live import HeardState
from dashboard.store.fold import Registers
from dashboard.store.incoming import to_us
from dashboard.store.read import AlarmView, PassageKey
from dashboard.store.shelves import Shelf, shelf_of
from dashboard.views.times import happened_us, registered_us
from dashboard.views.usual import UsualTime
from lane_controller.messages.parts import (
    CheckResult,
    Document,
    DocumentChip,
    DocumentPage,
    Plate,
    PlateVote,
    Reason,
    Weight,
)
from lane_controller.messages.state import AlarmState, DeviceState, PassageState
from lane_controller.messages.words import Outcome

BEHIND_EVENTS = 100
"""A lane with so many events that no store has is behind: more than the batches under way."""

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    device: str
    role: str
    health: str
    reason: Reason | None
    heard_us: int | None


@dataclass(frozen=True, slots=True)
class AlarmFacts:
    lane: str
    journal: str
    alarm: str
    kind: str
    priority: str
    since_us: int
    reason: Reason
    passage: int | None
    acknowledged_by: str | None
    act_within_s: int | None
    device: str | None
    shelf: Shelf | None = None

    @property
    def announced(self) -> bool:
        """Whether it calls for somebody: nobody has seen it, and it is not shelved."""
        return self.acknowledged_by is None and self.shelf is None

    def among(self, shelves: Iterable[Shelf], at_us: int) -> "AlarmFacts":
        """With the shelf that holds it."""
        found = shelf_of(shelves, self.lane, self.kind, self.device or "", self.alarm, at_us)
        return self if found is None else replace(self, shelf=found)


@dataclass(frozen=True, slots=True)
class PassageFacts:
    passage: int
    phase: str
    since_us: int
    plates: tuple[Plate, ...] = ()
    votes: tuple[PlateVote, ...] = ()
    documents: tuple[Document, ...] = ()
    pages: tuple[DocumentPage | None, ...] = ()
    chips: tuple[DocumentChip | None, ...] = ()
    persons: int | None = None
    weight: Weight | None = None
    plates_us: int | None = None
    weight_us: int | None = None
    checks: tuple[CheckResult, ...] = ()
    waiting_for: tuple[Reason, ...] = ()
    decision: str | None = None
    reasons: tuple[Reason, ...] = ()
    pictures: tuple[str, ...] = ()
    hold_until_us: int | None = None

    def showing(self, pictures: Collection[str]) -> "PassageFacts":
        """Without any other picture."""

        def kept(name: str | None) -> str | None:
            return name if name in pictures else None

        pages = (
            page and page.model_copy(update={"picture": kept(page.picture), "crop": kept(page.crop)})
            for page in self.pages
        )
        chips = (chip and chip.model_copy(update={"portrait": kept(chip.portrait)}) for chip in self.chips)
        votes = tuple(vote.pictured([kept(one.crop) for one in vote.each]) for vote in self.votes)
        named = tuple(name for name in self.pictures if name in pictures)
        return replace(self, votes=votes, pages=tuple(pages), chips=tuple(chips), pictures=named)


@dataclass(frozen=True, slots=True)
class LaneFacts:
    """`sequence` is the last visible event that this picture includes; `heard` the state under it, if any."""

    lane: str
    journal: str = ""
    sequence: int = 0
    live: bool = False
    heard: HeardState | None = None
    profile: str | None = None
    direction: str | None = None
    mode: str | None = None
    mode_us: int | None = None
    arm: str = "unknown"
    arm_us: int | None = None
    lamp: str | None = None
    shift: str | None = None
    shift_since_us: int | None = None
    passage: PassageFacts | None = None
    waiting: bool = False
    covered: tuple[str, ...] = ()
    devices: tuple[DeviceFacts, ...] = ()
    alarms: tuple[AlarmFacts, ...] = ()
    backlog: int = 0
    version: str = ""
    two_person_kinds: tuple[str, ...] = ()
    usual: UsualTime | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """What the store knows of a lane for the same audiences."""

    journal: str | None = None
    sequence: int = 0
    registers: Registers = field(default_factory=dict[str, tuple[int, Any]])
    passages: list[tuple[PassageKey, Registers]] = field(default_factory=list[tuple[PassageKey, Registers]])
    alarms: list[AlarmView] = field(default_factory=list[AlarmView])
    usual: UsualTime | None = None


def lane_facts(lane: str, heard: HeardState | None, live: bool, stored: Stored) -> LaneFacts:
    """The state wins while it is fresh or at least as new as what is stored of the same journal."""
    if heard is not None:
        state = heard.state
        newer = stored.journal != state.journal or state.sequence >= stored.sequence
        if live or newer:
            return _from_state(lane, heard, live, stored)
    return _from_store(lane, heard, live, stored)


def _from_state(lane: str, heard: HeardState, live: bool, stored: Stored) -> LaneFacts:
    state = heard.state
    # The state's own sequence counts events that these audiences may not see, and would show it in its
    # jumps; it stands in only while the visible events are far behind it.
    behind = stored.journal != state.journal or state.backlog >= BEHIND_EVENTS
    sequence = state.sequence if behind else stored.sequence
    return LaneFacts(
        lane=lane,
        journal=state.journal,
        sequence=sequence,
        live=live,
        heard=heard,
        profile=state.profile,
        direction=state.direction,
        mode=state.mode,
        mode_us=_became_us(heard, stored, "mode", state.mode),
        arm=state.arm,
        arm_us=_became_us(heard, stored, "arm", state.arm),
        lamp=state.lamp,
        shift=state.shift,
        shift_since_us=_shift_since_us(stored.registers, state.shift),
        passage=_passage_of_state(heard, state.passage, stored) if state.passage else None,
        waiting=state.waiting,
        covered=tuple(state.covered),
        devices=tuple(_device_of_state(heard, device) for device in state.devices),
        alarms=tuple(_alarm_of_state(lane, heard, alarm) for alarm in state.alarms),
        backlog=state.backlog,
        version=state.version,
        two_person_kinds=tuple(state.two_person_kinds),
        usual=stored.usual,
    )


def _became_us(heard: HeardState, stored: Stored, name: str, value: str) -> int | None:
    """Since when the lane's register says what its state says; None while the store has not heard of it."""
    if stored.journal != heard.state.journal or _said(stored.registers, name, name) != value:
        return None
    return registered_us(heard, stored.registers[name][1])


def _passage_of_state(heard: HeardState, passage: PassageState, stored: Stored) -> PassageFacts:
    registers: Registers = {}
    if stored.journal == heard.state.journal:
        registers = next((found for key, found in stored.passages if key.passage == passage.passage), {})

    def last_us(prefix: str) -> int | None:
        values = (value for name, (_, value) in registers.items() if name.startswith(prefix))
        return max((registered_us(heard, value) for value in values), default=None)

    return PassageFacts(
        passage=passage.passage,
        phase=passage.phase,
        since_us=happened_us(heard, passage.since),
        plates=passage.plates,
        votes=passage.votes,
        documents=passage.documents,
        # A lane of an older version tells none.
        pages=passage.pages if len(passage.pages) == len(passage.documents) else (),
        chips=passage.chips if len(passage.chips) == len(passage.documents) else (),
        persons=passage.persons,
        weight=passage.weight,
        plates_us=last_us("plate.") if passage.plates else None,
        weight_us=last_us("weight") if passage.weight else None,
        checks=passage.checks,
        waiting_for=passage.waiting_for,
        decision=passage.decision,
        reasons=passage.reasons,
        pictures=passage.pictures,
        hold_until_us=_hold_until_us(heard, passage),
    )


def _hold_until_us(heard: HeardState, passage: PassageState) -> int | None:
    """When a hold that nobody answers becomes a referral.  A retained state's own age is unknown."""
    if passage.hold_until_mono_s is None or heard.retained:
        return None
    at_us = heard.at_us + round((passage.hold_until_mono_s - heard.state.at.mono_s) * 1e6)
    # To the second, as all that a state tells.
    return at_us // 1_000_000 * 1_000_000


def _device_of_state(heard: HeardState, device: DeviceState) -> DeviceFacts:
    base_us = to_us(heard.state.at.utc) if heard.retained else heard.at_us
    heard_us = None if device.age_s is None else base_us - round(device.age_s * 1e6)
    return DeviceFacts(device.device, device.role, device.health, device.reason, heard_us)


def _alarm_of_state(lane: str, heard: HeardState, alarm: AlarmState) -> AlarmFacts:
    return AlarmFacts(
        lane=lane,
        journal=heard.state.journal,
        alarm=alarm.alarm,
        kind=alarm.kind,
        priority=alarm.priority,
        since_us=happened_us(heard, alarm.since),
        reason=alarm.reason,
        passage=alarm.passage,
        acknowledged_by=alarm.acknowledged_by,
        act_within_s=alarm.act_within_s,
        device=alarm.device,
    )


def _from_store(lane: str, heard: HeardState | None, live: bool, stored: Stored) -> LaneFacts:
    registers = stored.registers
    passages = [passage_of_registers(key.passage, found) for key, found in stored.passages]
    return LaneFacts(
        lane=lane,
        journal=stored.journal or "",
        sequence=stored.sequence,
        live=live,
        heard=heard,
        profile=heard.state.profile if heard else None,
        direction=heard.state.direction if heard else None,
        mode=_said(registers, "mode", "mode"),
        mode_us=registers["mode"][1]["time_us"] if "mode" in registers else None,
        arm=_said(registers, "arm", "arm") or "unknown",
        arm_us=registers["arm"][1]["time_us"] if "arm" in registers else None,
        lamp=_said(registers, "lamp", "lamp"),
        shift=_said(registers, "shift", "responsible"),
        shift_since_us=_shift_since_us(registers, _said(registers, "shift", "responsible")),
        passage=passages[0] if passages else None,
        waiting=len(passages) > 1,
        devices=tuple(_devices_of_registers(registers)),
        alarms=tuple(alarm_of_registers(view) for view in stored.alarms),
        two_person_kinds=tuple(heard.state.two_person_kinds) if heard else (),
        version=_said(registers, "started", "version") or "",
        usual=stored.usual,
    )


def _shift_since_us(registers: Registers, responsible: str | None) -> int | None:
    """When who is responsible began, where the store knows it."""
    if responsible is None or _said(registers, "shift", "responsible") != responsible:
        return None
    return int(registers["shift"][1]["time_us"])


def _said(registers: Registers, name: str, key: str) -> str | None:
    value = registers[name][1].get(key) if name in registers else None
    return value if isinstance(value, str) else None


def read_as(model: type[M], value: Any) -> M | None:
    """The stored JSON as a message's part; None when it was erased or is not readable."""
    try:
        return model.model_validate(value) if value is not None else None
    except ValidationError:
        return None


def _all(model: type[M], values: Iterable[Any]) -> tuple[M, ...]:
    return tuple(found for value in values if (found := read_as(model, value)) is not None)


def _devices_of_registers(registers: Registers) -> Iterable[DeviceFacts]:
    for name, (_, value) in sorted(registers.items()):
        if name.startswith("device."):
            reason = read_as(Reason, value.get("reason"))
            yield DeviceFacts(value["device"], str(value["role"]), str(value["health"]), reason, None)


def alarm_of_registers(view: AlarmView) -> AlarmFacts:
    raised = view.registers["raised"][1]
    acknowledged = view.registers.get("acknowledged")
    return AlarmFacts(
        lane=view.lane,
        journal=view.journal,
        alarm=view.alarm,
        kind=str(raised["kind"]),
        priority=str(raised["priority"]),
        since_us=raised["time_us"],
        reason=read_as(Reason, raised.get("reason")) or Reason(code=""),
        passage=raised.get("passage"),
        acknowledged_by=str(acknowledged[1]["by"]["operator"]) if acknowledged else None,
        act_within_s=raised.get("act_within_s"),
        device=raised.get("device"),
    )


def _page_of(value: dict[str, Any]) -> DocumentPage | None:
    return read_as(DocumentPage, value) if value.get("picture") or value.get("page") else None


def _chip_of(registers: Registers, document: str) -> DocumentChip | None:
    """The chip of the document in a register, from the one of the same person."""
    found = registers.get(document.replace("document.", "chip.", 1))
    return read_as(DocumentChip, found[1]) if found is not None else None


_PHASES: dict[str | None, str] = {
    Outcome.HOLD: "held",
    Outcome.REFER: "referred",
    Outcome.RELEASE: "released",
}


def passage_of_registers(number: int, registers: Registers) -> PassageFacts:
    """A passage, open or ended, as its events tell it."""

    def values(prefix: str, key: str) -> list[Any]:
        found = sorted((name, value) for name, (_, value) in registers.items() if name.startswith(prefix))
        return [value.get(key) for _, value in found]

    decision = registers["decision"][1] if "decision" in registers else {}
    ended = registers["ended"][1] if "ended" in registers else {}
    arrived = registers["arrived"][1] if "arrived" in registers else {}
    weight = registers["weight"][1].get("weight") if "weight" in registers else None
    persons = registers["persons"][1].get("persons") if "persons" in registers else None
    documents = [
        (found, _page_of(value), _chip_of(registers, name))
        for name, (_, value) in sorted(registers.items())
        if name.startswith("document.") and (found := read_as(Document, value.get("document"))) is not None
    ]
    return PassageFacts(
        passage=number,
        phase=str(ended.get("end") or _PHASES.get(decision.get("decision"), "gathering")),
        since_us=arrived.get(
            "time_us", min((value["time_us"] for _, value in registers.values()), default=0)
        ),
        plates=_all(Plate, values("plate.", "plate")),
        votes=_all(PlateVote, values("plate.", "vote")),
        documents=tuple(read for read, _, _ in documents),
        pages=tuple(page for _, page, _ in documents),
        chips=tuple(chip for _, _, chip in documents),
        persons=persons,
        weight=read_as(Weight, weight),
        plates_us=max(values("plate.", "time_us"), default=None),
        weight_us=registers["weight"][1]["time_us"] if "weight" in registers else None,
        checks=_all(CheckResult, values("check.", "result")),
        decision=decision.get("decision"),
        reasons=_all(Reason, decision.get("reasons") or ()),
        pictures=tuple(
            str(name) for key in ("picture", "crop") for name in values("plate.", key) if name is not None
        ),
    )
