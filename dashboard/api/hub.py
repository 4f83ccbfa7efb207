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
from contextlib import suppress
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
    position: str = ""
    """Up to where all was told; empty while that is not known."""
    changed: dict[str, None] = field(default_factory=dict[str, None])
    """Lanes to look at."""
    connection_changed: bool = True
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    beat_due: bool = False
    sent: dict[str, bytes] = field(default_factory=dict[str, bytes])
    requests: list[str] = field(default_factory=list[str])
    records: int = -1
    """Which of second line's records it was told of last; a new stream is told at once: it may have missed
    one."""
    alarms: str = ""
    """The strip that was sent last."""

    def beat(self) -> None:
        self.beat_due = True
        self.wake.set()

    def message(self, event: str, data: str) -> str:
        """Its id says where to go on from: never past a change that was not told yet."""
        id = f"id: {self.position}\n" if self.position else ""
        return f"{id}event: {event}\ndata: {data}\n\n"


class Hub:
    """`requests` names, with their states, those for a second person that a user is shown; `make` makes a
    lane's tile, `lanes` names all there are.  Changes are shown while `run` runs."""

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
        self._to_show: dict[str, None] = {}
        self._something = asyncio.Event()
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
            self._something.set()
        for lane in committed.lanes:
            self.changed(lane)

    def changed(self, lane: str | None) -> None:
        """A lane may look different; None: the broker came or went, and all of them do."""
        lanes = dict.fromkeys([lane] if lane is not None else self._marks)
        for marked in lanes:
            self._marks[marked] = dict(self._positions)
            self._boards.changed(marked)
        for stream in self._streams:
            stream.changed |= lanes
            stream.connection_changed |= lane is None
        if self._streams:
            self._to_show |= lanes
            self._something.set()

    async def run(self) -> None:
        """Makes what changed once for all who see the same, then wakes those for whom it looks different."""
        while True:
            await self._something.wait()
            await asyncio.sleep(COALESCE_S)
            self._something.clear()
            lanes, self._to_show = self._to_show, {}
            boards = {self._boards.of(stream.user, stream.speaker): None for stream in self._streams}
            for board in boards:
                # A stream that cannot be told now meets the same error, and its browser comes again.
                with suppress(Exception):
                    await board.look(lanes)
            for stream in self._streams:
                if self._has_news(stream):
                    stream.wake.set()

    def _has_news(self, stream: Stream) -> bool:
        if stream.connection_changed or not stream.alarms or self._has_records(stream):
            return True
        board = self._boards.of(stream.user, stream.speaker)
        if board.strip != stream.alarms:
            return True
        if stream.view is not None:
            return stream.lane in stream.changed
        theirs = stream.changed if stream.lane is None else stream.changed.keys() & {stream.lane}
        if all(board.shows(lane, stream.sent.get(lane)) for lane in theirs):
            stream.changed.clear()
            return False
        return True

    def _has_records(self, stream: Stream) -> bool:
        return Audience.SECOND_LINE in stream.user.audiences and stream.records != self._records

    def requests_changed(self) -> None:
        """Somebody asks for a second person, or does so no more."""
        self._wake()

    def _wake(self) -> None:
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
        stream.position = last if since is not None else ""
        for lane in lanes:
            mark = self._marks.get(lane)
            # What changed without an event carries the position of that time: equal counts as changed.
            if since is None or mark is None or any(mark.get(one, 0) >= at for one, at in since.items()):
                stream.changed[lane] = None
        self._streams.add(stream)

    def close(self) -> None:
        """Ends all streams: the dashboard stops."""
        self._closing = True
        self._wake()

    async def messages(self, stream: Stream, last: str) -> AsyncGenerator[str]:
        """What to write to the browser, until it goes away.  All that is new is one piece: what a socket is
        handed costs by the piece."""
        loop = asyncio.get_running_loop()
        every_s = AGES_EVERY_S if stream.view else BEAT_S
        clock = loop.call_later(every_s, stream.beat)
        try:
            # `resumed` false after a position that this store never gave out: the page fetches a snapshot.
            hello = {"resumed": not last or stream.position != "", "now": iso(now_us())}
            yield f"retry: 2000\n{stream.message('hello', json.dumps(hello))}"
            while not self._closing:
                stream.wake.clear()
                if not await stream.lives():
                    yield stream.message("signed_out", "{}")
                    return
                news = ""
                if stream.beat_due:
                    stream.beat_due = False
                    clock = loop.call_later(every_s, stream.beat)
                    if not stream.changed:
                        stream.position = self.position(stream.user)
                    news = stream.message("beat", json.dumps({"now": iso(now_us())}))
                    if stream.lane and stream.view:
                        stream.sent.clear()
                        stream.changed[stream.lane] = None
                news += self._about_site(stream) + await self._about_lanes(stream)
                if news:
                    yield news
                await stream.wake.wait()
        finally:
            clock.cancel()
            self._streams.discard(stream)

    def _about_site(self, stream: Stream) -> str:
        found = ""
        if stream.connection_changed:
            stream.connection_changed = False
            found += stream.message("site", json.dumps({"connected": self._connected()}))
        if (requests := self._requests(stream.user)) != stream.requests:
            stream.requests = requests
            found += stream.message("requests", json.dumps({"requests": requests}))
        if self._has_records(stream):
            stream.records = self._records
            found += stream.message("second_line", "{}")
        return found

    async def _about_lanes(self, stream: Stream) -> str:
        """All that looks different now."""
        changed, stream.changed = stream.changed, {}
        if not changed and stream.alarms:
            return ""
        position = self.position(stream.user)
        board = self._boards.of(stream.user, stream.speaker)
        await board.look(changed if stream.alarms else await self._lanes())
        found: list[tuple[str, str]] = []
        for lane in changed:
            if stream.lane not in (None, lane):
                continue
            shown = await (board.tile(lane) if stream.view is None else stream.view())
            if stream.sent.get(lane) != (digest := shown.digest):
                stream.sent[lane] = digest
                found.append(("lane", shown.text))
        if stream.alarms != board.strip:
            stream.alarms = board.strip
            found.append(("alarms", stream.alarms))
        # Not before all is made: a change that comes meanwhile has a higher one.
        stream.position = position
        return "".join(stream.message(event, data) for event, data in found)
