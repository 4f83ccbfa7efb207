"""Whatever comes on a lane's topics, the dashboard raises nothing, stays within its bounds, and takes the
next good batch."""

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select

from dashboard.ingest.live import LANES_MAX
from dashboard.ingest.receive import Message
from dashboard.store.stage import QUARANTINE_ROWS_MAX
from dashboard.store.tables import QUARANTINE
from lane_controller.messages import topics
from lane_controller.messages.words import Audience
from tests.dashboard.envelopes import envelope
from tests.dashboard.fake_lane import FakeLane, overloaded
from tests.dashboard.running import SITE, Running

ODD: tuple[Any, ...] = (
    None, True, -1, 10**30, 1e308, "", "\x00", "x" * 5000, "\u202e", [], {}, [[]] * 9, {"a": {}}, "NaN",
)  # fmt: skip


def spoilt(draw: random.Random, value: Any) -> Any:
    """The same JSON with some of it replaced, left out or doubled."""
    if draw.random() < 0.08:
        return draw.choice(ODD)
    if isinstance(value, dict):
        kept = {key: spoilt(draw, inner) for key, inner in value.items() if draw.random() > 0.03}
        return kept | (
            {draw.choice(("", "type", "x" * 300, "\x00")): draw.choice(ODD)} if draw.random() < 0.1 else {}
        )
    if isinstance(value, list):
        return [spoilt(draw, inner) for inner in value for _ in range(draw.choice((1, 1, 1, 2)))]
    return value


def messages(draw: random.Random, count: int) -> Iterator[Message]:
    lane = FakeLane(SITE, "cargo-1")
    overloaded(lane)
    base = topics.base(SITE, "cargo-1")
    good: list[tuple[str, Any]] = [
        (f"{base}/event/lane", [envelope(n) for n in range(1, 6)]),
        (f"{base}/event/second_line", lane.events),
        (f"{base}/state/lane", lane.state()),
        (f"{base}/status", {"status": "online", "at": lane.stamp(), "boot": lane.boot}),
        (f"{base}/reply", {"id": "a" * 16, "answer": "done", "reasons": [], "sequence": 3}),
        (f"{base}/media/lane/{'0' * 64}", "picture"),
    ]
    strange = ("", "/", f"{base}", f"{base}/", f"{base}/event", f"{base}/event/lane/x",
               f"{base}/media/lane/../x", f"borderlane/v1/{SITE}/UPPER/status", "other/topic",
               f"borderlane/v1/{SITE}/{'x' * 200}/status", f"{base}/ack", f"{base}/command",
               f"{base}/event/\x00")  # fmt: skip
    for number in range(count):
        topic, value = draw.choice(good)
        match draw.randrange(6):
            case 0:
                payload = draw.randbytes(draw.randrange(200))
            case 1:
                payload = json.dumps(value).encode()[: draw.randrange(400)]
            case 2:
                topic, payload = draw.choice(strange), json.dumps(value).encode()
            case 3:
                topic = f"borderlane/v1/{SITE}/ghost-{number}/{topic.rsplit('cargo-1/')[-1]}"
                payload = json.dumps(spoilt(draw, value)).encode()
            case 4:
                payload = b"[" * draw.randrange(1, 100_000)
            case _:
                payload = json.dumps(spoilt(draw, value)).encode()
        yield Message(topic, payload, draw.random() < 0.2)


async def campaign(dashboard: Running, seed: int, count: int) -> None:
    draw = random.Random(seed)
    receiver = dashboard.service.receiver
    for number, message in enumerate(messages(draw, count)):
        try:
            await receiver.receive(message)
        except Exception as error:
            raise AssertionError(f"seed {seed}, message {number}: {message}") from error
    assert len(dashboard.service.live.lanes) <= LANES_MAX
    async with dashboard.service.database.reads.connect() as connection:
        rows = select(func.count()).select_from(QUARANTINE).where(QUARANTINE.c.lane == "cargo-1")
        assert (await connection.scalar(rows) or 0) <= QUARANTINE_ROWS_MAX
    batch = json.dumps([envelope(n, journal="after") for n in range(1, 4)]).encode()
    topic = topics.event(SITE, "cargo-1", Audience.LANE)
    assert await receiver.receive(Message(topic, batch, False)) == {("cargo-1", "after")}
    assert await dashboard.service.writer.contiguous("cargo-1", "after") == 3


async def test_three_hundred_spoilt_messages_stop_nothing(dashboard: Running) -> None:
    await campaign(dashboard, 1, 300)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 7))
async def test_thousands_of_spoilt_messages_stop_nothing(dashboard: Running, seed: int) -> None:
    await campaign(dashboard, seed, 4_000)
