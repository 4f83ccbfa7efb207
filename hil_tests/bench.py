"""A bench: which devices stand on it, how to reach them, and what they should say.

    [devices.scale]
    driver = "xk3190"
    port = "/dev/ttyUSB0"
    [expect.scale]              # optional: what the bench holds, see each suite
    gross_kg = 0
    tolerance_kg = 40

    [registers.booking]
    driver = "register-http"
    kinds = ["booking"]         # what the suite asks it

Keys under `devices` and `registers` are those of a lane's TOML (docs/configuration.md); a secret is
"file:/PATH" or "env:NAME" here too.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, cast, get_args

from pydantic import SecretStr, ValidationError

from drivers.barrier.contacts import Driver as ContactsBarrier
from drivers.boards import Board
from drivers.boards.shared import SharedBoard
from drivers.device import Device
from drivers.errors import DeviceError
from drivers.presence.contacts import Driver as ContactsPresence
from drivers.signal.contacts import Driver as ContactsSignal

ON_CONTACTS: dict[str, Any] = {
    "barrier": ContactsBarrier,
    "presence": ContactsPresence,
    "signal": ContactsSignal,
}


OF_THE_LANE = ("simulated", "side", "kinds")
"""Keys of a device's table that are the lane's, not the driver's."""


class BenchError(Exception):
    """The bench file can't be used; the message names the file, the key and what is wrong."""


@dataclass(frozen=True, slots=True)
class BenchDevice:
    """One device of the bench: its role, how to make it, and what the bench says that it should see."""

    name: str
    role: str
    table: Mapping[str, Any]
    board: Mapping[str, Any] | None
    expect: Mapping[str, Any]

    def make(self) -> Device[Any]:
        """A fresh device, not yet opened; a device on contacts brings its own board."""
        return _make(self.name, dict(self.table), self.board)


@dataclass(frozen=True, slots=True)
class Bench:
    path: str
    devices: tuple[BenchDevice, ...]

    @classmethod
    def read(cls, path: Path) -> "Bench":
        """Raises BenchError for a file that can't be read or a device that can't be made."""
        try:
            data = tomllib.loads(path.read_text("utf-8"))
        except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise BenchError(f"{path}: {error}") from error
        return cls.of(str(path), data)

    @classmethod
    def of(cls, path: str, data: Mapping[str, Any]) -> "Bench":
        tables: dict[str, dict[str, Any]] = {**data.get("devices", {}), **data.get("registers", {})}
        expect: dict[str, dict[str, Any]] = data.get("expect", {})
        if unknown := [key for key in data if key not in ("devices", "registers", "expect")]:
            raise BenchError(f"{path}: {unknown[0]}: expected devices, registers or expect")
        if not tables:
            raise BenchError(f"{path}: it names no device; expected [devices.NAME] or [registers.NAME]")
        if stray := [name for name in expect if name not in tables]:
            raise BenchError(f"{path}: expect.{stray[0]}: there is no such device; found {', '.join(tables)}")
        devices: list[BenchDevice] = []
        for name, table in tables.items():
            board = tables.get(str(table.get("board"))) if "board" in table else None
            if "board" in table and board is None:
                raise BenchError(f"{path}: devices.{name}.board: no device named {table['board']!r}")
            try:
                role = _make(name, dict(table), board).role
            except ValidationError as error:
                wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
                raise BenchError(f"{path}: devices.{name}: {wrong}") from error
            except ValueError as error:
                raise BenchError(f"{path}: devices.{name}: {error}") from error
            except DeviceError as error:  # a board that can't carry this role refuses it when it is made
                raise BenchError(f"{path}: devices.{error}") from error
            asked = {"kinds": table["kinds"]} if "kinds" in table else {}
            devices.append(BenchDevice(name, role, table, board, {**asked, **expect.get(name, {})}))
        return cls(path, tuple(devices))


def _driver(name: str) -> type[Device[Any]]:
    for entry in entry_points(group="borderlane.drivers"):
        if entry.name == name:
            return cast(type[Device[Any]], entry.load())
    raise ValueError(f"no driver {name!r}; `borderlane drivers` lists them")


def _make(name: str, table: dict[str, Any], board: Mapping[str, Any] | None) -> Device[Any]:
    for key in OF_THE_LANE:
        table.pop(key, None)
    if board is not None:
        role = table.pop("role", "")
        table.pop("board")
        if role not in ON_CONTACTS:
            raise ValueError(f"role {role!r} does not sit on contacts; expected one of {sorted(ON_CONTACTS)}")
        shared = SharedBoard(cast(Board, _make(f"{name}-board", dict(board), None)))
        return ON_CONTACTS[role](name, ON_CONTACTS[role].options_type(**table), shared)
    driver = _driver(str(table.pop("driver", "")))
    for key, field in driver.options_type.model_fields.items():
        if key in table and (SecretStr in (field.annotation, *get_args(field.annotation)) or not field.repr):
            table[key] = _secret(str(table[key]))
    return driver(name, driver.options_type(**table))


def _secret(value: str) -> str:
    """What a secret option points to.  Raises ValueError, whose text holds no secret."""
    kind, _, where = value.partition(":")
    try:
        found = {"file": lambda: Path(where).read_text("utf-8").strip(), "env": lambda: os.environ[where]}[
            kind
        ]()
    except (OSError, KeyError, UnicodeDecodeError) as error:
        raise ValueError(
            f'a secret is "file:PATH" or "env:NAME" that can be read: {type(error).__name__}'
        ) from None
    return found
