"""The trust store that chips are judged by: loaded once, and again when its file was exchanged.

A store that can't be read any more stays in use as it was, and says so; so does one that is old, newer than
the machine's clock, or older than one that was in use before.
"""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from lane_controller.daemon import trust_newest
from lane_controller.daemon.upkeep import Trouble
from lane_controller.messages.parts import Reason
from lane_controller.messages.words import Priority

if TYPE_CHECKING:
    from drivers.emrtd.trust_store import TrustStore

log = structlog.get_logger()


class Trust:
    """`store` None: none could be read yet."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.store: TrustStore | None = None
        self._known: tuple[int, int, int] | None = None
        self._readable = True
        self._newer: int | None = None

    def look(self, record: Path) -> None:
        """Read the file if it is another one than before, log what can't be read, and hold it against the
        `record` of the newest one.  Blocking."""
        from drivers.emrtd.errors import EmrtdError

        try:
            if self.read() and self.store is not None:
                log.info("trust store read", digest=self.store.digest, certificates=len(self.store.holdings))
        except (OSError, EmrtdError) as error:
            if self._readable:
                log.error("trust store can't be read", path=str(self._path), error=str(error))
            self._known, self._readable = None, False
        if self.store is not None:
            self._newer = trust_newest.newer_seen(record, self.store)

    def read(self) -> bool:
        """Read the file if it is another one than before; whether it is.  Blocking: a store of all states
        takes a second.  OSError, EmrtdError."""
        from drivers.emrtd.trust import store_file

        found = self._path.stat()
        known = (found.st_ino, found.st_mtime_ns, found.st_size)
        if known == self._known:
            return False
        self.store = store_file.load(self._path)
        self._known, self._readable = known, True
        return True

    def troubles(self, now: datetime) -> dict[str, Trouble | None]:
        """What a person should know of the store, by the name of the trouble; None: it is not so, or over."""
        from drivers.emrtd.signer_checks import store_age

        if self.store is None:
            return {STORE: _not_readable(), AHEAD: None, OLDER: None}
        age = store_age(self.store, now).reason
        # A clock that was set back makes what has expired valid again: no date can be judged by it.
        ahead = Trouble(Priority.HIGH, Reason(code=AHEAD)) if age == "ahead_of_clock" else None
        older = None
        if self._newer is not None:  # what was revoked or removed since is believed again
            older = Trouble(Priority.HIGH, Reason(code=OLDER, parameters={"newest": self._newer}))
        return {STORE: _aged(age) if self._readable else _not_readable(), AHEAD: ahead, OLDER: older}


STORE = "trust_store"
AHEAD = "trust_store_ahead_of_clock"
OLDER = "trust_store_older_than_before"
"""Troubles of their own: one that takes another's place at the same priority would not be told."""


def _not_readable() -> Trouble:
    return Trouble(Priority.HIGH, Reason(code="trust_store_not_readable"))


def _aged(age: str) -> Trouble | None:
    """By the reason of the check `trust_store`."""
    from drivers.emrtd.signer_checks import STORE_AGEING_DAYS, STORE_OLD_DAYS

    match age:
        case "empty" | "age_unknown":
            return Trouble(Priority.HIGH, Reason(code="trust_store_empty"))
        case "old":
            return Trouble(Priority.MEDIUM, _old(STORE_OLD_DAYS))
        case "ageing":
            return Trouble(Priority.LOW, _old(STORE_AGEING_DAYS))
        case _:
            return None


def _old(days: int) -> Reason:
    return Reason(code="trust_store_old", parameters={"days": days})
