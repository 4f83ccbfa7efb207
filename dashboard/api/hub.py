"""Fans changes out to the open streams.

A stream holds no queue, only the set of lanes that changed since it last sent: a slow browser gets the newest
picture later, and nothing grows.  Tiles are made once for all who see the same (board.py).  A message is sent
only when what this user may see has changed, so that a hidden event cannot be told from its traces.  Streams
are numbered by the store's positions for the user's audiences; one that resumes gets the lanes that changed
since, and a number the store does not know means "fetch everything anew".
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field

from dashboard.api.board import Boards, Made, MakeTile
from dashboard.store.incoming import now_us
from dashboard.store.stage import Committed
from dashboard.users.accounts import User
from dashboard.views.language import Speaker, iso
from lane_controller.messages.words import Audience

BEAT_S = 10.0
COALESCE_S = 0.02
"""What happens in a lane comes as its state and as its event a moment apart: they are shown together."""
AGES_EVERY_S = 5.0
"""One lane's ages are sent at this pace, whatever happens in the lane, so that the pace tells nothing."""
STREAMS_MAX = 1000

Positions = dict[Audience, int]


class TooManyStreams(Exception):
    """No more streams can be held open; try again later."""


@dataclass(eq=False, slots=True)
class Stream:
    """One open stream.  `lane` None: the wall, all lanes.  `view` makes a lane in full; without it the stream
    tells the tile.  Each tells of the alarms that nobody has seen."""

    user: User
    speaker: Speaker
    lane: str | None
    view: Callable[[], Awaitable[Made]] | None
    lives: Callable[[], Awaitable[bool]]
    changed: dict[str, None] = field(default_factory=dict[str, None])
    """Lanes to look at."""
    connection_changed: bool = True
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    sent: dict[str, bytes] = field(default_factory=dict[str, bytes])
    requests: list[str] = field(default_factory=list[str])
    records: int = -1
    """Which of second line's records it was told of last; a new stream is told at once: it may have missed
    one."""
    alarms: str = ""
    """The strip that was sent last."""


class Hub:
    """`requests` names, with their states, those for a second person that a user is shown; `make` makes a
    lane's tile, `lanes` names all there are."""

    def __init__(
        self,
        connected: Callable[[], bool],
        requests: Callable[[User], list[str]],
        make: MakeTile,
        lanes: Callable[[], Awaitable[list[str]]],
    ) -> None:
        self._connected = connected
        self._requests = requests
        self._lanes = lanes
        self._boards = Boards(make)
        self._waking: asyncio.TimerHandle | None = None
        self._streams: set[Stream] = set()
        self._positions: Positions = {}
        self._marks: dict[str, Positions] = {}
        self._records = 0
        self._closing = False

    def start_at(self, positions: Positions) -> None:
        self._positions = dict(positions)

    @property
    def streams(self) -> int:
        return len(self._streams)

    def committed(self, committed: Committed) -> None:
        self._positions |= committed.positions
        if committed.second_line:
            self._records += 1
        for lane in committed.lanes:
            self.changed(lane)

    def changed(self, lane: str | None) -> None:
        """A lane may look different; None: the broker came or went, and all of them do."""
        for marked in [lane] if lane is not None else list(self._marks):
            self._marks[marked] = dict(self._positions)
            self._boards.changed(marked)
        for stream in self._streams:
            if lane is None:
                stream.connection_changed = True
                stream.changed |= self._marks.fromkeys(self._marks)
            else:
                stream.changed[lane] = None
        if self._waking is None and self._streams:
            # The streams together, and those of the same kind find their tiles made by the first.
            self._waking = asyncio.get_running_loop().call_later(COALESCE_S, self._wake)

    def _wake(self) -> None:
        self._waking = None
        for stream in self._streams:
            stream.wake.set()

    def requests_changed(self) -> None:
        """Somebody asks for a second person, or does so no more."""
        for stream in self._streams:
            stream.wake.set()

    def position(self, user: User) -> str:
        """Where the user's stream stands: the positions of his audiences."""
        return ".".join(
            str(self._positions.get(audience, 0)) for audience in Audience if audience in user.audiences
        )

    def _since(self, position: str, user: User) -> Positions | None:
        """A position that was given out by this store, or None."""
        audiences = [audience for audience in Audience if audience in user.audiences]
        parts = position.split(".")
        if len(parts) != len(audiences) or not all(part.isdecimal() and len(part) < 19 for part in parts):
            return None
        since = dict(zip(audiences, map(int, parts), strict=True))
        if any(number > self._positions.get(audience, 0) for audience, number in since.items()):
            return None
        return since

    def open(self, stream: Stream, lanes: list[str], last: str) -> None:
        """Takes a stream in, with what it must send first.  `last` is where it goes on from, empty for a
        new one.  Raises TooManyStreams."""
        if len(self._streams) >= STREAMS_MAX or self._closing:
            raise TooManyStreams
        since = self._since(last, stream.user)
        for lane in lanes:
            mark = self._marks.get(lane)
            # What changed without an event carries the position of that time: equal counts as changed.
            if since is None or mark is None or any(mark.get(one, 0) >= at for one, at in since.items()):
                stream.changed[lane] = None
        self._streams.add(stream)

    def close(self) -> None:
        """Ends all streams: the dashboard stops."""
        self._closing = True
        if self._waking is not None:
            self._waking.cancel()
        self._wake()

    async def messages(self, stream: Stream, last: str) -> AsyncGenerator[str]:
        """What to write to the browser, until it goes away."""
        try:
            yield f"retry: 2000\n{self._message(stream, 'hello', self._hello(last, stream.user))}"
            loop = asyncio.get_running_loop()
            beat_at = loop.time() + BEAT_S
            ages_at = loop.time() + AGES_EVERY_S
            while not self._closing:
                stream.wake.clear()
                if not await stream.lives():
                    yield self._message(stream, "signed_out", {})
                    return
                if stream.connection_changed:
                    stream.connection_changed = False
                    yield self._message(stream, "site", {"connected": self._connected()})
                if (requests := self._requests(stream.user)) != stream.requests:
                    stream.requests = requests
                    yield self._message(stream, "requests", {"requests": requests})
                if Audience.SECOND_LINE in stream.user.audiences and stream.records != self._records:
                    stream.records = self._records
                    yield self._message(stream, "second_line", {})
                if messages := await self._news(stream):
                    yield messages
                until = min(beat_at, ages_at) if stream.view else beat_at
                try:
                    async with asyncio.timeout_at(until):
                        await stream.wake.wait()
                except TimeoutError:
                    beat_at = loop.time() + BEAT_S
                    if stream.lane and stream.view:
                        ages_at = loop.time() + AGES_EVERY_S
                        stream.sent.clear()
                        stream.changed[stream.lane] = None
                    yield self._message(stream, "beat", {"now": iso(now_us())})
        finally:
            self._streams.discard(stream)

    def _hello(self, last: str, user: User) -> dict[str, object]:
        """`resumed` false after a position that this store never gave out: the page fetches a snapshot."""
        resumed = not last or self._since(last, user) is not None
        return {"resumed": resumed, "now": iso(now_us())}

    async def _news(self, stream: Stream) -> str:
        """All that looks different now, in one piece: what a socket is handed costs by the piece."""
        changed, stream.changed = stream.changed, {}
        if not changed and stream.alarms:
            return ""
        board = self._boards.of(stream.user, stream.speaker)
        found: list[str] = []
        for lane in changed:
            kept = await board.tile(lane)
            if stream.lane not in (None, lane):
                continue
            text, digest = kept.text, kept.digest
            if stream.view is not None:
                made = await stream.view()
                text, digest = made.text, made.digest
            found.append(self._lane_message(stream, lane, text, digest))
        alarms = await board.strip(() if stream.alarms else await self._lanes())
        if alarms != stream.alarms:
            stream.alarms = alarms
            found.append(f"id: {self.position(stream.user)}\nevent: alarms\ndata: {alarms}\n\n")
        return "".join(found)

    def _lane_message(self, stream: Stream, lane: str, text: str, digest: bytes) -> str:
        if stream.sent.get(lane) == digest:
            return ""
        stream.sent[lane] = digest
        return f"id: {self.position(stream.user)}\nevent: lane\ndata: {text}\n\n"

    def _message(self, stream: Stream, event: str, data: dict[str, object]) -> str:
        return f"id: {self.position(stream.user)}\nevent: {event}\ndata: {json.dumps(data)}\n\n"
