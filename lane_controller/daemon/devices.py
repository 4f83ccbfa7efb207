"""Supervision: one task a device, from open to close and again.

A device that hangs, raises, floods, freezes or vanishes hurts nothing but its own role: whatever comes out of
a driver ends here, as a change of health.  The first failure of a spell is a warning, the rest is debug; a
bug is logged with its trace, a lost line is not.
"""

import asyncio
import random
from collections.abc import Callable
from enum import StrEnum
from typing import Any

import structlog

from drivers.device import Device
from drivers.errors import (
    DeviceFault,
    DeviceRefused,
    DeviceTimeout,
    DeviceUnavailable,
    ProtocolError,
)
from lane_controller.daemon.backoff import WELL_S, backoff_s
from lane_controller.messages.parts import Reason
from lane_controller.messages.words import Health

log = structlog.get_logger()

CLOSE_S = 1.5
"""A driver promises to close within a second."""
GRACE_S = 1.0
"""Past its `open_s` or `silent_s` a driver should have raised by itself; after this much more it hangs."""

CODES: tuple[tuple[type[Exception], str], ...] = (
    (DeviceUnavailable, "unavailable"),
    (DeviceTimeout, "silent"),
    (DeviceFault, "fault"),
    (DeviceRefused, "refused"),
    (ProtocolError, "protocol"),
)


class State(StrEnum):
    WAITING = "waiting"
    """For the next try."""
    OPENING = "opening"
    RUNNING = "running"
    CLOSED = "closed"


class Hung(Exception):
    """A driver that neither yields nor raises."""


class Watch:
    """One device's supervisor.

    `on_reading(reading)` is called for each good reading and `on_health(health, reason)` when the health
    changes; both are quick and raise nothing."""

    def __init__(
        self,
        device: Device[Any],
        on_reading: Callable[[Any], None],
        on_health: Callable[[Health, Reason], None],
        *,
        now_s: Callable[[], float],
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.device = device
        self.state = State.CLOSED
        self.health = Health.UNKNOWN
        self.reason = Reason(code="not_heard_yet")
        self.last_good_s: float | None = None
        self.last_error = ""
        self.failures = 0
        self._on_reading, self._on_health = on_reading, on_health
        self._now_s, self._chance = now_s, chance
        self._frozen = False
        self._progress_s = 0.0

    async def run(self) -> None:
        """Until cancelled.  Raises nothing else."""
        try:
            while True:
                began_s = self._now_s()
                error = await self._session()
                if self._now_s() - began_s > WELL_S:
                    self.failures = 0
                self._failed(error)
                self.state = State.WAITING
                refused = isinstance(error, DeviceRefused)
                await asyncio.sleep(backoff_s(self.failures, self._chance(), refused=refused))
        finally:
            await self._close()
            self.state = State.CLOSED

    async def _session(self) -> Exception:
        """Open and read until it fails; the failure is returned, never raised.

        In a task of its own, so that a driver that neither yields nor raises, and even one that swallows its
        cancellation, is left behind."""
        loop = asyncio.get_running_loop()
        self.state, self._progress_s = State.OPENING, loop.time()
        task = asyncio.create_task(self._open_and_read(), name=f"device {self.device.name}")
        try:
            while not task.done():
                limit_s = self._limit_s()
                left_s = None if limit_s is None else self._progress_s + limit_s - loop.time()
                if left_s is not None and left_s <= 0:
                    return Hung(f"nothing came for {limit_s:.1f} s, not even an error")
                await asyncio.wait({task}, timeout=left_s)
        finally:
            await self._end(task)
        return _failure(task)

    def _limit_s(self) -> float | None:
        """For how long nothing may come now; None for ever."""
        own_s = self.device.open_s if self.state is State.OPENING else self.device.silent_s
        return None if own_s is None else own_s + GRACE_S

    async def _open_and_read(self) -> None:
        loop = asyncio.get_running_loop()
        await self.device.open()
        self.state, self._progress_s = State.RUNNING, loop.time()
        if self.device.silent_s is None:
            self._tell(Health.UNKNOWN, Reason(code="connected"))
        async for reading in self.device.readings():
            self._progress_s = loop.time()
            self.last_good_s = self._now_s()
            if self.health is not Health.GOOD and not self._frozen:
                self._recovered()
            self._on_reading(reading)

    def _recovered(self) -> None:
        if self.failures:
            log.info("device is back", device=self.device.name, after_failures=self.failures)
        self._tell(Health.GOOD, Reason(code="good"))

    @property
    def running(self) -> bool:
        """Open and not given up: what is asked of the device now may reach it."""
        return self.state is State.RUNNING

    def used(self, problem: str, text: str = "") -> None:
        """What came of using a device that speaks only when used: a problem's code, "" for none."""
        if problem:
            self.last_error = text
            self._tell(Health.DEGRADED, Reason(code=problem))
        else:
            self.last_good_s = self._now_s()
            self._tell(Health.GOOD, Reason(code="good"))

    def freeze(self, frozen: bool, code: str = "frozen") -> None:
        """What senses the readings says that they stand still (or no longer): alive, and yet not well."""
        self._frozen = frozen
        if frozen:
            self._tell(Health.DEGRADED, Reason(code=code))
        elif self.state is State.RUNNING:
            self._tell(Health.GOOD, Reason(code="good"))

    def _failed(self, error: Exception) -> None:
        self.failures += 1
        self._frozen = False
        self.last_error = str(error)
        code = next((code for kind, code in CODES if isinstance(error, kind)), "bug")
        if isinstance(error, Hung):
            code = "hung"
        where = {"device": self.device.name, "model": self.device.model, "failures": self.failures}
        if code == "bug":
            log.error("device's driver has a bug", exc_info=error, **where)
        elif self.failures == 1:
            log.warning("device lost", error=self.last_error, **where)
        else:
            log.debug("device still lost", error=self.last_error, **where)
        self._tell(Health.DEGRADED, Reason(code=code))

    def _tell(self, health: Health, reason: Reason) -> None:
        if (health, reason) != (self.health, self.reason):
            self.health, self.reason = health, reason
            self._on_health(health, reason)

    async def _end(self, task: asyncio.Task[None]) -> None:
        """Cancel a session and close the device, without waiting for a driver that does not answer."""
        if not task.done():
            task.cancel()
            await asyncio.wait({task}, timeout=CLOSE_S)
            if not task.done():
                log.error("driver ignores its cancellation: it is left behind", device=self.device.name)
        await self._close()

    async def _close(self) -> None:
        try:
            async with asyncio.timeout(CLOSE_S):
                await self.device.close()
        except TimeoutError:
            log.error("driver does not close", device=self.device.name)
        except Exception as error:  # a driver promises never to raise here
            log.error("driver raised while closing", device=self.device.name, exc_info=error)


def _failure(task: asyncio.Task[None]) -> Exception:
    if task.cancelled():
        return Hung("its driver cancelled itself")
    failure = task.exception()
    if isinstance(failure, Exception):
        return failure
    return Hung("its readings ended by themselves")
