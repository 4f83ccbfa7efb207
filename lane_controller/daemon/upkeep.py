"""What the daemon looks after by the hour: the clock, the disk, certificates, retention.

Troubles become facts only when they change."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from lane_controller.daemon.clock import Clock
from lane_controller.daemon.configuration import Configuration
from lane_controller.daemon.journal import Journal, retention
from lane_controller.lane.facts import ClockJumped, Fact, TroubleChanged
from lane_controller.messages.parts import Reason
from lane_controller.messages.words import Priority

if TYPE_CHECKING:
    from lane_controller.daemon.terminal_keys import TerminalKeys
    from lane_controller.daemon.trust import Trust

log = structlog.get_logger()

CLOCK_EVERY_S = 1.0
DISK_EVERY_S = 60.0
RETENTION_EVERY_S = 3600.0
TRUST_EVERY_S = 30.0
TERMINAL_KEY_EVERY_S = 60.0
CERTIFICATES_EVERY_S = 6 * 3600.0
CERTIFICATE_DAYS = ((1, Priority.HIGH), (7, Priority.MEDIUM), (30, Priority.LOW))
DISK_PERCENT = ((80, Priority.HIGH), (50, Priority.MEDIUM))


TERMINAL_KEY = "terminal_key"
"""The trouble of a lane that reads fingers and iris."""


@dataclass(frozen=True, slots=True)
class Trouble:
    priority: Priority
    reason: Reason


class Troubles:
    """The standing troubles of the daemon; tells the lane what changed.

    `standing` are those that the lane still shows from before the start."""

    def __init__(
        self, clock: Clock, post: Callable[[Fact], None], standing: dict[str, Priority] | None = None
    ) -> None:
        self._clock, self._post = clock, post
        self._standing = dict(standing or {})

    def set(self, name: str, trouble: Trouble | None) -> None:
        """`trouble` None: it is over.  Told once, and again when its priority changes."""
        before = self._standing.get(name)
        if trouble is None:
            if before is not None:
                del self._standing[name]
                self._tell(name, Trouble(before, Reason(code="over")), standing=False)
        elif trouble.priority is not before:
            self._standing[name] = trouble.priority
            self._tell(name, trouble, standing=True)

    def _tell(self, name: str, trouble: Trouble, *, standing: bool) -> None:
        at = self._clock.stamp()
        self._post(TroubleChanged(at, name, trouble.priority, standing, trouble.reason))


def disk_trouble(journal: Journal, size_max_mb: int) -> Trouble | None:
    """How full the journal's budget is, or the disk where that is nearer."""
    size = journal.size_bytes()
    disk = os.statvfs(journal.path)
    room = min(size_max_mb * 1024 * 1024, size + disk.f_bavail * disk.f_frsize)
    percent = round(100 * size / max(room, 1))
    for limit, priority in DISK_PERCENT:
        if percent >= limit:
            parameters: dict[str, str | int | float | bool | None] = {"percent": limit}
            return Trouble(priority, Reason(code="disk_budget", parameters=parameters))
    return None


def certificate_trouble(path: Path, now: datetime) -> Trouble | None:
    """How many days the lane's own certificate still holds, when few."""
    from cryptography import x509

    try:
        ends = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
    except (OSError, ValueError) as error:
        log.error("certificate can't be read", path=str(path), error=str(error))
        return Trouble(Priority.HIGH, Reason(code="certificate_not_readable"))
    days = (ends - now) / timedelta(days=1)
    for limit, priority in CERTIFICATE_DAYS:
        if days < limit:
            return Trouble(priority, Reason(code="certificate_ends", parameters={"ends": ends.isoformat()}))
    return None


class Upkeep:
    def __init__(
        self,
        configuration: Configuration,
        journal: Journal,
        clock: Clock,
        post: Callable[[Fact], None],
        standing: dict[str, Priority],
        erasure_due: Callable[[datetime], Fact | None],
    ) -> None:
        self._erasure_due = erasure_due
        self._configuration, self._journal, self._clock, self._post = configuration, journal, clock, post
        self.troubles = Troubles(clock, post, standing)

    async def watch_clock(self) -> None:
        while True:
            await asyncio.sleep(CLOCK_EVERY_S)
            if (by_s := self._clock.jump_s()) is not None:
                log.warning("the clock jumped", by_s=round(by_s, 3))
                self._post(ClockJumped(self._clock.stamp(), round(by_s, 3)))

    async def watch_disk(self) -> None:
        while True:
            limit = self._configuration.journal.size_max_mb
            self.troubles.set("disk_budget", disk_trouble(self._journal, limit))
            await asyncio.sleep(DISK_EVERY_S)

    async def watch_certificates(self) -> None:
        broker = self._configuration.broker
        while True:
            if broker is not None and broker.tls is not None:
                _, certificate, _ = broker.tls
                self.troubles.set("certificate_ends", certificate_trouble(certificate, datetime.now(UTC)))
            await asyncio.sleep(CERTIFICATES_EVERY_S)

    async def watch_trust(self, trust: "Trust") -> None:
        """Take a new trust store when its file was exchanged, and tell what is wrong with it."""
        while True:
            await asyncio.to_thread(trust.look, self._configuration.trust_newest)
            for name, trouble in trust.troubles(self._clock.utc()).items():
                self.troubles.set(name, trouble)
            await asyncio.sleep(TRUST_EVERY_S)

    async def watch_terminal_key(self, keys: "TerminalKeys") -> None:
        """Look at the key that reads fingers and iris before it is needed."""
        while True:
            await asyncio.to_thread(keys.look)
            self.troubles.set(TERMINAL_KEY, keys.trouble(self._clock.utc().date()))
            await asyncio.sleep(TERMINAL_KEY_EVERY_S)

    async def keep_retention(self) -> None:
        """Order the erasure of personal data whose time is over, and prune rows that stores have."""
        table = self._configuration.journal
        while True:
            now = self._clock.utc()
            order = self._erasure_due(now - timedelta(days=table.personal_days))
            if order is not None:
                self._post(order)
            pruned = retention.prune(self._journal, now - timedelta(days=table.budget_days))
            if pruned:
                log.info("journal pruned", rows=pruned)
            await asyncio.sleep(RETENTION_EVERY_S)
