"""Stills that lanes send for somebody who looks: the newest of each camera, in memory alone.

One is taken only while it was asked for, and forgotten when nobody may look any more.  Nothing here touches
the store.
"""

import asyncio
import time
from dataclasses import dataclass, field

from lane_controller.messages.command import LIVE_S, STILLS_BYTES_PER_S, Reply
from lane_controller.messages.parts import Reason
from lane_controller.messages.words import Answer

LOOKS_MAX = 200
"""Looks at a time, of all users."""
FIRST_S = 8.0
"""A lane that has not answered by then is not going to, and a camera that has sent nothing gives nothing."""
KEPT_S = 60.0
"""How long it can be asked what became of a look that is over."""


@dataclass(eq=False, slots=True)
class Look:
    """One user's look through one camera, from the request to its end.  `shown` is the number of the last
    still that this user was given."""

    id: str
    lane: str
    camera: str
    user: str
    began_s: float
    refused: tuple[Reason, ...] = ()
    stopped: bool = False
    shown: int = 0

    @property
    def left_s(self) -> float:
        """Seconds until it ends; 0 when it is over."""
        if self.refused or self.stopped:
            return 0.0
        return max(0.0, self.began_s + LIVE_S - time.monotonic())


@dataclass(slots=True)
class _Newest:
    number: int = 0
    jpeg: bytes = b""
    _came: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        """Whoever waits looks again."""
        self._came.set()
        self._came = asyncio.Event()

    async def changed(self) -> None:
        await self._came.wait()


class StillRefused(ValueError):
    """Not asked for, or no picture of the agreed size."""


class Stills:
    def __init__(self) -> None:
        self._looks: dict[str, Look] = {}
        self._newest: dict[tuple[str, str], _Newest] = {}
        self._number = 0

    def begin(self, id: str, lane: str, camera: str, user: str) -> Look | None:
        """Expect stills; None when too many look already.  A user's look before this one is over."""
        self._forget()
        if sum(one.left_s > 0 for one in self._looks.values()) >= LOOKS_MAX:
            return None
        for one in self._looks.values():
            one.stopped = one.stopped or one.user == user
        look = self._looks[id] = Look(id, lane, camera, user, time.monotonic())
        self._newest.setdefault((lane, camera), _Newest())
        look.shown = self._newest[lane, camera].number
        return look

    def look(self, id: str, lane: str, user: str) -> Look | None:
        """A user's own look, going on or just over."""
        self._forget()
        found = self._looks.get(id)
        return found if found is not None and (found.lane, found.user) == (lane, user) else None

    def take(self, lane: str, camera: str, jpeg: bytes) -> None:
        """A still has come.  Raises StillRefused."""
        self._forget()
        newest = self._newest.get((lane, camera))
        if newest is None:
            raise StillRefused("not_asked_for")
        if len(jpeg) > STILLS_BYTES_PER_S:
            raise StillRefused("too_large")
        if not jpeg.startswith(b"\xff\xd8\xff"):
            raise StillRefused("no_picture")
        self._number += 1
        newest.number, newest.jpeg = self._number, jpeg
        newest.wake()

    def answered(self, lane: str, reply: Reply) -> bool:
        """Whether a lane's reply is about a look."""
        look = self._looks.get(reply.id)
        if look is None or look.lane != lane:
            return False
        if reply.answer is Answer.REFUSED:
            look.refused = reply.reasons or (Reason(code="refused"),)
            newest = self._newest.get((look.lane, look.camera))
            if newest is not None:
                newest.wake()
        return True

    async def next(self, look: Look) -> bytes:
        """The next still for this look; b"" when there will be none any more."""
        while (left_s := look.left_s) > 0:
            newest = self._newest[look.lane, look.camera]
            if newest.number > look.shown:
                look.shown = newest.number
                return newest.jpeg
            try:
                async with asyncio.timeout(min(left_s, FIRST_S)):
                    await newest.changed()
            except TimeoutError:
                if look.left_s > 0:
                    look.refused = (Reason(code="no_picture_comes"),)
        return b""

    def close(self) -> None:
        """All looks are over: the dashboard stops."""
        for look in self._looks.values():
            look.stopped = True
        for newest in self._newest.values():
            newest.wake()

    def _forget(self) -> None:
        """What nobody looks at any more."""
        now_s = time.monotonic()
        old = [one.id for one in self._looks.values() if one.began_s + LIVE_S + KEPT_S < now_s]
        for id in old:
            del self._looks[id]
        wanted = {(one.lane, one.camera) for one in self._looks.values() if one.left_s > 0}
        for key in [key for key in self._newest if key not in wanted]:
            del self._newest[key]
