"""A scripted operator: what the people at the desks do, so that traffic flows by itself.

It looks at what lanes publish and at who truly stands there (an officer in the booth sees the persons in a
car).  It states persons, releases holds for each agency, lets second line lift referrals, and after a while
ends the wait for a reading that does not come.  How its commands travel is a `Desk`'s business.
"""

import asyncio
import base64
import json
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

import structlog
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from simulators.lane_toml import agencies
from simulators.pki import CommandKey
from simulators.recorder import Event, Recorder

log = structlog.get_logger()

COMMAND_S = 10.0
"""How long a command lives."""


AGAIN_S = 0.7
"""How soon the same passage is looked at again after a command."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody at a desk asks of a lane."""

    lane: str
    kind: str
    passage: int | None
    agency: str
    second_line: bool
    reason: str
    extra: Mapping[str, Any] = field(default_factory=dict[str, Any])


class Desk(Protocol):
    """Where commands are given.  `ask` raises ConnectionError when it can't be asked now."""

    async def ask(self, wish: Wish) -> None: ...


class SigningDesk:
    """Signs commands with the site's key and publishes them, as a dashboard would."""

    def __init__(self, site: str, recorder: Recorder, key: CommandKey) -> None:
        loaded = serialization.load_pem_private_key(key.private.read_bytes(), password=None)
        if not isinstance(loaded, Ed25519PrivateKey):
            raise TypeError(f"{key.private} is no Ed25519 key")
        self._key, self._key_id = loaded, key.key_id
        self._site = site
        self._recorder = recorder

    async def ask(self, wish: Wish) -> None:
        record = self._recorder.lanes[wish.lane]
        command = {
            "id": uuid.uuid4().hex,
            "site": self._site,
            "lane": wish.lane,
            "journal": record.journal,
            "kind": wish.kind,
            "passage": wish.passage,
            "seen": record.last,
            "by": {
                "operator": "scripted",
                "role": "second_line" if wish.second_line else "operator",
                "agency": wish.agency,
                "workplace": "simulation",
            },
            "reason": {"code": wish.reason},
            "expires": {"boot": record.boot, "mono_s": record.mono_s() + COMMAND_S},
            **wish.extra,
        }
        payload = json.dumps(command).encode()
        signed = {
            "key_id": self._key_id,
            "payload": base64.b64encode(payload).decode("ascii"),
            "signature": base64.b64encode(self._key.sign(payload)).decode("ascii"),
        }
        await self._recorder.publish(wish.lane, "command", json.dumps(signed).encode())


@dataclass(frozen=True, slots=True)
class Plan:
    """What the operator does, and `after_s` real seconds of looking at it first.

    `patience_s`: a passage that is not decided for so long is held, which ends the wait for its readings.
    `modes`: opens a lane again that went to manual once all its devices are good, and closes one for a moment
    that has waited for `left_behind_s` for a vehicle which has gone.  `alarms_s`: after how long an alarm is
    acknowledged.
    """

    persons: bool = True
    holds: bool = True
    refers: bool = True
    modes: bool = True
    after_s: float = 2.0
    patience_s: float = 25.0
    alarms_s: float = 20.0
    left_behind_s: float = 20.0


class ScriptedOperator:
    """Looks every `EVERY_S` at each lane's passage.  `persons_in(lane)` says how many travellers stand there,
    0 when nobody does, None when nobody is in the lane at all; `profiles` by lane."""

    EVERY_S = 0.25

    def __init__(
        self,
        desk: Desk,
        recorder: Recorder,
        profiles: Mapping[str, str],
        persons_in: Callable[[str], int | None],
        plan: Plan,
    ) -> None:
        self.asked = 0
        self._desk = desk
        self._recorder = recorder
        self._profiles = dict(profiles)
        self._persons_in = persons_in
        self._plan = plan
        self._task: asyncio.Task[None] | None = None
        self._since: dict[str, tuple[tuple[int, str, int], float]] = {}
        self._turns: dict[str, tuple[int, int]] = {}
        self._modes: dict[tuple[str, str], float] = {}
        self._alarms: dict[tuple[str, str], float] = {}

    async def start(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="scripted operator")

    async def stop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            for lane in self._profiles:
                try:
                    for wish in self.wishes(lane, time.monotonic()):
                        self.asked += 1
                        await self._desk.ask(wish)
                except ConnectionError as error:
                    log.debug("operator.not_connected", lane=lane, error=str(error))
            await asyncio.sleep(self.EVERY_S)

    def wishes(self, lane: str, now_s: float) -> list[Wish]:
        """What to ask of this lane at `now_s` (monotonic): each thing once for what is to be seen, and again
        when that changed or nothing came of it for some seconds."""
        state = self._recorder.lanes[lane].state
        return [
            *self._about_passage(lane, state.get("passage"), now_s),
            *self._about_mode(lane, state, now_s),
            *self._about_alarms(lane, state, now_s),
        ]

    def _about_mode(self, lane: str, state: Mapping[str, Any], now_s: float) -> list[Wish]:
        mode = self._wanted_mode(lane, state) if self._plan.modes else ""
        since_s = self._modes.setdefault((lane, mode), now_s)
        for key in [key for key in self._modes if key[0] == lane and key[1] != mode]:
            del self._modes[key]
        patience_s = self._plan.left_behind_s if mode == "closed" else self._plan.after_s
        if not mode or now_s - since_s < patience_s:
            return []
        self._modes[lane, mode] = now_s + 3.0
        reason = "start_of_work" if mode == "open" else "incident"
        return [Wish(lane, "mode", None, "border", False, reason, {"mode": mode})]

    def _wanted_mode(self, lane: str, state: Mapping[str, Any]) -> str:
        """`closed` for a lane that waits for somebody who is not there any more (it ends such a passage),
        `open` for one that is shut though all its devices are good; "" to leave it as it is."""
        devices: list[Mapping[str, Any]] = list(state.get("devices", ()))
        well = all(device.get("health") != "degraded" for device in devices)
        if state.get("mode") in ("manual", "closed"):
            return "open" if well else ""
        passage = state.get("passage")
        left_behind = isinstance(passage, dict) and self._persons_in(lane) is None
        return "closed" if left_behind else ""

    def _about_alarms(self, lane: str, state: Mapping[str, Any], now_s: float) -> list[Wish]:
        alarms: list[Mapping[str, Any]] = list(state.get("alarms", ()))
        standing = {str(alarm["alarm"]) for alarm in alarms if alarm.get("acknowledged_by") is None}
        for key in [key for key in self._alarms if key[0] == lane and key[1] not in standing]:
            del self._alarms[key]
        due = [
            alarm
            for alarm in sorted(standing)
            if now_s - self._alarms.setdefault((lane, alarm), now_s) >= self._plan.alarms_s
        ]
        for alarm in due:
            self._alarms[lane, alarm] = now_s
        return [Wish(lane, "acknowledge", None, "border", False, "seen", {"alarm": alarm}) for alarm in due]

    def _about_passage(self, lane: str, passage: object, now_s: float) -> list[Wish]:
        if not isinstance(passage, dict):
            self._since.pop(lane, None)
            return []
        passage = cast("dict[str, Any]", passage)
        number, phase = int(passage["passage"]), str(passage["phase"])
        seen = (number, phase, len(passage.get("checks", ())))
        before, since_s = self._since.get(lane, (None, now_s))
        if before != seen:
            self._since[lane] = (seen, now_s)
            return []
        wish = self._decide(lane, number, phase, passage, now_s - since_s)
        if wish is None:
            return []
        # Looked at again soon: the next agency's turn, or a command that was lost or superseded.
        self._since[lane] = (seen, now_s - self._plan.after_s + AGAIN_S)
        return [wish]

    def _decide(
        self, lane: str, number: int, phase: str, passage: Mapping[str, Any], waited_s: float
    ) -> Wish | None:
        """One thing at a time: each command is about the evidence that was seen, and the one before changed
        it."""
        plan = self._plan
        if waited_s < plan.after_s:
            return None
        if phase == "gathering":
            unknown = self._profiles[lane] in ("car", "coach") and passage.get("persons") is None
            persons = self._persons_in(lane)
            if unknown and persons and plan.persons:
                return Wish(lane, "persons", number, "border", False, "counted", {"persons": persons})
            if waited_s > plan.patience_s and plan.holds:
                return Wish(lane, "hold", number, "border", False, "needs_checking_by_hand")
        elif (phase == "held" and plan.holds) or (phase == "referred" and plan.refers):
            agency = self._next_agency(lane, number, passage)
            return Wish(lane, "release", number, agency, phase == "referred", "checked_by_hand")
        return None

    def _next_agency(self, lane: str, number: int, passage: Mapping[str, Any]) -> str:
        """An agency that has not agreed yet: one that a reason names, or for reasons of the lane itself each
        in turn."""
        reasons: list[Mapping[str, Any]] = list(passage.get("reasons", ()))
        named = [reason.get("parameters", {}).get("agency") for reason in reasons]
        candidates = [str(agency) for agency in dict.fromkeys(named) if agency] or agencies(
            self._profiles[lane]
        )
        before, turn = self._turns.get(lane, (number, -1))
        turn = turn + 1 if before == number else 0
        self._turns[lane] = (number, turn)
        return candidates[turn % len(candidates)]


def first_decision(events: list[Event]) -> str | None:
    """What the machine made of a passage: its last decision before anybody else decided; None for none."""
    decision: str | None = None
    for event in events:
        data = event["data"]
        if data.get("type") == "passage.decided":
            if data.get("by") is not None:
                break
            decision = str(data["decision"])
    return decision
