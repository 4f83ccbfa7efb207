"""The far end of a lane's uplink: a private mosquitto, and a store that acknowledges as the real one does."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path

import aiomqtt

from lane_controller.messages import topics
from lane_controller.messages.command import Ack, Reply
from simulators.children import free_port

MOSQUITTO = "/usr/sbin/mosquitto"


class Mosquitto:
    """A broker on loopback without TLS; killed, frozen and started again on the same port."""

    def __init__(self, folder: Path, *, persistent: bool = False) -> None:
        self.port = free_port()
        lines = [
            f"listener {self.port} 127.0.0.1",
            "allow_anonymous true",
            "log_dest none",
            "set_tcp_nodelay true",
            "max_queued_messages 100000",
        ]
        if persistent:
            lines += ["persistence true", f"persistence_location {folder}/", "autosave_interval 1"]
        if os.geteuid() == 0:
            lines.append("user root")
        self.file = folder / "mosquitto.conf"
        self.file.write_text("\n".join(lines) + "\n")
        self.process: subprocess.Popen[bytes] | None = None

    def spawn(self) -> None:
        self.process = subprocess.Popen([MOSQUITTO, "-c", str(self.file)], stdout=-3, stderr=-3)

    async def start(self) -> None:
        self.spawn()
        async with asyncio.timeout(20):
            while True:
                with contextlib.suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                    writer.close()
                    return
                await asyncio.sleep(0.01)

    def signal(self, number: int) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)
            self.process = None

    def freeze(self) -> None:
        self.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.signal(signal.SIGCONT)


class Store:
    """Keeps events by (journal, sequence), acknowledges the contiguous ones, and remembers what was wrong."""

    def __init__(self, port: int, name: str = "store-1") -> None:
        self.port, self.name = port, name
        self.events: dict[str, dict[int, str]] = defaultdict(dict)
        self.media: dict[str, bytes] = {}
        self.replies: list[Reply] = []
        self.forks = 0
        self.repeats = 0
        self.batches: list[int] = []
        self.wanted_media: set[str] = set()
        self.acknowledges = True
        self._task: asyncio.Task[None] | None = None
        self.client: aiomqtt.Client | None = None

    def contiguous(self, journal: str) -> int:
        known, sequence = self.events[journal], 0
        while sequence + 1 in known:
            sequence += 1
        return sequence

    async def start(self) -> None:
        ready = asyncio.Event()
        self._task = asyncio.create_task(self._run(ready))
        async with asyncio.timeout(20):
            await ready.wait()

    async def stop(self) -> None:
        task, self._task = self._task, None
        while task is not None and not task.done():
            task.cancel()  # again: aiomqtt loses a cancellation that comes together with an answer
            await asyncio.wait({task}, timeout=0.1)

    async def _run(self, ready: asyncio.Event) -> None:
        while True:
            with contextlib.suppress(aiomqtt.MqttError):
                async with aiomqtt.Client("127.0.0.1", self.port, timeout=3, keepalive=2) as client:
                    await client.subscribe("borderlane/v1/test/+/#", qos=1)
                    self.client = client
                    ready.set()
                    async for message in client.messages:
                        await self._take(client, message)
            self.client = None
            await asyncio.sleep(0.02)

    async def _take(self, client: aiomqtt.Client, message: aiomqtt.Message) -> None:
        _, _, _, lane, kind, *rest = message.topic.value.split("/")
        payload = bytes(message.payload)
        if kind == "event":
            for journal in self._keep(payload):
                await self.acknowledge(client, lane, journal)
        elif kind == "media":
            self.media[rest[1]] = payload
            self.wanted_media.discard(rest[1])
        elif kind == "reply":
            self.replies.append(Reply.model_validate_json(payload))

    def _keep(self, payload: bytes) -> set[str]:
        assert len(payload) < 64 * 1024
        batch = json.loads(payload)
        assert 1 <= len(batch) <= 100
        self.batches.append(len(batch))
        for event in batch:
            known = self.events[event["journal"]]
            before = known.get(event["sequence"])
            if before is not None:
                self.repeats += 1
                self.forks += before != event["rowhash"]
            known[event["sequence"]] = event["rowhash"]
            picture = event["data"].get("picture")
            if picture and picture not in self.media:
                self.wanted_media.add(picture)
        return {event["journal"] for event in batch}

    async def acknowledge(self, client: aiomqtt.Client, lane: str, journal: str, **changes: object) -> None:
        if not self.acknowledges:
            return
        ack = Ack(
            store=self.name,
            journal=journal,
            contiguous=self.contiguous(journal),
            missing_media=tuple(self.wanted_media),
        ).model_copy(update=changes)
        await client.publish(topics.ack("test", lane), ack.model_dump_json(), qos=1)


@contextlib.asynccontextmanager
async def site(folder: Path, *, persistent: bool = False) -> AsyncIterator[tuple[Mosquitto, Store]]:
    """A broker and a store, up."""
    broker = Mosquitto(folder, persistent=persistent)
    await broker.start()
    store = Store(broker.port)
    await store.start()
    try:
        yield broker, store
    finally:
        await store.stop()
        broker.kill()
