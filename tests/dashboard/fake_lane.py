"""Lanes that only publish: plausible events, states and pictures for the dashboard's tests and screenshots.

They keep a journal in memory, follow the store's acknowledgements, and answer commands as a lane would.
"""

import asyncio
import base64
import contextlib
import hashlib
import json
import time
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from typing import Any

import aiomqtt
import cv2
import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from drivers.plate_camera.pictures import still_jpeg
from lane_controller.lane.commands import second_person as _second_person
from lane_controller.messages import topics
from lane_controller.messages.command import Ack, Command, LiveRequest, SignedCommand
from lane_controller.messages.words import Audience
from simulators.render import plates
from simulators.render.drives import Kind
from tests import lane_pictures

STATE_EVERY_S = 5.0
HOLD_S = 300.0
SECOND_LINE = (Audience.SECOND_LINE, Audience.AUDIT)


def reason(code: str, **parameters: Any) -> dict[str, Any]:
    return {"code": code, "parameters": parameters}


def check(name: str, agency: str, outcome: str, code: str, source: str, **more: Any) -> dict[str, Any]:
    confidential = more.pop("confidential", False)
    subject = more.pop("subject", "")
    return {
        "check": name,
        "agency": agency,
        "outcome": outcome,
        "reason": reason(code, **more),
        "source": source,
        "subject": subject,
        "confidential": confidential,
    }


def document(**changes: Any) -> dict[str, Any]:
    return {
        "kind": "P",
        "format": "TD3",
        "issuer": "KGZ",
        "number": "AC0123456",
        "nationality": "KGZ",
        "surname": "SAMPLEBEKOV",
        "given_names": "AIBEK",
        "birth": "1987-04-12",
        "sex": "M",
        "expiry": "2031-02-28",
        "status": "verified",
        "wrong_check_digits": [],
        "doubtful": [],
        "lines": [
            "P<KGZSAMPLEBEKOV<<AIBEK<<<<<<<<<<<<<<<<<<<<<",
            "AC01234564KGZ8704126M3102287<<<<<<<<<<<<<<06",
        ],
        **changes,
    }


def plate(text: str, display: str, country: str = "KG") -> dict[str, Any]:
    return {"text": text, "display": display, "country": country, "confidence": 0.97, "frames": 9}


def weight(gross_kg: float) -> dict[str, Any]:
    return {
        "gross_kg": gross_kg,
        "settled_s": 2.4,
        "zero_seen": True,
        "wholly_on_deck": True,
        "scale": "deck-1",
        "verification": "KZ-2026-0417",
        "verified_until": "2027-04-17",
        "raw": "022b303338323530303137" + "03",
    }


def picture(text: str, country: str = "KG", profile: str = "cargo") -> bytes:
    """A frame of a lane camera with the vehicle's plate."""
    kind: Kind = "car" if profile == "car" else "coach" if profile == "coach" else "lorry"
    return lane_pictures.standing(kind, plates.plate(country, text))


def still(text: str, country: str = "KG") -> bytes:
    """The same as somebody who looks gets it."""
    frame = cv2.imdecode(np.frombuffer(picture(text, country), np.uint8), cv2.IMREAD_COLOR)
    return still_jpeg(np.asarray(frame, np.uint8), 56_000)


class FakeLane:
    """One lane.  `clock_off` shifts its wall clock; `journal` may be given to play a replaced card."""

    def __init__(
        self,
        site: str,
        lane: str,
        profile: str = "cargo",
        *,
        journal: str | None = None,
        key: Ed25519PublicKey | None = None,
        clock_off: timedelta = timedelta(0),
        answers: bool = True,
    ) -> None:
        self.site, self.lane, self.profile = site, lane, profile
        self.journal = journal or hashlib.sha256(f"{site}/{lane}".encode()).hexdigest()[:32]
        self.key = key
        self.answers = answers
        self.clock_off = clock_off
        self.boot = "6f1d0c9a-0000-4000-8000-" + self.journal[:12]
        self.events: list[dict[str, Any]] = []
        self.acks: list[Ack] = []
        self.commands: list[Command] = []
        self.looks: list[LiveRequest] = []
        self.refuses_looks = ""
        self.client: aiomqtt.Client | None = None
        self.mode, self.arm, self.lamp, self.shift = "open", "lowered", "red", None
        self.passage: dict[str, Any] | None = None
        self.hidden_checks: list[dict[str, Any]] = []
        self.number = 0
        self.waiting = False
        self.covered: list[str] = []
        self.alarms: list[dict[str, Any]] = []
        self.media: dict[str, tuple[Audience, bytes]] = {}
        self.sent_media: list[str] = []
        self.backlog = 0
        self.two_person_kinds: tuple[str, ...] = ()
        self.devices: dict[str, dict[str, Any]] = {}
        for name, role in (
            ("camera-front", "plate_camera"),
            ("reader", "document_reader"),
            *([("deck-1", "scale")] if profile == "cargo" else []),
            ("barrier", "barrier"),
            ("light", "signal"),
            ("loop-arrival", "presence"),
            ("booking", "register"),
        ):
            self.devices[name] = {
                "device": name,
                "role": role,
                "health": "good",
                "age_s": 0.4,
                "reason": None,
            }

    @property
    def asked(self) -> list[Command]:
        """The commands that came, repeats of an id left out."""
        return list({command.id: command for command in reversed(self.commands)}.values())[::-1]

    def stamp(self, ago_s: float = 0.0) -> dict[str, Any]:
        at = datetime.now(UTC) - timedelta(seconds=ago_s) + self.clock_off
        return {
            "utc": at.isoformat(),
            "boot": self.boot,
            "mono_s": round(time.monotonic() - ago_s, 3),
            "clock": "synchronised",
        }

    def record(
        self, kind: str, audience: Audience = Audience.LANE, /, *, ago_s: float = 0.0, **data: Any
    ) -> dict[str, Any]:
        """Appends an event to the journal; published with `publish`."""
        sequence = len(self.events) + 1
        at = self.stamp(ago_s)
        event = {
            "specversion": "1.0",
            "id": f"{self.journal}/{sequence}",
            "source": f"/{self.site}/{self.lane}",
            "type": f"borderlane.{kind}",
            "time": at["utc"],
            "datacontenttype": "application/json",
            "sequence": sequence,
            "journal": self.journal,
            "rowhash": hashlib.sha256(f"{self.journal}/{sequence}".encode()).hexdigest(),
            "audience": audience.value,
            "boot": self.boot,
            "monos": at["mono_s"],
            "clock": "synchronised",
            "passage": data.get("passage"),
            "maintenance": self.mode == "maintenance",
            "data": {"type": kind, **data},
        }
        self.events.append(event)
        return event

    def state(self, audience: Audience = Audience.LANE) -> dict[str, Any]:
        passage = dict(self.passage) if self.passage else None
        if passage and audience in SECOND_LINE:
            passage["checks"] = [*passage["checks"], *self.hidden_checks]
        return {
            "site": self.site,
            "lane": self.lane,
            "journal": self.journal,
            "sequence": len(self.events),
            "at": self.stamp(),
            "profile": self.profile,
            "direction": "entry",
            "mode": self.mode,
            "arm": self.arm,
            "lamp": self.lamp,
            "passage": passage,
            "waiting": self.waiting,
            "covered": self.covered,
            "devices": list(self.devices.values()),
            "alarms": self.alarms,
            "two_person_kinds": self.two_person_kinds,
            "shift": self.shift,
            "backlog": self.backlog,
            "version": "0.1.0",
        }

    # What happens in the lane, each recorded.

    def start(self, ago_s: float = 0.0) -> None:
        self.record("lane.started", ago_s=ago_s, version="0.1.0", configuration="0" * 64)
        self.record(
            "lane.mode_changed", ago_s=ago_s, mode=self.mode, before="manual", reason=reason("start_complete")
        )

    def arrive(self, ago_s: float = 0.0) -> int:
        self.number += 1
        self.record("passage.arrived", ago_s=ago_s, passage=self.number)
        self.passage = {
            "passage": self.number,
            "phase": "gathering",
            "since": self.stamp(ago_s),
            "plates": [],
            "documents": [],
            "persons": None,
            "weight": None,
            "checks": [],
            "waiting_for": [reason("reading_plate"), reason("reading_document")],
            "decision": None,
            "reasons": [],
            "pictures": [],
        }
        self.covered = ["arrival"]
        return self.number

    def read_plate(
        self,
        text: str,
        display: str,
        country: str = "KG",
        *,
        with_picture: bool = True,
        vote: dict[str, Any] | None = None,
    ) -> None:
        assert self.passage is not None
        sha256 = None
        if with_picture:
            content = picture(text, country, self.profile)
            sha256 = hashlib.sha256(content).hexdigest()
            self.media[sha256] = (Audience.LANE, content)
            self.passage["pictures"] = [sha256]
        seen = plate(text, display, country)
        told: dict[str, Any] = {"plate": seen, "picture": sha256}
        if vote is not None:
            told["vote"] = vote
        self.record("passage.plate", passage=self.number, side="front", **told)
        self.passage["plates"] = [seen]
        self.passage["votes"] = [vote] if vote is not None else []

    def read_document(self, page: tuple[bytes, bytes, dict[str, Any]] | None = None, **changes: Any) -> None:
        """`page`: its picture, its zone's, and how it was read."""
        assert self.passage is not None
        seen = document(**changes)
        person = len(self.passage["documents"]) + 1
        told: dict[str, Any] = {}
        if page is not None:
            names = [hashlib.sha256(content).hexdigest() for content in page[:2]]
            self.media |= {
                name: (Audience.LANE, content) for name, content in zip(names, page[:2], strict=True)
            }
            told = {"picture": names[0], "crop": names[1], "page": page[2]}
        self.record(
            "passage.document", passage=self.number, person=person, device="reader", document=seen, **told
        )
        self.passage["documents"].append(seen)
        self.passage.setdefault("pages", []).append(told or None)

    def read_chip(self, portrait: bytes, reading: dict[str, Any], **changes: Any) -> None:
        """The chip of the last document, which says the same but for `changes`."""
        assert self.passage is not None
        person = len(self.passage["documents"])
        name = hashlib.sha256(portrait).hexdigest()
        self.media[name] = (Audience.LANE, portrait)
        told = {
            "reading": reading,
            "document": {**self.passage["documents"][-1], **changes},
            "portrait": name,
        }
        self.record("passage.chip", passage=self.number, person=person, device="chip", **told)
        self.passage["chips"] = [*(None for _ in range(person - 1)), told]

    def weigh(
        self, gross_kg: float, trace: dict[str, Any] | None = None, axles: dict[str, Any] | None = None
    ) -> None:
        """Without `trace` and `axles` as a lane of an older version does."""
        assert self.passage is not None
        given = {"trace": trace, "axles": axles}
        told = {name: value for name, value in given.items() if value is not None}
        self.record("passage.weight", passage=self.number, weight=weight(gross_kg), **told)
        self.passage["weight"] = weight(gross_kg)

    def conclude(self, result: dict[str, Any]) -> None:
        """A check's result; a confidential one is for second line alone."""
        assert self.passage is not None
        audience = Audience.SECOND_LINE if result["confidential"] else Audience.LANE
        self.record("passage.check", audience, passage=self.number, result=result)
        (self.hidden_checks if result["confidential"] else self.passage["checks"]).append(result)

    def decide(self, decision: str, *reasons: dict[str, Any], by: dict[str, Any] | None = None) -> None:
        assert self.passage is not None
        self.record("passage.decided", passage=self.number, decision=decision, reasons=list(reasons), by=by)
        phase = {"release": "released", "hold": "held", "refer": "referred"}[decision]
        waits = {"release": "to_leave", "hold": "agency", "refer": "second_line"}[decision]
        given = {"agency": "transport"} if waits == "agency" else {}
        self.passage |= {
            "phase": phase,
            "decision": decision,
            "reasons": list(reasons),
            "waiting_for": [reason(waits, **given)],
            "hold_until_mono_s": time.monotonic() + HOLD_S if decision == "hold" else None,
        }

    def move_arm(self, arm: str, permit: str | None = None) -> None:
        self.record("barrier.moved", arm=arm, permit=permit)
        self.arm = arm
        lamp = "green" if arm == "raised" else "red"
        if lamp != self.lamp:
            self.record("lane.lamp_changed", lamp=lamp)
            self.lamp = lamp

    def leave(self, end: str = "departed", ago_s: float = 0.0) -> None:
        self.record(
            "passage.ended", ago_s=ago_s, passage=self.number, end=end, reason=reason("left"), lasted_s=42.0
        )
        self.passage, self.hidden_checks, self.covered = None, [], []
        self.move_arm("lowered")

    def alarm(
        self,
        kind: str,
        priority: str,
        why: dict[str, Any],
        ago_s: float = 0.0,
        *,
        act_within_s: int | None = 30,
        device: str | None = None,
    ) -> str:
        name = f"{kind}-{len(self.events) + 1}"
        raised: dict[str, Any] = {
            "alarm": name,
            "kind": kind,
            "priority": priority,
            "act_within_s": act_within_s,
            "device": device,
            "reason": why,
            "passage": self.number if self.passage and device is None else None,
        }
        self.record("alarm.raised", ago_s=ago_s, **raised)
        self.alarms.append({**raised, "since": self.stamp(ago_s), "acknowledged_by": None})
        return name

    def clear(self, alarm: str) -> None:
        self.record("alarm.cleared", alarm=alarm)
        self.alarms = [one for one in self.alarms if one["alarm"] != alarm]

    def lose(self, device: str, code: str = "no_answer") -> None:
        role = self.devices[device]["role"]
        self.devices[device] |= {"health": "degraded", "reason": reason(code), "age_s": 37.0}
        self.record("device.changed", device=device, role=role, health="degraded", reason=reason(code))

    # The wire.

    async def publish(self, first: int = 1, *, events: bool = True) -> None:
        """Publishes the events from sequence `first` on, the pictures, and the states."""
        client = self.client
        assert client is not None
        if events:
            for audience in Audience:
                mine = [e for e in self.events[first - 1 :] if e["audience"] == audience.value]
                for start in range(0, len(mine), 50):
                    payload = json.dumps(mine[start : start + 50]).encode()
                    await client.publish(topics.event(self.site, self.lane, audience), payload, qos=1)
            for sha256, (audience, content) in list(self.media.items()):
                await client.publish(topics.media(self.site, self.lane, audience, sha256), content, qos=1)
                del self.media[sha256]
                self.sent_media.append(sha256)
        for audience in (Audience.LANE, *SECOND_LINE):
            payload = json.dumps(self.state(audience)).encode()
            await client.publish(topics.state(self.site, self.lane, audience), payload, qos=1, retain=True)

    async def talk(self) -> None:
        """Says its state again and again, as a lane does; until cancelled."""
        while True:
            await asyncio.sleep(STATE_EVERY_S)
            if self.client is not None and self._published:
                await self.publish(events=False)

    async def publish_new(self) -> None:
        """Publishes what was recorded since the last call."""
        first, self._published = self._published + 1, len(self.events)
        await self.publish(first)

    _published = 0

    @contextlib.asynccontextmanager
    async def connected(self, host: str, port: int, **options: Any) -> AsyncGenerator["FakeLane"]:
        """Connected to the broker, online, listening for acknowledgements and commands."""
        will = aiomqtt.Will(topics.status(self.site, self.lane), b'{"status": "offline"}', 1, True)
        async with aiomqtt.Client(host, port, will=will, **options) as client:
            self.client = client
            await client.subscribe(
                [(topic(self.site, self.lane), 1) for topic in (topics.ack, topics.command, topics.live)]
            )
            listening = asyncio.create_task(self._listen(client))
            await client.publish(
                topics.status(self.site, self.lane),
                json.dumps({"status": "online", "at": self.stamp(), "boot": self.boot}).encode(),
                qos=1,
                retain=True,
            )
            try:
                yield self
            finally:
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)
                self.client = None

    async def _listen(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            payload = bytes(message.payload)
            if str(message.topic).endswith("/ack"):
                assert not message.retain, "an acknowledgement was retained"
                self.acks.append(Ack.model_validate_json(payload))
            elif str(message.topic).endswith("/live"):
                await self._live(client, payload)
            else:
                await self._command(client, payload)

    async def _live(self, client: aiomqtt.Client, payload: bytes) -> None:
        signed = SignedCommand.model_validate_json(payload)
        text = base64.b64decode(signed.payload, validate=True)
        if self.key is not None:
            self.key.verify(base64.b64decode(signed.signature), text)
        look = LiveRequest.model_validate_json(text)
        assert (look.expires.boot, look.journal) == (self.boot, self.journal)
        assert look.expires.mono_s > time.monotonic()
        self.looks.append(look)
        refusals = [reason(self.refuses_looks)] if self.refuses_looks else []
        answer = "refused" if refusals else "accepted"
        reply = {"id": look.id, "answer": answer, "reasons": refusals, "sequence": len(self.events)}
        await client.publish(topics.reply(self.site, self.lane), json.dumps(reply).encode(), qos=1)

    async def send_still(self, jpeg: bytes, camera: str = "camera-front") -> None:
        assert self.client is not None
        await self.client.publish(topics.still(self.site, self.lane, Audience.LANE, camera), jpeg, qos=1)

    async def _command(self, client: aiomqtt.Client, payload: bytes) -> None:
        signed = SignedCommand.model_validate_json(payload)
        text = base64.b64decode(signed.payload, validate=True)
        if self.key is not None:
            self.key.verify(base64.b64decode(signed.signature), text)
        command = Command.model_validate_json(text)
        self.commands.append(command)
        if not self.answers or len([one for one in self.commands if one.id == command.id]) > 1:
            return
        by = command.by.model_dump(mode="json")
        answer, refusals = "done", []
        if command.expires.boot != self.boot or command.expires.mono_s < time.monotonic():
            answer, refusals = "refused", [reason("stale")]
        elif command.kind in self.two_person_kinds and (codes := _second_person(command)):
            answer, refusals = "refused", [reason(code) for code in codes]
        elif command.kind == "acknowledge":
            self.record("alarm.acknowledged", alarm=command.alarm, by=by)
            for one in self.alarms:
                if one["alarm"] == command.alarm:
                    one["acknowledged_by"] = command.by.operator
        elif command.kind == "shift":
            responsible = command.by.operator if command.shift == "begin" else None
            self.record("lane.shift_changed", responsible=responsible, before=self.shift, open_holds=[])
            self.shift = responsible
        elif command.kind == "release" and self.passage:
            self.decide("release", by=by)
            self.move_arm("raised", "decision")
        elif command.kind == "raise":
            self.move_arm("raised", "command")
        elif command.kind == "mode" and command.mode:
            self.record(
                "lane.mode_changed", mode=command.mode, before=self.mode, reason=reason("command"), by=by
            )
            self.mode = command.mode
        event = self.record(
            "command.answered",
            command=command.id,
            kind=command.kind,
            answer=answer,
            reasons=refusals,
            by=by,
            second=command.second.model_dump(mode="json") if command.second else None,
            given=command.reason.model_dump(mode="json"),
            passage=command.passage,
        )
        reply = {"id": command.id, "answer": answer, "reasons": refusals, "sequence": event["sequence"]}
        await client.publish(topics.reply(self.site, self.lane), json.dumps(reply).encode(), qos=1)
        await self.publish_new()

    async def acknowledged(self, sequence: int | None = None, seconds: float = 60.0) -> Ack:
        """Waits until the store has everything up to `sequence` (all by default)."""
        wanted = len(self.events) if sequence is None else sequence
        async with asyncio.timeout(seconds):
            while not (self.acks and self.acks[-1].contiguous >= wanted):
                await asyncio.sleep(0.01)
        return self.acks[-1]


# Stories that tests and screenshots share.


_CLIMBED = (
    "0:340 102:2200 202:5500 302:8540 402:10040 502:9800 602:8460 702:7000 802:6120 1002:6500 "
    "1102:7160 1202:7660 1502:7360 1602:7100 2702:7280 2802:8480 2902:11660 3002:15660 3102:18420 "
    "3202:19100 3302:18020 3402:16260 3502:14800 3602:14220 3702:14500 3802:15260 3902:16740 "
    "4002:19800 4102:23760 4202:26680 4302:27560 4402:26640 4502:24900 4602:23400 4702:22740 "
    "4802:22940 4902:23660 5002:24380 5102:24800 5302:24540 5402:24200 8100:24220 8200:24960 "
    "8300:27380 8400:30840 8500:33520 8600:34440 8700:33760 8800:32280 8900:30920 9000:30260 "
    "9100:30380 9200:31020 9300:32520 9400:35500 9500:39000 9600:41340 9700:41800 9800:40800 "
    "9900:39220 10000:37980 10100:37540 10200:37820 10300:38540 10400:40180 10500:43240 10600:46700 "
    "10700:48900 10800:49240 10900:48140 11000:46560 11100:45380 11300:45320 11400:46000 11500:46620 "
    "11900:46260 12000:46080 14000:46320"
)
CLIMBING = {
    name: [int(pair.split(":")[place]) for pair in _CLIMBED.split()]
    for place, name in enumerate(("at_ms", "gross_kg"))
}
"""A lorry of six axles comes onto the deck: its load swings with each, and comes to rest."""


def axle_group(limit: tuple[int, int] | None, *steps: tuple[int, int]) -> dict[str, Any]:
    """`steps` are (milliseconds, kilograms)."""
    lowest_kg, highest_kg = limit or (0, 0)
    source = "KZ: order 342 of 26.03.2015"
    stated = {"lowest_kg": lowest_kg, "highest_kg": highest_kg, "source": source, "verified": False}
    return {
        "steps": [{"at_ms": at_ms, "load_kg": kg, "uncertainty_kg": 928} for at_ms, kg in steps],
        "load_kg": sum(kg for _, kg in steps),
        "uncertainty_kg": round(928 * len(steps) ** 0.5),
        "limit": stated if limit else None,
    }


AXLES = {
    "groups": [
        axle_group((10_000, 10_000), (102, 7240)),
        axle_group((12_000, 16_000), (2852, 8480), (3952, 8480)),
        axle_group((22_500, 22_500), (8252, 7320), (9352, 7330), (10_452, 7470)),
    ],
    "grouped": True,
    "reason": None,
}
"""What its trace tells of its axles."""


def overloaded(lane: FakeLane, ago_s: float = 95.0) -> None:
    """A lorry over its weight limit waits for an operator."""
    lane.arrive(ago_s)
    lane.read_plate("01KG204ACD", "01 KG 204 ACD")
    lane.read_document()
    lane.weigh(46320, CLIMBING, AXLES)
    source = "KG: Resolution 454 of 08.08.2011"
    lane.conclude(
        check("weight_limit", "transport", "failed", "over_limit", source, limit_kg=44000, excess_kg=2320)
    )
    lane.conclude(
        check(
            "document_expiry",
            "border",
            "passed",
            "valid",
            "ICAO Doc 9303-3, 4.8",
            expiry="2031-02-28",
            subject="person-1",
        )
    )
    lane.conclude(
        check("plate_booked", "customs", "passed", "booked", "electronic queue", subject="plate-front")
    )
    lane.conclude(check("document_lost", "border", "not_performed", "no_answer", "SLTD", subject="person-1"))
    lane.decide("hold", reason("over_limit", limit_kg=44000, excess_kg=2320))


def referred(lane: FakeLane, ago_s: float = 240.0) -> None:
    """A car that the draw, or a hit, sends to second line: the ordinary screen cannot tell which."""
    lane.arrive(ago_s)
    lane.read_plate("7TKD512", "7 TKD 512", "KZ")
    lane.read_document(
        issuer="KAZ",
        nationality="KAZ",
        number="N01234567",
        surname="EXAMPLEVA",
        given_names="DINARA",
        sex="F",
    )
    lane.decide("refer", reason("random_recheck"))


def released(lane: FakeLane, ago_s: float = 31.0) -> None:
    lane.arrive(ago_s)
    lane.read_plate("A123BC777", "A 123 BC 777", "RU")
    lane.read_document(
        issuer="RUS", nationality="RUS", number="712345678", surname="OBRAZTSOV", given_names="PETR"
    )
    lane.conclude(
        check(
            "document_expiry",
            "border",
            "passed",
            "valid",
            "ICAO Doc 9303-3, 4.8",
            expiry="2029-05-01",
            subject="person-1",
        )
    )
    lane.decide("release")
    lane.move_arm("raised", "decision")


def arriving(lane: FakeLane, ago_s: float = 12.0) -> None:
    lane.arrive(ago_s)
    lane.read_plate("AA7001YB", "AA 7001 YB", "UZ")
