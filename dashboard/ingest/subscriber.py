"""The connection to the broker: subscribed while it lives, tried again with jittered back-off when it dies.

The broker's own acknowledgement means nothing here; the lanes follow ours, sent after the commit, never
retained, repeated with every batch.
"""

import asyncio
import contextlib
import random
import socket
import ssl
from collections.abc import AsyncGenerator, Coroutine
from typing import Any, TypeVar

import aiomqtt
import structlog

from dashboard.ingest.live import Live
from dashboard.ingest.receive import Message, Receiver
from dashboard.site import Site
from dashboard.store.engine import StoreUnavailable
from dashboard.store.writer import Writer
from lane_controller.messages import topics
from lane_controller.messages.command import Ack
from lane_controller.messages.topics import ROOT

AT_ONCE_MAX = 400
"""Messages being parsed or waiting for their commit; more wait at the broker's side of the socket."""
INCOMING_MAX = 4_000
ACK_EVERY_S = 0.05
"""A lane that sends many messages gets one acknowledgement for several: each costs as much as a message."""
MISSING_MEDIA_MAX = 20
BACKOFF_FIRST_S = 0.2
BACKOFF_MAX_S = 10.0
END_S = 2.0
"""A connection that was told to end is not waited for longer."""

Answer = TypeVar("Answer")
_log = structlog.get_logger()


class BrokerUnavailable(Exception):
    """There is no connection to the broker now."""


def backoff_s(failures: int) -> float:
    """How long to wait after so many failures in a row: doubling, bounded, jittered by half."""
    return min(BACKOFF_MAX_S, BACKOFF_FIRST_S * 2 ** min(failures, 10)) * random.uniform(0.5, 1.0)


class Subscriber:
    def __init__(self, site: Site, receiver: Receiver, writer: Writer, live: Live) -> None:
        self._site = site
        self._receiver = receiver
        self._writer = writer
        self._live = live
        self._client: aiomqtt.Client | None = None
        self._was_connected = False
        self._to_acknowledge: set[tuple[str, str]] = set()
        self._acknowledge = asyncio.Event()
        self._slots = asyncio.Semaphore(AT_ONCE_MAX)

    async def publish(self, topic: str, payload: bytes, qos: int = 1) -> None:
        """Hands a message to the broker.  Raises BrokerUnavailable."""
        if self._client is None:
            raise BrokerUnavailable("not connected to the broker")
        try:
            await _answered(self._client.publish(topic, payload, qos=qos, retain=False))
        except aiomqtt.MqttError as error:
            raise BrokerUnavailable(str(error)) from None

    async def run(self) -> None:
        """Runs until cancelled.  Each connection has a task of its own: whatever aiomqtt does with a
        cancellation inside (see `_answered`), this ends when it is told to."""
        failures = 0
        while True:
            connection = asyncio.create_task(self._connect(failures), name="broker connection")
            try:
                await asyncio.wait({connection})
            finally:
                connection.cancel()
                await asyncio.wait({connection}, timeout=END_S)
            if not connection.cancelled():
                connection.result()
            failures = 1 if self._was_connected else failures + 1
            await asyncio.sleep(backoff_s(failures))

    async def _connect(self, failures: int) -> None:
        """One connection, from its beginning until the broker or the network ends it."""
        self._was_connected = False
        try:
            async with self._connected() as client, asyncio.TaskGroup() as group:
                self._was_connected = True
                group.create_task(self._receive(client, group))
                group.create_task(self._acknowledge_all())
        except* (aiomqtt.MqttError, OSError, BrokerUnavailable) as errors:
            log = _log.warning if self._was_connected or failures == 0 else _log.debug
            log("ingest.broker_lost", error=str(errors.exceptions[0]), broker=self._site.broker.address)

    @contextlib.asynccontextmanager
    async def _connected(self) -> AsyncGenerator[aiomqtt.Client]:
        broker = self._site.broker
        async with aiomqtt.Client(
            broker.address,
            broker.port,
            identifier=f"{self._site.site}-dashboard-{random.getrandbits(32):08x}",
            clean_session=True,
            keepalive=10,
            timeout=10,
            tls_context=_tls(self._site),
            max_queued_incoming_messages=INCOMING_MAX,
            socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
        ) as client:
            parts = ("event/+", "state/+", "status", "reply", "media/+/+")
            await _answered(client.subscribe([(f"{ROOT}/{self._site.site}/+/{part}", 1) for part in parts]))
            self._client = client
            self._live.set_connected(True)
            _log.info("ingest.connected", broker=broker.address, port=broker.port)
            try:
                yield client
            finally:
                self._client = None
                self._live.set_connected(False)

    async def _receive(self, client: aiomqtt.Client, group: asyncio.TaskGroup) -> None:
        async for message in client.messages:
            await self._slots.acquire()
            received = Message(str(message.topic), bytes(message.payload), bool(message.retain))
            group.create_task(self._take(received))

    async def _take(self, message: Message) -> None:
        try:
            taken = await self._receiver.receive(message)
        finally:
            self._slots.release()
        # Not in one line with the await: the set is another one after it, and those of others would be lost.
        self._to_acknowledge |= taken
        if self._to_acknowledge:
            self._acknowledge.set()

    async def _acknowledge_all(self) -> None:
        while True:
            await self._acknowledge.wait()
            self._acknowledge.clear()
            waiting, self._to_acknowledge = self._to_acknowledge, set()
            for lane, journal in sorted(waiting):
                try:
                    ack = await self._ack(lane, journal)
                except StoreUnavailable:
                    continue
                # QoS 0: one that is lost is repeated with the next batch, and the broker's receipt of each
                # would wait in line behind all that the lanes send.
                topic = topics.ack(self._site.site, lane)
                await self.publish(topic, ack.model_dump_json().encode(), qos=0)
            await asyncio.sleep(ACK_EVERY_S)

    async def _ack(self, lane: str, journal: str) -> Ack:
        contiguous = await self._writer.contiguous(lane, journal)
        missing = list(self._writer.memory.wanted_media.get(lane, {}))[:MISSING_MEDIA_MAX]
        return Ack(
            store=self._writer.memory.store_id,
            journal=journal,
            contiguous=contiguous,
            missing_media=tuple(missing),
        )


async def _answered(call: Coroutine[Any, Any, Answer]) -> Answer:
    """What the broker answered.  Python 3.11's `wait_for`, which aiomqtt uses, loses a cancellation that
    comes together with the answer: the task would go on for ever, and whoever waits for its end too."""
    answer = await call
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
    return answer


def _tls(site: Site) -> ssl.SSLContext | None:
    broker = site.broker
    if broker.ca is None or broker.certificate is None:
        return None
    context = ssl.create_default_context(cafile=broker.ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(broker.certificate, broker.key)
    return context
