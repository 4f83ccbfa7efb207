"""One lane's daemon: all its parts under one task group.

Whatever core part fails, the lane is stopped safely first (light red, a lowering cancelled) and the failure
is told; a device's failure never gets here (devices.py)."""

import asyncio
import contextlib
import signal
from collections.abc import Coroutine
from dataclasses import replace
from importlib.metadata import version
from itertools import chain
from typing import Any

import structlog

from drivers.document_reader import PageRead
from lane_controller.daemon import commissioning, notify, status
from lane_controller.daemon.actions import Actions, media_of, name_of
from lane_controller.daemon.chips import ChipDesk
from lane_controller.daemon.clock import Clock
from lane_controller.daemon.commands import Desk, Verifier
from lane_controller.daemon.configuration import Configuration
from lane_controller.daemon.equipment import equip
from lane_controller.daemon.erasing import Eraser
from lane_controller.daemon.folding import fold
from lane_controller.daemon.journal import Journal, JournalError
from lane_controller.daemon.journal.opening import Opened, journals_set_aside, open_or_begin
from lane_controller.daemon.live import LiveDesk
from lane_controller.daemon.liveness import Liveness
from lane_controller.daemon.loop import Loop
from lane_controller.daemon.outbox import Outbox
from lane_controller.daemon.report import report
from lane_controller.daemon.rules import rules_of, scale_terms
from lane_controller.daemon.senses import Senses
from lane_controller.daemon.sensing.plates import Seen
from lane_controller.daemon.terminal_keys import TerminalKeys
from lane_controller.daemon.upkeep import TERMINAL_KEY, Trouble, Upkeep
from lane_controller.daemon.uplink import Uplink
from lane_controller.daemon.vision.desk import PageDesk
from lane_controller.lane import views
from lane_controller.lane.facts import (
    DeviceChanged,
    Fact,
    Started,
)
from lane_controller.lane.state import Lane
from lane_controller.messages.command import Ack, Reply
from lane_controller.messages.parts import Reason
from lane_controller.messages.state import KeptJournal, Status
from lane_controller.messages.words import Audience, DeviceRole, Health, Place, Priority

log = structlog.get_logger()


class Stop(Exception):
    """Somebody asked the daemon to end."""


class Daemon:
    """`refused` is why the configuration file could not be used, when its last good copy is in use."""

    def __init__(self, configuration: Configuration, *, refused: str = "") -> None:
        self.configuration, self._refused = configuration, refused
        site, lane = configuration.site.name, configuration.lane.name
        self.clock = Clock(speed=configuration.clock.speed, source=configuration.clock.source)
        self._opened: Opened = open_or_begin(configuration.journal.path, site, lane)
        self.journal: Journal = self._opened.journal
        self.journal.limit_size(configuration.journal.size_max_mb * 1024 * 1024)
        self.loop = Loop(self.journal, fold(self.journal), self.clock, self._act, self._publish)
        verifier = Verifier(configuration.commands.keys, site, lane, self.journal.id)
        self.desk = Desk(
            verifier, self.clock, self.loop.post, lambda: (self.loop.lane, self.journal.last_sequence)
        )
        self._tasks: set[asyncio.Task[Any]] = set()
        self._senses = Senses(
            self.clock,
            self.loop.post,
            self._plate_seen,
            self._page_seen,
            lambda name, frozen: self.equipment.watches[name].freeze(frozen),
            self._look,
            scale_terms(configuration),
            configuration.lane.plates_at,
        )
        self.equipment = equip(configuration, self._senses.of, self._health, self.clock.mono_s)
        self._pages = PageDesk(self.clock, self.loop.post, self._passage, configuration.pages)
        self._pages.prepare(self.equipment.watches.values())
        self._actions = Actions(self.equipment, self.clock, self.loop.post, self._hold)
        chip = configuration.chip
        self._trust = configuration.trust
        self._keys = TerminalKeys(chip.biometrics) if chip and chip.biometrics else None
        self._chips = (
            ChipDesk(
                self.equipment, self.clock, self.loop.post, self._hold, self._trust, self._keys, chip.rules
            )
            if chip and self._trust
            else None
        )
        self._outboxes = {self.journal.id: Outbox(self.journal)}
        self._eraser = Eraser(
            self.journal, self.clock, self.loop.post, self._older_journals, self.loop.snapshot
        )
        self._upkeep = Upkeep(
            configuration,
            self.journal,
            self.clock,
            self.loop.post,
            standing_troubles(self.loop.lane),
            self._eraser.due,
        )
        broker = configuration.broker
        self.uplink = Uplink(broker, site, lane, self._outboxes, self) if broker else None
        self.live = (
            LiveDesk(
                self.equipment,
                self.clock,
                verifier,
                self.uplink,
                lambda: self.loop.waits_s,
                lambda: self.journal.last_sequence,
            )
            if self.uplink
            else None
        )
        self._stop = asyncio.Event()
        self.ready = asyncio.Event()

    # --- the life of the daemon ---------------------------------------------------------------------------

    async def run(self) -> None:
        """Until `stop`, or SIGTERM or SIGINT.  Raises JournalError when the journal was lost."""
        running = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            running.add_signal_handler(number, self.stop)
        try:
            self._start()
            async with asyncio.TaskGroup() as group:
                self._create_tasks(group)
                notify.notify("READY=1\nSTATUS=running")
                self.ready.set()
                log.info("lane runs", lane=self.configuration.lane.name, journal=self.journal.id)
        except* Stop:
            log.info("lane stops", lane=self.configuration.lane.name)
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                running.remove_signal_handler(number)
            self._end()

    def stop(self) -> None:
        """End gracefully."""
        self._stop.set()

    def _start(self) -> None:
        """The first fact, and what is to be told at a start."""
        self._open_older_journals()
        missing = commissioning.missing(self.configuration)
        if missing:
            log.warning("not commissioned: no mode open; run borderlane check --walk", devices=missing)
        rules = rules_of(self.configuration, self.journal.id, commissioned=not missing)
        started = Started(self.clock.stamp(), rules, version("borderlane"), self.configuration.digest)
        self.loop.take([(started, ())])
        self._eraser.start()
        troubles = self._upkeep.troubles
        refused = Reason(code="configuration_refused")
        troubles.set("configuration_refused", Trouble(Priority.HIGH, refused) if self._refused else None)
        differs = ", ".join(self._opened.replaced)
        replaced = Reason(code="journal_replaced", parameters={"differs": differs})
        if self._keys is None:  # it may have stood when fingers were read
            troubles.set(TERMINAL_KEY, None)
        troubles.set("journal_replaced", Trouble(Priority.MEDIUM, replaced) if differs else None)

    def _open_older_journals(self) -> None:
        for path in journals_set_aside(self.configuration.journal.path):
            try:
                older = Journal.open(path)
            except JournalError as error:
                log.warning("older journal can't be read", path=str(path), error=str(error))
                continue
            self._outboxes[older.id] = Outbox(older, set_aside=True)

    def _older_journals(self) -> dict[str, Journal]:
        """Those that were set aside: a store that was restored may want their events again."""
        return {id: box.journal for id, box in self._outboxes.items() if box.journal is not self.journal}

    def _create_tasks(self, group: asyncio.TaskGroup) -> None:
        handlers: dict[str, status.Handler] = {
            "status": self._status,
            "erase": self._eraser.ordered,
        }
        parts: dict[str, Coroutine[Any, Any, None]] = {
            "loop": self.loop.run(),
            "clock": self._upkeep.watch_clock(),
            "disk": self._upkeep.watch_disk(),
            "certificates": self._upkeep.watch_certificates(),
            "retention": self._upkeep.keep_retention(),
            "erasures": self._eraser.finish(),
            "status socket": status.serve(self.configuration.socket, handlers),
            "pages": self._pages.pages.run(),
        }
        if self._trust is not None:
            parts["trust store"] = self._upkeep.watch_trust(self._trust)
        if self._keys is not None:
            parts["terminal key"] = self._upkeep.watch_terminal_key(self._keys)
        for light in self.equipment.signals:
            parts[f"light {light.name}"] = self._actions.show(light)
        if self.uplink is not None:
            parts["uplink"] = self.uplink.run()
        if self.live is not None:
            parts["stills"] = self.live.run()
        tasks = [group.create_task(self._guard(part), name=name) for name, part in parts.items()]
        for name, watch in self.equipment.watches.items():
            tasks.append(group.create_task(watch.run(), name=f"watch {name}"))
        alive = Liveness(lambda: self.loop.waits_s, lambda problem: notify.status(problem or "running"))
        for task in tasks:
            alive.endless(task)
        group.create_task(self._await_stop(), name="stop")
        group.create_task(notify.feed_watchdog(alive.alive), name="watchdog")

    async def _guard(self, part: Coroutine[Any, Any, None]) -> None:
        """A core part that fails takes the daemon with it, but the lane is stopped safely before."""
        try:
            await part
        except Exception as error:
            notify.notify("STOPPING=1")
            log.critical("lane is stopped", error=str(error), exc_info=not isinstance(error, JournalError))
            notify.status(f"stopped: {error}")
            with contextlib.suppress(Exception):
                await self._actions.stop_safely(self._lowering())
            raise

    async def _await_stop(self) -> None:
        await self._stop.wait()
        notify.notify("STOPPING=1")
        await self._actions.stop_safely(lowering=False)
        raise Stop

    def _lowering(self) -> bool:
        lane = self.loop.lane
        return lane is not None and lane.travel is not None and lane.travel.movement == "lower"

    def _end(self) -> None:
        for task in self._tasks:
            task.cancel()
        with contextlib.suppress(JournalError):
            if self.loop.lane is not None:
                self.loop.snapshot()
        for outbox in self._outboxes.values():
            outbox.journal.close()

    # --- what the loop calls ------------------------------------------------------------------------------

    def _act(self, lane: Lane, facts: list[Fact]) -> None:
        self._actions.follow(lane)
        if self._chips is not None:
            self._chips.follow(lane)
        self._senses.follow(lane)
        self._eraser.follow(facts)

    def _publish(self) -> None:
        if self.uplink is not None:
            self.uplink.publish()

    # --- what devices say ---------------------------------------------------------------------------------

    def _health(
        self, name: str, role: DeviceRole, place: Place | None, health: Health, reason: Reason
    ) -> None:
        if health is Health.DEGRADED:
            self._senses.lost(name, frozen=reason.code == "frozen")
        self.loop.post(DeviceChanged(self.clock.stamp(), name, role, health, reason, place))
        if role is DeviceRole.PLATE_CAMERA and health is Health.GOOD:
            for camera in self.equipment.cameras:
                if camera.name == name:
                    self._spawn(self._actions.tell_camera(camera))

    def _plate_seen(self, seen: Seen) -> None:
        """The evidence of a plate is the frame it was read in, not what the camera shows by then."""
        fact, frame = seen.fact, seen.frame
        picture = media_of(frame.picture, fact.device) if frame else ()
        crop = media_of(seen.crop, fact.device)
        crops = [media_of(one, fact.device) for one in seen.crops]
        fact = replace(fact, picture=name_of(picture), crop=name_of(crop))
        if fact.vote is not None and crops:
            fact = replace(fact, vote=fact.vote.pictured([name_of(one) for one in crops]))
        self.loop.post(fact, (*picture, *crop, *chain.from_iterable(crops)))

    def _look(self, camera: str, on: bool) -> None:
        self._actions.look(camera, on)

    def _page_seen(self, device: str, page: PageRead) -> None:
        self._pages.seen(self.equipment.watches[device], page)

    def _passage(self) -> int | None:
        """The number of the passage that owns what is read at the deck and the arm."""
        lane = self.loop.lane
        return lane.passage.number if lane is not None and lane.passage is not None else None

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self._hold(asyncio.create_task(work))

    def _hold(self, task: asyncio.Task[Any]) -> None:
        """Until it is done: what still runs at the end is cancelled."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- what the uplink asks -----------------------------------------------------------------------------

    def state_message(self, audience: Audience) -> bytes:
        lane = self.loop.lane
        if lane is None:
            return b""
        state = views.lane_state(lane, audience)
        devices = tuple(one.model_copy(update={"age_s": self.age_s(one.device)}) for one in state.devices)
        backlog = sum(outbox.backlog for outbox in self._outboxes.values())
        kept = tuple(
            KeptJournal(journal=id, first_sequence=box.journal.anchor_sequence + 1)
            for id, box in self._outboxes.items()
        )
        update = {"at": self.clock.stamp(), "devices": devices, "backlog": backlog, "kept": kept}
        return state.model_copy(update=update).model_dump_json().encode()

    def age_s(self, device: str) -> float | None:
        """Seconds since the last good reading of a device; None before any."""
        watch = self.equipment.watches.get(device)
        if watch is None or watch.last_good_s is None:
            return None
        return round(self.clock.mono_s() - watch.last_good_s, 3)

    def status_message(self) -> Status:
        return Status(status="online", at=self.clock.stamp(), boot=self.clock.boot)

    def command_arrived(self, payload: bytes) -> Reply | None:
        return self.desk.take(payload)

    def live_asked(self, payload: bytes) -> Reply | None:
        return self.live.take(payload) if self.live is not None else None

    def store_ahead(self, ack: Ack) -> None:
        log.error("a store has events that this journal lost", store=ack.store, contiguous=ack.contiguous)
        trouble = Trouble(Priority.HIGH, Reason(code="journal_tail_lost"))
        self._upkeep.troubles.set("journal_tail_lost", trouble)

    # --- what the local socket asks -----------------------------------------------------------------------

    async def _status(self, _: dict[str, Any]) -> dict[str, Any]:
        return report(self)


def standing_troubles(lane: Lane | None) -> dict[str, Priority]:
    """The troubles that the lane still shows from before the start."""
    alarms = lane.alarms if lane is not None else ()
    return {alarm.subject: alarm.priority for alarm in alarms if alarm.kind == "trouble"}
