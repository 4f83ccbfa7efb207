"""What must be looked at from time to time: silent lanes, gaps, erase orders, old pictures and sessions,
certificates."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from cryptography import x509
from sqlalchemy.exc import DBAPIError

from dashboard.api.hub import Hub
from dashboard.ingest.live import Live
from dashboard.shelving import expire_shelves
from dashboard.site import Site
from dashboard.store.engine import Database, StoreUnavailable
from dashboard.store.eraser import empty_log, erase_waiting
from dashboard.store.media import drop_unreferenced
from dashboard.store.stage import Stage
from dashboard.store.writer import Writer
from dashboard.users.sessions import drop_idle
from dashboard.views.timeline import timeline_event
from lane_controller.messages.words import Audience, Priority

LOOK_EVERY_S = 2.0
SLOWLY_EVERY_S = 300.0
GAP_AFTER_S = 60.0
"""Events of several audiences overtake one another; a hole that stays so long is a gap."""
CERTIFICATE_DAYS = {30: Priority.LOW, 7: Priority.MEDIUM, 1: Priority.HIGH}

_log = structlog.get_logger()


class Housekeeping:
    def __init__(self, site: Site, database: Database, writer: Writer, live: Live, hub: Hub) -> None:
        self._site = site
        self._database = database
        self._writer = writer
        self._live = live
        self._hub = hub
        self._was_live: dict[str, bool] = {}
        self._gap_since: dict[tuple[str, str], tuple[int, float]] = {}
        self._log_holds_erased = True
        """As far as is known: the last run may have ended before it was emptied."""

    async def run(self) -> None:
        """Runs until cancelled."""
        slowly_s = 0.0
        while True:
            try:
                self.look_for_silent()
                await self.look_for_gaps(time.monotonic())
                await expire_shelves(self._writer)
                await self._erase()
                if time.monotonic() >= slowly_s:
                    slowly_s = time.monotonic() + SLOWLY_EVERY_S
                    await self._writer.do(drop_unreferenced)
                    await self._writer.do(drop_idle)
                    await self.look_at_certificates(datetime.now(UTC))
            except (StoreUnavailable, DBAPIError, OSError) as error:
                _log.warning("housekeeping.postponed", error=str(error))
            await asyncio.sleep(LOOK_EVERY_S)

    async def _erase(self) -> None:
        if await erase_waiting(self._writer, self._database):
            timeline_event.cache_clear()  # lines of a time line name persons
            self._log_holds_erased = True
            _log.info("store.log_to_be_emptied")
        if self._log_holds_erased and await empty_log(self._database):
            self._log_holds_erased = False
            _log.info("store.log_emptied")

    def look_for_silent(self) -> None:
        """Tells the streams of lanes that fell silent: no message does."""
        for lane in self._live.lanes:
            live = self._live.is_live(lane)
            if self._was_live.get(lane, live) != live:
                self._hub.changed(lane)
            self._was_live[lane] = live

    async def look_for_gaps(self, now_s: float) -> None:
        """An alarm for each lane whose journal has a hole that stays; cleared when it is filled."""
        gaps: dict[str, tuple[str, int, int]] = {}
        holed: set[str] = set()
        for (lane, journal), received in self._writer.memory.journals():
            gap = received.gap
            key = (lane, journal)
            if gap is None:
                self._gap_since.pop(key, None)
                continue
            holed.add(lane)
            first, since_s = self._gap_since.get(key, (gap[0], now_s))
            if first != gap[0]:
                since_s = now_s
            self._gap_since[key] = (gap[0], since_s)
            if now_s - since_s >= GAP_AFTER_S:
                gaps[lane] = (journal, *gap)
        standing = {about for kind, about in self._writer.memory.site_alarms if kind == "store.gap"}
        over = standing - holed
        if not over and standing >= set(gaps):
            return

        async def job(stage: Stage) -> None:
            for lane, (_, first, last) in gaps.items():
                given: dict[str, str | int | float | bool | None] = {
                    "lane": lane,
                    "first": first,
                    "last": last,
                }
                stage.site.raise_alarm("gap", lane, Audience.SUPERVISOR, Priority.MEDIUM, given)
            for lane in over:
                stage.site.clear_alarm("gap", lane, Audience.SUPERVISOR)

        await self._writer.do(job)

    async def look_at_certificates(self, now: datetime) -> None:
        """Alarms 30, 7 and 1 days before a certificate of ours ends."""
        paths = {
            "broker": self._site.broker.certificate,
            "broker_ca": self._site.broker.ca,
            "pages": self._site.listen.certificate,
        }
        due: dict[str, tuple[Priority, int]] = {}
        for name, path in paths.items():
            left = _left(path, now) if path else None
            if left is None:
                continue
            for days, priority in sorted(CERTIFICATE_DAYS.items()):
                if left <= timedelta(days=days):
                    due[f"{name}-{days}"] = (priority, max(0, left.days))
                    break

        async def job(stage: Stage) -> None:
            for name, (priority, days) in due.items():
                given: dict[str, str | int | float | bool | None] = {"lane": name, "days": days}
                stage.site.raise_alarm("certificate", name, Audience.SUPERVISOR, priority, given)
            for kind, about in list(self._writer.memory.site_alarms):
                if kind == "store.certificate" and about not in due:
                    stage.site.clear_alarm("certificate", about, Audience.SUPERVISOR)

        await self._writer.do(job)


def _left(path: Path, now: datetime) -> timedelta | None:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc - now
    except (OSError, ValueError):
        return None
