"""Writes the configuration of a simulated lane, key by key as docs/configuration.md describes it."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from cryptography.hazmat.primitives import serialization

from simulators.kit import LaneKit
from simulators.pki import CommandKey, Identity

_BORDER = ("document_check_digits", "document_expiry", "document_lost", "person_watchlist")
_PLATE = ("plate_read", "plate_format", "plate_watchlist")
CHECKS: dict[str, dict[str, tuple[str, ...]]] = {
    "cargo": {
        "border": (*_BORDER, *_PLATE),
        "customs": ("plate_booked", "weight_declared", "random_recheck"),
        "transport": ("weight_settled", "scale_verification", "weight_limit"),
    },
    "car": {"border": (*_BORDER, *_PLATE), "customs": ("random_recheck",)},
    "coach": {"border": (*_BORDER, *_PLATE)},
    "pedestrian": {"border": _BORDER},
}
"""Checks of each profile, by the agency that owns them."""

CHIP = ("chip_data", "chip_genuine", "chip_print")
"""Checks of a lane that reads chips; its border owns them."""

REFER = ("person_watchlist", "plate_watchlist", "document_lost", *CHIP)
CHIP_WAIT_S, CHIP_READ_S = 3.0, 20.0
"""Real seconds: many travellers have no chip, and pcscd and a busy machine don't go faster with the clock."""


def agencies(profile: str) -> tuple[str, ...]:
    """The agencies whose release a lane of this profile needs."""
    return tuple(CHECKS[profile])


@dataclass(frozen=True, slots=True)
class LaneFile:
    """Where a lane's files are, and how it reaches its site."""

    path: Path
    site: str
    name: str
    broker_port: int
    identity: Identity
    command_key: CommandKey
    speed: float = 1.0

    @property
    def journal(self) -> Path:
        return self.path.with_name("journal.sqlite")


def toml(value: object) -> str:
    """One value in TOML.  Raises TypeError for what TOML has not."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str() | Path():
            return json.dumps(str(value), ensure_ascii=False)
        case date():
            return value.isoformat()
        case Mapping():
            table = cast("Mapping[object, object]", value)
            inner = ", ".join(f"{json.dumps(str(key))} = {toml(item)}" for key, item in table.items())
            return f"{{ {inner} }}"
        case list() | tuple():
            items = cast("Sequence[object]", value)
            return f"[{', '.join(toml(item) for item in items)}]"
        case _:
            raise TypeError(f"{value!r} has no form in TOML")


def public_key(key: CommandKey) -> str:
    """The 32 bytes of the public half, base64."""
    loaded = serialization.load_pem_public_key(key.public.read_bytes())
    raw = loaded.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return base64.b64encode(raw).decode("ascii")


def _table(name: str, entries: Mapping[str, Any]) -> str:
    return "\n".join([f"[{name}]", *(f"{key} = {toml(value)}" for key, value in entries.items())])


def write(
    where: LaneFile,
    kit: LaneKit,
    devices: Mapping[str, Mapping[str, Any]],
    registers: Mapping[str, Mapping[str, Any]],
    timings: Mapping[str, float],
    trust: Path | None = None,
) -> None:
    """Write the lane's TOML.  `devices` and `registers` are the tables of simulated ones; with `trust` a lane
    that has a card reader checks the chips that are shown."""
    today = datetime.now(UTC).date()
    parts = [
        "# A simulated lane: written by the simulators, with devices that exist only while they run.",
        _table("site", {"name": where.site}),
        _table(
            "lane",
            {
                "name": where.name,
                "profile": kit.profile,
                "direction": kit.direction,
                "state": kit.state,
                "plates_at": "arrival",
                "two_person_kinds": list(kit.two_person_kinds),
            },
        ),
        *([_table("lane.timings", timings)] if timings else []),
        _table("journal", {"path": where.journal}),
        _table(
            "broker",
            {
                "host": "127.0.0.1",
                "port": where.broker_port,
                "ca": where.identity.ca,
                "certificate": where.identity.certificate,
                "key": where.identity.key,
            },
        ),
        _table("commands.keys", {where.command_key.key_id: public_key(where.command_key)}),
        # A container's kernel often knows no time source, while the host's clock is right.
        _table("clock", {"source": "trusted", "speed": where.speed}),
    ]
    if kit.scale_model:
        until = today + timedelta(days=200 if kit.verified else -20)
        plate = {"verification": f"SIM-{where.name}", "verified_until": until, "settle_s": 1.0}
        parts.append(_table("scale", plate))
    for kind, tables in (("devices", devices), ("registers", registers)):
        parts += [_table(f"{kind}.{name}", {**table, "simulated": True}) for name, table in tables.items()]
    wanted = dict(CHECKS[kit.profile])
    if trust is not None and kit.reads_chips:
        wanted["border"] = (*wanted["border"], *CHIP)
        waits = {"wait_s": CHIP_WAIT_S * where.speed, "read_s": CHIP_READ_S * where.speed}
        parts.append(_table("chip", {"trust": trust, "required": False, **waits}))
    for agency, checks in wanted.items():
        for check in checks:
            on_failed = "refer" if check in REFER else "hold"
            row = {"check": check, "agency": agency, "on_failed": on_failed}
            parts.append(_table("[checks]", row))
    where.path.parent.mkdir(parents=True, exist_ok=True)
    where.path.write_text("\n\n".join(parts) + "\n")
