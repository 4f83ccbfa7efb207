"""From the text of a lane's TOML file to a checked configuration, or to all its mistakes at once."""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel, ValidationError

from drivers.device import Device, Options
from lane_controller.daemon.configuration import secrets
from lane_controller.daemon.configuration.mistakes import ConfigurationError, Mistake, did_you_mean, translate
from lane_controller.daemon.configuration.tables import (
    COLLECTIONS,
    REQUIRED,
    TABLES,
    BrokerTable,
    CheckTable,
    ChipTable,
    ClockTable,
    CommandsTable,
    DeviceTable,
    JournalTable,
    LaneTable,
    PagesTable,
    RegisterTable,
    ScaleTable,
    SiteTable,
    StatusTable,
)
from lane_controller.daemon.configuration.toml_lines import key_lines, line_of
from lane_controller.daemon.drivers import DriverError, contacts_driver, driver_points, load_driver
from lane_controller.messages import topics

if TYPE_CHECKING:
    from lane_controller.daemon.trust import Trust

FILE_BYTES_MAX = 1 << 20


@dataclass(frozen=True, slots=True)
class DeviceSpec:
    """One device as configured.  `driver` is the driver's name, or `contacts` on a board."""

    name: str
    driver: str
    type: type[Device[Any]]
    options: Options
    board: str | None
    side: str | None
    simulated: bool
    digest: str
    """SHA-256 of its table: what the commissioning walk has seen."""

    @property
    def role(self) -> str:
        return self.type.role

    @property
    def place(self) -> str | None:
        """Where a presence sensor looks; None for other roles."""
        return getattr(self.options, "place", None)


@dataclass(frozen=True, slots=True)
class RegisterSpec:
    name: str
    driver: str
    type: type[Device[Any]]
    options: Options
    kinds: tuple[str, ...]
    simulated: bool


@dataclass(slots=True)
class Draft:
    """What of a file could be read so far, and its mistakes."""

    folder: Path
    tables: dict[str, Any] = field(default_factory=dict)
    devices: dict[str, DeviceSpec] = field(default_factory=dict)
    registers: dict[str, RegisterSpec] = field(default_factory=dict)
    checks: dict[int, CheckTable] = field(default_factory=dict)
    trust: "Trust | None" = None
    mistakes: list[Mistake] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Configuration:
    """A lane's configuration without mistakes.  Paths are absolute."""

    file: Path
    text: str
    digest: str
    site: SiteTable
    lane: LaneTable
    journal: JournalTable
    broker: BrokerTable | None
    commands: CommandsTable
    status: StatusTable
    clock: ClockTable
    pages: PagesTable
    chip: ChipTable | None
    scale: ScaleTable | None
    devices: tuple[DeviceSpec, ...]
    registers: tuple[RegisterSpec, ...]
    checks: tuple[CheckTable, ...]
    trust: "Trust | None"
    """What chips are judged by, read; None for a lane that reads none."""

    @property
    def socket(self) -> Path:
        return self.status.socket or self.journal.path.with_name("status.sock")

    @property
    def commissioning(self) -> Path:
        return self.lane.commissioning or self.journal.path.with_name("commissioning.json")

    @property
    def trust_newest(self) -> Path:
        """The record of the newest trust store that was in use."""
        return self.journal.path.with_name("trust-newest.json")


def load(path: Path, *, folder: Path | None = None) -> Configuration:
    """Read and check one file; relative paths start at `folder`, or where the file is.

    Raises ConfigurationError with every mistake."""
    from lane_controller.daemon.configuration.crosschecks import cross_check

    text = _text(path)
    raw = _parse(path, text)
    draft = Draft(folder or path.absolute().parent)
    _read_tables(raw, draft)
    _read_devices(raw, draft)
    _read_registers(raw, draft)
    _read_checks(raw, draft)
    cross_check(draft)
    if draft.mistakes:
        lines = key_lines(text)
        located = (Mistake(found.path, found.text, line_of(lines, found.path)) for found in draft.mistakes)
        raise ConfigurationError(str(path), located)
    tables = draft.tables
    return Configuration(
        file=path.absolute(),
        text=text,
        digest=digest(raw),
        site=tables["site"],
        lane=tables["lane"],
        journal=tables["journal"],
        broker=tables.get("broker"),
        commands=tables.get("commands", CommandsTable()),
        status=tables.get("status", StatusTable()),
        clock=tables.get("clock", ClockTable.model_validate({})),
        pages=tables.get("pages", PagesTable()),
        chip=tables.get("chip"),
        scale=tables.get("scale"),
        devices=tuple(draft.devices.values()),
        registers=tuple(draft.registers.values()),
        checks=tuple(draft.checks.values()),
        trust=draft.trust,
    )


def digest(value: Mapping[str, Any]) -> str:
    """SHA-256 of a table's content, whatever its order, comments and spaces."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise ConfigurationError(str(path), [Mistake((), "the file is larger than 1 MiB", 1)])
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(str(path), [Mistake((), f"can't be read: {error.strerror}", 1)]) from None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise ConfigurationError(str(path), [Mistake((), "this line is not UTF-8", line)]) from None


def _parse(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        what, _, place = str(error).partition(" (at ")
        words = place.replace(",", "").split()
        line = int(words[1]) if len(words) > 1 and words[0] == "line" else text.count("\n") + 1
        raise ConfigurationError(str(path), [Mistake((), f"this is no TOML: {what}", line)]) from None


def _read_tables(raw: dict[str, Any], draft: Draft) -> None:
    for name in raw:
        if name not in TABLES and name not in COLLECTIONS:
            text = f"unknown table{did_you_mean(name, (*TABLES, *COLLECTIONS))}"
            draft.mistakes.append(Mistake((name,), text))
    for name, model in TABLES.items():
        if name not in raw:
            if name in REQUIRED:
                draft.mistakes.append(Mistake((name,), f"the table [{name}] is required"))
            continue
        try:
            table = model.model_validate(raw[name])
        except ValidationError as error:
            draft.mistakes += translate(error, (name,), model)
        else:
            draft.tables[name] = _absolute(table, draft.folder)


def _absolute(value: Any, folder: Path) -> Any:
    """The same with all paths in it absolute."""
    if isinstance(value, Path):
        return folder / value
    if isinstance(value, tuple):
        return tuple(_absolute(each, folder) for each in cast("tuple[Any, ...]", value))
    if isinstance(value, BaseModel):
        names = type(value).model_fields
        return value.model_copy(update={name: _absolute(getattr(value, name), folder) for name in names})
    return value


def _collection(raw: dict[str, Any], name: str, kind: type, draft: Draft) -> Any:
    found = raw.get(name, kind())
    if isinstance(found, kind):
        return found
    expected = f"tables [{name}.NAME]" if kind is dict else f"tables [[{name}]]"
    draft.mistakes.append(Mistake((name,), f"expected {expected}"))
    return kind()


def _named(raw: dict[str, Any], collection: str, draft: Draft) -> list[tuple[str, dict[str, Any]]]:
    """The tables of a collection whose names are names."""
    tables: list[tuple[str, dict[str, Any]]] = []
    for name, table in _collection(raw, collection, dict, draft).items():
        if not topics.NAME.match(name):
            text = "expected a name of a-z, 0-9, _ and -, at most 32 characters"
            draft.mistakes.append(Mistake((collection, name), text))
        elif not isinstance(table, dict):
            draft.mistakes.append(Mistake((collection, name), f"expected a table [{collection}.{name}]"))
        else:
            tables.append((name, cast("dict[str, Any]", table)))
    return tables


def _read_devices(raw: dict[str, Any], draft: Draft) -> None:
    for name, table in _named(raw, "devices", draft):
        at = ("devices", name)
        try:
            ours = DeviceTable.model_validate(table)
        except ValidationError as error:
            draft.mistakes += translate(error, at, DeviceTable)
            continue
        driver = _device_driver(ours, at, draft)
        if driver is None:
            continue
        if ours.side and driver.role != "plate_camera":
            draft.mistakes.append(Mistake((*at, "side"), "only a plate camera has a side"))
        options = _options(table, DeviceTable, driver, at, draft)
        if options is not None:
            side = (ours.side or "front") if driver.role == "plate_camera" else None
            draft.devices[name] = DeviceSpec(
                name,
                ours.driver or "contacts",
                driver,
                options,
                ours.board,
                side,
                ours.simulated,
                digest(table),
            )


def _device_driver(ours: DeviceTable, at: tuple[str, str], draft: Draft) -> type[Device[Any]] | None:
    if (ours.driver is None) == (ours.role is None):
        text = "give either `driver`, or `role` and `board` for a device on a board's contacts"
        draft.mistakes.append(Mistake(at, text))
        return None
    if ours.role is not None:
        if ours.board is None:
            draft.mistakes.append(Mistake((*at, "board"), "this key is required with `role`"))
            return None
        return contacts_driver(ours.role)
    if ours.board is not None:
        draft.mistakes.append(Mistake((*at, "board"), "goes with `role`, not with `driver`"))
    return _driver(str(ours.driver), at, draft, registers=False)


def _driver(name: str, at: tuple[str, str], draft: Draft, *, registers: bool) -> type[Device[Any]] | None:
    points = driver_points()
    if name not in points:
        draft.mistakes.append(
            Mistake((*at, "driver"), f"there is no driver {name!r}{did_you_mean(name, points)}")
        )
        return None
    try:
        driver = load_driver(name)
    except DriverError as error:
        draft.mistakes.append(Mistake((*at, "driver"), str(error)))
        return None
    if (driver.role == "register") != registers:
        belongs = "[devices.NAME]" if registers else "[registers.NAME]"
        draft.mistakes.append(
            Mistake((*at, "driver"), f"{name!r} is a {driver.role}: it belongs under {belongs}")
        )
        return None
    return driver


def _options(
    table: dict[str, Any], ours: type[BaseModel], driver: type[Device[Any]], at: tuple[str, str], draft: Draft
) -> Options | None:
    theirs = {key: value for key, value in table.items() if key not in ours.model_fields}
    problems = secrets.prepare(theirs, driver.options_type, draft.folder)
    draft.mistakes += [Mistake((*at, key), text) for key, text in problems.items()]
    try:
        options = driver.options_type.model_validate(theirs)
    except ValidationError as error:
        found = translate(error, at, driver.options_type)
        draft.mistakes += [
            mistake for mistake in found if mistake.path[2:3] not in {(key,) for key in problems}
        ]
        return None
    return None if problems else options


def _read_registers(raw: dict[str, Any], draft: Draft) -> None:
    for name, table in _named(raw, "registers", draft):
        at = ("registers", name)
        try:
            ours = RegisterTable.model_validate(table)
        except ValidationError as error:
            draft.mistakes += translate(error, at, RegisterTable)
            continue
        driver = _driver(ours.driver, at, draft, registers=True)
        options = _options(table, RegisterTable, driver, at, draft) if driver else None
        if driver and options is not None:
            draft.registers[name] = RegisterSpec(
                name, ours.driver, driver, options, tuple(ours.kinds), ours.simulated
            )


def _read_checks(raw: dict[str, Any], draft: Draft) -> None:
    for index, table in enumerate(_collection(raw, "checks", list, draft)):
        try:
            draft.checks[index] = CheckTable.model_validate(table)
        except ValidationError as error:
            draft.mistakes += translate(error, ("checks", index), CheckTable)
