"""The newest version of the trust store that a lane has used, on record beside its journal.

A store's file stays valid for ever: that an older one was put back, out of a backup or by somebody who wants
a revocation forgotten, shows only against this record.
"""

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    from drivers.emrtd.trust_store import TrustStore

NEVER = datetime.min.replace(tzinfo=UTC)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Version:
    """`serial` counts a store's versions; `refreshed` is when something was last imported into it."""

    serial: int
    refreshed: datetime

    def older_than(self, other: "Version") -> bool:
        """A store that was built anew counts from 1 again, but was imported into later."""
        return self.serial < other.serial and self.refreshed <= other.refreshed


def newer_seen(record: Path, store: "TrustStore") -> int | None:
    """The serial of the newer version that was in use before this one; None where this is the newest, which
    then goes on record.  Blocking.  A record that can't be read or written is logged and keeps nothing."""
    version, newest = Version(store.serial, store.refreshed or NEVER), _read(record)
    if newest is not None and version.older_than(newest):
        return newest.serial
    if version != newest:
        _write(record, version)
    return None


def _read(record: Path) -> Version | None:
    try:
        text: Any = json.loads(record.read_bytes())
        serial, refreshed = text["serial"], datetime.fromisoformat(text["refreshed"])
        if not isinstance(serial, int) or refreshed.tzinfo is None:
            raise ValueError("no version of a store")
        return Version(serial, refreshed)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.warning("record of the newest trust store can't be read", path=str(record), error=str(error))
        return None


def _write(record: Path, version: Version) -> None:
    """Whole or not at all, and on disk: a power cut must not bring an older one back."""
    text = json.dumps({"serial": version.serial, "refreshed": version.refreshed.isoformat()})
    new = record.with_name(f"{record.name}.new")
    try:
        with new.open("w") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        new.replace(record)
    except OSError as error:
        log.warning("newest trust store not kept on record", path=str(record), error=str(error))
