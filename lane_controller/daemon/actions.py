"""Making the world follow the views: lamps, orders, requests, watching cameras.

Called after each commit with the state as it is now.  What was begun is remembered by id, so that an order is
carried out at most once and a question asked once; what came of them is told to the lane as a fact.
"""

import asyncio
import hashlib
import json
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, Literal

import structlog

from drivers.errors import DeviceError, DeviceRefused
from drivers.plate_camera import PlateCamera
from drivers.signal import Lamp, Signal
from lane_controller.daemon.clock import Clock
from lane_controller.daemon.equipment import Equipment
from lane_controller.daemon.loop import Media
from lane_controller.lane import views
from lane_controller.lane.facts import Fact, OrderDone, PictureTaken, RegisterAnswered, RequestFailed
from lane_controller.lane.state import Lane, Order, Request
from lane_controller.messages.parts import Reason
from lane_controller.messages.words import Audience, Health

log = structlog.get_logger()

READ_S = 1.0
"""A clearance sensor that does not answer a fresh reading by then counts as covered."""
PULSE_S = 3.0
"""A board that has not confirmed a pulse by then: nobody knows whether the contact closed."""
PICTURE_S = 2.0
ANSWER_BYTES_MAX = 16 * 1024
"""A register's answer above this would make an event that no broker carries."""
MEDIA_BYTES_MAX = 256 * 1024
ORDERS_KEPT = 100
"""Ids of orders begun; an id never comes again, and the view shows one order at a time."""

Post = Callable[[Fact, Media], None]


def media_of(picture: bytes, device: str) -> Media:
    """A device's picture for the journal, named by its hash; () for none, or one that no store would take."""
    if len(picture) > MEDIA_BYTES_MAX:
        log.warning("picture is too large to be kept", device=device, bytes=len(picture))
    if not 0 < len(picture) <= MEDIA_BYTES_MAX:
        return ()
    return ((hashlib.sha256(picture).hexdigest(), Audience.LANE, picture),)


def name_of(media: Media) -> str | None:
    """The hash of what `media_of` gave."""
    return media[0][0] if media else None


class Actions:
    def __init__(self, equipment: Equipment, clock: Clock, post: Post, spawn: Callable[[Any], Any]) -> None:
        """`spawn` starts a task in the daemon's task group."""
        self._equipment, self._clock, self._post, self._spawn = equipment, clock, post, spawn
        self._lamp = Lamp.RED
        self._lamp_changed = asyncio.Event()
        self._order: Order | None = None
        self._orders_begun = deque[str](maxlen=ORDERS_KEPT)
        self._asking: set[str] = set()
        self._wanted: dict[str, bool] = {}
        self._looking: dict[str, bool] = {}
        self._watching: dict[str, bool] = {}
        self._stopped = False

    def follow(self, lane: Lane) -> None:
        """Compare the views with what was done, and start what is missing."""
        lamp = Lamp(views.lamp(lane))
        if lamp is not self._lamp:
            self._lamp = lamp
            self._lamp_changed.set()
        self._order = views.order(lane)
        if self._order is not None and self._order.id not in self._orders_begun:
            self._orders_begun.append(self._order.id)
            self._start(self._carry_out(self._order), f"order {self._order.id}")
        wanted = [one for one in views.requests(lane) if one.kind != "chip"]
        for request in wanted:
            if request.id not in self._asking:
                self._asking.add(request.id)
                self._start(self._ask(request), f"request {request.id}")
        self._asking &= {request.id for request in wanted}
        self._watch(lane)

    def _start(self, work: Coroutine[Any, Any, None], name: str) -> None:
        if self._stopped:
            work.close()
        else:
            self._spawn(asyncio.create_task(work, name=name))

    # --- the arm ------------------------------------------------------------------------------------------

    async def _carry_out(self, order: Order) -> None:
        result, code = await self._move(order)
        reason = Reason(code=code) if code else None
        log.info("order", order=order.id, movement=order.movement, result=result, reason=code)
        self._post(OrderDone(self._clock.stamp(), order.id, result, reason), ())

    async def _move(self, order: Order) -> tuple[Literal["done", "refused", "unknown"], str]:
        barrier = self._equipment.barrier
        if barrier is None or not self._equipment.running(barrier.name):
            return "refused", "barrier_lost"
        if order.movement == "lower" and (problem := await self._not_clear()):
            return "refused", problem
        if self._stopped or self._order is None or self._order.id != order.id:
            return "refused", "withdrawn"
        try:
            async with asyncio.timeout(PULSE_S):
                await (barrier.raise_arm() if order.movement == "raise" else barrier.lower_arm())
        except DeviceRefused as error:
            log.warning("order refused by its device", order=order.id, error=str(error))
            return "refused", "barrier_refused"
        except (DeviceError, TimeoutError) as error:
            log.warning("order not confirmed", order=order.id, error=str(error))
            return "unknown", "not_confirmed"
        except Exception as error:  # a driver's bug: whether the contact closed is not known
            log.error("driver's bug at an order", order=order.id, exc_info=error)
            return "unknown", "not_confirmed"
        return "done", ""

    async def _not_clear(self) -> str:
        """Why the arm must not be lowered now, by fresh readings of every clearance sensor; "" when clear."""
        sensors = self._equipment.clearance
        if not sensors:
            return "no_clearance_sensor"
        if any(self._equipment.watches[sensor.name].health is not Health.GOOD for sensor in sensors):
            return "clearance_lost"
        try:
            async with asyncio.timeout(READ_S):
                covered = await asyncio.gather(*(sensor.read() for sensor in sensors))
        except Exception as error:  # whatever it is, nobody has seen the place clear
            log.warning("clearance could not be read", error=str(error))
            return "clearance_lost"
        return "clearance_covered" if any(covered) else ""

    # --- lamps --------------------------------------------------------------------------------------------

    async def show(self, signal: Signal) -> None:
        """Keep one light at the lamp that is wished; green is refreshed, and falls to red by itself."""
        while True:
            self._lamp_changed.clear()
            lamp = Lamp.RED if self._stopped else self._lamp
            await self._show_once(signal, lamp)
            try:
                async with asyncio.timeout(signal.refresh_s):
                    await self._lamp_changed.wait()
            except TimeoutError:
                continue

    async def _show_once(self, signal: Signal, lamp: Lamp) -> None:
        if not self._equipment.running(signal.name):
            return
        try:
            async with asyncio.timeout(PULSE_S):
                await signal.show(lamp)
        except (DeviceError, TimeoutError) as error:
            log.debug("light not confirmed", device=signal.name, lamp=lamp, error=str(error))
        except Exception as error:  # a driver's bug must not take the other lights with it
            log.error("driver's bug at a light", device=signal.name, exc_info=error)

    # --- requests -----------------------------------------------------------------------------------------

    async def _ask(self, request: Request) -> None:
        if request.kind == "picture":
            await self._take_picture(request)
            return
        fact = await self._answer(request)
        if isinstance(fact, RequestFailed):
            log.warning("register gave no answer", kind=request.kind, reason=fact.reason.code)
        self._post(fact, ())

    async def _answer(self, request: Request) -> RegisterAnswered | RequestFailed:
        register = self._equipment.registers.get(request.kind)
        if register is None:
            return self._failed(request, "no_register")
        watch = self._equipment.watches[register.name]
        left_s = (request.deadline_s - self._clock.mono_s()) / self._clock.speed
        try:
            async with asyncio.timeout(max(left_s, 0.0)):
                answer = await register.ask(request.kind, dict(request.values))
            text = json.dumps(answer.hits, allow_nan=False, ensure_ascii=False).encode()
        except TimeoutError:
            watch.used("silent")
            return self._failed(request, "no_answer_in_time")
        except DeviceError as error:
            watch.used("unavailable", str(error))
            return self._failed(request, "register_unavailable")
        except Exception as error:  # a driver's bug, or an answer that is not JSON
            log.error("register's driver has a bug", device=register.name, exc_info=error)
            watch.used("bug")
            return self._failed(request, "register_unavailable")
        watch.used("")
        if len(text) > ANSWER_BYTES_MAX:
            return self._failed(request, "answer_too_large")
        hits = tuple(json.loads(text))
        return RegisterAnswered(self._clock.stamp(), request.id, hits, answer.as_of)

    def _failed(self, request: Request, code: str) -> RequestFailed:
        return RequestFailed(self._clock.stamp(), request.id, Reason(code=code))

    # --- cameras ------------------------------------------------------------------------------------------

    def _watch(self, lane: Lane) -> None:
        for camera in self._equipment.cameras:
            self._wanted[camera.name] = views.wants_plates(lane, self._equipment.sides[camera.name])
        self._tell_cameras()

    def look(self, name: str, on: bool) -> None:
        """Have a camera read plates though the lane wants none, or no longer."""
        self._looking[name] = on
        self._tell_cameras()

    def _tell_cameras(self) -> None:
        for camera in self._equipment.cameras:
            wanted = self._wanted.get(camera.name, False) or self._looking.get(camera.name, False)
            if wanted is not self._watching.get(camera.name):
                self._watching[camera.name] = wanted
                self._start(self.tell_camera(camera), f"watch {camera.name}")

    async def tell_camera(self, camera: PlateCamera) -> None:
        """Make a camera watch or rest as wanted; also when it has come back."""
        if not self._equipment.running(camera.name):
            return
        try:
            async with asyncio.timeout(PICTURE_S):
                await camera.watch(self._watching.get(camera.name, False))
        except (DeviceError, TimeoutError) as error:
            log.debug("camera not told", device=camera.name, error=str(error))

    async def _take_picture(self, request: Request) -> None:
        for camera in self._equipment.cameras:
            media = await self._picture(camera)
            if media:
                fact = PictureTaken(self._clock.stamp(), request.id, camera.name, media[0][0])
                self._post(fact, media)
                return
        self._post(self._failed(request, "no_picture"), ())

    async def _picture(self, camera: PlateCamera) -> Media:
        """The newest frame as media for the journal; () when there is none."""
        if not self._equipment.running(camera.name):
            return ()
        try:
            async with asyncio.timeout(PICTURE_S):
                data = await camera.picture()
        except (DeviceError, TimeoutError) as error:
            log.debug("no picture", device=camera.name, error=str(error))
            return ()
        return media_of(data, camera.name)

    # --- the end ------------------------------------------------------------------------------------------

    async def stop_safely(self, lowering: bool) -> None:
        """Without a journal: nothing more is begun, the lights go red, a lowering is cancelled."""
        self._stopped = True
        self._order = None
        self._lamp_changed.set()
        barrier = self._equipment.barrier
        work: list[Coroutine[Any, Any, None]] = [
            self._show_once(signal, Lamp.RED) for signal in self._equipment.signals
        ]
        if lowering and barrier is not None and self._equipment.running(barrier.name):
            work.append(self._stop_arm())
        await asyncio.gather(*work)

    async def _stop_arm(self) -> None:
        barrier = self._equipment.barrier
        try:
            async with asyncio.timeout(PULSE_S):
                assert barrier is not None
                await barrier.stop_arm()
        except (DeviceError, TimeoutError) as error:
            log.warning("lowering not stopped", error=str(error))
