"""What a lane made of each vehicle, beside what a scenario expected."""

from collections.abc import Sequence
from dataclasses import dataclass

from simulators.operators import first_decision
from simulators.recorder import Event
from simulators.scenario import Expected, LaneExpected
from simulators.world import Visit

BESIDE_MAX = 40
"""Characters; what is longer stands above what came, not beside it."""
NEUTRAL = "random_recheck"
"""What the ordinary screen is told in place of a confidential reason."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing expected and what came.  `expected` None: nothing was."""

    what: str
    expected: str | None
    came: str

    @property
    def agrees(self) -> bool:
        return self.expected is None or self.expected == self.came


@dataclass(frozen=True, slots=True)
class VisitReport:
    lane: str
    visit: int
    vehicle: str
    passage: int | None
    lines: tuple[Line, ...]

    @property
    def agrees(self) -> bool:
        return all(line.agrees for line in self.lines)


@dataclass(frozen=True, slots=True)
class LaneReport:
    lane: str
    lines: tuple[Line, ...]

    @property
    def agrees(self) -> bool:
        return all(line.agrees for line in self.lines)


@dataclass(frozen=True, slots=True)
class Report:
    title: str
    seed: int
    visits: list[VisitReport]
    lanes: list[LaneReport]

    @property
    def agrees(self) -> bool:
        return all(one.agrees for one in (*self.visits, *self.lanes))

    def text(self) -> str:
        """For people: what was expected beside what the lane decided."""
        lines = [f"{self.title} (seed {self.seed})", ""]
        for visit in self.visits:
            passage = "no passage" if visit.passage is None else f"passage {visit.passage}"
            lines.append(f"{visit.lane}: visit {visit.visit}, {visit.vehicle}: {passage}")
            lines += _beside(visit.lines)
        for lane in self.lanes:
            lines.append(f"{lane.lane}:")
            lines += _beside(lane.lines)
        lines += ["", "as expected" if self.agrees else "NOT as expected"]
        return "\n".join(lines)

    def json(self) -> dict[str, object]:
        """For programs."""
        return {
            "title": self.title,
            "seed": self.seed,
            "agrees": self.agrees,
            "visits": [
                {
                    "lane": visit.lane,
                    "visit": visit.visit,
                    "vehicle": visit.vehicle,
                    "passage": visit.passage,
                    **_json(visit.lines),
                }
                for visit in self.visits
            ],
            "lanes": [{"lane": lane.lane, **_json(lane.lines)} for lane in self.lanes],
        }


def _json(lines: Sequence[Line]) -> dict[str, object]:
    return {
        line.what: {"expected": line.expected, "came": line.came, "agrees": line.agrees} for line in lines
    }


def _beside(lines: Sequence[Line]) -> list[str]:
    table: list[str] = []
    for line in lines:
        mark = " " if line.agrees else "!"
        expected = "(not said)" if line.expected is None else line.expected or "none"
        came = line.came or "none"
        if len(expected) <= BESIDE_MAX:
            table.append(f"  {mark} {line.what:9} expected {expected:{BESIDE_MAX}} came {came}")
        else:
            table += [f"  {mark} {line.what:9} expected {expected}", f"    {'':9} came     {came}"]
    return table


def findings(events: Sequence[Event]) -> tuple[str, ...]:
    """All that kept a passage from an immediate release: `check: reason` of each check that did not pass,
    `lane: reason` of what is no check's; in order of their names."""
    checks: dict[tuple[str, str], str] = {}
    others: set[str] = set()
    for event in events:
        data = event["data"]
        if data.get("type") == "passage.check":
            result = data["result"]
            key = (str(result["check"]), str(result["subject"]))
            if result["outcome"] == "passed":
                checks.pop(key, None)
            else:
                checks[key] = str(result["reason"]["code"])
        elif data.get("type") == "passage.decided" and data.get("by") is None:
            for reason in data["reasons"]:
                if "check" not in reason.get("parameters", {}) and reason["code"] != NEUTRAL:
                    others.add(f"lane: {reason['code']}")
    return tuple(sorted({f"{check}: {code}" for (check, _), code in checks.items()} | others))


def _listed(values: Sequence[str] | None) -> str | None:
    return None if values is None else ", ".join(sorted(values))


def visit_report(
    lane: str, visit: Visit, passage: int | None, expected: Expected | None, events: list[Event]
) -> VisitReport:
    """One vehicle.  `expected` None for one that was sent from outside."""
    wanted = expected or Expected()
    ends = [str(event["data"]["end"]) for event in events if event["data"].get("type") == "passage.ended"]
    came_passage = "no" if passage is None else "yes"
    lines = [
        Line("passage", ("yes" if wanted.passage else "no") if expected else None, came_passage),
        Line("decision", wanted.decision, first_decision(events) or "none"),
        Line("findings", _listed(wanted.findings), ", ".join(findings(events))),
        Line("end", wanted.end, ends[-1] if ends else ""),
    ]
    return VisitReport(lane, visit.number, visit.vehicle.model, passage, tuple(lines))


def lane_report(
    lane: str, expected: LaneExpected, events: Sequence[Event], struck: int, ghosts: Sequence[int]
) -> LaneReport:
    """One lane.  `ghosts` are passages that no vehicle was there for."""
    alarms = {str(event["data"]["kind"]) for event in events if event["data"].get("type") == "alarm.raised"}
    degraded = {
        str(event["data"]["device"])
        for event in events
        if event["data"].get("type") == "device.changed" and event["data"]["health"] == "degraded"
    }
    lines = [
        Line("alarms", _listed(expected.alarms), ", ".join(sorted(alarms))),
        Line("degraded", _listed(expected.degraded), ", ".join(sorted(degraded))),
        Line("struck", str(expected.struck), str(struck)),
        Line("ghosts", "", ", ".join(str(number) for number in ghosts)),
    ]
    return LaneReport(lane, tuple(lines))
