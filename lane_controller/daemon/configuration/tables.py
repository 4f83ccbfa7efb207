"""The tables of a lane's TOML file, one model each (docs/configuration.md explains every key)."""

import base64
import binascii
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, create_model

from drivers.registers import KINDS
from lane_controller.lane.rules import ChipRules, Timings
from lane_controller.messages import topics
from lane_controller.messages.rights import TWO_PERSON_KINDS
from lane_controller.messages.words import Agency, CommandKind, Direction, Mode, Outcome, Place, Profile, Side
from mrz.reading import ENGINE, ENGINES

T = TypeVar("T")
PURPOSE_MAX = 120


def _name(value: str) -> str:
    if not topics.NAME.match(value):
        raise ValueError("a name of a-z, 0-9, _ and -, at most 32 characters")
    return value


def _public_key(value: str) -> str:
    try:
        key = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 32:
        raise ValueError("an Ed25519 public key: 32 bytes in base64")
    return value


def _register_kind(value: str) -> str:
    if value not in KINDS:
        raise ValueError(f"one of {', '.join(KINDS)}")
    return value


def _not_empty(value: tuple[T, ...]) -> tuple[T, ...]:
    if not value:
        raise ValueError("at least one")
    return value


def _purpose(value: str) -> str:
    if not value.strip() or len(value) > PURPOSE_MAX:
        raise ValueError(f"words that say why, at most {PURPOSE_MAX} characters")
    return value


def _two_person_kind(value: CommandKind) -> CommandKind:
    if value not in TWO_PERSON_KINDS:
        raise ValueError(f"one of {', '.join(sorted(TWO_PERSON_KINDS))}")
    return value


def _engine(value: str) -> str:
    if value not in ENGINES:
        raise ValueError(f"one of {', '.join(ENGINES)}")
    return value


Name = Annotated[str, AfterValidator(_name)]
PublicKey = Annotated[str, AfterValidator(_public_key)]
RegisterKind = Annotated[str, AfterValidator(_register_kind)]
EngineName = Annotated[str, AfterValidator(_engine)]
TwoPersonKind = Annotated[CommandKind, AfterValidator(_two_person_kind)]
State = Literal["KZ", "KG", "TJ", "TM", "UZ", "RU", "CN", "EU"]

UTC_OFFSETS_MIN: dict[State, int] = {
    "KZ": 300, "KG": 360, "TJ": 300, "TM": 300, "UZ": 300, "RU": 180, "CN": 480, "EU": 60,
}  # fmt: skip
"""Minutes east of UTC; RU is Moscow, EU Central European without summer time."""


class Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class SiteTable(Table):
    name: Name


if TYPE_CHECKING:
    TimingsTable = Table
else:
    # The rules' own timings, with their defaults: written down once, in lane/rules.py.
    TimingsTable = create_model(
        "TimingsTable",
        __base__=Table,
        **{one.name: (Annotated[float, Field(gt=0, le=86400)], one.default) for one in fields(Timings)},
    )


class LaneTable(Table):
    name: Name
    profile: Profile
    direction: Direction
    state: State
    start_mode: Mode = Mode.OPEN
    two_person_kinds: tuple[TwoPersonKind, ...] = ()
    weight_tolerance: float = Field(0.02, ge=0, le=0.5)
    plates_at: Place = Place.ARRIVAL
    utc_offset_min: int | None = Field(None, ge=-720, le=840)
    commissioning: Path | None = None
    timings: TimingsTable = Field(default_factory=TimingsTable)

    @property
    def minutes_east(self) -> int:
        """Of UTC, as stated or as in the lane's state."""
        return UTC_OFFSETS_MIN[self.state] if self.utc_offset_min is None else self.utc_offset_min

    @property
    def rule_timings(self) -> Timings:
        return Timings(**self.timings.model_dump())


class JournalTable(Table):
    path: Path
    budget_days: int = Field(30, ge=1, le=3660)
    personal_days: int = Field(30, ge=1, le=3660)
    size_max_mb: int = Field(2048, ge=16, le=1 << 20)


class BrokerTable(Table):
    host: str = Field(min_length=1)
    port: int = Field(8883, ge=1, le=65535)
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None

    @property
    def tls(self) -> tuple[Path, Path, Path] | None:
        """CA, certificate and key; None for a loopback broker without TLS."""
        if self.ca and self.certificate and self.key:
            return self.ca, self.certificate, self.key
        return None


class CommandsTable(Table):
    keys: dict[str, PublicKey] = {}


class StatusTable(Table):
    socket: Path | None = None


class ClockTable(Table):
    source: Literal["system", "trusted"] = "system"
    speed: float = Field(1.0, gt=0, le=1000)


class PagesTable(Table):
    """How pictures of documents' pages are read."""

    engine: EngineName = ENGINE
    visual_zone: bool = False


class BiometricsTable(Table):
    """Why fingers and iris are read from chips, and by which key: a file's, or one in a PKCS #11 token."""

    purpose: Annotated[str, AfterValidator(_purpose)]
    key: Path | None = None
    token: str | None = Field(None, repr=False)
    certificates: Annotated[tuple[Path, ...], AfterValidator(_not_empty)]


class ChipTable(Table):
    """How documents' chips are read and judged."""

    trust: Path
    required: bool = True
    wait_s: float = Field(6.0, gt=0, le=120)
    read_s: float = Field(20.0, ge=1, le=120)
    biometrics: BiometricsTable | None = None

    @property
    def rules(self) -> ChipRules:
        return ChipRules(self.required, self.wait_s, self.read_s)


class ScaleTable(Table):
    verification: str = Field(min_length=1)
    verified_until: date
    expanded_uncertainty_kg: float = Field(40.0, ge=0)
    minimum_kg: float = Field(400.0, gt=0)
    zero_within_kg: float = Field(20.0, gt=0)
    settle_s: float = Field(1.5, ge=0.2, le=30)
    settle_within_kg: float = Field(20.0, gt=0)


class CheckTable(Table):
    check: str
    agency: Agency
    on_failed: Literal[Outcome.HOLD, Outcome.REFER] = Outcome.HOLD


class DeviceTable(BaseModel):
    """The keys that are ours; all others are the driver's options and are read by its own model."""

    model_config = ConfigDict(frozen=True, extra="allow")

    driver: str | None = None
    role: Literal["barrier", "signal", "presence"] | None = None
    board: str | None = None
    side: Side | None = None
    simulated: bool = False


class RegisterTable(BaseModel):
    """The keys that are ours; all others are the driver's options."""

    model_config = ConfigDict(frozen=True, extra="allow")

    driver: str
    kinds: Annotated[tuple[RegisterKind, ...], AfterValidator(_not_empty)]
    simulated: bool = False


TABLES: dict[str, type[BaseModel]] = {
    "site": SiteTable,
    "lane": LaneTable,
    "journal": JournalTable,
    "broker": BrokerTable,
    "commands": CommandsTable,
    "status": StatusTable,
    "clock": ClockTable,
    "pages": PagesTable,
    "chip": ChipTable,
    "scale": ScaleTable,
}
REQUIRED = ("site", "lane", "journal")
COLLECTIONS = ("devices", "registers", "checks")
