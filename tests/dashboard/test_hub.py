"""What changed is shown to every open wall, also where it could not be made at once."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from structlog.testing import capture_logs

from dashboard.api import hub as hubs
from dashboard.api.board import Made
from dashboard.api.hub import Hub
from dashboard.api.stream import Stream
from dashboard.users.accounts import User
from dashboard.views.language import Speaker
from lane_controller.messages.words import UserRole

DANA = User(
    "dana", UserRole.OPERATOR, None, "en", "light", 50, character_keys=True, demo=False, disabled=False
)
SPEAKER = Speaker("en", ZoneInfo("Asia/Bishkek"))


class Lanes:
    """`cargo-1` and `car-1`, whose tiles look different each time.  `failures`: how often `cargo-1` can't be
    made from now on."""

    def __init__(self) -> None:
        self.failures = 0
        self._made = 0

    async def tile(self, lane: str, speaker: Speaker, user: User) -> Made:
        if lane == "cargo-1" and self.failures:
            self.failures -= 1
            raise ValueError("the traveller ERIKSSON")
        self._made += 1
        return Made(f'{{"lane":"{lane}","look":{self._made}}}', str(self._made))

    async def names(self) -> list[str]:
        return ["cargo-1", "car-1"]


class Told:
    """What a wall was told, and who waits for more."""

    def __init__(self) -> None:
        self.text = ""
        self._more = asyncio.Event()

    def __call__(self, piece: bytes | str) -> bool:
        self.text += piece.decode() if isinstance(piece, bytes) else piece
        self._more.set()
        return True

    async def until(self, holds: Callable[[], bool]) -> None:
        while not holds():
            self._more.clear()
            await self._more.wait()


@asynccontextmanager
async def a_wall(lanes: Lanes) -> AsyncGenerator[tuple[Hub, Told]]:
    """An open wall that has been told all there is."""

    async def lives() -> bool:
        return True

    hub, told = Hub(lambda: True, lambda _: [], lanes.tile, lanes.names), Told()
    stream = Stream(DANA, SPEAKER, None, None, lives, alive=lambda: True, offer=told)
    hub.open(stream, "")

    async def listen() -> None:
        async for text in hub.messages(stream, ""):
            told(text)

    tasks = [asyncio.create_task(part) for part in (hub.run(), listen())]
    try:
        await told.until(lambda: "event: lane" in told.text and stream.waits)
        yield hub, told
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def tiles(told: Told, lane: str) -> int:
    return told.text.count(f'event: lane\ndata: {{"lane":"{lane}"')


async def test_a_lane_that_could_not_be_made_is_shown_as_soon_as_it_can(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By itself: nothing else happens meanwhile."""
    monkeypatch.setattr(hubs, "LOOK_AGAIN_S", 0.0)
    lanes = Lanes()
    async with a_wall(lanes) as (hub, told):
        before = tiles(told, "cargo-1")
        lanes.failures = 1
        with capture_logs() as logs:
            hub.changed("cargo-1")
            await told.until(lambda: tiles(told, "cargo-1") > before)
        assert lanes.failures == 0
    (said,) = logs
    assert (said["event"], said["lane"], said["error"]) == ("hub.lane_not_made", "cargo-1", "ValueError")
    assert "ERIKSSON" not in str(said)


async def test_the_other_lanes_are_shown_and_one_clock_waits_for_what_can_not_be_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    again_s = 3600.0
    monkeypatch.setattr(hubs, "LOOK_AGAIN_S", again_s)
    loop, clocks = asyncio.get_running_loop(), list[asyncio.TimerHandle]()
    call_later = loop.call_later

    def counted(delay: float, *rest: Any, **more: Any) -> asyncio.TimerHandle:
        clock = call_later(delay, *rest, **more)
        if delay == again_s:
            clocks.append(clock)
        return clock

    lanes = Lanes()
    async with a_wall(lanes) as (hub, told):
        monkeypatch.setattr(loop, "call_later", counted)
        lanes.failures = 1000
        hub.changed("cargo-1")
        for _ in range(3):
            before = tiles(told, "car-1")
            hub.changed("car-1")
            await told.until(lambda before=before: tiles(told, "car-1") > before)
        assert len(clocks) >= 3
        assert sum(not clock.cancelled() for clock in clocks) == 1
        lanes.failures = 0
        hub.changed("car-1")
        await told.until(lambda: tiles(told, "cargo-1") > 1)
        assert all(clock.cancelled() for clock in clocks)


async def test_a_lane_that_can_not_be_made_is_all_that_is_missing_on_a_wall_that_opens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hubs, "LOOK_AGAIN_S", 0.0)
    lanes = Lanes()
    lanes.failures = 1000
    with capture_logs() as logs:
        async with asyncio.timeout(20), a_wall(lanes) as (hub, told):
            assert (tiles(told, "car-1"), tiles(told, "cargo-1")) == (1, 0)
            assert hub.streams == 1
            lanes.failures = 0
            await told.until(lambda: tiles(told, "cargo-1") == 1)
    assert {(said["event"], said["lane"]) for said in logs} == {("hub.lane_not_made", "cargo-1")}
