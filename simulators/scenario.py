"""Scenario files: who comes when, with which papers and load, which faults, and what is expected.

A file is TOML, described in docs/simulators.md.  `load` reads one and names every mistake in one pass.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from simulators.fleet import MODELS, PLATES
from simulators.kit import LaneKit
from simulators.mistakes import keys_of, mistakes
from simulators.people import PAPERS, STATES
from simulators.toml_places import Location, dotted, line_of, lines_of


class ScenarioError(Exception):
    """A scenario that cannot be played; one line a mistake: `file:line: key: what; expected what`."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


def _one_of(known: tuple[str, ...]) -> AfterValidator:
    def check(value: str) -> str:
        if value not in known:
            raise ValueError(f"found {value!r}, expected one of {', '.join(known)}")
        return value

    return AfterValidator(check)


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


Seconds = Annotated[float, Field(ge=0, le=7 * 24 * 3600)]
Finding = Annotated[str, Field(pattern=r"^[a-z_]+: [a-z_]+$")]
"""`check: reason`, as in `weight_limit: over_limit`."""
LaneName = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,32}$")]


class Expected(Part):
    """What the lane should make of one arrival.

    `passage` false: the lane should count no passage for it (a tailgater).  `findings` are all checks that
    did not pass, `check: reason`; `decision` is the machine's, "none" where it makes none; None: not looked
    at.
    """

    passage: bool = True
    decision: Literal["release", "hold", "refer", "none"] | None = None
    findings: tuple[Finding, ...] | None = None
    end: Literal["departed", "withdrawn", "handed_over", "abandoned"] | None = None


class Traveller(Part):
    """Who travels: papers (a kind of simulators/people.py), state (drawn where left out), sex."""

    papers: Annotated[str, _one_of(PAPERS)] = "passport"
    state: Annotated[str, _one_of(STATES)] | None = None
    listed: bool = Field(default=False, description="on the watchlist of persons, by number")
    namesake: bool = Field(default=False, description="on the watchlist by name alone")
    lost: bool = Field(default=False, description="the document is reported lost")
    cloned: bool = Field(default=False, description="the document's chip is a copy without its keys")


class Arrival(Part):
    """`lane`, `at_s`, and a vehicle with its travellers and how its driver behaves."""

    lane: str
    at_s: Seconds
    vehicle: Annotated[str, _one_of(tuple(MODELS))]
    country: Annotated[str, _one_of(tuple(PLATES))] = "KZ"
    plate: Annotated[str, Field(min_length=4, max_length=12)] | None = None
    gross_kg: Annotated[float, Field(gt=0, le=120_000)] | None = None
    declared_kg: Annotated[float, Field(gt=0, le=120_000)] | None = None
    declared: bool = True
    booked: Literal["here", "another plate", "another day", "not"] = "here"
    plate_listed: bool = False
    travellers: tuple[Traveller, ...] = (Traveller(),)
    follows: bool = False
    backs_out: Literal["", "arrival", "deck"] = ""
    stops_short_m: Annotated[float, Field(ge=0, le=20)] = 0.0
    keeps_papers: bool = Field(default=False, description="hands nothing over")
    expect: Expected = Expected()


class Fault(Part):
    """A fault of a device or of its line, from `at_s` on, for `lasts_s` (to the end where left out)."""

    lane: str
    device: str
    fault: str
    at_s: Seconds
    lasts_s: Seconds | None = None


class Pull(Part):
    """A cable pulled at `at_s` and put back after `lasts_s` (not at all where left out)."""

    lane: str
    device: str
    at_s: Seconds
    lasts_s: Seconds | None = None


class PowerCut(Part):
    """The lane's controller loses power at `at_s`, or as soon after it as `once` holds, for `lasts_s`."""

    lane: str
    at_s: Seconds
    lasts_s: Seconds = 1.0
    once: Literal["", "arm_rises"] = ""


class Operator(Part):
    """What the scripted operator does: releases holds, and lets second line lift referrals, after `after_s`.

    Passages that should stay as they are are left alone by `holds` and `refers` false.
    """

    holds: bool = True
    refers: bool = True
    after_s: Seconds = 2.0


class LaneExpected(Part):
    """`alarms` are all kinds of alarms raised; None: not looked at.  `struck`: vehicles hit by the arm."""

    alarms: tuple[str, ...] | None = None
    degraded: tuple[str, ...] | None = Field(default=None, description="devices degraded at some time")
    struck: int = 0


class LanePlan(LaneKit):
    expect: LaneExpected = LaneExpected()


class Scenario(Part):
    """One story.  `lasts_s` is the longest it may take, in simulated seconds."""

    title: Annotated[str, Field(min_length=3)]
    about: str = ""
    seed: int = 1
    lasts_s: Seconds = 120.0
    lanes: Annotated[dict[LaneName, LanePlan], Field(min_length=1)]
    operator: Operator = Operator()
    arrives: tuple[Arrival, ...] = ()
    faults: tuple[Fault, ...] = ()
    pulls: tuple[Pull, ...] = ()
    power_cuts: tuple[PowerCut, ...] = ()


@dataclass(frozen=True, slots=True)
class Loaded:
    """A scenario and where its keys stand, for mistakes that show only once its bench is built."""

    scenario: Scenario
    path: Path
    lines: dict[Location, int]

    def mistake(self, location: Location, message: str) -> str:
        return f"{self.path}:{line_of(location, self.lines)}: {dotted(location)}: {message}"


def load(path: Path) -> Loaded:
    """Read a scenario.  Raises ScenarioError with every mistake, OSError when it can't be read."""
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8")
        data = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise ScenarioError([f"{path}:1: not UTF-8 at byte {error.start}"]) from None
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError([_syntax(path, error)]) from None
    lines = lines_of(text)
    try:
        scenario = Scenario.model_validate(data)
    except ValidationError as error:
        raise ScenarioError(
            [
                f"{path}:{line_of(place, lines)}: {dotted(place)}: {said}"
                for place, said in mistakes(error.errors(), keys_of(Scenario))
            ]
        ) from None
    loaded = Loaded(scenario, path, lines)
    if found := _check(loaded):
        raise ScenarioError(found)
    return loaded


def _syntax(path: Path, error: tomllib.TOMLDecodeError) -> str:
    said, _, place = str(error).rpartition(" (at line ")
    line, _, column = place.rstrip(")").partition(", column ")
    if not line.isdecimal():
        return f"{path}: not TOML: {error}"
    return f"{path}:{line}: not TOML: {said} (column {column})"


def misfits(arrival: Arrival, lane: LaneKit) -> Iterator[tuple[str, str]]:
    """What of an arrival does not fit the lane or itself: the key, and what is wrong with it."""
    model = MODELS[arrival.vehicle]
    if model.profile != lane.profile:
        fitting = ", ".join(name for name, other in MODELS.items() if other.profile == lane.profile)
        yield (
            "vehicle",
            f"a {arrival.vehicle} does not use a {lane.profile} lane, expected one of {fitting}",
        )
    if arrival.gross_kg is not None and arrival.gross_kg < sum(model.empty_kg):
        yield (
            "gross_kg",
            f"a {arrival.vehicle} is {sum(model.empty_kg):.0f} kg when empty, so it can't be lighter",
        )


def _check(loaded: Loaded) -> list[str]:
    """What the keys alone cannot say: lanes that exist, vehicles that fit the lane, masses that fit them."""
    scenario, found = loaded.scenario, list[str]()
    known = ", ".join(scenario.lanes)
    for kind in ("arrives", "faults", "pulls", "power_cuts"):
        for index, entry in enumerate(getattr(scenario, kind)):
            if entry.lane not in scenario.lanes:
                where: Location = (kind, index, "lane")
                found.append(loaded.mistake(where, f"no lane {entry.lane!r}, expected one of {known}"))
    for index, arrival in enumerate(scenario.arrives):
        if lane := scenario.lanes.get(arrival.lane):
            found += [loaded.mistake(("arrives", index, key), said) for key, said in misfits(arrival, lane)]
        if arrival.at_s > scenario.lasts_s:
            where = ("arrives", index, "at_s")
            found.append(loaded.mistake(where, f"after the scenario's end, lasts_s = {scenario.lasts_s:g}"))
    return found
