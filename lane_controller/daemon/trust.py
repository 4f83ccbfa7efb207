"""The trust store that chips are judged by: loaded once, and again when its file was exchanged.

A store that can't be read any more stays in use as it was, and says so; so does one that is old.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from lane_controller.daemon.upkeep import Trouble
from lane_controller.messages.parts import Reason
from lane_controller.messages.words import Priority

if TYPE_CHECKING:
    from drivers.emrtd.trust_store import TrustStore

log = structlog.get_logger()

AGE_DAYS = ((90, Priority.MEDIUM), (30, Priority.LOW))
"""Since anything was last imported: states tell revocations every 90 days at least (Doc 9303-12, 7.1.4)."""


class Trust:
    """`store` None: none could be read yet."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.store: TrustStore | None = None
        self._known: tuple[int, int, int] | None = None
        self._readable = True

    def look(self) -> None:
        """Read the file if it is another one than before.  Blocking: a store of all states takes a second."""
        from drivers.emrtd.errors import EmrtdError
        from drivers.emrtd.trust import store_file

        try:
            found = self._path.stat()
            known = (found.st_ino, found.st_mtime_ns, found.st_size)
            if known == self._known:
                return
            self.store = store_file.load(self._path)
            self._known, self._readable = known, True
            log.info("trust store read", digest=self.store.digest, certificates=len(self.store.holdings))
        except (OSError, EmrtdError) as error:
            if self._readable:
                log.error("trust store can't be read", path=str(self._path), error=str(error))
            self._known, self._readable = None, False

    def trouble(self, now: datetime) -> Trouble | None:
        """What a person should know of the store."""
        if not self._readable or self.store is None:
            return Trouble(Priority.HIGH, Reason(code="trust_store_not_readable"))
        if not self.store.holdings or self.store.refreshed is None:
            return Trouble(Priority.HIGH, Reason(code="trust_store_empty"))
        days = age_days(self.store, now)
        for limit, priority in AGE_DAYS:
            if days > limit:
                return Trouble(priority, Reason(code="trust_store_old", parameters={"days": limit}))
        return None


def age_days(store: "TrustStore", now: datetime) -> int:
    """Days since anything was last imported into a store; 0 for one that does not say."""
    return (now.astimezone(UTC) - store.refreshed).days if store.refreshed is not None else 0
