"""Stills for somebody who looks: small pictures of a camera for a minute, never kept and never in the way.

They are no evidence: nothing of them becomes a fact, a row or a file.  One of all cameras a second keeps them
under STILLS_BYTES_PER_S; none is taken while another is on its way or while anything that is to be kept waits
(facts, events, evidence), and a slow line gets smaller ones.
"""

import asyncio
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import Protocol

import structlog

from drivers.errors import DeviceError, DeviceRefused
from drivers.plate_camera import PlateCamera
from lane_controller.daemon.clock import Clock
from lane_controller.daemon.commands import Refused, Verifier
from lane_controller.daemon.equipment import Equipment
from lane_controller.daemon.sensing.flood import Allowance
from lane_controller.messages.command import LIVE_S, LiveRequest, Reply
from lane_controller.messages.parts import Reason
from lane_controller.messages.rights import LIVE_ROLES
from lane_controller.messages.words import Answer

log = structlog.get_logger()

EXPIRY_MAX_S = 300.0
"""No request may live longer: its id must be remembered for as long as it could be repeated."""
IDS_KEPT = 1_000
ANSWERS_PER_S = 2.0
ANSWERS_BURST = 10.0
STILL_S = 3.0
"""A camera that gives no picture by then gives none."""
SPACING_S = 1.0
STILL_BYTES = (8_000, 30_000, 56_000)
"""The smallest, the first and the largest a still may be: with its envelopes under STILLS_BYTES_PER_S."""
SENT_S = 0.5
"""What a still should take to the broker."""
QUIET_S = 0.2
"""A fact that has waited so long says that the lane has enough to do."""


class Line(Protocol):
    """What of the uplink sends stills."""

    @property
    def busy(self) -> bool: ...

    async def send_still(self, camera: str, jpeg: bytes) -> bool: ...


class LiveDesk:
    """Takes requests off the wire and sends stills while they last."""

    def __init__(
        self,
        equipment: Equipment,
        clock: Clock,
        verifier: Verifier,
        line: Line,
        waits_s: Callable[[], float],
        sequence: Callable[[], int],
    ) -> None:
        """`waits_s` is how long a fact has waited for the lane, `sequence` the journal's last event."""
        self._equipment, self._clock, self._verifier = equipment, clock, verifier
        self._line, self._waits_s, self._sequence = line, waits_s, sequence
        self._cameras = {camera.name: camera for camera in equipment.cameras}
        self._looks: dict[str, tuple[str, float]] = {}
        """Through which camera an operator looks, and until when: one at a time."""
        self._seen = OrderedDict[str, None]()
        self._answers = Allowance(ANSWERS_PER_S, ANSWERS_BURST)
        self._asked = asyncio.Event()
        self._bytes_max = STILL_BYTES[1]
        self.counts: Counter[str] = Counter()
        """Stills sent, and left out by reason; `borderlane status` shows them."""

    def take(self, payload: bytes) -> Reply | None:
        """Begin, or go on for another LIVE_S.  None: in a flood of requests not all are answered."""
        found = self._verifier.verify_live(payload)
        if isinstance(found, Refused):
            return self._reply(found.id, found.reason.code)
        if (code := self._against(found)) is None:
            self._seen[found.id] = None
            if len(self._seen) > IDS_KEPT:
                self._seen.popitem(last=False)
            self._looks[found.by.operator] = found.camera, time.monotonic() + LIVE_S
            self._asked.set()
            log.info("stills asked for", camera=found.camera)
        return self._reply(found.id, code)

    def _against(self, asked: LiveRequest) -> str | None:
        """Why there are no stills for this request: a reason's code."""
        now_s = self._clock.mono_s()
        if not any(asked.by.role == role.value for role in LIVE_ROLES):
            return "role_may_not"
        if asked.expires.boot != self._clock.boot or not now_s <= asked.expires.mono_s:
            return "stale"
        if asked.expires.mono_s > now_s + EXPIRY_MAX_S:
            return "expires_too_late"
        if asked.id in self._seen:
            return "repeated"
        if asked.camera not in self._cameras:
            return "no_such_camera"
        return None if self._equipment.running(asked.camera) else "camera_lost"

    def _reply(self, id: str, code: str | None) -> Reply | None:
        if not self._answers.take(time.monotonic()):
            return None
        reasons = (Reason(code=code),) if code else ()
        answer = Answer.REFUSED if code else Answer.ACCEPTED
        return Reply(id=id, answer=answer, reasons=reasons, sequence=self._sequence())

    @property
    def wanted(self) -> tuple[str, ...]:
        """The cameras that somebody looks through now."""
        now_s = time.monotonic()
        self._looks = {who: look for who, look in self._looks.items() if look[1] > now_s}
        return tuple(dict.fromkeys(camera for camera, _ in self._looks.values()))

    async def run(self) -> None:
        """Until cancelled.  What a camera or the line does wrong costs a still and nothing else."""
        while True:
            self._asked.clear()
            wanted = self.wanted
            if not wanted:
                await self._asked.wait()
            for name in wanted:
                if self._line.busy or self._waits_s() > QUIET_S:
                    self.counts["left_out_busy"] += 1
                elif jpeg := await self._still(self._cameras[name]):
                    await self._send(name, jpeg)
                await asyncio.sleep(SPACING_S)

    def _end(self, camera: str) -> None:
        self._looks = {who: look for who, look in self._looks.items() if look[0] != camera}

    async def _still(self, camera: PlateCamera) -> bytes:
        try:
            if self._equipment.running(camera.name):
                async with asyncio.timeout(STILL_S):
                    return await camera.still(self._bytes_max)
        except DeviceRefused as error:
            # It never will: who looks finds none, and is not kept waiting.
            self._end(camera.name)
            log.warning("no stills of this camera", camera=camera.name, error=str(error))
        except (DeviceError, TimeoutError) as error:
            log.debug("no still", camera=camera.name, error=str(error))
        except Exception as error:  # a driver's bug
            self._end(camera.name)
            log.error("driver's bug at a still", camera=camera.name, exc_info=error)
        self.counts["left_out_no_picture"] += 1
        return b""

    async def _send(self, name: str, jpeg: bytes) -> None:
        """The size of the next follows from how long this one took."""
        smallest, _, largest = STILL_BYTES
        began_s = time.monotonic()
        sent = await self._line.send_still(name, jpeg)
        self.counts["sent" if sent else "left_out_no_line"] += 1
        took_s = max(time.monotonic() - began_s, 0.01)
        fitting = 2.0 if sent else 0.5
        size = self._bytes_max * min(fitting, SENT_S / took_s)
        self._bytes_max = round(min(largest, max(smallest, size)))
