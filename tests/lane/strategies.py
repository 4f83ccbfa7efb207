"""What a lane may be told at random, with faults: a strategy for every kind of fact and for histories.

An `Act` is one thing that happens to a lane; it is told through a `Teller`, so that the same history can be
told to two lanes.  Acts are plain data: hypothesis prints and shrinks them.
"""

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from lane_controller.lane import facts
from lane_controller.lane.state import Emitted
from lane_controller.messages.parts import Reason
from lane_controller.messages.words import (
    ClockQuality,
    CommandKind,
    DeviceRole,
    Health,
    Mode,
    Place,
    Priority,
    Profile,
)
from tests.lane.stories import HITS
from tests.lane.teller import CHIPS, Teller


@dataclass(frozen=True)
class Act:
    name: str
    values: tuple[Any, ...] = ()


def act(name: str, *values: st.SearchStrategy[Any]) -> st.SearchStrategy[Act]:
    return st.tuples(*values).map(lambda drawn: Act(name, drawn))


PLATES = ("123ABC02", "777KZA02", None)
NUMBERS = ("N1234567", "N7654321", None)
CHIP_WORDS = ("genuine", "genuine", *CHIPS, "no_chip", "chip_lost", "two_cards")
REGISTERS = ("booking", "watchlist_person", "watchlist_plate", "lost_documents", "declaration", "draw")
ROLES = ("operator", "second_line", "shift_leader", "administrator", "auditor")
AGENCIES = ("border", "customs", "transport", "plant_health")

seconds = st.sampled_from((0.0, 0.05, 0.5, 1.0, 2.0, 3.0, 9.0, 16.0, 31.0, 70.0, 700.0))

vehicles = (
    act("presence", st.sampled_from(Place), st.booleans())
    | act("arrive")
    | act("onto_deck")
    | act("drive_out")
)
arms = act("arm", st.sampled_from(("raised", "lowered", "between", "both", "fault", "lowered+fault"))) | act(
    "carry_out"
)
orders = act("order", st.sampled_from(("done", "refused", "unknown")))
readings = (
    act("plate", st.sampled_from(PLATES), st.sampled_from((0.95, 0.95, 0.3)))
    | act("document", st.sampled_from(NUMBERS), st.sampled_from(("2031-01-01", "2020-01-01", None)))
    | act("weight", st.sampled_from((38_000, 38_010, 43_900, None)), st.booleans())
    | act("card", st.booleans())
    | act("chip", st.sampled_from(CHIP_WORDS))
)
answers = (
    act("answer_all")
    | act("answer_all")
    | act("answer", st.sampled_from(REGISTERS), st.sampled_from(("ok", "nothing", "many", "erased", *HITS)))
    | act("fail", st.sampled_from(REGISTERS))
)
devices = act(
    "health",
    st.sampled_from((*(str(place) for place in Place), "barrier", "scale")),
    st.sampled_from((Health.DEGRADED, Health.GOOD, Health.UNKNOWN)),
)
commands = act(
    "click",
    st.sampled_from(CommandKind),
    st.fixed_dictionaries(
        {"role": st.sampled_from(("operator", "operator", *ROLES)), "agency": st.sampled_from(AGENCIES)},
        optional={
            "seen": st.integers(0, 200),
            "passage": st.none() | st.integers(1, 5),
            "seen_clear": st.booleans(),
            "mode": st.sampled_from(Mode),
            "persons": st.integers(0, 4),
            "shift": st.sampled_from(("begin", "end")),
            "late": st.just(True),
        },
    ).map(lambda values: tuple(sorted(values.items()))),
)
modes = act("click", st.just(CommandKind.MODE), st.sampled_from(Mode).map(lambda mode: (("mode", mode),)))
releases = act("release_all", st.sampled_from(("operator", "second_line")))
oddities = (
    act("clock", st.sampled_from(ClockQuality), st.floats(-1e6, 1e6))
    | act("key", st.booleans())
    | act("discarded", st.integers(1, 10_000))
    | act("trouble", st.sampled_from(Priority), st.booleans())
    | act("erase")
    | act("stale_deadline")
    | act("other_boot")
    | act("picture")
    | act("acknowledge")
)
starts = act("start", st.sampled_from((None, "b2", "b3"))) | act("restart", st.sampled_from((None, "b4")))

acts = st.one_of(
    vehicles,
    vehicles,
    arms,
    arms,
    orders,
    readings,
    readings,
    answers,
    devices,
    commands,
    releases,
    modes,
    oddities,
    starts,
    act("wait", seconds),
    act("wait", seconds),
    act("visit"),
)

profiles = st.sampled_from(Profile)


def perform(teller: Teller, what: Act) -> tuple[Emitted, ...]:
    """Tell it.  Returns the events of all facts told."""
    before = len(teller.told)
    _perform(teller, what)
    return tuple(teller.told[before:])


def _perform(teller: Teller, what: Act) -> None:
    values = what.values
    match what.name:
        case "presence":
            teller.presence(*values)
        case "arrive" | "onto_deck" | "drive_out" | "carry_out":
            getattr(teller, what.name)()
        case "visit":
            teller.evidence()
        case "arm":
            teller.arm(*values)
        case "order":
            teller.order(*values)
        case "plate":
            teller.plate(*values)
        case "document":
            teller.document(values[0], expiry=values[1])
        case "weight":
            teller.weight(values[0], zero_seen=values[1])
        case "card":
            teller.tell(facts.CardSeen(teller.at, "pcsc", values[0], "3B80", None))
        case "chip":
            teller.chip(*values)
            teller.chip(*values, request="1/chip/1")
        case "answer_all":
            teller.answer_all()
        case "answer":
            _answer(teller, *values)
        case "fail":
            teller.fail(*values)
        case "health":
            _health(teller, *values)
        case "click":
            changes = dict(values[1])
            if changes.pop("late", False):
                changes["expires"] = {"boot": teller.boot, "mono_s": teller.mono_s - 1.0}
            teller.click(values[0], **changes)
        case "release_all":
            for agency in AGENCIES:
                teller.click("release", role=values[0], agency=agency)
        case "clock":
            teller.clock = values[0]
            teller.tell(facts.ClockJumped(teller.at, values[1]))
        case "key":
            teller.tell(facts.LocalKeyTurned(teller.at, "barrier", values[0]))
        case "discarded":
            teller.tell(facts.ReadingsDiscarded(teller.at, "reader", DeviceRole.DOCUMENT_READER, values[0]))
        case "trouble":
            reason = Reason(code="disk_budget")
            teller.tell(facts.TroubleChanged(teller.at, "disk_budget", values[0], values[1], reason))
        case "erase":
            teller.tell(facts.PersonalErased(teller.at, teller.now.sequence))
        case "stale_deadline":
            teller.tell(facts.DeadlineReached(teller.at, "permit"))
        case "other_boot":
            strange = teller.at.model_copy(update={"boot": "elsewhere", "mono_s": 9e9})
            teller.tell(facts.DeadlineReached(strange, "permit"))
        case "picture":
            for request in teller.requests("picture"):
                teller.tell(facts.PictureTaken(teller.at, request.id, "camera", "ab" * 32))
        case "acknowledge":
            for alarm in teller.now.alarms:
                teller.click("acknowledge", alarm=alarm.occurrence)
        case "start":
            teller.start(*values)
        case "restart":
            teller.start(*values)
            teller.ready()
        case "wait":
            teller.wait(*values)
        case other:
            raise ValueError(f"no act {other!r}")


def _health(teller: Teller, device: str, health: Health) -> None:
    role = DeviceRole.BARRIER if device == "barrier" else None
    teller.health(device, health, role)


def _answer(teller: Teller, kind: str, name: str) -> None:
    match name:
        case "ok":
            teller.answer(kind)
        case "nothing":
            teller.answer(kind, ())
        case "many":
            teller.answer(kind, tuple(HITS["listed"] for _ in range(80)))
        case "erased":
            for request in teller.requests(kind):
                teller.tell(facts.RegisterAnswered(teller.at, request.id, None, ""))
        case hit:
            teller.answer(kind, (HITS[hit],))
