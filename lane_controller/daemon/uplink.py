"""The line to the site: events, pictures, state and replies out; commands and acknowledgements in.

Losing it neither opens nor stops the lane.  The broker's own acknowledgement of a message is no receipt
(mosquitto lost up to all acknowledged messages at a kill): only the store's acknowledgement moves the cursor.
"""

import asyncio
import contextlib
import random
import socket
from collections import Counter
from collections.abc import AsyncGenerator
from typing import Protocol, TypeVar

import aiomqtt
import structlog
from pydantic import ValidationError

from lane_controller.daemon.backoff import backoff_s
from lane_controller.daemon.broker_tls import Overheard, in_words, tls_context
from lane_controller.daemon.configuration.tables import BrokerTable
from lane_controller.daemon.outbox import Batch, Outbox, pictures, replies
from lane_controller.messages import topics
from lane_controller.messages.command import Ack, Reply
from lane_controller.messages.state import Status
from lane_controller.messages.words import Audience

log = structlog.get_logger()

KEEP_ALIVE_S = 5
PUBLISH_S = 5.0
"""A broker that takes longer to take a message is frozen."""
STATE_SPACING_S = 0.1
STATE_EVERY_S = 5.0
INCOMING_MAX = 1000
END_S = 2.0
"""A connection that was told to end is not waited for longer."""
MEDIA_WAITING_MAX = 64
"""Pictures waiting to be sent; the store asks for those that were left out."""
ACK_BYTES_MAX = 64 * 1024
AUDIENCES_OF_STATE = (Audience.LANE, Audience.SECOND_LINE)

Item = TypeVar("Item")


class Owner(Protocol):
    """What the uplink asks of the daemon."""

    def state_message(self, audience: Audience) -> bytes:
        """The lane's state now, b"" before there is one."""
        ...

    def status_message(self) -> Status: ...

    def command_arrived(self, payload: bytes) -> Reply | None:
        """Take a command's bytes; a reply only where one can be given at once."""
        ...

    def live_asked(self, payload: bytes) -> Reply | None:
        """Take the bytes of a request for stills."""
        ...

    def store_ahead(self, ack: Ack) -> None:
        """A store has events of this journal that the journal has not."""
        ...


class Uplink:
    """`outboxes` by journal id: the lane's own, and older ones that were set aside."""

    def __init__(
        self, broker: BrokerTable, site: str, lane: str, outboxes: dict[str, Outbox], owner: Owner
    ) -> None:
        self._broker, self._site, self._lane = broker, site, lane
        self._outboxes, self._owner = outboxes, owner
        self._new_events = asyncio.Event()
        self._state_changed = asyncio.Event()
        self._media: asyncio.Queue[str] = asyncio.Queue(MEDIA_WAITING_MAX)
        self._replies: asyncio.Queue[Reply] = asyncio.Queue(INCOMING_MAX)
        self._client: aiomqtt.Client | None = None
        self.connected = self._was_connected = False
        self.problem = ""
        """Why there is no connection, in words; "" while there is one, and before the first try."""
        self._overheard = Overheard()
        self.dropped: Counter[str] = Counter()
        """Messages dropped, by reason; `borderlane status` shows them."""

    def publish(self) -> None:
        """The journal has new events, the state may have changed."""
        self._new_events.set()
        self._state_changed.set()

    @property
    def busy(self) -> bool:
        """Whether anything that is to be kept waits to be sent."""
        unsent = any(box.sent < box.journal.last_sequence for box in self._outboxes.values())
        return unsent or not self._media.empty() or not self._replies.empty()

    async def send_still(self, camera: str, jpeg: bytes) -> bool:
        """Hand a picture for the eye to the broker; False when it was lost, which nobody minds."""
        if self._client is None:
            return False
        try:
            await publish(self._client, topics.still(self._site, self._lane, Audience.LANE, camera), jpeg)
        except aiomqtt.MqttError:
            return False
        return True

    async def run(self) -> None:
        """Connected as often as it may; until cancelled.  Raises what is not the broker's fault."""
        failures = 0
        while True:
            connection = asyncio.create_task(self._connect(), name="uplink connection")
            try:
                await asyncio.wait({connection})
            finally:
                connection.cancel()
                await asyncio.wait({connection}, timeout=END_S)
            failures = 1 if self._was_connected else failures + 1
            problem = "its connection was cancelled" if connection.cancelled() else self._why(connection)
            # Another reason than before is news, the same one again is not.
            tell = log.warning if failures == 1 or problem != self.problem else log.debug
            tell("broker lost", host=self._broker.host, port=self._broker.port, error=problem)
            self.problem = problem
            await asyncio.sleep(backoff_s(failures, random.random()))

    def _why(self, connection: "asyncio.Task[None]") -> str:
        """Why a connection ended.  Raises what is not the broker's fault."""
        return in_words(broker_error(connection.exception()), self._overheard.error, self._broker)

    async def _connect(self) -> None:
        """One connection, from its beginning to its end, in a task of its own: whatever happens to a
        cancellation inside (see `publish`), the uplink ends when it is told to."""
        self._was_connected = False
        self._overheard = Overheard()
        async with self._connection() as client:
            self._was_connected = True
            await self._session(client)

    @contextlib.asynccontextmanager
    async def _connection(self) -> AsyncGenerator[aiomqtt.Client]:
        offline = Status(status="offline").model_dump_json()
        status = topics.status(self._site, self._lane)
        client = aiomqtt.Client(
            self._broker.host,
            self._broker.port,
            identifier=f"{self._site}-{self._lane}-{random.getrandbits(32):08x}",
            will=aiomqtt.Will(status, offline, qos=1, retain=True),
            keepalive=KEEP_ALIVE_S,
            timeout=PUBLISH_S,
            tls_context=tls_context(self._broker, f"{self._site}/{self._lane}"),
            logger=self._overheard.logger(),
            max_queued_incoming_messages=INCOMING_MAX,
            socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
        )
        async with client:
            await client.subscribe(
                [(topic(self._site, self._lane), 1) for topic in (topics.command, topics.ack, topics.live)]
            )
            online = self._owner.status_message().model_dump_json()
            await publish(client, status, online, retain=True)
            self.connected, self.problem, self._client = True, "", client
            log.info("broker connected", host=self._broker.host, port=self._broker.port)
            try:
                yield client
            finally:
                self.connected, self._client = False, None
                with contextlib.suppress(aiomqtt.MqttError, TimeoutError):
                    async with asyncio.timeout(1.0):
                        await client.publish(status, offline, qos=1, retain=True)

    async def _session(self, client: aiomqtt.Client) -> None:
        for outbox in self._outboxes.values():
            outbox.connected()
        self._state_changed.set()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._receive(client), name="uplink receive")
            group.create_task(self._send_events(client), name="uplink events")
            group.create_task(self._send_states(client), name="uplink states")
            group.create_task(self._send_media(client), name="uplink media")
            group.create_task(self._send_replies(client), name="uplink replies")

    # --- out ----------------------------------------------------------------------------------------------

    async def _send_events(self, client: aiomqtt.Client) -> None:
        loop = asyncio.get_running_loop()
        while True:
            self._new_events.clear()
            wait_s = 60.0
            for outbox in list(self._outboxes.values()):
                while found := outbox.next():
                    await asyncio.gather(*(self._send_batch(client, batch) for batch in found))
                wait_s = min(wait_s, outbox.check_patience(loop.time()))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._new_events.wait()

    async def _send_batch(self, client: aiomqtt.Client, batch: Batch) -> None:
        await publish(client, topics.event(self._site, self._lane, batch.audience), batch.payload)
        for reply in replies(batch.events):
            self._put(self._replies, reply, "reply")
        for picture in pictures(batch.events):
            self._put(self._media, picture, "media")

    def _put(self, queue: asyncio.Queue[Item], item: Item, what: str) -> None:
        try:
            queue.put_nowait(item)
        except asyncio.QueueFull:
            self.dropped[f"{what} queue full"] += 1

    async def _send_replies(self, client: aiomqtt.Client) -> None:
        topic = topics.reply(self._site, self._lane)
        while True:
            reply = await self._replies.get()
            await publish(client, topic, reply.model_dump_json())

    async def _send_media(self, client: aiomqtt.Client) -> None:
        while True:
            sha256 = await self._media.get()
            found = next(
                (media for box in self._outboxes.values() if (media := box.journal.media(sha256))), None
            )
            if found is not None:
                audience, data = found
                topic = topics.media(self._site, self._lane, Audience(audience), sha256)
                await publish(client, topic, data)

    async def _send_states(self, client: aiomqtt.Client) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(STATE_EVERY_S):
                    await self._state_changed.wait()
            self._state_changed.clear()
            for audience in AUDIENCES_OF_STATE:
                if payload := self._owner.state_message(audience):
                    topic = topics.state(self._site, self._lane, audience)
                    await publish(client, topic, payload, retain=True)
            await asyncio.sleep(STATE_SPACING_S)

    # --- in -----------------------------------------------------------------------------------------------

    async def _receive(self, client: aiomqtt.Client) -> None:
        asked = {
            topics.command(self._site, self._lane): self._owner.command_arrived,
            topics.live(self._site, self._lane): self._owner.live_asked,
        }
        async for message in client.messages:
            payload = bytes(message.payload)
            if message.retain:
                # Requests and acknowledgements are of the moment: a retained one is old, or forged.
                self.dropped["retained"] += 1
            elif (take := asked.get(message.topic.value)) is not None:
                reply = take(payload)
                if reply is not None:
                    self._put(self._replies, reply, "reply")
            else:
                self._acknowledged(payload)

    def _acknowledged(self, payload: bytes) -> None:
        try:
            if len(payload) > ACK_BYTES_MAX:
                raise ValueError("too large")
            ack = Ack.model_validate_json(payload)
        except (ValidationError, ValueError):
            self.dropped["acknowledgement not readable"] += 1
            return
        outbox = self._outboxes.get(ack.journal)
        if outbox is None:
            self.dropped["acknowledgement of another journal"] += 1
            return
        try:
            outbox.acknowledge(ack)
        except ValueError:
            self._owner.store_ahead(ack)
            return
        for sha256 in ack.missing_media:
            self._put(self._media, sha256, "media")
        if outbox.sent < outbox.journal.last_sequence:
            self._new_events.set()


async def publish(client: aiomqtt.Client, topic: str, payload: str | bytes, *, retain: bool = False) -> None:
    """Hand a message to the broker, QoS 1.  Raises aiomqtt.MqttError.

    Python 3.11's `wait_for`, which aiomqtt uses, loses a cancellation that comes together with the answer:
    the task would go on for ever, and the group that waits for it too."""
    await client.publish(topic, payload, qos=1, retain=retain)
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def broker_error(error: BaseException | None) -> BaseException | None:
    """The broker's or the network's error in `error`; raises `error` when something else is in it."""
    if isinstance(error, BaseExceptionGroup):
        group: BaseExceptionGroup[BaseException] = error
        _, rest = group.split((aiomqtt.MqttError, OSError))
        if rest is not None:
            raise rest
        return broker_error(group.exceptions[0])
    if error is not None and not isinstance(error, (aiomqtt.MqttError, OSError)):
        raise error
    return error
