"""Reads what lanes publish, as a store would: every event once, by (lane, journal, sequence).

It knows the wire only from its description (topics, CloudEvents 1.0 in JSON arrays), shares no code with
lanes or dashboard, and so is a second pair of eyes on both.  Where no dashboard runs it also acknowledges.
"""

import asyncio
import json
import ssl
import time
from collections import deque
from collections.abc import Callable
from typing import Any, cast

import aiomqtt
import structlog

from simulators.pki import Identity

log = structlog.get_logger()

EVENTS_A_LANE_MAX = 100_000
"""More are counted and forgotten: a simulation that runs for days must not grow without bound."""

Event = dict[str, Any]
"""A CloudEvent as parsed: `sequence`, `journal`, `type`, `time`, `passage`, `boot`, `monos`, `data` ..."""


class LaneRecord:
    """What one lane has told so far."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.events: deque[Event] = deque(maxlen=EVENTS_A_LANE_MAX)
        self.forgotten = 0
        self.repeated = 0
        self.unreadable = 0
        self.states: dict[str, dict[str, Any]] = {}
        self.status = ""
        self.journal = ""
        self.boot = ""
        self._mono_s = 0.0
        self._mono_heard = 0.0
        self._seen: dict[str, set[int]] = {}
        self._contiguous: dict[str, int] = {}

    @property
    def state(self) -> dict[str, Any]:
        """The lane's last state, with what second line may see; {} before there is one."""
        return self.states.get("second_line") or self.states.get("lane", {})

    def add(self, event: Event) -> bool:
        """Take one event; False when it was here before."""
        journal, sequence = str(event["journal"]), int(event["sequence"])
        seen = self._seen.setdefault(journal, set())
        done = self._contiguous.get(journal, 0)
        if sequence <= done or sequence in seen:
            self.repeated += 1
            return False
        seen.add(sequence)
        while done + 1 in seen:
            done += 1
            seen.discard(done)
        self._contiguous[journal] = done
        self.journal = journal
        self.heard(str(event.get("boot", "")), float(event.get("monos", 0.0)))
        self.forgotten += len(self.events) == EVENTS_A_LANE_MAX
        self.events.append(event)
        return True

    def heard(self, boot: str, mono_s: float) -> None:
        """The lane's own clock, as it stood when it last spoke."""
        if boot != self.boot or mono_s >= self._mono_s:
            self.boot, self._mono_s, self._mono_heard = boot, mono_s, time.monotonic()

    def mono_s(self) -> float:
        """The lane's monotonic clock now, as far as can be told from outside."""
        return self._mono_s + time.monotonic() - self._mono_heard

    def contiguous(self, journal: str) -> int:
        """The highest sequence up to which every event of the journal came; 0 for none."""
        return self._contiguous.get(journal, 0)

    @property
    def last(self) -> int:
        """The highest contiguous sequence of the journal in use."""
        return self.contiguous(self.journal)

    def of_type(self, kind: str) -> list[Event]:
        return [event for event in self.events if event["data"].get("type") == kind]


class Recorder:
    """Listens for all lanes of a site.  `acknowledge`: be the store that takes the events over."""

    def __init__(
        self, site: str, lanes: tuple[str, ...], port: int, identity: Identity, *, acknowledge: bool
    ) -> None:
        self.lanes = {name: LaneRecord(name) for name in lanes}
        self.listeners: list[Callable[[str, Event], None]] = []
        self._site = site
        self._port = port
        self._acknowledge = acknowledge
        self._tls = ssl.create_default_context(cafile=str(identity.ca))
        self._tls.load_cert_chain(identity.certificate, identity.key)
        self._client: aiomqtt.Client | None = None
        self._task: asyncio.Task[None] | None = None
        self._news = asyncio.Event()

    async def start(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._listen(), name="recorder")

    async def stop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _listen(self) -> None:
        while True:
            try:
                async with aiomqtt.Client(
                    "127.0.0.1", self._port, tls_context=self._tls, timeout=5, keepalive=5
                ) as client:
                    self._client = client
                    for part in ("event/+", "state/+", "status", "reply"):
                        await client.subscribe(f"borderlane/v1/{self._site}/+/{part}", qos=1)
                    async for message in client.messages:
                        await self._take(client, str(message.topic), bytes(message.payload or b""))
            except aiomqtt.MqttError as error:
                log.debug("recorder.lost_broker", error=str(error))
            finally:
                self._client = None
            await asyncio.sleep(0.1)

    async def publish(self, lane: str, part: str, payload: bytes) -> None:
        """Send to a lane (`command`, `ack`).  Raises ConnectionError without a broker."""
        client = self._client
        if client is None:
            raise ConnectionError("no connection to the broker")
        try:
            await client.publish(f"borderlane/v1/{self._site}/{lane}/{part}", payload, qos=1)
        except aiomqtt.MqttError as error:
            raise ConnectionError(f"broker: {error}") from error

    async def _take(self, client: aiomqtt.Client, topic: str, payload: bytes) -> None:
        _, _, _, lane, part, *audience = topic.split("/")
        record = self.lanes.get(lane)
        if record is None:
            return
        try:
            content = json.loads(payload)
            if part == "event":
                if not isinstance(content, list):
                    raise TypeError("events come in a list")
                events = cast("list[Event]", content)
                for event in events:
                    self._event(record, event)
                journals = {str(event["journal"]) for event in events}
                for journal in journals if self._acknowledge else ():
                    await self._receipt(client, record, journal)
            elif part == "state":
                record.states[audience[0]] = content
                record.heard(content["at"]["boot"], content["at"]["mono_s"])
            elif part == "status":
                record.status = content["status"]
        except (ValueError, KeyError, TypeError, IndexError) as error:
            record.unreadable += 1
            log.warning("recorder.unreadable", lane=lane, part=part, error=repr(error))
        self._news.set()

    def _event(self, record: LaneRecord, event: Event) -> None:
        if record.add(event):
            for listener in self.listeners:
                listener(record.name, event)

    async def _receipt(self, client: aiomqtt.Client, record: LaneRecord, journal: str) -> None:
        receipt = {
            "store": "simulation",
            "journal": journal,
            "contiguous": record.contiguous(journal),
            "missing_media": [],
        }
        topic = f"borderlane/v1/{self._site}/{record.name}/ack"
        await client.publish(topic, json.dumps(receipt), qos=1)

    async def until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Wait until `condition()` holds, looked at with each message; False when the time is over."""
        try:
            async with asyncio.timeout(seconds):
                while not condition():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            return condition()
        return True
